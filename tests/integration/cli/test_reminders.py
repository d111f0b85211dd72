"""`proofbridge reminders`: who will be reminded, who was, and why others were not."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proofbridge.config.loader import load_config
from proofbridge.domain.items import Vendor, moment_text
from proofbridge.reminders.send import Reminding
from proofbridge_cli import reminders
from tests.integration.bridge import CUSTOMER, Bridge
from tests.integration.cli.happenings import aws_calls
from tests.integration.test_reminder_channels import other
from tests.unit.cli.commands import read, run

POLICIES = """
[[reminders]]
name = "due"
vendor = "good2go"
offsets = ["-4 h", "0"]
message = { en = "{item.name}, please" }

[[reminders.escalation]]
late = "+1 d"
to = "USRMGR"
channel = "goodday.reply"
priority = 9

[[reminders]]
name = "boxes"
vendor = "good2go"
offsets = "+2 h"
destination = "boxes"

[[reminders]]
name = "early"
vendor = "good2go"
offsets = "-1 d"
mode = "vendor"
"""


@pytest.fixture
def due(live: Bridge) -> datetime:
    """When a tracked proof is due."""
    live.start_proof()
    live.read_job()
    live.settle()
    due_at = live.stored(Vendor.GOOD2GO).observation.due_at
    assert due_at is not None
    return due_at


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "reminders.toml").write_text(POLICIES)
    return str(tmp_path)


def remind(live: Bridge, folder: str, now: datetime) -> None:
    """Run the schedule, and perform what it queues."""
    config = load_config(Path(folder))
    Reminding(config, live.items, live.slots, live.queues).run(now)
    live.settle()


def lines(entries: list[dict[str, Any]], *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(entry[key] for key in keys) for entry in entries]


def test_plan_shows_who_would_be_reminded_when_and_how(due: datetime, folder: str) -> None:
    start = due - timedelta(days=2)

    with aws_calls() as called:
        told = read("reminders", "plan", "--config", folder, "--at", moment_text(start), "--for", "7d")

    assert (told["from"], told["to"]) == (moment_text(start), moment_text(start + timedelta(days=7)))
    assert lines(told["reminders"], "at", "person", "channel", "offset", "policy", "escalation") == [
        (moment_text(due - timedelta(days=1)), None, "its vendor itself", None, "early", False),
        (moment_text(due - timedelta(hours=4)), CUSTOMER, "good2go.notify", "-4 h", "due", False),
        (moment_text(due), CUSTOMER, "good2go.notify", "0", "due", False),
        (moment_text(due + timedelta(days=1)), "USRMGR", "goodday.reply", "+1 d", "due", True),
        (moment_text(due + timedelta(days=1)), "goodday.update", "priority 9", "+1 d", "due", True),
    ]
    assert {entry["name"] for entry in told["reminders"]} == {"summer-ale.pdf"}
    assert lines(told["others"], "policy", "why") == [("boxes", "it came by labels, not by boxes")]
    assert not {"Scan", "PutItem", "SendMessage", "UpdateItem", "TransactWriteItems"} & set(called)


def test_plan_says_why_others_would_not_be_reminded(
    live: Bridge, due: datetime, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = other(live, "alone", due)
    remind(live, folder, due)
    monkeypatch.setattr(reminders, "_now", lambda: due)

    told = read("reminders", "plan", "--config", folder, "--at", moment_text(due), "--for", "3d")

    reasons = {(entry["item"], entry["offset"], entry["why"]) for entry in told["others"]}
    job = str(live.ref_at(Vendor.GOOD2GO))
    assert (job, "-4 h", "0 comes with it, and is newer") in reasons
    assert (job, "0", "it was asked for already: see proofbridge reminders history") in reasons
    assert (str(ref), None, "the item belongs to no proof, so that there is no GoodDay task") in reasons
    assert (str(ref), "+1 d", "its proof has no GoodDay task yet") in reasons


@pytest.mark.parametrize(("now", "late"), [(-5, []), (1, ["0"]), (24, ["0"])])
def test_plan_tells_of_what_is_late_only_where_no_run_comes_before(
    due: datetime, folder: str, monkeypatch: pytest.MonkeyPatch, now: int, late: list[str]
) -> None:
    """An hour after the due date nothing is late, if the reminders of before are still to be sent by then."""
    monkeypatch.setattr(reminders, "_now", lambda: due + timedelta(hours=now))
    start = moment_text(due + timedelta(hours=1))

    told = read("reminders", "plan", "--config", folder, "--at", start, "--for", "2h")

    assert [entry["offset"] for entry in told["reminders"]] == late
    assert {entry["at"] for entry in told["reminders"]} <= {start}


def test_plan_is_readable_when_printed_for_people(due: datetime, folder: str) -> None:
    start = moment_text(due - timedelta(hours=5))
    screen = run("reminders", "plan", "--config", folder, "--at", start, "--for", "2h", columns=140).screen
    (line,) = [each for each in screen.splitlines() if CUSTOMER in each]
    assert line.split()[:2] == f"{due - timedelta(hours=4):%Y-%m-%d %H:%M}".split()
    assert "it came by labels, not by boxes" in screen
    nothing = run("reminders", "plan", "--config", folder, "--at", "2099-01-01", columns=140).screen
    assert "Nobody would be reminded." in nothing


@pytest.mark.parametrize(
    ("option", "text"), [("--at", "noon"), ("--for", "0d"), ("--for", "a week"), ("--for", "93d")]
)
def test_plan_refuses_times_that_make_no_sense(folder: str, option: str, text: str) -> None:
    ran = run("reminders", "plan", "--config", folder, option, text)
    assert (ran.status, ran.screen) == (2, "")
    assert f"{option} '{text}' makes no sense" in ran.errors


def test_history_shows_what_was_sent_and_what_was_held_and_why(
    live: Bridge, due: datetime, folder: str
) -> None:
    remind(live, folder, due - timedelta(hours=4))
    remind(live, folder, due)
    job = live.good2go.job()["guid"]
    config = load_config(Path(folder))
    Reminding(config, live.items, live.slots, live.queues).run(due + timedelta(days=1))
    (waiting,) = [action for action in live.actions(Vendor.GOODDAY) if action.name == "goodday.reply"]
    live.good2go.act("approve", job=job, by=CUSTOMER)
    live.perform(waiting)

    told = read("reminders", "history", job)

    assert (told["item"], told["name"]) == (f"good2go#job#{job}", "summer-ale.pdf")
    assert lines(told["reminders"], "person", "offset", "became", "reason", "channel") == [
        (CUSTOMER, "-4 h", "sent", None, "good2go.notify"),
        (CUSTOMER, "0", "sent", None, "good2go.notify"),
        ("USRMGR", "+1 d", "held", "it is approved by now", "goodday.reply"),
        ("goodday.update", "+1 d", "asked", None, "goodday.update"),
    ]
    assert told["told_to_the_vendor"] is None
    first = told["reminders"][0]
    assert (first["at"], first["due_at"]) == (moment_text(due - timedelta(hours=4)), moment_text(due))
    assert read("actions", "show", first["action"])["key"] == first["key"]
    screen = run("reminders", "history", f"good2go#job#{job}", columns=150).screen
    assert "it is approved by now" in screen


def test_history_says_what_stands_in_the_way_when_a_reminder_waits(
    live: Bridge, due: datetime, folder: str
) -> None:
    config = load_config(Path(folder))
    Reminding(config, live.items, live.slots, live.queues).run(due)
    live.gates.close(Vendor.GOOD2GO, due)
    for action in live.actions(Vendor.GOOD2GO):
        live.perform(action)
    told = read("reminders", "history", live.good2go.job()["guid"])["reminders"]
    assert {entry["became"] for entry in told} == {"waiting", "passed"}
    assert any("wants no calls until" in str(entry["reason"]) for entry in told)


def test_history_shows_what_the_vendor_was_told(live: Bridge, due: datetime, folder: str) -> None:
    remind(live, folder, due - timedelta(days=2))
    job = live.good2go.job()["guid"]
    told = read("reminders", "history", job)
    assert told["told_to_the_vendor"] == {"due_at": moment_text(due), "reminders": ["24 hours before"]}
    assert "Its vendor was told to remind: 24 hours before." in run("reminders", "history", job).screen


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("item", ["nothing", "good2go#job", "fax#job#1"])
def test_history_of_an_unknown_item_is_refused(item: str) -> None:
    ran = run("reminders", "history", item, "--json")
    assert ran.status in {1, 2}
    assert item in ran.error["what"]


def test_plan_says_so_when_nobody_has_to_decide(live: Bridge, due: datetime, folder: str) -> None:
    other(live, "decided", due, reviewers=None)
    told = read("reminders", "plan", "--config", folder, "--at", moment_text(due), "--for", "1h")
    whys = {entry["why"] for entry in told["others"] if entry["name"] == "decided.pdf"}
    assert "no reviewer is known who still has to decide" in whys
