"""AWS in memory for each test; simulators served once and reset for each test that uses them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import responses_mock

from local.simulators import Simulator, serve
from tests.integration.bridge import Bridge
from tests.integration.cloud import REGION, Cloud, cloud_of
from tests.integration.shelf import Shelf
from tests.integration.site import Site
from tests.integration.ticking import TickingClock


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """AWS with all that Proofbridge uses."""
    with _mocked(monkeypatch), cloud_of() as cloud:
        yield cloud


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """AWS with the tables alone, which are there in a third of the time."""
    with _mocked(monkeypatch), cloud_of(tables_only=True) as cloud:
        yield cloud


@contextlib.contextmanager
def _mocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        # moto looks into calls made with requests too, and reads away the body of an upload.
        responses_mock.stop()
        yield


@pytest.fixture
def serial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls of several threads take effect one after the other, as DynamoDB's do; moto's may mingle."""
    lock = threading.Lock()
    process = BotocoreStubber.process_request

    def process_alone(self: Any, request: Any) -> Any:
        with lock:
            return process(self, request)

    monkeypatch.setattr(BotocoreStubber, "process_request", process_alone)


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture(scope="session")
def good2go_server() -> Iterator[Simulator]:
    with serve("good2go", port=0) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def goodday_server() -> Iterator[Simulator]:
    with serve("goodday", port=0) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def studio_server() -> Iterator[Simulator]:
    with serve("approval-studio", port=0) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def robohead_server() -> Iterator[Simulator]:
    with serve("robohead", port=0) as simulator:
        yield simulator


@pytest.fixture
def studio(studio_server: Simulator) -> Iterator[Site]:
    yield from _fresh(studio_server)


@pytest.fixture
def robohead(robohead_server: Simulator) -> Iterator[Site]:
    yield from _fresh(robohead_server)


@pytest.fixture
def good2go(good2go_server: Simulator) -> Iterator[Site]:
    yield from _fresh(good2go_server)


@pytest.fixture
def goodday(goodday_server: Simulator) -> Iterator[Site]:
    yield from _fresh(goodday_server)


def _fresh(simulator: Simulator) -> Iterator[Site]:
    simulator.reset()
    site = Site(simulator.url)
    try:
        yield site
        assert site.violations() == [], "a call that the vendor's documentation does not have"
    finally:
        site.close()


@pytest.fixture
def bridge(cloud: Cloud, clock: TickingClock, good2go: Site, goodday: Site) -> Iterator[Bridge]:
    bridge = Bridge(cloud, clock, good2go, goodday)
    yield bridge
    bridge.close()


@pytest.fixture
def shelf(bridge: Bridge) -> Shelf:
    """The one vendor that files go to, in memory."""
    shelf = Shelf(bridge.clock.now)
    bridge.connections = shelf  # type: ignore[assignment] # as much of it as files need
    bridge.destine(tracking=None)
    return shelf
