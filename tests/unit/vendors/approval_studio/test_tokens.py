from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.inputs import ReviewTaskCreate
from proofbridge.vendors.approval_studio.models import Asset
from proofbridge.vendors.approval_studio.tokens import Token, TokenStore
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import (
    AuthenticationError,
    DecodeError,
    Happened,
    RateLimitedError,
    RejectedError,
    ServerError,
    VendorConnectionError,
    VendorError,
    VendorTimeoutError,
)
from proofbridge.vendors.multipart import BytesSource
from proofbridge.vendors.operation import RetryPolicy, Timeouts
from tests.unit.vendors.approval_studio.local_studio import LocalStudio, local_studio
from tests.unit.vendors.approval_studio.memory_store import MemoryStore
from tests.unit.vendors.local_vendor import LocalVendor, Reply
from tests.unit.vendors.manual_clock import START, ManualClock

THREADS = 10
REVIEW = ReviewTaskCreate(project_uid="P1", user_uid="U1", asset_uids=["A1"])


@pytest.fixture
def server() -> Iterator[LocalStudio]:
    with local_studio() as running:
        yield running


def new_client(url: str, **more: Any) -> ApprovalStudio:
    return ApprovalStudio(base_url=url, username="user@studio.test", password="the-pass-word", **more)


def at_once(pool: ThreadPoolExecutor, call: Callable[[], Asset]) -> list[Future[Asset]]:
    """Start the call in ten threads at the same moment."""
    barrier = threading.Barrier(THREADS)

    def started() -> Asset:
        barrier.wait()
        return call()

    return [pool.submit(started) for _ in range(THREADS)]


# --- one login ---------------------------------------------------------------------------------------------


def test_ten_threads_share_one_login_when_none_has_a_token(server: LocalStudio) -> None:
    server.gate.clear()
    with new_client(server.url) as studio, ThreadPoolExecutor(THREADS) as pool:
        calls = at_once(pool, lambda: studio.assets.get("A1"))
        assert server.arrived.acquire(timeout=10)
        # While the login has no answer, no other one may come.
        assert not server.arrived.acquire(timeout=0.3)
        server.gate.set()
        assert {call.result(timeout=10).asset_uid for call in calls} == {"A1"}
    assert server.logins == [{"userName": "user@studio.test", "password": "the-pass-word"}]
    assert server.calls == [("token-1", 200)] * THREADS


def test_ten_threads_share_one_login_when_their_token_is_refused(server: LocalStudio) -> None:
    with new_client(server.url) as studio, ThreadPoolExecutor(THREADS) as pool:
        studio.assets.get("A1")
        assert server.arrived.acquire(timeout=10)
        server.good.clear()
        server.gate.clear()
        calls = at_once(pool, lambda: studio.assets.get("A1"))
        assert server.arrived.acquire(timeout=10)
        assert not server.arrived.acquire(timeout=0.3)
        server.gate.set()
        assert {call.result(timeout=10).asset_uid for call in calls} == {"A1"}
    assert len(server.logins) == 2
    assert server.calls.count(("token-2", 200)) == THREADS
    assert server.calls.count(("token-1", 401)) <= THREADS


def test_wrong_credentials_are_tried_once_when_ten_threads_wait(server: LocalStudio) -> None:
    server.login_status = 412
    server.gate.clear()
    with new_client(server.url) as studio, ThreadPoolExecutor(THREADS) as pool:
        waiting = threading.Semaphore(0)

        def call() -> Asset:
            waiting.release()
            return studio.assets.get("A1")

        calls = at_once(pool, call)
        assert server.arrived.acquire(timeout=10)
        for _ in range(THREADS):
            assert waiting.acquire(timeout=10)
        assert not server.arrived.acquire(timeout=0.3)
        server.gate.set()
        for made in calls:
            with pytest.raises(AuthenticationError):
                made.result(timeout=10)
    assert len(server.logins) == 1
    assert not server.calls


