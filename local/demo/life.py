"""The steps of a proof's life. Each does one thing and then looks at the vendors, not at ourselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from local.demo.artwork import label
from local.demo.world import Json, World

KEY: Final = "drop/labels/summer-ale.pdf"
CUSTOMER: Final = "customer@brand.test"


class StepFailedError(Exception):
    """What a vendor holds is not what it should hold."""


@dataclass(frozen=True)
class Step:
    """One step: what it is called, and how it is done and checked. It returns what was seen, line by line."""

    title: str
    run: Callable[[World], list[str]]


def expect(seen: object, wanted: object, what: str) -> None:
    """Raise StepFailedError unless the two are equal."""
    if seen != wanted:
        raise StepFailedError(f"{what}: expected {wanted!r}, saw {seen!r}")


def expect_in(part: str, whole: str, what: str) -> None:
    """Raise StepFailedError unless the text holds the part."""
    if part not in whole:
        raise StepFailedError(f"{what}: expected {part!r} in {whole!r}")


def the_job(world: World) -> Json:
    """Return the one file that Good2Go holds."""
    jobs = world.jobs()
    expect(len(jobs), 1, "jobs at Good2Go")
    return jobs[0]


def the_task(world: World) -> Json:
    """Return the one task that GoodDay holds."""
    tasks = world.tasks()
    expect(len(tasks), 1, "tasks at GoodDay")
    return tasks[0]


def drop_file(world: World) -> list[str]:
    """Drop a PDF: a job with the same bytes, and a task that links to it."""
    artwork = label(1)
    world.drop(KEY, artwork)
    job, task = the_job(world), the_task(world)
    version = job["versions"][0]
    expect(version["sha256"], hashlib.sha256(artwork).hexdigest(), "SHA-256 at Good2Go")
    expect(version["via"], "filekey", "how the file came")
    expect_in("PB", version["puid"] or "", "our reference in puid")
    expect([each["assigned_to"] for each in job["tasks"]], [CUSTOMER], "who is to review")
    expect_in("T", job["tasks"][0]["due_at"] or "", "a due date for the review")
    message = task["messages"][0]["text"]
    expect_in(job["guid"], message, "the task's link to the proof")
    receipt = json.loads(world.object("receipts/labels/summer-ale.pdf.json") or b"{}")
    expect(receipt.get("item"), job["guid"], "the receipt's item")
    return [
        f"s3://…/{KEY}, {len(artwork):,} bytes, arrived at Good2Go as job {job['guid'][:8]}, version 1",
        f"review task for {CUSTOMER}, due {job['tasks'][0]['due_at']}",
        f"GoodDay task {task['id']} “{task['name']}” links back to it; the receipt lies under receipts/",
    ]


def approve(world: World) -> list[str]:
    """The customer approves: the task is done, and says who decided what."""
    job = the_job(world)
    world.act("good2go", "approve", job=job["guid"], by=CUSTOMER, comment="Lovely. Print it!")
    task = the_task(world)
    expect(task["status"]["name"], "Done", "the task's status")
    said = task["messages"][-1]["text"]
    for words in (CUSTOMER, "approved", "Lovely. Print it!"):
        expect_in(words, said, "the task's comment")
    return [f"Good2Go's webhook → task {task['id']} is Done", said.splitlines()[0]]


def repeat_webhook(world: World) -> list[str]:
    """The same webhook, twice more: nothing further happens."""
    before, stored = world.effects("goodday"), world.inbox_count()
    newest = world.webhooks()[-1]["n"]
    world.resend_webhook(newest, 2)
    expect(world.effects("goodday"), before, "what took effect at GoodDay")
    expect(world.inbox_count(), stored, "events in the Inbox")
    sent = [each for each in world.webhooks() if each["n"] > newest]
    expect([each["attempts"][-1]["status"] for each in sent], [200, 200], "answers to the copies")
    return ["two more copies were answered with 200 and changed nothing at GoodDay"]


def revise(world: World) -> list[str]:
    """New bytes under the same name: version 2 of the same job. The same bytes: nothing."""
    world.drop(KEY, label(2))
    job, task = the_job(world), the_task(world)
    expect(job["version"], 2, "the job's version")
    expect(job["versions"][-1]["sha256"], hashlib.sha256(label(2)).hexdigest(), "SHA-256 of version 2")
    expect(task["status"]["name"], "In review", "the task's status")
    before = [world.effects(vendor) for vendor in ("good2go", "goodday")]
    world.drop(KEY, label(2))
    expect([world.effects(v) for v in ("good2go", "goodday")], before, "effects of the same bytes")
    return [
        f"new bytes: version 2 of job {job['guid'][:8]}, no second job; task {task['id']} is In review",
        "the same bytes once more: nothing was sent",
    ]


def miss_webhook(world: World) -> list[str]:
    """A decision whose webhook never comes: the poll finds it."""
    job = the_job(world)
    world.act(
        "good2go", "request-changes", job=job["guid"], by=CUSTOMER, comment="Less sun.", webhook="silent"
    )
    expect(the_task(world)["status"]["name"], "In review", "the task's status before the poll")
    swept = world.run("SyncVendorFunction", time=_text(datetime.now(UTC)), vendor="good2go")
    task = the_task(world)
    expect(task["status"]["name"], "Changes requested", "the task's status after the poll")
    said = [message["text"] for message in task["messages"] if message["text"]][-1]
    expect_in("Less sun.", said, "the remark in the task")
    expect(task["action_required"], task["assigned_to"], "who has to act on the task")
    return [
        f"Good2Go stayed silent; sync_vendor listed {swept['listed']} jobs and repaired {swept['noted']}",
        f"task {task['id']} is Changes requested: {said.splitlines()[0]}",
        f"it is with {task['action_required']} now, to whom it is assigned",
    ]


def remind(world: World) -> list[str]:
    """The due date passes without a decision: one reminder, ever."""
    world.drop(KEY, label(3))
    job = the_job(world)
    expect(job["version"], 3, "the job's version")
    due = datetime.fromisoformat(job["tasks"][-1]["due_at"])
    before = _reminders(world)
    world.run("SendRemindersFunction", time=_text(due - timedelta(minutes=1)))
    expect(_reminders(world), before, "reminders before the due date")
    for minutes in (1, 1, 6, 11):
        world.run("SendRemindersFunction", time=_text(due + timedelta(minutes=minutes)))
    sent = _reminders(world)[len(before) :]
    expect(len(sent), 1, "reminders after the due date")
    return [
        f"version 3 waited past {_text(due)}: one reminder went to {CUSTOMER} by Good2Go's notify call",
        "send_reminders ran three times more: no second one",
    ]


def bad_input(world: World) -> list[str]:
    """A file that belongs nowhere, and a webhook with a wrong password: said, and nothing lost."""
    world.drop("drop/flyers/party.pdf", label(1))
    report = json.loads(world.object("errors/flyers/party.pdf.json") or b"{}")
    expect_in("drop/labels/", report.get("problem", ""), "the destinations in the error report")
    expect(world.object("drop/flyers/party.pdf"), label(1), "the file that stays where it is")
    stored = world.inbox_count()
    status = world.post("/webhooks/good2go", b'{"job": {}}', "good2go", "wrong")
    expect(status, 401, "the answer to a wrong password")
    expect(world.inbox_count(), stored, "events in the Inbox")
    expect(len(world.jobs()), 1, "jobs at Good2Go")
    expect(world.violations(), [], "calls that a vendor's documentation does not have")
    return [f"errors/flyers/party.pdf.json: {report['problem']}", "a webhook with a wrong password: 401"]


STEPS: Final = (
    Step("A file is dropped", drop_file),
    Step("The customer approves", approve),
    Step("The same webhook comes twice more", repeat_webhook),
    Step("A new version is dropped, then the same bytes again", revise),
    Step("A webhook is never sent", miss_webhook),
    Step("The due date passes", remind),
    Step("Wrong things come in", bad_input),
)


def _reminders(world: World) -> list[Json]:
    return [effect for effect in world.effects("good2go") if effect["operation"].startswith("notify")]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
