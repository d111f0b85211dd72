"""One limit of time for a whole tree of calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, Self


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from and how it is waited for, so that tests need not wait."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = _utc_now


SYSTEM_CLOCK = Clock()


class LambdaContext(Protocol):
    """The part of AWS Lambda's context that knows how long the function may still run."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left."""
        ...


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment after which nothing more is waited for: attempts, reads and waits are all cut to it."""

    ends_at: float
    clock: Clock = field(default=SYSTEM_CLOCK, repr=False)

    @classmethod
    def after(cls, seconds: float, clock: Clock = SYSTEM_CLOCK) -> Self:
        """Return the deadline so many seconds from now."""
        return cls(clock.monotonic() + seconds, clock)

    @classmethod
    def of_lambda(cls, context: LambdaContext, *, margin_seconds: float = 2.0) -> Self:
        """Return the deadline that leaves the function `margin_seconds` to record what happened."""
        return cls.after(context.get_remaining_time_in_millis() / 1000 - margin_seconds)

    @property
    def remaining_seconds(self) -> float:
        """The seconds left, never below zero."""
        return max(0.0, self.ends_at - self.clock.monotonic())

    @property
    def expired(self) -> bool:
        """Whether no time is left."""
        return self.remaining_seconds <= 0

    def cut(self, seconds: float) -> float:
        """Return `seconds`, or what is left when that is less."""
        return min(seconds, self.remaining_seconds)
