"""Files of jobs: upload, next version, download. All in constant memory."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote, urlsplit

from pydantic import TypeAdapter

from proofbridge.vendors.download import Download, Writable
from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.local_file import LocalFile
from proofbridge.vendors.multipart import MultipartForm, Progress
from proofbridge.vendors.operation import Operation

from . import operations as op
from .area import Area
from .inputs import RemoteFile, Revision, Upload
from .models import Job

_JOB: Final = TypeAdapter(Job)
MIN_SECRET_LENGTH: Final = 16
"""A value in an address's query that is shorter opens nothing."""


class Files(Area):
    """Good2Go's files. Every method may raise any VendorError."""

    def upload(
        self, upload: Upload, file: LocalFile | RemoteFile, *, progress: Progress | None = None
    ) -> Job:
        """Make a job from a file ("Upload and create a file").

        The file is either sent (`filekey`) or fetched by the vendor (`file_url`). The call is not repeated
        once a byte of it went out; each attempt opens the source anew.
        """
        form = self._form(op.UPLOAD_FILE, upload, file, progress)
        return self._with(file).read(op.UPLOAD_FILE, _JOB, form=form, item=f"file {file.name!r}")

    def revise(
        self,
        job_guid: str,
        revision: Revision,
        file: LocalFile | RemoteFile,
        *,
        progress: Progress | None = None,
    ) -> Job:
        """Make the next version of a job's file ("Upload a file revision")."""
        ids = self._job(op.REVISE_FILE, job_guid)
        form = self._form(op.REVISE_FILE, revision, file, progress)
        return self._with(file).read(op.REVISE_FILE, _JOB, ids=ids, form=form, item=f"job {job_guid}")

    def download(self, job_guid: str, name: str, to: Writable, *, progress: Progress | None = None) -> int:
        """Write a job's document to `to` and return its size in bytes ("Download document").

        Who has GUID and name can download: no credentials are sent. Nothing is repeated once the file began.
        """
        with self.open(job_guid, name) as download:
            return download.write_to(to, progress)

    def open(self, job_guid: str, name: str) -> Download:
        """Begin a download; use what is returned as a context manager and iterate over it."""
        return self._api.open(
            op.DOWNLOAD_FILE,
            ids={**self._job(op.DOWNLOAD_FILE, job_guid), "name": name},
            item=f"job {job_guid}",
        )

    def _with(self, file: LocalFile | RemoteFile) -> VendorApi:
        """Return the API for a call about a file.

        An address often is a credential, so errors hide it; and the vendor may answer only when it has
        fetched what is there.
        """
        if isinstance(file, LocalFile):
            return self._api
        query = urlsplit(file.url).query
        values = [part.partition("=")[2] for part in query.split("&")]
        parts = (query, *values, *map(unquote, values))
        hidden = (file.url, *(part for part in parts if len(part) >= MIN_SECRET_LENGTH))
        return self._api.concealing(*hidden).patient()

    def _form(
        self,
        operation: Operation,
        properties: Upload | Revision,
        file: LocalFile | RemoteFile,
        progress: Progress | None,
    ) -> MultipartForm:
        fields: dict[str, Any] = properties.fields()
        if isinstance(file, RemoteFile):
            fields = {"name": file.name, **fields}
            fields |= {"file_url": file.url, "size": file.size_bytes, "type": file.type}
            return MultipartForm(form_fields(fields))
        try:
            part = file.part("filekey")
        except ValueError as error:
            raise self._api.invalid(operation, "file", str(error)) from None
        return MultipartForm(form_fields(fields), part, progress=progress)


def form_fields(data: dict[str, Any], within: str = "") -> list[tuple[str, str]]:
    """Flatten data into form fields: `task[due_at]`, `reviewers[0][email]`, booleans as "1" and ""."""
    fields: list[tuple[str, str]] = []
    for key, value in data.items():
        name = f"{within}[{key}]" if within else key
        if isinstance(value, list):
            value = {str(index): element for index, element in enumerate(value)}  # noqa: PLW2901
        if isinstance(value, dict):
            fields += form_fields(value, name)
        elif isinstance(value, bool):
            fields.append((name, "1" if value else ""))
        else:
            fields.append((name, str(value)))
    return fields
