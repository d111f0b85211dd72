"""Good2Go's ownership and analytics (sections Ownership and Get analytical data)."""

from __future__ import annotations

from typing import Any, ClassVar

from local.simulators.good2go.account import Account, Job
from local.simulators.good2go.announcements import Announcements
from local.simulators.good2go.views import Views
from local.simulators.validation import Guid, Strict
from local.simulators.vendor import RefusedError, operation

_MEGABYTE = 1 << 20


class NewOwnership(Strict):
    """Update job owner and parent folder; null is the top level."""

    nullable: ClassVar[frozenset[str]] = frozenset({"parent_guid"})

    parent_guid: Guid | None


class Ownership:
    """The handlers."""

    def __init__(self, account: Account, views: Views, announcements: Announcements) -> None:
        self._account = account
        self._views = views
        self._announcements = announcements

    @operation("GET", "/api/v1/jobs/<job_guid>/ownership", section="Get job owner information")
    def get_ownership(self, job_guid: str) -> dict[str, Any]:
        """Return a job's owner and its folder."""
        job = self._account.job(job_guid)
        folder = self._account.folder(job.parent_guid)
        return {
            "guid": job.guid,
            "owner": {"email": job.owner_email, "full_name": job.owner_email.partition("@")[0].title()},
            "parent": None if folder is None else self._views.job(folder),
            "parent_guid": job.parent_guid,
        }

    @operation("POST", "/api/v1/jobs/<job_guid>/ownership", section="Update job owner and parent folder")
    def update_ownership(self, job_guid: str, body: NewOwnership) -> dict[str, Any]:
        """Move a job to another folder."""
        job = self._account.job(job_guid)
        self._account.move(job, body.parent_guid)
        self._account.touch(job)
        self._account.simulator.effect("update_ownership", job.guid, parent_guid=body.parent_guid)
        self._announcements.by_api("updated", job, parent_guid=body.parent_guid)
        return self._views.job(job)

    @operation("GET", "/api/v1/analytics/jobs", section="Get analytical data")
    def get_analytics(self) -> dict[str, Any]:
        """Return the figures of all jobs."""
        return self._figures(None)

    @operation(
        "GET", "/api/v1/analytics/jobs/<job_guid>", section="Get analytical data for files in a folder"
    )
    def get_folder_analytics(self, job_guid: str) -> dict[str, Any]:
        """Return the figures of the jobs in a folder."""
        job = self._account.job(job_guid)
        if not job.is_folder:
            raise RefusedError(422, "This job is not a folder.")
        return self._figures(job)

    def _figures(self, folder: Job | None) -> dict[str, Any]:
        jobs = self._account.under(None if folder is None else folder.guid)
        live = [job for job in jobs if job.deleted_at is None]
        files = [job for job in live if not job.is_folder]
        today = self._account.now.date()
        opened_at = self._account.opened_at
        updated_at = max((job.updated_at for job in jobs), default=opened_at)
        return {
            "approved": sum(job.status == "approved" for job in live),
            "created_at": self._views.moment(opened_at if folder is None else folder.created_at),
            "data_size_mb": str(
                sum(version.blob.size_bytes for job in files for version in job.versions) // _MEGABYTE
            ),
            "due_cnt": sum(job.due_at is not None and job.due_at.date() == today for job in files),
            "guid": None if folder is None else folder.guid,
            "id": 1,
            "live_files": len(files),
            "locked_at": None,
            "name": "" if folder is None else folder.name,
            "processed": sum(len(job.versions) for job in jobs),
            "rejected": sum(job.status == "rejected" for job in live),
            "signed_at": self._views.moment(opened_at),
            "updated_at": self._views.moment(updated_at),
        }
