"""Good2Go's operations on jobs themselves (section Job management)."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator

from local.simulators.good2go.account import Account, Job
from local.simulators.good2go.announcements import Announcements
from local.simulators.good2go.views import Views
from local.simulators.good2go.words import INTERNAL_STATUSES, AltText, JobStatus, Label, Line, Moment
from local.simulators.validation import Email, Guid, Strict
from local.simulators.vendor import RefusedError, ViolationError, operation


def _one(value: object) -> object:
    if value is not True and not (type(value) is int and value == 1):
        raise ValueError("must be 1: only folders are made by this call")
    return True


class JobFields(Strict):
    """The fields that creating and updating share."""

    nullable: ClassVar[frozenset[str]] = frozenset({"parent_guid", "due_at"})

    parent_guid: Guid | None = None
    alt_text: AltText | None = None
    c_email: Email | None = None
    cus_download: bool | None = None
    due_at: Moment | None = None
    is_portal: bool | None = None
    label: Label | None = None
    p_email: Email | None = None
    show_job_spec: bool | None = None
    show_preflight: bool | None = None
    status: JobStatus | None = None
    type: Line | None = None


_PLAIN_FIELDS: Final = frozenset(
    {"alt_text", "cus_download", "due_at", "is_portal", "label", "parent_guid", "show_job_spec"}
    | {"show_preflight", "type"}
)


class NewJob(JobFields):
    """Create a new job."""

    is_folder: Annotated[bool, BeforeValidator(_one)]
    name: Line


class JobUpdate(JobFields):
    """Update an existing job."""

    is_folder: bool | None = None
    name: Line | None = None


class Duplicate(Strict):
    """Duplicate document."""

    c_email: Email | None = None


class Jobs:
    """The handlers."""

    def __init__(self, account: Account, views: Views, announcements: Announcements) -> None:
        self._account = account
        self._views = views
        self._announcements = announcements
        self._effect = account.simulator.effect

    @operation("GET", "/api/v1/jobs/<job_guid>", section="Get job information")
    def get_job(self, job_guid: str) -> dict[str, Any]:
        """Return one job, also from the trash."""
        return self._views.job(self._account.job(job_guid, trashed=True))

    @operation("POST", "/api/v1/jobs", section="Create a new job")
    def create_job(self, body: NewJob) -> dict[str, Any]:
        """Create a folder."""
        self._account.folder(body.parent_guid)
        _refuse_internal(body.status)
        job = self._account.add_job(body.name, is_folder=True)
        self._apply(job, body)
        self._effect("create_job", job.guid, name=job.name, parent_guid=job.parent_guid)
        self._announcements.by_api("created", job)
        return self._views.job(job)

    @operation("PUT", "/api/v1/jobs/<job_guid>", section="Update an existing job")
    def update_job(self, job_guid: str, body: JobUpdate) -> dict[str, Any]:
        """Change the fields that are given."""
        job = self._account.job(job_guid)
        if body.is_folder not in {None, job.is_folder}:
            raise ViolationError("is_folder: can't be changed after creation")
        _refuse_internal(body.status)
        if "parent_guid" in body.model_fields_set:
            self._account.move(job, body.parent_guid)
        status_changes = body.status not in {None, job.status}
        self._apply(job, body)
        if body.name is not None:
            job.name = body.name
        given = body.model_dump(mode="json", include=body.model_fields_set)
        self._effect("update_job", job.guid, changes=given)
        self._announcements.by_api("status" if status_changes else "updated", job, changes=given)
        return self._views.job(job)

    @operation("DELETE", "/api/v1/jobs/<job_guid>", section="Delete an existing job")
    def delete_job(self, job_guid: str) -> dict[str, Any]:
        """Move a job to the trash, or delete it for ever if it is there already."""
        job = self._account.job(job_guid, trashed=True)
        for_ever = self._views.delete_action(job) == "delete"
        if for_ever:
            job.deleted_at = job.deleted_at or self._account.now
            self._account.delete(job)
        else:
            self._account.trash(job)
        self._effect("delete_job", job.guid, for_ever=for_ever)
        self._announcements.by_api("deleted", job, for_ever=for_ever)
        return {}

    @operation("POST", "/api/v1/jobs/<job_guid>/duplicate", section="Duplicate document")
    def duplicate_job(self, job_guid: str, body: Duplicate) -> dict[str, Any]:
        """Make a new job of the newest file of a job."""
        original = self._account.job(job_guid)
        if original.is_folder:
            raise RefusedError(422, "Only documents can be duplicated.")
        job = self._account.add_job(original.name, is_folder=False)
        job.parent_guid, job.type = original.parent_guid, original.type
        job.versions = [
            dataclasses.replace(original.versions[-1], number=1, puid=None, uploaded_at=self._account.now)
        ]
        if body.c_email is not None:
            self._account.set_customer(job, body.c_email)
        self._effect("duplicate_job", job.guid, original=original.guid)
        self._announcements.by_api("created", job)
        return self._views.job(job)

    def _apply(self, job: Job, fields: JobFields) -> None:
        given = fields.given()
        for name in given.keys() & _PLAIN_FIELDS:
            setattr(job, name, given[name])
        if fields.c_email is not None:
            self._account.set_customer(job, fields.c_email)
        if fields.p_email is not None:
            self._account.set_partner(job, fields.p_email)
        if fields.status is not None and fields.status != job.status:
            self._account.set_status(job, fields.status)
        self._account.touch(job)


def _refuse_internal(status: str | None) -> None:
    if status in INTERNAL_STATUSES:
        raise ViolationError(f"status: {status} can't be assigned")
