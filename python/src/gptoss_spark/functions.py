"""The SQL functions as columns, in the manner of ``pyspark.sql.functions``.

The session has to have them: see :func:`gptoss_spark.configure_spark_with_gptoss`. What is to be read (a prompt, a text) is
a column or a column's name. All other arguments and options are constants, where text is text and not a column's name, or
columns: ``text("question", max_tokens=200, seed=sf.col("id"))``. Lists and mappings are what JSON has for them.

Calls batch wherever they are in a query, and no Python worker starts. What is wrong with an argument is a
:class:`pyspark.errors.AnalysisException` when the column is put into a query. Of a task function, a row whose text is null,
and one that has an error, is null; ``detail=True`` gives the whole completion instead, whose ``error_code`` says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Union

from pyspark.sql import Column
from pyspark.sql import functions as sf
from pyspark.sql.types import DataType

from gptoss_spark._values import plain

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from gptoss_spark._options import CallOptions

__all__ = [
    "agg",
    "chat",
    "classify",
    "extract",
    "filter",
    "fix_grammar",
    "gen",
    "generate",
    "mask",
    "sentiment",
    "summarize",
    "summarize_agg",
    "text",
    "translate",
]

ColumnOrName = Union[Column, str]
"""A column, or the name of one."""

TextOrColumn = Union[Column, str]
"""A text, the same for all rows, or a column."""

Message = Mapping[str, Any]
"""A message of OpenAI's chat API. A value may be a column."""


def generate(prompt: ColumnOrName, **options: Unpack[CallOptions]) -> Column:
    """The completion of a prompt: a struct of answer, reasoning, tool calls, token counts and error.

    >>> df = spark.createDataFrame([(1, "What is the capital of France?")], ["id", "question"])
    >>> answer = generate("question", reasoning_effort="low", seed=sf.col("id")).alias("answer")
    >>> df.select(answer).select("answer.response", "answer.finish_reason", "answer.usage.output_tokens").show()
    +--------+-------------+-------------+
    |response|finish_reason|output_tokens|
    +--------+-------------+-------------+
    |   Paris|         stop|            5|
    +--------+-------------+-------------+
    <BLANKLINE>
    """
    return _call("generate", [_column(prompt)], options)


def chat(messages: Union[ColumnOrName, Sequence[Message]], **options: Unpack[CallOptions]) -> Column:
    """The completion of a conversation: the same struct as that of :func:`generate`.

    :param messages: a column of arrays of structs with ``role`` and ``content``, or of message JSON; or a list of messages,
        whose values may be columns

    >>> df = spark.createDataFrame([("What is 2 + 3?",)], ["question"])
    >>> messages = [{"role": "developer", "content": "Be precise."}, {"role": "user", "content": sf.col("question")}]
    >>> df.select(chat(messages, reasoning_effort="low").response.alias("answer")).show()
    +------+
    |answer|
    +------+
    |     5|
    +------+
    <BLANKLINE>
    """
    given = _column(messages) if isinstance(messages, (str, Column)) else _messages(messages)
    return _call("chat", [given], options)


def text(prompt: ColumnOrName, **options: Unpack[CallOptions]) -> Column:
    """The answer to a prompt alone: a string, null where the row has an error.

    >>> df = spark.createDataFrame([("What is 12 + 7?",)], ["question"])
    >>> df.select(text("question", reasoning_effort="low").alias("answer")).show()
    +------+
    |answer|
    +------+
    |    19|
    +------+
    <BLANKLINE>
    """
    return _call("text", [_column(prompt)], options)


def classify(
    content: ColumnOrName,
    labels: Union[Sequence[str], Mapping[str, str], Column],
    *,
    multi_label: Union[bool, None] = None,
    instructions: Union[str, None] = None,
    examples: Union[Mapping[str, Union[str, Sequence[str]]], Column, None] = None,
    detail: bool = False,
    **options: Unpack[CallOptions],
) -> Column:
    """Which of the labels fits a text best: a string, one of the labels.

    :param labels: the labels, or descriptions of them by label
    :param multi_label: gives all labels that fit, an array of strings
    :param instructions: what else the model is told
    :param examples: the right label by text, or with ``multi_label`` the right labels

    >>> df = spark.createDataFrame([("Please refund order 3798.",)], ["body"])
    >>> df.select(classify("body", ["refund", "bug"]).isin("refund", "bug").alias("a label")).show()
    +-------+
    |a label|
    +-------+
    |   true|
    +-------+
    <BLANKLINE>
    """
    arguments = {"multi_label": multi_label, "instructions": instructions, "examples": None if examples is None else _map(examples)}
    return _task("classify", detail, [_column(content), _labels(labels)], arguments, options)


