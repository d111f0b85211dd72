"""Whose turn it is: the files of one place go to their vendor one after the other, in their order.

1 ── handed on ── claim ── upload ── noted
2 ── handed on ──────────────────────────── claim ── upload ── noted
3 ── handed on ──── claim: 2 is still to come ─────────────────── claim ── upload ── noted
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from proofbridge.domain.files.drops import PendingDrop
from proofbridge.domain.files.messages import UploadMessage, file_key, upload_key
from proofbridge.domain.waiting import NotYetError
from proofbridge.stores.ledger import SETTLED, EffectState, Entry, Ledger
from proofbridge.stores.places import PlaceClaim, Places
from proofbridge.uploads.requests import UploadRequest

LOST_AFTER: Final = timedelta(hours=12)
"""How long a drop of which nothing is heard keeps those after it waiting; then its message is lost.

Longer than the 7.5 hours in which a message that crashes is delivered five times, after which it lies in the
dead-letter queue; and much shorter than the patience of those that wait.
"""

_IN_DOUBT: Final = frozenset({EffectState.STARTED, EffectState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class UploadOrdering:
    """Gives each file its turn."""

    relays: Places
    ledger: Ledger
    now: Callable[[], datetime]

    def take(self, delivery: UploadMessage, brief: UploadRequest, until: datetime) -> PlaceClaim:
        """Claim the file's place until the moment. NotYetError while another has it, or may be there."""
        place, now = (brief.place, delivery.vendor), self.now()
        turn = self.relays.claim(place, delivery.drop, now, until)
        if turn.is_ours:
            return turn
        if turn.in_doubt is not None and turn.claimed_until < now and not self._is_in_doubt(delivery, turn):
            # Whoever claimed it for that version was killed before anything of it was begun.
            self.relays.give_up(place, turn.in_doubt)
        raise NotYetError("a file of this proof is on its way")

    def let_earlier_go(self, delivery: UploadMessage, brief: UploadRequest, turn: PlaceClaim) -> None:
        """Raise NotYetError where a drop of this place that comes first is still to come.

        One that may be at its vendor waits for none: it keeps them all from their turn.
        """
        if brief.destination.version == "new":
            return
        earlier = [each for each in turn.expected if brief.goes_after(each)]
        if not earlier or (turn.in_doubt is not None and self._is_in_doubt(delivery, turn)):
            return
        for each in earlier:
            if self._is_still_to_come(delivery, each):
                what = f"{each.key}, version {each.version_id},"
                raise NotYetError(f"{what} was dropped before it and has its turn first")

    def _is_in_doubt(self, delivery: UploadMessage, turn: PlaceClaim) -> bool:
        """Whether the version that the place is kept for may be at its vendor: nothing is sent unbegun."""
        keys = {each.version_id: each.key for each in turn.expected}
        version_id = turn.in_doubt or delivery.drop.version_id
        entry = self._entry(delivery, keys.get(version_id, delivery.drop.key), version_id)
        return entry is not None and entry.state in _IN_DOUBT

    def _is_still_to_come(self, delivery: UploadMessage, expected: PendingDrop) -> bool:
        entry = self._entry(delivery, expected.key, expected.version_id)
        if entry is not None and entry.state in SETTLED:
            return False
        heard_at = expected.handed_on_at
        if entry is not None and entry.state_at is not None:
            heard_at = entry.state_at
        return self.now() - heard_at < LOST_AFTER

    def _entry(self, delivery: UploadMessage, key: str, version_id: str) -> Entry | None:
        return self.ledger.get(upload_key(file_key(delivery.drop.bucket, key, version_id), delivery.vendor))
