"""EventBridge Scheduler: functions invoked when their schedules are due.

EventBridge Scheduler user guide, 'Adding context attributes' (the words in angle brackets of an input).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from local.aws.function import Function
from local.aws.schedule_expressions import moments
from local.aws.sources import Sources
from local.aws.stack import ACCOUNT


class Schedule:
    """One schedule of the template. Raise ScheduleError if its expression can't be read."""

    def __init__(
        self, properties: dict[str, Any], function: Function, *, region: str, invoke: Callable[..., None]
    ) -> None:
        self._name: str = properties["Name"]
        self._input: str | None = properties["Target"].get("Input")
        self._region = region
        self._function = function
        self._invoke = invoke
        self._moments = moments(
            properties["ScheduleExpression"],
            datetime.now(UTC).replace(microsecond=0),
            properties.get("ScheduleExpressionTimezone", "UTC"),
        )

    def start(self, sources: Sources) -> None:
        """Invoke whenever it is due, until the stop."""
        threading.Thread(
            target=self._run, args=(sources,), name=f"schedule {self._name}", daemon=True
        ).start()

    def _run(self, sources: Sources) -> None:
        for moment in self._moments:
            sources.pause(max(0.0, (moment - datetime.now(UTC)).total_seconds()))
            if sources.stopped:
                return
            self._invoke(self._function, self.event(moment), trigger=f"schedule {self._name}")

    def event(self, moment: datetime) -> bytes:
        """Return the payload of the run that is due at `moment`."""
        time = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        arn = f"arn:aws:scheduler:{self._region}:{ACCOUNT}:schedule/default/{self._name}"
        execution = uuid4().hex
        if self._input is None:
            event = {
                "version": "0",
                "id": str(uuid4()),
                "detail-type": "Scheduled Event",
                "source": "aws.scheduler",
                "account": ACCOUNT,
                "time": time,
                "region": self._region,
                "resources": [arn],
                "detail": "{}",
            }
            return json.dumps(event).encode()
        text = self._input
        for word, value in {
            "schedule-arn": arn,
            "scheduled-time": time,
            "execution-id": execution,
            "attempt-number": "1",
        }.items():
            text = text.replace(f"<aws.scheduler.{word}>", value)
        return text.encode()
