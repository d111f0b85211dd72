"""Linking items by hand: which items are one proof is what a person says, where nothing else tells it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from proofbridge.domain.changes import diff
from proofbridge.domain.items import ItemKind, ItemRef, Observation, moment_text
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.inbox import Event, Inbox, Source
from proofbridge.stores.items import Items

SEVERAL: Final = frozenset({ItemKind.ASSET})
"""Of these a proof may have several: at Approval Studio each version is an asset of its own."""


class CantJoinError(Exception):
    """Items can't be linked; the text says why."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A proof, the items that are part of it now, and those that were not before."""

    proof_id: str
    items: tuple[ItemRef, ...]
    added: tuple[ItemRef, ...]


class ManualLinker:
    """Links items, and takes them apart. `look` reads an item at its vendor."""

    def __init__(
        self,
        *,
        items: Items,
        words: LatestDecisions,
        inbox: Inbox,
        look: Callable[[ItemRef], Observation],
        now: Callable[[], datetime],
    ) -> None:
        self._items = items
        self._words = words
        self._inbox = inbox
        self._look = look
        self._now = now

    def join(self, one: ItemRef, other: ItemRef) -> Joined:
        """Make two items, and whatever each is linked to, one proof; repeating it changes nothing.

        What was decided before is carried over: the later word of two proofs holds for all. Raise
        CantJoinError, VendorError.
        """
        if one == other:
            raise CantJoinError(f"{one} can't be linked to itself")
        proofs = [self._proof_of(ref) for ref in (one, other)]
        proof_id = proofs[0] or proofs[1] or _proof_of_both(one, other)
        present = self._items.linked_to(proof_id)
        coming = [
            item
            for ref, proof in zip((one, other), proofs, strict=True)
            if proof != proof_id
            for item in ([ref] if proof is None else self._items.linked_to(proof))
        ]
        for ref in coming:
            for known in (*present, *(each for each in coming if each != ref)):
                if (known.vendor, known.kind) == (ref.vendor, ref.kind) and ref.kind not in SEVERAL:
                    raise CantJoinError(f"both would have a {ref.vendor} {ref.kind}: {known.id} and {ref.id}")
        for proof in set(proofs) - {None, proof_id}:
            self._merge_words(proof, proof_id)
        for ref in coming:
            before = self._proof_of(ref)
            if before is not None:
                self._items.unlink(before, ref)
            self._items.link(proof_id, ref)
        if coming:
            # Each is told what has been decided; what has changed while it belonged to no proof comes out.
            for ref in (*present, *coming):
                now = self._now()
                self._inbox.put(Event(str(ref), f"link-{proof_id}-{moment_text(now)}", Source.LINK, now))
        return Joined(proof_id, tuple(sorted({*present, *coming})), tuple(coming))

    def part(self, ref: ItemRef) -> str | None:
        """Take an item out of its proof; return the proof, None where it is in none.

        What this item decided there holds no more, and no rule links it again by the reference that its name
        holds now. Once it is linked by hand, or is named otherwise, what it shows is carried over.
        """
        stored = self._items.get(ref)
        if stored is None or stored.proof_id is None:
            return None
        for field, word in self._words.of_proof(stored.proof_id).items():
            if word.ref == ref:
                self._words.delete(stored.proof_id, field)
        self._items.unlink(stored.proof_id, ref, apart_as=stored.observation.name or "", unrouted=True)
        return stored.proof_id

    def _proof_of(self, ref: ItemRef) -> str | None:
        stored = self._items.get(ref)
        if stored is None:
            difference = diff(None, self._look(ref))
            if difference is None:
                raise CantJoinError(f"{ref.vendor} has no {ref.kind} {ref.id}")
            self._items.put(difference, None, unrouted=True)
            return None
        return stored.proof_id

    def _merge_words(self, old: str | None, new: str) -> None:
        """Let the later word of both proofs hold."""
        if old is None:
            return
        present = self._words.of_proof(new)
        for field, word in self._words.of_proof(old).items():
            if field not in present or word.decided_at > present[field].decided_at:
                self._words.put(new, word, present)
            self._words.delete(old, field)


def _proof_of_both(one: ItemRef, other: ItemRef) -> str:
    text = " ".join(sorted((str(one), str(other))))
    return "PB" + hashlib.sha256(text.encode()).hexdigest()[:20].upper()
