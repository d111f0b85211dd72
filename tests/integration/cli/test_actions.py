"""`proofbridge actions`: what needs a person is found, retried once, or dismissed for good."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest

from proofbridge.actions.perform import Status
from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, Vendor, moment_text
from proofbridge.domain.waiting import PATIENCE, Waited
from proofbridge.stores.ledger import EffectState
from proofbridge.vendors.catalogue import ActionName
from tests.integration.bridge import CUSTOMER, Bridge
from tests.integration.cli.happenings import aws_calls, decide, decided, parked
from tests.unit.cli.commands import read, run

LEASE = timedelta(seconds=90)


def put(live: Bridge, key: str, state: EffectState) -> str:
    """Have an effect in a state; returns its key."""
    action = Action(key, ActionName.GOODDAY_COMMENT, Vendor.GOODDAY, {"message": "Hello."}, proof_id="PB1")
    live.ledger.begin(key, action.to_message(), live.clock.now(), LEASE)
    if state is not EffectState.STARTED:
        live.ledger.finish(key, state, live.clock.now(), reason=f"it is {state}")
    return key


def keys(*options: str) -> list[str]:
    return [action["key"] for action in read("actions", "list", *options)["actions"]]


def status_action(live: Bridge) -> Action:
    """Approve a proof; returns the action that waits in GoodDay's queue because of that."""
    live.start_proof()
    decide(live, "approve")
    for _ in range(2):
        for event in live.received():
            live.process(event)
        for action in live.actions(Vendor.GOOD2GO):
            live.perform(action)
    (action,) = live.actions(Vendor.GOODDAY)
    return action


def reminder(live: Bridge) -> Action:
    """Return the action that reminds the customer, as the schedule queues it."""
    live.start_proof()
    job = ItemRef(Vendor.GOOD2GO, ItemKind.JOB, live.good2go.job()["guid"])
    stored = live.items.get(job)
    assert stored is not None
    assert stored.observation.due_at is not None
    params = {"person": CUSTOMER, "due_at": moment_text(stored.observation.due_at), "message": "It is due."}
    return Action("remind|1", ActionName.GOOD2GO_NOTIFY, Vendor.GOOD2GO, params, target=job)


# -- list and show


def test_all_that_is_open_is_listed_and_nothing_else_when_no_state_is_named(live: Bridge) -> None:
    for state in EffectState:
        put(live, f"k|{state}", state)

    with aws_calls() as called:
        assert keys() == ["k|parked", "k|unknown", "k|waiting", "k|started"]

    assert "Scan" not in called


@pytest.mark.parametrize("state", EffectState)
def test_one_state_is_listed_when_it_is_named(state: EffectState, live: Bridge) -> None:
    for each in EffectState:
        put(live, f"k|{each}", each)

    assert keys("--state", state) == [f"k|{state}"]


def test_newest_come_first_when_there_are_more_than_the_limit(live: Bridge) -> None:
    for number in range(4):
        put(live, f"k|{number}", EffectState.PARKED)

    assert keys("--limit", "2") == ["k|3", "k|2"]


def test_older_ones_are_left_out_when_a_moment_is_named(live: Bridge) -> None:
    live.clock.advance(hours=-3)
    put(live, "k|old", EffectState.PARKED)
    live.clock.advance(hours=3)
    put(live, "k|new", EffectState.PARKED)

    assert keys("--since", "1h") == ["k|new"]


def test_list_says_so_when_nothing_is_open(live: Bridge) -> None:
    decided(live)

    assert "nothing waits for a person" in run("actions", "list").screen


def test_action_is_found_by_the_marker_that_it_left_at_its_vendor(live: Bridge) -> None:
    event = decided(live)
    text = live.goodday.task()["messages"][-1]["text"]
    marker = re.search(r"\(Proofbridge ([0-9a-f]+)\)", text)
    assert marker

    action = read("actions", "show", marker[1])

    assert (action["name"], action["outcome"], action["id"]) == ("goodday.set_status", "done", marker[1])
    assert action["event"].startswith(f"{event.item}#observation-")


