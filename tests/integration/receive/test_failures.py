"""AWS fails: the sender is told to try again, soon enough, and a later try is stored once."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from typing import Any, get_args

import boto3
import pytest
from botocore.loaders import Loader

from proofbridge.stores import receiving
from tests.integration.receive.deployed import Deployed, deployed, make_aws
from tests.integration.receive.failing_aws import FailingAws, Fault
from tests.unit.receive.webhooks import PASSWORD, SENDERS, authentic

SECRET_FAULTS: tuple[Fault, ...] = get_args(Fault)
# A put that DynamoDB answered with 200 was done, whatever came after the status.
PUT_FAULTS = tuple(fault for fault in SECRET_FAULTS if fault != "truncate")
WORST_SECONDS = 3.0
GUARD_SECONDS = 20.0


@pytest.fixture(scope="module")
def aws() -> Iterator[FailingAws]:
    server = FailingAws()
    yield server
    server.close()


@pytest.fixture(scope="module")
def clients(aws: FailingAws) -> Iterator[dict[str, Any]]:
    """Clients of our own, made before anything fails."""
    session: Any = boto3.Session("test", "test", region_name="us-east-1")
    made = {name: session.client(name, endpoint_url=aws.url) for name in ("dynamodb", "secretsmanager")}
    make_aws(made["dynamodb"], made["secretsmanager"])
    yield made
    for client in made.values():
        client.close()


@pytest.fixture
def receivers(aws: FailingAws, clients: dict[str, Any]) -> Iterator[Deployed]:
    """The receivers, with no secret read yet."""
    with deployed(clients["dynamodb"], AWS_ENDPOINT_URL=aws.url) as running:
        yield running
        aws.recover()


def about(guid: str) -> dict[str, Any]:
    """A webhook about a job that no other test has."""
    return authentic("good2go", json.dumps({"job": {"guid": guid, "name": "Lovely.pdf"}}).encode())


def copies(receivers: Deployed, guid: str) -> int:
    return sum(entry["item"] == {"S": f"good2go#job#{guid}"} for entry in receivers.stored())


@pytest.mark.parametrize("fault", PUT_FAULTS)
def test_event_is_stored_once_when_the_put_fails_and_the_sender_tries_again(
    fault: Fault, aws: FailingAws, receivers: Deployed
) -> None:
    event = about(f"put-{fault}")
    receivers.send("good2go", about("first"))

    aws.fail("PutItem", fault)
    began = time.monotonic()
    status, requests = receivers.counted("good2go", event)

    assert status == 503
    assert set(requests) == {"PutItem"}
    assert time.monotonic() - began < GUARD_SECONDS
    aws.recover()
    assert copies(receivers, f"put-{fault}") == (1 if fault == "act_then_drop" else 0)
    assert receivers.counted("good2go", event) == (200, ["PutItem"])
    assert copies(receivers, f"put-{fault}") == 1


@pytest.mark.parametrize("fault", ["hang", "drop", "act_then_drop", "throttle", "error"])
def test_event_is_taken_at_the_second_attempt_when_the_first_fails(
    fault: Fault, aws: FailingAws, receivers: Deployed
) -> None:
    receivers.send("good2go", about("first"))

    aws.fail("PutItem", fault, times=1)

    assert receivers.counted("good2go", about(f"again-{fault}")) == (200, ["PutItem", "PutItem"])
    assert copies(receivers, f"again-{fault}") == 1


@pytest.mark.parametrize("fault", SECRET_FAULTS)
def test_sender_is_to_try_again_when_the_secret_cannot_be_read(
    fault: Fault, aws: FailingAws, receivers: Deployed
) -> None:
    aws.fail("GetSecretValue", fault)
    assert receivers.counted("good2go", about(f"secret-{fault}")) == (503, ["GetSecretValue"])
    assert copies(receivers, f"secret-{fault}") == 0

    aws.recover()
    assert receivers.counted("good2go", about(f"secret-{fault}")) == (200, ["GetSecretValue", "PutItem"])


@pytest.mark.parametrize("sender", SENDERS)
def test_sender_is_to_try_again_when_nothing_listens_at_all(sender: str, clients: dict[str, Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    with deployed(clients["dynamodb"], AWS_ENDPOINT_URL=url) as receivers:
        assert receivers.counted(sender, authentic(sender)) == (503, ["GetSecretValue"])


@pytest.mark.parametrize("value", ["{}", "[]", "", '{"webhooks": []}', '{"webhooks": [{"username": "a"}]}'])
def test_sender_is_to_try_again_when_the_secret_is_not_filled_in_yet(
    value: str, receivers: Deployed, clients: dict[str, Any]
) -> None:
    before = clients["secretsmanager"].get_secret_value(SecretId="good2go")["SecretString"]
    clients["secretsmanager"].put_secret_value(SecretId="good2go", SecretString=value or " ")
    try:
        assert receivers.counted("good2go", about("unfilled")) == (503, ["GetSecretValue"])
    finally:
        clients["secretsmanager"].put_secret_value(SecretId="good2go", SecretString=before)


@pytest.mark.parametrize("fault", ["throttle", "hang", "deny"])
def test_log_tells_the_kind_of_failure_and_nothing_of_the_webhook(
    fault: Fault, aws: FailingAws, receivers: Deployed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    receivers.send("good2go", about("first"))
    caplog.clear()

    aws.fail("PutItem", fault)
    receivers.send("good2go", about("failed"))

    (record,) = caplog.records
    told = json.dumps(record.__dict__, default=str)
    assert record.message == "webhook not stored"
    assert record.__dict__["reason"]
    assert "Lovely" not in told
    assert PASSWORD not in told


def test_event_is_stored_when_only_the_end_of_dynamodbs_answer_is_lost(
    aws: FailingAws, receivers: Deployed
) -> None:
    receivers.send("good2go", about("first"))

    aws.fail("PutItem", "truncate")

    assert receivers.counted("good2go", about("cut")) == (200, ["PutItem"])
    assert copies(receivers, "cut") == 1


def test_worst_case_of_both_calls_is_within_three_seconds() -> None:
    """Each call is given up as a whole, whatever its attempts do: see the answer that drips in above."""
    assert receiving.PUT_SECONDS + receiving.READ_SECRET_SECONDS < WORST_SECONDS


def test_second_attempt_has_its_time_when_the_first_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = receiving.dynamodb()
    config: Any = client.meta.config
    client.close()
    # The legacy mode's delays are known beforehand, and no answer of the service can stretch them.
    assert config.retries == {"mode": "legacy", "total_max_attempts": 2}
    delay = Loader().load_data("_retry")["retry"]["dynamodb"]["__default__"]["delay"]

    one = config.connect_timeout + config.read_timeout

    assert one + delay["base"] + one / 2 < receiving.PUT_SECONDS
