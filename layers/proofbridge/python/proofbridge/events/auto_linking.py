"""Linking items whose names hold the same reference: when one is seen, renamed, or becomes part of a proof.

Two that are seen at once may be processed at once. Each notes itself first and then looks who else has the
reference, so that at least one of them sees both; and both would make the same proof of them.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from datetime import datetime

from proofbridge.config.links import Link, proof_of, reference_of
from proofbridge.domain.changes import StoredItem
from proofbridge.domain.items import ItemRef
from proofbridge.metrics import count
from proofbridge.stores.inbox import Event, Inbox, Source
from proofbridge.stores.items import Items
from proofbridge.stores.references import References

log = logging.getLogger(__name__)


class AutoLinker:
    """Links items by the rules of links.toml."""

    def __init__(
        self,
        links: tuple[Link, ...],
        *,
        items: Items,
        references: References,
        inbox: Inbox,
        now: Callable[[], datetime],
    ) -> None:
        self._links = links
        self._items = items
        self._references = references
        self._inbox = inbox
        self._now = now

    def look_at(self, ref: ItemRef) -> None:
        """Link an item to those with its reference; repeating it changes nothing.

        One alone stays without a proof. Items of several proofs are left as they are: a person has linked
        them, or files of ours have, and only a person knows which of them belong together. One that was taken
        out of its proof is left alone too, until its name holds another reference.
        """
        item = self._items.get(ref) if self._links else None
        reference = None if item is None else reference_of(self._links, item.observation)
        if reference is None:
            return
        self._references.note(reference, ref)
        known = self._items.get_many(self._references.members(reference))
        alike = {
            ref: stored
            for ref, stored in sorted(known.items())
            if reference_of(self._links, stored.observation) == reference
            and not self._is_kept_apart(stored, reference)
        }
        proofs = sorted({stored.proof_id for stored in alike.values() if stored.proof_id is not None})
        if len(proofs) > 1:
            log.error("a reference is in several proofs", extra={"reference": reference, "proofs": proofs})
            count("ReferencesAmbiguous", vendor=ref.vendor)
            return
        if len(alike) < 2:  # noqa: PLR2004 - a link needs two
            return
        proof_id = proofs[0] if proofs else proof_of(reference)
        # All of them first: what one decided is carried at once to those that are linked.
        for each, stored in alike.items():
            if stored.proof_id is None and self._references.adopt(proof_id, each):
                log.info("linked by reference", extra={"item": str(each), "proof": proof_id})
        for each, stored in alike.items():
            if stored.unrouted:
                # What happened before the link comes out now. Known by its id where it was put before.
                self._inbox.put(Event(str(each), f"link-{proof_id}", Source.LINK, self._now()))

    def _is_kept_apart(self, stored: StoredItem, reference: str) -> bool:
        if stored.proof_id is not None or stored.apart_as is None:
            return False
        as_it_was = dataclasses.replace(stored.observation, name=stored.apart_as)
        return reference_of(self._links, as_it_was) == reference
