"""Accepted, and the answer lost: the effect is found again, done again, or parked; never silently twice."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from proofbridge.actions.perform import Status
from proofbridge.domain.actions import Action
from proofbridge.domain.items import ReviewStatus, Vendor
from proofbridge.stores.ledger import EffectState
from proofbridge.vendors.catalogue import ActionName
from tests.integration.bridge import CUSTOMER, Bridge
from tests.integration.test_perform import comment, reminder, said, set_status
from tests.unit.simulators.calls import serving


def again(bridge: Bridge, vendor: Vendor) -> Action:
    """Return the one action that waits in a vendor's queue."""
    (letter,) = bridge.letters(vendor)
    return letter.action


def create_task(bridge: Bridge) -> Action:
    """Have a file relayed; return what creates its task."""
    bridge.relay(bridge.drop(b"%PDF"))
    (action,) = bridge.actions(Vendor.GOODDAY)
    return action


# -- findable: looked up, then done or known to be done


def reply(bridge: Bridge) -> Action:
    """Ask for a reply that makes the manager act next."""
    return comment(bridge, key="k-reply", name=ActionName.GOODDAY_REPLY, params=REPLY)


REPLY = {"person": "USRMGR", "message": "Your turn."}
LOST: list[tuple[str, Any]] = [("comment", comment), ("update_status", set_status), ("reply", reply)]


@pytest.mark.parametrize(("operation", "ask"), LOST)
@pytest.mark.parametrize("fault", ["drop_after", "truncate", "garbage"])
def test_effect_is_found_when_its_answer_was_lost(
    bridge: Bridge, operation: str, ask: Any, fault: str
) -> None:
    bridge.start_task()
    action = ask(bridge)
    bridge.goodday.fault(operation, fault)
    assert bridge.perform(action).fate is Status.DEFERRED
    assert bridge.state_of(action.key) == EffectState.UNKNOWN
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.DONE
    assert len(bridge.goodday.effects(operation)) == 1
    assert bridge.perform(action).fate is Status.DUPLICATE


@pytest.mark.parametrize(("operation", "ask"), LOST)
def test_effect_is_brought_about_when_its_call_never_arrived(
    bridge: Bridge, operation: str, ask: Any
) -> None:
    bridge.start_task()
    action = ask(bridge)
    bridge.goodday.fault(operation, "drop_before")
    assert bridge.perform(action).fate is Status.DEFERRED
    assert bridge.state_of(action.key) == EffectState.UNKNOWN
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.DONE
    assert len(bridge.goodday.effects(operation)) == 1


def test_status_is_found_by_itself_when_no_message_went_with_it(bridge: Bridge) -> None:
    bridge.start_task()
    action = set_status(bridge, params={"status": "completed"})
    # The client repeats it by itself: every answer of the first delivery is lost.
    bridge.goodday.fault("update_status", "drop_after", times=None)
    bridge.patience_seconds = 1
    assert bridge.perform(action).fate is Status.DEFERRED
    effects = len(bridge.goodday.effects("update_status"))
    bridge.patience_seconds = 5
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.DONE
    assert len(bridge.goodday.effects("update_status")) == effects


def test_task_is_found_and_linked_when_the_answer_to_its_creation_was_lost(bridge: Bridge) -> None:
    action = create_task(bridge)
    bridge.goodday.fault("create_task", "drop_after")
    assert bridge.perform(action).fate is Status.DEFERRED
    assert bridge.items.of_proof(bridge.proof_id, Vendor.GOODDAY) == []
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.DONE
    assert len(bridge.goodday.effects("create_task")) == 1
    assert bridge.ref_at(Vendor.GOODDAY).id == bridge.goodday.task()["id"]


def test_task_is_found_when_somebody_has_renamed_it_meanwhile(bridge: Bridge) -> None:
    action = create_task(bridge)
    bridge.goodday.fault("create_task", "drop_after")
    bridge.perform(action)
    bridge.goodday.act("rename", task=bridge.goodday.task()["id"], name="URGENT")
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.DONE
    assert len(bridge.goodday.tasks()) == 1


def test_task_is_created_when_the_call_never_arrived(bridge: Bridge) -> None:
    action = create_task(bridge)
    bridge.goodday.fault("create_task", "drop_before")
    bridge.perform(action)
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.DONE
    assert bridge.ref_at(Vendor.GOODDAY).id == bridge.goodday.task()["id"]


def test_task_of_the_same_title_is_not_taken_for_ours_when_it_lacks_our_marker(bridge: Bridge) -> None:
    action = create_task(bridge)
    other = dataclasses.replace(action, key="another", proof_id=None)
    bridge.perform(other)
    bridge.goodday.fault("create_task", "drop_before")
    bridge.perform(action)
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.DONE
    assert len(bridge.goodday.tasks()) == 2


