"""Which reminder slots an item has by the policies, when they are due, and why there are no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from proofbridge.config.model import holds
from proofbridge.config.reminders.calendars import Calendar
from proofbridge.config.reminders.channels import Channel
from proofbridge.config.reminders.offsets import Offset, parse_offset
from proofbridge.config.reminders.people import Contacts
from proofbridge.config.reminders.policies import (
    ASSIGNEE,
    OPEN_REVIEWERS,
    RECIPIENT,
    ROLES,
    Escalation,
    Reminder,
)
from proofbridge.domain.actions import Role
from proofbridge.domain.items import ItemRef, Observation, Person, Vendor, moment_text

LOOK_BACK: Final = timedelta(hours=25)
"""How late a reminder may still be sent: after a day's outage, and until the schedule comes round again."""

ONLY_DAYS: Final = frozenset({Vendor.GOODDAY, Vendor.ROBOHEAD})
"""Vendors whose due dates have no time of day: their gateways show midnight, UTC."""

PRIORITY: Final = "goodday.update"
"""Stands for a person where a task gets a priority instead of somebody being told."""


@dataclass(frozen=True, slots=True)
class ReminderTarget:
    """An open item with a due date, and what is known of its proof.

    `destination` is the drop folder it came by, `recipient` who it was for. `task` is the proof's GoodDay
    task, and `task_assignee` whose that is; both are looked up only where a policy asks for them.
    """

    item: Observation
    proof_id: str | None = None
    destination: str | None = None
    recipient: str | None = None
    task: ItemRef | None = None
    task_assignee: str | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """What is used at most once."""

    item: ItemRef
    person: str
    due_at: datetime
    offset: str

    @property
    def key(self) -> str:
        """Its name among the slots of its item."""
        return f"{self.person}#{moment_text(self.due_at)}#{self.offset}"


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """A slot that a policy gives an item.

    `nominal` is the moment that the offset says, `at` the first from then on at which the person may be
    reminded. `step` is the escalation that it comes from. `channel` is None for a priority. `role` is what
    must still be so when it is sent. `human` tells people apart who have several ids. `rank` is the place
    among the policies.
    """

    slot: Slot
    subject: ReminderTarget
    policy: Reminder
    step: Escalation | None
    channel: Channel | None
    role: Role | None
    calendar: Calendar
    nominal: datetime
    at: datetime
    human: str
    rank: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a policy gives an item no slot, or one person none."""

    policy: str
    why: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """The newest slot that is due for a person, and older ones that are passed over because of it."""

    newest: PlannedReminder
    passed: tuple[PlannedReminder, ...]


def plan(
    subject: ReminderTarget, policies: Sequence[Reminder], contacts: Contacts
) -> tuple[list[PlannedReminder], list[Refused]]:
    """Return all slots that an open item has, past ones too, and why it has no others."""
    planned: list[PlannedReminder] = []
    refused: list[Refused] = []
    for rank, policy in enumerate(policies):
        if policy.vendor != subject.item.ref.vendor or policy.mode == "vendor":
            continue
        why = why_not_for(policy, subject)
        if why is not None:
            refused.append(Refused(policy.name, why))
            continue
        for step in (None, *policy.escalation):
            for each in _planned(policy, step, subject, contacts, rank):
                if isinstance(each, Refused):
                    refused.append(each)
                else:
                    planned.append(each)
    return planned, refused


def why_not_for(policy: Reminder, subject: ReminderTarget) -> str | None:
    """Say why a policy for the item's vendor is not for this item; None where it is."""
    item = subject.item
    if policy.destination is not None and subject.destination not in policy.destination:
        return f"it came by {subject.destination or 'no drop folder'}, not by {_either(policy.destination)}"
    if policy.project is not None and item.project not in policy.project:
        return f"it lies in project {item.project or 'unknown'}, not in {_either(policy.project)}"
    if policy.condition is not None and not holds(policy.condition, _context(subject)):
        return f"{policy.condition} does not hold"
    return None


