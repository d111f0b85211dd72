"""Bad days: a vendor that limits calls, that is down, or that refuses the credentials."""

from __future__ import annotations

import dataclasses
import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.simulators import Simulator
from proofbridge.actions.perform import Status
from proofbridge.domain.actions import observe
from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.polling.sync import Ending
from proofbridge.stores.circuits import CircuitStates
from proofbridge.uploads.outcomes import Status as FileFate
from proofbridge.vendors.circuit_breaker import CircuitBreaker
from proofbridge.vendors.deadline import SYSTEM_CLOCK
from proofbridge.vendors.errors import RejectedError
from tests.integration.bridge import SECRETS, Bridge
from tests.integration.cloud import Cloud
from tests.integration.crowds import crowd
from tests.integration.shelf import Shelf
from tests.integration.site import Site
from tests.integration.test_perform import comment, said
from tests.integration.ticking import TickingClock

NOWHERE = "http://127.0.0.1:9"
"""The discard port: nobody listens there."""


class Queue:
    """A vendor's queue in time: each message is delivered when its delay is over, while the clocks go on."""

    def __init__(self, bridge: Bridge, vendor: Vendor, *sites: Site) -> None:
        self._bridge = bridge
        self._vendor = vendor
        self._sites = sites
        self._numbers = itertools.count()
        self._waiting: list[tuple[datetime, int, Any]] = []
        self.fates: Counter[Status | FileFate] = Counter()
        self.done_at: list[datetime] = []

    def send(self, message: Any, delay_seconds: float = 0) -> None:
        """Put an action, or a file, into the queue."""
        at = self._bridge.clock.now() + timedelta(seconds=delay_seconds)
        heapq.heappush(self._waiting, (at, next(self._numbers), message))

    def run(self, hours: float) -> None:
        """Let time pass, and deliver what is due."""
        end = self._bridge.clock.now() + timedelta(hours=hours)
        while self._waiting and self._waiting[0][0] <= end:
            at, _, message = heapq.heappop(self._waiting)
            self._move_to(at)
            is_file = isinstance(message, UploadMessage)
            outcome = self._bridge.deliver(message) if is_file else self._bridge.perform(message)
            self.fates[outcome.fate] += 1
            if outcome.fate in {Status.DONE, FileFate.RELAYED}:
                self.done_at.append(at)
            for letter in self._bridge.letters(None if is_file else self._vendor):
                again = UploadMessage.from_message(letter.body) if is_file else letter.action
                self.send(again, letter.delay_seconds)
        self._move_to(end)

    def _move_to(self, moment: datetime) -> None:
        seconds = (moment - self._bridge.clock.now()).total_seconds()
        if seconds > 0:
            self._bridge.clock.advance(seconds=seconds)
            for site in self._sites:
                site.advance(seconds)


# -- too many calls


@pytest.mark.parametrize("who", ["observe", "sync", "upload"])
def test_gate_closes_for_all_but_no_other_vendor_when_a_call_is_too_many(bridge: Bridge, who: str) -> None:
    bridge.start_proof()
    ref = bridge.ref_at(Vendor.GOOD2GO)
    asks: dict[str, Callable[[], object]] = {
        "observe": lambda: bridge.perform(observe(ref, "good2go#webhook")),
        "sync": lambda: bridge.sync(Vendor.GOOD2GO),
        "upload": lambda: bridge.relay(bridge.drop(b"%PDF 2", "winter-ale.pdf")),
    }
    bridge.good2go.fault("*", "status", status=429, retry_after="120")
    before = len(bridge.good2go.requests())
    asks[who]()
    assert len(bridge.good2go.requests()) == before + 1, "the wait is nobody's to sleep through"
    for ask in asks.values():
        ask()
    assert len(bridge.good2go.requests()) == before + 1
    assert bridge.sync(Vendor.GOODDAY).ending is Ending.THROUGH
    bridge.advance(seconds=110)
    assert bridge.sync(Vendor.GOOD2GO).ending is Ending.GATE_CLOSED
    bridge.advance(seconds=15)
    assert bridge.sync(Vendor.GOOD2GO).ending is Ending.THROUGH
    assert bridge.perform(observe(ref, "good2go#webhook")).fate is Status.DONE


# -- down


def test_everything_goes_through_in_order_and_not_at_once_when_a_vendor_was_down_for_a_day(
    bridge: Bridge,
) -> None:
    bridge.start_task()
    up, bridge.connections = bridge.connections, bridge.connect(goodday=NOWHERE)
    bridge.patience_seconds = 0.05
    queue = Queue(bridge, Vendor.GOODDAY)
    words = [f"remark {number}" for number in range(5)]
    for number, text in enumerate(words):
        action = dataclasses.replace(comment(bridge), key=f"k-{number}", params={"message": text})
        queue.send(action, delay_seconds=100 * number)
    queue.run(hours=1)
    bridge.clock.advance(hours=22)  # nobody takes the messages; what is due comes late
    queue.run(hours=1)
    assert set(queue.fates) == {Status.DEFERRED}
    bridge.connections, bridge.patience_seconds = up, 5
    queue.run(hours=0.5)
    assert queue.fates[Status.DONE] == len(words)
    assert Status.PARKED not in queue.fates
    assert [text.splitlines()[0] for text in said(bridge)] == words
    assert max(Counter(int(at.timestamp()) for at in queue.done_at).values()) == 1


