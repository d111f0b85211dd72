"""Takes the figures: what a cold start takes, and what an accepted webhook takes in a warm process."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median

from local.aws.children import Children
from local.aws.function_log import FunctionLog
from local.aws.worker import FunctionSettings, Worker
from tests.bench.deployment import AWS, Deployment
from tests.signals import LOCAL_KEY, signed_headers
from tests.unit.receive.webhooks import PASSWORD, STUDIO_SECRET, api_event

SECRETS = {
    "good2go": {"webhooks": [{"username": "good2go", "password": PASSWORD}]},
    "approval_studio": {"webhook_secrets": [STUDIO_SECRET]},
    "signal": {"local": [LOCAL_KEY]},
}


class NotStartedError(Exception):
    """A function could not start; the message has what it said."""


@dataclass
class ColdStarts:
    """How long each start took until the process asked for its first event, in seconds."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def wall_ms(self) -> float:
        """The median of the clock."""
        return median(self.wall) * 1000

    def wall_ratio(self, other: ColdStarts) -> float:
        """How many times as long as another these starts took: the median of the rounds' ratios."""
        return median(mine / theirs for mine, theirs in zip(self.wall, other.wall, strict=True))

    def cpu_ratio(self, other: ColdStarts) -> float:
        """How many times another's CPU time these starts took: the median of the rounds' ratios."""
        return median(mine / theirs for mine, theirs in zip(self.cpu, other.cpu, strict=True))

    @property
    def cpu_ms(self) -> float:
        """The median of the CPU time, which hardly depends on what else the machine does."""
        return median(self.cpu) * 1000


class Bench:
    """Starts functions on the real runtime client, one at a time."""

    def __init__(self, children: Children, log: FunctionLog) -> None:
        self._children = children
        self._log = log

    def cold_starts(
        self,
        deployment: Deployment,
        names: Iterable[str],
        *,
        rounds: int,
        before: Callable[[], None],
        done: Callable[[], None],
    ) -> dict[str, ColdStarts]:
        """Start every function once in each round, in turn. `before` is called before each start."""
        starts = {name: ColdStarts() for name in names}
        for _ in range(rounds):
            for name, taken in starts.items():
                before()
                wall, cpu = self._start(deployment.functions[name])
                taken.wall.append(wall)
                taken.cpu.append(cpu)
                done()
        return starts

    def _start(self, settings: FunctionSettings) -> tuple[float, float]:
        cpu_before = _cpu_of_ended_children()
        began = time.perf_counter()
        worker = self._worker(settings)
        try:
            failure = worker._initialise("bench")
            wall = time.perf_counter() - began
        finally:
            worker.close()
        if failure is not None:
            raise NotStartedError(f"{settings.name}: {failure.decode()}")
        return wall, _cpu_of_ended_children() - cpu_before

    def warm(self, settings: FunctionSettings, sender: str, batches: int) -> float:
        """Return the median CPU microseconds per accepted webhook, without the AWS call."""
        webhook = api_event(sender)
        if sender == "signal":
            webhook["headers"] |= signed_headers(webhook["body"].encode())
        event = {
            "receiver": f"receive_{sender}",
            "webhook": webhook,
            "secret": SECRETS[sender],
            "batches": batches,
        }
        worker = self._worker(settings)
        try:
            outcome = worker.invoke("bench", json.dumps(event).encode())
        finally:
            worker.close()
        if outcome.error is not None:
            raise NotStartedError(f"{sender}: {outcome.payload.decode()}")
        taken: list[float] = json.loads(outcome.payload)
        return median(taken)

    def _worker(self, settings: FunctionSettings) -> Worker:
        return Worker(settings, aws=AWS, children=self._children, log=self._log)


def _cpu_of_ended_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
