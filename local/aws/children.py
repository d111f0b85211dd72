"""The processes that the runner starts: they all end when it does, however it ends.

Every child joins one process group, led by a keeper whose only work is to wait for the end of its standard
input. The runner holds the other end of that pipe; when the runner is gone, even by SIGKILL, the kernel
closes the pipe and the keeper kills the group. That needs no help from the children, reaches their own
children too, and works while a child is stuck in C code.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

_KEEPER = "import os, signal, sys; sys.stdin.buffer.read(); os.killpg(0, signal.SIGKILL)"
_TERMINATE_SECONDS = 3.0


class Children:
    """A group of processes. Close it (or leave the `with` block) to end them all."""

    def __init__(self) -> None:
        # The keeper stands outside the runner's own group, so Ctrl-C in a terminal reaches the runner only.
        self._keeper = subprocess.Popen(  # noqa: S603 - the command is ours
            [sys.executable, "-I", "-S", "-c", _KEEPER],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            process_group=0,
        )
        self._polite: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        directory: Path,
        output: IO[bytes] | int | None = None,
        pass_fds: Sequence[int] = (),
        polite: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start `command`; its stdout and stderr go to `output`. A polite one is sent SIGTERM first."""
        process = subprocess.Popen(  # noqa: S603 - the commands are ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            env=dict(environment),
            cwd=directory,
            pass_fds=pass_fds,
            process_group=self._keeper.pid,
        )
        if polite:
            self._polite.append(process)
        return process

    def close(self) -> None:
        """End every process of the group and wait for those started here."""
        for process in self._polite:
            process.terminate()
        for process in self._polite:
            try:
                process.wait(_TERMINATE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._polite.clear()
        if self._keeper.returncode is None:
            os.killpg(self._keeper.pid, signal.SIGKILL)
            self._keeper.wait()
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
