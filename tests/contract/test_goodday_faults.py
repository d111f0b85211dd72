from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest

from local.simulators import Simulator
from local.simulators.faults import FaultOrder
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import (
    AuthenticationError,
    DecodeError,
    Happened,
    NotFoundError,
    ServerError,
    VendorConnectionError,
    VendorTimeoutError,
)
from proofbridge.vendors.goodday.client import GoodDay
from proofbridge.vendors.goodday.inputs import TaskCreate
from proofbridge.vendors.goodday.operations import OPERATIONS
from proofbridge.vendors.operation import RetryPolicy
from tests.contract.goodday_calls import BOT, CALLS, MISSING, PROJECT
from tests.contract.proofs import effects
from tests.contract.quick_clock import QuickClock

REPEATABLE_WRITES = {"tasks.set_status", "tasks.update"}
ONCE = [operation.name for operation in OPERATIONS if not operation.retry_safe]


def test_every_operation_is_called_when_calls_are_walked() -> None:
    assert set(CALLS) == {operation.name for operation in OPERATIONS}


def test_only_reads_and_repeatable_writes_may_be_repeated_when_table_is_walked() -> None:
    for operation in OPERATIONS:
        expected = operation.method == "GET" or operation.name in REPEATABLE_WRITES
        assert operation.retry_safe is expected, operation.name
    assert ONCE == ["tasks.create", "tasks.comment", "tasks.reply", "tasks.delete"]


def test_operation_is_repeated_only_where_safe_when_vendor_fails(
    goodday: GoodDay, goodday_simulator: Simulator
) -> None:
    goodday_simulator.faults.add(FaultOrder(fault="status", status=502, times=None))
    for operation in OPERATIONS:
        before = len(goodday_simulator.requests.entries())
        with pytest.raises(ServerError) as caught:
            CALLS[operation.name](goodday, MISSING)
        made = len(goodday_simulator.requests.entries(before))
        assert (operation.name, made) == (operation.name, 4 if operation.retry_safe else 1)
        assert caught.value.retry_safe is operation.retry_safe


def test_status_with_a_message_is_never_repeated_when_vendor_fails(
    goodday: GoodDay, goodday_simulator: Simulator
) -> None:
    task = goodday.tasks.create(TaskCreate(project_id=PROJECT, title="x"), user_id=BOT).id
    goodday_simulator.faults.add(FaultOrder(fault="drop_after"))
    with pytest.raises(VendorConnectionError) as caught:
        goodday.tasks.set_status(task, "STREV", user_id=BOT, message="once")
    assert not caught.value.retry_safe
    assert [message.message for message in goodday.tasks.messages(task)] == ["once"]
    goodday_simulator.faults.add(FaultOrder(fault="drop_after"))
    goodday.tasks.set_status(task, "STCHG", user_id=BOT)


def test_every_operation_waits_and_goes_on_when_limited(
    goodday: GoodDay, goodday_simulator: Simulator, quick_clock: QuickClock
) -> None:
    for operation in OPERATIONS:
        goodday_simulator.faults.add(FaultOrder(fault="status", status=429, retry_after="3"))
        before = len(goodday_simulator.requests.entries())
        quick_clock.waits_seconds.clear()
        with contextlib.suppress(NotFoundError):  # there is no such task, but the vendor was asked again
            CALLS[operation.name](goodday, MISSING)
        assert len(goodday_simulator.requests.entries(before)) == 2
        assert quick_clock.waits_seconds == [pytest.approx(3, abs=0.2)]


@pytest.mark.parametrize("name", ONCE)
@pytest.mark.parametrize("fault", ["drop_after", "truncate", "garbage"])
def test_write_is_made_once_and_doubted_when_its_answer_is_lost(
    goodday: GoodDay, goodday_simulator: Simulator, name: str, fault: Any
) -> None:
    task = goodday.tasks.create(TaskCreate(project_id=PROJECT, title="x"), user_id=BOT).id
    before = len(goodday_simulator.requests.entries())
    goodday_simulator.faults.add(FaultOrder(fault=fault))
    with pytest.raises((VendorConnectionError, DecodeError)) as caught:
        CALLS[name](goodday, task)
    assert caught.value.happened is Happened.UNKNOWN
    assert not caught.value.retry_safe
    assert len(goodday_simulator.requests.entries(before)) == 1
    assert len(effects(goodday_simulator)) == 2


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "truncate", "garbage"])
def test_read_succeeds_when_first_answer_is_lost(
    goodday: GoodDay, goodday_simulator: Simulator, fault: Any
) -> None:
    goodday_simulator.faults.add(FaultOrder(fault=fault))
    assert len(goodday.users.list()) == 3


@pytest.mark.parametrize("fault", ["slow", "slow_body"])
def test_deadline_ends_call_when_vendor_is_slow(goodday_simulator: Simulator, fault: Any) -> None:
    with GoodDay(
        token="gd-local-token", base_url=goodday_simulator.url, retries=RetryPolicy(attempts=1)
    ) as client:
        goodday_simulator.faults.add(FaultOrder(fault=fault, seconds=30))
        started = time.monotonic()
        with pytest.raises(VendorTimeoutError):
            client.within(Deadline.after(0.3)).users.list()
        assert time.monotonic() - started < 3


def test_token_is_refused_when_wrong(goodday_simulator: Simulator) -> None:
    with GoodDay(token="not-the-token", base_url=goodday_simulator.url) as client:
        with pytest.raises(AuthenticationError) as caught:
            client.users.list()
        shown = [str(caught.value), repr(caught.value), repr(client)]
        assert not any("not-the-token" in text for text in shown)
    goodday_simulator.violations.clear()
