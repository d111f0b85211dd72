"""One call of every Good2Go operation, by its name."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Final

from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.enums import (
    JobAction,
    ReminderComparator,
    ReminderUnit,
    TaskCategory,
    UploadReason,
)
from proofbridge.vendors.good2go.inputs import (
    AssignmentCreate,
    ContactUpdate,
    FolderCreate,
    JobUpdate,
    NotificationCreate,
    NotificationTask,
    ReminderCreate,
    ReminderUpdate,
    Revision,
    TaskCreate,
    TaskUpdate,
    Upload,
)
from tests.contract.proofs import CUSTOMER, MISSING, pdf

CONTACT = ContactUpdate(c_email=CUSTOMER)
REMINDER = ReminderCreate(quantity=1, unit=ReminderUnit.DAYS, comparator=ReminderComparator.BEFORE)
REMINDER_UPDATE = ReminderUpdate(quantity=1, unit=ReminderUnit.DAYS, comparator=ReminderComparator.BEFORE)
NOTIFICATION = NotificationCreate(task=NotificationTask(category=TaskCategory.REVIEW))

CALLS: Final[Mapping[str, Callable[[Good2Go, str], object]]] = {
    "jobs.list": lambda client, _: list(client.jobs.list()),
    "jobs.get": lambda client, guid: client.jobs.get(guid),
    "jobs.create_folder": lambda client, _: client.jobs.create_folder(FolderCreate(name="x")),
    "jobs.update": lambda client, guid: client.jobs.update(guid, JobUpdate(label="x")),
    "jobs.delete": lambda client, guid: client.jobs.delete(guid),
    "jobs.duplicate": lambda client, guid: client.jobs.duplicate(guid),
    "customers.get": lambda client, guid: client.customers.get(guid),
    "customers.set": lambda client, guid: client.customers.set(guid, CONTACT),
    "customers.remove": lambda client, guid: client.customers.remove(guid),
    "partners.get": lambda client, guid: client.partners.get(guid),
    "partners.set": lambda client, guid: client.partners.set(guid, CONTACT),
    "partners.remove": lambda client, guid: client.partners.remove(guid),
    "jobs.ownership": lambda client, guid: client.jobs.ownership(guid),
    "jobs.move": lambda client, guid: client.jobs.move(guid, None),
    "files.revise": lambda client, guid: client.files.revise(
        guid, Revision(reason=UploadReason.UPDATE_TASK), pdf()
    ),
    "files.upload": lambda client, _: client.files.upload(Upload(reason=UploadReason.UPDATE_TASK), pdf()),
    "files.download": lambda client, guid: client.files.download(guid, "Label.pdf", io.BytesIO()),
    "tasks.default": lambda client, _: client.tasks.default(TaskCategory.REVIEW),
    "tasks.list": lambda client, guid: client.tasks.list(guid),
    "tasks.get": lambda client, guid: client.tasks.get(guid, 1),
    "tasks.create": lambda client, guid: client.tasks.create(
        guid, TaskCreate(assigned_to=CUSTOMER, category=TaskCategory.REVIEW)
    ),
    "tasks.update": lambda client, guid: client.tasks.update(guid, 1, TaskUpdate(req_confirm=True)),
    "tasks.notify": lambda client, guid: client.tasks.notify(guid, 1),
    "tasks.delete": lambda client, guid: client.tasks.delete(guid, 1),
    "reminders.list": lambda client, guid: client.reminders.list(guid),
    "reminders.get": lambda client, guid: client.reminders.get(guid, 1),
    "reminders.create": lambda client, guid: client.reminders.create(guid, REMINDER),
    "reminders.update": lambda client, guid: client.reminders.update(guid, 1, REMINDER_UPDATE),
    "reminders.delete": lambda client, guid: client.reminders.delete(guid, 1),
    "notifications.history": lambda client, guid: client.notifications.history(guid),
    "notifications.get": lambda client, guid: client.notifications.get(guid, TaskCategory.REVIEW),
    "notifications.create": lambda client, guid: client.notifications.create(guid, NOTIFICATION),
    "jobs.apply": lambda client, guid: client.jobs.apply(guid, JobAction.RENEW),
    "jobs.assign": lambda client, guid: client.jobs.assign(
        guid, AssignmentCreate(assignee="prepress@printshop.test", reason=UploadReason.NOTIFY_TASK)
    ),
    "jobs.changelogs": lambda client, guid: client.jobs.changelogs(guid),
    "jobs.latest_changelog": lambda client, guid: client.jobs.latest_changelog(guid),
    "jobs.lock_state": lambda client, guid: client.jobs.lock_state(guid),
    "jobs.set_locked": lambda client, guid: client.jobs.set_locked(guid, locked=True),
    "jobs.send_status_update": lambda client, guid: client.jobs.send_status_update(guid, "x"),
    "analytics.account": lambda client, _: client.analytics.account(),
    "analytics.folder": lambda client, guid: client.analytics.folder(guid),
}

ANY_JOB: Final = MISSING
"""A job for calls that don't get as far as looking for it."""