def test_files_come_in_order_and_not_at_once_when_a_vendor_was_down(bridge: Bridge, shelf: Shelf) -> None:
    shelf.is_down = True
    queue = Queue(bridge, Vendor.GOOD2GO)
    names = [f"label-{number}.pdf" for number in range(4)]
    for name in names:
        bridge.take_in(bridge.drop(b"%PDF", name))
    for letter in bridge.letters():
        queue.send(UploadMessage.from_message(letter.body))
    queue.run(hours=0.3)
    assert set(queue.fates) == {FileFate.DEFERRED}
    shelf.is_down = False
    queue.run(hours=0.3)
    assert queue.fates[FileFate.RELAYED] == len(names)
    assert sorted(shelf.items) == names
    assert max(Counter(int(at.timestamp()) for at in queue.done_at).values()) == 1


@pytest.mark.parametrize(
    ("status", "failures"), [(400, 0), (None, 1)], ids=["the vendor's answer", "an objection of our own"]
)
def test_vendor_counts_as_up_again_when_it_has_answered_and_only_then(
    status: int | None, failures: int, cloud: Cloud, clock: TickingClock
) -> None:
    gates = CircuitStates(cloud.dynamodb, "state")
    gates.count_failure(Vendor.GOOD2GO)
    access = CircuitBreaker(gates, lambda _: None, lambda _: False, clock.now)
    assert access.closed_until(Vendor.GOOD2GO) is None

    def refuse(_: None) -> None:
        raise RejectedError("no", vendor=Vendor.GOOD2GO, operation="things.make", status=status)

    with pytest.raises(RejectedError):
        access.call(Vendor.GOOD2GO, refuse)

    assert gates.get(Vendor.GOOD2GO).failures == failures


def test_vendor_that_is_down_is_asked_by_one_at_a_time(
    bridge: Bridge, capsys: pytest.CaptureFixture[str]
) -> None:
    bridge.start_task()
    bridge.patience_seconds = 0.2  # too little for the client to try again by itself
    bridge.goodday.fault("*", "status", status=503, times=None)
    queue = Queue(bridge, Vendor.GOODDAY)
    for number in range(6):
        queue.send(dataclasses.replace(comment(bridge), key=f"k-{number}"))
    before = len(bridge.goodday.requests())
    queue.run(hours=1)
    # Five until it is known that the vendor is down; then after 1, 2, 3, 4 and every 5 minutes.
    asked = len(bridge.goodday.requests()) - before
    assert capsys.readouterr().out.count('"VendorDown": 1') == asked - 4
    assert 5 + 4 + 9 <= asked <= 5 + 4 + 11


@pytest.fixture
def one_clock(bridge: Bridge) -> Iterator[None]:
    """Let the clients read the time from the clock that the test moves."""
    now = SYSTEM_CLOCK.now
    object.__setattr__(SYSTEM_CLOCK, "now", bridge.clock.now)
    yield
    object.__setattr__(SYSTEM_CLOCK, "now", now)


@pytest.mark.usefixtures("one_clock")
def test_nothing_is_lost_when_the_vendor_limits_calls_after_an_outage(
    bridge: Bridge, studio: Site, studio_server: Simulator
) -> None:
    bridge.join(Vendor.APPROVAL_STUDIO, studio)
    crowd(studio_server, Vendor.APPROVAL_STUDIO, 25)
    studio.settings(calls_per_minute=10)
    up, bridge.connections = bridge.connections, bridge.connect(approval_studio=NOWHERE)
    bridge.patience_seconds = 0.05
    queue = Queue(bridge, Vendor.APPROVAL_STUDIO, studio)
    refs = [ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.ASSET, f"{number:032X}") for number in range(25)]
    for ref in refs:
        queue.send(observe(ref, f"{ref}#webhook"))
    queue.run(hours=0.3)
    bridge.connections, bridge.patience_seconds = up, 5
    queue.run(hours=1)
    assert queue.fates[Status.DONE] == len(refs)
    assert Status.PARKED not in queue.fates
    assert {event.item for event in bridge.received()} == {str(ref) for ref in refs}
    # The first that is refused closes the gate: one call too many for each minute's ten.
    assert 1 <= len([each for each in studio.requests() if each["status"] == 429]) <= 3


# -- credentials


def test_one_try_is_made_in_each_interval_and_all_resumes_when_the_secret_is_corrected(
    bridge: Bridge, capsys: pytest.CaptureFixture[str]
) -> None:
    bridge.start_task()
    bridge.goodday.settings(token="gd-new-token")
    queue = Queue(bridge, Vendor.GOODDAY)
    for number in range(6):
        queue.send(dataclasses.replace(comment(bridge), key=f"k-{number}"))
    before = len(bridge.goodday.requests())
    capsys.readouterr()
    for _ in range(4):
        queue.run(hours=4.9 / 60)
        bridge.sync(Vendor.GOODDAY)
    tries = len(bridge.goodday.requests()) - before
    assert 3 <= tries <= 5, "one in five minutes, by whoever comes first"
    assert capsys.readouterr().out.count('"CredentialsRefused": 1') == tries
    assert said(bridge) == []
    bridge.put_secret(Vendor.GOODDAY, {**SECRETS[Vendor.GOODDAY], "token": "gd-new-token"})
    queue.run(hours=0.25)
    assert len(said(bridge)) == 6
    assert bridge.sync(Vendor.GOODDAY).ending is Ending.THROUGH
    assert Status.PARKED not in queue.fates
