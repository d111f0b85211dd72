"""`proofbridge reminders`: who will be reminded of what, and who was."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from proofbridge.config.loader import load_config
from proofbridge.domain.items import ITEM_KINDS, ItemRef, moment_text
from proofbridge.reminders.outlook import Expected, Omitted, outlook
from proofbridge.reminders.plans import LOOK_BACK, due_date_spans, joined
from proofbridge.reminders.send import ReminderTargets
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import Ledger
from proofbridge.stores.slots import SlotRecord, Slots, SlotStatus

from . import options
from .errors import CommandError, usage_error
from .lookup import item_of
from .screen import Listing, console, print_json, state_text
from .stack import open_stack
from .words import action_id, item_words, moment_words

app = typer.Typer(help="Reminders: who will be reminded of what, who was, and why others were not.")

_UNITS: Final = {"h": "hours", "d": "days", "w": "weeks"}
_LONGEST: Final = timedelta(days=92)
_Item = Annotated[
    str, typer.Argument(metavar="ITEM", help="The item: its id, or whole as in good2go#job#ID.")
]
_At = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="From this moment on.", show_default="now")
]
_For = Annotated[str, typer.Option("--for", metavar="LONG", help="For so long: 12h, 7d, 2w.")]


@app.command("plan")
def plan(
    *,
    at: _At = None,
    how_long: _For = "7d",
    config: options.ConfigDir = options.CONFIG,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Show who would be reminded of what, when and how, and why others would not. Nothing is sent.

    It goes by what is known of the open items now; each reminder looks again before it is sent.
    """
    now = _now()
    start = now if at is None else _moment(at)
    end = start + _length(how_long)
    loaded = load_config(config)
    contacts = loaded.contacts
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        subjects = ReminderTargets(loaded.reminders, found.items)
        # Items that are due meanwhile are told of as well, where no policy reminds of them.
        spans = due_date_spans(loaded.reminders, contacts, start - LOOK_BACK, end)
        spans = joined([*spans, (start, end)])
        told = [
            each
            for subject in subjects.due_in(spans)
            for each in outlook(
                subjects.with_its_task(subject),
                loaded.reminders,
                contacts,
                start,
                end,
                catches_up=start <= now,  # the runs until a later start send what is late by then
            )
        ]
        told = _without_used(told, found.slots)
    expected = sorted((each for each in told if isinstance(each, Expected)), key=lambda each: each.at)
    omitted = [each for each in told if isinstance(each, Omitted)]
    if as_json:
        print_json(
            {
                "from": moment_text(start),
                "to": moment_text(end),
                "reminders": [_expected_dict(each) for each in expected],
                "others": [_omitted_dict(each) for each in omitted],
            }
        )
    else:
        _show_plan(console(), expected, omitted, start, end)


