"""The simulators, served once for each module and reset for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.simulators import Simulator, serve
from tests.unit.simulators.calls import Caller, Endpoint, serving


@pytest.fixture(scope="module")
def good2go_simulator() -> Iterator[Simulator]:
    with serve("good2go", token="token-1", retry_time_scale=0.0001) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def goodday_simulator() -> Iterator[Simulator]:
    with serve("goodday", token="token-2") as simulator:
        yield simulator


@pytest.fixture(scope="module")
def approval_studio_simulator() -> Iterator[Simulator]:
    with serve("approval-studio", retry_time_scale=0) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def robohead_simulator() -> Iterator[Simulator]:
    with serve("robohead", api_key="key-3") as simulator:
        yield simulator


@pytest.fixture
def good2go(good2go_simulator: Simulator) -> Iterator[Caller]:
    good2go_simulator.reset()
    caller = Caller(good2go_simulator, "/api/v1", {"Authorization": "Bearer token-1"})
    yield caller
    caller.close()


@pytest.fixture
def goodday(goodday_simulator: Simulator) -> Iterator[Caller]:
    goodday_simulator.reset()
    caller = Caller(goodday_simulator, "/2.0", {"gd-api-token": "token-2"})
    yield caller
    caller.close()


@pytest.fixture
def studio(approval_studio_simulator: Simulator) -> Iterator[Caller]:
    """Approval Studio, logged in."""
    approval_studio_simulator.reset()
    caller = Caller(approval_studio_simulator, "/api/v1", {})
    credentials = {"userName": "studio@proofbridge.test", "password": "local-studio-password"}
    token = caller.call("POST", "/token/login", json=credentials)["result"]["token"]
    caller.session.headers["Authorization"] = f"Bearer {token}"
    yield caller
    caller.close()


@pytest.fixture
def robohead(robohead_simulator: Simulator) -> Iterator[Caller]:
    robohead_simulator.reset()
    caller = Caller(robohead_simulator, "", {"X-API-Key": "key-3"})
    yield caller
    caller.close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    receiver = Endpoint()

    def answer(_path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        receiver.received.append((headers, body))
        return (receiver.statuses.pop(0) if receiver.statuses else 200), b""

    with serving(answer) as origin:
        receiver.url = origin + "/webhooks/good2go"
        yield receiver
