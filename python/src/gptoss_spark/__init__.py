"""Batch inference with OpenAI's open-weight gpt-oss models inside Apache Spark.

The connector's jar is in this package. Models run in the JVMs of Spark's executors: no Python worker starts, whatever is
called here.

    from pyspark.sql import SparkSession
    from gptoss_spark import configure_spark_with_gptoss
    from gptoss_spark.functions import text

    spark = configure_spark_with_gptoss(SparkSession.builder, model="demo").getOrCreate()
    df = spark.createDataFrame([("What is 12 + 7?",)], ["prompt"])
    df.select(text("prompt").alias("answer")).show()
"""

from importlib.metadata import version as _version

from gptoss_spark import functions
from gptoss_spark.dataframe import complete, completion_type
from gptoss_spark.session import configure_spark_with_gptoss, install, jar_path

__all__ = [
    "complete",
    "completion_type",
    "configure_spark_with_gptoss",
    "functions",
    "install",
    "jar_path",
]

__version__ = _version("gptoss-spark")
