"""What filters are made of: comparators, options of lists, users."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Final, TypeVar

from pydantic import TypeAdapter

from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.operation import Operation

from .area import PAGE_SIZE, Area
from .enums import FieldType, ListType
from .filters import Filter
from .models import Comparator, Listing, ListOption, User
from .operations import Operations

ComparatorIds = MutableMapping[FieldType, Mapping[str, int]]
"""The ids of comparators by the type of column and their names in lower case."""

F = TypeVar("F", bound=Filter)

_COMPARATORS: Final = TypeAdapter(Listing[Comparator])
_OPTIONS: Final = TypeAdapter(Listing[ListOption])
_USERS: Final = TypeAdapter(Listing[User])


class Comparators(Area):
    """How columns can be compared. Any method may raise any VendorError."""

    def __init__(self, api: VendorApi, operations: Operations, known: ComparatorIds) -> None:
        super().__init__(api, operations)
        self._known = known

    def list(self, field_type: FieldType) -> tuple[Comparator, ...]:
        """Return the comparators for columns of a type ("comparatorId"). The list is taken to come whole."""
        query = [("fieldTypeId", str(field_type.value))]
        item = f"{field_type.words} columns"
        return self._api.read(self._operations.list_comparators, _COMPARATORS, query=query, item=item).rows

    def conditions(
        self, operation: Operation, kind: type[F], filters: Iterable[F]
    ) -> Iterator[tuple[str, str]]:
        """Yield the parameters that stand for filters: four for each, in step."""
        for condition in filters:
            if not isinstance(condition, kind):
                raise self._api.invalid(operation, "filters", f"each must be a {kind.__name__}")
            yield "filterColumn", condition.column
            yield "comparatorId", str(self._id_of(operation, condition))
            yield "filterValue", condition.filter_value()
            yield "fieldType", str(condition.field_type.value)

    def _id_of(self, operation: Operation, condition: Filter) -> int:
        """Return a comparator's id; names are asked of RoboHead once for each type of column."""
        if isinstance(condition.comparator, int):
            return condition.comparator
        known = self._known.get(condition.field_type)
        if known is None:
            known = {found.name.casefold(): found.id for found in self.list(condition.field_type)}
            self._known[condition.field_type] = known
        found = known.get(condition.comparator.casefold())
        if found is None:
            rule = f"a {condition.field_type.words} column has: {', '.join(known) or 'none'}"
            raise self._api.invalid(operation, f"{condition.column}.comparator", rule)
        return found


class Lists(Area):
    """Lists of options. Any method may raise any VendorError."""

    def by_type(self, list_type: ListType | int) -> tuple[ListOption, ...]:
        """Return the options of a list ("GetListByType"), which is taken to come whole.

        A list that the documentation doesn't name is asked for by its number.
        """
        operation = self._operations.list_options
        number = list_type.value if isinstance(list_type, ListType) else list_type
        query = [("type", self._id(operation, "type", number))]
        return self._api.read(operation, _OPTIONS, query=query, item=f"list {number}").rows

    def review_types(self) -> tuple[ListOption, ...]:
        """Return the options by which reviews can be filtered by type."""
        return self.by_type(ListType.REVIEW_TYPES)

    def review_statuses(self) -> tuple[ListOption, ...]:
        """Return the options by which reviews can be filtered by status."""
        return self.by_type(ListType.REVIEW_STATUSES)


class Users(Area):
    """The account's users. Any method may raise any VendorError."""

    def list(self, *, page_size: int = PAGE_SIZE) -> Iterator[User]:
        """Yield the active users ("ListAccountActiveUser")."""
        for page in self._pages(self._operations.list_users, _USERS, (), page_size):
            yield from page
