"""The EventBridge bus on which changes are published."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from proofbridge.stores.errors import NotPublishedError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

ENTRIES_PER_CALL: Final = 10


class EventBus:
    """Publishes CloudEvents: each is the detail of an EventBridge event whose detail-type is its type."""

    def __init__(self, client: EventBridgeClient, name: str) -> None:
        self._client = client
        self._name = name

    def publish(self, events: Iterable[dict[str, Any]]) -> None:
        """Publish the events, ten a call; NotPublishedError where some were not taken."""
        waiting = iter(events)
        while batch := list(itertools.islice(waiting, ENTRIES_PER_CALL)):
            answer = self._client.put_events(
                Entries=[
                    {
                        "EventBusName": self._name,
                        "Source": "proofbridge",
                        "DetailType": event["type"],
                        "Detail": json.dumps(event),
                    }
                    for event in batch
                ]
            )
            if answer["FailedEntryCount"]:
                codes = {entry.get("ErrorCode") for entry in answer["Entries"]} - {None}
                raise NotPublishedError(f"{answer['FailedEntryCount']} events: {sorted(map(str, codes))}")
