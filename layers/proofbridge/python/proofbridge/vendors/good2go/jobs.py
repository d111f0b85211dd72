"""Jobs: proofs and folders, what is done with them, and who stands behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, TypeAdapter
from pydantic_core import to_json

from proofbridge.vendors.operation import Operation

from . import operations as op
from .area import Area
from .enums import Inheritable, JobAction
from .inputs import (
    AssignmentCreate,
    ContactUpdate,
    FolderCreate,
    JobActionDetails,
    JobDuplicate,
    JobFilter,
    JobLock,
    JobMove,
    JobUpdate,
    StatusUpdate,
)
from .models import (
    Analytics,
    Assignment,
    ChangeLog,
    Contact,
    Job,
    JobPage,
    JobSummary,
    LockState,
    Ownership,
)


def _none_if_empty(value: Any) -> Any:
    return value or None


_JOB: Final = TypeAdapter(Job)
_PAGE: Final = TypeAdapter(JobPage)
_OWNERSHIP: Final = TypeAdapter(Ownership)
_ASSIGNMENT: Final = TypeAdapter(Assignment)
_CHANGELOGS: Final[TypeAdapter[tuple[ChangeLog, ...]]] = TypeAdapter(tuple[ChangeLog, ...])
_LATEST: Final[TypeAdapter[ChangeLog | None]] = TypeAdapter(
    Annotated[ChangeLog | None, BeforeValidator(_none_if_empty)]
)
_LOCK: Final = TypeAdapter(LockState)
_CONTACT: Final = TypeAdapter(Contact)
_ANALYTICS: Final = TypeAdapter(Analytics)


class Jobs(Area):
    """Good2Go's jobs. Every method may raise any VendorError."""

    def list(self, filter: JobFilter | None = None) -> Iterator[JobSummary]:  # noqa: A002 - the vendor's word
        """Yield the jobs that match, page by page ("Get job list"), in constant memory.

        A job that moves between pages while they are read may come twice or not at all.
        """
        for page in self.pages(filter):
            yield from page.data

    def pages(self, filter: JobFilter | None = None, *, first: int = 1) -> Iterator[JobPage]:  # noqa: A002
        """Yield the pages of the job list from page `first` (1 or more) on, as `meta` counts them.

        The links in an answer name another host over http and are never followed. An answer without `meta` is
        taken as the only page. The page size is the vendor's.
        """
        if first < 1:
            raise self._api.invalid(op.LIST_JOBS, "first", "must be 1 or more")
        query = (filter or JobFilter()).query()
        number = first
        while True:
            page = self._api.read(op.LIST_JOBS, _PAGE, query=[*query, ("page", str(number))])
            yield page
            last = page.meta.last_page if page.meta else None
            if last is None or number >= last or not page.data:
                return
            number += 1

    def get(self, job_guid: str) -> Job:
        """Return one job ("Get job information")."""
        return self._read_job(op.GET_JOB, job_guid)

    def create_folder(self, folder: FolderCreate) -> Job:
        """Make a folder ("Create a new job"). Files are made by `files.upload`."""
        body = to_json({**folder.fields(), "is_folder": True})
        return self._api.read(op.CREATE_FOLDER, _JOB, json=body, item=f"folder {folder.name!r}")

    def update(self, job_guid: str, changes: JobUpdate) -> Job:
        """Change what is given of a job ("Update an existing job") and return it."""
        return self._read_job(op.UPDATE_JOB, job_guid, changes.json_body())

    def delete(self, job_guid: str) -> None:
        """Delete a job ("Delete an existing job").

        The first call may only move it to the trash, a second deletes it for ever: never repeated here.
        """
        self._api.do(op.DELETE_JOB, ids=self._job(op.DELETE_JOB, job_guid), item=f"job {job_guid}")

    def duplicate(self, job_guid: str, *, c_email: str | None = None) -> Job:
        """Make a new job from a job's file, for a customer if given ("Duplicate document")."""
        return self._read_job(op.DUPLICATE_JOB, job_guid, JobDuplicate(c_email=c_email).json_body())

    def ownership(self, job_guid: str) -> Ownership:
        """Return whose a job is and in which folder it lies ("Get job owner information")."""
        return self._api.read(
            op.GET_OWNERSHIP, _OWNERSHIP, ids=self._job(op.GET_OWNERSHIP, job_guid), item=f"job {job_guid}"
        )

    def move(self, job_guid: str, parent_guid: str | None) -> Job:
        """Move a job to a folder, None for the root ("Update job owner and parent folder").

        A folder of another user brings the job to that user.
        """
        return self._read_job(op.MOVE_JOB, job_guid, JobMove(parent_guid=parent_guid).json_body())

    def apply(self, job_guid: str, action: JobAction, *, ignore: Sequence[Inheritable] = ()) -> Job:
        """Apply an action ("Apply a job action"): renew an expired job, inherit from the folder, send to MIS.

        `ignore` names what `inherit` shall leave alone.
        """
        word = self._word(op.APPLY_ACTION, "action", JobAction, action)
        if ignore and word != JobAction.INHERIT:
            raise self._api.invalid(op.APPLY_ACTION, "ignore", "goes with the action inherit only")
        ids = {**self._job(op.APPLY_ACTION, job_guid), "action": word}
        body = JobActionDetails(ignore=tuple(ignore) or None).json_body()
        return self._api.read(op.APPLY_ACTION, _JOB, ids=ids, json=body, item=f"job {job_guid}")

    def assign(self, job_guid: str, assignment: AssignmentCreate) -> Assignment:
        """Give a job to a team member, who is told by e-mail ("Assign to team member")."""
        return self._api.read(
            op.ASSIGN_JOB,
            _ASSIGNMENT,
            ids=self._job(op.ASSIGN_JOB, job_guid),
            json=assignment.json_body(),
            item=f"job {job_guid}",
        )

    def changelogs(self, job_guid: str) -> tuple[ChangeLog, ...]:
        """Return a job's history ("Get job history")."""
        return self._api.read(
            op.LIST_CHANGELOGS,
            _CHANGELOGS,
            ids=self._job(op.LIST_CHANGELOGS, job_guid),
            item=f"job {job_guid}",
        )

    def latest_changelog(self, job_guid: str) -> ChangeLog | None:
        """Return the newest comment on a job, None where there is none ("Get latest job comments").

        The documentation doesn't say what is answered then: a 404, as for a missing job, is a NotFoundError.
        """
        return self._api.read(
            op.LATEST_CHANGELOG,
            _LATEST,
            ids=self._job(op.LATEST_CHANGELOG, job_guid),
            item=f"job {job_guid}",
        )

    def lock_state(self, job_guid: str) -> LockState:
        """Return whether a job is locked ("Get lock state of a job")."""
        return self._api.read(
            op.GET_LOCK, _LOCK, ids=self._job(op.GET_LOCK, job_guid), item=f"job {job_guid}"
        )

    def set_locked(self, job_guid: str, *, locked: bool) -> Job:
        """Lock or unlock a job ("Lock or unlock a job")."""
        return self._read_job(op.SET_LOCK, job_guid, JobLock(locked=locked).json_body())

    def send_status_update(self, job_guid: str, label: str) -> Job:
        """Set one of the account's labels and send it on ("Send status update"); at most 64 characters."""
        return self._read_job(op.SEND_STATUS_UPDATE, job_guid, StatusUpdate(label=label).json_body())

    def _read_job(self, operation: Operation, job_guid: str, body: bytes | None = None) -> Job:
        ids = self._job(operation, job_guid)
        return self._api.read(operation, _JOB, ids=ids, json=body, item=f"job {job_guid}")


