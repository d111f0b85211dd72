"""What Proofbridge asks of a vendor, in Proofbridge's words. Each vendor's package has one Gateway."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemRef, Observation, Vendor


class Lookup(enum.StrEnum):
    """What a vendor says of an effect whose answer was lost, where the effect was not found."""

    ABSENT = "absent"
    """It did not happen."""
    CANT_TELL = "cant_tell"
    """The vendor keeps no record of such effects."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a write brought: the item as far as it is known now, or why nothing was done on purpose.

    `found` is another item of the same piece of work that came to light, as it was before the write.
    """

    observation: Observation | None = None
    held: str | None = None
    found: Observation | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a vendor's list. `resume` names the place behind it; None where it has no name, or ends."""

    observations: tuple[Observation, ...]
    resume: str | None = None


class Gateway(Protocol):
    """One vendor. Every method may raise VendorError."""

    @property
    def vendor(self) -> Vendor:
        """Which vendor it is."""
        ...

    def observe(self, ref: ItemRef) -> Observation:
        """Read an item; one that the vendor no longer has is observed as deleted."""
        ...

    def changed_since(self, moment: datetime | None, resume: str | None = None) -> Iterator[Page]:
        """Yield the items that changed at or after the moment, perhaps others too; all where it is None.

        A list that was broken off goes on where a page's `resume` says. What changes while the list is read
        may come twice or not at all; everything else comes. Lists may show less than single items do: see
        `Observation.silent_on`.
        """
        ...

    def in_full(self, seen: Observation) -> Observation:
        """Return a list's entry with all that the vendor can be asked about the item."""
        ...

    def perform(self, action: Action, target: ItemRef | None) -> Effect:
        """Carry out an action that the catalogue gives to this vendor."""
        ...

    def find(self, action: Action, target: ItemRef | None, since: datetime) -> Effect | Lookup:
        """Find out whether an action that was tried at `since` or later took effect."""
        ...
