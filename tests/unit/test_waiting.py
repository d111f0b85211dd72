from __future__ import annotations

from datetime import timedelta

from proofbridge.domain.waiting import FIRST_DELAY_SECONDS, MAX_DELAY_SECONDS, PATIENCE, Waited
from tests.unit.observations import START, at


def test_delay_doubles_up_to_what_a_queue_allows_when_no_moment_is_known() -> None:
    delays = []
    waited = Waited()
    for minute in range(12):
        delays.append(waited.delay_seconds(at(minute), None))
        waited = waited.again(at(minute))
    assert delays[:4] == [FIRST_DELAY_SECONDS * factor for factor in (1, 2, 4, 8)]
    assert delays == sorted(delays)
    assert delays[-1] == MAX_DELAY_SECONDS


def test_delay_reaches_the_moment_when_one_is_known() -> None:
    waited = Waited(9, START)
    assert waited.delay_seconds(START, START + timedelta(seconds=30)) >= 30
    assert waited.delay_seconds(START, START + timedelta(seconds=30.7)) >= 31
    assert waited.delay_seconds(START, START + timedelta(seconds=30)) <= 32
    assert waited.delay_seconds(START, START + timedelta(days=1)) == MAX_DELAY_SECONDS


def test_delay_is_never_below_a_second_when_the_moment_has_passed() -> None:
    assert Waited().delay_seconds(START, START - timedelta(hours=1)) == 1


def test_first_wait_is_remembered_when_waiting_again() -> None:
    waited = Waited().again(START).again(at(10))
    assert waited == Waited(2, START)


def test_patience_runs_out_when_more_than_three_days_were_waited() -> None:
    assert not Waited().too_long(at(10**6))
    assert not Waited(5, START).too_long(START + PATIENCE)
    assert Waited(5, START).too_long(START + PATIENCE + timedelta(seconds=1))
    assert timedelta(days=3) == PATIENCE


def test_reason_says_since_when_it_has_waited() -> None:
    assert Waited().explain("no answer") == "no answer"
    text = Waited(5, START).explain("no answer")
    assert text == "it has waited since 2026-03-02T09:00:00.000Z; the last time: no answer"
