"""What the areas of the RoboHead client share: the API, its operations, ids, and the paging of lists."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd
from typing import Final, TypeVar

from pydantic import TypeAdapter

from proofbridge.vendors.http import Query, VendorApi
from proofbridge.vendors.operation import Operation

from .models import Listing
from .operations import Operations

ALL: Final = -1
"""The page size that asks for a whole list at once."""
PAGE_SIZE: Final = 100

R = TypeVar("R")


class Area:
    """A part of the client that deals with one kind of thing."""

    def __init__(self, api: VendorApi, operations: Operations) -> None:
        self._api = api
        self._operations = operations

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._api!r})"

    def _id(self, operation: Operation, field: str, value: int) -> str:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self._api.invalid(operation, field, "must be a positive number")
        return str(value)

    def _pages(
        self,
        operation: Operation,
        listing: TypeAdapter[Listing[R]],
        query: Query,
        page_size: int,
        item: str | None = None,
    ) -> Iterator[tuple[R, ...]]:
        """Yield the pages of a list, none of them empty.

        Where a list ends is not documented. A page shorter than asked for need not be the last, as RoboHead
        may give less at once: the list ends with an empty page, or where `total` says so, or with a page that
        is the one before once more (then paging is ignored). `page` and `start` always mean the same place,
        so after such a page less is asked for: as much as came, or what divides the rows so far.

            limit 100: 100 rows, 100 rows, 37 rows; then limit 1, page 238, start 237: none, the end
            limit 100: 50 rows; then limit 50, page 2, start 50, and so on
        """
        if page_size != ALL:
            self._id(operation, "page_size", page_size)
        start, limit = 0, page_size
        before: tuple[R, ...] = ()
        while True:
            part = [("page", str(start // limit + 1)), ("start", str(start)), ("limit", str(limit))]
            page = self._api.read(operation, listing, query=[*query, *part], item=item)
            if not page.rows or page.rows == before:
                return
            yield page.rows
            came = len(page.rows)
            start, before = start + came, page.rows
            if limit == ALL if page.total is None else start >= page.total:
                return
            if came != limit:
                limit = came if start % came == 0 else gcd(start, limit)
