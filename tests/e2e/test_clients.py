"""Ordinary clients work against local AWS: the aws command line and curl."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from local.demo.artwork import label
from local.demo.world import World
from tests.signals import signed_headers

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "events"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
    "PATH": f"{ROOT / '.venv/bin'}:/usr/local/bin:/usr/bin:/bin",
}
FUNCTIONS = {
    "receive_good2go": "ReceiveGood2GoFunction",
    "receive_approval_studio": "ReceiveApprovalStudioFunction",
    "receive_signal": "ReceiveSignalFunction",
    "process_event": "ProcessEventFunction",
    "perform_action": "PerformActionFunction",
    "relay_upload": "RelayUploadFunction",
    "sync_vendor": "SyncVendorFunction",
    "send_reminders": "SendRemindersFunction",
    "sweep": "SweepFunction",
}
AUTHENTICITY = {"authorization", "api-secret", "webhook-id", "webhook-timestamp", "webhook-signature"}


def run(*command: str | Path) -> str:
    """Run a command as its user would; return what it prints."""
    done = subprocess.run(  # noqa: S603 - a fixed command
        command, env=CREDENTIALS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_file_is_relayed_when_the_aws_command_copies_it(world: World, tmp_path: Path) -> None:
    file = tmp_path / "a+b (1) ü%20.pdf"
    file.write_bytes(label(1))

    run("aws", "s3", "cp", file, f"s3://{world.bucket}/drop/labels/", "--endpoint-url", world.aws.aws)
    world.settle()

    assert [job["name"] for job in world.jobs()] == [file.name]


@pytest.mark.parametrize(
    ("event", "item"),
    [
        ("receive_good2go", "good2go#job#0f6d3c1a-5b7e-4c2f-9d1e-2a3b4c5d6e7f"),
        ("receive_approval_studio", "approval-studio#asset#2F9D61C8B3E04A5CA7D0E94B186F5327"),
        ("receive_signal", "goodday#task#TSK0001"),
    ],
)
def test_webhook_is_answered_and_processed_when_curl_sends_it(event: str, item: str, world: World) -> None:
    sent = json.loads((EVENTS / f"{event}.json").read_text())
    body: str = sent["body"]
    # A signature is good for five minutes only, so the one in the file is stale.
    fresh = {**sent["headers"], **(signed_headers(body.encode()) if event == "receive_signal" else {})}

    def post(headers: dict[str, str]) -> str:
        code = ["-s", "-o", "/dev/null", "-w", "%{http_code}"]
        given = [
            part
            for name, value in headers.items()
            if name in AUTHENTICITY
            for part in ("-H", f"{name}: {value}")
        ]
        return run("curl", *code, *given, "-d", body, world.aws.http_api + sent["rawPath"])

    assert (post({}), post(fresh), post(fresh)) == ("401", "200", "200")
    world.settle()

    stored = world.aws.client("dynamodb").query(
        TableName=world.aws.outputs["InboxTableName"],
        KeyConditionExpression="#item = :item",
        FilterExpression="#source IN (:webhook, :notice)",
        ExpressionAttributeNames={"#item": "item", "#source": "source"},
        ExpressionAttributeValues={
            ":item": {"S": item},
            ":webhook": {"S": "webhook"},
            ":notice": {"S": "notice"},
        },
    )["Items"]
    assert [entry["state"]["S"] for entry in stored] == ["processed"]


def test_events_folder_has_one_event_per_function() -> None:
    assert {path.stem for path in EVENTS.glob("*.json")} == set(FUNCTIONS)


@pytest.mark.parametrize("event", sorted(FUNCTIONS))
def test_function_succeeds_when_the_aws_command_invokes_it_with_its_event(
    event: str, world: World, tmp_path: Path
) -> None:
    answer, payload = tmp_path / "answer.json", tmp_path / "event.json"
    payload.write_text((EVENTS / f"{event}.json").read_text().replace("drop-bucket", world.bucket))

    told = run(
        *("aws", "lambda", "invoke", "--endpoint-url", world.aws.lambda_api),
        *("--function-name", FUNCTIONS[event]),
        *("--payload", f"file://{payload}", answer),
    )
    world.settle()

    assert "FunctionError" not in json.loads(told), answer.read_text()
    assert not json.loads(answer.read_text()).get("batchItemFailures")
