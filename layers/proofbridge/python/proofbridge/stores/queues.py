"""Queues: the actions that wait for their vendor, and the files that wait to be relayed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from proofbridge.actions import Action
from proofbridge.items import Vendor

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_DELAY_SECONDS: Final = 900
"""SQS keeps no message back for longer."""


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
            DelaySeconds=min(delay_seconds, MAX_DELAY_SECONDS),
        )
