"""A function: its warm processes, its limit of concurrency, and the record of what ran."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from local.aws.children import Children
from local.aws.function_log import FunctionLog
from local.aws.worker import FunctionSettings, GoneError, Outcome, Worker

_RECORDED_INVOCATIONS = 10_000


class ThrottledError(Exception):
    """All processes that the function may have are busy."""


class StoppedError(Exception):
    """Local AWS is being stopped; nothing more is run."""


class Function:
    """Invokes one function; any number of threads may do so at once."""

    def __init__(
        self, settings: FunctionSettings, *, aws: dict[str, str], children: Children, log: FunctionLog
    ) -> None:
        self.settings = settings
        self.log = log
        self._aws = aws
        self._children = children
        self._slots = threading.BoundedSemaphore(settings.concurrency)
        self._lock = threading.Lock()
        self._warm: list[Worker] = []
        self._busy: set[Worker] = set()
        self._closed = False

    @contextmanager
    def slot(self, *, wait: bool) -> Iterator[None]:
        """Hold the right to one invocation. Raise ThrottledError if there is none and `wait` is false."""
        if not self._slots.acquire(blocking=wait):
            raise ThrottledError
        try:
            yield
        finally:
            self._slots.release()

    def run(self, payload: bytes) -> Outcome:
        """Invoke once, in a warm process if there is one; the caller holds a slot."""
        request_id = str(uuid4())
        while True:
            worker = self._take()
            try:
                outcome = worker.invoke(request_id, payload)
            except GoneError:
                continue
            finally:
                self._give_back(worker)
            if outcome.error is not None:
                self._complain(outcome)
            return outcome

    def _take(self) -> Worker:
        with self._lock:
            if self._closed:
                raise StoppedError
            while self._warm:
                worker = self._warm.pop()
                if worker.alive:
                    break
                worker.close()
            else:
                worker = Worker(self.settings, aws=self._aws, children=self._children, log=self.log)
            self._busy.add(worker)
            return worker

    def _give_back(self, worker: Worker) -> None:
        with self._lock:
            self._busy.discard(worker)
            if worker.alive and not self._closed:
                self._warm.append(worker)
                return
        worker.close()

    def _complain(self, outcome: Outcome) -> None:
        details = outcome.payload.decode("utf-8", "replace")
        print(f"local aws: {self.settings.logical_id} failed: {details}", file=sys.stderr)
        if '"Runtime.' in details:
            # The process could say nothing itself: what it printed last is the only trace of the cause.
            print(outcome.log_tail.decode("utf-8", "replace").rstrip(), file=sys.stderr)

    def close(self) -> None:
        """Kill every process; invocations in progress fail."""
        with self._lock:
            self._closed = True
            idle, self._warm = self._warm, []
            for worker in self._busy:
                worker.kill()
        for worker in idle:
            worker.close()
        self.log.close()


class Functions:
    """All functions by logical id or name, and what is running and has run."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = dict(functions)
        self._by_name = {function.settings.name: function for function in functions.values()}
        self._lock = threading.Lock()
        self._pending = 0
        self._started = 0
        self._recorded = 0
        self._record: deque[dict[str, Any]] = deque(maxlen=_RECORDED_INVOCATIONS)

    def find(self, name: str) -> Function | None:
        """Return the function of this logical id, name or ARN, with or without a version."""
        if name.startswith("arn:"):
            name = name.split(":function:", 1)[-1]
        name = name.split(":", 1)[0]
        return self._functions.get(name) or self._by_name.get(name)

    def __iter__(self) -> Iterator[Function]:
        return iter(self._functions.values())

    @contextmanager
    def pending(self) -> Iterator[None]:
        """Count as work in progress, from before an event is taken until all its effects are there."""
        with self._lock:
            self._pending += 1
            self._started += 1
        try:
            yield
        finally:
            with self._lock:
                self._pending -= 1

    def activity(self) -> tuple[int, int]:
        """How much is in progress, and how much has ever been started."""
        with self._lock:
            return self._pending, self._started

    def invoke(self, function: Function, payload: bytes, *, wait: bool, trigger: str) -> Outcome:
        """Invoke and record. Raise ThrottledError if the function is at its limit and `wait` is false."""
        with self.pending(), function.slot(wait=wait):
            return self.run(function, payload, trigger=trigger)

    def run(self, function: Function, payload: bytes, *, trigger: str) -> Outcome:
        """Invoke and record, for a caller that holds a slot of the function."""
        began = datetime.now(UTC)
        outcome = function.run(payload)
        entry = {
            "function": function.settings.logical_id,
            "trigger": trigger,
            "request_id": outcome.request_id,
            "at": began.isoformat(),
            "duration_ms": round(outcome.duration_seconds * 1000, 2),
            "init_ms": round(outcome.init_seconds * 1000, 2),
            "error": None if outcome.error is None else outcome.payload.decode("utf-8", "replace"),
        }
        with self._lock:
            self._recorded += 1
            self._record.append({"n": self._recorded, **entry})
        return outcome

    def invocations(self) -> list[dict[str, Any]]:
        """Return what ran, in the order of ending."""
        with self._lock:
            return list(self._record)

    def close(self) -> None:
        """Kill every process of every function."""
        for function in self._functions.values():
            function.close()
