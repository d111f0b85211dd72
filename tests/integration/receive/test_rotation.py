"""Secrets are lists, so that they can be changed without a gap; a wrong one lets nobody in."""

from __future__ import annotations

import base64
import json
from typing import Any

import boto3
import pytest

from tests.integration.receive.deployed import Deployed
from tests.signals import LOCAL_KEY, signed_headers
from tests.unit.receive.webhooks import SENDERS, authentic

PREVIOUS = "the previous one, of 32 bytes..."
PREVIOUS_KEY = "whsec_" + base64.b64encode(PREVIOUS.encode()).decode()
BOTH = {
    "good2go": {
        "webhooks": [
            {"username": "good2go", "password": "local-webhook-password"},
            {"username": "good2go", "password": PREVIOUS},
        ]
    },
    "approval_studio": {"webhook_secrets": ["local-studio-webhook-secret", PREVIOUS]},
    "signal": {"local": [LOCAL_KEY, PREVIOUS_KEY]},
}
WRONG = {
    "good2go": [
        {},
        {"webhooks": []},
        {"webhooks": {"username": "good2go", "password": "x"}},
        {"webhooks": [{"username": "good2go"}]},
        {"webhooks": [{"username": "", "password": ""}]},
    ],
    "approval_studio": [
        {},
        {"webhook_secrets": []},
        {"webhook_secrets": ""},
        {"webhook_secrets": [""]},
        {"webhook_secrets": [7]},
        {"webhook_secrets": {"local-studio-webhook-secret": 1}},
    ],
    "signal": [
        {"local": "whsec_"},
        {"local": ["whsec_"]},
        {"local": [LOCAL_KEY, "whsec_c2hvcnQ="]},
        {"local": ["whsec_not base64"]},
        {"local": [7]},
        {"local": 7},
        {"local": None},
    ],
}


def put(sender: str, value: Any) -> None:
    client = boto3.client("secretsmanager", region_name="us-east-1")
    client.put_secret_value(SecretId=sender, SecretString=json.dumps(value))


def with_previous(sender: str) -> dict[str, Any]:
    """A webhook of a sender who still uses the previous secret."""
    event = authentic(sender)
    body = base64.b64decode(event["body"])
    token = base64.b64encode(f"good2go:{PREVIOUS}".encode()).decode()
    headers = {
        "good2go": {"authorization": f"Basic {token}"},
        "approval_studio": {"api-secret": PREVIOUS},
        "signal": signed_headers(body, key=PREVIOUS_KEY),
    }
    return {**event, "headers": {**event["headers"], **headers[sender]}}


@pytest.mark.parametrize("sender", SENDERS)
def test_webhook_is_taken_by_the_current_and_the_previous_secret(sender: str, receivers: Deployed) -> None:
    put(sender, BOTH[sender])

    assert [receivers.send(sender, event) for event in (authentic(sender), with_previous(sender))] == [
        200
    ] * 2


@pytest.mark.parametrize("sender", SENDERS)
def test_webhook_is_refused_when_its_secret_is_off_the_list(sender: str, receivers: Deployed) -> None:
    assert receivers.send(sender, with_previous(sender)) == 401
    assert receivers.stored() == []


@pytest.mark.parametrize(
    ("sender", "value"), [(sender, value) for sender in SENDERS for value in WRONG[sender]]
)
def test_nobody_is_let_in_when_the_secret_is_wrong(sender: str, value: Any, receivers: Deployed) -> None:
    put(sender, value)

    assert receivers.counted(sender, authentic(sender)) == (503, ["GetSecretValue"])
    assert receivers.counted(sender, {**authentic(sender), "headers": {}})[0] == 503
    assert receivers.stored() == []


def test_signal_is_refused_when_no_source_is_known_yet(receivers: Deployed) -> None:
    put("signal", {})

    assert receivers.send("signal", authentic("signal")) == 401
