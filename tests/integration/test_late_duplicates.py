"""The same event again, hours and weeks later."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import pytest

from proofbridge.domain.items import ItemRef, Observation, ReviewStatus, Vendor
from proofbridge.stores.inbox import Event, Inbox, Source
from proofbridge.stores.ledger import RETENTION
from tests.integration.bridge import Bridge
from tests.unit.observations import JOB, TASK


def observation_event(bridge: Bridge, ref: ItemRef, status: ReviewStatus) -> Event:
    now = bridge.clock.now()
    observed = Observation(ref, now, updated_at=now, status=status)
    return Event(str(ref), f"e-{status}", Source.OBSERVATION, now, json.dumps(observed.to_dict()))


def process(bridge: Bridge, event: Event) -> None:
    assert bridge.inbox.put(event)
    bridge.process(event)


@pytest.fixture
def approval(bridge: Bridge) -> Event:
    """The approval of a proof, carried to its task."""
    for ref in (JOB, TASK):
        process(bridge, observation_event(bridge, ref, ReviewStatus.IN_REVIEW))
        bridge.items.link("PB1", ref)
    bridge.clock.advance(minutes=1)
    bridge.process(Event(str(JOB), "link-PB1", Source.LINK, bridge.clock.now()))
    event = observation_event(bridge, JOB, ReviewStatus.APPROVED)
    process(bridge, event)
    assert len(bridge.actions(Vendor.GOODDAY)) == 1
    return event


@pytest.mark.parametrize("later", [timedelta(hours=76), timedelta(days=14)], ids=str)
def test_duplicate_is_known_when_it_comes_late(bridge: Bridge, approval: Event, later: timedelta) -> None:
    again = dataclasses.replace(approval, received_at=approval.received_at + later)

    assert bridge.inbox.put(again) is False


def test_duplicate_changes_nothing_when_the_inbox_has_forgotten_it(bridge: Bridge, approval: Event) -> None:
    bridge.cloud.dynamodb.delete_item(
        TableName="inbox", Key={"item": {"S": approval.item}, "event": {"S": approval.id}}
    )

    process(bridge, dataclasses.replace(approval, received_at=approval.received_at + timedelta(days=31)))

    assert bridge.actions(Vendor.GOODDAY) == []


def test_keys_outlive_the_longest_dead_letter_when_they_are_kept() -> None:
    assert timedelta(days=14) < RETENTION


def test_entry_of_the_inbox_outlives_the_ledgers_keys(bridge: Bridge, approval: Event) -> None:
    assert isinstance(bridge.inbox, Inbox)
    kept = bridge.cloud.dynamodb.get_item(
        TableName="inbox", Key={"item": {"S": approval.item}, "event": {"S": approval.id}}
    )["Item"]

    assert int(kept["expires_at"]["N"]) > (approval.received_at + RETENTION).timestamp()
