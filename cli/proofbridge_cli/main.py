"""The `proofbridge` command: its groups of commands, and how it fails."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import typer
from typer.core import TyperGroup

from . import actions, configuration, drop, events, linking, reminders, uploads, webhooks
from .errors import INTERRUPTED, USAGE, CommandError, explained
from .screen import one_line

THIS_MACHINE: Final = "127.0.0.1"


class Commands(TyperGroup):
    """The commands, all of which fail alike: one line, or JSON with --json, and an exit status."""

    def main(self, args: Sequence[str] | None = None, *arguments: Any, **options: Any) -> Any:
        """Run a command and end the process with its status: 0, 1 for a failure, 2 for wrong usage."""
        given = list(sys.argv[1:] if args is None else args) or ["--help"]
        _ask_this_machine_directly()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a name may have what the screen has not
        try:
            status = super().main(given, *arguments, **{**options, "standalone_mode": False})
        except (typer.Abort, KeyboardInterrupt):
            sys.exit(INTERRUPTED)
        except typer.TyperException as error:
            failure = CommandError(
                "the command line makes no sense", error.format_message(), _help(error), status=USAGE
            )
            _say(failure, as_json="--json" in given)
            sys.exit(failure.status)
        except Exception as error:
            found = explained(error)
            if found is None:
                raise
            _say(found, as_json="--json" in given)
            sys.exit(found.status)
        sys.exit(status if isinstance(status, int) else 0)


app = typer.Typer(
    cls=Commands,
    name="proofbridge",
    help="What came in, what became of it, and what to do about it.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(events.app, name="events")
app.add_typer(actions.app, name="actions")
app.add_typer(reminders.app, name="reminders")
app.add_typer(uploads.app, name="uploads")
app.command("drop")(drop.drop)
app.command("link")(linking.link)
app.command("unlink")(linking.unlink)
app.command("links")(linking.links)
app.command("drift")(linking.drift)
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(configuration.app, name="config")


def _ask_this_machine_directly() -> None:
    """Keep what goes to local AWS, or to a stand-in for a vendor, from a proxy that leads elsewhere."""
    direct = (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").split(",")
    if THIS_MACHINE not in direct:
        direct = [*filter(None, direct), THIS_MACHINE]
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(direct)


def _help(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"Try: {context.command_path if context else 'proofbridge'} --help"


def _say(error: CommandError, *, as_json: bool) -> None:
    text = json.dumps(error.to_dict()) if as_json else f"proofbridge: {one_line(str(error))}"
    print(text, file=sys.stderr)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
