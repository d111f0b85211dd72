"""A reminder policy in sentences: whom it reminds, when, how, and what follows."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Final

from proofbridge.config.reminders.channels import Channel
from proofbridge.config.reminders.offsets import Offset, Unit, parse_offset
from proofbridge.config.reminders.policies import ASSIGNEE, OPEN_REVIEWERS, RECIPIENT, Escalation, Reminder
from proofbridge.domain.items import ItemKind, Vendor
from proofbridge.domain.proofs import VENDOR_NAMES

_ITEMS: Final = {
    Vendor.GOOD2GO: ItemKind.JOB,
    Vendor.APPROVAL_STUDIO: "asset or project",
    Vendor.GOODDAY: ItemKind.TASK,
    Vendor.ROBOHEAD: ItemKind.REVIEW,
}
_REMINDED: Final = {
    OPEN_REVIEWERS: "Who has not decided on {item}",
    ASSIGNEE: "Whom {item} is given to",
    RECIPIENT: "The recipient of {item}",
}
_TOLD: Final = {
    OPEN_REVIEWERS: "who has not decided",
    ASSIGNEE: "whom it is given to",
    RECIPIENT: "its recipient",
}
_BY: Final = {
    Channel.NOTIFY: "by Good2Go's own e-mail",
    Channel.COMMENT: "in a comment on the proof's GoodDay task",
    Channel.REPLY: "on the proof's GoodDay task, as the one who has to act",
    Channel.EMAIL: "by e-mail",
}
_DUE: Final = "when it is due"
_UNITS: Final = {Unit.HOURS: "hour", Unit.DAYS: "day", Unit.WORKDAYS: "workday"}


def reminder_sentence(policy: Reminder) -> str:
    """Return what a policy does."""
    vendor = Vendor(policy.vendor)
    item = f"an open {VENDOR_NAMES[vendor]} {_ITEMS[vendor]}{_restrictions(policy)}"
    when = _when(policy.all_offsets)
    if policy.mode == "vendor":
        sentences = [f"Good2Go itself is told to remind of {item} {when}"]
    else:
        whom = _REMINDED.get(policy.to, f"{policy.to}, about {{item}},").format(item=item)
        by = _BY[policy.chosen_channel] + (", in one message about all" if policy.digest else "")
        sentences = [f"{whom} is reminded {by}, {when}, once each: {_quoted(policy.message)}"]
    sentences += [_escalation_sentence(step) for step in policy.escalation]
    sentences += _time_sentences(policy)
    return " ".join(text if text.endswith(".”") else f"{text}." for text in sentences)


def _restrictions(policy: Reminder) -> str:
    parts = []
    if policy.destination is not None:
        parts.append(f" that came by drop/{'/ or drop/'.join(policy.destination)}/")
    if policy.project is not None:
        parts.append(f" in project {' or '.join(policy.project)}")
    if policy.condition is not None:
        parts.append(f" for which {policy.condition} holds")
    return "".join(parts)


def _escalation_sentence(step: Escalation) -> str:
    if step.after is None:
        when = _when([parse_offset(step.late or "0")])
    else:
        reminders = "the first reminder" if step.after == 1 else f"{step.after} reminders"
        when = f"{_amount(parse_offset(step.wait))} after {reminders}"
    does = []
    if step.to is not None and step.channel is not None:
        does.append(
            f"{_TOLD.get(step.to, step.to)} is told {_BY[Channel(step.channel)]}: {_quoted(step.message)}"
        )
    if step.priority is not None:
        does.append(f"the proof's GoodDay task gets priority {step.priority}")
    return f"If it is not decided {when}, {', and '.join(reversed(does))}"


def _time_sentences(policy: Reminder) -> list[str]:
    quiet = []
    if policy.quiet_hours is not None:
        quiet.append("between " + policy.quiet_hours.replace("-", " and "))
    if policy.only_on_workdays:
        quiet.append(f"on days off{f' (holidays of {policy.holidays})' if policy.holidays else ''}")
    if not quiet:
        return []
    whose = ", or as people.toml says of the person" if policy.zone_of == "person" else ""
    return [f"Nobody is reminded {' or '.join(quiet)}, by the time of {policy.zone}{whose}"]


def _when(offsets: Iterable[Offset]) -> str:
    """Return offsets in words, those of one unit and side together: `1, 2 and 3 days after its due date`."""
    parts = []
    for (unit, side), group in itertools.groupby(offsets, key=_unit_and_side):
        amounts = [abs(each.amount) for each in group]
        plural = "" if amounts == [1] else "s"
        parts.append(
            f"{_and(map(str, amounts))} {_UNITS[unit]}{plural} {side} its due date" if any(amounts) else _DUE
        )
    return _and(parts)


def _unit_and_side(offset: Offset) -> tuple[Unit, str]:
    return offset.unit, "when" if not offset.amount else "after" if offset.amount > 0 else "before"


def _amount(offset: Offset) -> str:
    number = abs(offset.amount)
    return f"{number} {_UNITS[offset.unit]}{'' if number == 1 else 's'}"


def _quoted(texts: Mapping[str, str]) -> str:
    others = [language for language in texts if language][1:]
    return f"“{next(iter(texts.values()))}”" + (f" (also in {_and(others)})" if others else "")


def _and(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
