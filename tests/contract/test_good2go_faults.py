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
    RateLimitedError,
    ServerError,
    VendorConnectionError,
    VendorTimeoutError,
)
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.operations import OPERATIONS
from proofbridge.vendors.operation import RetryPolicy, Timeouts
from tests.contract.good2go_calls import ANY_JOB, CALLS
from tests.contract.proofs import effects, new_proof
from tests.contract.quick_clock import QuickClock

REPEATABLE_WRITES = {
    "jobs.update",
    "jobs.move",
    "jobs.set_locked",
    "customers.set",
    "partners.set",
    "tasks.update",
    "reminders.update",
}
"""The writes that leave the same state however often they are made, and tell nobody."""


def calls_since(simulator: Simulator, number: int) -> int:
    return len(simulator.requests.entries(number))


def test_every_operation_is_called_when_calls_are_walked() -> None:
    assert set(CALLS) == {operation.name for operation in OPERATIONS}


def test_only_reads_and_repeatable_writes_may_be_repeated_when_table_is_walked() -> None:
    for operation in OPERATIONS:
        expected = operation.method == "GET" or operation.name in REPEATABLE_WRITES
        assert operation.retry_safe is expected, operation.name


def test_operation_is_repeated_only_where_safe_when_vendor_fails(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    good2go_simulator.faults.add(FaultOrder(fault="status", status=503, times=None))
    for operation in OPERATIONS:
        before = len(good2go_simulator.requests.entries())
        with pytest.raises(ServerError) as caught:
            CALLS[operation.name](good2go, ANY_JOB)
        made = calls_since(good2go_simulator, before)
        assert (operation.name, made) == (operation.name, 4 if operation.retry_safe else 1)
        assert caught.value.operation == operation.name
        assert caught.value.retry_safe is operation.retry_safe
        wanted = Happened.NO if operation.method == "GET" else Happened.UNKNOWN
        assert caught.value.happened is wanted


def test_every_operation_waits_and_goes_on_when_limited(
    good2go: Good2Go, good2go_simulator: Simulator, quick_clock: QuickClock
) -> None:
    for operation in OPERATIONS:
        good2go_simulator.faults.add(FaultOrder(fault="status", status=429, retry_after="2"))
        before = len(good2go_simulator.requests.entries())
        quick_clock.waits_seconds.clear()
        with contextlib.suppress(NotFoundError):  # there is no such job, but the vendor was asked again
            CALLS[operation.name](good2go, ANY_JOB)
        assert calls_since(good2go_simulator, before) == 2
        assert quick_clock.waits_seconds == [pytest.approx(2, abs=0.2)]


def test_moment_is_told_when_vendor_is_closed_for_long(
    good2go: Good2Go, good2go_simulator: Simulator
) -> None:
    good2go_simulator.faults.add(FaultOrder(fault="status", status=429, retry_after="3600"))
    with pytest.raises(RateLimitedError) as caught:
        good2go.jobs.get(ANY_JOB)
    assert caught.value.retry_at is not None
    assert caught.value.happened is Happened.NO


@pytest.mark.parametrize("name", [operation.name for operation in OPERATIONS if not operation.retry_safe])
@pytest.mark.parametrize("fault", ["drop_after", "truncate", "garbage"])
def test_write_is_made_once_and_doubted_when_its_answer_is_lost(
    good2go: Good2Go, good2go_simulator: Simulator, name: str, fault: Any
) -> None:
    job = new_proof(good2go)
    task_id = good2go.tasks.list(job.guid)[0].id
    assert task_id == 1
    if name == "reminders.delete":
        CALLS["reminders.create"](good2go, job.guid)
    done = len(effects(good2go_simulator))
    before = len(good2go_simulator.requests.entries())
    good2go_simulator.faults.add(FaultOrder(fault=fault))
    with pytest.raises((VendorConnectionError, DecodeError)) as caught:
        CALLS[name](good2go, job.guid)
    assert caught.value.happened is Happened.UNKNOWN
    assert not caught.value.retry_safe
    assert calls_since(good2go_simulator, before) == 1
    assert len(effects(good2go_simulator)) == done + 1


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "truncate", "garbage"])
def test_read_succeeds_when_first_answer_is_lost(
    good2go: Good2Go, good2go_simulator: Simulator, fault: Any
) -> None:
    job = new_proof(good2go)
    good2go_simulator.faults.add(FaultOrder(fault=fault))
    assert good2go.jobs.get(job.guid) == job


@pytest.mark.parametrize("fault", ["slow", "slow_body"])
def test_deadline_ends_call_when_vendor_is_slow(good2go_simulator: Simulator, fault: Any) -> None:
    with Good2Go(
        token="g2g-local-token",
        base_url=good2go_simulator.url,
        timeouts=Timeouts(read_seconds=5),
        retries=RetryPolicy(attempts=1),
    ) as client:
        job = new_proof(client)
        good2go_simulator.faults.add(FaultOrder(fault=fault, seconds=30))
        started = time.monotonic()
        with pytest.raises(VendorTimeoutError):
            client.within(Deadline.after(0.3)).jobs.get(job.guid)
        assert time.monotonic() - started < 3


def test_token_is_refused_when_wrong(good2go_simulator: Simulator) -> None:
    with Good2Go(token="not-the-token", base_url=good2go_simulator.url) as client:
        with pytest.raises(AuthenticationError, match="Unauthenticated") as caught:
            client.jobs.get(ANY_JOB)
        assert caught.value.happened is Happened.NO
        assert "not-the-token" not in str(caught.value) + repr(caught.value) + repr(client) + repr(
            client.jobs
        )
    good2go_simulator.violations.clear()


@pytest.mark.parametrize("token", ["", "two words", "line\n", "ü", "tab\t"])
def test_token_is_refused_at_once_when_no_header_can_carry_it(token: str) -> None:
    with pytest.raises(ValueError, match="token") as caught:
        Good2Go(token=token)
    assert not token or token not in str(caught.value)
