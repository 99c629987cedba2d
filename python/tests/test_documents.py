"""The Python of the documentation: run, or where it says that it is not, compiled."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^( *)(?:<!-- not run: (.*?) -->\n\1)?```python.*?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def snippets() -> Iterator[object]:
    documents = [*ROOT.glob("*.md"), ROOT / "python/README.md", *ROOT.glob("docs/**/*.md")]
    for document in sorted(documents):
        text = document.read_text(encoding="utf-8")
        for fence in FENCE.finditer(text):
            line = text.count("\n", 0, fence.start(3)) + 1
            code = textwrap.dedent(fence[3])
            yield pytest.param(code, fence[2] is None, id=f"{document.relative_to(ROOT)}:{line}")


@pytest.fixture(scope="session")
def tickets(spark: SparkSession) -> DataFrame:
    rows = [(1, "Sum", "What is 12 + 7?"), (2, "France", "What is the capital of France?")]
    return spark.createDataFrame(rows, ["id", "subject", "body"])


@pytest.mark.parametrize(("code", "is_run"), snippets())
def test_snippet(code: str, is_run: bool, spark: SparkSession, tickets: DataFrame, connect: bool) -> None:
    compiled = compile(code, "<document>", "exec")
    if not is_run:
        return
    if "getOrCreate" not in code:
        exec(compiled, {"spark": spark, "tickets": tickets, "sf": sf})
    elif not connect:
        # A session of its own, so a process of its own.
        subprocess.run([sys.executable, "-c", code], check=True)


def test_there_are_snippets() -> None:
    assert len(list(snippets())) > 5
