"""Each client against its simulator, over real HTTP. What a simulator calls a violation fails the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.simulators import Simulator, serve
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.goodday.client import GoodDay
from proofbridge.vendors.robohead.client import RoboHead
from tests.contract.quick_clock import QuickClock

GOOD2GO_TOKEN = "g2g-local-token"
GOODDAY_TOKEN = "gd-local-token"
STUDIO_USERNAME = "studio@proofbridge.test"
STUDIO_PASSWORD = "local-studio-password"
ROBOHEAD_KEY = "rh-local-key"


@pytest.fixture
def quick_clock() -> QuickClock:
    return QuickClock()


@pytest.fixture(scope="session")
def good2go_server() -> Iterator[Simulator]:
    with serve("good2go", token=GOOD2GO_TOKEN) as simulator:
        yield simulator


@pytest.fixture
def good2go_simulator(good2go_server: Simulator) -> Iterator[Simulator]:
    yield from _fresh(good2go_server)


@pytest.fixture
def good2go(good2go_simulator: Simulator, quick_clock: QuickClock) -> Iterator[Good2Go]:
    with Good2Go(token=GOOD2GO_TOKEN, base_url=good2go_simulator.url, clock=quick_clock.clock) as client:
        yield client


@pytest.fixture(scope="session")
def goodday_server() -> Iterator[Simulator]:
    with serve("goodday", token=GOODDAY_TOKEN) as simulator:
        yield simulator


@pytest.fixture
def goodday_simulator(goodday_server: Simulator) -> Iterator[Simulator]:
    yield from _fresh(goodday_server)


@pytest.fixture
def goodday(goodday_simulator: Simulator, quick_clock: QuickClock) -> Iterator[GoodDay]:
    with GoodDay(token=GOODDAY_TOKEN, base_url=goodday_simulator.url, clock=quick_clock.clock) as client:
        yield client


@pytest.fixture(scope="session")
def robohead_server() -> Iterator[Simulator]:
    with serve("robohead", api_key=ROBOHEAD_KEY) as simulator:
        yield simulator


@pytest.fixture
def robohead_simulator(robohead_server: Simulator) -> Iterator[Simulator]:
    yield from _fresh(robohead_server)


@pytest.fixture
def robohead(robohead_simulator: Simulator, quick_clock: QuickClock) -> Iterator[RoboHead]:
    with RoboHead(api_key=ROBOHEAD_KEY, base_url=robohead_simulator.url, clock=quick_clock.clock) as client:
        yield client


@pytest.fixture(scope="session")
def studio_server() -> Iterator[Simulator]:
    with serve("approval-studio", username=STUDIO_USERNAME, password=STUDIO_PASSWORD) as simulator:
        yield simulator


@pytest.fixture
def studio_simulator(studio_server: Simulator) -> Iterator[Simulator]:
    yield from _fresh(studio_server)


@pytest.fixture
def studio(studio_simulator: Simulator, quick_clock: QuickClock) -> Iterator[ApprovalStudio]:
    with ApprovalStudio(
        username=STUDIO_USERNAME,
        password=STUDIO_PASSWORD,
        base_url=studio_simulator.url,
        clock=quick_clock.clock,
    ) as client:
        yield client


def _fresh(simulator: Simulator) -> Iterator[Simulator]:
    """Give a simulator as it was when it started; starting one for each test would take most of the time."""
    simulator.reset()
    yield simulator
    assert simulator.violations.entries() == []
