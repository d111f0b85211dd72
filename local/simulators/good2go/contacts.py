"""Good2Go's customer and partner of a job (sections Customer and Partner)."""

from __future__ import annotations

from typing import Any

from local.simulators.good2go.account import Account, Contact, Job
from local.simulators.good2go.announcements import Announcements
from local.simulators.good2go.views import Views
from local.simulators.good2go.words import Label
from local.simulators.validation import Email, Strict
from local.simulators.vendor import RefusedError, operation


class ContactDetails(Strict):
    """Update job's customer, Update job's partner: both say `c_email` and `c_name`."""

    address: str | None = None
    alt_phone: str | None = None
    c_email: Email
    c_name: str | None = None
    city: str | None = None
    company: str | None = None
    group: Label | None = None
    identity: Label | None = None
    phone: str | None = None
    state: str | None = None
    zip_code: str | None = None


class Contacts:
    """The handlers."""

    def __init__(self, account: Account, views: Views, announcements: Announcements) -> None:
        self._account = account
        self._views = views
        self._announcements = announcements

    @operation("GET", "/api/v1/jobs/<job_guid>/customer", section="Get job's customer information")
    def get_customer(self, job_guid: str) -> dict[str, Any]:
        """Return the job's customer; 404 if it has none."""
        job = self._account.job(job_guid)
        if job.c_email is None:
            raise RefusedError(404, "Customer email not defined.")
        return self._views.contact(self._account.contact(self._account.customers, job.c_email))

    @operation("PUT", "/api/v1/jobs/<job_guid>/customer", section="Update job's customer")
    def update_customer(self, job_guid: str, body: ContactDetails) -> dict[str, Any]:
        """Make somebody the job's customer, and keep what is said of them."""
        job = self._account.job(job_guid)
        self._account.set_customer(job, body.c_email)
        return self._updated("update_customer", job, self._account.customers, body)

    @operation("DELETE", "/api/v1/jobs/<job_guid>/customer", section="Unassign job's customer")
    def unassign_customer(self, job_guid: str) -> dict[str, Any]:
        """Take the customer from the job."""
        job = self._account.job(job_guid)
        self._account.set_customer(job, None)
        return self._unassigned("unassign_customer", job)

    @operation("GET", "/api/v1/jobs/<job_guid>/partner", section="Get job's partner information")
    def get_partner(self, job_guid: str) -> dict[str, Any]:
        """Return the job's partner; 404 if it has none."""
        job = self._account.job(job_guid)
        if job.p_email is None:
            raise RefusedError(404, "Partner email not defined.")
        return self._views.contact(self._account.contact(self._account.partners, job.p_email))

    @operation("PUT", "/api/v1/jobs/<job_guid>/partner", section="Update job's partner")
    def update_partner(self, job_guid: str, body: ContactDetails) -> dict[str, Any]:
        """Make somebody the job's partner, and keep what is said of them."""
        job = self._account.job(job_guid)
        self._account.set_partner(job, body.c_email)
        return self._updated("update_partner", job, self._account.partners, body)

    @operation("DELETE", "/api/v1/jobs/<job_guid>/partner", section="Unassign job's partner")
    def unassign_partner(self, job_guid: str) -> dict[str, Any]:
        """Take the partner from the job."""
        job = self._account.job(job_guid)
        self._account.set_partner(job, None)
        return self._unassigned("unassign_partner", job)

    def _updated(
        self, name: str, job: Job, contacts: dict[str, Contact], body: ContactDetails
    ) -> dict[str, Any]:
        contact = self._account.contact(contacts, body.c_email)
        details = body.given()
        del details["c_email"]
        contact.details.update(details)
        contact.updated_at = self._account.now
        self._note(name, job, email=body.c_email)
        return self._views.contact(contact)

    def _unassigned(self, name: str, job: Job) -> dict[str, Any]:
        self._note(name, job)
        return {}

    def _note(self, name: str, job: Job, **fields: Any) -> None:
        self._account.touch(job)
        self._account.simulator.effect(name, job.guid, **fields)
        self._announcements.by_api("updated", job, **fields)