def due_now(planned: Iterable[PlannedReminder], now: datetime) -> list[Due]:
    """Return what is due for each person: the newest slot alone, however many came while nobody looked."""
    groups: dict[str, list[PlannedReminder]] = {}
    for each in planned:
        if now - LOOK_BACK < each.at <= now:
            groups.setdefault(each.human, []).append(each)
    found = []
    for group in groups.values():
        newest = max(group, key=lambda each: (each.at, each.nominal, -each.rank))
        older = {each.slot.key: each for each in group if each.slot.key != newest.slot.key}
        found.append(Due(newest, tuple(older.values())))
    return found


def due_date_spans(
    policies: Iterable[Reminder], contacts: Contacts, since: datetime, now: datetime
) -> list[tuple[datetime, datetime]]:
    """Return spans of due dates outside of which no item has a slot that is due in (since, now].

    They are as long as that time, and longer only by what the policies' calendars ask for: by the quiet span
    that the time begins in, by a clock change for offsets in days, and for offsets in workdays by the days
    off that are skipped. Spans that meet are one, so that no item is read twice.
    """
    spans: list[tuple[datetime, datetime]] = []
    for policy in policies:
        for calendar in _calendars(policy, contacts):
            first = calendar.not_later_than_moved(since)
            found = [calendar.shifted_from(first, now, offset) for offset in policy.all_offsets]
            found += [_step_span(policy, step, calendar, first, now) for step in policy.escalation]
            spans += found
            if policy.vendor in ONLY_DAYS:
                spans += [calendar.days_from(*span) for span in found]
    return joined(spans)


def joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return the spans in order, those that meet as one."""
    found: list[tuple[datetime, datetime]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _calendars(policy: Reminder, contacts: Contacts) -> set[Calendar]:
    """Return every calendar that a policy may go by: its own, and those of people who have their own."""
    return {policy.calendar_for(None), *(policy.calendar_for(each) for each in contacts.everybody)}


def _step_span(
    policy: Reminder, step: Escalation, calendar: Calendar, first: datetime, last: datetime
) -> tuple[datetime, datetime]:
    if step.after is None:
        return calendar.shifted_from(first, last, parse_offset(step.late or "0"))
    first, last = calendar.shifted_from(first, last, parse_offset(step.wait))
    first = calendar.not_later_than_moved(first)
    return calendar.shifted_from(first, last, policy.all_offsets[step.after - 1])


def _planned(
    policy: Reminder, step: Escalation | None, subject: ReminderTarget, contacts: Contacts, rank: int
) -> Iterator[PlannedReminder | Refused]:
    item = subject.item
    if item.due_at is None:
        return
    channel = policy.chosen_channel
    told: list[tuple[str, Channel | None, Role | None]] = []
    to = policy.to if step is None else step.to
    if step is not None and step.channel is not None:
        channel = Channel(step.channel)
    if to is not None:
        people = list(_people(to, subject, contacts))
        if not people:
            yield Refused(policy.name, _NOBODY.get(to, "nobody is named"))
        for person in people:
            why = _unreachable(person, to, channel, subject, contacts)
            if why is not None:
                yield Refused(policy.name, why, person.id)
            else:
                told.append((person.id, channel, _role(to, person, subject)))
    if step is not None and step.priority is not None:
        told.append((PRIORITY, None, None))
    for person_id, by, role in told:
        contact = contacts.of(person_id)
        calendar = policy.calendar_for(contact)
        due_at = _due_at(item.ref.vendor, item.due_at, calendar)
        for offset, nominal in _moments(policy, step, calendar, due_at):
            yield PlannedReminder(
                slot=Slot(item.ref, person_id, item.due_at, offset),
                subject=subject,
                policy=policy,
                step=step,
                channel=by,
                role=role,
                calendar=calendar,
                nominal=nominal,
                at=nominal if by is None else calendar.next_allowed(nominal),
                human=person_id if contact is None else contact.name,
                rank=rank,
            )


def is_a_day(vendor: Vendor, due_at: datetime) -> bool:
    """Whether a due date is a day, without a time of day."""
    return vendor in ONLY_DAYS and due_at.astimezone(UTC).time() == time()


def _due_at(vendor: Vendor, due_at: datetime, calendar: Calendar) -> datetime:
    """Return when an item is due for people who go by a calendar: a mere day begins as theirs does."""
    return calendar.start_of(due_at.astimezone(UTC).date()) if is_a_day(vendor, due_at) else due_at


def _moments(
    policy: Reminder, step: Escalation | None, calendar: Calendar, due_at: datetime
) -> Iterator[tuple[str, datetime]]:
    """Yield the offsets of a policy, or of one of its escalations, with the moments that they mean."""

    def at(offset: Offset) -> datetime:
        return calendar.shift(due_at, offset)

    if step is None:
        for offset in policy.all_offsets:
            yield str(offset), at(offset)
    elif step.after is None:
        late = parse_offset(step.late or "0")
        yield str(late), at(late)
    else:
        wait = parse_offset(step.wait)
        last = calendar.next_allowed(at(policy.all_offsets[step.after - 1]))
        yield f"{policy.all_offsets[step.after - 1]}, then {wait}", calendar.shift(last, wait)


_NOBODY: Final = {
    OPEN_REVIEWERS: "no reviewer is known who still has to decide",
    ASSIGNEE: "it is given to nobody",
    RECIPIENT: "no recipient is known: no dropped file began it",
}


def _people(to: str, subject: ReminderTarget, contacts: Contacts) -> Iterator[Person]:
    item = subject.item
    match to:
        case "open_reviewers":
            yield from (person for person in item.reviewers or () if person.decision is None)
        case "assignee":
            assignee = item.assignee or subject.task_assignee
            if assignee is not None:
                yield Person(assignee)
        case "recipient":
            known = {person.id: person for person in item.reviewers or ()}
            if subject.recipient is not None:
                yield known.get(subject.recipient, Person(subject.recipient))
        case _:
            contact = contacts.of(to)
            ids = (to,) if contact is None else contact.all_ids
            named = [person for person in item.reviewers or () if person.id in ids]
            yield named[0] if named else Person(to)


def _role(to: str, person: Person, subject: ReminderTarget) -> Role | None:
    if to == ASSIGNEE:
        return "assignee"
    if person.id not in {each.id for each in subject.item.reviewers or ()}:
        return None
    return "reviewer" if to in {OPEN_REVIEWERS, RECIPIENT} else "named"


def _unreachable(
    person: Person, to: str, channel: Channel, subject: ReminderTarget, contacts: Contacts
) -> str | None:
    """Say why a person can't or need not be reminded; None where nothing is in the way."""
    if person.decision is not None:
        return f"has decided: {person.decision.replace('_', ' ')}"
    match channel:
        case Channel.EMAIL if contacts.address(person.id) is None:
            return "people.toml has no e-mail address for them"
        case Channel.REPLY if goodday_user(person.id, to, subject, contacts) is None:
            return "people.toml has no GoodDay user id for them"
        case Channel.NOTIFY if person.id not in {each.id for each in subject.item.reviewers or ()}:
            return "has no review task at Good2Go"
        case Channel.COMMENT | Channel.REPLY if (
            subject.proof_id is None and subject.item.ref.vendor is not Vendor.GOODDAY
        ):
            return "the item belongs to no proof, so that there is no GoodDay task"
        case _:
            return None


def goodday_user(person: str, to: str, subject: ReminderTarget, contacts: Contacts) -> str | None:
    """Return a person's GoodDay user id: what people.toml says, else the id itself where it is one."""
    known = contacts.goodday_user(person)
    if known is not None or contacts.of(person) is not None or "@" in person:
        return known
    at_goodday = subject.item.ref.vendor is Vendor.GOODDAY or person == subject.task_assignee
    return person if at_goodday or to not in ROLES else None


def _context(subject: ReminderTarget) -> dict[str, object]:
    """Return what a condition sees."""
    return {"item": subject.item.to_dict(), "destination": subject.destination, "proof": subject.proof_id}


def _either(values: Sequence[str]) -> str:
    return " or ".join(values)
