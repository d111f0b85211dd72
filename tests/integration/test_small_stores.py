"""Gates, cursors, slots, queues and the bus."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest

from proofbridge.domain.actions import observe
from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.domain.waiting import Waited
from proofbridge.polling.bloom_filter import met
from proofbridge.stores.circuits import CircuitStates
from proofbridge.stores.cursors import Cursors, Pass, Progress
from proofbridge.stores.errors import NotPublishedError
from proofbridge.stores.event_bus import EventBus
from proofbridge.stores.queues import ActionQueues, UploadQueues, waited_of
from proofbridge.stores.slots import Program, SlotRecord, Slots, SlotStatus
from tests.integration.cloud import BUS, QUEUES, UPLOADS, Cloud
from tests.integration.ticking import TickingClock
from tests.unit.observations import JOB, START, TASK, at

# -- gates


@pytest.fixture
def gates(cloud: Cloud) -> CircuitStates:
    return CircuitStates(cloud.dynamodb, "state")


def test_gate_is_open_when_it_was_never_closed(gates: CircuitStates, cloud: Cloud) -> None:
    with cloud.counted() as calls:
        assert gates.closed_until(Vendor.GOOD2GO, START) is None
    assert calls == ["GetItem"]


def test_gate_is_closed_until_its_moment_for_its_vendor_alone(gates: CircuitStates) -> None:
    gates.close(Vendor.GOOD2GO, at(10))
    assert gates.closed_until(Vendor.GOOD2GO, START) == at(10)
    assert gates.closed_until(Vendor.GOODDAY, START) is None
    assert gates.closed_until(Vendor.GOOD2GO, at(10) - timedelta(milliseconds=1)) == at(10)
    assert gates.closed_until(Vendor.GOOD2GO, at(10)) is None


@pytest.mark.parametrize(("first", "second"), [(10, 20), (20, 10), (10, 10)])
def test_gate_stays_closed_for_the_longer_when_it_is_closed_twice(
    gates: CircuitStates, first: int, second: int
) -> None:
    gates.close(Vendor.GOOD2GO, at(first))
    gates.close(Vendor.GOOD2GO, at(second))
    assert gates.closed_until(Vendor.GOOD2GO, START) == at(max(first, second))


# -- cursors


def test_cursor_is_what_was_committed_last_for_its_vendor(cloud: Cloud) -> None:
    cursors = Cursors(cloud.dynamodb, "state")
    assert cursors.get(Vendor.GOODDAY) == Progress()
    assert cursors.put(Vendor.GOODDAY, Progress(at(1)))
    last = Progress(at(2), Pass(at(3), "page 4"), Pass(at(5), "page 6", b"\0\1\2\3", "good2go#job#7"), 1)
    assert cursors.put(Vendor.GOODDAY, last)
    assert cursors.get(Vendor.GOODDAY) == dataclasses.replace(last, revision=2)
    assert cursors.get(Vendor.GOOD2GO) == Progress()


def test_place_in_a_reading_is_kept_when_it_has_met_very_many_items(cloud: Cloud) -> None:
    cursors = Cursors(cloud.dynamodb, "state")
    tasks = (ItemRef(Vendor.GOODDAY, ItemKind.TASK, f"T{number}") for number in range(150_000))
    progress = Progress(at(1), everything=Pass(at(0), seen=met(b"", "salt", tasks)))
    assert cursors.put(Vendor.GOODDAY, progress)
    assert cursors.get(Vendor.GOODDAY) == dataclasses.replace(progress, revision=1)


def test_cursor_stays_when_another_run_has_moved_on(cloud: Cloud) -> None:
    cursors = Cursors(cloud.dynamodb, "state")
    mine = cursors.get(Vendor.GOODDAY)
    assert cursors.put(Vendor.GOODDAY, Progress(at(2)))
    assert not cursors.put(Vendor.GOODDAY, dataclasses.replace(mine, moment=at(1)))
    assert cursors.get(Vendor.GOODDAY).moment == at(2)


# -- slots


def use(item: ItemRef = JOB, offset: str = "0", **fields: Any) -> SlotRecord:
    """Return a reminder slot that is used at the start."""
    values = {"person": "a@b.test", "due_at": at(9), "policy": "p", "channel": "email", "action": "remind|1"}
    moments = {"at": START, "taken_at": START}
    return SlotRecord(str(item), f"a@b.test#2026#{offset}", offset=offset, **{**values, **moments, **fields})


def test_slot_is_taken_for_ever_when_it_was_taken(cloud: Cloud) -> None:
    slots = Slots(cloud.dynamodb, "state")
    names = [(each.item, each.key) for each in (use(), use(offset="-4 h"), use(TASK))]
    assert slots.taken(names) == set()
    assert slots.take([use()], "message")
    assert not slots.take([use()], "another message")
    assert slots.taken(names) == {names[0]}
    (record,) = cloud.records("state")
    assert "expires_at" not in record
    assert record["message"]["S"] == "message"


def test_no_slot_is_taken_when_one_of_them_is_not_free(cloud: Cloud) -> None:
    slots = Slots(cloud.dynamodb, "state")
    assert slots.take([use(TASK)], "first")
    assert not slots.take([use(), use(TASK)], "second")
    assert slots.taken([(str(JOB), use().key)]) == set()


def test_slots_are_read_by_the_hundred_when_there_are_many(cloud: Cloud) -> None:
    slots = Slots(cloud.dynamodb, "state")
    for offset in ("+0 h", "+150 h"):
        assert slots.take([use(offset=offset)], "message")
    names = [(str(JOB), use(offset=f"+{number} h").key) for number in range(201)]
    with cloud.counted() as calls:
        found = slots.taken([*names, *names])
    assert calls == ["BatchGetItem"] * 3
    assert found == {names[0], names[150]}


def test_fate_of_a_slot_is_final_when_it_is_sent_held_or_passed(cloud: Cloud) -> None:
    slots = Slots(cloud.dynamodb, "state")
    fates = [SlotStatus.SENT, SlotStatus.HELD, SlotStatus.PARKED]
    passed = use(offset="passed", fate=SlotStatus.PASSED, reason="0 had come by then")
    assert slots.take([passed, *(use(offset=fate) for fate in fates)], "message")
    for fate in fates:
        slots.settle((str(JOB), use(offset=fate).key), fate, at(1), "why")
    for offset in ("passed", *fates):
        slots.settle((str(JOB), use(offset=offset).key), SlotStatus.SENT, at(2))
    slots.settle((str(TASK), "unknown"), SlotStatus.SENT, at(2))
    assert {each.offset: (each.fate, each.reason) for each in slots.of_item(str(JOB))} == {
        "held": (SlotStatus.HELD, "why"),
        "parked": (SlotStatus.SENT, None),  # a person had it tried again
        "passed": (SlotStatus.PASSED, "0 had come by then"),
        "sent": (SlotStatus.SENT, "why"),
    }
    assert list(slots.of_item(str(TASK))) == []


@pytest.mark.parametrize(
    ("later", "fate", "found"),
    [
        ({}, SlotStatus.ASKED, "+1 h"),
        ({}, SlotStatus.SENT, "+1 h"),
        ({}, SlotStatus.HELD, None),
        ({}, SlotStatus.PARKED, None),
        ({"at": at(-1)}, SlotStatus.SENT, None),
        ({"person": "c@d.test"}, SlotStatus.SENT, None),
        ({"due_at": at(7)}, SlotStatus.ASKED, None),
    ],
)
def test_newer_slot_is_one_of_the_same_person_and_due_date_that_is_sent(
    cloud: Cloud, later: dict[str, Any], fate: SlotStatus, found: str | None
) -> None:
    slots = Slots(cloud.dynamodb, "state")
    first = use()
    second = use(offset="+1 h", **{"at": at(60), **later})
    assert slots.take([first], "message")
    assert slots.newer((first.item, first.key)) is None
    assert slots.take([second], "message")
    slots.settle((second.item, second.key), fate, at(61))
    newer = slots.newer((first.item, first.key))
    assert (newer and newer.offset) == found
    assert slots.newer((first.item, "unknown")) is None


def test_only_the_next_revision_of_a_program_is_written_when_two_write(cloud: Cloud) -> None:
    slots = Slots(cloud.dynamodb, "state")
    first = Program(str(JOB), "2026", ("4 hours before",), 1)
    assert slots.program(first, "message", START) is not None
    assert slots.program(first, "message", START) is None
    second = dataclasses.replace(first, reminders=(), revision=2)
    assert slots.program(second, "message", START) is not None
    assert slots.programs([str(JOB), str(TASK)]) == {str(JOB): second}
    assert list(slots.of_item(str(JOB))) == []


# -- queues


def test_action_goes_to_its_vendors_queue_when_it_is_sent(cloud: Cloud) -> None:
    urls = {vendor: cloud.queue_urls[name] for vendor, name in QUEUES.items()}
    with cloud.counted() as calls:
        ActionQueues(cloud.sqs, urls).send(observe(TASK, "e1"))
    assert calls == ["SendMessage"]
    for vendor, url in urls.items():
        messages = cloud.sqs.receive_message(QueueUrl=url).get("Messages", [])
        bodies = [observe(TASK, "e1").to_message()] if vendor is Vendor.GOODDAY else []
        assert [message["Body"] for message in messages] == bodies


def test_action_is_kept_back_in_its_queue_when_it_has_to_wait(cloud: Cloud) -> None:
    queues = ActionQueues(cloud.sqs, {Vendor.GOODDAY: cloud.queue_urls[QUEUES[Vendor.GOODDAY]]})
    queues.send(observe(TASK, "e1"), delay_seconds=30)
    (letter,) = cloud.letters(QUEUES[Vendor.GOODDAY])
    assert (letter.action, letter.delay_seconds) == (observe(TASK, "e1"), 30)


def test_file_that_waits_carries_its_history(cloud: Cloud, clock: TickingClock) -> None:
    event = {"detail": {"object": {"key": "drop/ü.pdf"}}}
    assert waited_of(event) == Waited()
    waited = Waited().again(clock.now())
    UploadQueues(cloud.sqs, cloud.queue_urls[UPLOADS], {}).look_again(event, waited, delay_seconds=5)
    (letter,) = cloud.letters(UPLOADS)
    carried = json.loads(letter.body)
    assert waited_of(carried) == waited
    assert carried["detail"] == event["detail"]
    assert letter.delay_seconds == 5


# -- the bus


def test_events_are_published_ten_a_call_and_none_when_there_are_none(cloud: Cloud) -> None:
    bus = EventBus(cloud.events, BUS)
    events = [{"type": "dev.proofbridge.change.status", "id": str(number)} for number in range(23)]
    with cloud.counted() as calls:
        bus.publish(iter(events))
        bus.publish([])
    assert calls == ["PutEvents"] * 3
    entries = [
        entry for call in cloud.calls if call.operation == "PutEvents" for entry in call.params["Entries"]
    ]
    assert [json.loads(entry["Detail"]) for entry in entries] == events
    assert {(entry["EventBusName"], entry["Source"], entry["DetailType"]) for entry in entries} == {
        (BUS, "proofbridge", "dev.proofbridge.change.status")
    }


def test_publishing_fails_when_some_events_were_not_taken(cloud: Cloud) -> None:
    def refuse_one(parsed: dict[str, Any], **_: Any) -> None:
        parsed["FailedEntryCount"] = 1
        parsed["Entries"][0]["ErrorCode"] = "ThrottlingException"

    cloud.events.meta.events.register("after-call", refuse_one, unique_id="refuse")
    try:
        with pytest.raises(NotPublishedError, match=r"1 events: \['ThrottlingException'\]"):
            EventBus(cloud.events, BUS).publish([{"type": "t"}])
    finally:
        cloud.events.meta.events.unregister("after-call", unique_id="refuse")
