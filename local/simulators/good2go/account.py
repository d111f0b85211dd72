"""What a Good2Go account holds: jobs (files and folders) with their versions, tasks, reminders and logs."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from local.simulators.blobs import Blob
from local.simulators.good2go.settings import settings_of
from local.simulators.simulator import Simulator
from local.simulators.validation import is_guid
from local.simulators.vendor import RefusedError, ViolationError

PROOFS_GUID: Final = "6f1f4c1e-0b1d-4c53-9a55-0d6f1a2b3c4d"
NOT_FOUND: Final = "Resource not found"
INHERITED: Final = (
    "alt_text",
    "c_email",
    "due_at",
    "p_email",
    "cus_download",
    "show_job_spec",
    "show_preflight",
)
"""The properties that a job can take over from its folder."""


@dataclass(frozen=True, slots=True)
class Version:
    """One uploaded file of a job."""

    number: int
    name: str
    type: str
    blob: Blob
    via: str
    puid: str | None
    uploaded_at: datetime


@dataclass(slots=True)
class Task:
    """What one person is asked to do with a job. `status` may be "closed", which reading shows as done."""

    id: int
    category: str
    assigned_to: str
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None = None
    executed_at: datetime | None = None
    job_status: str | None = None
    req_confirm: bool = False
    status: str = "new"


@dataclass(slots=True)
class Reminder:
    """An automatic reminder, relative to the due date."""

    id: int
    quantity: int
    unit: str
    comparator: str
    cancelled: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ManualNotice:
    """A notification that somebody sent, or scheduled for later, by hand."""

    category: str
    date: datetime | None
    schedule: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of a job's history."""

    id: int
    category: str
    comments: str
    created_at: datetime
    from_email: str


@dataclass(slots=True)
class Contact:
    """A customer or a partner in the account's settings."""

    id: int
    email: str
    created_at: datetime
    updated_at: datetime
    details: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Job:
    """A file or a folder. `parent_guid` None is the top level."""

    guid: str
    name: str
    is_folder: bool
    owner_email: str
    created_at: datetime
    updated_at: datetime
    parent_guid: str | None = None
    alt_text: str | None = None
    c_email: str | None = None
    p_email: str | None = None
    cus_download: bool = False
    due_at: datetime | None = None
    is_portal: bool = False
    label: str | None = None
    show_job_spec: bool = False
    show_preflight: bool = False
    status: str = "new"
    status_before_expiry: str = "new"
    type: str | None = None
    puid: str | None = None
    locked: bool = False
    has_comment: bool = False
    newly_assigned: bool = False
    asg_email: str | None = None
    assigned_at: datetime | None = None
    reviewed_at: datetime | None = None
    reminded_at: datetime | None = None
    deleted_at: datetime | None = None
    versions: list[Version] = field(default_factory=list)
    tasks: dict[int, Task] = field(default_factory=dict)
    reminders: dict[int, Reminder] = field(default_factory=dict)
    notices: list[ManualNotice] = field(default_factory=list)
    notifications: dict[str, dict[str, Any]] = field(default_factory=dict)
    log: list[LogEntry] = field(default_factory=list)

    @property
    def version(self) -> int:
        """The number of the newest version; 1 for a folder."""
        return self.versions[-1].number if self.versions else 1

    @property
    def size_bytes(self) -> int:
        """The size of the newest version's file; 0 for a folder."""
        return self.versions[-1].blob.size_bytes if self.versions else 0

    @property
    def last_comment(self) -> str | None:
        """What was last said in its history."""
        said = (entry.comments for entry in reversed(self.log) if entry.category == "comments")
        return next(said, None)


