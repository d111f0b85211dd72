"""What a webhook costs at AWS, counted on botocore's requests."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from proofbridge.webhooks.receive import MAX_BODY_BYTES
from tests.integration.receive.deployed import Deployed
from tests.unit.receive.webhooks import SENDERS, api_event, authentic


@pytest.mark.parametrize("sender", SENDERS)
def test_secret_is_read_once_and_then_remembered(sender: str, receivers: Deployed) -> None:
    assert receivers.counted(sender, authentic(sender)) == (200, ["GetSecretValue", "PutItem"])
    assert receivers.counted(sender, authentic(sender)) == (200, ["PutItem"])


@pytest.mark.parametrize("sender", SENDERS)
def test_webhook_takes_one_request_when_it_is_new_and_when_it_is_known(
    sender: str, receivers: Deployed
) -> None:
    receivers.send(sender, authentic(sender, b"{}"))
    before = len(receivers.stored())

    assert receivers.counted(sender, authentic(sender)) == (200, ["PutItem"])
    assert receivers.counted(sender, authentic(sender)) == (200, ["PutItem"])

    assert len(receivers.stored()) - before == 1


@pytest.mark.parametrize("sender", SENDERS)
def test_webhook_takes_no_request_when_it_is_refused(sender: str, receivers: Deployed) -> None:
    receivers.send(sender, authentic(sender))
    before = receivers.stored()
    good = authentic(sender)
    too_large = authentic(sender, b" " * (MAX_BODY_BYTES + 1))

    refusals = [
        receivers.counted(sender, event)
        for event in ({**good, "headers": {}}, {**good, "body": "a*b"}, too_large, {})
    ]

    assert refusals == [(401, []), (400, []), (413, []), (401, [])]
    assert receivers.stored() == before


def test_stale_signal_is_refused_when_the_one_of_the_events_folder_comes(receivers: Deployed) -> None:
    assert receivers.send("signal", api_event("signal")) == 401
    assert receivers.stored() == []


def test_not_understood_event_is_in_the_inbox_with_its_reason(
    receivers: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    body = json.dumps({"EventType": "asset.uploaded", "EventId": "e1", "Data": {}}).encode()

    assert receivers.send("approval_studio", authentic("approval_studio", body)) == 200

    (entry,) = receivers.stored()
    assert entry["item"] == {"S": "approval-studio#unknown"}
    assert entry["state"] == {"S": "quarantined"}
    assert entry["reason"] == {"S": "asset.uploaded without AssetUID in its Data"}
    assert entry["body"] == {"S": body.decode()}
    assert '"EventsQuarantined": 1' in capsys.readouterr().out


def test_one_event_is_stored_when_a_hundred_copies_come_at_once(receivers: Deployed) -> None:
    event = authentic("good2go")
    receivers.send("good2go", authentic("good2go", b"{}"))

    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda _: receivers.send("good2go", event), range(100)))

    assert statuses == [200] * 100
    assert sum(entry["state"] == {"S": "received"} for entry in receivers.stored()) == 1
