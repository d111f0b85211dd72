"""`make demo`, run as its user runs it."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
END_SECONDS = 60


@contextmanager
def demo() -> Iterator[subprocess.Popen[str]]:
    """`make demo` on ports of its own, in a session of its own, by which what it starts is found again."""
    offset = random.randrange(100, 23_000, 10)  # noqa: S311 - a port is no secret
    process = subprocess.Popen(  # noqa: S603 - a fixed command
        ["make", "--silent", "demo", f"ARGS=--port-offset {offset}"],  # noqa: S607
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "COLUMNS": "120"},
    )
    with process:
        try:
            yield process
        finally:
            for pid in of_session(process.pid):
                os.kill(pid, signal.SIGKILL)


def of_session(session: int) -> list[int]:
    """The living processes of a session (not those that only wait to be reaped)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and fields[0] not in {"Z", "X"}:
            found.append(int(stat.parent.name))
    return found


def wait_until_gone(session: int) -> list[int]:
    """Wait for the end of every process of a session; return those that outlive the limit."""
    left = of_session(session)
    for pid in left:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            select.select([descriptor], [], [], END_SECONDS)
        finally:
            os.close(descriptor)
    return of_session(session)


def test_demo_succeeds_and_tells_every_step_when_it_is_run() -> None:
    with demo() as process:
        told, _ = process.communicate(timeout=END_SECONDS * 2)

        assert process.returncode == 0, told
        assert [f"✔ {number}  " in told for number in range(1, 9)] == [True] * 8
        assert "All steps verified" in told
        assert wait_until_gone(process.pid) == []


@pytest.mark.parametrize(
    "how",
    [
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=pytest.mark.soak),
        pytest.param(signal.SIGKILL, marks=pytest.mark.soak),
    ],
)
def test_no_process_is_left_when_demo_is_killed_half_way(how: signal.Signals) -> None:
    with demo() as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "✔ 2" in line:
                break

        # What `make` started is what a terminal's Ctrl-C, or a kill of its process group, reaches.
        os.killpg(process.pid, how)

        assert wait_until_gone(process.pid) == []
