"""A stack of the name `proofbridge` whose outputs name the tables and queues of the cloud in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.loaders import create_loader

from proofbridge.config.loader import load_config
from proofbridge_cli.stack import LOGICAL_IDS
from tests.integration.bridge import Bridge
from tests.integration.cloud import BUCKET, QUEUES, REGION, UPLOAD_QUEUES, UPLOADS, Cloud

HTTP_API = "https://api.example.test"
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session", autouse=True)
def service_models_read_once() -> Iterator[None]:
    """Let botocore read its descriptions of AWS once: each command has a session of its own."""
    loader = create_loader()
    with mock.patch("botocore.session.create_loader", return_value=loader):
        yield


@pytest.fixture
def parameters() -> dict[str, str]:
    """The parameters with which the stack was deployed."""
    return {"Stage": "test"}


@pytest.fixture
def stack(cloud: Cloud, parameters: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Deploy it; returns its name. The commands run in the repository, for its samconfig.toml and config/."""
    outputs = {
        "HttpApiUrl": HTTP_API,
        "InboxTableName": "inbox",
        "StateTableName": "state",
        "DropBucketName": BUCKET,
    }
    for vendor, queue in QUEUES.items():
        name = f"{LOGICAL_IDS[vendor]}ActionsQueueUrl"
        outputs[name] = cloud.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    for vendor, queue in UPLOAD_QUEUES.items():
        outputs[f"{LOGICAL_IDS[vendor]}UploadsQueueUrl"] = cloud.queue_urls[queue]
    outputs["UploadsQueueUrl"] = cloud.queue_urls[UPLOADS]
    template = {
        "Parameters": {name: {"Type": "String"} for name in parameters},
        "Resources": {"Anything": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    cloudformation = boto3.client("cloudformation", region_name=REGION)
    cloudformation.create_stack(
        StackName="proofbridge",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )
    cloudformation.close()
    monkeypatch.chdir(ROOT)
    return "proofbridge"


@pytest.fixture
def live(bridge: Bridge, stack: str, monkeypatch: pytest.MonkeyPatch) -> Bridge:
    """Everything together with the repository's own routes, and the stack that the commands find."""
    assert stack
    bridge.config = load_config(ROOT / "config")

    def new_session(**settings: Any) -> boto3.Session:
        """Make a session as a command does; what it queues is seen like what anybody else queues."""
        session = session_type(**settings)
        session.events.register("before-parameter-build.sqs.SendMessage", note)
        return session

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        bridge.cloud.called(params, model)

    session_type = boto3.Session
    monkeypatch.setattr(boto3, "Session", new_session)
    return bridge
