"""Performing actions at simulated vendors: each effect once, held or parked where it is not to be done."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from proofbridge.actions.perform import Outcome, Status
from proofbridge.config.loader import Config
from proofbridge.domain.actions import Action, Cause, observe
from proofbridge.domain.items import ItemKind, ItemRef, ReviewStatus, Vendor, moment_text
from proofbridge.stores.inbox import Event, Source
from proofbridge.stores.ledger import Claim, EffectState
from proofbridge.vendors.catalogue import ActionName
from tests.integration.bridge import CUSTOMER, Bridge
from tests.integration.cloud import KilledError
from tests.unit.observations import JOB


def comment(bridge: Bridge, message: str = "Look here.", **fields: Any) -> Action:
    """Ask for a comment on the proof's task."""
    action = Action(
        key="k-comment",
        name=ActionName.GOODDAY_COMMENT,
        vendor=Vendor.GOODDAY,
        params={"message": message},
        proof_id=bridge.proof_id,
    )
    return dataclasses.replace(action, **fields)


def set_status(bridge: Bridge, status: str = "completed", **fields: Any) -> Action:
    """Ask for a status of the proof's task."""
    return comment(
        bridge,
        **{
            "key": "k-status",
            "name": ActionName.GOODDAY_SET_STATUS,
            "params": {"status": status, "message": "Done."},
            **fields,
        },
    )


def reminder(bridge: Bridge, **fields: Any) -> Action:
    """Ask for a reminder to the customer of the proof's job."""
    due_at = bridge.stored(Vendor.GOOD2GO).observation.due_at
    assert due_at is not None
    params = {"person": CUSTOMER, "due_at": moment_text(due_at), "message": "Please decide."}
    return Action(
        key="k-remind",
        name=ActionName.GOOD2GO_NOTIFY,
        vendor=Vendor.GOOD2GO,
        params={**params, **fields},
        target=bridge.ref_at(Vendor.GOOD2GO),
    )


def said(bridge: Bridge) -> list[str]:
    """What stands in the task, the first message apart."""
    return [message["text"] or "" for message in bridge.goodday.task()["messages"]][1:]


# -- once


@pytest.mark.parametrize("ask", [comment, set_status, reminder])
def test_effect_happens_once_when_an_action_is_delivered_often(bridge: Bridge, ask: Any) -> None:
    bridge.start_proof()
    action = ask(bridge)
    site = bridge.goodday if action.vendor is Vendor.GOODDAY else bridge.good2go
    before = len(site.effects())
    fates = [bridge.perform(action).fate for _ in range(3)]
    assert fates == [Status.DONE, Status.DUPLICATE, Status.DUPLICATE]
    assert len(site.effects()) == before + 1
    assert bridge.state_of(action.key) == EffectState.DONE


def test_task_is_created_and_linked_once_when_asked_for_often(bridge: Bridge) -> None:
    bridge.relay(bridge.drop(b"%PDF"))
    (action,) = bridge.actions(Vendor.GOODDAY)
    assert [bridge.perform(action).fate for _ in range(2)] == [Status.DONE, Status.DUPLICATE]
    task = bridge.goodday.task()
    assert bridge.items.of_proof(bridge.proof_id, Vendor.GOODDAY) == [
        ItemRef(Vendor.GOODDAY, ItemKind.TASK, task["id"])
    ]
    assert task["name"] == "Proof: summer-ale"
    assert (task["assigned_to"], task["deadline"]) == ("USRDSG", action.params["deadline"])
    assert action.marker in task["messages"][0]["text"]


def test_few_calls_are_made_when_an_action_is_performed(bridge: Bridge) -> None:
    bridge.start_task()
    before = len(bridge.goodday.requests())
    with bridge.cloud.counted() as calls:
        bridge.perform(comment(bridge))
    assert calls.count("UpdateItem") == 2, "begin and finish"
    assert calls.count("PutItem") == 0
    assert len(bridge.goodday.requests()) == before + 1