def test_action_is_shown_with_what_to_decide_when_it_is_parked(live: Bridge) -> None:
    parked(live)
    (action,) = read("actions", "list")["actions"]

    screen = run("actions", "show", action["key"]).screen

    assert "HTTP 422" in screen
    assert f"proofbridge actions retry {action['id']}" in screen
    assert f"proofbridge actions dismiss {action['id']} --reason" in screen


@pytest.mark.parametrize("named", ["route|none|0", "ffffffffff"])
def test_one_line_says_so_when_there_is_no_such_action(named: str, live: Bridge) -> None:
    assert live
    ran = run("actions", "show", named)

    assert (ran.status, ran.screen) == (1, "")
    assert f"there is no action {named}" in ran.errors


# -- retry


def test_parked_action_is_done_once_when_it_is_retried(live: Bridge) -> None:
    parked(live)
    (action,) = read("actions", "list")["actions"]

    queued = read("actions", "retry", action["id"])
    live.settle()
    late = Action.from_message(live.ledger.get(action["key"]).message)  # type: ignore[union-attr] # it is there
    again = live.perform(late)

    assert (queued["key"], queued["outcome"], queued["reason"]) == (action["key"], "waiting", None)
    assert live.state_of(action["key"]) == "done"
    assert again.fate is Status.DUPLICATE
    assert len(live.goodday.effects("update_status")) == 1
    assert read("actions", "list")["actions"] == []


def test_vendor_is_asked_first_when_an_action_with_a_lost_answer_is_retried(live: Bridge) -> None:
    action = status_action(live)
    live.goodday.fault("update_status", "drop_after")
    live.perform(action)
    live.actions(Vendor.GOODDAY)  # the delayed copy is lost
    assert live.state_of(action.key) == "unknown"

    read("actions", "retry", action.key)
    live.settle()

    assert live.state_of(action.key) == "done"
    assert len(live.goodday.effects("update_status")) == 1


def test_vendor_is_asked_first_when_patience_ended_without_an_answer(live: Bridge) -> None:
    action = status_action(live)
    live.goodday.fault("update_status", "drop_after")
    live.perform(action)
    (copy,) = live.actions(Vendor.GOODDAY)
    live.gates.close(Vendor.GOODDAY, live.clock.now() + timedelta(hours=1))
    patient = Waited(9, live.clock.now() - PATIENCE - timedelta(minutes=1))
    live.perform(dataclasses.replace(copy, waited=patient))
    shown = read("actions", "show", action.key)
    assert (shown["outcome"], shown["may_have_happened"]) == ("parked", True)
    assert "it may have happened" in run("actions", "show", action.key).screen

    live.clock.advance(hours=2)
    read("actions", "retry", action.key)
    live.settle()

    assert live.state_of(action.key) == "done"
    assert len(live.goodday.effects("update_status")) == 1


def test_action_has_all_its_patience_again_when_it_is_retried(live: Bridge) -> None:
    action = status_action(live)
    live.gates.close(Vendor.GOODDAY, live.clock.now() + timedelta(hours=1))
    impatient = Waited(9, live.clock.now() - PATIENCE - timedelta(minutes=1))
    live.perform(dataclasses.replace(action, waited=impatient))
    assert live.state_of(action.key) == "parked"

    read("actions", "retry", action.key)
    (queued,) = live.actions(Vendor.GOODDAY)

    assert queued.waited == Waited()
    assert live.perform(queued).fate is Status.DEFERRED


def test_mail_is_sent_when_a_person_retries_one_of_which_no_vendor_can_be_asked(live: Bridge) -> None:
    action = reminder(live)
    live.good2go.fault("notify_task", "drop_before")
    live.perform(action)
    live.letters(Vendor.GOOD2GO)
    live.ledger.finish(action.key, EffectState.PARKED, live.clock.now(), reason="who knows", unclear=True)

    read("actions", "retry", action.key)
    live.settle()

    assert live.state_of(action.key) == "done"
    assert len(live.good2go.effects("notify_task")) == 1


