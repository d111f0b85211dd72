"""One local AWS with the fixture template for all tests here; tests tell their items apart by names."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws

FIXTURE = Path(__file__).with_name("fixture") / "template.yaml"


@pytest.fixture(scope="session")
def aws() -> Iterator[LocalAws]:
    with LocalAws(template=FIXTURE, simulators=False) as running:
        yield running


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return uuid.uuid4().hex


@pytest.fixture
def notes(aws: LocalAws) -> Callable[[str], list[Any]]:
    """What the fixture's functions wrote down under a name, in order of time."""
    dynamodb = aws.client("dynamodb")

    def read(pk: str) -> list[Any]:
        answer = dynamodb.query(
            TableName=aws.outputs["TableName"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )
        return [json.loads(item["text"]["S"]) for item in answer["Items"]]

    return read


@pytest.fixture
def send(aws: LocalAws) -> Callable[..., None]:
    """Send an order to the worker's queue."""
    sqs = aws.client("sqs")

    def send_order(order: dict[str, Any], **options: Any) -> None:
        sqs.send_message(QueueUrl=aws.outputs["JobsUrl"], MessageBody=json.dumps(order), **options)

    return send_order
