"""Good2Go's uploads, revisions and the download (sections File upload and File download)."""

from __future__ import annotations

import contextlib
import json
import mimetypes
import re
from collections.abc import Iterator
from typing import Annotated, Any, Final

from flask import Response, request
from pydantic import AfterValidator, ConfigDict, Field, model_validator

from local.simulators.good2go.account import Account, Job, Version
from local.simulators.good2go.announcements import Announcements
from local.simulators.good2go.fetching import fetch
from local.simulators.good2go.notices import Defaults, Notices, TaskFields, notice_of
from local.simulators.good2go.settings import settings_of
from local.simulators.good2go.views import Views
from local.simulators.good2go.words import (
    AltText,
    FormFlag,
    Label,
    Line,
    Puid,
    Reviewers,
    Schedule,
    TaskStatus,
    UploadCategory,
    UploadReason,
)
from local.simulators.multipart import ReceivedFile
from local.simulators.validation import Email, Guid, IntText, Strict, is_guid
from local.simulators.vendor import RefusedError, ViolationError, operation

_MIME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*/[A-Za-z0-9][A-Za-z0-9.+_-]*")
_FILE_URL_LENGTH: Final = 2000


def _mime(text: str) -> str:
    if not _MIME.fullmatch(text):
        raise ValueError("must be a mime type")
    return text


def _http_url(text: str) -> str:
    if not re.match(r"https?://[^/\s]+\S*\Z", text, re.IGNORECASE):
        raise ValueError("must be a URL")
    return text


class FormDefaults(Defaults):
    """`default[…]`."""

    comments: FormFlag | None = None
    task: FormFlag | None = None
    reviewers: FormFlag | None = None


class FormTask(TaskFields):
    """`task[…]`."""

    category: UploadCategory | None = None
    req_confirm: FormFlag | None = None
    status: TaskStatus | None = None