class Customers(Area):
    """The customers of jobs."""

    def get(self, job_guid: str) -> Contact:
        """Return a job's customer; NotFoundError also when it has none ("Get job's customer information")."""
        return self._contact(op.GET_CUSTOMER, job_guid)

    def set(self, job_guid: str, contact: ContactUpdate) -> Contact:
        """Set or change a job's customer ("Update job's customer")."""
        return self._contact(op.SET_CUSTOMER, job_guid, contact.json_body())

    def remove(self, job_guid: str) -> None:
        """Take a job's customer away ("Unassign job's customer")."""
        self._remove(op.REMOVE_CUSTOMER, job_guid)

    def _contact(self, operation: Operation, job_guid: str, body: bytes | None = None) -> Contact:
        ids = self._job(operation, job_guid)
        return self._api.read(operation, _CONTACT, ids=ids, json=body, item=f"job {job_guid}")

    def _remove(self, operation: Operation, job_guid: str) -> None:
        self._api.do(operation, ids=self._job(operation, job_guid), item=f"job {job_guid}")


class Partners(Customers):
    """The partners to whom jobs are forwarded: contacts like the customers."""

    def get(self, job_guid: str) -> Contact:
        """Return a job's partner; NotFoundError also when it has none ("Get job's partner information")."""
        return self._contact(op.GET_PARTNER, job_guid)

    def set(self, job_guid: str, contact: ContactUpdate) -> Contact:
        """Set or change a job's partner ("Update job's partner")."""
        return self._contact(op.SET_PARTNER, job_guid, contact.json_body())

    def remove(self, job_guid: str) -> None:
        """Take a job's partner away ("Unassign job's partner")."""
        self._remove(op.REMOVE_PARTNER, job_guid)


class AnalyticsArea(Area):
    """Numbers about jobs."""

    def account(self) -> Analytics:
        """Return the numbers over all jobs ("Get analytical data")."""
        return self._api.read(op.ACCOUNT_ANALYTICS, _ANALYTICS)

    def folder(self, job_guid: str) -> Analytics:
        """Return the numbers of one folder ("Get analytical data for files in a folder").

        RejectedError (422) when it is a file.
        """
        ids = self._job(op.FOLDER_ANALYTICS, job_guid)
        return self._api.read(op.FOLDER_ANALYTICS, _ANALYTICS, ids=ids, item=f"job {job_guid}")
