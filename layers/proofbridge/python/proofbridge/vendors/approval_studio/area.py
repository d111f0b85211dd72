"""What the areas of the Approval Studio client share: how ids are checked and written, how files are sent."""

from __future__ import annotations

import mimetypes
import re
from typing import Final, TypedDict

from pydantic_core import to_json

from proofbridge.vendors.http import Query
from proofbridge.vendors.multipart import FilePart, MultipartForm, Progress, Source
from proofbridge.vendors.operation import Operation
from proofbridge.vendors.writing import check_mime_type, is_text

from .api import StudioApi
from .dialect import Place, Uploads
from .inputs import UID_PATTERN, json_name, query_name

MAX_NAME_LENGTH: Final = 255

_UID: Final = re.compile(UID_PATTERN)


class _Naming(TypedDict, total=False):
    query: Query
    json: bytes


class Area:
    """A part of the client that deals with one kind of thing."""

    def __init__(self, api: StudioApi) -> None:
        self._api = api

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._api!r})"

    def _query(self, operation: Operation, field: str, uid: str) -> Query:
        """Return the query that names a thing, as in `AssetUID=…`."""
        return [(query_name(field), self._uid(operation, field, uid))]

    def _deleted(self, operation: Operation, field: str, uid: str) -> _Naming:
        """Return how a DELETE names what it is about."""
        return self._naming(operation, self._api.dialect.deletes, field, uid)

    def _changed(self, operation: Operation, field: str, uid: str) -> _Naming:
        """Return how a PUT names what it is about, where it says nothing else."""
        return self._naming(operation, self._api.dialect.changes, field, uid)

    def _naming(self, operation: Operation, place: Place, field: str, uid: str) -> _Naming:
        if place is Place.QUERY:
            return {"query": self._query(operation, field, uid)}
        return {"json": to_json({json_name(field): self._uid(operation, field, uid)})}

    def _uid(self, operation: Operation, field: str, uid: str) -> str:
        if not _UID.fullmatch(uid):
            raise self._api.invalid(operation, field, "must be a UID: letters, digits, _ and -")
        return uid

    def _upload(
        self,
        operation: Operation,
        fields: dict[str, str | None],
        source: Source,
        name: str,
        content_type: str | None,
        progress: Progress | None,
    ) -> tuple[Query, MultipartForm]:
        """Return an upload's query and form, in the dialect's way of writing them."""
        given = [
            (query_name(field), self._uid(operation, field, uid))
            for field, uid in fields.items()
            if uid is not None
        ]
        if not 0 < len(name) <= MAX_NAME_LENGTH or not is_text(name):
            raise self._api.invalid(operation, "name", f"must be text of 1 to {MAX_NAME_LENGTH} characters")
        guessed = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        try:
            check_mime_type(guessed)
        except ValueError as error:
            raise self._api.invalid(operation, "content_type", str(error)) from None
        uploads = self._api.dialect.uploads
        part = FilePart(uploads.value, name, guessed, source)
        if uploads is Uploads.ATTACHMENT_AND_QUERY:
            return [*given, ("FileName", name)], MultipartForm([], part, progress=progress)
        return (), MultipartForm(given, part, progress=progress)
