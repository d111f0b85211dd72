"""Things in few words, for people: items, changes, moments, keys."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Final

from proofbridge.domain.changes import Change, ChangeKind
from proofbridge.domain.items import ItemRef, Observation, Vendor, parse_moment
from proofbridge.domain.proofs import VENDOR_NAMES
from proofbridge.stores.inbox import Source

SHORT_ID_LENGTH: Final = 8
LONGEST_WHOLE_ID: Final = 12


def short_id(event_id: str) -> str:
    """Return the beginning of an event's id, by which `events show` finds it."""
    for source in Source:
        event_id = event_id.removeprefix(f"{source}-")
    return event_id[:SHORT_ID_LENGTH]


def action_id(key: str) -> str:
    """Return what an action's key is shortened to; the same as in the marker that it leaves at its vendor."""
    return hashlib.sha256(key.encode()).hexdigest()[:10]


def item_words(item: str) -> str:
    """Return an item in few words: `Good2Go job 8e5723aa`."""
    try:
        ref = ItemRef.parse(item)
    except ValueError:
        sender, _, what = item.partition("#")
        name = VENDOR_NAMES[Vendor(sender)] if sender in set(Vendor) else sender
        return f"{name} {what}"
    name = ref.id if len(ref.id) <= LONGEST_WHOLE_ID else ref.id[:SHORT_ID_LENGTH]
    return f"{VENDOR_NAMES[ref.vendor]} {ref.kind} {name}"


def change_words(change: Change) -> str:
    """Return a change in few words: `status in review → approved`."""
    match change.kind:
        case ChangeKind.CREATED | ChangeKind.DELETED:
            return str(change.kind)
        case ChangeKind.COMMENT:
            return f"“{shortened(change.after, 60)}”" if change.after else "comment removed"
        case _:
            name = str(change.kind).replace("_", " ")
            return f"{name} {value_words(change, change.before)} → {value_words(change, change.after)}"


def new_words(change: Change) -> str:
    """Return what is new by a change, in still fewer words: `approved`, `version 2`."""
    if change.after is None or change.kind is ChangeKind.COMMENT:
        return change_words(change)
    if change.kind is ChangeKind.STATUS:
        return value_words(change, change.after)
    return f"{str(change.kind).removesuffix('_date')} {value_words(change, change.after)}"


def value_words(change: Change, value: str | None) -> str:
    """Return a change's value before or after, in words."""
    if value is None:
        return "none"
    if change.kind is ChangeKind.STATUS:
        return value.replace("_", " ")
    if change.kind is ChangeKind.DUE_DATE:
        return moment_words(parse_moment(value))
    return shortened(value, 200)


def observation_words(seen: Observation) -> str:
    """Return an observation in few words: `approved · version 2 · due 2026-11-25 16:00`."""
    if seen.deleted:
        return "deleted"
    parts = [
        None if seen.status is None else seen.status.replace("_", " "),
        None if seen.version is None else f"version {seen.version}",
        None if seen.due_at is None else f"due {moment_words(seen.due_at)}",
        None if seen.assignee is None else f"assigned to {seen.assignee}",
        *(
            f"{person.name or person.id} {(person.decision or 'has to decide').replace('_', ' ')}"
            for person in seen.reviewers or ()
        ),
        f"“{shortened(seen.comment, 80)}”" if seen.comment else None,
    ]
    return " · ".join(filter(None, parts)) or "nothing in our words"


def moment_words(moment: datetime) -> str:
    """Return a moment, in UTC, to the minute."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def time_words(moment: datetime) -> str:
    """Return a moment of the last weeks, in UTC, to the second."""
    return f"{moment.astimezone(UTC):%m-%d %H:%M:%S}"


def shortened(text: str, length: int) -> str:
    """Return a text on one line, at most so long."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
