"""Files for reviews, uploaded in constant memory."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.multipart import FilePart, MultipartForm, Progress, Source
from proofbridge.vendors.writing import check_mime_type, is_text

from .area import Area
from .inputs import FileUpload
from .models import UploadedFile
from .operations import Operations

MAX_NAME_LENGTH: Final = 255

_UPLOADED: Final = TypeAdapter(UploadedFile)


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that goes with the request; its type is guessed from its name when not given."""

    source: Source
    name: str
    content_type: str | None = None

    def part(self) -> FilePart:
        """Return the part of the form that carries it, under the vendor's field `content`."""
        if not 0 < len(self.name) <= MAX_NAME_LENGTH or not is_text(self.name):
            raise ValueError(f"its name must be text of 1 to {MAX_NAME_LENGTH} characters")
        guessed = self.content_type or mimetypes.guess_type(self.name)[0] or "application/octet-stream"
        return FilePart("content", self.name, check_mime_type(guessed), self.source)


class Files(Area):
    """RoboHead's files. Any method may raise any VendorError."""

    def __init__(self, api: VendorApi, operations: Operations, upload_command: str) -> None:
        super().__init__(api, operations)
        self._upload_command = upload_command

    def upload(
        self, file: LocalFile, upload: FileUpload | None = None, *, progress: Progress | None = None
    ) -> UploadedFile:
        """Send a file (outside the documentation at hand); its id then goes into an item of a review.

        The call is not repeated once a byte of it went out; each attempt opens the source anew.
        """
        operation = self._operations.upload_file
        try:
            part = file.part()
        except ValueError as error:
            raise self._api.invalid(operation, "file", str(error)) from None
        fields = [("cmd", self._upload_command), *(upload or FileUpload()).form()]
        form = MultipartForm(fields, part, progress=progress)
        return self._api.read(operation, _UPLOADED, form=form, item=f"file {file.name!r}")