@app.command("history")
def history(
    *,
    item: _Item,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Show every reminder of an item: what was sent and when, and what was held back and why."""
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        ref = _find(found.items, item)
        stored = found.items.get(ref)
        uses = sorted(found.slots.of_item(str(ref)), key=lambda use: (use.at, use.person))
        told = [_use_dict(use, found.ledger) for use in uses]
        program = found.slots.programs([str(ref)]).get(str(ref))
    name = None if stored is None else stored.observation.name
    if as_json:
        programmed = None if program is None else {"due_at": program.due_at, "reminders": program.reminders}
        print_json({"item": str(ref), "name": name, "reminders": told, "told_to_the_vendor": programmed})
        return
    screen = console()
    screen.print(Text(f"{name or ref.id}, {item_words(str(ref))}", style="bold"))
    if program is not None:
        screen.print(f"Its vendor was told to remind: {', '.join(program.reminders) or 'never'}.")
    if not told:
        screen.print("No reminder has been asked for.")
        return
    table = Listing("due, UTC", "person", "offset", "by", "became", "why", under="offset", wide=130)
    for each in told:
        table.add(
            moment_words(datetime.fromisoformat(each["at"])),
            each["person"],
            each["offset"],
            each["channel"],
            state_text(each["became"]),
            each["reason"] or "",
        )
    table.show(screen)
    screen.print("What became of an action: proofbridge actions show ID", style="dim")


# -- plan


def _without_used(told: list[Expected | Omitted], slots: Slots) -> list[Expected | Omitted]:
    """Turn what is used already into reasons."""
    names = {
        id(each): (str(each.planned.slot.item), each.planned.slot.key)
        for each in told
        if isinstance(each, Expected) and each.planned is not None
    }
    taken = slots.taken(names.values())
    return [
        Omitted(
            each.subject,
            each.policy,
            "it was asked for already: see proofbridge reminders history",
            each.planned.slot.person,
            each.planned.slot.offset,
        )
        if isinstance(each, Expected) and each.planned is not None and names[id(each)] in taken
        else each
        for each in told
    ]


def _expected_dict(each: Expected) -> dict[str, Any]:
    planned = each.planned
    return {
        "at": moment_text(each.at),
        "item": str(each.subject.item.ref),
        "name": each.subject.item.name,
        "due_at": _due(each),
        "policy": each.policy,
        "person": None if planned is None else planned.slot.person,
        "channel": _channel(each),
        "offset": None if planned is None else planned.slot.offset,
        "escalation": planned is not None and planned.step is not None,
        "digest": planned is not None and planned.step is None and planned.policy.digest,
    }


def _omitted_dict(each: Omitted) -> dict[str, Any]:
    return {
        "item": str(each.subject.item.ref),
        "name": each.subject.item.name,
        "due_at": _due(each),
        "policy": each.policy,
        "person": each.person,
        "offset": each.offset,
        "why": each.why,
    }


def _due(each: Expected | Omitted) -> str | None:
    due_at = each.subject.item.due_at
    return None if due_at is None else moment_text(due_at)


def _channel(each: Expected) -> str:
    if each.planned is None:
        return "its vendor itself"
    if each.planned.channel is None:
        assert each.planned.step is not None  # noqa: S101 - only escalations give priorities
        return f"priority {each.planned.step.priority}"
    return str(each.planned.channel)


def _show_plan(
    screen: Console, expected: list[Expected], omitted: list[Omitted], start: datetime, end: datetime
) -> None:
    screen.print(Text(f"From {moment_words(start)} to {moment_words(end)}, UTC", style="dim"))
    if expected:
        table = Listing("when, UTC", "proof", "person", "by", "policy", under="proof", wide=110)
        for each in expected:
            table.add(
                moment_words(each.at),
                each.subject.item.name or item_words(str(each.subject.item.ref)),
                "who has to decide" if each.planned is None else each.planned.slot.person,
                _channel(each),
                f"{each.policy}{'' if each.planned is None else f', {each.planned.slot.offset}'}",
            )
        table.show(screen)
    else:
        screen.print("Nobody would be reminded.")
    if omitted:
        screen.print(Text("Not reminded:", style="dim"))
        table = Listing("proof", "person", "policy", "why", under="proof", wide=110)
        for other in omitted:
            offset = f", {other.offset}" if other.offset else ""
            table.add(
                other.subject.item.name or item_words(str(other.subject.item.ref)),
                other.person or "",
                f"{other.policy}{offset}",
                other.why,
            )
        table.show(screen)


# -- history


def _find(items: Items, named: str) -> ItemRef:
    if "#" in named or ":" in named:
        return item_of(named)
    for vendor, kinds in ITEM_KINDS.items():
        for kind in sorted(kinds):
            try:
                ref = ItemRef(vendor, kind, named)
            except ValueError as error:
                raise usage_error(f"{named!r} names no item", str(error), "Write its whole id.") from None
            if items.get(ref) is not None:
                return ref
    raise CommandError(
        f"there is no item {named}", "no vendor has shown one of that id", "See: proofbridge events list"
    )


def _use_dict(use: SlotRecord, ledger: Ledger) -> dict[str, Any]:
    became, reason = str(use.fate), use.reason
    if use.fate in {SlotStatus.ASKED, SlotStatus.PARKED}:
        # On its way, or for a person to decide: the ledger knows more, for three weeks.
        effect = ledger.get(use.action)
        if effect is not None:
            became, reason = str(effect.state), effect.reason
    return {
        "at": moment_text(use.at),
        "person": use.person,
        "due_at": moment_text(use.due_at),
        "offset": use.offset,
        "policy": use.policy,
        "channel": use.channel,
        "became": became,
        "reason": reason,
        "asked_at": moment_text(use.taken_at),
        "settled_at": None if use.settled_at is None else moment_text(use.settled_at),
        "action": action_id(use.action),
        "key": use.action,
    }


# -- options


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise usage_error(
            f"--at {text!r} makes no sense", "it is no moment", "Write it as 2026-11-01 or 2026-11-01T08:00Z."
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _length(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,4})\s*([hdw])", text.strip())
    length = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
    if not timedelta() < length <= _LONGEST:
        raise usage_error(
            f"--for {text!r} makes no sense", "it is no length up to 92 days", "Write 12h, 7d or 2w."
        )
    return length
