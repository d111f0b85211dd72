"""When schedules are due, and what they send."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from local.aws import LocalAws
from local.aws.schedules import Schedule, moments
from local.aws.stack import Resource, StackError

FIXTURE = Path(__file__).with_name("fixture") / "template.yaml"
START = datetime(2026, 1, 30, 12, 0, 30, tzinfo=UTC)


def due(expression: str) -> list[str]:
    return [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in islice(moments(expression, START), 3)]


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("rate(5 minutes)", ["2026-01-30 12:00:30", "2026-01-30 12:05:30", "2026-01-30 12:10:30"]),
        ("rate(1 hour)", ["2026-01-30 12:00:30", "2026-01-30 13:00:30", "2026-01-30 14:00:30"]),
        ("rate(2 days)", ["2026-01-30 12:00:30", "2026-02-01 12:00:30", "2026-02-03 12:00:30"]),
        ("cron(0 12 * * ? *)", ["2026-01-31 12:00:00", "2026-02-01 12:00:00", "2026-02-02 12:00:00"]),
        ("cron(1 12 * * ? *)", ["2026-01-30 12:01:00", "2026-01-31 12:01:00", "2026-02-01 12:01:00"]),
        ("cron(15 3 * * ? *)", ["2026-01-31 03:15:00", "2026-02-01 03:15:00", "2026-02-02 03:15:00"]),
    ],
)
def test_moments_are_schedulers_when_expression_is_read(expression: str, wanted: list[str]) -> None:
    assert due(expression) == wanted


@pytest.mark.parametrize(
    "expression",
    [
        "every day",
        "rate(0 minutes)",
        "rate(5 weeks)",
        "cron(* * * *)",
        "cron(0 9 * * * *)",
        "cron(60 9 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(x 9 * * ? *)",
        # What the scheduler knows, but the template does not use.
        "cron(0/20 * * * ? *)",
        "cron(0 9 ? * MON-WED *)",
        "at(2026-02-01T08:00:00)",
    ],
)
def test_expression_is_refused_when_it_is_none_or_not_known_here(expression: str) -> None:
    with pytest.raises(StackError, match=re.escape(f"schedule {expression!r} is not known here")):
        due(expression)


@pytest.mark.parametrize("target", [{}, {"Input": '{"arn": "<aws.scheduler.schedule-arn>"}'}])
def test_schedule_is_refused_when_its_input_is_not_known_here(target: dict[str, str]) -> None:
    properties = {"Name": "tick", "ScheduleExpression": "rate(1 minute)", "Target": target}
    with pytest.raises(StackError, match="Tick: an Input is wanted"):
        Schedule(Resource("Tick", "AWS::Scheduler::Schedule", properties), MagicMock(), invoke=MagicMock())


def test_schedules_run_with_their_input_when_not_switched_off() -> None:
    with LocalAws(template=FIXTURE, simulators=False, schedules=True) as aws:
        aws.wait_for(lambda: len(aws.invocations()) >= 2)
        aws.wait_idle()
        ran = {each["trigger"]: each for each in aws.invocations()}
        assert set(ran) == {"schedule TickFunctionTick", "schedule TickFunctionPlain"}
        items = aws.client("dynamodb").scan(TableName=aws.outputs["TableName"])["Items"]
        events = [json.loads(item["text"]["S"]) for item in items]
    tick = next(event for event in events if "vendor" in event)
    plain = next(event for event in events if "plain" in event)
    assert set(tick) == {"time", "vendor"}
    assert datetime.strptime(tick["time"], "%Y-%m-%dT%H:%M:%S%z").tzinfo is not None
    assert set(plain) == {"plain"}


def test_nothing_runs_by_itself_when_schedules_are_switched_off(aws: LocalAws) -> None:
    assert not [each for each in aws.invocations() if each["trigger"].startswith("schedule")]
