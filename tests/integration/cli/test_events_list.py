"""`proofbridge events list`: newest first, filtered, by index and never by a scan."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from proofbridge.domain.items import Observation
from proofbridge.stores.inbox import Event, EventState, Source
from tests.integration.bridge import Bridge
from tests.integration.cli.happenings import aws_calls, decided, observation_of
from tests.unit.cli.commands import read, run
from tests.unit.observations import JOB, TASK


def put(live: Bridge, number: int, **fields: object) -> Event:
    """Put an event that is so many minutes old."""
    received = live.clock.now() - timedelta(minutes=number)
    event = Event(str(JOB), f"{number:04d}", Source.WEBHOOK, received, "{}")
    event = dataclasses.replace(event, **fields)  # type: ignore[arg-type] # the fields of an event
    assert live.inbox.put(event)
    return event


def ids(*arguments: str) -> list[str]:
    return [event["id"] for event in read("events", "list", *arguments)["events"]]


def test_events_are_listed_newest_first_when_they_are_in_different_states(live: Bridge) -> None:
    put(live, 3, state=EventState.PARKED)
    put(live, 1, state=EventState.QUARANTINED)
    put(live, 2, state=EventState.PROCESSED)
    put(live, 4)

    assert ids() == ["0001", "0002", "0003", "0004"]


def test_list_is_cut_to_the_newest_when_there_are_more_than_its_limit(live: Bridge) -> None:
    for number in range(1, 6):
        put(live, number)

    with aws_calls() as called:
        assert ids("--limit", "2") == ["0001", "0002"]

    assert called.count("Query") == len(EventState)
    assert called.count("GetItem") == 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--state", "parked"], ["0002"]),
        (["--vendor", "goodday"], ["0003"]),
        (["--vendor", "robohead"], []),
        (["--since", "90s"], ["0001"]),
        (["--item", str(JOB)], ["0001", "0002", "0004"]),
        (["--item", str(JOB).replace("#", ":")], ["0001", "0002", "0004"]),
        (["--item", str(JOB), "--state", "received", "--since", "150s"], ["0001"]),
        (["--item", str(JOB), "--vendor", "goodday"], []),
        (["--item", str(JOB), "--limit", "1"], ["0001"]),
    ],
    ids=" ".join,
)
def test_list_holds_only_what_was_asked_for_when_it_is_filtered(
    options: list[str], expected: list[str], live: Bridge
) -> None:
    put(live, 1)
    put(live, 2, state=EventState.PARKED)
    put(live, 3, item=str(TASK))
    put(live, 4)

    with aws_calls() as called:
        assert ids(*options) == expected

    assert "Scan" not in called


def test_vendor_is_found_behind_many_others_when_the_index_has_several_pages(live: Bridge) -> None:
    for number in range(1, 131):
        put(live, number)
    put(live, 200, item=str(TASK))

    assert ids("--vendor", "goodday") == ["0200"]


def test_row_tells_what_changed_when_a_webhook_was_followed_up(live: Bridge) -> None:
    event = decided(live, "approve", "Print it!")

    rows = run("events", "list").screen.splitlines()

    (webhook,) = [row for row in rows if row.startswith(event.id[:8])]
    assert "webhook" in webhook
    assert "read at Good2Go" in webhook
    short = observation_of(live, event).id.removeprefix("observation-")[:8]
    (observation,) = [row for row in rows if row.startswith(short)]
    assert "processed" in observation
    assert "approved, “Print it!”" in observation


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": EventState.QUARANTINED, "reason": "no job.guid"}, "no job.guid"),
        ({"state": EventState.PROCESSED, "item": "approval-studio#test"}, "a test of the webhook"),
        ({"state": EventState.PROCESSED, "item": "signal#unknown"}, "signal unknown"),
        ({"state": EventState.PROCESSED, "source": Source.LINK}, "linked to its proof"),
        ({}, "not processed yet"),
    ],
)
def test_row_says_in_few_words_what_became_of_an_event(
    fields: dict[str, object], words: str, live: Bridge
) -> None:
    put(live, 1, **fields)

    assert words in run("events", "list").screen


def test_observation_that_said_nothing_new_is_listed_as_such(live: Bridge) -> None:
    live.note(Observation(JOB, live.clock.now(), version=1))
    live.note(Observation(JOB, live.clock.now(), version=1))
    live.settle()

    (newest, oldest) = run("events", "list").screen.splitlines()[2:4]

    assert newest.rstrip().endswith("nothing new")
    assert oldest.rstrip().endswith("created")


@pytest.mark.parametrize("columns", [80, 100, 160])
def test_no_line_is_cut_when_the_screen_is_narrow(columns: int, live: Bridge) -> None:
    words = "the words of a reason that is as long as reasons are: it names what was wrong"
    put(live, 1, state=EventState.QUARANTINED, reason=words)

    screen = run("events", "list", columns=columns).screen

    assert words in " ".join(screen.split()) or all(word in screen for word in words.split())
    assert all(len(line) <= columns for line in screen.splitlines())
    assert "…" not in screen


def test_list_says_so_when_there_is_nothing(live: Bridge) -> None:
    assert live
    ran = run("events", "list")

    assert ran.status == 0
    assert ran.screen.startswith("No events.")
    assert read("events", "list") == {"events": []}
