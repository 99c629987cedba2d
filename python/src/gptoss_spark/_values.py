"""Python's values as the connector takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import Column
from pyspark.sql.types import DataType


def plain(value: Any) -> Any:
    """An option's value as a text, number or boolean.

    Lists and mappings become JSON, a Spark type its own text, and a class with ``model_json_schema``, as pydantic's models
    are, a ``response_format`` of that schema.
    """
    if isinstance(value, DataType):
        return value.simpleString()
    if isinstance(value, type) and hasattr(value, "model_json_schema"):
        schema = {"name": value.__name__, "schema": value.model_json_schema()}
        return _json({"type": "json_schema", "json_schema": schema})
    if isinstance(value, (Mapping, Sequence)) and not isinstance(value, (str, bytes)):
        return _json(value)
    if isinstance(value, (str, bool, int, float)):
        return value
    raise TypeError(
        f"an option's value is of type {type(value).__name__}: give text, a number, a boolean, a list, a mapping, a Spark type"
        " or a pydantic model"
    )


def texts(options: Mapping[str, Any]) -> dict[str, str]:
    """Options as texts, without those that are None.

    :raises TypeError: for a column, which is one of a row
    """
    named = {}
    for name, value in options.items():
        if value is None:
            continue
        if isinstance(value, Column):
            raise TypeError(
                f"option {name} is a column: here {name}_col='...' names the column with each row's own value"
            )
        written = plain(value)
        named[name] = str(written).lower() if isinstance(written, bool) else str(written)
    return named


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
