"""Queues: the actions that wait for their vendor, and the files that wait to be relayed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from proofbridge.domain.actions import Action
from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import Vendor
from proofbridge.domain.waiting import Waited

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


class UploadQueues:
    """The queue of dropped files as S3 tells of them, and one queue per vendor of files on their way to it.

    S3's events come without a history; a file that waits carries its own.
    """

    def __init__(self, client: SQSClient, drops_url: str, urls: Mapping[Vendor, str]) -> None:
        self._client = client
        self._drops_url = drops_url
        self._urls = urls

    def send(self, delivery: UploadMessage, *, delay_seconds: int = 0) -> None:
        """Queue a file for its vendor. One call."""
        self._client.send_message(
            QueueUrl=self._urls[delivery.vendor],
            MessageBody=delivery.to_message(),
            DelaySeconds=delay_seconds,
        )

    def look_again(self, event: Mapping[str, Any], waited: Waited, *, delay_seconds: int) -> None:
        """Queue a copy of S3's event. One call."""
        self._client.send_message(
            QueueUrl=self._drops_url,
            MessageBody=json.dumps({**event, "waited": waited.to_dict()}),
            DelaySeconds=delay_seconds,
        )


def waited_of(event: Mapping[str, Any]) -> Waited:
    """Read from a file's event how long it has waited."""
    waited = event.get("waited")
    return Waited() if waited is None else Waited.from_dict(waited)
