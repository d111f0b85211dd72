"""Whether a file can make it: its size over the throughput that was measured, held against the time left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CAUTIOUS_BYTES_PER_SECOND: Final = 4 * 1024**2
"""What is counted on at a vendor to which nothing large was sent yet."""
CAUTIOUS_READING_BYTES_PER_SECOND: Final = 16 * 1024**2
"""What is counted on where a file is only read from S3, which is near: a vendor is to fetch it."""
SLACK: Final = 1.5
"""How much longer than measured a file may take."""
ANSWER_SECONDS: Final = 30
"""How long a vendor may think about a file that it has."""
BEGINNING_SECONDS: Final = 15
"""What a function may need before it comes to the file; whoever can't spare it would wait for ever."""
TELLING_BYTES: Final = 8 * 1024**2
"""What is smaller says more of the vendor's answers than of the way there."""


@dataclass(frozen=True, slots=True)
class Budget:
    """One file and the time for it. `whole_seconds` is what a function that has just begun has."""

    size_bytes: int
    bytes_per_second: float
    left_seconds: float
    whole_seconds: float

    @property
    def needed_seconds(self) -> float:
        """How long the file may take."""
        return self.size_bytes / self.bytes_per_second * SLACK + ANSWER_SECONDS

    @property
    def fits(self) -> bool:
        """Whether it can be sent now."""
        return self.needed_seconds <= self.left_seconds

    @property
    def fits_later(self) -> bool:
        """Whether a function that does nothing else could send it."""
        return self.needed_seconds <= self.whole_seconds - BEGINNING_SECONDS

    def explain(self) -> str:
        """Return the numbers."""
        return (
            f"{self.size_bytes / 1e6:,.1f} MB at {self.bytes_per_second / 1e6:,.2f} MB/s may take "
            f"{self.needed_seconds:,.0f} s, and there are {self.left_seconds:,.0f} s of "
            f"{self.whole_seconds:,.0f} s"
        )


def learned(before: float | None, sent_bytes: int, seconds: float) -> float | None:
    """Return the throughput, in bytes per second, after an attempt; `before` it was this.

    The mean of what was known and what was measured: one slow moment is not for ever, nor is a fast one.
    """
    if sent_bytes < TELLING_BYTES or seconds <= 0:
        return before
    measured = sent_bytes / seconds
    return measured if before is None else (before + measured) / 2