def test_waiting_ends_with_own_deadline_when_login_of_another_takes_long(server: LocalStudio) -> None:
    server.gate.clear()
    with new_client(server.url) as studio, ThreadPoolExecutor(1) as pool:
        first = pool.submit(studio.assets.get, "A1")
        assert server.arrived.acquire(timeout=10)
        with pytest.raises(VendorTimeoutError) as caught:
            studio.within(Deadline.after(0.1)).tasks.review(REVIEW)
        assert (caught.value.operation, caught.value.happened) == ("token.login", Happened.NO)
        server.gate.set()
        assert first.result(timeout=10).asset_uid == "A1"
    assert len(server.logins) == 1


def test_who_waited_logs_in_when_the_first_ran_out_of_time(server: LocalStudio) -> None:
    server.gate.clear()
    with (
        new_client(server.url, retries=RetryPolicy(attempts=1)) as studio,
        ThreadPoolExecutor(2) as pool,
    ):
        first = pool.submit(studio.within(Deadline.after(0.3)).assets.get, "A1")
        assert server.arrived.acquire(timeout=10)
        second = pool.submit(studio.assets.get, "A1")
        with pytest.raises(VendorTimeoutError):
            first.result(timeout=10)
        assert server.arrived.acquire(timeout=10)
        server.gate.set()
        assert second.result(timeout=10).asset_uid == "A1"
    assert len(server.logins) == 2


# --- its life ----------------------------------------------------------------------------------------------


def test_token_is_renewed_before_it_ends_when_time_passes(
    server: LocalStudio, manual_clock: ManualClock
) -> None:
    with new_client(server.url, clock=manual_clock.clock) as studio:
        for minutes in (0, 60, 114.9):
            manual_clock.elapsed_seconds = minutes * 60
            studio.assets.get("A1")
        assert len(server.logins) == 1
        manual_clock.elapsed_seconds = 115 * 60
        studio.assets.get("A1")
    assert server.calls == [("token-1", 200)] * 3 + [("token-2", 200)]


def test_token_is_renewed_sooner_when_its_life_is_set_shorter(
    server: LocalStudio, manual_clock: ManualClock
) -> None:
    life = timedelta(minutes=20)
    with new_client(server.url, clock=manual_clock.clock, token_life=life) as studio:
        studio.assets.get("A1")
        manual_clock.elapsed_seconds = 15 * 60
        studio.assets.get("A1")
    assert len(server.logins) == 2


def test_call_is_repeated_once_with_a_new_token_when_refused(server: LocalStudio) -> None:
    with new_client(server.url) as studio:
        studio.assets.get("A1")
        server.good.clear()
        assert studio.tasks.review(REVIEW).task_uid == "T1"
    assert server.calls == [("token-1", 200), ("token-1", 401), ("token-2", 200)]


def test_refusal_stands_when_the_new_token_is_refused_too(vendor: LocalVendor) -> None:
    vendor.answer(
        Reply(body=b'{"result": {"token": "t1"}}'),
        Reply(401),
        Reply(body=b'{"result": {"token": "t2"}}'),
        Reply(401, b'{"message": "t1 and t2 are bad"}'),
    )
    with new_client(vendor.url) as studio, pytest.raises(AuthenticationError) as caught:
        studio.assets.get("A1")
    assert len(vendor.received) == 4
    assert (caught.value.operation, caught.value.happened) == ("assets.get", Happened.NO)
    assert "t2" not in str(caught.value)


def test_whole_file_is_sent_again_when_upload_is_refused_for_its_token(vendor: LocalVendor) -> None:
    vendor.answer(
        Reply(body=b'{"result": {"token": "t1"}}'),
        Reply(401),
        Reply(body=b'{"result": {"token": "t2"}}'),
        Reply(body=b'{"result": {"assetUID": "A1"}}'),
    )
    with new_client(vendor.url) as studio:
        assert studio.assets.upload("P1", BytesSource(b"d" * 3_000_000), "a.pdf").asset_uid == "A1"
    _, first, _, second = vendor.received
    assert first.body == second.body
    assert first.body.count(b"d" * 3_000_000) == 1
    assert second.headers["Authorization"] == "Bearer t2"


