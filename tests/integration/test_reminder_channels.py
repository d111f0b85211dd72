"""Reminders by every channel, from the schedule to the vendors' own records: each once, and none too late."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from proofbridge.actions.perform import Outcome, Status, params_problem
from proofbridge.config.loader import Config
from proofbridge.config.reminders.offsets import parse_offset
from proofbridge.config.reminders.people import Contact
from proofbridge.config.reminders.policies import Reminder
from proofbridge.decisions.observations import record_own_write
from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, Observation, Person, ReviewStatus, Vendor, moment_text
from proofbridge.reminders.send import Reminding, Run
from proofbridge.stores.slots import Name
from proofbridge.stores.slots import SlotStatus as SlotFate
from proofbridge.vendors.good2go.enums import ReminderComparator, ReminderUnit
from proofbridge.vendors.good2go.inputs import ReminderCreate
from tests.integration.bridge import CUSTOMER, Bridge
from tests.integration.cloud import REGION, KilledError

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SENDER = "proofs@studio.test"
PEOPLE = (Contact.model_validate({"name": "Cora Customer", "email": CUSTOMER, "goodday": "USRDSG"}),)


def policy(**fields: Any) -> Reminder:
    return Reminder.model_validate({"name": "due", "vendor": "good2go", "offsets": "0", **fields})


def configure(bridge: Bridge, *policies: Reminder) -> None:
    email = bridge.config.vendors.email.model_copy(update={"sender": SENDER})
    vendors = bridge.config.vendors.model_copy(update={"email": email})
    bridge.config = Config.model_validate(
        {**dict(bridge.config), "vendors": vendors, "reminders": policies, "people": PEOPLE}
    )
    bridge.connections = bridge.connect()


def run(bridge: Bridge, now: datetime) -> Run:
    return Reminding(bridge.config, bridge.items, bridge.slots, bridge.queues).run(now)


def queued(bridge: Bridge) -> list[Action]:
    """Take every action out of every queue."""
    return [action for vendor in Vendor for action in bridge.actions(vendor)]


def perform(bridge: Bridge) -> list[Outcome]:
    """Perform what the schedule queued, and nothing that follows from it."""
    return [bridge.perform(action) for action in queued(bridge)]


def emails() -> list[Any]:
    """What SES was given to send."""
    return list(ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages)


def fates(bridge: Bridge, ref: ItemRef) -> dict[tuple[str, str], tuple[SlotFate, str | None]]:
    """What became of the slots of an item, by person and offset."""
    return {(use.person, use.offset): (use.fate, use.reason) for use in bridge.slots.of_item(str(ref))}


@pytest.fixture
def due(bridge: Bridge) -> datetime:
    """When a proof is due that is tracked by a task, and waits for the customer."""
    bridge.cloud.sesv2.create_email_identity(EmailIdentity=SENDER)
    bridge.start_proof()
    bridge.read_job()
    bridge.settle()
    due_at = bridge.stored(Vendor.GOOD2GO).observation.due_at
    assert due_at is not None
    return due_at


def other(bridge: Bridge, name: str, due_at: datetime, **fields: Any) -> ItemRef:
    """Have a further item of the customer stored, which Good2Go does not know."""
    ref = ItemRef(Vendor.GOOD2GO, ItemKind.JOB, str(uuid.uuid5(uuid.NAMESPACE_URL, name)))
    values = {"status": ReviewStatus.IN_REVIEW, "reviewers": (Person(CUSTOMER),)}
    record_own_write(
        bridge.items,
        Observation(ref, bridge.clock.now(), name=f"{name}.pdf", due_at=due_at, **{**values, **fields}),
    )
    return ref


# -- channels


def test_comment_is_written_once_on_the_proofs_task(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(channel="goodday.comment", message="{person.name}: {item.name}"))
    before = len(bridge.goodday.effects("comment"))

    for minutes in (0, 5, 10):
        run(bridge, due + minutes * MINUTE)
        perform(bridge)

    (effect,) = bridge.goodday.effects("comment")[before:]
    assert effect["message"].splitlines()[0] == "Cora Customer: summer-ale.pdf"
    assert fates(bridge, bridge.ref_at(Vendor.GOOD2GO)) == {(CUSTOMER, "0"): (SlotFate.SENT, None)}


def test_reply_makes_the_person_the_one_who_has_to_act(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(channel="goodday.reply"))
    run(bridge, due)
    perform(bridge)
    (effect,) = bridge.goodday.effects("reply")
    assert effect["action_required"] == "USRDSG"


def test_email_goes_out_once_to_the_persons_address(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(channel="email", subject="Decide on\n{item.name}", message="Due {item.due}."))
    for minutes in (0, 5):
        run(bridge, due + minutes * MINUTE)
        perform(bridge)
    (email,) = emails()
    assert (email.source, email.destinations["ToAddresses"]) == (SENDER, [CUSTOMER])
    assert (email.subject, email.body) == ("Decide on summer-ale.pdf", f"Due {due:%Y-%m-%d %H:%M} UTC.")


def test_manager_has_to_act_on_an_urgent_task_when_reminders_have_not_helped(
    bridge: Bridge, due: datetime
) -> None:
    step = {"after": 2, "wait": "+1 h", "to": "USRMGR", "channel": "goodday.reply", "priority": 9,
            "message": "{item.name} still waits for {item.waits_for}."}  # fmt: skip
    configure(bridge, policy(offsets=["0", "+2 h"], escalation=[step]))

    for hours in range(5):
        run(bridge, due + timedelta(hours=hours))
        perform(bridge)

    assert len(bridge.good2go.effects("notify_task")) == 2
    (reply,) = bridge.goodday.effects("reply")
    assert reply["action_required"] == "USRMGR"
    assert reply["message"].startswith("summer-ale.pdf still waits for Cora Customer.")
    (update,) = bridge.goodday.effects("update_task")
    assert update["changes"] == {"priority": "9"}


def test_task_is_waited_for_when_the_proof_has_none_yet(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(channel="goodday.comment"))
    task = bridge.ref_at(Vendor.GOODDAY)
    ref = other(bridge, "without-task", due)
    bridge.items.link("PB-other", ref)
    run(bridge, due)
    assert fates(bridge, ref) == {}
    queued(bridge)
    bridge.items.link("PB-other", task)
    assert run(bridge, due + 5 * MINUTE).queued == 1


# -- looked at afresh


@pytest.mark.parametrize("channel", ["good2go.notify", "goodday.comment", "goodday.reply", "email"])
def test_nothing_is_sent_when_the_customer_decided_while_the_reminder_waited(
    bridge: Bridge, due: datetime, channel: str
) -> None:
    configure(bridge, policy(channel=channel))
    run(bridge, due)
    bridge.good2go.act("approve", job=bridge.good2go.job()["guid"], by=CUSTOMER)
    before = len(bridge.goodday.effects()), len(bridge.good2go.effects())

    assert perform(bridge) == [Outcome(Status.HELD, "it is approved by now")]

    assert (len(bridge.goodday.effects()), len(bridge.good2go.effects())) == before
    assert emails() == []
    assert fates(bridge, bridge.ref_at(Vendor.GOOD2GO)) == {
        (CUSTOMER, "0"): (SlotFate.HELD, "it is approved by now")
    }


def test_old_slot_is_void_and_a_new_one_made_when_the_due_date_moves(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(channel="email"))
    run(bridge, due)
    job = bridge.good2go.job()
    bridge.good2go.act("set-due", job=job["guid"], due_at=moment_text(due + timedelta(days=1)))

    assert [outcome.reason for outcome in perform(bridge)] == ["its due date has moved"]

    for event in bridge.received():  # what was read afresh is known now
        bridge.process(event)
    assert run(bridge, due + timedelta(days=1)).queued == 1
    assert [outcome.fate for outcome in perform(bridge)] == [Status.DONE]
    assert len(emails()) == 1


def test_reminder_waits_when_the_items_vendor_wants_no_calls(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(channel="email"))
    run(bridge, due)
    bridge.gates.close(Vendor.GOOD2GO, bridge.clock.now() + timedelta(minutes=9))
    (waiting,) = queued(bridge)
    requests = len(bridge.good2go.requests())

    assert bridge.perform(waiting).fate is Status.DEFERRED

    assert len(bridge.good2go.requests()) == requests
    bridge.advance(minutes=10)
    assert [outcome.fate for outcome in perform(bridge)] == [Status.DONE]


def test_reminder_waits_without_a_doubt_when_the_items_vendor_can_not_be_asked(
    bridge: Bridge, due: datetime
) -> None:
    configure(bridge, policy(channel="email"))
    run(bridge, due)
    bridge.good2go.fault("get_job", "status", status=429, retry_after="60")
    (waiting,) = queued(bridge)

    assert bridge.perform(waiting).fate is Status.DEFERRED

    assert bridge.state_of(waiting.key) == "waiting"
    assert bridge.gates.closed_until(Vendor.GOOD2GO, bridge.clock.now()) is not None
    assert bridge.gates.closed_until(Vendor.AWS, bridge.clock.now()) is None
    bridge.advance(minutes=2)
    assert [outcome.fate for outcome in perform(bridge)] == [Status.DONE]
    assert len(emails()) == 1


def test_reminder_is_parked_when_the_item_can_not_be_read_for_good(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(channel="email"))
    run(bridge, due)
    bridge.good2go.fault("get_job", "status", status=403)

    (outcome,) = perform(bridge)

    assert outcome.fate is Status.PARKED
    assert "it can't be read: " in str(outcome.reason)
    assert [fate for fate, _ in fates(bridge, bridge.ref_at(Vendor.GOOD2GO)).values()] == [SlotFate.PARKED]
    assert emails() == []


def test_slot_knows_that_it_was_sent_when_the_one_who_sent_it_was_killed_before_saying_so(
    bridge: Bridge, due: datetime
) -> None:
    configure(bridge, policy(channel="email"))
    run(bridge, due)
    (waiting,) = queued(bridge)
    bridge.cloud.kill_at("UpdateItem", "SLOT#")
    with pytest.raises(KilledError):
        bridge.perform(waiting)
    bridge.cloud.revive()
    assert bridge.perform(waiting).fate is Status.DUPLICATE
    assert fates(bridge, bridge.ref_at(Vendor.GOOD2GO)) == {(CUSTOMER, "0"): (SlotFate.SENT, None)}
    assert len(emails()) == 1


@pytest.mark.parametrize("channel", ["good2go.notify", "email"])
def test_newest_alone_is_sent_when_several_waited_for_a_vendor_that_was_down(
    bridge: Bridge, due: datetime, channel: str
) -> None:
    configure(bridge, policy(channel=channel, offsets=["-4 h", "0", "+4 h"]))
    for hours in (-4, 0, 4):
        run(bridge, due + hours * HOUR)
    waiting = queued(bridge)
    assert len(waiting) == 3

    outcomes = [bridge.perform(action) for action in waiting]

    assert outcomes == [
        *[Outcome(Status.HELD, "+4 h had come by then")] * 2,
        Outcome(Status.DONE),
    ]
    assert len(emails()) + len(bridge.good2go.effects("notify_task")) == 1
    assert fates(bridge, bridge.ref_at(Vendor.GOOD2GO)) == {
        (CUSTOMER, "-4 h"): (SlotFate.HELD, "+4 h had come by then"),
        (CUSTOMER, "0"): (SlotFate.HELD, "+4 h had come by then"),
        (CUSTOMER, "+4 h"): (SlotFate.SENT, None),
    }


def test_older_reminder_is_sent_when_the_newer_one_is_parked_or_for_somebody_else(
    bridge: Bridge, due: datetime
) -> None:
    boss = policy(name="boss", to="boss@b.test", channel="email", offsets="+1 h")
    configure(bridge, policy(channel="email", offsets=["0", "+2 h"]), boss)
    ref = str(bridge.ref_at(Vendor.GOOD2GO))
    for hours in range(3):
        run(bridge, due + hours * HOUR)
    first, for_the_boss, newest = queued(bridge)
    (proviso,) = newest.provisos
    bridge.slots.settle((ref, str(proviso.slot)), SlotFate.PARKED, due)

    assert [bridge.perform(action).fate for action in (first, for_the_boss)] == [Status.DONE, Status.DONE]
    assert [email.destinations["ToAddresses"] for email in emails()] == [[CUSTOMER], ["boss@b.test"]]


# -- digests


def test_one_email_tells_of_all_that_is_still_true_when_a_person_has_several_proofs(
    bridge: Bridge, due: datetime
) -> None:
    configure(bridge, policy(channel="email", digest=True))
    gone = other(bridge, "gone", due - MINUTE)

    assert run(bridge, due).queued == 1
    assert [outcome.fate for outcome in perform(bridge)] == [Status.DONE]

    (email,) = emails()
    lines = email.body.splitlines()
    assert lines[0] == "Cora Customer, these wait for you:"
    assert [line.split(",")[0] for line in lines[1:]] == ["- summer-ale.pdf"]
    assert fates(bridge, gone) == {(CUSTOMER, "0"): (SlotFate.HELD, "the job is no longer there")}
    assert fates(bridge, bridge.ref_at(Vendor.GOOD2GO)) == {(CUSTOMER, "0"): (SlotFate.SENT, None)}
    assert run(bridge, due + 5 * MINUTE).queued == 0


def test_digest_is_held_when_nothing_of_it_is_true_any_more(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(channel="goodday.comment", digest=True))
    refs = [other(bridge, name, due - timedelta(days=2)) for name in ("gone", "lost")]
    for ref in refs:
        bridge.items.link(bridge.proof_id, ref)
    run(bridge, due - timedelta(days=2))
    assert [outcome.fate for outcome in perform(bridge)] == [Status.HELD]
    assert {fates(bridge, ref)[CUSTOMER, "0"][0] for ref in refs} == {SlotFate.HELD}


def test_every_proof_has_a_message_of_its_own_when_no_digest_is_wanted(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(channel="email"))
    other(bridge, "second", due)
    assert run(bridge, due).queued == 2


def test_large_digests_are_divided(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(channel="email", digest=True))
    for number in range(40):
        other(bridge, f"job-{number}", due)
    assert run(bridge, due).queued == 2
    assert sorted(len(action.provisos) for action in queued(bridge)) == [1, 40]


def test_digests_are_divided_when_their_lines_are_long(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(channel="email", digest=True))
    for number in range(30):
        other(bridge, f"{'a long name ' * 50}{number}", due)
    assert run(bridge, due).queued == 3
    actions = queued(bridge)
    assert [params_problem(action) for action in actions] == [None] * 3
    assert sum(len(action.provisos) for action in actions) == 31


# -- overlapping, cut off


def test_each_slot_is_used_by_one_action_when_runs_overlap(
    bridge: Bridge, due: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = policy(name="copy", to="boss@b.test", channel="email")
    configure(bridge, policy(channel="email", digest=True), copies)
    other(bridge, "second", due)
    ran: list[Run] = []
    taken = bridge.slots.taken

    def then_another_run(names: Iterable[Name]) -> set[Name]:
        found = taken(names)
        if not ran:
            ran.append(Run(0))
            other(bridge, "third", due)
            ran[0] = run(bridge, due)
        return found

    monkeypatch.setattr(bridge.slots, "taken", then_another_run)
    first = run(bridge, due)

    assert (ran[0].queued, first.queued) == (4, 0)  # a digest of three, and three copies for the boss
    slots = [(proviso.item, proviso.slot) for action in queued(bridge) for proviso in action.provisos]
    assert len(slots) == len(set(slots)) == 6


def test_calls_do_not_grow_with_what_is_not_due(bridge: Bridge, due: datetime) -> None:
    """20 of 220 open items are due: three calls for each, and seven for all."""
    configure(bridge, policy(offsets=["-2 workdays", "0"], quiet_hours="02:00-02:30", channel="email"))
    for number in range(200):
        other(bridge, f"later-{number}", due + timedelta(days=9 + number))
    for number in range(19):
        other(bridge, f"now-{number}", due)
    with bridge.cloud.counted() as calls:
        assert run(bridge, due).queued == 20
    assert {name: calls.count(name) for name in set(calls)} == {
        "Query": 1 + 4,  # what was not queued; the index's shards
        "GetItem": 1,  # where the last run stopped
        "BatchGetItem": 1,
        "PutItem": 20,
        "SendMessage": 20,
        "UpdateItem": 20,
    }


# -- Good2Go's own reminders


def told(bridge: Bridge) -> list[str]:
    """The job's automatic reminders, as Good2Go has them."""
    reminders = bridge.good2go.job()["reminders"]
    return sorted(f"{each['quantity']} {each['unit']} {each['comparator']}" for each in reminders)


