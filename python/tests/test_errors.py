"""Wrong calls are Spark's own exceptions in the user's words, with none of the JVM's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gptoss_spark import complete, completion_type
from gptoss_spark import functions as gf
from pyspark.errors import AnalysisException, SparkRuntimeException
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf

CASES: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "a misspelt option": (
        lambda table: table.select(gf.text("prompt", max_tokns=1)),
        "GPTOSS_INVALID_ARGUMENT",
        "did you mean 'max_tokens'?",
    ),
    "a wrong value": (
        lambda table: table.select(gf.text("prompt", max_tokens=0)),
        "GPTOSS_INVALID_OPTION",
        "max_tokens is 0: it must be at least 1",
    ),
    "no such model": (
        lambda table: table.select(gf.generate("prompt", model="/no/such")),
        "GPTOSS_INVALID_MODEL",
        "/no/such: no such folder",
    ),
    "a label twice": (
        lambda table: table.select(gf.classify("prompt", ["a", "a"])),
        "GPTOSS_INVALID_ARGUMENT",
        "labels",
    ),
    "a column where a constant belongs": (
        lambda table: table.select(gf.text("prompt", window_rows=sf.col("id"))),
        "GPTOSS_INVALID_ARGUMENT",
        "window_rows",
    ),
    "a misspelt option of a table": (
        lambda table: complete(table, temprature=1),
        "GPTOSS_INVALID_OPTION",
        "unknown option 'temprature'",
    ),
    "no such column": (
        lambda table: complete(table, prompt_col="promt"),
        "GPTOSS_INVALID_COLUMN",
        "promt",
    ),
    "a wrong form": (
        lambda table: completion_type(structured_outputs={"json": {"not": {}}}),
        "GPTOSS_INVALID_OPTION",
        "not",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_call(case: str, spark: SparkSession) -> None:
    call, condition, said = CASES[case]
    table = spark.range(1).select("id", sf.lit("a").alias("prompt"))
    with pytest.raises(AnalysisException) as raised:
        call(table).schema
    assert raised.value.getCondition() == condition
    first = str(raised.value).splitlines()[0]
    assert first.startswith(f"[{condition}] ")
    assert said in first
    assert "py4j" not in str(raised.value).lower()


def test_the_place_in_a_statement_is_shown(spark: SparkSession) -> None:
    with pytest.raises(AnalysisException) as raised:
        spark.sql("SELECT gptoss_text('a', max_tokns => 1)").schema
    first = str(raised.value).splitlines()[0]
    assert first.startswith("[GPTOSS_INVALID_ARGUMENT] ")
    assert first.endswith(" SQLSTATE: 22023; line 1 pos 7")
    assert (raised.value.getCondition(), raised.value.getSqlState()) == ("GPTOSS_INVALID_ARGUMENT", "22023")


def test_the_configuration_is_checked(spark: SparkSession) -> None:
    spark.conf.set("spark.gptoss.max_tokns", "1")
    try:
        with pytest.raises(AnalysisException, match="unknown option 'max_tokns'") as raised:
            spark.sql("SELECT gptoss_text('a')").schema
    finally:
        spark.conf.unset("spark.gptoss.max_tokns")
    assert raised.value.getCondition() == "GPTOSS_INVALID_OPTION"


def test_the_data_source_is_checked(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "prompts.jsonl").write_text('{"prompt": "a"}\n')
    reader = spark.read.format("gptoss").options(input_format="json", prompt_col="promt")
    with pytest.raises(AnalysisException, match="did you mean 'prompt'") as raised:
        reader.load(str(tmp_path / "prompts.jsonl")).schema
    assert (raised.value.getCondition(), raised.value.getSqlState()) == ("GPTOSS_INVALID_COLUMN", "42703")


def test_a_row_that_fails_its_query(spark: SparkSession) -> None:
    failing = spark.range(2).select(gf.text(sf.lit("a"), max_tokens=sf.col("id") - 3, fail_on_error=True))
    with pytest.raises(SparkRuntimeException, match="failed with invalid_parameter") as raised:
        failing.collect()
    assert (raised.value.getCondition(), raised.value.getSqlState()) == ("GPTOSS_ROW_FAILED", "22000")


def test_frames_of_the_jvm_are_shown_where_spark_shows_its_own(spark: SparkSession) -> None:
    def shown(column: str) -> bool:
        with pytest.raises(AnalysisException) as raised:
            spark.sql(f"SELECT {column}").schema
        return "JVM stacktrace" in str(raised.value)

    assert shown("gptoss_text('a', max_tokens => 0)") == shown("nothing")
