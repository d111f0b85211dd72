"""What the areas of the Good2Go client share: the API, and ids checked before they go into a path."""

from __future__ import annotations

from enum import StrEnum

from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.operation import Operation
from proofbridge.vendors.writing import check_guid


class Area:
    """A part of the client that deals with one kind of thing."""

    def __init__(self, api: VendorApi) -> None:
        self._api = api

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._api!r})"

    def _guid(self, operation: Operation, field: str, value: str) -> str:
        try:
            return check_guid(value)
        except ValueError as error:
            raise self._api.invalid(operation, field, str(error)) from None

    def _word(self, operation: Operation, field: str, words: type[StrEnum], value: str) -> str:
        try:
            return words(value).value
        except ValueError:
            rule = f"must be one of {', '.join(words)}"
            raise self._api.invalid(operation, field, rule) from None

    def _job(self, operation: Operation, job_guid: str) -> dict[str, str | int]:
        return {"job_guid": self._guid(operation, "job_guid", job_guid)}

    def _part(self, operation: Operation, job_guid: str, field: str, number: int) -> dict[str, str | int]:
        """Return the ids of something that hangs on a job; the -1 of manual reminders names nothing."""
        if number < 1:
            raise self._api.invalid(operation, field, "must be a positive number")
        return {**self._job(operation, job_guid), field: number}
