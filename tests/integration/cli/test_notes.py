"""What is noted for people beside effects and events: nothing of it gets in the way of what is under way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from proofbridge.stores.history import EventHistory, Replay
from proofbridge.stores.inbox import Event, EventState, Inbox, Source
from proofbridge.stores.ledger import Claim, EffectState, Entry, Ledger
from tests.integration.cloud import Cloud
from tests.integration.ticking import TickingClock
from tests.unit.observations import JOB

KEY = "route|c1|approval|0"
LEASE = timedelta(seconds=90)


@pytest.fixture
def ledger(cloud: Cloud) -> Ledger:
    return Ledger(cloud.dynamodb, "state")


@pytest.fixture
def journal(cloud: Cloud) -> EventHistory:
    return EventHistory(cloud.dynamodb, "inbox")


@pytest.fixture
def inbox(cloud: Cloud) -> Inbox:
    return Inbox(cloud.dynamodb, "inbox")


def entry(ledger: Ledger) -> Entry:
    found = ledger.get(KEY)
    assert found is not None
    return found


def begin(ledger: Ledger, clock: TickingClock) -> Claim:
    return ledger.begin(KEY, "message", clock.now(), LEASE)[0]


# -- effects


def test_effect_is_fresh_when_it_has_only_waited(ledger: Ledger, clock: TickingClock) -> None:
    ledger.wait(KEY, "first", clock.now(), reason="the gate is closed")
    waits = clock.now()
    ledger.wait(KEY, "second", waits, reason="still closed")
    noted = entry(ledger)

    assert (noted.state, noted.attempts, noted.message) == (EffectState.WAITING, 0, "second")
    assert (noted.reason, noted.state_at) == ("still closed", waits)
    assert begin(ledger, clock) is Claim.FRESH
    assert entry(ledger).first_started_at > waits


@pytest.mark.parametrize("state", sorted(set(EffectState) - {EffectState.WAITING}))
def test_waiting_changes_nothing_when_the_effect_was_begun(
    state: EffectState, ledger: Ledger, clock: TickingClock
) -> None:
    begin(ledger, clock)
    if state is not EffectState.STARTED:
        ledger.finish(KEY, state, clock.now(), reason="it says")
    before = entry(ledger)

    ledger.wait(KEY, "another", clock.now(), reason="the gate is closed")

    assert entry(ledger) == before


def test_reason_of_an_earlier_attempt_is_gone_when_it_is_done(ledger: Ledger, clock: TickingClock) -> None:
    begin(ledger, clock)
    ledger.finish(KEY, EffectState.WAITING, clock.now(), reason="HTTP 503")
    begin(ledger, clock)
    ledger.finish(KEY, EffectState.DONE, clock.now())

    assert (entry(ledger).reason, entry(ledger).attempts) == (None, 2)


def test_reading_is_noted_each_time_when_it_was_done_again(ledger: Ledger, clock: TickingClock) -> None:
    ledger.note(KEY, EffectState.PARKED, "message", clock.now(), reason="HTTP 403")
    ledger.note(KEY, EffectState.DONE, "message", clock.now(), reason="nothing new")

    noted = entry(ledger)
    assert (noted.state, noted.reason, noted.attempts) == (EffectState.DONE, "nothing new", 2)


@pytest.mark.parametrize(
    ("state", "claim"), [(EffectState.WAITING, Claim.FRESH), (EffectState.UNKNOWN, Claim.UNCLEAR)]
)
def test_effect_can_be_begun_anew_when_it_is_reopened(
    state: EffectState, claim: Claim, ledger: Ledger, clock: TickingClock
) -> None:
    begin(ledger, clock)
    ledger.finish(KEY, EffectState.PARKED, clock.now(), reason="refused")

    assert ledger.reopen(entry(ledger), state, "again", clock.now())
    assert begin(ledger, clock) is claim
    assert begin(ledger, clock) is Claim.BUSY


@pytest.mark.parametrize("what", ["reopen", "dismiss"])
def test_decision_changes_nothing_when_the_effect_has_moved_on(
    what: str, ledger: Ledger, clock: TickingClock
) -> None:
    begin(ledger, clock)
    ledger.finish(KEY, EffectState.UNKNOWN, clock.now(), reason="no answer")
    seen = entry(ledger)
    begin(ledger, clock)
    ledger.finish(KEY, EffectState.UNKNOWN, clock.now(), reason="no answer again")
    before = entry(ledger)

    if what == "reopen":
        assert not ledger.reopen(seen, EffectState.WAITING, "again", clock.now())
    else:
        assert not ledger.dismiss(seen, "no need", clock.now())

    assert entry(ledger) == before


# -- events


def put(inbox: Inbox, clock: TickingClock) -> Event:
    event = Event(str(JOB), "e1", Source.WEBHOOK, clock.now(), "{}")
    assert inbox.put(event)
    return event


def test_replays_stand_beside_the_event_in_their_order(
    journal: EventHistory, inbox: Inbox, clock: TickingClock
) -> None:
    event = put(inbox, clock)
    replays = [Replay(f"R{number}", clock.now(), (f"key{number}",)) for number in (1, 2)]
    for replay in replays:
        journal.note_replay(event, replay)

    noted = journal.get(event.item, event.id)

    assert noted is not None
    assert noted.replays == tuple(replays)
    assert noted.event == event


def test_event_is_not_put_back_when_it_has_moved_on(
    journal: EventHistory, inbox: Inbox, clock: TickingClock
) -> None:
    event = put(inbox, clock)
    inbox.finish(event, clock.now())

    assert not journal.put_back(event, Replay("R1", clock.now()))
    noted = journal.get(event.item, event.id)
    assert noted is not None
    assert (noted.event.state, noted.replays) == (EventState.PROCESSED, ())


def test_observations_of_an_event_are_told_apart_when_the_item_has_others(
    journal: EventHistory, inbox: Inbox, clock: TickingClock
) -> None:
    event = put(inbox, clock)
    for name, cause in (("o2", event.key), ("o3", "e2"), ("o1", event.key), ("o4", None)):
        inbox.put(Event(str(JOB), name, Source.OBSERVATION, clock.now(), "{}", cause=cause))

    assert [found.event.id for found in journal.caused_by(event, [event.item])] == ["o2", "o1"]
