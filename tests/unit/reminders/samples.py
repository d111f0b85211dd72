"""Policies, people and items to plan reminders with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from proofbridge.config.reminders.people import Contact, Contacts
from proofbridge.config.reminders.policies import Reminder
from proofbridge.domain.items import ItemKind, ItemRef, Observation, Person, ReviewStatus, Vendor
from proofbridge.reminders.plans import PlannedReminder, ReminderTarget, plan
from tests.unit.observations import JOB

DUE = datetime(2026, 3, 4, 16, tzinfo=UTC)
_OF_THE_PROOF = ("destination", "recipient", "task", "task_assignee")
CUSTOMER = "customer@brand.test"
STUDIO_PROJECT = ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.PROJECT, "p-1")
REVIEW = ItemRef(Vendor.ROBOHEAD, ItemKind.REVIEW, "7")


def policy(offsets: Any = "0", **fields: Any) -> Reminder:
    """Return a policy for Good2Go's jobs."""
    values = {"name": f"at {offsets}", "vendor": "good2go", "offsets": offsets}
    return Reminder.model_validate({**values, **fields})


def contact(name: str, **fields: Any) -> Contact:
    return Contact.model_validate({"name": name, **fields})


def subject(ref: ItemRef = JOB, *, proof_id: str | None = "PB1", **fields: Any) -> ReminderTarget:
    """Return an item that waits for the customer, as part of a proof."""
    about = {
        name: fields.pop(name)
        for name in ("destination", "recipient", "task", "task_assignee")
        if name in fields
    }
    values = {"status": ReviewStatus.IN_REVIEW, "name": "summer-ale.pdf", "due_at": DUE,
              "reviewers": (Person(CUSTOMER),)}  # fmt: skip
    return ReminderTarget(Observation(ref, DUE, **{**values, **fields}), proof_id, **about)


def planned(
    about: ReminderTarget, *policies: Reminder, people: tuple[Contact, ...] = ()
) -> list[PlannedReminder]:
    return plan(about, policies, Contacts(people))[0]


def refusals(about: ReminderTarget, *policies: Reminder, people: tuple[Contact, ...] = ()) -> list[str]:
    """Return why there are no slots."""
    return [each.why for each in plan(about, policies, Contacts(people))[1]]
