"""Waiting for a vendor: with growing delay, for up to three days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from proofbridge.domain.items import moment_text, parse_moment

PATIENCE: Final = timedelta(days=3)
"""How long something waits for its vendor before a person has to look."""

MAX_DELAY_SECONDS: Final = 900
"""SQS keeps no message back for longer; who has to wait longer waits several times."""

FIRST_DELAY_SECONDS: Final = 5


class NotYetError(Exception):
    """An action, or a file, has to wait; `until` is a moment to wait for, where one is known.

    `begun`: the ledger knows of it already. `in_doubt`: it may be at its vendor already.
    """

    def __init__(
        self, reason: str, until: datetime | None = None, *, in_doubt: bool = False, begun: bool = False
    ) -> None:
        super().__init__(reason)
        self.until = until
        self.in_doubt = in_doubt
        self.begun = begun


@dataclass(frozen=True, slots=True)
class Waited:
    """How often and since when something has waited. It travels with the message that waits."""

    times: int = 0
    since: datetime | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        since = data["since"]
        return cls(int(data["times"]), parse_moment(since) if since else None)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"times": self.times, "since": None if self.since is None else moment_text(self.since)}

    def again(self, now: datetime) -> Self:
        """Return the count after one more wait."""
        return type(self)(self.times + 1, self.since or now)

    def too_long(self, now: datetime) -> bool:
        """Whether patience has run out."""
        return self.since is not None and now - self.since > PATIENCE

    def delay_seconds(self, now: datetime, until: datetime | None) -> int:
        """Return the next delay: up to the moment where one is known, else twice the last."""
        if until is not None:
            delay = max(1, int((until - now).total_seconds()) + 1)
        else:
            delay = FIRST_DELAY_SECONDS * 2 ** min(self.times, 10)
        return min(delay, MAX_DELAY_SECONDS)

    def explain(self, reason: str) -> str:
        """Return the reason, with how long it has been waited for."""
        since = (
            "" if self.since is None else f"it has waited since {moment_text(self.since)}; the last time: "
        )
        return since + reason
