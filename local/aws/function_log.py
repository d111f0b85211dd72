"""What a function prints: a log file for each function, and the tail of each invocation."""

from __future__ import annotations

import fcntl
import json
import os
import select
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_TAIL_BYTES = 4096
_END_SECONDS = 0.5


class FunctionLog:
    """The log file of one function, shared by its processes; lines are never mixed."""

    def __init__(self, path: Path, *, name: str, json_lines: bool, verbose: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = path.open("wb", buffering=0)
        self._lock = threading.Lock()
        self._name = name
        self._json = json_lines
        self._verbose = verbose

    def write(self, data: bytes) -> None:
        """Append whole lines."""
        with self._lock:
            if self._file.closed:
                return
            self._file.write(data)
        if self._verbose:
            for line in data.decode("utf-8", "replace").splitlines():
                print(f"[{self._name}] {line}", file=sys.stderr)

    def platform(self, event: str, text: str, record: dict[str, Any]) -> bytes:
        """Write one of Lambda's own lines (START, END, REPORT) in the function's log format; return it."""
        if self._json:
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            line = json.dumps({"time": now, "type": f"platform.{event}", "record": record})
        else:
            line = text
        data = line.encode() + b"\n"
        self.write(data)
        return data

    def close(self) -> None:
        """Close the file; later writes go nowhere."""
        with self._lock:
            self._file.close()


class ProcessOutput:
    """The output of one process, read in the background into the function's log, with a tail to ask for."""

    def __init__(self, log: FunctionLog) -> None:
        self._log = log
        self._read_end, self.write_end = os.pipe()
        fcntl.fcntl(self._read_end, fcntl.F_SETFL, os.O_NONBLOCK)
        self._lock = threading.Lock()
        self._partial = b""
        self._tail = b""
        self._ended = False
        self._thread = threading.Thread(target=self._read, daemon=True)

    def started(self) -> None:
        """Let go of the process's end of the pipe, which it has by now, and begin to read."""
        os.close(self.write_end)
        self._thread.start()

    def begin_tail(self) -> None:
        """Forget what was printed so far."""
        self.drain()
        with self._lock:
            self._tail = b""

    def tail(self) -> bytes:
        """Return the last 4 KiB printed since `begin_tail`, including what is still in the pipe."""
        self.drain()
        with self._lock:
            return self._tail[-_TAIL_BYTES:]

    def drain(self) -> None:
        """Take everything that is in the pipe now.

        A process prints before it answers, so after an answer this has all of its output, wherever the
        reading thread may be.
        """
        with self._lock:
            while not self._ended:
                try:
                    data = os.read(self._read_end, 65536)
                except BlockingIOError:
                    break
                if not data:
                    self._ended = True
                    data, self._partial = (self._partial + b"\n" if self._partial else b""), b""
                self._tail = (self._tail + data)[-2 * _TAIL_BYTES :]
                whole, newline, self._partial = (self._partial + data).rpartition(b"\n")
                if newline:
                    self._log.write(whole + newline)

    def _read(self) -> None:
        while not self._ended:
            select.select([self._read_end], [], [])
            self.drain()

    def close(self) -> None:
        """Take what is left after the process ended. A grandchild that still prints keeps its pipe."""
        self._thread.join(_END_SECONDS)
        if not self._thread.is_alive():
            os.close(self._read_end)
