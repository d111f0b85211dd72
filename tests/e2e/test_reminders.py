"""Reminders by every channel through local AWS, with the vendors' own records as judge."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from local.demo.artwork import label
from local.demo.life import CUSTOMER, KEY
from local.demo.world import World
from proofbridge.domain.items import moment_text
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.inputs import ProjectCreate
from tests.contract.approval_studio_calls import OWNER
from tests.e2e.allowed_calls import allowed_calls, is_allowed, physical_names

CONFIG = Path(__file__).parents[2] / "config"
POLICIES = """
[[reminders]]
name = "notify"
vendor = "good2go"
offsets = "0"

[[reminders]]
name = "comment"
vendor = "good2go"
offsets = "+1 h"
channel = "goodday.comment"
message = "{person.name}: {item.name} waits."

[[reminders.escalation]]
late = "+2 h"
to = "Mona Manager"
channel = "goodday.reply"
priority = 9

[[reminders]]
name = "email"
vendor = "good2go"
offsets = "+3 h"
to = "boss@studio.test"
channel = "email"
digest = true

[[reminders]]
name = "by-good2go"
vendor = "good2go"
offsets = ["-1 workday", "-4 h"]
mode = "vendor"

[[reminders]]
name = "packaging"
vendor = "approval-studio"
offsets = "-1 d"
to = "boss@studio.test"
channel = "email"
"""
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    config = tmp_path_factory.mktemp("config")
    for path in CONFIG.glob("*.toml"):
        shutil.copy(path, config)
    (config / "reminders.toml").write_text(POLICIES, encoding="utf-8")
    with (config / "vendors.toml").open("a", encoding="utf-8") as vendors:
        vendors.write('\n[email]\nsender = "proofs@studio.test"\n')
    with LocalAws(config=config) as aws:
        world = World(aws)
        try:
            yield world
        finally:
            world.close()


@pytest.fixture(scope="module")
def due(world: World) -> datetime:
    """When the dropped proof is due."""
    world.drop(KEY, label(1))
    (job,) = world.jobs()
    return datetime.fromisoformat(job["tasks"][0]["due_at"])


def remind(world: World, now: datetime) -> dict[str, Any]:
    """Run the schedule for a moment, twice: the vendors must show each effect once."""
    first: dict[str, Any] = world.run("SendRemindersFunction", time=moment_text(now))
    world.run("SendRemindersFunction", time=moment_text(now + timedelta(minutes=5)))
    return first


def effects(world: World, vendor: str, operation: str) -> list[dict[str, Any]]:
    return [each for each in world.effects(vendor) if each["operation"] == operation]


def emails_sent(world: World) -> float:
    quota: float = world.aws.client("ses").get_send_quota()["SentLast24Hours"]
    return quota


def reminded(world: World) -> list[float]:
    """How often each channel was used."""
    used = [("good2go", "notify_task"), ("goodday", "reply"), ("goodday", "update_task")]
    comments = [each for each in effects(world, "goodday", "comment") if "waits." in each["message"]]
    return [*(len(effects(world, *each)) for each in used), len(comments), emails_sent(world)]


def test_good2go_is_told_of_its_own_reminders_ahead(world: World, due: datetime) -> None:
    assert remind(world, due - 2 * 24 * HOUR)["programmed"] == 1
    (job,) = world.jobs()
    assert len(job["reminders"]) == 2
    assert {each["comparator"] for each in job["reminders"]} == {"before"}


def test_reviewer_is_notified_by_good2go_once(world: World, due: datetime) -> None:
    remind(world, due)
    assert [each["emails"] for each in effects(world, "good2go", "notify_task")] == [[CUSTOMER]]


def test_comment_stands_on_the_task_once(world: World, due: datetime) -> None:
    before = len(effects(world, "goodday", "comment"))
    remind(world, due + HOUR)
    (comment,) = effects(world, "goodday", "comment")[before:]
    assert comment["message"].startswith(f"{CUSTOMER}: summer-ale.pdf waits.")


def test_manager_has_to_act_on_an_urgent_task(world: World, due: datetime) -> None:
    remind(world, due + 2 * HOUR)
    assert [each["action_required"] for each in effects(world, "goodday", "reply")] == ["USRMGR"]
    assert [each["changes"] for each in effects(world, "goodday", "update_task")] == [{"priority": "9"}]


def test_email_goes_out_through_ses_once(world: World, due: datetime) -> None:
    before = emails_sent(world)
    remind(world, due + 3 * HOUR)
    assert emails_sent(world) == before + 1


def test_email_reminds_of_a_packaging_project(world: World, due: datetime) -> None:
    before = emails_sent(world)
    with ApprovalStudio(
        base_url=world.aws.simulator("approval-studio"),
        username="studio@proofbridge.test",
        password="local-studio-password",
    ) as studio:
        project = ProjectCreate(project_name="Box", project_owners_uids=[OWNER], due_date=due)
        made = studio.projects.create(project)
    world.run("SyncVendorFunction", time=moment_text(due), vendor="approval-studio")
    remind(world, due - 24 * HOUR)
    assert made.project_uid
    assert emails_sent(world) == before + 1


def test_nothing_is_sent_when_the_customer_has_decided(world: World, due: datetime) -> None:
    (job,) = world.jobs()
    world.act("good2go", "set-due", job=job["guid"], due_at=moment_text(due + 24 * HOUR), webhook="silent")
    world.run("SyncVendorFunction", time=moment_text(due), vendor="good2go")
    world.act("good2go", "approve", job=job["guid"], by=CUSTOMER, webhook="silent")
    before = reminded(world)
    for hours in range(4):
        remind(world, due + (24 + hours) * HOUR)
    assert reminded(world) == before


def test_nothing_went_wrong_meanwhile(world: World) -> None:
    assert world.violations() == []
    assert [each for each in world.aws.invocations() if each["error"]] == []


@pytest.mark.parametrize("function", ["PerformActionFunction", "SendRemindersFunction"])
def test_role_allows_every_call_that_reminders_make(function: str, world: World) -> None:
    allowed = allowed_calls(function, physical_names(world.aws.client("cloudformation")))
    made = {
        (
            call["action"],
            call["resource"].rpartition("/")[2] if "://" in call["resource"] else call["resource"],
        )
        for call in world.aws.aws_calls()
        if call["function"] == function
    }
    assert {call for call in made if not is_allowed(call, allowed)} == set()
