"""How far each of several files is: bars on a terminal, else a line whenever something new is to be said."""

from __future__ import annotations

from collections.abc import Hashable
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column

from .screen import one_line

_ALL: Final = 100


class Bars:
    """The bars of files, shown within the block; each is called what `show` was given first."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen
        self._tasks: dict[Hashable, TaskID] = {}
        self._told: dict[Hashable, tuple[str, int]] = {}
        self._progress = Progress(
            _text("{task.description}"),
            BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=8)),
            TextColumn("{task.percentage:3.0f} %", table_column=Column(no_wrap=True)),
            _text("{task.fields[says]}"),
            console=screen,
            expand=True,
        )

    def __enter__(self) -> Self:
        if self._screen.is_terminal:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._screen.is_terminal:
            self._progress.stop()

    def show(self, file: Hashable, name: str, percent: int, says: str) -> None:
        """Show how far a file is, in percent, and what is done with it."""
        name, says = one_line(name), one_line(says)
        if self._screen.is_terminal:
            if file not in self._tasks:
                self._tasks[file] = self._progress.add_task(name, total=_ALL, says=says)
            self._progress.update(self._tasks[file], completed=percent, says=says)
        elif self._told.get(file) != (says, percent // 10):
            self._told[file] = says, percent // 10
            self._screen.print(f"{name}  {percent} %  {says}", soft_wrap=True)


def _text(template: str) -> TextColumn:
    return TextColumn(template, markup=False, table_column=Column(ratio=2, no_wrap=True, overflow="ellipsis"))
