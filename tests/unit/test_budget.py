from __future__ import annotations

import pytest

from proofbridge.uploads.budget import (
    CAUTIOUS_BYTES_PER_SECOND,
    CAUTIOUS_READING_BYTES_PER_SECOND,
    TELLING_BYTES,
    Budget,
    learned,
)

MB = 1_000_000


@pytest.mark.parametrize(
    ("size_mb", "speed_mb", "left", "fits", "fits_later"),
    [
        (0, 4, 30, True, True),
        (0, 4, 29.9, False, True),
        (100, 10, 45, True, True),  # 100 MB at 10 MB/s: 10 s, half as much again, and 30 s for the answer
        (100, 10, 44.9, False, True),
        (5_600, 10, 885, True, True),
        (5_600, 10, 860, False, True),
        (5_601, 10, 860, False, False),  # a function that has all its time would come to it too late
        (5_700, 10, 884.9, False, False),
        (100, 0.1, 885, False, False),
    ],
)
def test_file_fits_when_it_may_arrive_in_the_time_that_is_left(
    size_mb: float, speed_mb: float, left: float, *, fits: bool, fits_later: bool
) -> None:
    budget = Budget(round(size_mb * MB), speed_mb * MB, left, 885)
    assert (budget.fits, budget.fits_later) == (fits, fits_later)


def test_files_of_these_sizes_can_be_moved_when_nothing_was_measured_of_late() -> None:
    """As docs/uploads.md says."""
    assert Budget(2_300 * MB, CAUTIOUS_BYTES_PER_SECOND, 854, 855).fits
    assert Budget(9_200 * MB, CAUTIOUS_READING_BYTES_PER_SECOND, 854, 855).fits


def test_numbers_are_told_when_a_file_does_not_fit() -> None:
    told = Budget(5_000 * MB, 2.5 * MB, 870, 885).explain()
    assert told == "5,000.0 MB at 2.50 MB/s may take 3,030 s, and there are 870 s of 885 s"


@pytest.mark.parametrize(
    ("before", "sent_bytes", "seconds", "after"),
    [
        (None, 80 * MB, 8, 10 * MB),
        (20 * MB, 80 * MB, 8, 15 * MB),
        (20 * MB, 640 * MB, 8, 50 * MB),
        (None, TELLING_BYTES - 1, 8, None),
        (20 * MB, 0, 8, 20 * MB),
        (20 * MB, 80 * MB, 0, 20 * MB),
    ],
)
def test_throughput_is_learned_when_enough_was_sent(
    before: float | None, sent_bytes: int, seconds: float, after: float | None
) -> None:
    assert learned(before, sent_bytes, seconds) == after
