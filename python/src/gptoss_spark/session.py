"""Sessions that have the connector."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import SparkSession
from pyspark.sql.utils import is_remote

from gptoss_spark._values import texts

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from gptoss_spark._options import SessionOptions

_PREFIX = "spark.gptoss."

_VECTOR_API = "--add-modules=jdk.incubator.vector"

# Lists that other libraries add to as well, with what separates their items.
_LISTS = {
    "spark.sql.extensions": ("io.github.gptoss.spark.GptOssExtensions", ","),
    "spark.plugins": ("io.github.gptoss.spark.GptOssPlugin", ","),
    "spark.driver.extraJavaOptions": (_VECTOR_API, " "),
    "spark.executor.extraJavaOptions": (_VECTOR_API, " "),
}

# Spark shows its configuration and plans on pages and in logs; these hide secrets, and options that hold texts of prompts.
_DEFAULTS = {
    "spark.sql.catalog.gptoss": "io.github.gptoss.spark.GptOssCatalog",
    "spark.redaction.regex": "(?i)secret|password|token|access[.]?key|gptoss[.](system|developer|task).?prompt"
    "|gptoss[.]prompt.?template"
    "|gptoss[.](tools|stop|response.?format|structured.?outputs|tool.?(http|process|executors))$",
    "spark.sql.redaction.options.regex": "(?i)url|^(system|developer|task).?prompt$|^prompt.?template$"
    "|^(tools|stop|response.?format|structured.?outputs|tool.?(http|process|executors))$",
}


def jar_path() -> str:
    """The path of the connector's jar, for instance for ``spark-submit --jars``.

    :raises FileNotFoundError: if this package was not installed from its wheel
    """
    folder = Path(__file__).parent / "jars"
    jars = sorted(folder.glob("*.jar"))
    if len(jars) != 1:
        raise FileNotFoundError(
            f"{folder} has {len(jars)} jars and should have one: install the wheel that python/build.sh makes"
        )
    return str(jars[0])


def settings(present: dict[str, str], options: dict[str, Any]) -> dict[str, str]:
    """What a session's configuration needs for the connector.

    :param present: the configuration so far; lists in it are added to, and what else it says is kept
    :param options: the connector's options
    """
    needed = {"spark.jars": _with(present.get("spark.jars"), jar_path(), ",")}
    for key, (value, separator) in _LISTS.items():
        needed[key] = _with(present.get(key), value, separator)
    for key, value in _DEFAULTS.items():
        needed[key] = present.get(key, value)
    return {**needed, **_named(options)}


def configure_spark_with_gptoss(
    builder: SparkSession.Builder, **options: Unpack[SessionOptions]
) -> SparkSession.Builder:
    """Adds to a session's builder what the connector needs.

    That is the jar, the SQL functions, the catalog ``gptoss``, the plugin that loads the model as executors start, the JVM's
    vector instructions, and the redaction of prompts in Spark's pages. Lists that the builder has, such as Delta's
    extension, are kept; those of a ``spark-defaults.conf`` are replaced, so name them in the builder. JVM flags and jars hold
    for the JVM that the builder starts, not for one that runs already.

    A builder with a Spark Connect address (``sc://...``, or the environment's ``SPARK_REMOTE``) gets the options alone: jar
    and extension belong to its server.

    :param builder: ``SparkSession.builder``
    :param options: the connector's options by name, for all calls of the session: ``model="hf://openai/gpt-oss-20b"``
    :returns: the same builder

    >>> from pyspark.sql import SparkSession
    >>> builder = configure_spark_with_gptoss(SparkSession.Builder(), model="demo", max_tokens=100)
    >>> builder._options["spark.gptoss.max_tokens"]
    '100'
    """
    present: dict[str, str] = getattr(builder, "_options", {})
    remote = present.get("spark.remote", os.environ.get("SPARK_REMOTE", ""))
    needed = _named(dict(options)) if remote.startswith("sc://") else settings(present, dict(options))
    for key, value in needed.items():
        builder = builder.config(key, value)
    return builder


def install(spark: SparkSession) -> None:
    """Gives the SQL functions to a session that runs already, whose class path has the connector's jar.

    That is the case in a notebook of Databricks, where the cluster has the jar as a library. Installing twice is installing
    once.

    :raises RuntimeError: in Spark Connect, whose server needs ``spark.sql.extensions`` when it starts
    """
    if is_remote():
        raise RuntimeError(
            "a Spark Connect client cannot change its server: start the server with the connector's jar and with"
            " spark.sql.extensions=io.github.gptoss.spark.GptOssExtensions"
        )
    _connector(spark).GptOss.install(spark._jsparkSession)


def _connector(spark: SparkSession) -> Any:
    """The connector's Java package, of a session that is not Spark Connect's."""
    jvm: Any = spark._jvm
    package = jvm.io.github.gptoss.spark
    if not callable(package.GptOss):
        raise RuntimeError(
            "the session's JVM has no connector: make the session with configure_spark_with_gptoss before any other, or add"
            f" the jar {jar_path()} to the cluster"
        )
    return package


def _named(options: dict[str, Any]) -> dict[str, str]:
    return {_PREFIX + name: value for name, value in texts(options).items()}


def _with(present: str | None, value: str, separator: str) -> str:
    if not present:
        return value
    return present if value in present.split(separator) else present + separator + value
