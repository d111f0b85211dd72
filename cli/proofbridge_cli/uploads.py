"""`proofbridge uploads`: files on their way to their vendors, and what keeps them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from proofbridge.domain.proofs import VENDOR_NAMES
from proofbridge.recovery.retry import CantRetryError, Retried, retry_upload

from . import options
from .errors import FAILURE, CommandError
from .screen import Listing, console, one_line, print_json, printable, say, shell_word, state_text
from .shipments import Shipment, find_shipments, newest_steps, shipments
from .since import parse_since
from .stack import Stack, open_stack
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
        screen.print("No such uploads." if state else "No file is on its way, waits or is refused.")
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
        shown = find_shipments(found.ledger, found.drop_bucket, file)
        if as_json:
            print_json({"uploads": [each.to_dict() for each in shown]})
            return
        newest = {each.entry.key: each for each in newest_steps(shown)}
        remedies = {key: each.what_to_do(found.folder) for key, each in newest.items()}
    results = {(each.drop.version_id, each.vendor): each.result for each in shown if each.result}
    screen = console()
    for key, each in newest.items():
        result = results.get((each.drop.version_id, each.vendor), {})
        told = each.to_dict() | {name: result.get(name) for name in ("ref", "version", "url")}
        told |= {"percent": each.progress or None, "reason": each.why or None, "result": None}
        told["what to do"] = remedies[key]
        screen.print(one_line(_what(each)), style="bold", soft_wrap=True)
        for name, value in told.items():
            if value is not None and name not in {"file", "vendor"}:
                screen.print(f"  {name:<11} {printable(str(value))}", soft_wrap=True)


@app.command("retry")
def retry(
    *,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Files (labels/a.pdf), or ids or keys of uploads.")
    ],
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Queue again what waits or is refused of files; each still arrives once.

    Where it is not known whether one has arrived, its vendor is asked first.
    """
    retried: list[tuple[Shipment, Retried]] = []
    errors: list[CommandError] = []
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        for file in files:
            try:
                retried += _retry_one(found, file)
            except CommandError as error:
                errors.append(error)
    if not retried and len(errors) == 1:
        raise errors[0]
    if as_json:
        print_json(
            {
                "retried": [each.entry.key for each, _ in retried],
                "refused": [each.to_dict()["error"] for each in errors],
            }
        )
    else:
        for each, how in retried:
            vendor = "" if each.vendor is None else VENDOR_NAMES[each.vendor]
            said = _SAID[how].format(vendor=vendor)
            console().print(one_line(f"{_what(each)}: {said}."), soft_wrap=True)
    for each_error in errors:
        say(str(each_error))
    if errors:
        raise typer.Exit(FAILURE)


_SAID: Final = {
    Retried.TAKEN_IN: "it is taken in again",
    Retried.ASKED_FIRST: "{vendor} is asked whether it has arrived, and it is sent if it has not",
    Retried.SENT: "it is sent again, since it surely has not arrived",
    Retried.LOOKED_AT: "it has arrived, and {vendor} is asked again whether it has processed it",
}


def _retry_one(stack: Stack, file: str) -> list[tuple[Shipment, Retried]]:
    """Retry what can be retried of a file. Raise CommandError where nothing can."""
    retried: list[tuple[Shipment, Retried]] = []
    reasons: list[str] = []
    for each in find_shipments(stack.ledger, stack.drop_bucket, file):
        try:
            how = retry_upload(
                each.entry,
                ledger=stack.ledger,
                uploads=stack.uploads,
                folder=stack.folder,
                now=datetime.now(UTC),
            )
        except CantRetryError as error:
            reasons.append(str(error))
        else:
            retried.append((each, how))
    if not retried:
        why = "; ".join(dict.fromkeys(reasons))
        raise CommandError(
            f"{file} can't be retried", why, f"See: proofbridge uploads show {shell_word(file)}"
        )
    return retried


def _what(shipment: Shipment) -> str:
    to = "" if shipment.vendor is None else f" to {VENDOR_NAMES[shipment.vendor]}"
    return f"{shipment.drop.key.removeprefix('drop/')}{to}"
