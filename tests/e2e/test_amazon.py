"""E-mail and the bus through local AWS: the configured sender is verified, and the role suffices."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.aws import LocalAws
from proofbridge.domain.actions import Action
from proofbridge.domain.items import Vendor
from proofbridge.vendors.catalogue import ActionName
from tests.e2e.allowed_calls import allowed_calls, is_allowed, physical_names

CONFIG = Path(__file__).parents[2] / "config"
PERFORM = "PerformActionFunction"
EMAIL = {"to": ["boss@studio.test"], "subject": "Ale", "message": "Approved."}
EVENT = {"type": "studio.proof.approved", "data": {"name": "ale"}}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    config = tmp_path_factory.mktemp("config")
    for path in CONFIG.glob("*.toml"):
        shutil.copy(path, config)
    with (config / "vendors.toml").open("a", encoding="utf-8") as vendors:
        vendors.write('\n[email]\nsender = "proofs@studio.test"\n')
    with LocalAws(config=config, simulators=False, concurrency=1) as aws:
        yield aws


def test_email_and_event_go_out_when_their_actions_are_queued(aws: LocalAws) -> None:
    sqs, events = aws.client("sqs"), aws.client("events")
    heard = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=heard, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = aws.outputs["ChangesBusName"]
    pattern = json.dumps({"detail-type": [EVENT["type"]]})
    events.put_rule(Name="own", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="own", EventBusName=bus, Targets=[{"Id": "heard", "Arn": arn}])

    queue = physical_names(aws.client("cloudformation"))["AwsActionsQueue"]
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    for name, params in ((ActionName.EMAIL_SEND, EMAIL), (ActionName.BUS_PUBLISH, EVENT)):
        action = Action(f"k-{name}", name, Vendor.AWS, dict(params))
        for _ in range(2):
            sqs.send_message(QueueUrl=url, MessageBody=action.to_message())
    aws.wait_idle()

    assert aws.client("ses").get_send_quota()["SentLast24Hours"] == 1
    (message,) = sqs.receive_message(QueueUrl=heard, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(message["Body"])["detail"]["data"] == {"name": "ale"}
    assert [each for each in aws.invocations() if each["error"]] == []


def test_role_allows_every_call_that_amazons_actions_make(aws: LocalAws) -> None:
    allowed = allowed_calls(PERFORM, physical_names(aws.client("cloudformation")))
    made = {
        (
            call["action"],
            call["resource"].rpartition("/")[2] if "://" in call["resource"] else call["resource"],
        )
        for call in aws.aws_calls()
        if call["function"] == PERFORM
    }
    assert ("ses:SendEmail", "proofs@studio.test") in made
    assert {call for call in made if not is_allowed(call, allowed)} == set()
