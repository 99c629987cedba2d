"""Answers as a materialized view of Python."""

from gptoss_spark.functions import text
from pyspark import pipelines as dp
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

spark = SparkSession.active()


@dp.materialized_view
def capitals() -> DataFrame:
    countries = spark.createDataFrame([("France",), ("Japan",)], ["country"])
    question = sf.format_string("What is the capital of %s?", "country")
    return countries.select("country", text(question, reasoning_effort="low").alias("capital"))
