"""Time for tests: it begins now, goes on a millisecond each time it is asked for, and can be moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class TickingClock:
    """Aware moments in UTC, in whole milliseconds. They begin now, because the vendors' clocks run."""

    def __init__(self) -> None:
        self._moment = datetime.now(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        """Return the moment, a millisecond after the last."""
        self._moment += timedelta(milliseconds=1)
        return self._moment

    def advance(self, **duration: float) -> datetime:
        """Move on by a duration such as `hours=3`; returns the moment."""
        self._moment += timedelta(**duration)
        return self._moment
