"""One session for all tests: classic, or Spark Connect with ``--connect``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gptoss_spark import configure_spark_with_gptoss
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf

ROOT = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--connect", action="store_true", help="a Spark Connect session rather than a classic one")


@pytest.fixture(scope="session")
def connect(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--connect"))


@pytest.fixture(scope="session")
def spark(connect: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    builder = SparkSession.builder
    builder = builder.remote("local[2]") if connect else builder.master("local[2]")
    builder = (
        builder.config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
    )
    session = configure_spark_with_gptoss(builder, model="demo", threads=2, max_tokens=200).getOrCreate()
    yield session
    session.stop()


@pytest.fixture(autouse=True)
def _doctest(request: pytest.FixtureRequest, doctest_namespace: dict[str, Any]) -> None:
    # The examples of session.py build a session of their own, and need none that runs.
    if isinstance(request.node, pytest.DoctestItem) and not request.node.name.startswith("gptoss_spark.session"):
        doctest_namespace["spark"] = request.getfixturevalue("spark")
        doctest_namespace["sf"] = sf


@pytest.fixture(scope="session")
def conversations() -> list[dict[str, Any]]:
    """Ten rows of each of the demo model's four tasks."""
    by_task: dict[str, list[dict[str, Any]]] = {}
    with open(ROOT / "examples/data/demo-prompts.jsonl", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            by_task.setdefault(row["task"], []).append(row)
    return [row for rows in by_task.values() for row in rows[:10]]
