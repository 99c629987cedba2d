from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gptoss_spark import complete, completion_type
from gptoss_spark import functions as gf
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf


def test_a_table_of_conversations(spark: SparkSession, conversations: list[dict[str, Any]]) -> None:
    rows = [(r["id"], json.dumps(r["messages"]), r["reasoning_effort"], r["expected_response"]) for r in conversations]
    table = spark.createDataFrame(rows, "id string, messages string, reasoning_effort string, expected string")
    answers = complete(table, messages_col="messages", reasoning_effort_col="reasoning_effort", repartition=4)
    assert answers.columns == [*table.columns, "completion"]
    right = sf.coalesce("completion.response", sf.lit("")) == sf.col("expected")
    assert answers.where(right).count() == 40


def test_options_are_keyword_arguments(spark: SparkSession) -> None:
    table = spark.createDataFrame([("France", 1), (None, 2)], "country string, id int")
    answers = table.transform(
        complete,
        prompt_template="What is the capital of {country}?",
        output_col="answer",
        include_tokens=True,
        seed_col="id",
        reasoning_effort="low",
        stop=["\n\n"],
    )
    first, second = answers.orderBy("id").collect()
    assert (first.answer.response, first.answer.error_code) == ("Paris", None)
    assert len(first.answer.completion_tokens) == first.answer.usage.output_tokens
    assert second.answer.response is None


def test_the_input_may_be_any_frame(spark: SparkSession) -> None:
    base = spark.range(2, 5).select(sf.format_string("What is %d + 1?", "id").alias("prompt"), "id")
    joined = base.join(spark.range(3, 10), "id").where("id > 2")
    answers = complete(joined, reasoning_effort="low").select("id", "completion.response").collect()
    assert sorted(tuple(row) for row in answers) == [(3, "4"), (4, "5")]


def test_a_column_is_not_the_name_of_one(spark: SparkSession) -> None:
    with pytest.raises(TypeError, match="option seed is a column: here seed_col="):
        complete(spark.range(1), seed=sf.col("id"))  # type: ignore[typeddict-item]
    with pytest.raises(TypeError, match="an option's value is of type object"):
        complete(spark.range(1), model=object())  # type: ignore[typeddict-item]


def test_the_type_of_a_completion(spark: SparkSession) -> None:
    plain = completion_type()
    assert plain == spark.range(0).select(gf.generate(sf.lit("a")).alias("c")).schema["c"].dataType
    assert "completion_tokens" not in plain.fieldNames()
    assert "completion_tokens" in completion_type(include_tokens=True).fieldNames()
    form = completion_type(response_format="struct<a:int>")
    assert form["parsed"].dataType.simpleString() == "struct<a:int>"


def test_the_plain_function_of_java(spark: SparkSession) -> None:
    spark.udf.registerJavaFunction("answer", "io.github.gptoss.spark.GptOssUdf", completion_type())
    answer = sf.call_function("answer", sf.lit("What is the capital of France?"))
    assert spark.range(1).select(answer.alias("a")).select("a.response").first() == ("Paris",)


def test_a_stream(spark: SparkSession, connect: bool, tmp_path: Path) -> None:
    if connect:
        pytest.skip("in Spark Connect a stream takes the functions, since a stream is no temporary view of a batch")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/1.json").write_text('{"prompt": "What is 12 + 7?"}\n')
    stream = complete(spark.readStream.schema("prompt string").json(str(tmp_path / "in")), reasoning_effort="low")
    seen: list[str] = []
    query = (
        stream.writeStream.foreachBatch(lambda rows, _: seen.extend(r[0] for r in rows.select("completion.response").collect()))
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    assert query.awaitTermination(120)
    assert seen == ["19"]
