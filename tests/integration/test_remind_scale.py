"""Reminders of many proofs: calls grow with what is due, and a run that is short of time is gone on with."""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from proofbridge.config.loader import Config
from proofbridge.config.reminders.policies import Reminder
from proofbridge.decisions.observations import record_own_write
from proofbridge.domain.items import ItemKind, ItemRef, Observation, Person, ReviewStatus, Vendor, moment_text
from proofbridge.reminders.send import Reminding, Run
from proofbridge.stores.items import Origin, due_shard
from tests.integration.bridge import CUSTOMER, Bridge
from tests.integration.cloud import REGION

DUE = 200
MANY = 40


def job(name: str) -> ItemRef:
    return ItemRef(Vendor.GOOD2GO, ItemKind.JOB, name)


def waiting(bridge: Bridge, ref: ItemRef, due_at: datetime) -> Observation:
    return Observation(
        ref,
        bridge.clock.now(),
        name=f"{ref.id}.pdf",
        due_at=due_at,
        status=ReviewStatus.IN_REVIEW,
        reviewers=(Person(CUSTOMER),),
    )


def configure(bridge: Bridge, **policy: Any) -> None:
    email = bridge.config.vendors.email.model_copy(update={"sender": "proofs@brand.test"})
    vendors = bridge.config.vendors.model_copy(update={"email": email})
    fields = {"name": "due", "vendor": "good2go", "offsets": "0", "channel": "email", **policy}
    reminders = (Reminder.model_validate(fields),)
    bridge.config = Config.model_validate({**dict(bridge.config), "vendors": vendors, "reminders": reminders})


def run(bridge: Bridge, now: datetime, calls: float = math.inf) -> Run:
    """Run the schedule with time for so many calls of AWS, before it has to come to an end."""
    last = len(bridge.cloud.calls) + calls
    reminding = Reminding(bridge.config, bridge.items, bridge.slots, bridge.queues)
    return reminding.run(now, lambda: len(bridge.cloud.calls) < last)


def reminded(bridge: Bridge) -> Counter[str]:
    """How often each item was reminded of."""
    actions = [action for vendor in Vendor for action in bridge.actions(vendor)]
    return Counter(proviso.item for action in actions for proviso in action.provisos)


@pytest.fixture
def due(bridge: Bridge) -> datetime:
    """When 20 proofs are due, and 20 more one after the other in the hours before; each has a recipient."""
    due_at = bridge.clock.now().replace(microsecond=0) + timedelta(days=3)
    for number in range(MANY):
        ref = job(f"job-{number}")
        record_own_write(
            bridge.items, waiting(bridge, ref, due_at - max(0, number - 19) * timedelta(minutes=20))
        )
        bridge.items.link(f"PB-{number}", ref)
        bridge.items.note_origin(f"PB-{number}", Origin("drop/labels/", CUSTOMER))
    return due_at


@pytest.mark.parametrize("digest", [False, True])
@pytest.mark.parametrize("calls", [1, 25])
def test_everything_is_sent_once_when_no_run_has_time_to_read_it_all(
    bridge: Bridge, due: datetime, calls: int, *, digest: bool
) -> None:
    """A proof's recipient takes a call, so that reading all takes more than any of the runs may."""
    configure(bridge, to="recipient", digest=digest)
    runs = [run(bridge, due, calls)]
    while not runs[-1].finished:
        runs.append(run(bridge, due + len(runs) * timedelta(minutes=5), calls))
        assert len(runs) <= 100
    assert len(runs) > 1
    expected = {str(job(f"job-{number}")): 1 for number in range(MANY)}
    assert reminded(bridge) == expected
    if digest and calls > 1:
        assert sum(each.queued for each in runs) < MANY / 2
    assert run(bridge, due + timedelta(hours=10)) == Run(0)
    assert reminded(bridge) == {}


def test_what_becomes_due_behind_is_sent_when_runs_go_on(bridge: Bridge, due: datetime) -> None:
    configure(bridge, to="recipient")
    assert not run(bridge, due, 30).finished
    new = [job(f"new-{number}") for number in range(8)]
    for ref in new:
        record_own_write(bridge.items, waiting(bridge, ref, due - timedelta(hours=20)))
        bridge.items.link(f"PB-{ref.id}", ref)
        bridge.items.note_origin(f"PB-{ref.id}", Origin("drop/labels/", CUSTOMER))
    for number in range(1, 12):
        run(bridge, due + number * timedelta(minutes=5), 30)
    counts = reminded(bridge)
    assert set(counts.values()) == {1}
    assert {str(ref) for ref in new} <= set(counts)
    assert len(counts) == MANY + 8


def test_time_is_given_up_to_what_was_not_queued_when_it_is_short(bridge: Bridge, due: datetime) -> None:
    configure(bridge, to="recipient")
    send, bridge.queues.send = bridge.queues.send, lambda *_: None  # type: ignore[method-assign]
    noted, bridge.slots.queued = bridge.slots.queued, lambda *_: None  # type: ignore[method-assign]
    run(bridge, due)
    bridge.queues.send, bridge.slots.queued = send, noted  # type: ignore[method-assign]
    runs = [run(bridge, due + number * timedelta(minutes=5), 60) for number in range(4)]
    assert [each.finished for each in runs] == [False, False, True, True]
    assert sum(each.queued for each in runs) == MANY
    assert set(reminded(bridge).values()) == {1}


def store_many(bridge: Bridge, many: int, due_at: datetime) -> None:
    """Have further items like the one stored, which is due at the moment; the first are due then as well."""
    kept = dynamodb_backends["123456789012"][REGION].get_table("state")
    like = bridge.cloud.record(f"ITEM#{job('job-0')}", "ITEM")
    shown = json.loads(like["observation"]["S"])
    for number in range(1, many):
        moment = moment_text(due_at if number < DUE else due_at + timedelta(days=2, minutes=number))
        ref = job(f"job-{number}")
        shown |= {"ref": str(ref), "due_at": moment}
        changed = {
            "pk": f"ITEM#{ref}",
            "observation": json.dumps(shown),
            "due_at": moment,
            "due_shard": due_shard(ref),
        }
        record = like | {key: {"S": value} for key, value in changed.items()}
        pk, sk = DynamoType(record["pk"]), DynamoType(record["sk"])
        kept.items[pk][sk] = Item(pk, sk, record)


@pytest.mark.parametrize("many", [10_000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_calls_are_in_proportion_to_what_is_due_when_many_are_open(bridge: Bridge, many: int) -> None:
    configure(bridge)
    due_at = bridge.clock.now().replace(microsecond=0) + timedelta(days=3)
    record_own_write(bridge.items, waiting(bridge, job("job-0"), due_at))
    store_many(bridge, many, due_at)
    with bridge.cloud.counted() as calls:
        ran = run(bridge, due_at)
    assert ran == Run(DUE)
    assert Counter(calls) == {
        "Query": 1 + 4,  # what was not queued; the index's shards
        "GetItem": 1,  # where the last run stopped
        "BatchGetItem": DUE // 100,
        "PutItem": DUE,
        "SendMessage": DUE,
        "UpdateItem": DUE,
    }
    assert reminded(bridge) == {str(job(f"job-{number}")): 1 for number in range(DUE)}
