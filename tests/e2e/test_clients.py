"""Ordinary clients work against local AWS: the aws command line and curl."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from local.demo.artwork import label
from local.demo.world import World

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
    "process_event": "ProcessEventFunction",
    "perform_action": "PerformActionFunction",
    "relay_upload": "RelayUploadFunction",
    "sync_vendor": "SyncVendorFunction",
    "send_reminders": "SendRemindersFunction",
    "sweep": "SweepFunction",
}


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


def test_webhook_is_answered_when_curl_sends_it(world: World) -> None:
    url = f"{world.aws.http_api}/webhooks/good2go"
    body = json.loads((EVENTS / "receive_good2go.json").read_text())["body"]

    def post(password: str) -> str:
        code = ["-s", "-o", "/dev/null", "-w", "%{http_code}"]
        return run("curl", *code, "-u", f"good2go:{password}", "-d", body, url)

    assert (post("local-webhook-password"), post("wrong")) == ("200", "401")


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