# --- what a login can end in -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 410, 412, 422])
def test_credentials_are_wrong_when_login_is_refused(server: LocalStudio, status: int) -> None:
    server.login_status = status
    with new_client(server.url) as studio, pytest.raises(AuthenticationError, match="Said") as caught:
        studio.assets.get("A1")
    error = caught.value
    assert (error.operation, error.status, error.happened) == ("token.login", status, Happened.NO)
    assert len(server.logins) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(503), ServerError),
        (Reply(429, headers={"Retry-After": "3600"}), RateLimitedError),
        (Reply(302, headers={"Location": "/elsewhere"}), RejectedError),
        (Reply(body=b"<html>"), DecodeError),
        (Reply(body=b'{"result": {"token": "x\\ny"}}'), DecodeError),
        (Reply(body=b'{"result": null}'), DecodeError),
        (Reply(fault="drop"), VendorConnectionError),
    ],
)
def test_nothing_happened_when_login_fails(
    vendor: LocalVendor, manual_clock: ManualClock, reply: Reply, kind: type[VendorError]
) -> None:
    vendor.usual = reply
    with new_client(vendor.url, clock=manual_clock.clock) as studio, pytest.raises(kind) as caught:
        studio.tasks.review(REVIEW)
    error = caught.value
    assert type(error) is kind
    assert (error.operation, error.happened) == ("token.login", Happened.NO)
    assert error.retry_safe
    assert {request.path for request in vendor.received} == {"/api/v1/token/login"}


def test_login_is_repeated_when_vendor_fails_for_a_moment(
    vendor: LocalVendor, manual_clock: ManualClock
) -> None:
    vendor.answer(
        Reply(503),
        Reply(fault="drop"),
        Reply(body=b'{"result": {"token": "t1"}}'),
        Reply(body=b'{"result": {"assetUID": "A1"}}'),
    )
    with new_client(vendor.url, clock=manual_clock.clock) as studio:
        assert studio.assets.get("A1").asset_uid == "A1"


def test_login_keeps_to_the_deadline_of_the_call_when_it_takes_long(vendor: LocalVendor) -> None:
    vendor.usual = Reply(fault="silence")
    patient = Timeouts(read_seconds=30, call_seconds=60)
    with (
        new_client(vendor.url, timeouts=patient) as studio,
        pytest.raises(VendorTimeoutError, match="deadline"),
    ):
        studio.within(Deadline.after(0.2)).assets.get("A1")


# --- sharing it --------------------------------------------------------------------------------------------


def test_fleet_logs_in_once_when_it_shares_a_store(server: LocalStudio, manual_clock: ManualClock) -> None:
    store = MemoryStore()
    for _ in range(3):
        with new_client(server.url, token_store=store, clock=manual_clock.clock) as studio:
            studio.assets.get("A1")
    assert len(server.logins) == 1
    assert store.put_tokens == [Token("token-1", START + timedelta(minutes=120))]


def test_newer_token_of_the_fleet_is_taken_when_the_own_is_refused(
    server: LocalStudio, manual_clock: ManualClock
) -> None:
    store = MemoryStore.with_token("old")
    with new_client(server.url, token_store=store, clock=manual_clock.clock) as studio:
        server.good.add("old")
        studio.assets.get("A1")
        server.good = {"newer"}
        store.token = Token("newer", START + timedelta(minutes=120))
        studio.assets.get("A1")
    assert not server.logins
    assert server.calls == [("old", 200), ("old", 401), ("newer", 200)]


@pytest.mark.parametrize("minutes_left", [-10, 0, 4.9])
def test_stored_token_is_replaced_when_it_ends_soon(
    server: LocalStudio, manual_clock: ManualClock, minutes_left: float
) -> None:
    store = MemoryStore(Token("old", START + timedelta(minutes=minutes_left)))
    with new_client(server.url, token_store=store, clock=manual_clock.clock) as studio:
        studio.assets.get("A1")
    assert [token.value for token in store.put_tokens] == ["token-1"]


class BrokenStore:
    def get(self) -> Token | None:
        raise OSError("no table")

    def put(self, token: Token) -> None:
        raise AssertionError(token)


def test_error_of_the_store_goes_through_when_it_has_one(server: LocalStudio) -> None:
    store: TokenStore = BrokenStore()
    with new_client(server.url, token_store=store) as studio:
        for _ in range(2):  # the first failure leaves nobody waiting for ever
            with pytest.raises(OSError, match="no table"):
                studio.assets.get("A1")
    assert not server.logins


def test_token_never_shows_when_printed() -> None:
    assert "hush" not in repr(Token("hush", START))
