"""`proofbridge actions`: what waits, what is unclear, what needs a person; and that person's decision."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from proofbridge.domain.files.messages import FILE_KEY_PREFIXES
from proofbridge.domain.items import moment_text
from proofbridge.recovery.retry import retry_action
from proofbridge.stores.ledger import EffectState

from . import options
from .errors import CommandError, usage_error
from .lookup import effects_in, find_action
from .screen import Listing, console, print_json, state_text
from .since import parse_since
from .stack import open_stack
from .story import Told, told_by
from .story_screen import action_words, show_action
from .words import time_words

app = typer.Typer(help="Actions: what is done at the vendors.")

DEFAULT_LIMIT: Final = 50
_Key = Annotated[
    str, typer.Argument(metavar="KEY", help="The id, as in `(Proofbridge 4f2a9c1d0b)`, or the key.")
]


@app.command("list")
def list_actions(
    *,
    state: options.Effects = None,
    since: options.Since = None,
    limit: options.Limit = DEFAULT_LIMIT,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """List the actions that are parked, unknown, waiting or started; the newest of each first."""
    after = None if since is None else parse_since(since, datetime.now(UTC))
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        states = options.OPEN if state is None else (state,)
        effects = effects_in(found.ledger, states, after, _is_of_no_file)
        shown = [told_by(effect) for effect in itertools.islice(effects, limit)]
    if as_json:
        print_json({"actions": [told.to_dict() for told in shown]})
        return
    _print_list(shown, limit)


def _is_of_no_file(_: EffectState, key: str) -> bool:
    return not key.startswith(FILE_KEY_PREFIXES)  # those: proofbridge uploads


def _print_list(told: list[Told], limit: int) -> None:
    screen = console()
    if not told:
        screen.print("No such actions: nothing waits for a person.")
        return
    table = Listing("id", "since, UTC", "state", "action", "why", under="action", wide=140)
    for each in told:
        effect = each.effect
        table.add(
            each.id,
            "" if effect is None or effect.state_at is None else time_words(effect.state_at),
            state_text(each.outcome),
            action_words(each),
            "" if effect is None else effect.reason or "",
        )
    table.show(screen)
    more = f"The newest {limit}; more by --limit. " if len(told) == limit else ""
    screen.print(f"{more}All of one: proofbridge actions show ID", style="dim")


@app.command("show")
def show_one(
    *,
    key: _Key,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Show an action: what it does, what became of it and why, and which event led to it."""
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        told = told_by(find_action(found.ledger, key))
    if as_json:
        print_json(told.to_dict())
    else:
        show_action(console(), told)


@app.command("retry")
def retry(
    *,
    key: _Key,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Queue an action again, under its key: it still happens once.

    Where it is not known whether it happened, its vendor is asked first; an e-mail, of which no vendor can
    be asked, is sent.
    """
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        effect = find_action(found.ledger, key)
        retry_action(effect, ledger=found.ledger, queues=found.queues, now=datetime.now(UTC))
        told = told_by(find_action(found.ledger, effect.key))
    if as_json:
        print_json(told.to_dict())
    else:
        console().print(f"{action_words(told)} is queued again. See: proofbridge actions show {told.id}")


@app.command("dismiss")
def dismiss(
    *,
    key: _Key,
    reason: Annotated[str, typer.Option("--reason", help="Why it shall not happen; kept with it.")],
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Settle an action that shall not happen any more."""
    if not reason.strip():
        raise usage_error("--reason is empty", "whoever looks later needs it", "Say why in a few words.")
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        now = datetime.now(UTC)
        effect = find_action(found.ledger, key)
        if effect.state in {EffectState.DONE, EffectState.HELD}:
            raise CommandError(
                f"{key} can't be dismissed",
                f"it is {effect.state}",
                "Nothing is left to be decided about it.",
            )
        if effect.state is EffectState.STARTED and effect.lease_until > now:
            until = moment_text(effect.lease_until)
            raise CommandError(f"{key} can't be dismissed", "it is under way", f"Look again after {until}.")
        if not found.ledger.dismiss(effect, f"dismissed: {reason.strip()}", now):
            raise CommandError(f"{key} can't be dismissed", "it has moved on meanwhile", "Look at it again.")
        told = told_by(find_action(found.ledger, effect.key))
    if as_json:
        print_json(told.to_dict())
    else:
        console().print(f"{action_words(told)} is dismissed.")
