"""The sweep: what is stuck is put back on its way, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from proofbridge.actions.perform import Status
from proofbridge.domain.items import Vendor
from proofbridge.recovery.sweep import EFFECT_PATIENCE, EVENT_PATIENCE, FILE_PATIENCE, PutBack, sweep
from proofbridge.stores import inbox
from proofbridge.stores.history import EventHistory, Replay
from proofbridge.stores.inbox import Event, EventState, Source
from proofbridge.stores.ledger import EffectState
from tests.integration.bridge import Bridge
from tests.integration.cloud import KilledError
from tests.integration.test_perform import comment, set_status
from tests.integration.test_relay import uploads, waiting
from tests.unit.observations import JOB

LEASE = timedelta(seconds=90)


def run(bridge: Bridge) -> PutBack:
    queues = bridge.queues, bridge.uploads
    return sweep(bridge.inbox, bridge.ledger, bridge.gates, *queues, bridge.clock.now())


def put(bridge: Bridge, event_id: str, state: EventState = EventState.RECEIVED) -> Event:
    event = Event(str(JOB), event_id, Source.NOTICE, bridge.clock.now(), "{}")
    bridge.inbox.put(event)
    if state is not EventState.RECEIVED:
        bridge.inbox.fail(event, state, "because")
    return event


def images(bridge: Bridge) -> dict[str, dict[str, Any]]:
    return {image["event"]["S"]: image for image in bridge.cloud.records("inbox")}


def test_nothing_is_put_back_when_nothing_is_stuck(bridge: Bridge) -> None:
    bridge.start_proof()
    assert run(bridge) == PutBack(0, 0)


def test_events_are_put_back_when_nobody_has_processed_them(bridge: Bridge) -> None:
    for state in EventState:
        put(bridge, f"old-{state}", state)
    bridge.clock.advance(seconds=EVENT_PATIENCE.total_seconds() + 1)
    put(bridge, "young")
    before = images(bridge)
    assert run(bridge) == PutBack(events=2, effects=0)
    changed = {event_id for event_id, image in images(bridge).items() if image != before[event_id]}
    assert changed == {"old-received", "old-failed"}
    assert {image["state"]["S"] for image in images(bridge).values() if image["event"]["S"] in changed} == {
        "received"
    }
    bridge.settle()
    assert run(bridge) == PutBack(0, 0)


def test_event_is_parked_with_its_reason_when_it_was_put_back_all_day(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(inbox, "MAX_PUT_BACKS", 3)
    event = put(bridge, "crashes")
    swept = []
    for _ in range(5):
        bridge.clock.advance(seconds=EVENT_PATIENCE.total_seconds() + 1)
        swept.append(run(bridge).events)

    assert swept == [1, 1, 1, 0, 0]
    assert images(bridge)["crashes"]["state"]["S"] == "parked"
    assert "read process_event's log" in images(bridge)["crashes"]["reason"]["S"]
    assert capsys.readouterr().out.count('"EventsParked": 1') == 1
    # Whoever replays it gives it all its tries again.
    journal = EventHistory(bridge.cloud.dynamodb, "inbox")
    entry = journal.get(event.item, event.id)
    assert entry is not None
    assert journal.put_back(entry.event, Replay("R1", bridge.clock.now()))
    assert run(bridge).events == 1


def test_effect_is_taken_up_again_and_happens_once_when_its_process_was_killed(bridge: Bridge) -> None:
    """The message is lost too: its queue has given up on it."""
    bridge.start_task()
    bridge.cloud.kill_at("PutItem", "ITEM#")
    with pytest.raises(KilledError):
        bridge.perform(set_status(bridge))
    bridge.cloud.revive()
    bridge.clock.advance(seconds=EFFECT_PATIENCE.total_seconds() - 5)
    assert run(bridge) == PutBack(0, 0)
    bridge.clock.advance(seconds=LEASE.total_seconds() + 10)
    assert run(bridge) == PutBack(events=0, effects=1)
    bridge.settle()
    assert len(bridge.goodday.effects("update_status")) == 1
    assert bridge.state_of("k-status") == EffectState.DONE
    assert run(bridge) == PutBack(0, 0)


def test_effect_of_unknown_outcome_is_taken_up_again(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.goodday.fault("comment", "drop_after")
    bridge.perform(comment(bridge))
    bridge.letters(Vendor.GOODDAY)
    bridge.clock.advance(minutes=25)
    assert run(bridge).effects == 1
    (action,) = bridge.actions(Vendor.GOODDAY)
    assert bridge.perform(action).fate is Status.DONE
    assert len(bridge.goodday.effects("comment")) == 1


def test_effect_is_left_alone_while_its_message_may_still_wait_in_the_queue(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.goodday.fault("comment", "drop_after")
    bridge.perform(comment(bridge))
    bridge.clock.advance(minutes=16)
    assert run(bridge).effects == 0


def test_effects_that_wait_or_are_settled_are_left_alone(bridge: Bridge) -> None:
    bridge.start_task()
    for state in (EffectState.WAITING, EffectState.DONE, EffectState.HELD, EffectState.PARKED):
        action = comment(bridge, key=f"k-{state}")
        bridge.ledger.begin(action.key, action.to_message(), bridge.clock.now(), LEASE)
        bridge.ledger.finish(action.key, state, bridge.clock.now())
    bridge.clock.advance(hours=2)
    assert run(bridge).effects == 0


def test_no_copies_pile_up_when_the_vendors_gate_is_closed(bridge: Bridge) -> None:
    """The message itself goes round in its queue all the while, and the ledger doesn't hear of it."""
    bridge.start_task()
    bridge.goodday.fault("comment", "drop_after")
    bridge.perform(comment(bridge))
    bridge.gates.close(Vendor.GOODDAY, bridge.clock.now() + timedelta(hours=6))
    for _ in range(6):
        bridge.clock.advance(minutes=30)
        assert run(bridge).effects == 0
        waiting = bridge.actions(Vendor.GOODDAY)
        assert len(waiting) == 1
        bridge.perform(waiting[0])
    bridge.advance(hours=4)
    bridge.settle()
    assert bridge.state_of("k-comment") == EffectState.DONE
    assert len(bridge.goodday.effects("comment")) == 1