def extract(
    content: ColumnOrName,
    schema: Union[str, DataType, Mapping[str, Any], Sequence[str], type],
    *,
    instructions: Union[str, None] = None,
    detail: bool = False,
    **options: Unpack[CallOptions],
) -> Column:
    """What a schema asks for, as the type that follows from it.

    :param schema: a Spark type, or its text such as ``struct<product:string,cents:int>``; a JSON Schema, as a mapping or its
        text; a pydantic model; or names, each of which becomes a string that is null where the text does not say it

    >>> df = spark.createDataFrame([("Please refund order 3798.",)], ["body"])
    >>> df.select(extract("body", "struct<order:int>").alias("found")).printSchema()
    root
     |-- found: struct (nullable = true)
     |    |-- order: integer (nullable = true)
    <BLANKLINE>
    """
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        given = _array(schema)
    else:
        given = sf.lit(plain(schema))
    return _task("extract", detail, [_column(content), given], {"instructions": instructions}, options)


def summarize(
    content: ColumnOrName,
    *,
    max_words: Union[int, None] = None,
    detail: bool = False,
    **options: Unpack[CallOptions],
) -> Column:
    """A summary of a text: a string.

    :param max_words: how many words the model is asked for at most

    >>> df = spark.createDataFrame([("The fan is loud, the lid is broken, and nobody answers my letters.",)], ["body"])
    >>> df.select(summarize("body", max_words=10).alias("summary")).printSchema()
    root
     |-- summary: string (nullable = true)
    <BLANKLINE>
    """
    return _task("summarize", detail, [_column(content)], {"max_words": max_words}, options)


def translate(
    content: ColumnOrName, to_lang: TextOrColumn, *, detail: bool = False, **options: Unpack[CallOptions]
) -> Column:
    """A translation of a text: a string.

    :param to_lang: the language, by its name or its code; a column where rows have languages of their own

    >>> df = spark.createDataFrame([("The fan is loud.", "de"), ("The lid is broken.", "fr")], ["body", "language"])
    >>> df.select(translate("body", sf.col("language")).alias("translation")).printSchema()
    root
     |-- translation: string (nullable = true)
    <BLANKLINE>
    """
    return _task("translate", detail, [_column(content), _constant(to_lang)], {}, options)


def fix_grammar(content: ColumnOrName, *, detail: bool = False, **options: Unpack[CallOptions]) -> Column:
    """A text with its grammar and its spelling corrected: a string.

    >>> df = spark.createDataFrame([("The fan are lowd.",)], ["body"])
    >>> df.select(fix_grammar("body").alias("corrected")).printSchema()
    root
     |-- corrected: string (nullable = true)
    <BLANKLINE>
    """
    return _task("fix_grammar", detail, [_column(content)], {}, options)


def gen(prompt: ColumnOrName, *, detail: bool = False, **options: Unpack[CallOptions]) -> Column:
    """The answer to a prompt: a string. What Databricks calls ``ai_gen``.

    >>> df = spark.createDataFrame([("What is 12 + 7?",)], ["question"])
    >>> df.select(gen("question", reasoning_effort="low").alias("answer")).show()
    +------+
    |answer|
    +------+
    |    19|
    +------+
    <BLANKLINE>
    """
    return _task("gen", detail, [_column(prompt)], {}, options)


def sentiment(
    content: ColumnOrName,
    aspects: Union[Sequence[str], Column, None] = None,
    *,
    detail: bool = False,
    **options: Unpack[CallOptions],
) -> Column:
    """The sentiment of a text: ``positive``, ``negative``, ``neutral`` or ``mixed``.

    :param aspects: gives a map of the sentiments by these

    >>> df = spark.createDataFrame([("The fan is loud, but I like the colour.",)], ["body"])
    >>> df.select(sentiment("body").isin("positive", "negative", "neutral", "mixed").alias("a sentiment")).show()
    +-----------+
    |a sentiment|
    +-----------+
    |       true|
    +-----------+
    <BLANKLINE>
    >>> df.select(sf.map_keys(sentiment("body", ["noise", "colour"])).alias("aspects")).show()
    +---------------+
    |        aspects|
    +---------------+
    |[noise, colour]|
    +---------------+
    <BLANKLINE>
    """
    arguments = {"aspects": None if aspects is None else _array(aspects)}
    return _task("sentiment", detail, [_column(content)], arguments, options)


