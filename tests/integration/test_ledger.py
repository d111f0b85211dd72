"""The effect ledger: every claim, under competition, with the calls counted."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from proofbridge.stores.ledger import RETENTION, SETTLED, Claim, EffectState, Ledger
from tests.integration.cloud import Cloud
from tests.integration.ticking import TickingClock

KEY = "route|c1|approval|0"
LEASE = timedelta(seconds=90)
THREADS = 20


@pytest.fixture
def cloud(tables: Cloud) -> Cloud:
    return tables


@pytest.fixture
def ledger(cloud: Cloud) -> Ledger:
    return Ledger(cloud.dynamodb, "state")


def begin(ledger: Ledger, clock: TickingClock, message: str = "{}") -> Claim:
    return ledger.begin(KEY, message, clock.now(), LEASE)[0]


# -- claims


def test_effect_is_fresh_when_it_was_never_begun(ledger: Ledger, clock: TickingClock) -> None:
    now = clock.now()
    claim, entry = ledger.begin(KEY, "message", now, LEASE)
    assert claim is Claim.FRESH
    assert (entry.key, entry.state, entry.message) == (KEY, EffectState.STARTED, "message")
    assert (entry.first_started_at, entry.lease_until, entry.attempts) == (now, now + LEASE, 1)
    assert ledger.get(KEY) == entry


def test_effect_is_busy_when_its_lease_still_runs(ledger: Ledger, clock: TickingClock) -> None:
    now = clock.now()
    ledger.begin(KEY, "{}", now, LEASE)
    clock.advance(seconds=89)
    claim, entry = ledger.begin(KEY, "{}", clock.now(), LEASE)
    assert claim is Claim.BUSY
    assert entry.lease_until == now + LEASE


def test_effect_is_unclear_when_its_lease_has_ended(ledger: Ledger, clock: TickingClock) -> None:
    first = clock.now()
    ledger.begin(KEY, "first", first, LEASE)
    claim, entry = ledger.begin(KEY, "second", first + LEASE, LEASE)
    assert claim is Claim.UNCLEAR
    assert entry.first_started_at == first
    assert entry.attempts == 2
    taken = ledger.get(KEY)
    assert taken is not None
    assert (taken.message, taken.attempts, taken.first_started_at) == ("second", 2, first)
    clock.advance(seconds=90)
    assert begin(ledger, clock) is Claim.BUSY


def test_effect_is_unclear_at_once_when_its_outcome_is_unknown(ledger: Ledger, clock: TickingClock) -> None:
    begin(ledger, clock)
    ledger.finish(KEY, EffectState.UNKNOWN, clock.now(), reason="the connection broke")
    assert begin(ledger, clock) is Claim.UNCLEAR
    assert begin(ledger, clock) is Claim.BUSY


def test_effect_is_fresh_again_when_it_surely_did_not_happen(ledger: Ledger, clock: TickingClock) -> None:
    first = clock.now()
    ledger.begin(KEY, "{}", first, LEASE)
    ledger.finish(KEY, EffectState.WAITING, clock.now(), reason="no connection")
    claim, entry = ledger.begin(KEY, "{}", clock.now(), LEASE)
    assert claim is Claim.FRESH
    assert (entry.attempts, entry.first_started_at) == (2, first)
    assert begin(ledger, clock) is Claim.BUSY


@pytest.mark.parametrize("state", sorted(SETTLED))
def test_nothing_more_is_to_be_done_when_an_effect_is_settled(
    ledger: Ledger, clock: TickingClock, state: EffectState
) -> None:
    begin(ledger, clock)
    ledger.finish(KEY, state, clock.now(), reason="because", result={"a": "ü"})
    clock.advance(days=20)
    claim, entry = ledger.begin(KEY, "{}", clock.now(), LEASE)
    assert claim is Claim.SETTLED
    assert (entry.state, entry.reason, entry.result) == (state, "because", '{"a": "\\u00fc"}')


@pytest.mark.parametrize("state", EffectState)
def test_every_state_leads_to_one_claim(ledger: Ledger, clock: TickingClock, state: EffectState) -> None:
    begin(ledger, clock)
    ledger.finish(KEY, state, clock.now())
    expected = {
        EffectState.STARTED: Claim.BUSY,
        EffectState.WAITING: Claim.FRESH,
        EffectState.UNKNOWN: Claim.UNCLEAR,
    }
    assert begin(ledger, clock) is expected.get(state, Claim.SETTLED)


def test_effects_are_kept_apart_when_their_keys_differ(ledger: Ledger, clock: TickingClock) -> None:
    begin(ledger, clock)
    assert ledger.begin(KEY + "0", "{}", clock.now(), LEASE)[0] is Claim.FRESH
    assert ledger.get("another") is None


# -- competition


def race(ledger: Ledger, cloud: Cloud, clock: TickingClock) -> list[Claim]:
    """Begin the effect in many threads; none goes on to a second call before all have made the first."""
    now = clock.now()
    gate = threading.Barrier(THREADS)
    passed = threading.local()

    def wait_for_all(**_: Any) -> None:
        if not getattr(passed, "once", False):
            passed.once = True
            gate.wait(timeout=30)

    cloud.dynamodb.meta.events.register("after-call.dynamodb", wait_for_all, unique_id="race")
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            claims = pool.map(lambda _: ledger.begin(KEY, "{}", now, LEASE)[0], range(THREADS))
            return sorted(claims)
    finally:
        cloud.dynamodb.meta.events.unregister("after-call.dynamodb", unique_id="race")


@pytest.mark.usefixtures("serial")
def test_one_is_fresh_and_the_others_busy_when_many_begin_at_once(
    ledger: Ledger, cloud: Cloud, clock: TickingClock
) -> None:
    assert race(ledger, cloud, clock) == [Claim.BUSY] * (THREADS - 1) + [Claim.FRESH]


@pytest.mark.usefixtures("serial")
@pytest.mark.parametrize("state", [EffectState.STARTED, EffectState.UNKNOWN])
def test_one_takes_over_when_many_find_an_unclear_effect(
    ledger: Ledger, cloud: Cloud, clock: TickingClock, state: EffectState
) -> None:
    begin(ledger, clock)
    ledger.finish(KEY, state, clock.now())
    clock.advance(seconds=91)
    assert race(ledger, cloud, clock) == [Claim.BUSY] * (THREADS - 1) + [Claim.UNCLEAR]
    entry = ledger.get(KEY)
    assert entry is not None
    assert entry.attempts == 2


@pytest.mark.usefixtures("serial")
def test_one_is_fresh_when_many_find_a_waiting_effect(
    ledger: Ledger, cloud: Cloud, clock: TickingClock
) -> None:
    begin(ledger, clock)
    ledger.finish(KEY, EffectState.WAITING, clock.now())
    assert race(ledger, cloud, clock) == [Claim.BUSY] * (THREADS - 1) + [Claim.FRESH]


# -- cost, retention


def test_two_calls_are_made_when_an_effect_is_begun_and_finished(
    ledger: Ledger, cloud: Cloud, clock: TickingClock
) -> None:
    with cloud.counted() as calls:
        begin(ledger, clock)
        ledger.finish(KEY, EffectState.DONE, clock.now())
    assert calls == ["UpdateItem", "UpdateItem"]


def test_calls_stay_few_when_an_effect_is_begun_again(
    ledger: Ledger, cloud: Cloud, clock: TickingClock
) -> None:
    begin(ledger, clock)
    with cloud.counted() as calls:
        begin(ledger, clock)
    assert len(calls) == 1
    clock.advance(seconds=91)
    with cloud.counted() as calls:
        begin(ledger, clock)
    assert len(calls) == 2


def test_entry_is_kept_for_21_days_after_its_last_change(
    ledger: Ledger, cloud: Cloud, clock: TickingClock
) -> None:
    started = clock.now()
    ledger.begin(KEY, "{}", started, LEASE)
    expires = [int(cloud.record(f"EFFECT#{KEY}", "EFFECT")["expires_at"]["N"])]
    clock.advance(days=2)
    finished = clock.now()
    ledger.finish(KEY, EffectState.DONE, finished)
    expires.append(int(cloud.record(f"EFFECT#{KEY}", "EFFECT")["expires_at"]["N"]))
    assert expires == [int((moment + RETENTION).timestamp()) for moment in (started, finished)]
    assert timedelta(days=21) == RETENTION


# -- what is stuck


def test_stuck_effects_are_found_when_nobody_goes_on_with_them(ledger: Ledger, clock: TickingClock) -> None:
    for state in EffectState:
        key = f"effect-{state}"
        ledger.begin(key, f"message of {state}", clock.now(), LEASE)
        ledger.finish(key, state, clock.now())
    clock.advance(minutes=20)
    for state in (EffectState.STARTED, EffectState.UNKNOWN):
        ledger.begin(f"young-{state}", "{}", clock.now(), LEASE)
        ledger.finish(f"young-{state}", state, clock.now())
    stuck = list(ledger.stuck_since(clock.now() - timedelta(minutes=10)))
    assert {(entry.key, entry.message) for entry in stuck} == {
        ("effect-started", "message of started"),
        ("effect-unknown", "message of unknown"),
    }


def test_effect_is_not_stuck_when_its_lease_still_runs(ledger: Ledger, clock: TickingClock) -> None:
    ledger.begin(KEY, "{}", clock.now(), timedelta(hours=1))
    clock.advance(minutes=30)
    assert not list(ledger.stuck_since(clock.now()))
    clock.advance(minutes=31)
    assert [entry.key for entry in ledger.stuck_since(clock.now())] == [KEY]


# -- for people who ask


def test_waiting_is_noted_when_nothing_was_begun(ledger: Ledger, clock: TickingClock) -> None:
    ledger.wait(KEY, "message", clock.now(), reason="the gate is closed")
    entry = ledger.get(KEY)
    assert entry is not None
    assert (entry.state, entry.reason, entry.attempts) == (EffectState.WAITING, "the gate is closed", 0)
    claim, entry = ledger.begin(KEY, "message", clock.now(), LEASE)
    assert (claim, entry.attempts) == (Claim.FRESH, 1)


@pytest.mark.parametrize("state", [state for state in EffectState if state is not EffectState.WAITING])
def test_waiting_is_not_noted_when_the_effect_was_begun(
    ledger: Ledger, clock: TickingClock, state: EffectState
) -> None:
    begin(ledger, clock)
    ledger.finish(KEY, state, clock.now(), reason="as it was")
    ledger.wait(KEY, "message", clock.now(), reason="the gate is closed")
    entry = ledger.get(KEY)
    assert entry is not None
    assert (entry.state, entry.reason) == (state, "as it was")


def test_reason_is_forgotten_when_the_effect_is_done_after_all(ledger: Ledger, clock: TickingClock) -> None:
    begin(ledger, clock)
    ledger.finish(KEY, EffectState.WAITING, clock.now(), reason="no connection")
    begin(ledger, clock)
    ledger.finish(KEY, EffectState.DONE, clock.now())
    entry = ledger.get(KEY)
    assert entry is not None
    assert entry.reason is None


def test_effect_can_be_dismissed_or_reopened_only_as_it_was_read(ledger: Ledger, clock: TickingClock) -> None:
    begin(ledger, clock)
    ledger.finish(KEY, EffectState.PARKED, clock.now(), reason="look there")
    read = ledger.get(KEY)
    assert read is not None
    assert ledger.reopen(read, EffectState.UNKNOWN, "{}", clock.now())
    assert not ledger.dismiss(read, "not wanted", clock.now())
    assert begin(ledger, clock) is Claim.UNCLEAR
    ledger.finish(KEY, EffectState.PARKED, clock.now(), reason="look there")
    read = ledger.get(KEY)
    assert read is not None
    assert ledger.dismiss(read, "not wanted", clock.now())
    assert not ledger.reopen(read, EffectState.WAITING, "{}", clock.now())
    assert begin(ledger, clock) is Claim.SETTLED


def test_keys_are_listed_newest_first_when_asked_for_by_state(ledger: Ledger, clock: TickingClock) -> None:
    for number in range(3):
        ledger.begin(f"effect-{number}", "{}", clock.now(), LEASE)
        ledger.finish(f"effect-{number}", EffectState.PARKED, clock.now())
    since = clock.now()
    ledger.note("effect-3", EffectState.PARKED, "{}", clock.now(), reason="why")
    ledger.note("effect-4", EffectState.DONE, "{}", clock.now())
    assert list(ledger.keys_in(EffectState.PARKED)) == ["effect-3", "effect-2", "effect-1", "effect-0"]
    assert list(ledger.keys_in(EffectState.PARKED, since=since)) == ["effect-3"]
