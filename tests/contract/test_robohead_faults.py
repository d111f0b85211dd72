from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest

from local.simulators import Simulator
from local.simulators.faults import FaultOrder
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import (
    DecodeError,
    Happened,
    NotFoundError,
    RateLimitedError,
    ServerError,
    VendorConnectionError,
    VendorTimeoutError,
)
from proofbridge.vendors.operation import RetryPolicy
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.inputs import ReviewUpdate, StageInput
from proofbridge.vendors.robohead.operations import OPERATIONS
from tests.contract.proofs import effects
from tests.contract.quick_clock import QuickClock
from tests.contract.robohead_calls import CALLS, MISSING, REVIEWER, bare_review, new_item, new_review

ONCE = [operation.name for operation in OPERATIONS if not operation.retry_safe]


def test_every_operation_is_called_when_calls_are_walked() -> None:
    assert set(CALLS) == {operation.name for operation in OPERATIONS}


def test_only_reads_and_repeatable_writes_may_be_repeated_when_table_is_walked() -> None:
    for operation in OPERATIONS:
        expected = operation.method == "GET" or operation.name == "reviews.update"
        assert operation.retry_safe is expected, operation.name
    assert ONCE == ["reviews.add", "files.upload"]


@pytest.mark.parametrize("status_codes", ["always_200", "real"])
def test_operation_is_repeated_only_where_safe_when_vendor_fails(
    robohead: RoboHead, robohead_simulator: Simulator, status_codes: str
) -> None:
    robohead_simulator.settings.status_codes = status_codes  # type: ignore[attr-defined]
    robohead_simulator.faults.add(FaultOrder(fault="status", status=502, times=None))
    for operation in OPERATIONS:
        before = len(robohead_simulator.requests.entries())
        with pytest.raises(ServerError) as caught:
            CALLS[operation.name](robohead, MISSING)
        made = len(robohead_simulator.requests.entries(before))
        assert (operation.name, made) == (operation.name, 4 if operation.retry_safe else 1)
        assert caught.value.retry_safe is operation.retry_safe


def test_update_is_repeated_when_it_adds_nothing(robohead: RoboHead, robohead_simulator: Simulator) -> None:
    made = bare_review(robohead)
    robohead_simulator.faults.add(FaultOrder(fault="drop_after"))
    robohead.reviews.update(made, ReviewUpdate(review_name="Another"))
    assert robohead.reviews.get(made).review_name == "Another"
    assert effects(robohead_simulator).count("update_review") == 2


@pytest.mark.parametrize("fault", ["drop_after", "truncate", "garbage"])
@pytest.mark.parametrize("adds", ["item", "stage"])
def test_update_is_made_once_when_it_adds_something(
    robohead: RoboHead, robohead_simulator: Simulator, fault: Any, adds: str
) -> None:
    made = bare_review(robohead)
    changes = (
        ReviewUpdate(review_items=(new_item(robohead),))
        if adds == "item"
        else ReviewUpdate(review_stages=(StageInput(stage_name="x", existing_users=(REVIEWER,)),))
    )
    robohead_simulator.faults.add(FaultOrder(fault=fault))
    with pytest.raises((VendorConnectionError, DecodeError)) as caught:
        robohead.reviews.update(made, changes)
    assert (caught.value.happened, caught.value.retry_safe) == (Happened.UNKNOWN, False)
    review = robohead.reviews.get(made)
    assert len(review.review_items) + len(review.review_stages) == 1


def test_every_operation_waits_and_goes_on_when_limited(
    robohead: RoboHead, robohead_simulator: Simulator, quick_clock: QuickClock
) -> None:
    for operation in OPERATIONS:
        robohead_simulator.faults.add(FaultOrder(fault="status", status=429, retry_after="3"))
        before = len(robohead_simulator.requests.entries())
        quick_clock.waits_seconds.clear()
        with contextlib.suppress(NotFoundError):  # there is no such review, but the vendor was asked again
            CALLS[operation.name](robohead, MISSING)
        assert len(robohead_simulator.requests.entries(before)) >= 2
        assert quick_clock.waits_seconds == [pytest.approx(3, abs=0.2)]


def test_moment_is_told_when_limit_lasts_longer_than_the_deadline(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    robohead_simulator.faults.add(FaultOrder(fault="status", status=429, retry_after="600"))
    with pytest.raises(RateLimitedError) as caught:
        robohead.reviews.get(MISSING)
    assert caught.value.retry_at is not None
    assert caught.value.happened is Happened.NO


@pytest.mark.parametrize("name", ONCE)
@pytest.mark.parametrize("fault", ["drop_after", "truncate", "garbage"])
def test_write_is_made_once_and_doubted_when_its_answer_is_lost(
    robohead: RoboHead, robohead_simulator: Simulator, name: str, fault: Any
) -> None:
    robohead_simulator.faults.add(FaultOrder(fault=fault))
    with pytest.raises((VendorConnectionError, DecodeError)) as caught:
        CALLS[name](robohead, MISSING)
    assert caught.value.happened is Happened.UNKNOWN
    assert not caught.value.retry_safe
    assert len(robohead_simulator.requests.entries()) == 1
    assert len(effects(robohead_simulator)) == 1


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "truncate", "garbage"])
def test_read_succeeds_when_first_answer_is_lost(
    robohead: RoboHead, robohead_simulator: Simulator, fault: Any
) -> None:
    made = new_review(robohead)
    robohead_simulator.faults.add(FaultOrder(fault=fault))
    assert robohead.reviews.get(made).id == made
    robohead_simulator.faults.add(FaultOrder(fault=fault))
    assert [review.id for review in robohead.reviews.list()] == [made]


@pytest.mark.parametrize("fault", ["slow", "slow_body"])
def test_deadline_ends_call_when_vendor_is_slow(robohead_simulator: Simulator, fault: Any) -> None:
    with RoboHead(
        api_key="rh-local-key", base_url=robohead_simulator.url, retries=RetryPolicy(attempts=1)
    ) as client:
        robohead_simulator.faults.add(FaultOrder(fault=fault, seconds=30))
        started = time.monotonic()
        with pytest.raises(VendorTimeoutError):
            next(client.within(Deadline.after(0.3)).reviews.list())
        assert time.monotonic() - started < 3
