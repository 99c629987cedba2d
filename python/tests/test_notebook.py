"""The example notebook, run from top to bottom."""

from __future__ import annotations

from pathlib import Path

import nbclient
import nbformat
import pytest
from conftest import ROOT


def test_the_notebook(connect: bool, tmp_path: Path) -> None:
    if connect:
        pytest.skip("the notebook makes a classic session, whatever this one is")
    notebook = nbformat.read(ROOT / "examples/notebooks/pyspark.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    tables = [output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})]
    plots = [output for output in outputs if "image/png" in output.get("data", {})]
    assert (len(tables), len(plots)) == (2, 1)
    assert "<td>What is 1 + 7?</td><td>8</td>" in tables[0]
    assert "null_prompt" in tables[1]