def test_waiting_action_is_queued_at_once_when_it_is_retried(live: Bridge) -> None:
    action = status_action(live)
    live.gates.close(Vendor.GOODDAY, live.clock.now() + timedelta(minutes=10))
    live.perform(action)
    (kept_back,) = live.letters(Vendor.GOODDAY)
    assert kept_back.delay_seconds > 0

    read("actions", "retry", action.key)

    (letter,) = live.letters(Vendor.GOODDAY)
    assert (letter.delay_seconds, letter.action.key) == (0, action.key)


def test_observation_that_was_refused_is_read_again_when_it_is_retried(live: Bridge) -> None:
    live.start_proof()
    event = decide(live, "approve")
    live.good2go.fault("get_job", "status", status=403)
    live.settle()
    (action,) = read("actions", "list")["actions"]
    assert (action["name"], action["outcome"]) == ("observe", "parked")

    read("actions", "retry", action["id"])
    live.settle()

    assert live.goodday.task()["status"]["name"] == "Done"
    assert read("events", "show", event.key)["event"]["actions"][0]["outcome"] == "done"


@pytest.mark.parametrize(
    ("state", "says"), [(EffectState.DONE, "it is done"), (EffectState.STARTED, "it is under way")]
)
def test_retry_is_refused_when_there_is_nothing_to_be_retried(
    state: EffectState, says: str, live: Bridge
) -> None:
    key = put(live, "k|1", state)

    ran = run("actions", "retry", key)

    assert ran.status == 1
    assert says in ran.errors
    assert live.letters(Vendor.GOODDAY) == []
    assert live.state_of(key) == state


def test_retry_is_refused_when_it_is_a_files_upload(live: Bridge) -> None:
    live.ledger.begin("upload|bucket/drop/a.pdf|v1", "v1", live.clock.now(), LEASE)
    live.ledger.finish("upload|bucket/drop/a.pdf|v1", EffectState.PARKED, live.clock.now(), reason="too big")

    ran = run("actions", "retry", "upload|bucket/drop/a.pdf|v1")

    assert ran.status == 1
    assert "proofbridge uploads retry" in ran.errors


# -- dismiss


def test_dismissed_action_never_happens_when_its_message_still_comes(live: Bridge) -> None:
    action = status_action(live)
    live.goodday.fault("update_status", "drop_before")
    live.perform(action)
    (copy,) = live.actions(Vendor.GOODDAY)

    told = read("actions", "dismiss", action.key, "--reason", "done by hand")

    assert (told["outcome"], told["reason"]) == ("held", "dismissed: done by hand")
    assert live.perform(copy).fate is Status.DUPLICATE
    assert live.goodday.effects("update_status") == []
    assert read("actions", "list")["actions"] == []


def test_dismissed_action_is_done_after_all_when_it_is_retried(live: Bridge) -> None:
    parked(live)
    (action,) = read("actions", "list")["actions"]
    read("actions", "dismiss", action["id"], "--reason", "a mistake")

    read("actions", "retry", action["id"])
    live.settle()

    assert live.state_of(action["key"]) == "done"


@pytest.mark.parametrize("state", [EffectState.DONE, EffectState.HELD, EffectState.STARTED])
def test_dismissal_is_refused_when_nothing_is_left_to_decide(state: EffectState, live: Bridge) -> None:
    key = put(live, "k|1", state)

    ran = run("actions", "dismiss", key, "--reason", "no need")

    assert ran.status == 1
    assert live.state_of(key) == state


@pytest.mark.parametrize("options", [[], ["--reason", "  "]], ids=["no reason", "an empty one"])
def test_dismissal_needs_a_reason_when_it_is_asked_for(options: list[str], live: Bridge) -> None:
    key = put(live, "k|1", EffectState.PARKED)

    assert run("actions", "dismiss", key, *options).status == 2
    assert live.state_of(key) == "parked"
