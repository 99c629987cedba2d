"""Wrong calls are Spark's own exceptions in the user's words, with none of the JVM's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from gptoss_spark import complete, completion_type
from gptoss_spark import functions as gf
from pyspark.errors import AnalysisException
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
        lambda table: completion_type(response_format={"type": "json_schema", "json_schema": {"schema": {"not": {}}}}),
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
