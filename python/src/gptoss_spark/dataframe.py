"""Tables of prompts, completed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.types import StructType
from pyspark.sql.utils import is_remote

from gptoss_spark._values import texts
from gptoss_spark.functions import generate
from gptoss_spark.session import _connector

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from gptoss_spark._options import CallOptions, TableOptions


def complete(df: DataFrame, **options: Unpack[TableOptions]) -> DataFrame:
    """Adds a column ``completion`` to a table of prompts.

    All columns pass through, and every row gets one completion. What is wrong with one row is in that row's ``error_code``
    and ``error_message`` and stops nothing. Lazy, as any transformation: an action generates, and each action generates
    again, so write the result before it is read twice.

    In Spark Connect the table is a temporary view of the session for as long as the session lasts, and may not be streaming.

    :param df: a table with a column ``prompt``, or with what ``prompt_col``, ``messages_col``, ``prompt_template`` or
        ``request_col`` names
    :param options: the connector's options by name; ``seed_col="id"`` names a column with each row's own ``seed``
    :raises pyspark.errors.AnalysisException: if an option or a column is wrong, before anything runs

    >>> df = spark.createDataFrame([("What is 12 + 7?",), (None,)], "prompt string")
    >>> answers = complete(df, reasoning_effort="low")
    >>> answers.select("prompt", "completion.response", "completion.error_code").show()
    +---------------+--------+-----------+
    |         prompt|response| error_code|
    +---------------+--------+-----------+
    |What is 12 + 7?|      19|       NULL|
    |           NULL|    NULL|null_prompt|
    +---------------+--------+-----------+
    <BLANKLINE>

    It is a function for :meth:`pyspark.sql.DataFrame.transform`:

    >>> df.transform(complete, max_tokens=100).columns
    ['prompt', 'completion']
    """
    spark = df.sparkSession
    named = texts(options)
    if is_remote():
        view = "gptoss_" + uuid.uuid4().hex
        df.createOrReplaceTempView(view)
        return spark.read.format("gptoss").options(table=view, **named).load()
    connector = _connector(spark)
    completed = connector.GptOss.complete(df._jdf, connector.GptOssOptions.of(named))
    return DataFrame(completed, spark)


def completion_type(**options: Unpack[CallOptions]) -> StructType:
    """The type of a completion, in the active session.

    :param options: those of :func:`gptoss_spark.functions.generate`, some of which decide it: ``include_tokens``,
        ``response_format``

    >>> completion_type().fieldNames()[:3]
    ['response', 'reasoning', 'tool_calls']
    """
    spark = SparkSession.active()
    completed = spark.range(0).select(generate(sf.lit(""), **options).alias("completion"))
    of_completion = completed.schema["completion"].dataType
    assert isinstance(of_completion, StructType)
    return of_completion
