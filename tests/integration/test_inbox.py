"""The Inbox: each event once, whoever puts it, and put back only while it waits."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from proofbridge.stores.inbox import RETENTION, Event, EventState, Inbox, Source, event_from_stream
from tests.integration.cloud import Cloud
from tests.integration.ticking import TickingClock
from tests.unit.observations import JOB, TASK

THREADS = 50


@pytest.fixture
def cloud(tables: Cloud) -> Cloud:
    return tables


@pytest.fixture
def inbox(cloud: Cloud) -> Inbox:
    return Inbox(cloud.dynamodb, "inbox")


def event(clock: TickingClock, event_id: str = "e1", **fields: object) -> Event:
    values: dict[str, object] = {"source": Source.WEBHOOK, "received_at": clock.now(), "body": '{"ü": 1}'}
    return Event(str(JOB), event_id, **{**values, **fields})  # type: ignore[arg-type]


def stored(cloud: Cloud, event_id: str = "e1") -> Event:
    (image,) = [image for image in cloud.records("inbox") if image["event"]["S"] == event_id]
    return event_from_stream(image)


def test_event_reads_back_when_it_is_put(inbox: Inbox, cloud: Cloud, clock: TickingClock) -> None:
    put = event(clock)
    with cloud.counted() as calls:
        assert inbox.put(put)
    assert calls == ["PutItem"]
    assert stored(cloud) == put
    (image,) = cloud.records("inbox")
    assert int(image["expires_at"]["N"]) == int((put.received_at + RETENTION).timestamp())
    assert timedelta(days=30) == RETENTION


def test_first_stays_when_an_event_is_put_again(inbox: Inbox, cloud: Cloud, clock: TickingClock) -> None:
    first = event(clock)
    assert inbox.put(first)
    with cloud.counted() as calls:
        assert not inbox.put(event(clock, body="another"))
    assert calls == ["PutItem"]
    assert stored(cloud) == first


def test_events_are_kept_apart_when_item_or_id_differ(inbox: Inbox, clock: TickingClock) -> None:
    assert inbox.put(event(clock))
    assert inbox.put(event(clock, "e2"))
    assert inbox.put(Event(str(TASK), "e1", Source.WEBHOOK, clock.now()))


def test_quarantined_event_is_put_with_its_reason(inbox: Inbox, cloud: Cloud, clock: TickingClock) -> None:
    inbox.put(
        Event(
            "good2go#unknown", "e1", Source.WEBHOOK, clock.now(), "{", EventState.QUARANTINED, "no job.guid"
        )
    )
    (image,) = cloud.records("inbox")
    assert (image["state"]["S"], image["reason"]["S"]) == ("quarantined", "no job.guid")


@pytest.mark.usefixtures("serial")
def test_one_is_first_when_many_put_an_event_at_once(inbox: Inbox, cloud: Cloud, clock: TickingClock) -> None:
    put, gate = event(clock), threading.Barrier(THREADS)

    def put_with_all(_: int) -> bool:
        gate.wait(timeout=30)
        return inbox.put(put)

    with cloud.counted() as calls, ThreadPoolExecutor(THREADS) as pool:
        assert sorted(pool.map(put_with_all, range(THREADS))) == [False] * (THREADS - 1) + [True]
    assert calls == ["PutItem"] * THREADS


def test_errors_come_through_when_the_put_fails(inbox: Inbox, cloud: Cloud, clock: TickingClock) -> None:
    cloud.fail("PutItem", RuntimeError("no table"))
    with pytest.raises(RuntimeError, match="no table"):
        inbox.put(event(clock))


def test_what_an_event_led_to_is_noted_when_it_is_finished(
    inbox: Inbox, cloud: Cloud, clock: TickingClock
) -> None:
    put = event(clock)
    inbox.put(put)
    with cloud.counted() as calls:
        inbox.finish(put, clock.now(), changes=[{"id": "c1"}], actions=["a1", "a2"])
    assert calls == ["UpdateItem"]
    (image,) = cloud.records("inbox")
    assert image["state"]["S"] == "processed"
    assert image["changes"]["S"] == '[{"id": "c1"}]'
    assert [action["S"] for action in image["actions"]["L"]] == ["a1", "a2"]
    assert image["body"]["S"] == put.body
    assert not inbox.put(put)


def test_tries_are_counted_when_an_event_fails(inbox: Inbox, cloud: Cloud, clock: TickingClock) -> None:
    put = event(clock)
    inbox.put(put)
    for tries in (1, 2):
        inbox.fail(put, EventState.FAILED, "RuntimeError: no")
        failed = stored(cloud)
        assert (failed.tries, failed.state) == (tries, EventState.FAILED)


def test_events_are_found_when_they_wait_for_longer_than_the_moment(
    inbox: Inbox, clock: TickingClock
) -> None:
    for number, state in enumerate(EventState):
        old = event(clock, f"old-{number}")
        inbox.put(old)
        if state is not EventState.RECEIVED:
            inbox.fail(old, state, "because")
    clock.advance(minutes=5)
    moment = clock.now()
    inbox.put(event(clock, "young"))
    found = {state: list(inbox.waiting_since(state, moment)) for state in EventState}
    assert found == {state: [(str(JOB), f"old-{n}")] for n, state in enumerate(EventState)}


@pytest.mark.parametrize("state", EventState)
def test_event_is_put_back_when_it_is_still_to_be_processed(
    inbox: Inbox, cloud: Cloud, clock: TickingClock, state: EventState
) -> None:
    put = event(clock)
    inbox.put(put)
    if state is not EventState.RECEIVED:
        inbox.fail(put, state, "because")
    before = cloud.records("inbox")
    waits = state in {EventState.RECEIVED, EventState.FAILED}
    assert inbox.put_back(put.item, put.id, clock.now()) is waits
    # Only a write that changes the entry makes the stream carry it again.
    assert (cloud.records("inbox") != before) is waits
    assert stored(cloud).state is (EventState.RECEIVED if waits else state)


def test_event_that_is_gone_is_not_put_back(inbox: Inbox, clock: TickingClock) -> None:
    assert not inbox.put_back(str(JOB), "e1", clock.now())
