"""When schedules are due, and what they send."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.aws.schedule_expressions import ScheduleError, moments

FIXTURE = Path(__file__).with_name("fixture") / "template.yaml"
START = datetime(2026, 1, 30, 12, 0, 30, tzinfo=UTC)


def due(expression: str, count: int = 3, timezone: str = "UTC", start: datetime = START) -> list[str]:
    return [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in islice(moments(expression, start, timezone), count)]


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("rate(5 minutes)", ["2026-01-30 12:00:30", "2026-01-30 12:05:30", "2026-01-30 12:10:30"]),
        ("rate(1 hour)", ["2026-01-30 12:00:30", "2026-01-30 13:00:30", "2026-01-30 14:00:30"]),
        ("rate(2 days)", ["2026-01-30 12:00:30", "2026-02-01 12:00:30", "2026-02-03 12:00:30"]),
        ("cron(0/20 * * * ? *)", ["2026-01-30 12:20:00", "2026-01-30 12:40:00", "2026-01-30 13:00:00"]),
        ("cron(15 3 * * ? *)", ["2026-01-31 03:15:00", "2026-02-01 03:15:00", "2026-02-02 03:15:00"]),
        ("cron(0 9 ? * MON-WED *)", ["2026-02-02 09:00:00", "2026-02-03 09:00:00", "2026-02-04 09:00:00"]),
        ("cron(0 9 ? * 6#1 *)", ["2026-02-06 09:00:00", "2026-03-06 09:00:00", "2026-04-03 09:00:00"]),
        ("cron(0 9 ? * 6L *)", ["2026-02-27 09:00:00", "2026-03-27 09:00:00", "2026-04-24 09:00:00"]),
        ("cron(0 9 L * ? *)", ["2026-01-31 09:00:00", "2026-02-28 09:00:00", "2026-03-31 09:00:00"]),
        ("cron(0 9 1W * ? *)", ["2026-02-02 09:00:00", "2026-03-02 09:00:00", "2026-04-01 09:00:00"]),
        ("cron(0 9 LW * ? *)", ["2026-02-27 09:00:00", "2026-03-31 09:00:00", "2026-04-30 09:00:00"]),
        ("cron(0 0 1 JAN,JUL ? 2027)", ["2027-01-01 00:00:00", "2027-07-01 00:00:00"]),
        ("at(2026-02-01T08:00:00)", ["2026-02-01 08:00:00"]),
        ("at(2020-02-01T08:00:00)", []),
    ],
)
def test_moments_are_schedulers_when_expression_is_read(expression: str, wanted: list[str]) -> None:
    assert due(expression) == wanted


def test_hour_is_local_when_schedule_has_a_time_zone() -> None:
    start = datetime(2026, 3, 27, tzinfo=UTC)
    # Clocks go forward on the 29th, from 2:00 to 3:00.
    assert due("cron(0 9 * * ? *)", 3, "Europe/Prague", start) == [
        "2026-03-27 08:00:00",
        "2026-03-28 08:00:00",
        "2026-03-29 07:00:00",
    ]
    assert due("cron(30 2 * * ? *)", 3, "Europe/Prague", start) == [
        "2026-03-27 01:30:00",
        "2026-03-28 01:30:00",
        "2026-03-30 00:30:00",
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "every day",
        "rate(0 minutes)",
        "rate(5 weeks)",
        "cron(* * * *)",
        "cron(0 9 * * * *)",
        "cron(60 9 * * ? *)",
        "cron(x 9 * * ? *)",
    ],
)
def test_expression_is_refused_when_scheduler_would(expression: str) -> None:
    with pytest.raises(ScheduleError):
        due(expression)


def test_schedules_run_with_their_input_when_not_switched_off() -> None:
    with LocalAws(template=FIXTURE, simulators=False, schedules=True) as aws:
        aws.wait_for(lambda: len(aws.invocations()) >= 2)
        aws.wait_idle()
        ran = {each["trigger"]: each for each in aws.invocations()}
        assert set(ran) == {"schedule TickFunctionTick", "schedule TickFunctionPlain"}
        items = aws.client("dynamodb").scan(TableName=aws.outputs["TableName"])["Items"]
        events = [json.loads(item["text"]["S"]) for item in items]
    tick = next(event for event in events if "vendor" in event)
    plain = next(event for event in events if "detail-type" in event)
    assert set(tick) == {"time", "vendor"}
    assert datetime.strptime(tick["time"], "%Y-%m-%dT%H:%M:%S%z").tzinfo is not None
    assert plain["source"] == "aws.scheduler"
    assert plain["detail-type"] == "Scheduled Event"
    assert plain["resources"][0].endswith(":schedule/default/TickFunctionPlain")


def test_nothing_runs_by_itself_when_schedules_are_switched_off(aws: LocalAws) -> None:
    assert not [each for each in aws.invocations() if each["trigger"].startswith("schedule")]
