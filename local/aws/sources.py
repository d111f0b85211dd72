"""How full the queues and streams are, followed from moto's process so that their readers need not poll."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

_HELD_SECONDS = 5.0


@dataclass(frozen=True)
class Level:
    """The messages of a queue at a moment."""

    visible: int
    in_flight: int
    delayed: int


@dataclass(frozen=True)
class Levels:
    """All queues by ARN, and the last sequence number of each table's stream by table name."""

    tag: str
    queues: dict[str, Level]
    streams: dict[str, int]


class Sources:
    """Follows the levels in a thread of its own; `on_loss` is called if moto's process stops answering."""

    def __init__(self, port: int, *, on_loss: Callable[[str], None]) -> None:
        self._port = port
        self._on_loss = on_loss
        self._changed = threading.Condition()
        self._levels = self.look()
        self._version = 1
        self._stopped = False
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def look(self, known: str = "", wait_seconds: float = 0.0) -> Levels:
        """Ask for the levels now, or as soon as they are others than the `known` ones."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=wait_seconds + 30)
        try:
            query = urlencode({"known": known, "wait_seconds": wait_seconds})
            connection.request("GET", f"/_local/sources?{query}")
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return Levels(
            tag=answer["tag"],
            queues={arn: Level(*counts) for arn, counts in answer["queues"].items()},
            streams={table: int(last) for table, last in answer["streams"].items()},
        )

    def changes(self, holds: Callable[[Levels], bool]) -> Iterator[None]:
        """Yield whenever there are new levels that `holds` accepts, until the stop."""
        version = 0
        while True:
            with self._changed:
                while not (self._stopped or (self._version > version and holds(self._levels))):
                    self._changed.wait()
                if self._stopped:
                    return
                version = self._version
            yield

    @property
    def stopped(self) -> bool:
        """Whether readers should end."""
        return self._stopped

    def pause(self, seconds: float) -> None:
        """Sleep, but no longer than until the stop."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped, timeout=seconds)

    def _follow(self) -> None:
        while not self._stopped:
            try:
                levels = self.look(self._levels.tag, _HELD_SECONDS)
            except (OSError, HTTPException, ValueError) as error:
                if not self._stopped:
                    self._on_loss(f"moto's process does not answer: {error}")
                return
            with self._changed:
                if levels.tag != self._levels.tag:
                    self._levels = levels
                    self._version += 1
                    self._changed.notify_all()

    def stop(self) -> None:
        """Let every waiting reader end."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
