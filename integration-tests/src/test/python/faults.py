"""Prints how PySpark shows wrong calls: one JSON object for each, in the order of CASES.

Usage: faults.py classic|connect JAR FOLDER

JAR is the connector; FOLDER takes what Spark writes and holds prompts.jsonl.
"""

import json
import sys

from pyspark.sql import SparkSession

mode, jar, folder = sys.argv[1:]


def read(**options):
    return (
        spark.read.format("gptoss")
        .options(input_format="json", model="demo", **options)
        .load(folder + "/prompts.jsonl")
        .schema
    )


def with_conf(key, value, query):
    spark.conf.set(key, value)
    try:
        spark.sql(query)
    finally:
        spark.conf.unset(key)


def complete(**options):
    gptoss = spark._jvm.io.github.gptoss.spark
    return gptoss.GptOss.complete(
        spark.range(1)._jdf, gptoss.GptOssOptions.of({"model": "demo", **options})
    )


CASES = {
    "of Spark itself": lambda: spark.sql("SELECT nothing").schema,
    "argument": lambda: spark.sql(
        "SELECT gptoss_text('a', max_tokns => 1)"
    ).schema,
    "constant": lambda: spark.sql(
        "SELECT gptoss_text('a', max_tokens => 0)"
    ).schema,
    "model": lambda: spark.sql(
        "SELECT gptoss_text('a', model => '/no/such')"
    ).schema,
    "configuration": lambda: with_conf(
        "spark.gptoss.max_tokns", "1", "SELECT gptoss_text('a')"
    ),
    "option": lambda: read(temprature="1"),
    "column": lambda: read(prompt_col="promt"),
    "task": lambda: spark.sql(
        "SELECT gptoss_text('a', max_tokens => id - 3, fail_on_error => true) FROM range(2)"
    ).collect(),
}
if mode == "classic":
    # Spark Connect has no access to the JVM.
    CASES["complete option"] = lambda: complete(temprature="1")
    CASES["complete column"] = lambda: complete(prompt_col="promt")

builder = SparkSession.builder
builder = builder.master("local[2]") if mode == "classic" else builder.remote("local[2]")
spark = (
    builder.config("spark.jars", jar)
    .config("spark.driver.extraClassPath", jar)
    .config("spark.driver.extraJavaOptions", "--add-modules=jdk.incubator.vector")
    .config("spark.sql.extensions", "io.github.gptoss.spark.GptOssExtensions")
    .config("spark.sql.warehouse.dir", folder + "/warehouse")
    .config("spark.ui.enabled", "false")
    .config("spark.gptoss.model", "demo")
    .config("spark.gptoss.threads", "2")
    .getOrCreate()
)
for name, case in CASES.items():
    try:
        case()
        shown = {"type": None}
    except Exception as e:
        shown = {"type": type(e).__name__, "message": str(e)}
        if hasattr(e, "getCondition"):
            shown |= {
                "condition": e.getCondition(),
                "sqlState": e.getSqlState(),
            }
    print(json.dumps({"case": name, **shown}), flush=True)
spark.stop()
