"""The proofbridge command against local AWS, as its user runs it: stories, replays, registrations."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from local.demo.artwork import label
from local.demo.world import World
from proofbridge.domain.items import Vendor

ROOT = Path(__file__).parents[2]
CUSTOMER = "customer@brand.test"
HTTP_API_PORT = 3000


@pytest.fixture(scope="module")
def job(world: World) -> str:
    """A proof under review; returns the job's GUID."""
    world.drop("drop/labels/summer-ale.pdf", label(1))
    (job,) = world.jobs()
    guid: str = job["guid"]
    return guid


def run(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    offset = int(world.aws.http_api.rpartition(":")[2]) - HTTP_API_PORT
    return subprocess.run(  # noqa: S603 - our own command
        [ROOT / ".venv/bin/proofbridge", *arguments, "--local", "--port-offset", str(offset)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "100"},
    )


def read(world: World, *arguments: str) -> Any:
    """Run a command that must succeed; returns its JSON."""
    ran = run(world, *arguments, "--json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def order(url: str, **details: Any) -> None:
    requests.post(url, json=details, timeout=30).raise_for_status()


def newest(world: World, *options: str) -> Any:
    (event,) = read(world, "events", "list", "--limit", "1", *options)["events"]
    return event


def task_status(world: World) -> str:
    (task,) = world.tasks()
    name: str = task["status"]["name"]
    return name


def queued(world: World) -> int:
    """How many messages there are in all queues, also those at work or kept back."""
    sqs = world.aws.client("sqs")
    counts = (
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    )
    return sum(
        int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"][count])
        for url in sqs.list_queues()["QueueUrls"]
        for count in counts
    )


def test_whole_story_of_a_webhook_is_shown_when_the_customer_has_decided(world: World, job: str) -> None:
    world.act("good2go", "request-changes", job=job, by=CUSTOMER, comment="Less sun.")
    event = newest(world, "--item", f"good2go#job#{job}", "--vendor", "good2go")
    assert event["source"] == "observation"

    story = read(world, "events", "show", event["id"])
    screen = run(world, "events", "show", event["id"]).stdout

    assert story["event"]["source"] == "webhook"
    assert story["event"]["body"]["job"]["guid"] == job
    (observed,) = story["observations"]
    assert observed["key"] == event["key"]
    assert ("status", "changes_requested") in {(each["kind"], each["after"]) for each in observed["changes"]}
    assert {(action["name"], action["outcome"]) for action in observed["actions"]} == {
        ("goodday.set_status", "done"),
        ("goodday.reply", "done"),
    }
    for words in ("webhook", "read again at Good2Go", "changes requested", "Less sun.", "done"):
        assert words in screen


@pytest.mark.soak  # tests/integration/cli/test_events_replay.py shows the same in one process
def test_parked_action_is_done_when_its_event_is_replayed(world: World, job: str) -> None:
    faults = f"{world.aws.simulator('goodday')}/_control/faults"
    order(faults, operation="update_status", fault="status", status=422)
    status = task_status(world)
    written = _status_writes(world)
    world.act("good2go", "approve", job=job, by=CUSTOMER, comment="Now it's right.")
    (action,) = read(world, "actions", "list", "--state", "parked")["actions"]
    assert task_status(world) == status != "Done"

    read(world, "events", "replay", action["event"])
    world.settle()

    assert task_status(world) == "Done"
    assert read(world, "actions", "list")["actions"] == []
    assert _status_writes(world) == written + 1


def _status_writes(world: World) -> int:
    return [effect["operation"] for effect in world.effects("goodday")].count("update_status")


@pytest.mark.soak  # tests/integration/cli/test_events_replay.py shows the same in one process
def test_nothing_is_queued_and_no_vendor_asked_when_a_replay_is_dry(world: World, job: str) -> None:
    event = newest(world, "--item", f"good2go#job#{job}")
    seen = [f"{world.aws.simulator(vendor)}/_control/requests" for vendor in ("good2go", "goodday")]
    before = [requests.get(url, timeout=30).json() for url in seen]
    ran_before = len(world.aws.invocations())

    ran = run(world, "events", "replay", event["key"], "--dry-run")
    world.settle()

    (task,) = world.tasks()
    assert f"PUT /2.0/task/{task['id']}/status" in ran.stdout
    assert '"statusId": "STDONE"' in ran.stdout
    assert queued(world) == 0
    assert len(world.aws.invocations()) == ran_before
    assert [requests.get(url, timeout=30).json() for url in seen] == before


@pytest.mark.soak  # tests/integration/cli/test_events_replay.py shows the same in one process
def test_item_is_read_again_when_a_webhook_is_replayed(world: World, job: str) -> None:
    story = read(world, "events", "show", newest(world, "--item", f"good2go#job#{job}")["key"])
    key = story["event"]["key"]

    (told,) = read(world, "events", "replay", key)["replays"]
    world.settle()

    assert told["way"] == "observe"
    (replay,) = read(world, "events", "show", key)["event"]["replays"]
    assert [(each["outcome"], each["reason"]) for each in replay["actions"]] == [("done", "nothing new")]


def test_webhook_is_registered_once_and_its_test_arrives(world: World) -> None:
    url = f"{world.aws.http_api}/webhooks/approval-studio"
    read(world, "webhooks", "remove")
    first, second = (read(world, "webhooks", "register") for _ in range(2))

    assert first["webhook"]["url"] == url
    assert (first["registered_now"], second["registered_now"]) == (True, False)
    listed = read(world, "webhooks", "list")["webhooks"]
    assert [(each["url"], each["secret_known"]) for each in listed] == [(url, True)]
    read(world, "webhooks", "test")
    world.aws.wait_for(
        lambda: bool(read(world, "events", "list", "--vendor", Vendor.APPROVAL_STUDIO)["events"])
    )


def test_one_line_and_status_1_say_what_is_wrong_when_the_stack_is_not_there(world: World) -> None:
    ran = run(world, "events", "list", "--stack", "nobodys")

    assert (ran.returncode, ran.stdout) == (1, "")
    (line,) = ran.stderr.splitlines()
    assert line == (
        "proofbridge: there is no stack 'nobodys': CloudFormation in us-east-1 knows none of that name. "
        "Name it by --stack, and its region by AWS_REGION."
    )


# -- files


def test_dropped_files_are_followed_until_they_stand_at_the_vendor(world: World, tmp_path: Path) -> None:
    files = [tmp_path / "autumn ale (1).pdf", tmp_path / "wünter+ale.pdf"]
    for number, file in enumerate(files):
        file.write_bytes(label(number + 3))

    ran = run(world, "drop", *map(str, files), "--to", "labels", "--json")

    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)["files"]
    assert [(each["arrived"], each["vendors"]) for each in told] == [(True, {"good2go": "relayed"})] * 2
    assert {file.name for file in files} <= {job["name"] for job in world.jobs()}
    (shown,) = (
        each
        for each in read(world, "uploads", "show", f"labels/{files[0].name}")["uploads"]
        if each["step"] == "sending"
    )
    assert (shown["state"], shown["percent"], shown["bytes"]) == ("done", 100, files[0].stat().st_size)


def test_command_says_what_to_do_when_a_file_is_refused_or_can_not_be_dropped(
    world: World, tmp_path: Path
) -> None:
    file, empty = tmp_path / "a+b (1) ü%20.pdf", tmp_path / "empty.pdf"
    file.write_bytes(b"%PDF")
    empty.touch()

    ran = run(world, "drop", str(file), str(empty), "--to", "nowhere")

    assert ran.returncode == 1
    refused, not_dropped = ran.stderr.splitlines()
    assert refused.startswith(f"proofbridge: {file}: refused: it lies under no destination; ")
    assert refused.endswith(f"See: proofbridge uploads show 'nowhere/{file.name}'")
    assert not_dropped == f"proofbridge: {empty} was not dropped: it is empty. Drop it once it is whole."
    listed = read(world, "uploads", "list", "--state", "parked")["uploads"]
    assert [(each["file"], each["step"]) for each in listed] == [(f"drop/nowhere/{file.name}", "taking in")]
    retried = read(world, "uploads", "retry", f"nowhere/{file.name}")
    assert retried == {"retried": [listed[0]["key"]], "refused": []}
