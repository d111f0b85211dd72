from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.simulators import Simulator
from local.simulators.faults import FaultOrder
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.tokens import Token
from proofbridge.vendors.errors import AuthenticationError, Happened
from proofbridge.vendors.multipart import BytesSource
from tests.contract.approval_studio_calls import SEEDED, control, new_asset
from tests.contract.conftest import STUDIO_PASSWORD, STUDIO_USERNAME
from tests.contract.proofs import act, effects
from tests.contract.quick_clock import QuickClock

THREADS = 10


def logins(simulator: Simulator) -> int:
    return sum(entry["operation"] == "login" for entry in simulator.requests.entries())


def at_once(studio: ApprovalStudio) -> None:
    barrier = threading.Barrier(THREADS)

    def call() -> int:
        barrier.wait()
        return len(studio.users.list())

    with ThreadPoolExecutor(THREADS) as pool:
        assert [made.result(timeout=30) for made in [pool.submit(call) for _ in range(THREADS)]] == [
            2
        ] * THREADS


def test_one_login_is_made_when_ten_threads_begin(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    studio_simulator.faults.add(FaultOrder(fault="slow", operation="login", seconds=0.3))
    at_once(studio)
    assert logins(studio_simulator) == 1


@pytest.mark.parametrize("body", ["envelope", "empty"])
def test_one_login_is_made_when_ten_threads_find_the_token_expired(
    studio: ApprovalStudio, studio_simulator: Simulator, body: str
) -> None:
    control(studio_simulator, "settings", unauthorized_body=body)
    studio.users.list()
    act(studio_simulator, "expire-tokens")
    studio_simulator.faults.add(FaultOrder(fault="slow", operation="login", seconds=0.3))
    at_once(studio)
    assert logins(studio_simulator) == 2


def test_call_is_made_once_when_its_token_had_expired(
    studio: ApprovalStudio, studio_simulator: Simulator
) -> None:
    studio.users.list()
    act(studio_simulator, "expire-tokens")
    assert studio.assets.upload(SEEDED, BytesSource(b"d" * 2_000_000), "Label.pdf").asset_uid
    assert effects(studio_simulator) == ["upload_asset"]
    assert [entry["status"] for entry in studio_simulator.requests.entries()] == [200, 200, 401, 200, 200]


def test_token_is_renewed_before_it_ends_when_time_passes(
    studio: ApprovalStudio, studio_simulator: Simulator, quick_clock: QuickClock
) -> None:
    new_asset(studio)
    for minutes in (114, 2, 114, 2):
        control(studio_simulator, "clock", advance_seconds=minutes * 60)
        quick_clock.waits_seconds.append(minutes * 60)
        studio.users.list()
    assert logins(studio_simulator) == 3
    assert 401 not in {entry["status"] for entry in studio_simulator.requests.entries()}


class Shared:
    """A store as a fleet would have it."""

    def __init__(self) -> None:
        self.token: Token | None = None

    def get(self) -> Token | None:
        return self.token

    def put(self, token: Token) -> None:
        self.token = token


def test_fleet_logs_in_once_when_it_shares_a_store(studio_simulator: Simulator) -> None:
    store = Shared()
    for _ in range(3):
        with ApprovalStudio(
            username=STUDIO_USERNAME,
            password=STUDIO_PASSWORD,
            base_url=studio_simulator.url,
            token_store=store,
        ) as client:
            assert len(client.users.list()) == 2
    assert logins(studio_simulator) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 406, 412])
def test_credentials_are_wrong_whatever_status_says_so(
    studio_simulator: Simulator, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    control(studio_simulator, "settings", login_failure_status=status)
    with (
        caplog.at_level(logging.DEBUG),
        ApprovalStudio(
            username=STUDIO_USERNAME, password="not-the-password", base_url=studio_simulator.url
        ) as client,
        pytest.raises(AuthenticationError) as caught,
    ):
        client.assets.get("A1")
    error = caught.value
    assert (error.operation, error.status, error.happened) == ("token.login", status, Happened.NO)
    assert logins(studio_simulator) == 1
    shown = f"{error} {error!r} {vars(error)} {caplog.text} {client!r}"
    assert "not-the-password" not in shown
    assert STUDIO_USERNAME not in shown


def test_token_never_shows_when_calls_are_logged_and_fail(
    studio: ApprovalStudio, studio_simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    store = Shared()
    with (
        caplog.at_level(logging.DEBUG),
        ApprovalStudio(
            username=STUDIO_USERNAME,
            password=STUDIO_PASSWORD,
            base_url=studio_simulator.url,
            token_store=store,
        ) as client,
    ):
        client.users.list()
        studio_simulator.faults.add(FaultOrder(fault="status", status=400))
        with pytest.raises(Exception, match="injected") as caught:
            new_asset(client)
    assert store.token is not None
    assert store.token.value not in f"{caplog.text} {caught.value!r} {client!r} {store.token!r}"
    assert "users.list attempt 1: done" in caplog.text
    del studio