def mask(
    content: ColumnOrName,
    labels: Union[Sequence[str], Column],
    *,
    detail: bool = False,
    **options: Unpack[CallOptions],
) -> Column:
    """A text with what the labels name replaced by the label in brackets: a string.

    >>> df = spark.createDataFrame([("Send it to Ada, 5 Mill Lane.",)], ["body"])
    >>> df.select(mask("body", ["name", "address"]).alias("masked")).printSchema()
    root
     |-- masked: string (nullable = true)
    <BLANKLINE>
    """
    return _task("mask", detail, [_column(content), _labels(labels)], {}, options)


def filter(
    condition: TextOrColumn, content: ColumnOrName, *, detail: bool = False, **options: Unpack[CallOptions]
) -> Column:
    """Whether a condition is true of a text: a boolean.

    :param condition: a text, the same for all rows, or a column

    >>> df = spark.createDataFrame([("I am furious.",)], ["body"])
    >>> df.where(filter("the customer is angry", "body")).count() in (0, 1)
    True
    """
    return _task("filter", detail, [_constant(condition), _column(content)], {}, options)


def agg(
    content: ColumnOrName, instruction: str, *, detail: bool = False, **options: Unpack[CallOptions]
) -> Column:
    """What an instruction says of all texts of a group together: a string, an aggregate.

    >>> df = spark.createDataFrame([("fan", "It is loud."), ("fan", "It rattles."), ("lid", "It broke.")], ["part", "body"])
    >>> df.groupBy("part").agg(agg("body", "Name the most common complaint.").alias("complaint")).count()
    2
    """
    return _task("agg", detail, [_column(content), sf.lit(instruction)], {}, options)


def summarize_agg(
    content: ColumnOrName,
    *,
    max_words: Union[int, None] = None,
    detail: bool = False,
    **options: Unpack[CallOptions],
) -> Column:
    """A summary of all texts of a group together: a string, an aggregate.

    :param max_words: how many words the model is asked for at most

    >>> df = spark.createDataFrame([("fan", "It is loud."), ("fan", "It rattles."), ("lid", "It broke.")], ["part", "body"])
    >>> df.groupBy("part").agg(summarize_agg("body", max_words=20).alias("summary")).printSchema()
    root
     |-- part: string (nullable = true)
     |-- summary: string (nullable = true)
    <BLANKLINE>
    """
    return _task("summarize_agg", detail, [_column(content)], {"max_words": max_words}, options)


def _task(
    name: str, detail: bool, columns: list[Column], arguments: dict[str, Any], options: Mapping[str, Any]
) -> Column:
    return _call(name + "_detail" if detail else name, columns, {**arguments, **options})


def _call(name: str, columns: list[Column], more: Mapping[str, Any]) -> Column:
    fields: list[Column] = []
    for field, value in more.items():
        if value is not None:
            fields += [sf.lit(field), _constant(value)]
    if fields:
        columns = [*columns, sf.named_struct(*fields)]
    return sf.call_function("gptoss_" + name, *columns)


def _column(value: ColumnOrName) -> Column:
    return sf.col(value) if isinstance(value, str) else value


def _constant(value: Any) -> Column:
    return value if isinstance(value, Column) else sf.lit(plain(value))


def _labels(labels: Union[Sequence[str], Mapping[str, str], Column]) -> Column:
    return _map(labels) if isinstance(labels, Mapping) else _array(labels)


def _array(items: Union[Sequence[Any], Column]) -> Column:
    return items if isinstance(items, Column) else sf.array(*[_constant(item) for item in items])


def _map(entries: Union[Mapping[Any, Any], Column]) -> Column:
    if isinstance(entries, Column):
        return entries
    columns: list[Column] = []
    for key, value in entries.items():
        several = isinstance(value, Sequence) and not isinstance(value, str)
        columns += [_constant(key), _array(value) if several else _constant(value)]
    return sf.create_map(*columns)


def _messages(messages: Sequence[Message]) -> Column:
    names = list(dict.fromkeys(name for message in messages for name in message))
    return sf.array(*[_message(message, names) for message in messages])


def _message(message: Message, names: list[str]) -> Column:
    values = (message.get(name) for name in names)
    columns = (sf.lit(None).cast("string") if value is None else _constant(value) for value in values)
    return sf.struct(*[column.alias(name) for name, column in zip(names, columns)])
