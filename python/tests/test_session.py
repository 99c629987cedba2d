from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import ROOT
from gptoss_spark import configure_spark_with_gptoss, install, jar_path
from gptoss_spark.session import settings
from pyspark.sql import SparkSession

EXTENSION = "io.github.gptoss.spark.GptOssExtensions"


def options_of(builder: SparkSession.Builder) -> dict[str, str]:
    return builder._options


def test_what_the_builder_has_is_kept() -> None:
    builder = SparkSession.Builder().config(
        map={
            "spark.jars": "/delta.jar",
            "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
            "spark.driver.extraJavaOptions": "-Xss4m",
            "spark.redaction.regex": "mine",
        }
    )
    configured = options_of(configure_spark_with_gptoss(builder, model="demo"))
    assert configured["spark.jars"] == "/delta.jar," + jar_path()
    assert configured["spark.sql.extensions"] == "io.delta.sql.DeltaSparkSessionExtension," + EXTENSION
    assert configured["spark.driver.extraJavaOptions"] == "-Xss4m --add-modules=jdk.incubator.vector"
    assert configured["spark.redaction.regex"] == "mine"
    assert configured["spark.gptoss.model"] == "demo"


def test_configuring_twice_is_configuring_once() -> None:
    once = configure_spark_with_gptoss(SparkSession.Builder(), model="demo")
    settings_of_once = dict(options_of(once))
    assert options_of(configure_spark_with_gptoss(once, model="demo")) == settings_of_once


def test_options_are_written_as_spark_reads_them() -> None:
    written = settings({}, {"model": None, "deduplicate": False, "top_p": 0.5, "stop": ["a", "ß"], "logit_bias": {1: -2}})
    assert {key: value for key, value in written.items() if key.startswith("spark.gptoss.")} == {
        "spark.gptoss.deduplicate": "false",
        "spark.gptoss.top_p": "0.5",
        "spark.gptoss.stop": '["a", "ß"]',
        "spark.gptoss.logit_bias": '{"1": -2}',
    }


def test_a_remote_server_gets_the_options_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = SparkSession.Builder().remote("sc://host:15002")
    configured = options_of(configure_spark_with_gptoss(builder, model="demo"))
    assert configured == {"spark.remote": "sc://host:15002", "spark.gptoss.model": "demo"}
    monkeypatch.setenv("SPARK_REMOTE", "sc://host:15002")
    assert options_of(configure_spark_with_gptoss(SparkSession.Builder(), model="demo")) == {"spark.gptoss.model": "demo"}


def test_the_settings_are_those_of_the_shipped_configuration() -> None:
    lines = (ROOT / "conf/spark-defaults.conf").read_text(encoding="utf-8").splitlines()
    shipped = dict(line.split(None, 1) for line in lines if line and not line.startswith("#"))
    made = settings({"spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension"}, {})
    del made["spark.jars"]
    assert {key: shipped[key].strip() for key in made} == made


def test_the_module_prints_a_configuration() -> None:
    command = [sys.executable, "-m", "gptoss_spark", "model=demo"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert f"spark.sql.extensions {EXTENSION}" in printed
    assert "spark.gptoss.model demo" in printed
    wrong = subprocess.run(command[:-1] + ["demo"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert wrong.stderr == "gptoss_spark: demo is not OPTION=VALUE, for instance model=demo\n"


def test_install(spark: SparkSession, connect: bool) -> None:
    if connect:
        with pytest.raises(RuntimeError, match="start the server with the connector's jar"):
            install(spark)
    else:
        install(spark)
        install(spark)
        assert spark.sql("SELECT gptoss_text('What is 12 + 7?', reasoning_effort => 'low')").first() == ("19",)


def test_a_session_without_the_connector_says_what_to_do(connect: bool) -> None:
    if connect:
        pytest.skip("a Spark Connect server cannot be asked for classes")
    script = """
from gptoss_spark import complete, install
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
for refused in (lambda: install(spark), lambda: complete(spark.createDataFrame([("Hi",)], ["prompt"]))):
    try:
        refused()
    except Exception as e:
        print(type(e).__name__, e)
"""
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    lines = printed.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.startswith("RuntimeError the session's JVM has no connector: make the session with configure_spark_with_gptoss")
        assert line.endswith(f"or add the jar {jar_path()} to the cluster")
