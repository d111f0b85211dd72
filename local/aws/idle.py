"""Whether everything that was set off has come to its end."""

from __future__ import annotations

import time
from collections.abc import Sequence

from local.aws.function import Functions
from local.aws.queues import QueueMapping
from local.aws.sources import Sources
from local.aws.streams import StreamMapping

_CHECK_SECONDS = 0.02


class IdleWatch:
    """Waits for the moment when nothing runs and nothing waits to run.

    Counted: invocations, messages in the queues that a function reads (visible or in flight; not delayed),
    and records of streams that a function reads. Not counted: what happens outside, such as a vendor
    simulator's webhook on its way.
    """

    def __init__(
        self,
        functions: Functions,
        sources: Sources,
        *,
        queues: Sequence[QueueMapping],
        streams: Sequence[StreamMapping],
    ) -> None:
        self._functions = functions
        self._sources = sources
        self._queues = queues
        self._streams = streams

    def wait(self, timeout_seconds: float) -> list[str]:
        """Return an empty list once idle, or after `timeout_seconds` what is still to be done, in words."""
        until = time.monotonic() + timeout_seconds
        while True:
            started = self._functions.activity()[1]
            reasons = self._reasons()
            # Work that began and ended while the levels were read may have moved something behind our back.
            if not reasons and self._functions.activity() == (0, started):
                return []
            if time.monotonic() >= until:
                return reasons or ["work is just being started"]
            time.sleep(_CHECK_SECONDS)

    def _reasons(self) -> list[str]:
        reasons = []
        pending = self._functions.activity()[0]
        if pending:
            reasons.append(f"{pending} in progress")
        levels = self._sources.look()
        for queue in self._queues:
            level = levels.queues[queue.queue_arn]
            if level.visible or level.in_flight:
                name = queue.queue_arn.rpartition(":")[2]
                reasons.append(f"queue {name}: {level.visible} visible, {level.in_flight} in flight")
        for stream in self._streams:
            behind = stream.behind(levels)
            if behind:
                reasons.append(f"stream of {stream.table}: {behind} records")
        return reasons
