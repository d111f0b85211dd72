"""Reads a multipart form whose file part streams to disk while it is hashed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final, cast

from flask import Request
from pydantic import BaseModel
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import MultiPartParser

from local.simulators.blobs import Blob, BlobStore
from local.simulators.validation import check, nested
from local.simulators.vendor import ViolationError

_FIELD_BYTES: Final = 1 << 20
_PIECE_BYTES: Final = 1 << 20


@dataclass(slots=True)
class ReceivedFile:
    """A file part: its bytes, the name and the type that its part declares."""

    blob: Blob
    name: str
    content_type: str
    kept: bool = False

    def keep(self) -> Blob:
        """Return the blob, which the caller now owns; a file that nobody keeps is deleted."""
        self.kept = True
        return self.blob


@contextlib.contextmanager
def read_form(request: Request, model: type[BaseModel], blobs: BlobStore) -> Iterator[BaseModel]:
    """Give the form as a model, in which each file stands as a ReceivedFile under its part's name.

    ViolationError for another content type, a broken form, or fields that do not fit the model.
    """
    if request.mimetype != "multipart/form-data" or not request.mimetype_params.get("boundary"):
        raise ViolationError(
            f"the body is {request.mimetype or 'of no type'}, not multipart/form-data with a boundary",
            status=415,
        )
    received: list[Blob] = []
    files: list[ReceivedFile] = []

    def create(*_: Any, **__: Any) -> IO[bytes]:
        received.append(blobs.create())
        return received[-1]

    # The parser counts what it buffers of a file, too: up to two pieces beside the largest field.
    parser = MultiPartParser(
        create, max_form_memory_size=_FIELD_BYTES + 2 * _PIECE_BYTES, buffer_size=_PIECE_BYTES
    )
    try:
        boundary = request.mimetype_params["boundary"].encode()
        try:
            texts, parts = parser.parse(request.stream, boundary, request.content_length)
        except (ValueError, HTTPException) as error:
            raise ViolationError(f"the form can't be read: {error}") from None
        fields: MultiDict[str, Any] = MultiDict(texts.items(multi=True))
        for key, part in parts.items(multi=True):
            blob = cast("Blob", part.stream)
            blob.close()
            files.append(ReceivedFile(blob, part.filename or "", part.content_type or ""))
            fields.add(key, files[-1])
        yield check(model, nested(fields))
    finally:
        kept = {id(file.blob) for file in files if file.kept}
        for blob in received:
            if id(blob) not in kept:
                blobs.discard(blob)
