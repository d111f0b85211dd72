"""What happened at the simulated vendor: effects, requests and violations, numbered from 1."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any, Final

from local.simulators.clock import Clock, iso

REQUESTS_KEPT: Final = 10_000


class Journal:
    """An append-only list of dictionaries, each with its number `n` and its moment `at`.

    With `kept`, only so many of the newest entries stay; the numbers go on.
    """

    def __init__(self, clock: Clock, kept: int | None = None) -> None:
        self._clock = clock
        self._entries: deque[dict[str, Any]] = deque(maxlen=kept)
        self._count = 0
        self._lock = threading.Lock()

    def add(self, **fields: Any) -> None:
        """Append an entry."""
        with self._lock:
            self._count += 1
            self._entries.append({"n": self._count, "at": iso(self._clock.now()), **fields})

    def entries(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the entries with a number above `since`, oldest first."""
        with self._lock:
            return [dict(entry) for entry in self._entries if entry["n"] > since]

    def clear(self) -> None:
        """Forget everything; numbering starts again."""
        with self._lock:
            self._entries.clear()
            self._count = 0
