"""What the areas of the Approval Studio client share: how ids are checked and written, how files are sent."""

from __future__ import annotations

import re
from typing import Final, TypedDict, TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_json

from proofbridge.vendors.download import Download
from proofbridge.vendors.http import Query
from proofbridge.vendors.local_file import MAX_NAME_LENGTH, LocalFile
from proofbridge.vendors.multipart import MultipartForm, Progress
from proofbridge.vendors.operation import Operation
from proofbridge.vendors.writing import is_text

from .api import StudioApi
from .dialect import Place, Uploads
from .inputs import UID_PATTERN, json_name, query_name
from .models import Envelope

_UID: Final = re.compile(UID_PATTERN)
T = TypeVar("T")


class _Naming(TypedDict, total=False):
    query: Query
    json: bytes


class Area:
    """A part of the client that deals with one kind of thing."""

    def __init__(self, api: StudioApi) -> None:
        self._api = api

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._api!r})"

    def _read(self, operation: Operation, answer: TypeAdapter[Envelope[T]], thing: str, uid: str) -> T:
        """Return what a GET tells of a thing, such as an asset."""
        query = self._query(operation, thing, uid)
        return self._api.read(operation, answer, query=query, item=_item(thing, uid))

    def _open(self, operation: Operation, thing: str, uid: str) -> Download:
        query = self._query(operation, thing, uid)
        return self._api.open(operation, query=query, item=_item(thing, uid))

    def _delete(self, operation: Operation, thing: str, uid: str) -> None:
        named = self._naming(operation, self._api.dialect.deletes, thing, uid)
        self._api.do(operation, **named, item=_item(thing, uid))

    def _change(self, operation: Operation, thing: str, uid: str, *, done_before: int | None = None) -> None:
        """Carry out a PUT that says nothing but what it is about."""
        named = self._naming(operation, self._api.dialect.changes, thing, uid)
        self._api.do(operation, **named, item=_item(thing, uid), done_before=done_before)

    def _upload(
        self,
        operation: Operation,
        answer: TypeAdapter[Envelope[T]],
        file: LocalFile,
        kind: str,
        project_uid: str,
        task_uid: str | None,
        progress: Progress | None,
    ) -> T:
        """Send a file to a project, in the dialect's way of writing that."""
        given = list(self._query(operation, "project", project_uid))
        if task_uid is not None:
            given += self._query(operation, "task", task_uid)
        if not 0 < len(file.name) <= MAX_NAME_LENGTH or not is_text(file.name):
            raise self._api.invalid(operation, "name", f"must be text of 1 to {MAX_NAME_LENGTH} characters")
        uploads = self._api.dialect.uploads
        try:
            part = file.part(uploads.value)
        except ValueError as error:
            raise self._api.invalid(operation, "content_type", str(error)) from None
        query: Query = ()
        if uploads is Uploads.ATTACHMENT_AND_QUERY:
            query, given = [*given, ("FileName", file.name)], []
        form = MultipartForm(given, part, progress=progress)
        item = f"{kind} {file.name!r} for project {project_uid}"
        return self._api.read(operation, answer, query=query, form=form, item=item)

    def _query(self, operation: Operation, thing: str, uid: str) -> Query:
        """Return the query that names a thing, as in `AssetUID=…`."""
        return [(query_name(f"{thing}_uid"), self._uid(operation, thing, uid))]

    def _naming(self, operation: Operation, place: Place, thing: str, uid: str) -> _Naming:
        if place is Place.QUERY:
            return {"query": self._query(operation, thing, uid)}
        return {"json": to_json({json_name(f"{thing}_uid"): self._uid(operation, thing, uid)})}

    def _uid(self, operation: Operation, thing: str, uid: str) -> str:
        if not _UID.fullmatch(uid):
            raise self._api.invalid(operation, f"{thing}_uid", "must be a UID: letters, digits, _ and -")
        return uid


def _item(thing: str, uid: str) -> str:
    return f"{'document' if thing == 'ref_doc' else thing} {uid}"
