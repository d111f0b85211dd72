"""Reminders: who has not decided is reminded once for each slot, within a day of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from proofbridge.actions.perform import Status
from proofbridge.config.reminders.policies import Reminder
from proofbridge.domain.actions import Action
from proofbridge.domain.items import Decision, ItemRef, Observation, Person, ReviewStatus, Vendor, moment_text
from proofbridge.reminders.plans import LOOK_BACK
from proofbridge.reminders.send import Reminding, Run
from proofbridge.stores.slots import SlotStatus as SlotFate
from proofbridge.vendors.catalogue import ActionName
from tests.integration.bridge import CUSTOMER, Bridge
from tests.integration.cloud import KilledError
from tests.unit.observations import JOB, TASK

MINUTE = timedelta(minutes=1)
ON_TIME = Reminder.model_validate({"name": "due-now", "vendor": "good2go", "offsets": "0"})


def policy(offset: str, **fields: Any) -> Reminder:
    return Reminder.model_validate({"name": f"at {offset}", "vendor": "good2go", "offsets": offset, **fields})


def store(bridge: Bridge, due_at: datetime | None, ref: ItemRef = JOB, **fields: Any) -> None:
    """Have an item stored that waits for one reviewer's decision."""
    now = bridge.clock.now()
    values = {"status": ReviewStatus.IN_REVIEW, "name": "summer-ale.pdf", "reviewers": (Person(CUSTOMER),)}
    bridge.note(Observation(ref, now, updated_at=now, due_at=due_at, **{**values, **fields}))
    for event in bridge.received():
        bridge.process(event)


def run(
    bridge: Bridge, now: datetime, *policies: Reminder, has_time: Callable[[], bool] = lambda: True
) -> Run:
    """Run the schedule for a moment."""
    config = bridge.config.model_copy(update={"reminders": policies or (ON_TIME,)})
    return Reminding(config, bridge.items, bridge.slots, bridge.queues).run(now, has_time)


def remind(bridge: Bridge, now: datetime, *policies: Reminder) -> int:
    """Run the schedule for a moment; returns how many actions were queued."""
    return run(bridge, now, *policies).queued


def queued(bridge: Bridge) -> list[Action]:
    return bridge.actions(Vendor.GOOD2GO)


@pytest.fixture
def due(bridge: Bridge) -> datetime:
    """When the stored proof is due."""
    due_at = bridge.clock.now().replace(microsecond=0) + timedelta(days=3)
    store(bridge, due_at)
    return due_at


# -- when


@pytest.mark.parametrize(
    ("offset", "after_due", "reminded"),
    [
        ("0", -MINUTE, 0),
        ("0", timedelta(milliseconds=-1), 0),
        ("0", timedelta(), 1),
        ("0", MINUTE, 1),
        ("0", LOOK_BACK - timedelta(milliseconds=1), 1),
        ("0", LOOK_BACK, 0),
        ("0", timedelta(days=30), 0),
        ("-4 h", timedelta(hours=-4) - MINUTE, 0),
        ("-4 h", timedelta(hours=-4), 1),
        ("-4 h", LOOK_BACK - timedelta(hours=4, milliseconds=1), 1),
        ("-4 h", LOOK_BACK - timedelta(hours=4), 0),
        ("+1 d", timedelta(hours=23, minutes=59), 0),
        ("+1 d", timedelta(days=1), 1),
        ("+1 d", timedelta(days=1) + LOOK_BACK, 0),
    ],
)
def test_reminder_is_queued_from_its_slot_on_for_a_day(
    bridge: Bridge, due: datetime, offset: str, after_due: timedelta, reminded: int
) -> None:
    assert remind(bridge, due + after_due, policy(offset)) == reminded
    assert len(queued(bridge)) == reminded


def test_reminder_is_queued_once_however_often_the_schedule_runs(bridge: Bridge, due: datetime) -> None:
    runs = [remind(bridge, due + timedelta(minutes=5 * n)) for n in range(6)]
    assert runs == [1, 0, 0, 0, 0, 0]
    assert len(queued(bridge)) == 1


def test_reminder_says_who_what_and_until_when(bridge: Bridge, due: datetime) -> None:
    text = policy("0", message="{person.name}: {item.name} was due {item.due}.")
    remind(bridge, due, text)
    (action,) = queued(bridge)
    assert (action.name, action.target, action.vendor) == (ActionName.GOOD2GO_NOTIFY, JOB, Vendor.GOOD2GO)
    assert action.params == {
        "person": CUSTOMER,
        "due_at": moment_text(due),
        "message": f"{CUSTOMER}: summer-ale.pdf was due {due:%Y-%m-%d %H:%M} UTC.",
    }
    assert action.cause.rule == "at 0"


def test_each_offset_is_a_slot_of_its_own(bridge: Bridge, due: datetime) -> None:
    policies = (policy("-4 h"), policy("0"), policy("+1 d"))
    assert [remind(bridge, due + after, *policies) for after in (timedelta(hours=-4), MINUTE, MINUTE)] == [
        1,
        1,
        0,
    ]
    assert remind(bridge, due + timedelta(days=1), *policies) == 1
    assert len({action.key for action in queued(bridge)}) == 3


