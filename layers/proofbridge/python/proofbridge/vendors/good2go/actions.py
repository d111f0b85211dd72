"""What Proofbridge does with Good2Go's jobs, and how it finds out whether it was done."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from proofbridge.domain.actions import Action
from proofbridge.domain.items import OPEN_STATUSES, ItemRef, Observation, Person, moment_text, partly
from proofbridge.vendors.catalogue import (
    ActionName,
    AddReminderParams,
    AssignParams,
    DueDateParams,
    LabelParams,
    LockParams,
    MessageParams,
    NotifyParams,
    SetRemindersParams,
    SetStatusParams,
    moment_of,
)
from proofbridge.vendors.errors import InvalidRequestError, NotFoundError, VendorError
from proofbridge.vendors.gateway import Effect, Lookup

from .client import Good2Go
from .enums import (
    AssignableJobStatus,
    JobStatus,
    ListedTaskCategory,
    NotifyReason,
    ReminderComparator,
    ReminderUnit,
    Schedule,
    TaskCategory,
    UploadReason,
)
from .inputs import (
    AssignmentCreate,
    JobUpdate,
    NotificationCreate,
    NotificationTask,
    ReminderCreate,
    Reviewer,
    TaskNotify,
)
from .mapping import job_status, review_status
from .models import Reminder

CLOCK_DIFFERENCE: Final = timedelta(minutes=1)
"""How far Good2Go's clock may be from ours."""

JUST_TOLD: Final = timedelta(minutes=15)
"""For how long reviewers who were told of a job are not told again by `remind_reviewers`: uploading a version
tells them, too."""

Observe = Callable[[ItemRef], Observation]


@dataclass(frozen=True, slots=True)
class _Deed:
    """How an action is done, and found again; None for one that can be repeated instead."""

    do: Callable[[Action, ItemRef], Effect]
    find: Callable[[Action, ItemRef, datetime], Effect | Lookup] | None = None


