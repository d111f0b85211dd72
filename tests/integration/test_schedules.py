"""Scheduled runs: each once, a failed one again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from proofbridge.runtime.schedules import once_per_schedule, scheduled_time
from tests.integration.cloud import Cloud

EVENT = {"time": "2026-11-24T09:35:00Z", "vendor": "good2go"}


@dataclass
class Context:
    """What Lambda tells a function of itself, as far as it is asked for."""

    function_name: str = "sync"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left."""
        return 30_000


class Job:
    """A scheduled handler that notes its runs, and fails as often as told."""

    def __init__(self, cloud: Cloud) -> None:
        self.runs: list[dict[str, Any]] = []
        self.failures = 0

        def handler(event: dict[str, Any], context: object) -> dict[str, int]:
            del context
            self.runs.append(event)
            if self.failures:
                self.failures -= 1
                raise RuntimeError("the vendor is away")
            return {"noted": len(self.runs)}

        self.handler = once_per_schedule("idempotency", cloud.dynamodb)(handler)


@pytest.fixture
def job(cloud: Cloud) -> Job:
    return Job(cloud)


def test_run_is_made_once_when_its_trigger_repeats_itself(job: Job) -> None:
    answers = [job.handler(dict(EVENT), Context()) for _ in range(3)]
    assert answers == [{"noted": 1}] * 3
    assert len(job.runs) == 1


@pytest.mark.parametrize(
    "other",
    [{**EVENT, "vendor": "goodday"}, {**EVENT, "time": "2026-11-24T09:40:00Z"}, {"time": EVENT["time"]}],
)
def test_runs_are_told_apart_by_moment_and_vendor(job: Job, other: dict[str, str]) -> None:
    for event in (EVENT, other, EVENT, other):
        job.handler(dict(event), Context())
    assert job.runs == [EVENT, other]


def test_run_without_a_vendor_is_made_once_too(job: Job) -> None:
    for _ in range(2):
        job.handler({"time": EVENT["time"]}, Context())
    assert len(job.runs) == 1


def test_run_is_made_again_when_it_failed(job: Job) -> None:
    job.failures = 1
    with pytest.raises(RuntimeError, match="away"):
        job.handler(dict(EVENT), Context())
    assert job.handler(dict(EVENT), Context()) == {"noted": 2}
    assert job.handler(dict(EVENT), Context()) == {"noted": 2}


def test_run_without_a_moment_is_refused(job: Job) -> None:
    with pytest.raises(Exception, match=r"idempotency_key"):
        job.handler({"vendor": None}, Context())
    assert job.runs == []


def test_moment_is_the_triggers() -> None:
    assert scheduled_time(EVENT) == datetime(2026, 11, 24, 9, 35, tzinfo=UTC)
    with pytest.raises(ValueError, match="a scheduled event needs its moment"):
        scheduled_time({})
    with pytest.raises(ValueError, match="no time zone"):
        scheduled_time({"time": "2026-11-24T09:35:00"})
