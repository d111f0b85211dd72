"""`proofbridge uploads`: files on their way to their vendors, and what keeps them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from proofbridge.proofs import VENDOR_NAMES
from proofbridge.retry import retry_upload
from proofbridge.stores.ledger import EffectState

from . import options
from .errors import CommandError
from .screen import Listing, console, print_json, printable, state_text
from .shipments import Shipment, find_shipments, shipments
from .since import parse_since
from .stack import open_stack
from .words import time_words

app = typer.Typer(help="Uploads: dropped files on their way to their vendors.")

DEFAULT_LIMIT: Final = 50
_Named = Annotated[
    str, typer.Argument(metavar="FILE", help="The file (labels/a.pdf), or the id or key of an upload.")
]


@app.command("list")
def list_uploads(
    *,
    state: options.Effects = None,
    since: options.Since = None,
    limit: options.Limit = DEFAULT_LIMIT,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """List the files that are on their way, wait or are refused; the newest of each first."""
    after = None if since is None else parse_since(since, datetime.now(UTC))
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        states = options.OPEN if state is None else (state,)
        shown = list(itertools.islice(shipments(found.ledger, states, after), limit))
    if as_json:
        print_json({"uploads": [each.to_dict() for each in shown]})
        return
    screen = console()
    if not shown:
        screen.print("No such uploads: no file waits for anything.")
        return
    table = Listing("id", "since, UTC", "state", "sent", "file", "why", under="file", wide=140)
    for each in shown:
        table.add(
            each.id,
            "" if each.entry.state_at is None else time_words(each.entry.state_at),
            state_text(each.entry.state),
            each.progress,
            _what(each),
            printable(each.why),
        )
    table.show(screen)
    more = f"The newest {limit}; more by --limit. " if len(shown) == limit else ""
    screen.print(f"{more}All of one: proofbridge uploads show FILE", style="dim")


@app.command("show")
def show_one(
    *,
    file: _Named,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Show how far a file has come at each of its vendors."""
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        shown = find_shipments(found.ledger, file)
    if as_json:
        print_json({"uploads": [each.to_dict() for each in shown]})
        return
    screen = console()
    for each in shown:
        told = each.to_dict()
        result = told.pop("result") or {}
        told |= {name: result[name] for name in ("ref", "version", "url") if name in result}
        told["percent"] = each.progress
        told["reason"] = each.why or None
        screen.print(printable(_what(each)), style="bold", soft_wrap=True)
        for name, value in told.items():
            if value is not None and name not in {"file", "vendor"}:
                screen.print(f"  {name:<11} {printable(str(value))}", soft_wrap=True)


@app.command("retry")
def retry(
    *,
    file: _Named,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Queue again what waits or is refused of a file; it still arrives once.

    Where it is not known whether it has arrived, its vendor is asked first.
    """
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        open_ones = [
            each for each in find_shipments(found.ledger, file) if each.entry.state is not EffectState.DONE
        ]
        if not open_ones:
            raise CommandError(
                f"{file} can't be retried", "all of it is done", f"See: proofbridge uploads show {file}"
            )
        for each in open_ones:
            retry_upload(each.entry, ledger=found.ledger, uploads=found.uploads, now=datetime.now(UTC))
    if as_json:
        print_json({"retried": [each.entry.key for each in open_ones]})
        return
    for each in open_ones:
        console().print(f"{printable(_what(each))} is queued again.", markup=False)


def _what(shipment: Shipment) -> str:
    to = "" if shipment.vendor is None else f" to {VENDOR_NAMES[shipment.vendor]}"
    return f"{shipment.drop.key.removeprefix('drop/')}{to}"
