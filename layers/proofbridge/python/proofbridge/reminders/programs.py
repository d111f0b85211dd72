"""Reminders that a vendor sends by itself: when, counted from the due date, as the vendor can be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from proofbridge.config.reminders.policies import Reminder
from proofbridge.reminders.plans import ReminderTarget, why_not_for

AHEAD: Final = timedelta(days=3)
"""How long before its first reminder an item's vendor is told of it."""

LARGEST_QUANTITY: Final = 3600
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)


def wanted(subject: ReminderTarget, policies: Iterable[Reminder], now: datetime) -> tuple[str, ...]:
    """Return the reminders after `now` that an item gets by the policies, which are of `mode = "vendor"`.

    Workdays, quiet hours and changes of the clocks are worked in, since the vendor knows none of ours.
    """
    due_at = subject.item.due_at
    if due_at is None:
        return ()
    moments = set()
    for policy in policies:
        if policy.vendor == subject.item.ref.vendor and why_not_for(policy, subject) is None:
            calendar = policy.calendar_for(None)
            moments |= {calendar.next_allowed(calendar.shift(due_at, each)) for each in policy.all_offsets}
    texts = [reminder_text(due_at, moment) for moment in sorted(moments)]
    return tuple(text for text in dict.fromkeys(texts) if moment_of(text, due_at) > now)


def agrees(told: Sequence[str], wanted_now: Sequence[str], due_at: datetime, now: datetime) -> bool:
    """Whether what a vendor was told is what is wanted, as far as it is still to come."""
    return {text for text in told if moment_of(text, due_at) > now} == set(wanted_now)


def reminder_text(due_at: datetime, moment: datetime) -> str:
    """Write a moment as "<quantity> <unit> <comparator>" from the due date, in the vendor's own units.

    What can't be said exactly is said up to a minute later, or, far away, up to an hour.
    """
    if moment == due_at:
        return "0 none equal"
    is_before = moment < due_at
    distance = abs(due_at - moment)
    in_hours = not distance % _HOUR or distance > LARGEST_QUANTITY * _MINUTE
    unit, length = ("hours", _HOUR) if in_hours else ("minutes", _MINUTE)
    quantity = distance // length if is_before else -(-distance // length)
    return f"{quantity} {unit} {'before' if is_before else 'after'}"


def moment_of(text: str, due_at: datetime) -> datetime:
    """Return the moment that such a text means."""
    quantity, unit, comparator = text.split()
    if unit == "none":
        return due_at
    distance = timedelta(**{unit: int(quantity)})
    return due_at - distance if comparator == "before" else due_at + distance
