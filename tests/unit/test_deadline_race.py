from __future__ import annotations

import pytest

from proofbridge.vendors.deadline import Clock, Deadline
from proofbridge.vendors.errors import VendorConnectionError, VendorTimeoutError
from proofbridge.vendors.goodday.client import GoodDay


class Hurry:
    """A clock of which a second passes at each look."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        """Return the seconds, one more each time."""
        self.seconds += 1
        return self.seconds


@pytest.mark.parametrize("seconds", range(1, 12))
def test_call_ends_in_an_error_of_the_family_when_its_time_runs_out_at_any_point(seconds: int) -> None:
    clock = Clock(monotonic=Hurry().monotonic, sleep=lambda _: None)
    with GoodDay(token="t", base_url="http://127.0.0.1:9", clock=clock) as client:
        bound = client.within(Deadline.after(seconds, clock))
        with pytest.raises((VendorTimeoutError, VendorConnectionError)):
            bound.tasks.get("TSK1")
