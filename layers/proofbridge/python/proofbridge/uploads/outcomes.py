"""What may become of one delivery of a dropped file."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from proofbridge.stores.ledger import EffectState


class Status(enum.StrEnum):
    """What became of one delivery of a dropped file."""

    RELAYED = "relayed"
    UNCHANGED = "unchanged"
    """The same bytes as before."""
    OUTDATED = "outdated"
    """A newer drop of the same proof has been relayed already."""
    REFUSED = "refused"
    """It can't be relayed; errors/ says why."""
    DEFERRED = "deferred"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery of a dropped file, and why, where it was not simply relayed."""

    fate: Status
    reason: str | None = None


class RefusedError(Exception):
    """The file can't be relayed: what is wrong, and what to do.

    `ends`: the state in which an effect ends that this delivery has begun; None where it has begun none.
    `unclear`: the file may be at its vendor all the same.
    """

    def __init__(
        self, problem: str, remedy: str, *, ends: EffectState | None = None, unclear: bool = False
    ) -> None:
        super().__init__(problem)
        self.remedy = remedy
        self.ends = ends
        self.unclear = unclear
