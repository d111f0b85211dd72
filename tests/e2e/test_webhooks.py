"""What webhooks can do, and can't, through local AWS: copies, echoes, late ones, forgeries."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from local.aws import LocalAws
from local.demo.artwork import label
from local.demo.life import CUSTOMER, the_job, the_task
from local.demo.world import World

COPIES = 100
AT_ONCE = 20


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A local AWS in which one proof is under review, and Good2Go's own webhooks stay silent."""
    with LocalAws(concurrency=AT_ONCE) as aws:
        world = World(aws)
        try:
            world.drop("drop/labels/storm.pdf", label(1))
            control(world, "settings", webhooks="silent")
            yield world
        finally:
            world.close()


def control(world: World, what: str, **order: Any) -> None:
    answer = requests.post(f"{world.aws.simulator('good2go')}/_control/{what}", json=order, timeout=30)
    answer.raise_for_status()


def decide(world: World, act: str) -> dict[str, Any]:
    """Decide as the customer; return the webhook that Good2Go would have sent."""
    world.act("good2go", act, job=the_job(world)["guid"], by=CUSTOMER, comment=act)
    return recorded(world, -1)


def recorded(world: World, index: int) -> dict[str, Any]:
    """Return a webhook that Good2Go has sent or withheld."""
    body = world.webhooks()[index]["body"]
    webhook: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
    return webhook


def send(world: World, webhook: dict[str, Any]) -> tuple[int, str]:
    """Send a webhook with the right credentials; return the status and what it says."""
    answer = requests.post(
        f"{world.aws.http_api}/webhooks/good2go",
        data=json.dumps(webhook).encode(),
        auth=("good2go", "local-webhook-password"),
        timeout=60,
    )
    return answer.status_code, answer.json()["message"]


def test_one_effect_when_a_hundred_copies_come_at_once(world: World) -> None:
    webhook = decide(world, "approve")
    before = world.effects("goodday")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: send(world, webhook), range(COPIES)))
    world.settle()

    assert Counter(answers) == {(200, "accepted"): 1, (200, "duplicate"): COPIES - 1}
    assert [each["operation"] for each in world.effects("goodday")[len(before) :]] == ["update_status"]
    assert the_task(world)["status"]["name"] == "Done"


def test_no_effect_when_another_event_says_the_same(world: World) -> None:
    webhook = recorded(world, -1)
    before = world.effects("goodday")

    assert send(world, {**webhook, "data": {"sent": "once more, under another name"}}) == (200, "accepted")
    world.settle()

    assert world.effects("goodday") == before


def test_change_of_mind_is_carried_over_when_it_is_real(world: World) -> None:
    send(world, decide(world, "request-changes"))
    world.settle()

    assert the_task(world)["status"]["name"] == "Changes requested"


def test_nothing_happens_when_an_older_event_comes_late(world: World) -> None:
    old = recorded(world, -2)
    before = world.effects("goodday")

    assert send(world, {**old, "data": {"sent": "late"}}) == (200, "accepted")
    world.settle()

    assert old["job"]["status"] == "approved"
    assert world.effects("goodday") == before


def test_forgery_does_nothing_and_is_counted_when_the_vendor_says_otherwise(world: World) -> None:
    job = the_job(world)
    webhook = recorded(world, -1)
    before, contradicted = world.effects("goodday"), counted(world)
    assert job["status"] == "change-requested"

    send(world, {**webhook, "job": {**webhook["job"], "status": "approved"}, "data": {"forged": True}})
    world.settle()

    assert world.effects("goodday") == before
    assert counted(world) == contradicted + 1


def test_forgery_leaves_no_item_when_its_job_does_not_exist(world: World) -> None:
    webhook = recorded(world, -1)
    guid = "00000000-0000-4000-8000-000000000000"

    send(world, {**webhook, "job": {**webhook["job"], "guid": guid, "status": "approved"}})
    world.settle()

    stored = world.aws.client("dynamodb").get_item(
        TableName=world.aws.outputs["StateTableName"],
        Key={"pk": {"S": f"ITEM#good2go#job#{guid}"}, "sk": {"S": "ITEM"}},
    )
    assert "Item" not in stored


def counted(world: World) -> int:
    """How often the alarm's metric was counted."""
    return world.aws.log_text("PerformActionFunction").count('"WebhooksContradicted": 1')
