"""What is to come: which reminders open items will lead to, and why there will be no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from proofbridge.config.reminders.people import Contacts
from proofbridge.config.reminders.policies import Reminder
from proofbridge.reminders.plans import LOOK_BACK, PlannedReminder, ReminderTarget, plan, why_not_for

from .messages import needs_task, task_of
from .programs import moment_of, wanted


@dataclass(frozen=True, slots=True)
class Expected:
    """A reminder to come. `planned` is None for one that the vendor sends by itself."""

    at: datetime
    subject: ReminderTarget
    policy: str
    planned: PlannedReminder | None = None


@dataclass(frozen=True, slots=True)
class Omitted:
    """Why an item leads to no reminder, or to none for a person, or at an offset."""

    subject: ReminderTarget
    policy: str
    why: str
    person: str | None = None
    offset: str | None = None


def outlook(
    subject: ReminderTarget,
    policies: Sequence[Reminder],
    contacts: Contacts,
    start: datetime,
    end: datetime,
    *,
    catches_up: bool = True,
) -> Iterator[Expected | Omitted]:
    """Yield what an item leads to from `start` up to `end`, as far as nobody decides and nothing moves.

    With `catches_up` nothing ran just before the start: what is late by then is sent then. Slots that are
    used already are not known here.
    """
    for policy in policies:
        if policy.mode == "vendor" and policy.vendor == subject.item.ref.vendor:
            yield from _by_vendor(subject, policy, start, end)
    planned, refused = plan(subject, policies, contacts)
    for refusal in refused:
        yield Omitted(subject, refusal.policy, refusal.why, refusal.person)
    groups: dict[tuple[str, datetime], list[PlannedReminder]] = {}
    for each in planned:
        if start <= each.at <= end or (catches_up and start - LOOK_BACK < each.at < start):
            # What came before the start is late: the newest of it alone is sent at the start.
            groups.setdefault((each.human, max(each.at, start)), []).append(each)
    for (_, at), group in sorted(groups.items(), key=lambda entry: entry[0][1]):
        newest = max(group, key=lambda each: (each.at, each.nominal, -each.rank))
        yield from _reminder(newest, at)
        for each in group:
            if each is not newest:
                why = f"{newest.slot.offset} comes with it, and is newer"
                if each.slot.offset == newest.slot.offset:
                    why = f"{newest.policy.name} has the same slot"
                yield _omitted(each, why)


def _reminder(planned: PlannedReminder, at: datetime) -> Iterator[Expected | Omitted]:
    if needs_task(planned) and task_of(planned) is None:
        yield _omitted(planned, "its proof has no GoodDay task yet")
    else:
        yield Expected(at, planned.subject, planned.policy.name, planned)


def _omitted(planned: PlannedReminder, why: str) -> Omitted:
    return Omitted(planned.subject, planned.policy.name, why, planned.slot.person, planned.slot.offset)


def _by_vendor(
    subject: ReminderTarget, policy: Reminder, start: datetime, end: datetime
) -> Iterable[Expected | Omitted]:
    why = why_not_for(policy, subject)
    if why is not None or subject.item.due_at is None:
        return [Omitted(subject, policy.name, why or "it has no due date")]
    moments = [moment_of(text, subject.item.due_at) for text in wanted(subject, [policy], start)]
    return [Expected(at, subject, policy.name) for at in moments if at <= end]
