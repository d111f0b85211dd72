"""The pages of RoboHead's lists: `page` from 1, `start` from 0, `limit` (-1 is all of them)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from local.simulators.robohead.settings import settings_of
from local.simulators.robohead.words import Text
from local.simulators.simulator import Simulator
from local.simulators.validation import IntText, Strict
from local.simulators.vendor import ViolationError

_ALL = -1


def _limit(value: object) -> int:
    if value == str(_ALL):
        return _ALL
    if not isinstance(value, str) or not value.isdigit() or int(value) < 1:
        raise ValueError("must be a whole number from 1, or -1 for all")
    return int(value)


class Command(Strict):
    """A query with the command; that it is the right one has been seen before."""

    cmd: Text


class PageQuery(Command):
    """A page of a list."""

    page: Annotated[IntText, Field(ge=1)] | None = None
    start: IntText | None = None
    limit: Annotated[int, BeforeValidator(_limit)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> PageQuery:
        if self.limit == _ALL and (self.start or (self.page or 1) != 1):
            raise ValueError("with limit -1 there is one page only")
        return self


def page_of(simulator: Simulator, query: PageQuery, rows: Sequence[Any]) -> dict[str, Any]:
    """Return the answer with the rows of a page; ViolationError if `page` and `start` contradict."""
    if query.limit == _ALL:
        return {"List": list(rows)}
    size = query.limit or settings_of(simulator).page_size
    start = query.start if query.start is not None else ((query.page or 1) - 1) * size
    if query.page is not None and start != (query.page - 1) * size:
        raise ViolationError(f"start: is not where page {query.page} starts, with {size} on each")
    return {"List": list(rows[start : start + size])}
