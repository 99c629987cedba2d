from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gptoss_spark import functions as gf
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.types import IntegerType, StringType, StructField, StructType

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Gets the current weather for a city.",
        "parameters": {
            "type": "object",
            "properties": {"location": {"type": "string", "description": "The city"}},
            "required": ["location"],
        },
    },
}

CATEGORIES = ["billing", "shipping", "account", "technical", "refund"]

TICKET = {
    "type": "object",
    "properties": {
        "category": {"type": "string", "enum": CATEGORIES},
        "urgency": {"type": "string", "enum": ["low", "normal", "high"]},
    },
    "required": ["category", "urgency"],
}


@pytest.fixture
def tickets(spark: SparkSession) -> DataFrame:
    rows = [(1, "Just asking. Please refund order 3798."), (2, None)]
    return spark.createDataFrame(rows, "id int, body string")


def test_the_demo_tasks(spark: SparkSession, conversations: list[dict[str, Any]]) -> None:
    rows = [(row["id"], json.dumps(row["messages"]), row["reasoning_effort"]) for row in conversations]
    table = spark.createDataFrame(rows, "id string, messages string, effort string")
    answered = table.select("id", gf.chat("messages", reasoning_effort=sf.col("effort")).alias("answer")).collect()
    answers = {row.id: row.answer for row in answered}
    assert len(answers) == 40
    for row in conversations:
        answer = answers[row["id"]]
        calls = [json.loads(call.arguments) for call in answer.tool_calls]
        assert (answer.response or "") == row["expected_response"]
        assert calls == [json.loads(arguments) for arguments in row["expected_tool_arguments"]]


def test_tools_and_forms_are_python_values(spark: SparkSession, tickets: DataFrame) -> None:
    questions = spark.createDataFrame([("Is it sunny in Rome?",)], ["question"])
    call = gf.generate("question", tools=[WEATHER], reasoning_effort="low").tool_calls[0]
    assert questions.select(call.arguments).first() == ('{"location": "Rome"}',)

    form = {"type": "json_schema", "json_schema": {"name": "ticket", "schema": TICKET}}
    routed = gf.generate(
        "body", developer_prompt="Route the support ticket.", response_format=form, reasoning_effort="low"
    )
    first, second = tickets.orderBy("id").select(routed.alias("answer")).collect()
    assert first.answer.parsed.asDict() == {"category": "refund", "urgency": "low"}
    assert (second.answer.parsed, second.answer.error_code) == (None, "null_prompt")


def test_a_form_may_be_a_type_or_a_model(tickets: DataFrame) -> None:
    of_type = StructType([StructField("order", IntegerType()), StructField("item", StringType())])

    class Order:
        @staticmethod
        def model_json_schema() -> dict[str, Any]:
            return {"type": "object", "properties": {"order": {"type": "integer"}}, "required": ["order"]}

    typed = tickets.select(
        gf.generate("body", response_format=of_type).parsed.alias("typed"),
        gf.generate("body", response_format=Order).parsed.alias("modelled"),
        gf.extract("body", of_type).alias("extracted"),
        gf.extract("body", ["order", "item"]).alias("named"),
    ).schema
    assert typed["typed"].dataType.simpleString() == "struct<order:int,item:string>"
    assert typed["modelled"].dataType.simpleString() == "struct<order:bigint>"
    assert typed["extracted"].dataType.simpleString() == "struct<order:int,item:string>"
    assert typed["named"].dataType.simpleString() == "struct<order:string,item:string>"


def test_options_of_a_row_are_columns(spark: SparkSession) -> None:
    rows = [("What is 12 + 7?", 1), ("What is 12 + 7?", 200), ("What is 12 + 7?", 0)]
    table = spark.createDataFrame(rows, "question string, tokens int")
    answers = table.select(
        "tokens", gf.generate("question", max_tokens=sf.col("tokens"), reasoning_effort="low").alias("answer")
    )
    ends = {row.tokens: (row.answer.finish_reason, row.answer.error_code) for row in answers.collect()}
    assert ends == {1: ("length", None), 200: ("stop", None), 0: ("error", "invalid_parameter")}


