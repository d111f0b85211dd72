"""How things look on the screen: the same words, colours and shapes everywhere."""

from __future__ import annotations

import json
from typing import Any, Final

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

STYLES: Final = {
    "received": "cyan",
    "processed": "green",
    "failed": "yellow",
    "parked": "bold red",
    "quarantined": "magenta",
    "done": "green",
    "held": "dim",
    "waiting": "yellow",
    "queued": "cyan",
    "started": "cyan",
    "unknown": "bold magenta",
    "forgotten": "dim",
}
"""The colour of each state of an event, and of each outcome of an action."""


_RULED: Final = box.Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
"""A line below the head, and nothing between columns."""


def console() -> Console:
    """Return the screen."""
    return Console(highlight=False)


def state_text(state: str) -> Text:
    """Return a state in its colour."""
    return Text(state, style=STYLES.get(state, ""))


def listing(*columns: str, flexible: str) -> Table:
    """Return an empty table; all columns but one are as wide as what is in them."""
    table = Table(box=_RULED, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim", show_edge=False)
    for column in columns:
        if column == flexible:
            table.add_column(column, ratio=1, overflow="fold")
        else:
            table.add_column(column, no_wrap=True)
    return table


def indented(what: RenderableType, by: int) -> Padding:
    """Return something moved to the right."""
    return Padding(what, (0, 0, 0, by), expand=False)


def print_json(data: Any) -> None:
    """Print what a script reads."""
    print(json.dumps(data, indent=2, ensure_ascii=False))
