"""What a reminder says and how it is sent: one action for one slot, or for all that one digest is about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from proofbridge.config.reminders.channels import ACTIONS, DIGESTING, Channel
from proofbridge.config.reminders.people import Contacts
from proofbridge.config.reminders.policies import in_language
from proofbridge.domain.actions import Action, Cause, Precondition
from proofbridge.domain.items import ItemRef, Vendor, moment_text
from proofbridge.domain.proofs import VENDOR_NAMES
from proofbridge.domain.templates import render
from proofbridge.reminders.plans import Due, PlannedReminder, goodday_user, is_a_day
from proofbridge.vendors.catalogue import MAX_TITLE_LENGTH, ActionName

MOST_IN_A_DIGEST: Final = 40
"""So that a digest fits a message of a queue, and its slots a transaction."""

MOST_LETTERS: Final = 9_000
"""Of a digest's lines, so that an action can have them and what stands above them as its message."""


def digests(due: Iterable[Due], contacts: Contacts) -> list[list[Due]]:
    """Put together what one message is to be about: what is earlier due comes first.

    What goes to one person by one channel is one digest where the policies want that; everything else is
    alone.
    """
    alone: list[list[Due]] = []
    together: dict[tuple[str, Channel, str], list[Due]] = {}
    for each in sorted(due, key=lambda each: (each.newest.slot.due_at, str(each.newest.slot.item))):
        planned = each.newest
        if planned.step is None and planned.policy.digest and planned.channel in DIGESTING:
            group = (planned.human, planned.channel, _language(planned, contacts))
            together.setdefault(group, []).append(each)
        else:
            alone.append([each])
    return [*alone, *(part for group in together.values() for part in _parts(group, contacts))]


def _parts(group: list[Due], contacts: Contacts) -> Iterator[list[Due]]:
    part: list[Due] = []
    letters = 0
    for each in group:
        more = len(_line(each.newest, contacts)) + 1
        if part and (len(part) == MOST_IN_A_DIGEST or letters + more > MOST_LETTERS):
            yield part
            part, letters = [], 0
        part.append(each)
        letters += more
    if part:
        yield part


def action_of(group: list[Due], contacts: Contacts) -> Action:
    """Return the action that reminds of all in the group. Its key is that of the first slot.

    ValueError where the proof has no GoodDay task that a comment could be written on.
    """
    planned = [each.newest for each in group]
    first = planned[0]
    name = ActionName.GOODDAY_UPDATE if first.channel is None else ACTIONS[first.channel]
    target = _target(first)
    lines = [_line(each, contacts) for each in planned] if len(planned) > 1 else [None]
    return Action(
        key="remind|" + hashlib.sha256(f"{first.slot.item}#{first.slot.key}".encode()).hexdigest(),
        name=name,
        vendor=Vendor.AWS if name is ActionName.EMAIL_SEND else _vendor(name, first.slot.item),
        params=_params(first, lines, contacts),
        target=target,
        proof_id=first.subject.proof_id,
        cause=Cause(rule=first.policy.name),
        provisos=tuple(_proviso(each, line) for each, line in zip(planned, lines, strict=True)),
    )


def _vendor(name: ActionName, item: ItemRef) -> Vendor:
    return item.vendor if name is ActionName.GOOD2GO_NOTIFY else Vendor.GOODDAY


def _target(planned: PlannedReminder) -> ItemRef | None:
    if planned.channel is Channel.EMAIL:
        return None
    if planned.channel is Channel.NOTIFY:
        return planned.slot.item
    task = task_of(planned)
    if task is None:
        raise ValueError(f"{planned.slot.item}: its proof has no GoodDay task yet")
    return task


def task_of(planned: PlannedReminder) -> ItemRef | None:
    """Return the GoodDay task that stands for the proof: the item itself where it is one."""
    item = planned.slot.item
    return item if item.vendor is Vendor.GOODDAY else planned.subject.task


def needs_task(planned: PlannedReminder) -> bool:
    """Whether the slot is used by writing on a GoodDay task."""
    return planned.channel in {None, Channel.COMMENT, Channel.REPLY}


def _params(first: PlannedReminder, lines: Sequence[str | None], contacts: Contacts) -> dict[str, Any]:
    if first.channel is None:
        assert first.step is not None  # noqa: S101 - only escalations give priorities
        return {"priority": first.step.priority}
    values = _values(first, contacts)
    language = _language(first, contacts)
    source = first.policy if first.step is None else first.step
    message = render(in_language(source.message, language), values)
    subject = render(in_language(source.subject, language), values)
    if len(lines) > 1:
        message = render(in_language(first.policy.digest_message, language), values)
        message = "\n".join([message, *(line or "" for line in lines)])
        subject = render(in_language(first.policy.digest_subject, language), values)
    person = first.slot.person
    match first.channel:
        case Channel.NOTIFY:
            return {"person": person, "due_at": moment_text(first.slot.due_at), "message": message}
        case Channel.COMMENT:
            return {"message": message}
        case Channel.REPLY:
            to = first.policy.to if first.step is None else first.step.to
            return {"person": goodday_user(person, to or "", first.subject, contacts), "message": message}
        case Channel.EMAIL:
            subject = " ".join(subject.split())[:MAX_TITLE_LENGTH]
            return {"to": [contacts.address(person)], "subject": subject, "message": message}


def _line(planned: PlannedReminder, contacts: Contacts) -> str:
    """Return what a digest says of an item, on one line: what is no longer true is taken out by lines."""
    text = in_language(planned.policy.digest_line, _language(planned, contacts))
    return " ".join(render(text, _values(planned, contacts)).split())


def _proviso(planned: PlannedReminder, line: str | None) -> Precondition:
    item = planned.subject.item
    is_the_tasks = planned.role == "assignee" and item.assignee is None and planned.subject.task is not None
    return Precondition(
        item=str(planned.slot.item),
        due_at=moment_text(planned.slot.due_at),
        person=planned.slot.person if planned.role is not None else None,
        role=planned.role,
        role_item=str(planned.subject.task) if is_the_tasks else None,
        slot=planned.slot.key,
        line=line,
    )


def _language(planned: PlannedReminder, contacts: Contacts) -> str:
    contact = contacts.of(planned.slot.person)
    return (contact and contact.language) or planned.policy.language


def _values(planned: PlannedReminder, contacts: Contacts) -> Mapping[str, str]:
    item, contact = planned.subject.item, contacts.of(planned.slot.person)
    names = {person.id: person.name for person in item.reviewers or ()}
    waits_for = [
        _called(person.id, person.name, contacts)
        for person in item.reviewers or ()
        if person.decision is None
    ]
    return {
        "item.name": item.name or item.ref.id,
        "item.due": due_words(planned.slot.due_at, item.ref.vendor, planned),
        "item.url": item.url or "",
        "item.vendor": VENDOR_NAMES[item.ref.vendor],
        "item.version": "" if item.version is None else str(item.version),
        "item.waits_for": ", ".join(waits_for) or "a decision",
        "person.name": contact.name if contact else names.get(planned.slot.person) or planned.slot.person,
    }


def _called(person: str, name: str | None, contacts: Contacts) -> str:
    contact = contacts.of(person)
    return contact.name if contact else name or person


def due_words(due_at: datetime, vendor: Vendor, planned: PlannedReminder) -> str:
    """Return a due date as the person's own clock shows it; a day alone where the vendor knows no more."""
    if is_a_day(vendor, due_at):
        return f"{due_at.astimezone(UTC):%Y-%m-%d}"
    return f"{due_at.astimezone(planned.calendar.zone):%Y-%m-%d %H:%M %Z}"
