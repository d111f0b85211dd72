"""`proofbridge config`: what the configuration means, and what it would do."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from proofbridge.config.loader import load_config
from proofbridge.domain.actions import Action

from . import options
from .errors import usage_error
from .rehearsal import Rehearsal, Rehearsed
from .reminder_sentences import reminder_sentence
from .replay_screen import show_calls
from .screen import console, indented, print_json
from .sentences import authority_sentence, destination_sentence, link_sentence, route_sentence
from .stand_ins import stand_in
from .story import QUEUED, Told
from .story_screen import action_words
from .trial import Trial, try_event
from .words import change_words, item_words

app = typer.Typer(help="The configuration: what it means, and what it would do.")


@app.command("check")
def check(*, config: options.ConfigDir = options.CONFIG, as_json: options.AsJson = False) -> None:
    """Check the configuration, and explain each route, destination, reminder, link and authority."""
    loaded = load_config(config)
    sentences = {
        "destinations": [
            {"name": each.prefix, "sentence": destination_sentence(each)} for each in loaded.destinations
        ],
        "routes": [{"name": each.name, "sentence": route_sentence(each)} for each in loaded.routes],
        "reminders": [{"name": each.name, "sentence": reminder_sentence(each)} for each in loaded.reminders],
        "links": [{"name": each.name, "sentence": link_sentence(each)} for each in loaded.links],
        "fields": [
            {"name": field, "sentence": authority_sentence(field, vendors)}
            for field, vendors in loaded.authority
            if vendors is not None
        ],
    }
    if as_json:
        print_json({"config": str(config), **sentences})
        return
    screen = console()
    for kind, entries in sentences.items():
        screen.print(Text(f"{len(entries)} {kind if len(entries) != 1 else kind[:-1]}", style="dim"))
        for entry in entries:
            screen.print(Text(entry["name"], style="bold"))
            screen.print(indented(Text(f"{entry['sentence']}\n"), 2))
    screen.print(f"{config} is all good.", style="green")


@app.command("try")
def try_one(
    *,
    event: Annotated[
        str, typer.Argument(metavar="EVENT.json", help="The event's file; - for standard input.")
    ],
    config: options.ConfigDir = options.CONFIG,
    as_json: options.AsJson = False,
) -> None:
    """Show which routes an event would fire, and the vendor calls they would make. Nothing is asked or sent.

    An event is an observation; {"before": …, "after": …} of two; a webhook as API Gateway passes it on, or
    its body alone; or a change from the bus.
    """
    loaded = load_config(config)
    trial = try_event(_text(event), loaded, datetime.now(UTC))
    routed = trial.routed(loaded)
    with Rehearsal(loaded.vendors) as rehearsal:
        rehearsed = {
            action.key: rehearsal.calls_of(action, stand_in(action))
            for actions in routed.values()
            for action in actions
        }
    if as_json:
        print_json(_trial_dict(trial, routed, rehearsed))
    else:
        _show_trial(console(), trial, routed, rehearsed)


def _text(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not text in UTF-8"
        raise usage_error(f"{path} can't be read", why, "Name a file that holds an event as JSON.") from None


def _trial_dict(
    trial: Trial, routed: dict[str, list[Action]], rehearsed: dict[str, Rehearsed]
) -> dict[str, Any]:
    return {
        "read_first": None if trial.read_first is None else str(trial.read_first),
        "item": None if trial.item is None else str(trial.item.ref),
        "changes": [
            {"kind": str(change.kind), "before": change.before, "after": change.after}
            for change in trial.changes
        ],
        "routes": [
            {
                "name": name,
                "fires": bool(actions),
                "actions": [
                    {
                        "name": str(action.name),
                        "vendor": str(action.vendor),
                        "params": action.params,
                        **rehearsed[action.key].to_dict(),
                    }
                    for action in actions
                ],
            }
            for name, actions in routed.items()
        ],
    }


def _show_trial(
    screen: Console, trial: Trial, routed: dict[str, list[Action]], rehearsed: dict[str, Rehearsed]
) -> None:
    if trial.read_first is not None:
        then = "If it is as the event says:" if trial.item else "What follows depends on what is found there."
        screen.print(f"First {item_words(str(trial.read_first))} would be read at its vendor. {then}")
    if trial.item is None:
        return
    screen.print(
        Text(f"{trial.item.name or trial.item.ref.id}, {item_words(str(trial.item.ref))}", style="bold")
    )
    for change in trial.changes:
        screen.print(indented(Text.assemble(("Δ ", "bold"), change_words(change)), 2))
    if not trial.changes:
        screen.print(indented(Text("nothing changes", style="dim"), 2))
    for name, actions in routed.items():
        for action in actions:
            words = action_words(Told(action.key, QUEUED, action=action))
            line = Text.assemble(("→ ", "cyan"), (words, "bold"), (f"  by {name}", "dim"))
            screen.print(indented(line, 2))
            show_calls(screen, action, rehearsed[action.key])
    silent = [name for name, actions in routed.items() if not actions]
    if silent:
        screen.print(Text(f"Not for: {', '.join(silent)}", style="dim"))
