"""Reading and writing flat DynamoDB items: texts, whole numbers, truth values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Value = str | int | bool
Record = dict[str, Value]


def to_attributes(record: Mapping[str, Value | None]) -> dict[str, Any]:
    """Return the record as DynamoDB JSON; None is left out."""
    return {name: to_attribute(value) for name, value in record.items() if value is not None}


def to_attribute(value: Value) -> dict[str, Any]:
    """Return one value as DynamoDB JSON."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    return {"S": str(value)}


def to_record(attributes: Mapping[str, Any]) -> Record:
    """Read DynamoDB JSON."""
    record: Record = {}
    for name, attribute in attributes.items():
        ((kind, value),) = attribute.items()
        record[name] = int(value) if kind == "N" else value
    return record
