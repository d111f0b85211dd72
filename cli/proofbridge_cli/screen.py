"""How things look on the screen: the same words, colours and shapes everywhere."""

from __future__ import annotations

import json
import shlex
import sys
from typing import Any, Final

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderHook, RenderResult
from rich.padding import Padding
from rich.segment import Segment
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
    "asked": "cyan",
    "sent": "green",
    "passed": "dim",
    "waiting": "yellow",
    "queued": "cyan",
    "started": "cyan",
    "unknown": "bold magenta",
    "forgotten": "dim",
}
"""The colour of each state of an event, and of each outcome of an action."""


_RULED: Final = box.Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
"""A line below the head, and nothing between columns."""


def printable(text: str) -> str:
    """Return a text from outside without what can't be shown, or would command the terminal."""
    shown = (each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)
    return "".join(shown)


def one_line(text: str) -> str:
    """Return a text from outside for the middle of a sentence: as `printable` does, and on one line."""
    return printable(text).replace("\n", "\N{REPLACEMENT CHARACTER}")


def shell_word(text: str) -> str:
    """Return a text from outside as it can be copied into a shell's command line."""
    if text.isprintable():
        return shlex.quote(text)
    data = text.encode(errors="surrogateescape")
    return "$'" + "".join(chr(each) if _is_plain(each) else f"\\x{each:02x}" for each in data) + "'"


def _is_plain(byte: int) -> bool:
    return chr(byte).isascii() and chr(byte).isprintable() and byte not in b"'\\"


class _Printable:
    """Something to be shown whose words may come from outside."""

    def __init__(self, what: RenderableType) -> None:
        self._what = what

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._what, options):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)


class _OnlyPrintable(RenderHook):
    def process_renderables(self, renderables: list[Any]) -> list[Any]:
        return [_Printable(each) for each in renderables]


def console(*, stderr: bool = False) -> Console:
    """Return the screen. It shows what comes from outside as it is: no markup, no emoji, no commands."""
    screen = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    screen.push_render_hook(_OnlyPrintable())
    return screen


def state_text(state: str) -> Text:
    """Return a state in its colour."""
    return Text(state, style=STYLES.get(state, ""))


class Listing:
    """A table whose last column says the most.

    It takes what the others leave of the line. Where the screen is narrower than `wide`, what it says stands
    below the column `under`, which then is the flexible one.
    """

    def __init__(self, *columns: str, under: str, wide: int) -> None:
        self._columns = columns
        self._under = columns.index(under)
        self._wide = wide
        self._rows: list[tuple[str | Text, ...]] = []

    def add(self, *cells: str | Text) -> None:
        """Add a row."""
        self._rows.append(cells)

    def show(self, screen: Console) -> None:
        """Print the table."""
        is_wide = screen.width >= self._wide
        columns = self._columns if is_wide else self._columns[:-1]
        flexible = len(columns) - 1 if is_wide else self._under
        table = Table(box=_RULED, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim", show_edge=False)
        for place, column in enumerate(columns):
            if place == flexible:
                table.add_column(column, ratio=1, overflow="fold")
            else:
                table.add_column(column, no_wrap=True)
        for row in self._rows:
            cells: list[RenderableType] = list(row if is_wide else row[:-1])
            if not is_wide and row[-1]:
                cells[flexible] = Group(cells[flexible], indented(row[-1], 2))
            table.add_row(*cells)
        screen.print(table)


def indented(what: RenderableType, by: int) -> Padding:
    """Return something moved to the right."""
    return Padding(what, (0, 0, 0, by), expand=False)


def say(text: str) -> None:
    """Say on one line what went wrong, beside what the command prints."""
    print(f"proofbridge: {one_line(text)}", file=sys.stderr)


def print_json(data: Any) -> None:
    """Print what a script reads: JSON in ASCII, whatever the locale and whatever came from outside."""
    print(json.dumps(data, indent=2, allow_nan=False))