class UploadForm(Strict):
    """Upload and create a file, Upload a file revision.

    `filekey` and `file_url` (with `name`, `size` and `type`) are alternatives.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    comments: str | None = None
    default: FormDefaults | None = None
    schedule: Schedule | None = None
    task: FormTask | None = None
    reason: UploadReason
    recipient: Email | None = None
    reviewers: Reviewers | None = None
    alt_text: AltText | None = None
    label: Label | None = None
    name: Line | None = None
    parent: Guid | None = None
    puid: Puid | None = None
    file_url: Annotated[str, Field(max_length=_FILE_URL_LENGTH), AfterValidator(_http_url)] | None = None
    filekey: ReceivedFile | None = None
    size: IntText | None = None
    type: Annotated[str, AfterValidator(_mime)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> UploadForm:
        if (self.file_url is None) == (self.filekey is None):
            raise ValueError("one of filekey and file_url must be given, and not both")
        missing = [name for name in ("name", "size", "type") if getattr(self, name) is None]
        if self.file_url is not None and missing:
            raise ValueError(f"file_url needs {', '.join(missing)} too")
        return self


class Files:
    """The handlers. Files arrive without the simulator's lock, so that others can go on."""

    def __init__(
        self, account: Account, views: Views, announcements: Announcements, notices: Notices
    ) -> None:
        self._account = account
        self._simulator = account.simulator
        self._views = views
        self._announcements = announcements
        self._notices = notices

    @operation("POST", "/api/v1/upload", section="Upload and create a file", exclusive=False)
    def upload(self, form: UploadForm) -> dict[str, Any]:
        """Make a new job of a file, in the top level unless `parent` names a folder."""
        with self._received(form) as file, self._simulator.lock:
            self._account.folder(form.parent)
            job = self._account.add_job(form.name or file.name, is_folder=False)
            job.parent_guid = form.parent
            emails = self._take(job, form, file)
            self._record("upload", job, emails)
            self._announcements.by_api("uploaded", job, version=job.version)
            return self._views.job(job)

    @operation("POST", "/api/v1/jobs/<job_guid>/revision", section="Upload a file revision", exclusive=False)
    def upload_revision(self, job_guid: str, form: UploadForm) -> dict[str, Any]:
        """Add a version to a job: it is new again, and stays in its folder unless `parent` is given."""
        with self._simulator.lock:
            self._document(job_guid)
        with self._received(form) as file, self._simulator.lock:
            job = self._document(job_guid)
            if form.parent is not None:
                self._account.move(job, form.parent)
            job.name = form.name or file.name
            self._account.set_status(job, "new")
            emails = self._take(job, form, file)
            self._record("upload_revision", job, emails)
            self._announcements.by_api("revised", job, version=job.version)
            return self._views.job(job)

    @operation(
        "GET",
        "/review/download/<job_guid>/document/<path:name>",
        section="Download document",
        authenticated=False,
    )
    def download(self, job_guid: str, name: str) -> Response:
        """Return the newest file of a job to anyone who has its GUID and its name, which is one segment."""
        if "/" in request.environ["RAW_URI"].partition("/document/")[2].partition("?")[0]:
            raise ViolationError("name: its slashes must be encoded", status=404, message="Not Found")
        job = self._account.jobs.get(job_guid) if is_guid(job_guid) else None
        if job is None or job.name.casefold() != name.casefold() or job.deleted_at is not None:
            raise RefusedError(404, "Not Found")
        if job.is_folder or not settings_of(self._simulator).download_available:
            raise RefusedError(503, "Service Unavailable")
        answer = Response(job.versions[-1].blob.pieces(), content_type=job.type)
        answer.content_length = job.size_bytes
        return answer

    def _document(self, job_guid: str) -> Job:
        job = self._account.job(job_guid)
        if job.is_folder:
            raise RefusedError(422, "A folder can't have a revision.")
        return job

    @contextlib.contextmanager
    def _received(self, form: UploadForm) -> Iterator[ReceivedFile]:
        """Give the file of a form, fetched if it names a URL; what is not kept is deleted."""
        settings = settings_of(self._simulator)
        self._notices.check_reviewers(form.reviewers)
        file = form.filekey or fetch(
            form.file_url or "", self._simulator.blobs, settings.fetch_timeout_seconds
        )
        try:
            if settings.max_file_bytes is not None and file.blob.size_bytes > settings.max_file_bytes:
                raise RefusedError(413, "The file is too large.")
            if form.filekey is None and file.blob.size_bytes != form.size:
                raise ViolationError(f"size: the file at file_url has {file.blob.size_bytes} bytes")
            if not (form.name or file.name):
                raise ViolationError("name: is neither given nor in the file part")
            yield file
        finally:
            if form.filekey is None and not file.kept:
                self._simulator.blobs.discard(file.blob)

    def _take(self, job: Job, form: UploadForm, file: ReceivedFile) -> list[str]:
        """Add a version to a job, and do with people what the form says; returns who got e-mail."""
        guessed = mimetypes.guess_type(job.name)[0] or "application/octet-stream"
        declared = form.type if form.filekey is None else file.content_type
        number = job.version + 1 if job.versions else 1
        version = Version(
            number=number,
            name=job.name,
            type=declared or guessed,
            blob=file.keep(),
            via="file_url" if form.filekey is None else "filekey",
            puid=form.puid,
            uploaded_at=self._account.now,
        )
        job.versions.append(version)
        job.type = version.type
        given = form.given()
        for name in given.keys() & {"alt_text", "label", "puid"}:
            setattr(job, name, given[name])
        info = {"mime": job.type, "pages": 1}
        kind = "image-info" if version.type.startswith("image/") else "document-info"
        self._account.log(job, kind, json.dumps(info))
        self._account.log(job, "comments", f"Version {number} uploaded")
        return self._notices.carry_out(
            job,
            notice_of(
                task=form.task,
                default=form.default,
                reason=form.reason,
                schedule=form.schedule,
                comments=form.comments,
                recipient=form.recipient,
                reviewers=self._notices.check_reviewers(form.reviewers),
            ),
        )

    def _record(self, name: str, job: Job, emails: list[str]) -> None:
        version = job.versions[-1]
        self._simulator.effect(
            name,
            job.guid,
            name=job.name,
            version=version.number,
            sha256=version.blob.sha256,
            size_bytes=version.blob.size_bytes,
            parent_guid=job.parent_guid,
            puid=version.puid,
            emails=emails,
        )
