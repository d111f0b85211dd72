"""The simulator's time, which a test can move so that due dates pass."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset: it runs on after it has been moved. All moments are aware and UTC."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the simulated moment."""
        with self._lock:
            return datetime.now(UTC) + self._offset

    def move_to(self, moment: datetime) -> None:
        """Let it be `moment` (aware) now."""
        with self._lock:
            self._offset = moment.astimezone(UTC) - datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Move by so many seconds; negative moves back."""
        with self._lock:
            self._offset += timedelta(seconds=seconds)

    def reset(self) -> None:
        """Return to real time."""
        with self._lock:
            self._offset = timedelta()


def iso(moment: datetime) -> str:
    """Write an aware moment as UTC with milliseconds and Z, the form of the control API."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