def test_the_task_functions(tickets: DataFrame) -> None:
    body = sf.col("body")
    labels = {"refund": "wants money back", "bug": "something is broken"}
    results = tickets.select(
        "id",
        gf.classify(body, labels, examples={"Give me my money": "refund"}).alias("label"),
        gf.classify("body", ["refund", "bug"], multi_label=True).alias("labels"),
        gf.classify("body", ["refund", "bug"], detail=True, choice_probabilities=True).alias("detail"),
        gf.summarize("body", max_words=5, max_tokens=20).alias("summary"),
        gf.translate("body", "German", max_tokens=20).alias("german"),
        gf.fix_grammar("body", max_tokens=20).alias("corrected"),
        gf.gen("body", max_tokens=20).alias("generated"),
        gf.sentiment("body").alias("sentiment"),
        gf.sentiment("body", ["price"]).alias("by_aspect"),
        gf.mask("body", ["person"]).alias("masked"),
        gf.filter("the customer wants money", "body").alias("held"),
    )
    types = {field.name: field.dataType.simpleString() for field in results.schema.fields}
    assert types["labels"] == "array<string>"
    assert types["by_aspect"] == "map<string,string>"
    assert types["held"] == "boolean"
    first, second = results.orderBy("id").collect()
    assert first.label in labels
    assert set(first.labels) <= set(labels)
    assert 0 < first.detail.confidence <= 1
    assert first.sentiment in ("positive", "negative", "neutral", "mixed")
    assert set(first.by_aspect) == {"price"}
    assert isinstance(first.masked, str)
    assert isinstance(first.held, bool)
    nulls = second.asDict()
    assert nulls.pop("id") == 2
    assert set(nulls.values()) == {None}


def test_groups(spark: SparkSession) -> None:
    rows = [("a", "What is 2 + 3?"), ("b", "What is 12 + 7?"), ("b", None)]
    table = spark.createDataFrame(rows, "name string, body string")
    grouped = table.groupBy("name").agg(
        gf.agg("body", "Answer.", max_tokens=20).alias("said"),
        gf.summarize_agg("body", max_words=5, detail=True, max_tokens=20).alias("summary"),
    )
    answers = {row.name: row for row in grouped.collect()}
    assert set(answers) == {"a", "b"}
    assert all(isinstance(row.said, str) and row.summary.error_code is None for row in answers.values())


def test_calls_batch_and_start_no_python(spark: SparkSession, capsys: pytest.CaptureFixture[str]) -> None:
    table = spark.range(4).select(sf.concat(sf.lit("What is "), "id", sf.lit(" + 1?")).alias("question"))
    answers = table.select(gf.text("question"), gf.classify("question", ["a", "b"])).where(gf.filter("odd", "question"))
    answers.explain()
    plan = capsys.readouterr().out
    assert "BatchGenerate" in plan
    assert "EvalPython" not in plan
    assert "MapInPandas" not in plan


def test_functions_of_python_above_and_below(spark: SparkSession) -> None:
    asked = sf.udf(lambda i: f"What is {i} + 1?", "string")
    doubled = sf.udf(lambda answer: int(answer) * 2, "int")
    table = spark.range(2, 4).select("id", asked("id").alias("question"))
    answers = table.select("id", doubled(gf.text("question", reasoning_effort="low")).alias("twice"))
    assert sorted(tuple(row) for row in answers.collect()) == [(2, 6), (3, 8)]


def test_a_stream(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/1.json").write_text('{"question": "What is 12 + 7?"}\n{"question": null}\n')
    stream = spark.readStream.schema("question string").json(str(tmp_path / "in"))
    answered = stream.select(gf.generate("question", reasoning_effort="low").alias("answer"))
    query = (
        answered.select("answer.response", "answer.error_code")
        .writeStream.format("json")
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start(str(tmp_path / "out"))
    )
    assert query.awaitTermination(120)
    written = spark.read.schema("response string, error_code string").json(str(tmp_path / "out"))
    assert {tuple(row) for row in written.collect()} == {("19", None), (None, "null_prompt")}
