"""The real time, on which waits take none and are remembered."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from proofbridge.vendors.deadline import Clock


class QuickClock:
    """A clock for clients under test: a wait moves it on at once."""

    def __init__(self) -> None:
        self.waits_seconds: list[float] = []

    @property
    def clock(self) -> Clock:
        return Clock(
            monotonic=lambda: time.monotonic() + sum(self.waits_seconds),
            sleep=self.waits_seconds.append,
            now=lambda: datetime.now(UTC) + timedelta(seconds=sum(self.waits_seconds)),
        )
