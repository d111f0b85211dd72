"""A clock that moves only when it is waited on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from proofbridge.vendors.deadline import Clock

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class ManualClock:
    """Remembers every wait."""

    def __init__(self) -> None:
        self.elapsed_seconds = 0.0
        self.waits_seconds: list[float] = []

    @property
    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.elapsed_seconds, sleep=self._sleep, now=self._now)

    def _sleep(self, seconds: float) -> None:
        self.waits_seconds.append(seconds)
        self.elapsed_seconds += seconds

    def _now(self) -> datetime:
        return START + timedelta(seconds=self.elapsed_seconds)
