from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest

from local.simulators import Simulator
from local.simulators.faults import FaultOrder
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.enums import SettableState
from proofbridge.vendors.approval_studio.operations import LOG_IN, OPERATIONS
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import (
    ConflictError,
    DecodeError,
    Happened,
    NotFoundError,
    RateLimitedError,
    ServerError,
    VendorConnectionError,
    VendorTimeoutError,
)
from proofbridge.vendors.operation import RetryPolicy
from tests.contract.approval_studio_calls import (
    CALLS,
    NOTHING,
    SEEDED,
    Things,
    new_asset,
    new_things,
)
from tests.contract.conftest import STUDIO_PASSWORD, STUDIO_USERNAME
from tests.contract.proofs import effects
from tests.contract.quick_clock import QuickClock

REPEATABLE_WRITES = {
    "token.login",
    "projects.edit",
    "projects.set_state",
    "tasks.complete",
    "annotations.hide",
    "annotations.complete",
    "annotations.uncomplete",
}
"""The writes that leave the same state however often they are made, and tell nobody."""
CALLED = [operation for operation in OPERATIONS if operation is not LOG_IN]


def calls_since(simulator: Simulator, number: int) -> int:
    return len(simulator.requests.entries(number))


def test_every_operation_is_called_when_calls_are_walked() -> None:
    assert set(CALLS) == {operation.name for operation in CALLED}


def test_only_reads_and_repeatable_writes_may_be_repeated_when_table_is_walked() -> None:
    for operation in OPERATIONS:
        expected = operation.method == "GET" or operation.name in REPEATABLE_WRITES
        assert operation.retry_safe is expected, operation.name


def test_operation_is_repeated_only_where_safe_when_vendor_fails(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    studio.users.list()
    studio_simulator.faults.add(FaultOrder(fault="status", status=500, times=None))
    for operation in CALLED:
        before = len(studio_simulator.requests.entries())
        with pytest.raises(ServerError) as caught:
            CALLS[operation.name](studio, NOTHING)
        made = calls_since(studio_simulator, before)
        assert (operation.name, made) == (operation.name, 4 if operation.retry_safe else 1)
        assert caught.value.operation == operation.name
        assert caught.value.retry_safe is operation.retry_safe
        assert caught.value.happened is (Happened.NO if operation.method == "GET" else Happened.UNKNOWN)


def test_every_operation_waits_and_goes_on_when_limited(
    studio: ApprovalStudio, studio_simulator: Simulator, quick_clock: QuickClock
) -> None:
    studio.users.list()
    for operation in CALLED:
        studio_simulator.faults.add(FaultOrder(fault="status", status=429, retry_after="2"))
        before = len(studio_simulator.requests.entries())
        quick_clock.waits_seconds.clear()
        with contextlib.suppress(NotFoundError):  # there is no such thing, but the vendor was asked again
            CALLS[operation.name](studio, NOTHING)
        assert calls_since(studio_simulator, before) == 2
        assert quick_clock.waits_seconds == [pytest.approx(2, abs=0.2)]


def test_moment_is_told_when_vendor_is_closed_for_long(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    studio_simulator.faults.add(FaultOrder(fault="status", status=429, retry_after="3600"))
    with pytest.raises(RateLimitedError) as caught:
        studio.assets.get("A1")
    assert caught.value.retry_at is not None
    assert (caught.value.operation, caught.value.happened) == ("token.login", Happened.NO)


@pytest.mark.parametrize("name", [operation.name for operation in CALLED if not operation.retry_safe])
@pytest.mark.parametrize("fault", ["drop_after", "truncate", "garbage"])
def test_write_is_made_once_and_doubted_when_its_answer_is_lost(
    studio: ApprovalStudio, studio_simulator: Simulator, name: str, fault: Any
) -> None:
    things = new_things(studio, studio_simulator)
    if name == "projects.delete":
        studio.projects.set_state(things.project, SettableState.COMPLETED)
    done = len(effects(studio_simulator))
    before = len(studio_simulator.requests.entries())
    studio_simulator.faults.add(FaultOrder(fault=fault))
    with pytest.raises((VendorConnectionError, DecodeError)) as caught:
        CALLS[name](studio, things)
    assert caught.value.happened is Happened.UNKNOWN
    assert not caught.value.retry_safe
    assert calls_since(studio_simulator, before) == 1
    assert len(effects(studio_simulator)) == done + 1


@pytest.mark.parametrize("name", sorted(REPEATABLE_WRITES - {"token.login"}))
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "truncate", "garbage"])
def test_write_succeeds_when_it_is_refused_only_because_its_lost_attempt_was_made(
    studio: ApprovalStudio, studio_simulator: Simulator, name: str, fault: Any
) -> None:
    things = new_things(studio, studio_simulator)
    if name == "annotations.uncomplete":
        studio.annotations.complete(things.annotation)
    before = len(studio_simulator.requests.entries())
    studio_simulator.faults.add(FaultOrder(fault=fault))
    CALLS[name](studio, things)
    assert calls_since(studio_simulator, before) == 2
    shown = state_of(studio, things)
    if name not in {"projects.edit", "annotations.hide"}:  # these two are not refused when made again
        with pytest.raises(ConflictError):
            CALLS[name](studio, things)
    assert state_of(studio, things) == shown


def state_of(studio: ApprovalStudio, things: Things) -> tuple[object, ...]:
    return (
        studio.projects.get(things.project),
        studio.tasks.get(things.task),
        studio.annotations.list(things.asset),
    )


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "truncate", "garbage"])
def test_read_succeeds_when_first_answer_is_lost(
    studio: ApprovalStudio, studio_simulator: Simulator, fault: Any
) -> None:
    asset = new_asset(studio)
    expected = studio.assets.get(asset)
    studio_simulator.faults.add(FaultOrder(fault=fault, operation="get_asset"))
    assert studio.assets.get(asset) == expected


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "truncate", "garbage"])
def test_nothing_is_made_twice_when_only_the_login_is_lost(
    studio: ApprovalStudio, studio_simulator: Simulator, fault: Any
) -> None:
    studio_simulator.faults.add(FaultOrder(fault=fault, operation="login"))
    new_asset(studio)
    assert effects(studio_simulator) == ["upload_asset"]
    told = [entry["operation"] for entry in studio_simulator.requests.entries()]
    assert told == ["login", "login", "upload_asset"]


@pytest.mark.parametrize("fault", ["slow", "slow_body"])
@pytest.mark.parametrize("operation", ["login", "list_users"])
def test_deadline_ends_call_when_vendor_is_slow(
    studio_simulator: Simulator, fault: Any, operation: str
) -> None:
    with ApprovalStudio(
        username=STUDIO_USERNAME,
        password=STUDIO_PASSWORD,
        base_url=studio_simulator.url,
        retries=RetryPolicy(attempts=1),
    ) as client:
        studio_simulator.faults.add(FaultOrder(fault=fault, operation=operation, seconds=30))
        started = time.monotonic()
        with pytest.raises(VendorTimeoutError):
            client.within(Deadline.after(0.3)).users.list()
        assert time.monotonic() - started < 3


def test_connection_is_kept_when_many_calls_are_made(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    assert studio_simulator.server is not None
    before = studio_simulator.server.connections_accepted
    for _ in range(5):
        studio.projects.get(SEEDED)
        new_asset(studio)
        with pytest.raises(NotFoundError):
            studio.assets.get("A1")
        studio.within(Deadline.after(30)).users.list()
    assert studio_simulator.server.connections_accepted == before + 1
