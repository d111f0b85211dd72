"""The receivers' real handlers, imported as Lambda does, with every request to AWS counted."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from unittest import mock

from proofbridge.stores import receiving
from tests.infra.stack_template import resources

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "inbox"
_MADE_WITH = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
SECRETS = {
    "good2go": {"token": "t", "webhooks": [{"username": "good2go", "password": "local-webhook-password"}]},
    "approval_studio": {"webhook_secrets": ["früher", "local-studio-webhook-secret"]},
    "signal": {"local": ["whsec_bG9jYWwtc2lnbmFsLXNlY3JldC1rZXktMzJieXRlcw=="]},
}


class Deployed:
    """The handlers, each started when its first webhook comes, and what they asked of AWS so far."""

    def __init__(self, dynamodb: DynamoDBClient, requests: list[str]) -> None:
        self._handlers: dict[str, Any] = {}
        self._dynamodb = dynamodb
        self.requests = requests

    def send(self, sender: str, event: Any) -> int:
        """Invoke the receiver; return the status that the sender sees."""
        if sender not in self._handlers:
            with mock.patch.dict(os.environ, {"SECRET_ID": sender}):
                self._handlers[sender] = importlib.import_module(f"receive_{sender}.handler")
        answer = self._handlers[sender].lambda_handler(event, None)
        assert set(answer) == {"statusCode", "headers", "body"}
        assert set(json.loads(answer["body"])) == {"message"}
        return int(answer["statusCode"])

    def close(self) -> None:
        """Close the connections, and forget the handlers."""
        for sender, handler in self._handlers.items():
            handler._inbox._client.close()
            if handler._secrets._client is not None:
                handler._secrets._client.close()
            del sys.modules[f"receive_{sender}.handler"]

    def counted(self, sender: str, event: Any) -> tuple[int, list[str]]:
        """Invoke the receiver; return the status, and the requests that it sent to AWS meanwhile."""
        before = len(self.requests)
        return self.send(sender, event), self.requests[before:]

    def stored(self) -> list[dict[str, Any]]:
        """Return all entries of the Inbox, as DynamoDB JSON."""
        return [
            entry
            for page in self._dynamodb.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
            for entry in page["Items"]
        ]


def make_aws(dynamodb: DynamoDBClient, secretsmanager: Any) -> None:
    """Create the Inbox as the template says, and the receivers' secrets."""
    properties = resources()["InboxTable"]["Properties"]
    dynamodb.create_table(
        TableName=TABLE, **{key: properties[key] for key in _MADE_WITH if key in properties}
    )
    for sender, value in SECRETS.items():
        secretsmanager.create_secret(Name=sender, SecretString=json.dumps(value))


@contextlib.contextmanager
def deployed(dynamodb: DynamoDBClient, **variables: str) -> Iterator[Deployed]:
    """Have the receivers start afresh, with more variables in their environment."""
    requests: list[str] = []

    def note(**sent: Any) -> None:
        requests.append(sent["operation_name"])

    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "INBOX_TABLE": TABLE,
        "SECRET_CACHE_SECONDS": "300",
        **variables,
    }
    receiving._session.cache_clear()
    # Sent for every attempt, so a repetition by botocore counts as well.
    receiving._session().register("request-created", note)
    receivers = Deployed(dynamodb, requests)
    try:
        with mock.patch.dict(os.environ, environment):
            yield receivers
    finally:
        receivers.close()
        receiving._session.cache_clear()