def test_new_due_date_is_a_slot_of_its_own(bridge: Bridge, due: datetime) -> None:
    assert remind(bridge, due + MINUTE) == 1
    store(bridge, due + timedelta(days=1))
    assert remind(bridge, due + MINUTE) == 0
    assert remind(bridge, due + timedelta(days=1, minutes=1)) == 1
    store(bridge, due)
    assert remind(bridge, due + MINUTE) == 0, "the first slot is taken for ever"
    assert len({action.key for action in queued(bridge)}) == 2


# -- whom


def test_only_those_are_reminded_who_have_not_decided(bridge: Bridge, due: datetime) -> None:
    people = (
        Person("a@b.test"),
        Person("c@d.test", decision=Decision.APPROVED),
        Person("e@f.test", decision=Decision.REJECTED),
        Person("g@h.test", task_id="7"),
    )
    store(bridge, due, reviewers=people)
    assert remind(bridge, due) == 2
    assert [action.params["person"] for action in queued(bridge)] == ["a@b.test", "g@h.test"]


@pytest.mark.parametrize(
    "fields",
    [
        {"status": ReviewStatus.APPROVED},
        {"status": ReviewStatus.EXPIRED},
        {"status": None},
        {"reviewers": None},
        {"reviewers": ()},
        {"deleted": True},
        {"due_at": None},
    ],
)
def test_nobody_is_reminded_when_no_decision_is_awaited(
    bridge: Bridge, due: datetime, fields: dict[str, Any]
) -> None:
    store(bridge, **{"due_at": due, **fields})
    assert remind(bridge, due) == 0


def test_nobody_is_reminded_of_another_vendors_items(bridge: Bridge) -> None:
    due_at = bridge.clock.now() + timedelta(days=3)
    store(bridge, due_at, TASK)
    assert remind(bridge, due_at) == 0


def test_work_is_in_proportion_to_what_is_due(bridge: Bridge, due: datetime) -> None:
    for number in range(5):
        store(bridge, due + timedelta(days=9), ItemRef(JOB.vendor, JOB.kind, f"later-{number}"))
    with bridge.cloud.counted() as calls:
        assert remind(bridge, due) == 1
    look, take = ["Query", "GetItem", *["Query"] * 4], ["PutItem", "SendMessage", "UpdateItem"]
    assert calls == [*look, "BatchGetItem", *take]
    with bridge.cloud.counted() as calls:
        assert remind(bridge, due) == 0
    assert calls == [*look, "BatchGetItem"]


# -- once


@pytest.mark.parametrize("killed_at", ["SendMessage", "UpdateItem"])
def test_reminder_is_sent_once_when_the_schedule_is_killed_after_the_slot_is_taken(
    bridge: Bridge, killed_at: str
) -> None:
    bridge.start_proof()
    bridge.advance(minutes=5)
    due_at = bridge.stored(Vendor.GOOD2GO).observation.due_at
    assert due_at is not None
    bridge.cloud.kill_at(killed_at)
    with pytest.raises(KilledError):
        remind(bridge, due_at)
    bridge.cloud.revive()
    assert remind(bridge, due_at + 5 * MINUTE) == 1
    assert remind(bridge, due_at + 10 * MINUTE) == 0
    fates = [bridge.perform(action).fate for action in queued(bridge)]
    assert fates == {"SendMessage": [Status.DONE], "UpdateItem": [Status.DONE, Status.DUPLICATE]}[killed_at]
    assert [effect["emails"] for effect in bridge.good2go.effects("notify_task")] == [[CUSTOMER]]


def test_reminder_is_given_up_when_it_could_not_be_queued_for_a_day(bridge: Bridge, due: datetime) -> None:
    bridge.cloud.kill_at("SendMessage")
    with pytest.raises(KilledError):
        remind(bridge, due)
    bridge.cloud.revive()
    assert remind(bridge, due + LOOK_BACK) == 0
    (use,) = bridge.slots.of_item(str(JOB))
    assert (use.fate, use.reason) == (SlotFate.HELD, "it could not be queued within a day")
    assert list(bridge.slots.unqueued()) == []


def test_slot_stays_free_when_it_could_not_be_taken(bridge: Bridge, due: datetime) -> None:
    bridge.cloud.kill_at("PutItem", "SLOT#")
    with pytest.raises(KilledError):
        remind(bridge, due)
    bridge.cloud.revive()
    assert remind(bridge, due + MINUTE) == 1


def test_reviewers_of_a_real_proof_are_reminded_each_once(bridge: Bridge) -> None:
    bridge.destine(reviewers=["second@brand.test"])
    guid = bridge.start_proof()
    bridge.good2go.settings(approval_needs_all_reviewers=True)
    bridge.good2go.act("approve", job=guid, by="second@brand.test")
    bridge.read_job()
    bridge.settle()
    due_at = bridge.stored(Vendor.GOOD2GO).observation.due_at
    assert due_at is not None
    for minutes in (1, 6, 11):
        remind(bridge, due_at + minutes * MINUTE)
        bridge.settle()
    assert [effect["emails"] for effect in bridge.good2go.effects("notify_task")] == [[CUSTOMER]]