BY_VENDOR = {"mode": "vendor", "offsets": ["-1 workday", "-4 h"], "zone": "Europe/Berlin"}


def test_vendor_is_told_once_what_to_remind_of(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(**BY_VENDOR))
    assert run(bridge, due - timedelta(days=9)).programmed == 0, "it is far away yet"
    for minutes in (0, 5, 10):
        run(bridge, due - timedelta(days=3, minutes=-minutes))
        perform(bridge)
    hours = (due - policy(**BY_VENDOR).calendar_for(None).shift(due, parse_offset("-1 workday"))) // HOUR
    assert told(bridge) == sorted([f"{hours} hours before", "4 hours before"])
    assert len(bridge.good2go.effects("create_reminder")) == 2


def test_vendor_is_told_again_when_the_due_date_moves_and_what_people_set_up_stays(
    bridge: Bridge, due: datetime
) -> None:
    configure(bridge, policy(**{**BY_VENDOR, "quiet_hours": "12:00-17:30"}))
    run(bridge, due - timedelta(days=3))
    perform(bridge)
    job = bridge.good2go.job()["guid"]
    client = bridge.connections.good2go(bridge.deadline())._client
    client.reminders.create(
        job, ReminderCreate(quantity=9, unit=ReminderUnit.DAYS, comparator=ReminderComparator.AFTER)
    )
    before = told(bridge)
    moved = due.replace(hour=21)
    bridge.good2go.act("set-due", job=job, due_at=moment_text(moved))
    bridge.read_job()
    bridge.settle()

    assert run(bridge, due - timedelta(days=2, hours=23)).programmed == 1
    perform(bridge)

    assert told(bridge) != before
    assert {"9 days after", "4 hours before"} <= {*told(bridge)}
    assert run(bridge, due - timedelta(days=2, hours=22)).programmed == 0