@pytest.mark.parametrize(
    "fault", [{"fault": "drop_after"}, {"fault": "status", "status": 429, "retry_after": "3600"}]
)
def test_file_is_put_back_once_when_nothing_was_heard_of_it_for_hours(
    bridge: Bridge, fault: dict[str, Any]
) -> None:
    """Its message is lost. The next version waits for it, in doubt or not."""
    bridge.good2go.fault("upload", **fault)
    assert bridge.relay(bridge.drop(b"%PDF")).fate == "deferred"
    bridge.letters()
    bridge.advance(hours=2)
    assert bridge.relay(bridge.drop(b"%PDF number two")).fate == "deferred"
    second = waiting(bridge)
    assert run(bridge) == PutBack(0, 0), "its message may come back by itself"
    bridge.advance(hours=FILE_PATIENCE.total_seconds() / 3600 - 1)
    assert run(bridge) == PutBack(events=0, effects=1)
    assert run(bridge) == PutBack(0, 0)
    assert bridge.relay(waiting(bridge)).fate == "relayed"
    assert bridge.relay(second).fate == "relayed"
    assert uploads(bridge) == ["upload", "upload_revision"]


def test_file_is_left_alone_when_its_vendors_gate_is_closed(bridge: Bridge) -> None:
    bridge.good2go.fault("upload", "drop_after")
    bridge.relay(bridge.drop(b"%PDF"))
    bridge.clock.advance(seconds=FILE_PATIENCE.total_seconds() + 60)
    bridge.gates.close(Vendor.GOOD2GO, bridge.clock.now() + timedelta(hours=6))
    bridge.letters()
    assert run(bridge) == PutBack(0, 0)
    assert bridge.letters() == []
