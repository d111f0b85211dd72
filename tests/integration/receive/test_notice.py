"""From a signal to the vendor's queue."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import boto3
import pytest

from proofbridge.config.authority import Authority
from proofbridge.decisions.conflicts import ConflictResolver
from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.events.process import Processor
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.event_bus import EventBus
from proofbridge.stores.inbox import Inbox, event_from_stream
from proofbridge.stores.items import Items
from proofbridge.stores.queues import ActionQueues
from proofbridge.vendors.catalogue import ActionName
from tests.integration.receive.deployed import TABLE, Deployed
from tests.unit.receive.webhooks import authentic

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("vendor", "kind"), [(Vendor.GOODDAY, ItemKind.TASK), (Vendor.ROBOHEAD, ItemKind.REVIEW)]
)
def test_item_is_to_be_observed_at_its_vendor_when_a_signal_names_it(
    vendor: Vendor, kind: ItemKind, receivers: Deployed
) -> None:
    body = json.dumps({"vendor": vendor, "kind": kind, "id": "X1"}).encode()
    receivers.send("signal", authentic("signal", body))
    (stored,) = receivers.stored()
    sqs = boto3.client("sqs", region_name="us-east-1")
    queue = sqs.create_queue(QueueName="actions")["QueueUrl"]
    dynamodb = boto3.client("dynamodb", region_name="us-east-1")
    processor = Processor(
        inbox=Inbox(dynamodb, TABLE),
        items=Items(dynamodb, "state"),
        words=LatestDecisions(dynamodb, "state"),
        queues=ActionQueues(sqs, {vendor: queue}),
        bus=EventBus(boto3.client("events", region_name="us-east-1"), "bus"),
        court=ConflictResolver((), Authority()),
        readers={},
        now=lambda: NOW,
    )

    processor.process(event_from_stream(stored))

    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    action = Action.from_message(message["Body"])
    assert (action.name, action.target) == (ActionName.OBSERVE, ItemRef(vendor, kind, "X1"))
    assert action.cause.event == f"{action.target}#local:msg_1"
    (entry,) = receivers.stored()
    assert entry["state"] == {"S": "processed"}
    assert entry["actions"] == {"L": [{"S": action.key}]}