class Good2GoActions:
    """Performs the catalogue's actions on jobs. Every method may raise VendorError.

    Nothing is decided from a job's history but whether our own marker stands in it: its categories may
    change, and its comments may hold data.
    """

    def __init__(self, client: Good2Go, observe: Observe, now: Callable[[], datetime]) -> None:
        self._client = client
        self._observe = observe
        self._now = now
        self._deeds: Mapping[ActionName, _Deed] = {
            ActionName.GOOD2GO_NOTIFY: _Deed(self._notify, self._find_notice),
            ActionName.GOOD2GO_REMIND_REVIEWERS: _Deed(self._remind, self._find_reminder),
            ActionName.GOOD2GO_SET_STATUS: _Deed(self._set_status, self._find_status),
            ActionName.GOOD2GO_SET_DUE_DATE: _Deed(self._set_due_date),
            ActionName.GOOD2GO_LABEL: _Deed(self._label),
            ActionName.GOOD2GO_SEND_UPDATE: _Deed(self._send_update, self._find_update),
            ActionName.GOOD2GO_ASSIGN: _Deed(self._assign, self._find_assignment),
            ActionName.GOOD2GO_LOCK: _Deed(self._lock),
            ActionName.GOOD2GO_ADD_REMINDER: _Deed(self._add_reminder, self._find_added),
            ActionName.GOOD2GO_SET_REMINDERS: _Deed(self._set_reminders),
        }

    def perform(self, action: Action, target: ItemRef | None) -> Effect:
        """Carry out an action."""
        deed = self._deeds.get(action.name)
        if deed is None or target is None:
            raise ValueError(f"{action.key}: Good2Go can't {action.name} {target}")
        return deed.do(action, target)

    def find(self, action: Action, target: ItemRef | None, since: datetime) -> Effect | Lookup:
        """Find out whether an action that was tried at `since` or later took effect."""
        deed = self._deeds.get(action.name)
        if deed is None or deed.find is None or target is None:
            raise ValueError(f"{action.key}: Good2Go can't look for {action.name}")
        return deed.find(action, target, since)

    # -- e-mail to reviewers

    def _notify(self, action: Action, ref: ItemRef) -> Effect:
        """Remind one reviewer; what stands at the vendor now decides whether that is still wanted."""
        params = NotifyParams.model_validate(action.params)
        now = self._observe(ref)
        unwanted = _decided_or_moved(now, params.due_at)
        if unwanted is not None:
            return Effect(held=unwanted)
        for person in _undecided(now):
            if person.id == params.person and person.task_id is not None:
                self._client.tasks.notify(
                    ref.id,
                    int(person.task_id),
                    TaskNotify(comments=params.message, reason=NotifyReason.NOTIFY_TASK),
                )
                return Effect()
        return Effect(held=f"{params.person} has no open review task there by now")

    def _find_notice(self, action: Action, ref: ItemRef, since: datetime) -> Effect | Lookup:  # noqa: ARG002
        """Look for a manual notification in the job's history, which doesn't say to whom it went."""
        if not self._sent_since(ref, since - CLOCK_DIFFERENCE):
            return Lookup.ABSENT
        return Effect() if len(self._observe(ref).reviewers or ()) == 1 else Lookup.CANT_TELL

    def _remind(self, action: Action, ref: ItemRef) -> Effect:
        """Tell all who have not decided, in one call, unless they have just been told.

        The tasks' due date goes along, since its default is none ("Create a new manual notification").
        """
        params = MessageParams.model_validate(action.params)
        now = self._observe(ref)
        unwanted = _decided(now)
        if unwanted is not None:
            return Effect(held=unwanted)
        people = _undecided(now)
        if not people:
            return Effect(held="nobody has an open review task there by now")
        asked_at = action.waited.since or self._now()
        if self._sent_since(ref, asked_at - JUST_TOLD):
            return Effect(held="the reviewers have just been told")
        self._client.notifications.create(
            ref.id,
            NotificationCreate(
                task=NotificationTask(
                    category=TaskCategory.REVIEW, **({} if now.due_at is None else {"due_at": now.due_at})
                ),
                schedule=Schedule.NOW,
                comments=params.message,
                reason=NotifyReason.NOTIFY_TASK,
                reviewers=tuple(
                    Reviewer(email=each.id) if "@" in each.id else Reviewer(group=each.id) for each in people
                ),
            ),
        )
        return self._told(ref, params.message)

    def _find_reminder(self, action: Action, ref: ItemRef, since: datetime) -> Effect | Lookup:
        """Look in the history whether anything was sent, and whether what was sent last is ours."""
        params = MessageParams.model_validate(action.params)
        if not self._sent_since(ref, since - CLOCK_DIFFERENCE):
            return Lookup.ABSENT
        try:
            last = self._client.notifications.get(ref.id, TaskCategory.REVIEW)
        except NotFoundError:
            return Lookup.CANT_TELL
        is_ours = (last.comments or "").strip() == params.message.strip()
        return self._told(ref, params.message) if is_ours else Lookup.CANT_TELL

    def _sent_since(self, ref: ItemRef, moment: datetime) -> bool:
        # Notices that are to be sent later stand there, too, with the moment that they are for.
        until = self._now() + CLOCK_DIFFERENCE
        return any(
            not entry.is_auto and entry.date is not None and moment <= entry.date <= until
            for entry in self._client.notifications.history(ref.id, kind=TaskCategory.REVIEW)
        )

    # -- what a job is

    def _set_status(self, action: Action, ref: ItemRef) -> Effect:
        """Set the status, then say why with a review task, without e-mail (`update-task`)."""
        params = SetStatusParams.model_validate(action.params)
        status = job_status(params.status)
        if status is None:
            raise _refused("status", f"Good2Go has none for {params.status}", action, ref)
        task_id = None if params.message is None else self._any_review_task(action, ref)
        self._client.jobs.update(ref.id, JobUpdate(status=status))
        if params.message is None or task_id is None:
            return _now_so(ref, self._now(), **_reads_as(status))
        said = _signed(params.message, action)
        self._client.tasks.notify(ref.id, task_id, TaskNotify(comments=said, reason=NotifyReason.UPDATE_TASK))
        return self._told(ref, said, **_reads_as(status))

    def _find_status(self, action: Action, ref: ItemRef, since: datetime) -> Effect | Lookup:  # noqa: ARG002
        """Look for our marker, which is left after the status is set; without a message, for the status."""
        params = SetStatusParams.model_validate(action.params)
        status = job_status(params.status)
        if params.message is None:
            found = status is not None and self._client.jobs.get(ref.id).status == status
        else:
            found = any(
                action.marker in (entry.comments or "") for entry in self._client.jobs.changelogs(ref.id)
            )
        if not found or status is None:
            return Lookup.ABSENT
        return _now_so(ref, self._now(), **_reads_as(status))

    def _any_review_task(self, action: Action, ref: ItemRef) -> int:
        for task in self._client.tasks.list(ref.id, kinds=[ListedTaskCategory.REVIEW]):
            if task.id is not None:
                return task.id
        raise _refused("message", "goes with a review task, and the job has none", action, ref)

    def _set_due_date(self, action: Action, ref: ItemRef) -> Effect:
        due_at = moment_of(DueDateParams.model_validate(action.params).due_at)
        self._client.jobs.update(ref.id, JobUpdate(due_at=due_at))
        # A job without a due date of its own is due with its tasks.
        return _now_so(ref, self._now(), due_at=due_at or self._observe(ref).due_at)

    def _label(self, action: Action, ref: ItemRef) -> Effect:
        self._client.jobs.update(ref.id, JobUpdate(label=LabelParams.model_validate(action.params).label))
        return Effect()

    def _lock(self, action: Action, ref: ItemRef) -> Effect:
        self._client.jobs.set_locked(ref.id, locked=LockParams.model_validate(action.params).locked)
        return Effect()

    # -- what people are told of

    def _send_update(self, action: Action, ref: ItemRef) -> Effect:
        """Set a label and have it told of; a job that is seen to have it has been told of already."""
        label = LabelParams.model_validate(action.params).label
        if self._client.jobs.get(ref.id).label == label:
            return Effect(held=f"its label is {label!r} already")
        self._client.jobs.send_status_update(ref.id, label)
        return Effect()

    def _find_update(self, action: Action, ref: ItemRef, since: datetime) -> Effect | Lookup:
        """Hold the label against ours, where the job shows it; it stands in no documented answer."""
        job = self._client.jobs.get(ref.id)
        if job.label == LabelParams.model_validate(action.params).label:
            return Effect()
        untouched = job.updated_at is not None and job.updated_at < since - CLOCK_DIFFERENCE
        return Lookup.ABSENT if untouched else Lookup.CANT_TELL

    def _assign(self, action: Action, ref: ItemRef) -> Effect:
        params = AssignParams.model_validate(action.params)
        if self._client.jobs.get(ref.id).asg_email == params.person:
            return Effect(held=f"it is {params.person}'s already")
        self._client.jobs.assign(
            ref.id,
            AssignmentCreate(
                assignee=params.person, reason=UploadReason.NOTIFY_TASK, comments=params.message
            ),
        )
        return self._assigned(ref, params)

    def _find_assignment(self, action: Action, ref: ItemRef, since: datetime) -> Effect | Lookup:
        """Look whose the job is, and for a task that was made for that person since."""
        params = AssignParams.model_validate(action.params)
        if self._client.jobs.get(ref.id).asg_email == params.person:
            return self._assigned(ref, params)
        was_theirs = any(
            task.assigned_to == params.person
            and task.created_at is not None
            and task.created_at >= since - CLOCK_DIFFERENCE
            for task in self._client.tasks.list(ref.id, kinds=[ListedTaskCategory.ASSIGN])
        )
        return Effect() if was_theirs else Lookup.ABSENT

    def _assigned(self, ref: ItemRef, params: AssignParams) -> Effect:
        if params.message is None:
            return _now_so(ref, self._now(), assignee=params.person)
        return self._told(ref, params.message, assignee=params.person)

    def _add_reminder(self, action: Action, ref: ItemRef) -> Effect:
        params = AddReminderParams.model_validate(action.params)
        self._client.reminders.create(
            ref.id,
            ReminderCreate(
                quantity=params.quantity,
                unit=ReminderUnit(params.unit),
                comparator=ReminderComparator(params.comparator),
            ),
        )
        return Effect()

    def _find_added(self, action: Action, ref: ItemRef, since: datetime) -> Effect | Lookup:
        """Look for an automatic reminder of these values that was made since."""
        params = AddReminderParams.model_validate(action.params)
        wanted = (params.quantity, params.unit, params.comparator)
        found = any(
            bool(each.is_auto)
            and each.created_at is not None
            and each.created_at >= since - CLOCK_DIFFERENCE
            and _values(each) == wanted
            for each in self._client.reminders.list(ref.id)
        )
        return Effect() if found else Lookup.ABSENT

    def _set_reminders(self, action: Action, ref: ItemRef) -> Effect:
        """Make a job's automatic reminders those that are wanted; what people have set up by hand stays.

        What stands there is read first, so that a lost answer leads to nothing twice.
        """
        params = SetRemindersParams.model_validate(action.params)
        now = self._observe(ref)
        unwanted = _decided_or_moved(now, params.due_at)
        if unwanted is not None:
            return Effect(held=unwanted)
        standing = self._automatic(ref)
        obsolete = {*params.before} - {*params.reminders}
        for reminder_id in sorted({each_id for each_id, text in standing if text in obsolete}):
            with contextlib.suppress(NotFoundError):  # whose deletion was not answered
                self._client.reminders.delete(ref.id, reminder_id)
        if obsolete:
            standing = self._automatic(ref)  # two may have shared an id
        for text in params.reminders:
            if text not in {each for _, each in standing}:
                quantity, unit, comparator = text.split()
                self._client.reminders.create(
                    ref.id,
                    ReminderCreate(
                        quantity=int(quantity),
                        unit=ReminderUnit(unit),
                        comparator=ReminderComparator(comparator),
                    ),
                )
        return Effect()

    def _automatic(self, ref: ItemRef) -> set[tuple[int, str]]:
        """Return the job's automatic reminders, cancelled ones too: their ids, and when they remind."""
        return {
            (int(each.id), f"{each.quantity or 0:.0f} {each.unit} {each.comparator}")
            for each in self._client.reminders.list(ref.id)
            if each.id is not None and each.id >= 0
        }

    def _told(self, ref: ItemRef, message: str, **known: Any) -> Effect:
        """Tell of our own words if they are what the job shows as its newest remark by now.

        They were written already: an answer that doesn't come only means that they show as a change later.
        """
        with contextlib.suppress(VendorError):
            shown = self._observe(ref).comment
            if shown is not None and message in shown:
                known["comment"] = shown
        return _now_so(ref, self._now(), **known) if known else Effect()


