"""What happens to a proof: the customer decides, and Good2Go's webhook reaches the Inbox."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from botocore.client import BaseClient

from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.stores.inbox import Event, Source
from tests.integration.bridge import CUSTOMER, Bridge

_NUMBERS = itertools.count(1)


def decide(live: Bridge, what: str, comment: str = "Lovely. Print it!") -> Event:
    """Have the customer decide; the webhook is put into the Inbox as the receiver does. Nothing runs yet."""
    guid = live.good2go.job()["guid"]
    live.good2go.act(what, job=guid, by=CUSTOMER, comment=comment)
    body = live.good2go.webhooks()[-1]["body"]
    event_id = hashlib.sha256(f"{next(_NUMBERS)} {body}".encode()).hexdigest()[:32]
    item = str(ItemRef(Vendor.GOOD2GO, ItemKind.JOB, guid))
    event = Event(item, event_id, Source.WEBHOOK, live.clock.now(), body)
    assert live.inbox.put(event)
    return event


def decided(live: Bridge, what: str = "approve", comment: str = "Lovely. Print it!") -> Event:
    """Have the customer decide on a new proof, with all that follows; returns the webhook."""
    live.start_proof()
    event = decide(live, what, comment)
    live.settle()
    return event


def observation_of(live: Bridge, event: Event) -> Event:
    """Return the observation that an event led to."""
    (found,) = [
        image for image in live.cloud.records("inbox") if image.get("cause", {}).get("S") == event.key
    ]
    return Event(event.item, found["event"]["S"], Source.OBSERVATION, event.received_at)


def parked(live: Bridge) -> Event:
    """Have GoodDay refuse what follows from an approval; returns the observation whose action is parked."""
    live.start_proof()
    live.goodday.fault("update_status", "status", status=422)
    event = decide(live, "approve")
    live.settle()
    return observation_of(live, event)


def everything(live: Bridge) -> list[Any]:
    """Return all that is stored, all that took effect, and all that was asked of the vendors."""
    return [
        *(sorted(live.cloud.records(table), key=str) for table in ("inbox", "state")),
        *(site.effects() for site in (live.good2go, live.goodday)),
        *(site.requests() for site in (live.good2go, live.goodday)),
    ]


@contextmanager
def aws_calls() -> Iterator[list[str]]:
    """Give the names of the AWS operations that are called meanwhile, by any client."""
    called: list[str] = []
    make = BaseClient._make_api_call  # type: ignore[attr-defined] # where every call passes

    def note(self: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        called.append(operation)
        return make(self, operation, parameters)

    with mock.patch.object(BaseClient, "_make_api_call", note):
        yield called
