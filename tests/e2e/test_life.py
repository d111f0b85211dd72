"""A proof's whole life through local AWS: the demo's steps, in their order, each judged by the vendors."""

from __future__ import annotations

import pytest

from local.demo.life import STEPS, Step
from local.demo.world import World


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