def test_vendor_is_told_when_the_due_date_moved_before_it_could_be(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(mode="vendor", offsets="-4 h"))
    run(bridge, due - timedelta(days=3))
    moved = due + timedelta(hours=1)
    bridge.good2go.act("set-due", job=bridge.good2go.job()["guid"], due_at=moment_text(moved))
    assert perform(bridge) == [Outcome(Status.HELD, "its due date has moved")]
    bridge.read_job()
    bridge.settle()
    assert told(bridge) == []

    assert [run(bridge, due - timedelta(days=2, hours=hours)).programmed for hours in (22, 21)] == [1, 0]

    perform(bridge)
    assert told(bridge) == ["4 hours before"]


def test_vendor_is_told_when_the_run_before_was_killed(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(**BY_VENDOR))
    bridge.cloud.kill_at("SendMessage")
    with pytest.raises(KilledError):
        run(bridge, due - timedelta(days=3))
    bridge.cloud.revive()
    assert run(bridge, due - timedelta(days=3)).queued == 1
    perform(bridge)
    assert len(told(bridge)) == 2


def test_vendor_is_told_once_when_its_answer_is_lost(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(**BY_VENDOR))
    run(bridge, due - timedelta(days=3))
    bridge.good2go.fault("create_reminder", "drop_after")
    assert [outcome.fate for outcome in perform(bridge)] == [Status.DEFERRED]
    bridge.advance(minutes=20)
    assert [outcome.fate for outcome in perform(bridge)] == [Status.DONE]
    assert len(told(bridge)) == len(set(told(bridge))) == 2


def test_vendor_is_told_nothing_of_a_proof_that_is_decided_by_then(bridge: Bridge, due: datetime) -> None:
    configure(bridge, policy(**BY_VENDOR))
    run(bridge, due - timedelta(days=3))
    bridge.good2go.act("approve", job=bridge.good2go.job()["guid"], by=CUSTOMER)
    assert perform(bridge) == [Outcome(Status.HELD, "it is approved by now")]
    assert told(bridge) == []
