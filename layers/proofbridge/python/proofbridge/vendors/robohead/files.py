"""Files for reviews, uploaded in constant memory."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.local_file import LocalFile
from proofbridge.vendors.multipart import MultipartForm, Progress

from .area import Area
from .inputs import FileUpload
from .models import UploadedFile
from .operations import Operations

_UPLOADED: Final = TypeAdapter(UploadedFile)


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
            part = file.part("content")
        except ValueError as error:
            raise self._api.invalid(operation, "file", str(error)) from None
        fields = [("cmd", self._upload_command), *(upload or FileUpload()).form()]
        form = MultipartForm(fields, part, progress=progress)
        return self._api.read(operation, _UPLOADED, form=form, item=f"file {file.name!r}")
