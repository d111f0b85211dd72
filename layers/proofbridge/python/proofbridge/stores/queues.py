"""Queues: the actions that wait for their vendor, and the files that wait to be relayed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from proofbridge.actions import Action
from proofbridge.items import Vendor, moment_text, parse_moment
from proofbridge.waiting import Waited

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class ActionQueues:
    """One queue per vendor, so that vendors can't hurt each other."""

    def __init__(self, client: SQSClient, urls: Mapping[Vendor, str]) -> None:
        self._client = client
        self._urls = urls

    def send(self, action: Action, *, delay_seconds: int = 0) -> None:
        """Queue an action for its vendor. One call."""
        self._client.send_message(
            QueueUrl=self._urls[action.vendor],
            MessageBody=action.to_message(),
            DelaySeconds=delay_seconds,
        )


class UploadQueue:
    """The queue of dropped files. S3's events come without a history; a file that waits carries its own."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def defer(self, event: Mapping[str, Any], waited: Waited, *, delay_seconds: int) -> None:
        """Queue a delayed copy of a file's event. One call."""
        since = "" if waited.since is None else moment_text(waited.since)
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=json.dumps({**event, "waited": {"times": waited.times, "since": since}}),
            DelaySeconds=delay_seconds,
        )


def waited_of(event: Mapping[str, Any]) -> Waited:
    """Read from a file's event how long it has waited."""
    waited = event.get("waited")
    return Waited() if waited is None else Waited(waited["times"], parse_moment(waited["since"]))
