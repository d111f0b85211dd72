from __future__ import annotations

from proofbridge.vendors.deadline import Deadline
from tests.unit.vendors.manual_clock import ManualClock


def test_deadline_cuts_waits_when_time_runs(manual_clock: ManualClock) -> None:
    deadline = Deadline.after(10, manual_clock.clock)
    assert deadline.cut(3) == 3
    assert deadline.cut(30) == 10
    manual_clock.elapsed_seconds = 9
    assert (deadline.cut(3), deadline.remaining_seconds, deadline.expired) == (1, 1, False)
    manual_clock.elapsed_seconds = 11
    assert (deadline.cut(3), deadline.remaining_seconds, deadline.expired) == (0, 0, True)


def test_deadline_leaves_a_margin_when_made_of_lambda_context() -> None:
    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 10_000

    deadline = Deadline.of_lambda(Context(), margin_seconds=4)
    assert 5.5 < deadline.remaining_seconds <= 6