def test_action_waits_when_another_delivery_of_it_is_at_work(bridge: Bridge) -> None:
    bridge.start_task()
    action = comment(bridge)
    bridge.ledger.begin(action.key, action.to_message(), bridge.clock.now(), timedelta(seconds=90))
    assert bridge.perform(action).fate is Status.DEFERRED
    assert said(bridge) == []
    (letter,) = bridge.letters(Vendor.GOODDAY)
    assert 85 <= letter.delay_seconds <= 92
    assert letter.action.waited.times == 1
    bridge.ledger.finish(action.key, EffectState.DONE, bridge.clock.now())
    assert bridge.perform(letter.action).fate is Status.DUPLICATE


def test_effect_happens_once_when_the_process_was_killed_before_its_bookkeeping(bridge: Bridge) -> None:
    bridge.start_task()
    action = set_status(bridge)
    bridge.cloud.kill_at("PutItem", "ITEM#")
    with pytest.raises(KilledError):
        bridge.perform(action)
    bridge.cloud.revive()
    assert bridge.perform(action).fate is Status.DEFERRED, "its lease still runs"
    bridge.clock.advance(seconds=91)
    assert bridge.perform(action).fate is Status.DONE
    assert len(bridge.goodday.effects("update_status")) == 1
    assert bridge.stored(Vendor.GOODDAY).observation.status is ReviewStatus.COMPLETED


# -- what it acts on


def test_action_waits_when_its_proof_has_no_task_yet(bridge: Bridge) -> None:
    bridge.relay(bridge.drop(b"%PDF"))
    (create,) = bridge.actions(Vendor.GOODDAY)
    outcome = bridge.perform(comment(bridge))
    assert outcome.fate is Status.DEFERRED
    assert outcome.reason is not None
    assert f"proof {bridge.proof_id} has no goodday task yet" in outcome.reason
    assert bridge.goodday.requests() == []
    bridge.perform(create)
    (letter,) = bridge.letters(Vendor.GOODDAY)
    assert letter.delay_seconds == 5
    assert bridge.perform(letter.action).fate is Status.DONE
    assert said(bridge)[0].startswith("Look here.")


def test_action_is_held_at_once_when_its_proof_is_to_have_no_task(bridge: Bridge) -> None:
    (destination,) = bridge.config.destinations
    untracked = destination.model_copy(update={"tracking": None})
    bridge.config = bridge.config.model_copy(update={"destinations": (untracked,)})
    bridge.relay(bridge.drop(b"%PDF"))
    assert bridge.actions(Vendor.GOODDAY) == []
    outcome = bridge.perform(comment(bridge))
    assert outcome == Outcome(Status.HELD, f"proof {bridge.proof_id} has no goodday task")
    assert bridge.state_of("k-comment") == EffectState.HELD
    assert bridge.letters(Vendor.GOODDAY) == []
    assert bridge.goodday.requests() == []


def test_action_waits_when_a_route_makes_the_task_that_it_acts_on(bridge: Bridge) -> None:
    make = {"action": "goodday.create_task", "project": "PRJART", "title": "Late", "message": "See there."}
    when = {"vendor": "good2go", "change": "status", "to": "approved"}
    routes = [
        {"name": "make", "when": when, "then": [make]},
        {"name": "say", "when": when, "then": [{"action": "goodday.comment", "message": "Approved."}]},
    ]
    bridge.config = bridge.config.model_copy(
        update={
            "destinations": (bridge.config.destinations[0].model_copy(update={"tracking": None}),),
            "routes": Config.model_validate({"routes": routes}).routes,
        }
    )
    bridge.good2go.act("approve", job=bridge.start_proof())
    bridge.read_job()
    for event in bridge.received():
        bridge.process(event)
    first, second = bridge.actions(Vendor.GOODDAY)
    assert bridge.perform(second).fate is Status.DEFERRED
    assert bridge.perform(first).fate is Status.DONE
    (letter,) = bridge.letters(Vendor.GOODDAY)
    assert bridge.perform(letter.action).fate is Status.DONE
    assert said(bridge)[-1].startswith("Approved.")