def _decided(now: Observation) -> str | None:
    """Say why nobody needs to decide any more; None where somebody does."""
    if now.deleted:
        return "the job is no longer there"
    if now.status not in OPEN_STATUSES:
        return f"it is {now.status or now.vendor_status} by now"
    return None


def _decided_or_moved(now: Observation, due_at: str) -> str | None:
    """Say why nobody needs to decide by that due date any more; None where somebody does."""
    moved = now.due_at is None or moment_text(now.due_at) != due_at
    return _decided(now) or ("its due date has moved" if moved else None)


def _undecided(now: Observation) -> list[Person]:
    return [
        person for person in now.reviewers or () if person.decision is None and person.task_id is not None
    ]


def _values(reminder: Reminder) -> tuple[float | None, str | None, str | None]:
    return reminder.quantity, reminder.unit, reminder.comparator


def _reads_as(status: AssignableJobStatus) -> dict[str, Any]:
    """Return what a status will be read as: our own words for it may be others than those that were asked."""
    return {"status": review_status(JobStatus(status)), "vendor_status": str(status)}


def _signed(message: str, action: Action) -> str:
    """Add the marker by which the message can be found again."""
    return f"{message}\n({action.marker})"


def _now_so(ref: ItemRef, now: datetime, **known: Any) -> Effect:
    """Tell of our own write alone: what others have changed since is for the next look to find."""
    return Effect(partly(ref, now, **known))


def _refused(field: str, rule: str, action: Action, ref: ItemRef) -> InvalidRequestError:
    return InvalidRequestError(field, rule, vendor=ref.vendor, operation=action.name, item=str(ref))