def test_comment_is_made_when_only_another_with_the_same_words_is_there(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.goodday.act("comment", task=bridge.goodday.task()["id"], comment="Look here.")
    bridge.goodday.fault("comment", "drop_before")
    bridge.perform(comment(bridge))
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.DONE
    assert len(said(bridge)) == 2


def test_effect_stays_unknown_when_it_can_not_be_looked_up_for_now(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.goodday.fault("comment", "drop_after")
    bridge.perform(comment(bridge))
    bridge.goodday.fault("list_task_messages", "status", status=429, retry_after="3600")
    waiting = again(bridge, Vendor.GOODDAY)
    assert bridge.perform(waiting).fate is Status.DEFERRED
    assert bridge.state_of("k-comment") == EffectState.UNKNOWN
    bridge.advance(hours=2)
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.DONE
    assert len(bridge.goodday.effects("comment")) == 1


def test_action_waits_without_a_question_when_it_was_absent_and_can_not_be_done_now(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.goodday.fault("comment", "drop_before")
    bridge.perform(comment(bridge))
    bridge.goodday.fault("comment", "status", status=429, retry_after="3600")
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.DEFERRED
    assert bridge.state_of("k-comment") == EffectState.WAITING


def test_effect_is_unknown_when_the_answer_is_not_what_the_vendor_documents(bridge: Bridge) -> None:
    action = create_task(bridge)
    up = bridge.connections
    with serving(lambda *_: (200, b"[]")) as origin:
        bridge.connections = bridge.connect(goodday=origin)
        assert bridge.perform(action).fate is Status.DEFERRED
    assert bridge.state_of(action.key) == EffectState.UNKNOWN
    bridge.connections = up
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.DONE
    assert len(bridge.goodday.tasks()) == 1


def test_action_is_parked_at_once_when_it_was_absent_and_is_refused_now(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.goodday.fault("comment", "drop_before")
    bridge.perform(comment(bridge))
    bridge.goodday.fault("comment", "status", status=422)
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.PARKED
    assert not is_unclear(bridge, "k-comment")


def test_action_is_parked_as_unclear_when_the_task_to_look_at_is_gone(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.goodday.fault("comment", "drop_after")
    bridge.perform(comment(bridge))
    bridge.goodday.act("delete", task=bridge.goodday.task()["id"])
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.PARKED
    assert is_unclear(bridge, "k-comment")


def is_unclear(bridge: Bridge, key: str) -> bool:
    """Whether an effect was settled without knowing whether it had happened."""
    entry = bridge.ledger.get(key)
    assert entry is not None
    return entry.unclear


def test_what_a_person_changed_is_still_a_change_when_our_own_write_was_found(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.goodday.fault("update_status", "drop_after")
    bridge.perform(set_status(bridge))
    bridge.goodday.act("set-status", task=bridge.goodday.task()["id"], status="STCHG")
    assert bridge.perform(again(bridge, Vendor.GOODDAY)).fate is Status.DONE
    gateway = bridge.connections.gateway(Vendor.GOODDAY, bridge.deadline())
    assert bridge.note(gateway.observe(bridge.ref_at(Vendor.GOODDAY)))
    for event in bridge.received():
        bridge.process(event)
    stored = bridge.stored(Vendor.GOODDAY)
    assert stored.observation.status is ReviewStatus.CHANGES_REQUESTED
    assert stored.turns["status"] == 2, "ours, and the person's"


# -- repeatable: done again


def test_task_is_as_wanted_when_the_answer_to_its_update_was_lost(bridge: Bridge) -> None:
    bridge.start_task()
    action = comment(bridge, name=ActionName.GOODDAY_UPDATE, params={"deadline": "2099-03-08"})
    bridge.goodday.fault("update_task", "drop_after")
    assert bridge.perform(action).fate is Status.DONE, "the client itself repeats what it may"
    assert len(bridge.goodday.effects("update_task")) == 2
    assert bridge.goodday.task()["deadline"] == "2099-03-08"
    assert bridge.stored(Vendor.GOODDAY).observation.due_at == datetime(2099, 3, 8, tzinfo=UTC)


# -- unsafe: e-mail


@pytest.fixture
def past_upload(bridge: Bridge) -> Bridge:
    """A proof whose upload, which sent e-mail too, lies behind the vendor's clock difference."""
    bridge.start_proof()
    bridge.advance(minutes=5)
    return bridge


def test_reminder_is_found_in_the_history_when_its_answer_was_lost(past_upload: Bridge) -> None:
    bridge = past_upload
    bridge.good2go.fault("notify_task", "drop_after")
    assert bridge.perform(reminder(bridge)).fate is Status.DEFERRED
    assert bridge.perform(again(bridge, Vendor.GOOD2GO)).fate is Status.DONE
    assert [effect["emails"] for effect in bridge.good2go.effects("notify_task")] == [[CUSTOMER]]


def test_reminder_is_sent_when_its_call_never_arrived(past_upload: Bridge) -> None:
    bridge = past_upload
    bridge.good2go.fault("notify_task", "drop_before")
    assert bridge.perform(reminder(bridge)).fate is Status.DEFERRED
    assert bridge.perform(again(bridge, Vendor.GOOD2GO)).fate is Status.DONE
    assert len(bridge.good2go.effects("notify_task")) == 1


def test_reminder_is_parked_when_the_history_does_not_say_to_whom_it_went(bridge: Bridge) -> None:
    bridge.destine(reviewers=["second@brand.test"])
    bridge.start_proof()
    bridge.advance(minutes=5)
    bridge.good2go.fault("notify_task", "drop_after")
    bridge.perform(reminder(bridge))
    outcome = bridge.perform(again(bridge, Vendor.GOOD2GO))
    assert outcome.fate is Status.PARKED
    assert outcome.reason is not None
    assert "good2go can't be asked" in outcome.reason
    assert len(bridge.good2go.effects("notify_task")) == 1
    assert bridge.perform(reminder(bridge)).fate is Status.DUPLICATE


def test_nobody_is_reminded_twice_when_a_crash_hides_that_it_was_done(past_upload: Bridge) -> None:
    bridge = past_upload
    action = reminder(bridge)
    bridge.perform(action)
    # As after a crash before the bookkeeping: begun, and never finished.
    bridge.cloud.dynamodb.delete_item(
        TableName="state", Key={"pk": {"S": f"EFFECT#{action.key}"}, "sk": {"S": "EFFECT"}}
    )
    began = bridge.clock.now() - timedelta(seconds=100)
    bridge.ledger.begin(action.key, action.to_message(), began, timedelta(seconds=90))
    assert bridge.perform(action).fate is Status.DONE
    assert len(bridge.good2go.effects("notify_task")) == 1
