"""`proofbridge events show`: from what came in to what became of each action, in one story."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import pytest

from proofbridge.domain.items import Vendor
from proofbridge.stores.inbox import Event, EventState, Source
from tests.integration.bridge import CUSTOMER, Bridge
from tests.integration.cli.happenings import aws_calls, decide, decided, observation_of, parked
from tests.unit.cli.commands import read, run
from tests.unit.observations import JOB


def put(live: Bridge, event_id: str, **fields: object) -> Event:
    event = Event(str(JOB), event_id, Source.WEBHOOK, live.clock.now(), "{}")
    event = dataclasses.replace(event, **fields)  # type: ignore[arg-type] # the fields of an event
    assert live.inbox.put(event)
    return event


def test_story_leads_from_the_webhook_to_the_task_when_all_went_well(live: Bridge) -> None:
    event = decided(live, "approve", "Print it!")

    with aws_calls() as called:
        story = read("events", "show", event.key)

    assert "Scan" not in called
    assert story["name"] == "summer-ale.pdf"
    came_in = story["event"]
    assert (came_in["key"], came_in["source"], came_in["state"]) == (event.key, "webhook", "processed")
    assert came_in["body"] == json.loads(event.body)
    (read_again,) = came_in["actions"]
    assert (read_again["name"], read_again["outcome"]) == ("observe", "done")
    (observed,) = story["observations"]
    assert observed["cause"] == event.key
    assert observed["body"]["status"] == "approved"
    assert [(change["kind"], change["after"]) for change in observed["changes"]] == [
        ("status", "approved"),
        ("comment", "Print it!"),
    ]
    (written,) = observed["actions"]
    task = live.goodday.task()
    assert written["name"] == "goodday.set_status"
    assert written["outcome"] == "done"
    assert written["attempts"] == 1
    assert written["target"] == f"goodday#task#{task['id']}"
    assert written["route"] == "approval-closes-task"
    assert written["event"] == observed["key"]
    assert f"(Proofbridge {written['id']})" in task["messages"][-1]["text"]


def test_one_glance_tells_the_story_on_the_screen(live: Bridge) -> None:
    event = decided(live, "approve", "Print it!")

    lines = [line.strip() for line in run("events", "show", event.id[:8]).screen.splitlines()]

    assert lines[0] == "summer-ale.pdf"
    assert lines[1].startswith(event.item)
    story = [line.split(maxsplit=1)[1] for line in lines if line[:2].isdigit()]
    assert story[0].startswith("↓ webhook")
    assert story[1].startswith("→ read again at Good2Go  done")
    assert story[2].startswith("◆ observed")
    assert story[3].startswith(
        f"→ GoodDay: set status of task {live.goodday.task()['id']} to completed  done"
    )
    assert "Δ status not started → approved" in lines
    assert f"message {CUSTOMER}: approved, version 1 of summer-ale.pdf: “Print it!”" in lines


def test_story_is_the_same_when_it_is_asked_for_by_the_observation(live: Bridge) -> None:
    event = decided(live)

    assert read("events", "show", observation_of(live, event).key) == read("events", "show", event.key)


def test_reason_is_told_when_an_action_is_parked(live: Bridge) -> None:
    observation = parked(live)

    (action,) = read("events", "show", observation.key)["observations"][0]["actions"]
    screen = run("events", "show", observation.key).screen

    assert action["outcome"] == "parked"
    assert "HTTP 422" in action["reason"]
    assert not action["may_have_happened"]
    assert "parked" in screen
    assert "HTTP 422" in screen


def test_action_waits_with_its_reason_when_the_vendor_wants_no_calls(live: Bridge) -> None:
    live.start_proof()
    until = live.clock.now() + timedelta(minutes=5)
    live.gates.close(Vendor.GOODDAY, until)
    event = decide(live, "approve")
    for waiting in live.received():
        live.process(waiting)
    for action in live.actions(Vendor.GOOD2GO):
        live.perform(action)
    for waiting in live.received():
        live.process(waiting)
    (queued,) = read("events", "show", event.key)["observations"][0]["actions"]
    for action in live.actions(Vendor.GOODDAY):
        live.perform(action)

    (waits,) = read("events", "show", event.key)["observations"][0]["actions"]

    assert (queued["outcome"], queued["attempts"]) == ("queued", 0)
    assert (waits["outcome"], waits["attempts"]) == ("waiting", 0)
    assert "wants no calls" in waits["reason"]


def test_action_is_unknown_when_its_answer_was_lost(live: Bridge) -> None:
    live.start_proof()
    event = decide(live, "approve")
    live.goodday.fault("update_status", "drop_after")
    for waiting in live.received():
        live.process(waiting)
    for action in live.actions(Vendor.GOOD2GO):
        live.perform(action)
    for waiting in live.received():
        live.process(waiting)
    for action in live.actions(Vendor.GOODDAY):
        live.perform(action)

    (action_told,) = read("events", "show", event.key)["observations"][0]["actions"]

    assert action_told["outcome"] == "unknown"
    assert "no answer" in action_told["reason"]


def test_duplicate_is_told_to_say_nothing_new_when_it_was_read_again(live: Bridge) -> None:
    decided(live)
    event = Event(str(live_item(live)), "again", Source.WEBHOOK, live.clock.now(), "{}")
    live.inbox.put(dataclasses.replace(event, body=live.good2go.webhooks()[-1]["body"]))
    live.settle()

    story = read("events", "show", event.key)

    assert story["observations"] == []
    (action,) = story["event"]["actions"]
    assert (action["outcome"], action["reason"]) == ("done", "nothing new")


def live_item(live: Bridge) -> str:
    return f"good2go#job#{live.good2go.job()['guid']}"


def test_outcome_is_forgotten_when_the_ledger_no_longer_has_it(live: Bridge) -> None:
    event = put(live, "old", received_at=live.clock.now() - timedelta(days=25))
    live.inbox.finish(event, event.received_at, actions=["route|c1|approval|0"])

    (action,) = read("events", "show", event.key)["event"]["actions"]

    assert action["outcome"] == "forgotten"


def test_reason_and_body_are_shown_when_an_event_is_in_quarantine(live: Bridge) -> None:
    event = put(
        live,
        "strange",
        item="good2go#unknown",
        body="no JSON at all",
        state=EventState.QUARANTINED,
        reason="not JSON",
    )

    screen = run("events", "show", event.key).screen

    assert "quarantined" in screen
    assert "not JSON" in screen
    assert "no JSON at all" in screen


def test_body_is_folded_and_cut_on_the_screen_when_it_is_long(live: Bridge) -> None:
    body = {"deep": {"deeper": {"deepest": "hidden"}}, "list": list(range(100)), "text": "x" * 500}
    event = put(live, "long-body", body=json.dumps(body))

    screen = run("events", "show", event.key).screen
    story = read("events", "show", event.key)

    assert '"deeper": {…}' in screen
    assert "hidden" not in screen
    assert "more lines: see them with --json" in screen
    assert all(len(line) <= 100 for line in screen.splitlines())
    assert story["event"]["body"] == body


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("good2go#job#nobody#e1", "the Inbox has none"),
        ("ffffffff", "the Inbox has none"),
        ("good2go#nonsense", "the Inbox has none"),
    ],
)
def test_one_line_says_so_when_there_is_no_such_event(named: str, says: str, live: Bridge) -> None:
    assert live
    ran = run("events", "show", named)

    assert (ran.status, ran.screen) == (1, "")
    assert says in ran.errors
    assert len(ran.errors.splitlines()) == 1
    assert run("events", "show", named, "--json").error["what_to_do"] == "See: proofbridge events list"


def test_usage_error_is_given_when_the_id_is_too_short(live: Bridge) -> None:
    assert live
    assert run("events", "show", "abc").status == 2


def test_all_candidates_are_named_when_an_id_begins_several(live: Bridge) -> None:
    first, second = put(live, "abcd1111"), put(live, "observation-abcd2222", source=Source.OBSERVATION)

    ran = run("events", "show", "abcd")

    assert ran.status == 1
    assert first.key in ran.errors
    assert second.key in ran.errors


def test_event_is_found_by_its_whole_id_when_another_begins_with_it(live: Bridge) -> None:
    first = put(live, "abcd")
    put(live, "abcd2222")

    assert read("events", "show", "abcd")["event"]["key"] == first.key


def test_event_is_found_when_its_id_has_the_sign_that_parts_a_key(live: Bridge) -> None:
    event = put(live, "odd#id")

    assert read("events", "show", event.key)["event"]["id"] == "odd#id"
