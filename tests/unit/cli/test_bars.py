"""Bars of files: on a terminal, and where there is none."""

from __future__ import annotations

import io

from rich.console import Console

from proofbridge_cli.bars import Bars


def shown(*, terminal: bool) -> str:
    screen = Console(file=io.StringIO(), force_terminal=terminal, width=60, markup=False, highlight=False)
    with Bars(screen) as bars:
        bars.show(1, "long-" * 60 + "\x1b[2J\n.pdf", 40, "Good2Go: sending")
        bars.show(2, "[b].pdf", 41, "Good2Go: sending\x07")
        bars.show(2, "[b].pdf", 42, "Good2Go: sending\x07")
        bars.show(2, "[b].pdf", 100, "Good2Go: relayed")
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_line_is_printed_when_there_is_something_new_and_no_terminal() -> None:
    assert shown(terminal=False).splitlines() == [
        f"{'long-' * 60}�[2J�.pdf  40 %  Good2Go: sending",
        "[b].pdf  41 %  Good2Go: sending�",
        "[b].pdf  100 %  Good2Go: relayed",
    ]


def test_bars_stay_within_a_narrow_terminal_and_no_name_commands_it() -> None:
    screen = shown(terminal=True)
    last = screen.rpartition("\x1b[2K")[2]
    assert "Good2Go: sendi" in last
    assert "[b].pdf" in last
    assert "\x1b[2J" not in screen
    assert "\x07" not in screen