def test_action_is_done_at_the_task_when_the_proof_has_other_items_there(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.items.link(bridge.proof_id, ItemRef(Vendor.GOODDAY, ItemKind.PROJECT, "PRJART"))
    assert bridge.perform(comment(bridge)).fate is Status.DONE
    assert len(said(bridge)) == 1


def test_action_without_item_or_proof_is_an_error(bridge: Bridge) -> None:
    bridge.start_task()
    with pytest.raises(ValueError, match="neither an item nor a proof"):
        bridge.perform(comment(bridge, proof_id=None))


def test_echo_of_our_own_write_is_no_change_when_the_task_is_read_again(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.perform(set_status(bridge))
    assert bridge.stored(Vendor.GOODDAY).observation.status is ReviewStatus.COMPLETED
    bridge.perform(observe(bridge.ref_at(Vendor.GOODDAY), "ping"))
    for event in bridge.received():
        bridge.process(event)
    assert bridge.stored(Vendor.GOODDAY).turns["status"] == 1, "our own, and no other"


# -- worth doing no longer


def approval(bridge: Bridge) -> Action:
    """Have the customer approve; return what the route asks for."""
    bridge.good2go.act("approve", job=bridge.good2go.job()["guid"], comment="Fine.")
    bridge.read_job()
    for event in bridge.received():
        bridge.process(event)
    (action,) = bridge.actions(Vendor.GOODDAY)
    return action


def test_action_is_held_when_a_newer_change_has_replaced_its_cause(bridge: Bridge) -> None:
    guid = bridge.start_proof()
    action = approval(bridge)
    bridge.good2go.act("request-changes", job=guid, comment="No, wait.")
    bridge.read_job()
    for event in bridge.received():
        bridge.process(event)
    outcome = bridge.perform(action)
    assert (outcome.fate, outcome.reason) == (Status.HELD, "a newer change has replaced its cause")
    assert bridge.goodday.effects("update_status") == []
    assert bridge.perform(action).fate is Status.DUPLICATE
    bridge.settle()
    assert bridge.goodday.task()["status"]["name"] == "Changes requested"


def test_comment_is_made_though_a_newer_change_has_come(bridge: Bridge) -> None:
    bridge.start_proof()
    cause = Cause(ref=str(bridge.ref_at(Vendor.GOOD2GO)), field="status", after="rejected", turn=0)
    assert bridge.perform(comment(bridge, cause=cause)).fate is Status.DONE


def test_task_is_cancelled_when_the_proof_is_deleted_at_its_vendor(bridge: Bridge) -> None:
    guid = bridge.start_proof()
    bridge.good2go.act("delete", job=guid)
    bridge.read_job()
    bridge.settle()
    assert bridge.goodday.task()["status"]["name"] == "Cancelled"


@pytest.mark.parametrize(
    ("what", "details", "reason"),
    [
        ("approve", {}, "it is approved by now"),
        ("set-due", {"due_at": "2099-01-01T12:00:00.000Z"}, "its due date has moved"),
        ("set-due", {}, "its due date has moved"),
        ("delete", {}, "the job is no longer there"),
    ],
)
def test_reminder_is_held_when_it_is_no_longer_wanted(
    bridge: Bridge, what: str, details: dict[str, Any], reason: str
) -> None:
    guid = bridge.start_proof()
    action = reminder(bridge)
    bridge.good2go.act(what, job=guid, **details)
    outcome = bridge.perform(action)
    assert (outcome.fate, outcome.reason) == (Status.HELD, reason)
    assert bridge.good2go.effects("notify_task") == []
    assert bridge.state_of(action.key) == EffectState.HELD


@pytest.mark.parametrize("person", ["stranger@brand.test", CUSTOMER.upper()])
def test_reminder_is_held_when_the_person_has_no_open_task(bridge: Bridge, person: str) -> None:
    bridge.start_proof()
    outcome = bridge.perform(reminder(bridge, person=person))
    assert (outcome.fate, outcome.reason) == (Status.HELD, f"{person} has no open review task there by now")
    assert bridge.good2go.effects("notify_task") == []


# -- what can't succeed


def test_action_is_parked_when_the_vendor_refuses_it(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.goodday.fault("comment", "status", status=422)
    outcome = bridge.perform(comment(bridge))
    assert outcome.fate is Status.PARKED
    assert outcome.reason is not None
    assert "HTTP 422" in outcome.reason
    entry = bridge.ledger.get("k-comment")
    assert entry is not None
    assert (entry.state, entry.reason) == (EffectState.PARKED, outcome.reason)
    assert bridge.perform(comment(bridge)).fate is Status.DUPLICATE
    assert bridge.letters(Vendor.GOODDAY) == []


def test_action_is_parked_when_the_task_is_gone(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.goodday.act("delete", task=bridge.goodday.task()["id"])
    outcome = bridge.perform(set_status(bridge))
    assert outcome.fate is Status.PARKED
    assert outcome.reason is not None
    assert "not found" in outcome.reason


def test_action_is_parked_when_the_configuration_names_no_status_for_it(bridge: Bridge) -> None:
    bridge.start_task()
    outcome = bridge.perform(set_status(bridge, "expired"))
    assert outcome.fate is Status.PARKED
    assert outcome.reason is not None
    assert "config/vendors.toml names no GoodDay status for expired" in outcome.reason
    assert bridge.goodday.effects("update_status") == []


@pytest.mark.parametrize("message", ["", "x" * 10_001])
def test_action_is_parked_when_its_text_came_out_empty_or_too_long(bridge: Bridge, message: str) -> None:
    bridge.start_task()
    outcome = bridge.perform(comment(bridge, message))
    assert outcome.fate is Status.PARKED
    assert outcome.reason is not None
    assert "message" in outcome.reason
    assert "xxx" not in outcome.reason
    assert bridge.state_of("k-comment") == EffectState.PARKED


def test_parked_action_raises_an_alarm(bridge: Bridge, capsys: pytest.CaptureFixture[str]) -> None:
    bridge.start_task()
    bridge.goodday.fault("comment", "status", status=422)
    bridge.perform(comment(bridge))
    assert '"ActionsParked": 1' in capsys.readouterr().out


# -- reading


def test_item_is_noted_with_its_cause_when_it_is_read_and_differs(bridge: Bridge) -> None:
    guid = bridge.start_proof()
    bridge.good2go.act("approve", job=guid, comment="Fine.")
    action = observe(bridge.ref_at(Vendor.GOOD2GO), "webhook-1")
    assert bridge.perform(action).fate is Status.DONE
    (event,) = bridge.received()
    assert (event.source, event.item) == (Source.OBSERVATION, str(action.target))
    (image,) = [r for r in bridge.cloud.records("inbox") if r["event"]["S"] == event.id]
    assert image["cause"]["S"] == "webhook-1"
    outcome = bridge.perform(observe(bridge.ref_at(Vendor.GOOD2GO), "webhook-2"))
    assert outcome.fate is Status.DONE


def test_nothing_is_noted_when_the_item_reads_as_it_is_stored(bridge: Bridge) -> None:
    bridge.start_proof()
    outcome = bridge.perform(observe(bridge.ref_at(Vendor.GOOD2GO), "webhook-1"))
    assert (outcome.fate, outcome.reason) == (Status.DONE, "nothing new")
    assert bridge.received() == []


def test_item_is_read_again_though_the_same_was_asked_before(bridge: Bridge) -> None:
    guid = bridge.start_proof()
    action = observe(bridge.ref_at(Vendor.GOOD2GO), "webhook-1")
    bridge.perform(action)
    bridge.good2go.act("approve", job=guid)
    assert bridge.perform(action).fate is Status.DONE
    assert len(bridge.received()) == 1


def test_observation_is_parked_when_the_vendor_refuses_it(bridge: Bridge) -> None:
    bridge.start_proof()
    bridge.good2go.fault("get_job", "status", status=403)
    assert bridge.perform(observe(bridge.ref_at(Vendor.GOOD2GO), "webhook-1")).fate is Status.PARKED


@pytest.mark.parametrize(
    ("claimed", "at_hours", "alarmed"),
    [("approved", 0, True), ("not_started", 0, False), ("approved", -1, False)],
)
def test_alarm_is_raised_when_a_webhook_claims_what_the_vendor_does_not_say(
    bridge: Bridge, capsys: pytest.CaptureFixture[str], claimed: str, at_hours: int, *, alarmed: bool
) -> None:
    bridge.start_proof()
    observed = bridge.stored(Vendor.GOOD2GO).observation
    assert observed.updated_at is not None
    params = {
        "claimed_status": claimed,
        "claimed_at": moment_text(observed.updated_at + timedelta(hours=at_hours)),
    }
    action = dataclasses.replace(observe(observed.ref, "forged"), params=params)
    capsys.readouterr()
    bridge.perform(action)
    assert ("WebhooksContradicted" in capsys.readouterr().out) is alarmed


def test_alarm_is_raised_when_a_webhook_claims_the_state_of_a_job_that_never_was(
    bridge: Bridge, capsys: pytest.CaptureFixture[str]
) -> None:
    params = {"claimed_status": "approved", "claimed_at": moment_text(bridge.clock.now())}
    assert bridge.perform(dataclasses.replace(observe(JOB, "forged"), params=params)).fate is Status.DONE
    assert "WebhooksContradicted" in capsys.readouterr().out
    assert bridge.received() == []


def test_event_of_an_item_that_never_was_leaves_no_trace(bridge: Bridge) -> None:
    bridge.inbox.put(Event(str(JOB), "e1", Source.NOTICE, bridge.clock.now(), "{}"))
    bridge.settle()
    assert bridge.items.get(JOB) is None


# -- giving up


def waited(bridge: Bridge, action: Action, **duration: float) -> Action:
    """Return an action that has waited for so long."""
    began = dataclasses.replace(action, waited=action.waited.again(bridge.clock.now()))
    bridge.clock.advance(**duration)
    return began


def test_action_is_parked_when_it_has_waited_for_more_than_three_days(bridge: Bridge) -> None:
    bridge.relay(bridge.drop(b"%PDF"))
    action = waited(bridge, comment(bridge), days=3, minutes=1)
    outcome = bridge.perform(action)
    assert outcome.fate is Status.PARKED
    assert outcome.reason is not None
    assert outcome.reason.startswith("it has waited since 20")
    assert "has no goodday task yet" in outcome.reason
    assert bridge.state_of(action.key) == EffectState.PARKED
    assert all(a.key != action.key for a in bridge.actions(Vendor.GOODDAY))


def test_action_is_done_when_it_has_waited_long_and_can_be_done_now(bridge: Bridge) -> None:
    bridge.start_task()
    assert bridge.perform(waited(bridge, comment(bridge), days=4)).fate is Status.DONE


def test_action_is_not_parked_when_another_delivery_has_done_it(bridge: Bridge) -> None:
    bridge.start_task()
    assert bridge.perform(comment(bridge)).fate is Status.DONE
    action = waited(bridge, comment(bridge), days=4)
    bridge.gates.close(Vendor.GOODDAY, bridge.clock.now() + timedelta(minutes=10))
    assert bridge.perform(action).fate is Status.DUPLICATE
    assert bridge.state_of(action.key) == EffectState.DONE


def test_action_is_not_parked_when_another_delivery_of_it_is_at_work(bridge: Bridge) -> None:
    bridge.start_task()
    action = waited(bridge, comment(bridge), days=4)
    claim, _ = bridge.ledger.begin(action.key, action.to_message(), bridge.clock.now(), timedelta(seconds=90))
    assert claim is Claim.FRESH
    assert bridge.perform(action).fate is not Status.PARKED
    assert bridge.state_of(action.key) == EffectState.STARTED
