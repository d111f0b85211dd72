"""`proofbridge events`: what came in, its story, and doing it again."""

from __future__ import annotations

import itertools
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from proofbridge.config.loader import load_config
from proofbridge.domain.items import ItemRef, Vendor
from proofbridge.domain.proofs import VENDOR_NAMES
from proofbridge.events.readers import readers
from proofbridge.events.replay import Plan, carry_out, plan_replay
from proofbridge.stores.history import Entry
from proofbridge.stores.inbox import EventState, Source
from proofbridge.stores.ledger import Entry as Effect

from . import options
from .lookup import ITEM_FORM, find_event, item_of
from .rehearsal import Rehearsal, Rehearsed
from .replay_screen import show_plan
from .screen import Listing, console, print_json, state_text
from .since import parse_since
from .stack import open_stack
from .story import entry_dict, tell
from .story_screen import show_story
from .words import action_id, item_words, new_words, short_id, time_words

app = typer.Typer(help="Events: what came in and what it led to.")

DEFAULT_LIMIT: Final = 20
_Vendor = Annotated[
    Vendor | None, typer.Option("--vendor", metavar="VENDOR", help=f"Of one vendor: {', '.join(Vendor)}.")
]
_State = Annotated[
    EventState | None,
    typer.Option("--state", metavar="STATE", help=f"In one state: {', '.join(EventState)}."),
]
_Item = Annotated[str | None, typer.Option("--item", metavar="REF", help=f"Of one item: {ITEM_FORM}")]


@app.command("list")
def list_events(
    *,
    vendor: _Vendor = None,
    state: _State = None,
    item: _Item = None,
    since: options.Since = None,
    limit: options.Limit = DEFAULT_LIMIT,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """List the newest events."""
    after = None if since is None else parse_since(since, datetime.now(UTC))
    ref = None if item is None else item_of(item)
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        states = tuple(EventState) if state is None else (state,)
        if ref is None:
            entries = found.journal.newest(states=states, vendor=vendor, since=after)
        else:
            entries = (
                entry
                for entry in found.journal.of_item(str(ref))
                if entry.event.state in states
                and vendor in {None, ref.vendor}
                and (after is None or entry.event.received_at >= after)
            )
        shown = list(itertools.islice(entries, limit))
    if as_json:
        print_json({"events": [entry_dict(entry) for entry in shown]})
        return
    _print_list(shown, limit)


def _print_list(entries: list[Entry], limit: int) -> None:
    screen = console()
    if not entries:
        screen.print("No events. The Inbox keeps 30 days; without options all of them are looked through.")
        return
    table = Listing("id", "received, UTC", "item", "source", "state", "what changed", under="item", wide=96)
    for entry in entries:
        event = entry.event
        table.add(
            short_id(event.id),
            time_words(event.received_at),
            item_words(event.item),
            str(event.source),
            state_text(event.state),
            _what_changed(entry),
        )
    table.show(screen)
    if len(entries) == limit:
        screen.print(
            f"The newest {limit}; more by --limit. One story: proofbridge events show ID", style="dim"
        )


def _what_changed(entry: Entry) -> str:
    event = entry.event
    times = len(entry.replays)
    replayed = "" if not times else " (replayed)" if times == 1 else f" (replayed {times} times)"
    if event.reason and event.state is not EventState.PROCESSED:
        return event.reason + replayed
    if event.item.endswith("#test"):
        return "a test of the webhook"
    if event.state is EventState.RECEIVED:
        return "not processed yet" + replayed
    if entry.changes:
        return ", ".join(new_words(change) for change in entry.changes) + replayed
    if event.source in {Source.WEBHOOK, Source.NOTICE} and entry.actions:
        return f"read at {_vendor_name(event.item)}{replayed}"
    return ("linked to its proof" if event.source is Source.LINK else "nothing new") + replayed


def _vendor_name(item: str) -> str:
    return VENDOR_NAMES[ItemRef.parse(item).vendor]


@app.command("show")
def show_event(
    *,
    event: Annotated[str, typer.Argument(metavar="ID", help="The id, its beginning, or the whole key.")],
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Tell an event's whole story: what came in, was observed, changed, and became of each action."""
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        entry = find_event(found.journal, event)
        story = tell(
            entry, journal=found.journal, ledger=found.ledger, items=found.items, now=datetime.now(UTC)
        )
    if as_json:
        print_json(story.to_dict())
    else:
        show_story(console(), story)


@app.command("replay")
def replay_events(
    *,
    events: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids, their beginnings, or keys.")],
    dry_run: options.DryRun = False,
    config: options.ConfigDir = options.CONFIG,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Do again what followed from events, as a new execution, by the routes of the configuration here.

    All of the events are replayed, or none.
    """
    settings = load_config(config)
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        now = datetime.now(UTC)
        named = {entry.event.key: entry for entry in (find_event(found.journal, each) for each in events)}
        plans = [
            plan_replay(
                entry,
                f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}",
                items=found.items,
                ledger=found.ledger,
                routes=settings.routes,
                readers=readers(settings.vendors),
            )
            for entry in named.values()
        ]
        if dry_run:
            with Rehearsal(settings.vendors) as rehearsal:
                rehearsed = {
                    action.key: rehearsal.rehearse(action, found.items, found.words)
                    for plan in plans
                    for action in plan.actions
                }
        else:
            rehearsed = {}
            queues = found.queues(*(action.vendor for plan in plans for action in plan.actions))
            for plan in plans:
                carry_out(plan, journal=found.journal, queues=queues, ledger=found.ledger, now=now)
    if as_json:
        print_json({"dry_run": dry_run, "replays": [_plan_dict(plan, rehearsed) for plan in plans]})
        return
    screen = console()
    for plan in plans:
        show_plan(screen, plan, rehearsed, dry_run=dry_run)
    if dry_run:
        screen.print("Nothing was queued.", style="dim")


def _plan_dict(plan: Plan, rehearsed: dict[str, Rehearsed]) -> dict[str, Any]:
    return {
        "id": plan.id,
        "event": plan.entry.event.key,
        "way": str(plan.way),
        "actions": [
            {
                "id": action_id(action.key),
                "key": action.key,
                "name": str(action.name),
                "vendor": str(action.vendor),
                "target": None if action.target is None else str(action.target),
                "proof": action.proof_id,
                "route": action.cause.rule,
                "params": action.params,
                "in_place_of": _newest_dict(plan.in_place_of.get(action.key, ())),
                **(rehearsed[action.key].to_dict() if action.key in rehearsed else {}),
            }
            for action in plan.actions
        ],
    }


def _newest_dict(effects: tuple[Effect, ...]) -> dict[str, str] | None:
    if not effects:
        return None
    effect = effects[-1]
    return {"id": action_id(effect.key), "key": effect.key, "outcome": str(effect.state)}
