"""EventBridge Scheduler: functions invoked when their schedules are due.

EventBridge Scheduler user guide, 'Schedule types on EventBridge Scheduler' and 'Adding context attributes'
(the words in angle brackets of an input). What the template does not use is refused.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from local.aws.function import Function
from local.aws.sources import Sources
from local.aws.stack import Resource, StackError

_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)s?\)")
_DAILY = re.compile(r"cron\(([1-5]?\d) (1?\d|2[0-3]) \* \* \? \*\)")
_SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"


def moments(expression: str, start: datetime) -> Iterator[datetime]:
    """Yield the moments (UTC) at which a schedule created at `start` is due; a rate's first is at once.

    Raise StackError for what is neither a rate nor a time of every day.
    """
    if rate := _RATE.fullmatch(expression):
        return _every(timedelta(**{f"{rate[2]}s": int(rate[1])}), start)
    daily = _DAILY.fullmatch(expression)
    if daily is None:
        known = "rate(n minutes|hours|days) and cron(minute hour * * ? *)"
        raise StackError(f"schedule {expression!r} is not known here; known are {known}")
    first = start.replace(minute=int(daily[1]), hour=int(daily[2]), second=0, microsecond=0)
    return _every(timedelta(days=1), first if first > start else first + timedelta(days=1))


def _every(step: timedelta, first: datetime) -> Iterator[datetime]:
    return (first + number * step for number in itertools.count())


class Schedule:
    """One schedule of the template. Raise StackError if it can't be carried out here."""

    def __init__(self, resource: Resource, function: Function, *, invoke: Callable[..., None]) -> None:
        properties = resource.properties
        self._name: str = properties["Name"]
        self._input: str = properties["Target"].get("Input", "")
        if "<aws.scheduler." in self._input.replace(_SCHEDULED_TIME, "") or not self._input:
            raise StackError(f"{resource.logical_id}: an Input is wanted, with no word but {_SCHEDULED_TIME}")
        self._function = function
        self._invoke = invoke
        self._moments = moments(properties["ScheduleExpression"], datetime.now(UTC).replace(microsecond=0))

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
            event = self._input.replace(_SCHEDULED_TIME, moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
            self._invoke(self._function, event.encode(), trigger=f"schedule {self._name}")
