"""What a replay did, or would do, on the screen."""

from __future__ import annotations

import json
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from proofbridge.domain.actions import Action
from proofbridge.domain.proofs import VENDOR_NAMES
from proofbridge.events.replay import Plan, Way
from proofbridge.stores.ledger import EffectState
from proofbridge.stores.ledger import Entry as Effect

from .rehearsal import Rehearsed
from .screen import STYLES, indented, state_text
from .story import QUEUED, Told
from .story_screen import action_words
from .words import action_id, change_words, item_words, short_id

_WAYS = {
    Way.ROUTE: "by the routes of this configuration",
    Way.OBSERVE: "the item is read again",
    Way.PROCESS: "put back on its way, since it was not processed",
}


def show_plan(screen: Console, plan: Plan, rehearsed: Mapping[str, Rehearsed], *, dry_run: bool) -> None:
    """Print a plan; with the calls of a dry run where there was one."""
    event = plan.entry.event
    done = "would be replayed" if dry_run else "is replayed"
    screen.print(
        Text.assemble(
            ("↻ ", "bold"),
            (f"{item_words(event.item)}, {event.source} {short_id(event.id)}", "bold"),
            f" {done}: {_WAYS[plan.way]}",
            ("" if dry_run else f"  {plan.id}", "dim"),
        )
    )
    for change in plan.entry.changes:
        screen.print(indented(Text.assemble(("Δ ", "bold"), change_words(change)), 2))
    if not plan.actions:
        screen.print(indented(Text("no route asks for anything then", style="dim"), 2))
    for action in plan.actions:
        _show_action(screen, action, plan.in_place_of.get(action.key, ()), rehearsed.get(action.key))
    if plan.actions and not dry_run:
        screen.print(
            Text(f"See what became of it: proofbridge events show {short_id(event.id)}", style="dim")
        )


def _show_action(
    screen: Console, action: Action, replaced: tuple[Effect, ...], rehearsed: Rehearsed | None
) -> None:
    words = Text.assemble(("→ ", "cyan"), (action_words(Told(action.key, QUEUED, action=action)), "bold"))
    if action.cause.rule:
        words.append(f"  by {action.cause.rule}", style="dim")
    screen.print(indented(words, 2))
    for effect in replaced:
        words = Text.assemble("in place of ", (action_id(effect.key), "dim"), ", which is ")
        words.append_text(state_text(effect.state))
        if effect.unclear or effect.state is EffectState.UNKNOWN:
            words.append(": it may have happened", style=STYLES["unknown"])
        screen.print(indented(words, 4))
    if rehearsed is not None:
        show_calls(screen, action, rehearsed)


def show_calls(screen: Console, action: Action, rehearsed: Rehearsed) -> None:
    """Print the calls that an action would make."""
    for call in rehearsed.calls:
        line = Text.assemble(
            (call.method, "bold"), f" {call.path}", (f"  at {VENDOR_NAMES[action.vendor]}", "dim")
        )
        screen.print(indented(line, 4), soft_wrap=True)
        if call.body is not None:
            body = json.dumps(call.body, indent=2, ensure_ascii=False)
            screen.print(indented(Text(body), 6))
    if rehearsed.note:
        screen.print(indented(Text(rehearsed.note, style="yellow"), 4))
