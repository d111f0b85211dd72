"""RoboHead's filters: column, comparator, value and the column's type, each repeated in step."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import Field, model_validator

from local.simulators.robohead.paging import PageQuery
from local.simulators.robohead.settings import comparators_of, settings_of
from local.simulators.robohead.words import read_us_day
from local.simulators.simulator import Simulator
from local.simulators.vendor import ViolationError

TEXT, NUMBER, DAY, SINGLE, MULTI = "1", "3", "4", "7", "9"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be filtered: its field type, and what a row has in it."""

    type: str
    value: Callable[[Any], Any]


class FilterQuery(PageQuery):
    """A list with filters."""

    columns: list[str] = Field(alias="filterColumn", default_factory=list)
    comparators: list[str] = Field(alias="comparatorId", default_factory=list)
    values: list[str] = Field(alias="filterValue", default_factory=list)
    types: list[str] = Field(alias="fieldType", default_factory=list)

    @model_validator(mode="after")
    def _in_step(self) -> FilterQuery:
        if len({len(each) for each in (self.columns, self.comparators, self.values, self.types)}) != 1:
            raise ValueError("filterColumn, comparatorId, filterValue and fieldType are not in step")
        return self


_COMPARE: Final[dict[str, dict[str, Callable[[Any, Any], bool]]]] = {
    TEXT: {
        "is": operator.eq,
        "is not": operator.ne,
        "contains": operator.contains,
        "does not contain": lambda has, wanted: wanted not in has,
        "starts with": str.startswith,
        "ends with": str.endswith,
    },
    NUMBER: {
        "is": operator.eq,
        "is not": operator.ne,
        "more than": operator.gt,
        "at least": operator.ge,
        "less than": operator.lt,
        "at most": operator.le,
    },
    DAY: {
        "is": operator.eq,
        "is not": operator.ne,
        "before": operator.lt,
        "after": operator.gt,
        "on or before": operator.le,
        "on or after": operator.ge,
    },
    SINGLE: {"is": operator.eq, "is not": operator.ne},
    MULTI: {
        "is": lambda has, wanted: {has} == wanted,
        "is not": lambda has, wanted: {has} != wanted,
        "in": lambda has, wanted: has in wanted,
        "not in": lambda has, wanted: has not in wanted,
    },
}


def filtered(
    simulator: Simulator, query: FilterQuery, columns: dict[str, Column], rows: list[Any]
) -> list[Any]:
    """Return the rows that fit every filter; ViolationError names what is wrong with one."""
    steps = zip(query.columns, query.comparators, query.values, query.types, strict=True)
    for name, comparator, value, field_type in steps:
        column = columns.get(name)
        if column is None:
            raise ViolationError(f"filterColumn: no column {name}; there are: {', '.join(columns)}")
        if field_type != column.type:
            raise ViolationError(f"fieldType: column {name} has type {column.type}")
        fits = _comparison(simulator, column.type, comparator)
        wanted = _wanted(simulator, column.type, value)
        rows = [row for row in rows if (has := _value(column, row)) is not None and fits(has, wanted)]
    return rows


def _value(column: Column, row: Any) -> Any:
    value = column.value(row)
    return value.casefold() if column.type == TEXT and value is not None else value


def _comparison(simulator: Simulator, field_type: str, comparator: str) -> Callable[[Any, Any], bool]:
    ids = comparators_of(simulator, field_type)
    for name, comparator_id in ids.items():
        if comparator == str(comparator_id) and name in _COMPARE[field_type]:
            return _COMPARE[field_type][name]
    raise ViolationError(f"comparatorId: a column of type {field_type} has {ids}, not {comparator}")


def _wanted(simulator: Simulator, field_type: str, value: str) -> Any:
    try:
        if field_type == TEXT:
            return value.casefold()
        if field_type == MULTI:
            return {int(part) for part in value.split(",")}
        if field_type == DAY:
            us = settings_of(simulator).date_form == "us"
            return read_us_day(value) if us else date.fromisoformat(value)
        return int(value)
    except ValueError as error:
        raise ViolationError(f"filterValue: {error}") from None
