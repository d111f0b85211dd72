"""A proof's whole life through local AWS: the demo's steps, in their order, each judged by the vendors."""

from __future__ import annotations

import pytest

from local.demo.life import STEPS, Step
from local.demo.world import World
from tests.e2e.allowed_calls import Call, allowed_calls, is_allowed, physical_names
from tests.infra.stack_template import functions


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_step_is_verified_at_the_vendors_when_it_is_lived(step: Step, world: World) -> None:
    assert step.run(world)


def test_nothing_is_left_over_when_the_life_is_lived(world: World) -> None:
    """No call that a vendor's documentation lacks, no dead letter, no failed invocation."""
    sqs = world.aws.client("sqs")
    waiting = {}
    for url in sqs.list_queues()["QueueUrls"]:
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])[
            "Attributes"
        ]
        waiting[url.rpartition("/")[2]] = int(attributes["ApproximateNumberOfMessages"])

    assert world.violations() == []
    assert {name: number for name, number in waiting.items() if number} == {}
    assert [each for each in world.aws.invocations() if each["error"]] == []


def made_calls(world: World, function: str) -> set[Call]:
    """The function's calls; a queue is named by the last part of its address."""
    return {
        (
            call["action"],
            call["resource"].rpartition("/")[2] if "://" in call["resource"] else call["resource"],
        )
        for call in world.aws.aws_calls()
        if call["function"] == function
    }


@pytest.mark.parametrize("function", sorted(functions()))
def test_role_allows_every_call_that_its_function_makes(function: str, world: World) -> None:
    allowed = allowed_calls(function, physical_names(world.aws.client("cloudformation")))
    made = made_calls(world, function)

    assert {call for call in made if not is_allowed(call, allowed)} == set()
