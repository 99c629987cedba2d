"""The example of a declarative pipeline, run by Spark's own command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyspark
import pytest
from conftest import ROOT
from gptoss_spark.session import settings
from pyspark.sql import SparkSession

VERSION = tuple(int(part) for part in pyspark.__version__.split(".")[:2])


@pytest.mark.skipif(VERSION < (4, 1), reason="Spark has declarative pipelines from 4.1 on")
def test_the_pipeline(connect: bool, spark: SparkSession, tmp_path: Path) -> None:
    if connect:
        pytest.skip("a pipeline is a Spark Connect client of its own, whatever this session is")
    configuration = settings({}, {"model": "demo"}) | {"spark.sql.warehouse.dir": str(tmp_path / "warehouse")}
    lines = [f"{key} {value}\n" for key, value in configuration.items()]
    (tmp_path / "spark-defaults.conf").write_text("".join(lines))
    environment = os.environ | {
        "SPARK_CONF_DIR": str(tmp_path),
        "PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"],
    }
    specification = str(ROOT / "examples/pipeline/spark-pipeline.yml")
    run = subprocess.run(
        ["spark-pipelines", "run", "--spec", specification],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr

    def table(name: str) -> list[tuple[str, ...]]:
        return sorted(tuple(row) for row in spark.read.parquet(str(tmp_path / "warehouse" / name)).collect())

    assert table("capitals") == [("France", "Paris"), ("Japan", "Tokyo")]
    routed = table("routed")
    assert [(row[0], row[2], row[4]) for row in routed] == [(1, "account", None), (2, "billing", None), (3, "shipping", None)]
