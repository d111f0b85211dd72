"""Files for Good2Go in Proofbridge's words (see `proofbridge.uploads.gateway`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from proofbridge.domain.files.naming import folded
from proofbridge.domain.items import ItemRef, Observation, Vendor
from proofbridge.vendors.errors import InvalidRequestError
from proofbridge.vendors.local_file import LocalFile
from proofbridge.vendors.upload_gateway import Found, Processing, Span

from .client import Good2Go
from .enums import DateField, Schedule, UploadReason, UploadTaskCategory
from .gateway import observation
from .inputs import Defaults, JobFilter, RemoteFile, Reviewer, Revision, Upload, UploadTask
from .models import JobSummary

if TYPE_CHECKING:
    from proofbridge.domain.actions import Action
    from proofbridge.domain.files.drops import NewVersion
    from proofbridge.vendors.multipart import Source

CLOCK_DIFFERENCE: Final = timedelta(minutes=1)
"""How far Good2Go's clock may be from ours."""


class Good2GoUploads:
    """How files become jobs and their versions."""

    vendor = Vendor.GOOD2GO
    fetches_by_url = True
    processes = False

    def __init__(self, client: Good2Go, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    def name_of(self, ref: ItemRef, new: NewVersion) -> str:  # noqa: ARG002 - see UploadGateway
        """Return the file's own name: a revision names its job."""
        return new.name

    def shared_name(self, new: NewVersion) -> str | None:  # noqa: ARG002 - see UploadGateway
        """Return None: every upload is a job of its own, whatever its name."""
        return None

    def named_alike(self, ref: ItemRef | None, new: NewVersion) -> list[Observation]:  # noqa: ARG002
        """Return nothing: names are no matter."""
        return []

    def upload(self, new: NewVersion, source: Source) -> Observation:
        """Send a file as a new job ("Upload and create a file"), our reference in `puid`."""
        return self._upload(new, LocalFile(source, new.name, new.content_type))

    def revise(self, ref: ItemRef, new: NewVersion, source: Source) -> Observation:
        """Send a file as the next version of a job; its review begins anew ("Upload a file revision")."""
        return self._revise(ref, new, LocalFile(source, new.name, new.content_type))

    def upload_by_url(self, new: NewVersion, url: str) -> Observation:
        """Have Good2Go fetch a file as a new job."""
        return self._upload(new, _remote(new, url))

    def revise_by_url(self, ref: ItemRef, new: NewVersion, url: str) -> Observation:
        """Have Good2Go fetch a file as the next version of a job."""
        return self._revise(ref, new, _remote(new, url))

    def find_uploads(self, new: NewVersion, span: Span) -> list[Found]:
        """Return the files of this name, size and recipient that this account made in the folder then.

        No filter knows our reference; where the answer has it, it decides. What a name has become there that
        forms write otherwise is not known, so none is asked for.
        """
        observed_at = self._now()
        wanted = JobFilter(
            parent=new.folder,
            name=new.name if folded(new.name) == new.name.casefold() else None,
            file_only=True,
            date_for=DateField.CREATED_AT,
            start_date=span.since - CLOCK_DIFFERENCE,
            end_date=span.until + CLOCK_DIFFERENCE,
        )
        return [
            Found(observation(job, observed_at), is_ours=job.puid == new.reference)
            for job in self._client.jobs.list(wanted)
            if folded(job.name or "") == folded(new.name)
            and job.size == new.size_bytes
            and _may_be_ours(job, new)
        ]

    def find_revision(self, ref: ItemRef, new: NewVersion, version: int, span: Span) -> Observation | None:
        """Return the job if it has a newer version of this size by now."""
        observed_at = self._now()
        job = self._client.jobs.get(ref.id)
        arrived = (
            (job.version or 0) > version
            and job.size == new.size_bytes
            and (job.updated_at is None or job.updated_at >= span.since - CLOCK_DIFFERENCE)
        )
        return observation(job, observed_at) if arrived else None

    def processing(self, ref: ItemRef) -> tuple[Processing, Observation]:
        """Say that the file can be reviewed: Good2Go shows no processing."""
        return Processing.DONE, observation(self._client.jobs.get(ref.id), self._now())

    def after(self, ref: ItemRef, new: NewVersion, proof_id: str) -> list[Action]:  # noqa: ARG002 - see UploadGateway
        """Return nothing: the upload itself has brought the review tasks."""
        return []

    def find_project(self, new: NewVersion) -> str | None:
        """Return the folder, which is always given by its GUID; None is the root."""
        return new.folder

    def create_project(self, new: NewVersion) -> str:
        """Refuse: destinations make no folders at Good2Go."""
        raise InvalidRequestError(
            "folder", f"must name a folder for {new.name!r}", vendor=self.vendor, operation="upload"
        )

    def _upload(self, new: NewVersion, file: LocalFile | RemoteFile) -> Observation:
        job = self._client.files.upload(
            Upload(
                reason=UploadReason.NOTIFY_TASK,
                comments=new.message,
                schedule=Schedule.NOW,
                task=_task(new),
                recipient=self._recipient(new),
                reviewers=_reviewers(new),
                parent=new.folder,
                puid=new.reference,
            ),
            file,
        )
        return observation(job, self._now())

    def _revise(self, ref: ItemRef, new: NewVersion, file: LocalFile | RemoteFile) -> Observation:
        job = self._client.files.revise(
            ref.id,
            Revision(
                reason=UploadReason.RESET_TASK,
                comments=new.message,
                schedule=Schedule.NOW,
                task=_task(new),
                recipient=self._recipient(new),
                reviewers=_reviewers(new),
                default=Defaults(reviewers=True) if new.keeps_reviewers else None,
                puid=new.reference,
            ),
            file,
        )
        return observation(job, self._now())

    def _recipient(self, new: NewVersion) -> str:
        if new.recipient is None:
            raise InvalidRequestError("recipient", "is needed", vendor=self.vendor, operation="upload")
        return new.recipient


def _may_be_ours(job: JobSummary, new: NewVersion) -> bool:
    if job.puid is not None:
        return job.puid == new.reference
    is_for = (job.c_email or "").casefold()
    return job.is_own is not False and is_for in {"", (new.recipient or "").casefold()}


def _task(new: NewVersion) -> UploadTask:
    category = UploadTaskCategory.REVIEW if new.category is None else UploadTaskCategory(new.category)
    return UploadTask(category=category, due_at=new.due_at)


def _reviewers(new: NewVersion) -> tuple[Reviewer, ...] | None:
    return tuple(Reviewer(email=address) for address in new.reviewers) or None


def _remote(new: NewVersion, url: str) -> RemoteFile:
    return RemoteFile(name=new.name, url=url, size_bytes=new.size_bytes, type=new.content_type)