class Account:
    """The state of the simulated account, and what every part of the API does with it."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.jobs: dict[str, Job] = {}
        self.reset()

    def reset(self) -> None:
        """Return to the seeded state: one empty folder."""
        self._discard(self.jobs)
        self.jobs.clear()
        self.customers: dict[str, Contact] = {}
        self.partners: dict[str, Contact] = {}
        self._task_ids = itertools.count(1)
        self._reminder_ids = itertools.count(1)
        self._log_ids = itertools.count(1)
        self._contact_ids = itertools.count(1)
        self.add_job("Proofs", is_folder=True, guid=PROOFS_GUID)
        self.opened_at = self.now

    @property
    def now(self) -> datetime:
        """The simulated moment."""
        return self.simulator.clock.now()

    @property
    def email(self) -> str:
        """The address of the account's owner, on whose behalf the API acts."""
        return settings_of(self.simulator).account_email

    def add_job(self, name: str, *, is_folder: bool, guid: str | None = None) -> Job:
        """Add a job at the top level."""
        now = self.now
        job = Job(guid or str(uuid.uuid4()), name, is_folder, self.email, now, now)
        self.jobs[job.guid] = job
        return job

    def job(self, guid: str, *, trashed: bool = False) -> Job:
        """Return a job; RefusedError 404 if there is none (or, unless `trashed`, if it is in the trash)."""
        if not is_guid(guid):
            raise ViolationError(f"{guid} is no GUID", status=404, message=NOT_FOUND)
        job = self.jobs.get(guid)
        if job is None or (job.deleted_at is not None and not trashed):
            raise RefusedError(404, NOT_FOUND)
        return job

    def folder(self, guid: str | None) -> Job | None:
        """Return a folder, None for the top level; RefusedError 404 or 422 for what is none."""
        if guid is None:
            return None
        folder = self.job(guid)
        if not folder.is_folder:
            raise RefusedError(422, "Parent job is not a folder.")
        return folder

    def under(self, guid: str | None) -> list[Job]:
        """Return every job under a folder at any depth; None stands for the top level."""
        found = [job for job in self.jobs.values() if job.parent_guid == guid]
        for job in list(found):
            found += self.under(job.guid) if job.is_folder else []
        return found

    def move(self, job: Job, parent_guid: str | None) -> None:
        """Move a job into a folder; RefusedError for what is no folder, or lies in the job itself."""
        folder = self.folder(parent_guid)
        while folder is not None:
            if folder is job:
                raise RefusedError(422, "A folder can't be moved into itself.")
            folder = self.folder(folder.parent_guid)
        job.parent_guid = parent_guid

    def touch(self, job: Job) -> None:
        """Note that a job was changed just now."""
        job.updated_at = self.now

    def log(self, job: Job, category: str, comments: str, by: str | None = None) -> LogEntry:
        """Append to a job's history."""
        entry = LogEntry(next(self._log_ids), category, comments, self.now, by or self.email)
        job.log.append(entry)
        return entry

    def add_task(self, job: Job, category: str, assigned_to: str) -> Task:
        """Add a task."""
        now = self.now
        task = Task(next(self._task_ids), category, assigned_to, now, now)
        job.tasks[task.id] = task
        return task

    def task(self, job: Job, task_id: int) -> Task:
        """Return a task; RefusedError 404 if there is none."""
        if task_id not in job.tasks:
            raise RefusedError(404, NOT_FOUND)
        return job.tasks[task_id]

    def next_reminder_id(self) -> int:
        """Return the id of the next reminder."""
        return next(self._reminder_ids)

    def set_customer(self, job: Job, email: str | None) -> None:
        """Make somebody the job's customer, adding them to the customers if they are new."""
        job.c_email = email
        if email is not None:
            self.contact(self.customers, email)

    def set_partner(self, job: Job, email: str | None) -> None:
        """Make somebody the job's partner, adding them to the partners if they are new."""
        job.p_email = email
        if email is not None:
            self.contact(self.partners, email)

    def contact(self, contacts: dict[str, Contact], email: str) -> Contact:
        """Return the contact of that address, a new one if there is none."""
        if email not in contacts:
            now = self.now
            contacts[email] = Contact(next(self._contact_ids), email, now, now)
        return contacts[email]

    def set_status(self, job: Job, status: str) -> None:
        """Change a job's status; a decision is dated, a new review is not."""
        if status == "expired" and job.status != "expired":
            job.status_before_expiry = job.status
        job.status = status
        if status in {"approved", "rejected", "change-requested"}:
            job.reviewed_at = self.now
        elif status == "new":
            job.reviewed_at = None
        self.touch(job)

    def reset_review(self, job: Job) -> None:
        """Bring a job and all its tasks to their initial state."""
        self.set_status(job, "new")
        for task in job.tasks.values():
            self.reset_task(task)

    def reset_task(self, task: Task) -> None:
        """Bring a task to its initial state."""
        task.status, task.job_status, task.updated_at = "new", None, self.now

    def trash(self, job: Job) -> None:
        """Move a job, and all that a folder holds, to the trash."""
        for trashed in (job, *(self.under(job.guid) if job.is_folder else ())):
            trashed.deleted_at = self.now

    def delete(self, job: Job) -> None:
        """Delete a job, and all that a folder holds, for ever."""
        gone = {
            other.guid: self.jobs.pop(other.guid)
            for other in (job, *(self.under(job.guid) if job.is_folder else ()))
        }
        self._discard(gone)

    def _discard(self, gone: dict[str, Job]) -> None:
        """Delete the files of jobs that are no more, but not those that duplicates still hold."""
        held = {
            version.blob.path
            for guid, job in self.jobs.items()
            if guid not in gone
            for version in job.versions
        }
        for job in gone.values():
            for version in job.versions:
                if version.blob.path not in held:
                    self.simulator.blobs.discard(version.blob)
