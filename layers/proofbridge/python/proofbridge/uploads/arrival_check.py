"""Whether a file whose upload had an unclear outcome has arrived: told by what its vendor shows.

What nothing marks as ours may have been made for another file of the same name and size, which is on its way
into the same folder. While there is such a one, or where several could be ours, nobody can tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from proofbridge.domain.files.drops import NewVersion, UploadedVersion
from proofbridge.domain.files.messages import UPLOAD_KEY_PREFIX, UploadMessage
from proofbridge.domain.files.naming import folded
from proofbridge.domain.items import ItemRef, Observation
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import EffectState, Entry, Ledger
from proofbridge.uploads.outcomes import RefusedError
from proofbridge.uploads.requests import UploadRequest
from proofbridge.uploads.transfer import LATE, LINK_LIFE, NotYetKnownError
from proofbridge.vendors.errors import NotFoundError, VendorError
from proofbridge.vendors.upload_gateway import Span, UploadGateway


@dataclass(frozen=True, slots=True)
class ArrivalCheck:
    """Looks for files that may have arrived."""

    items: Items
    ledger: Ledger
    brief_of: Callable[[UploadMessage], UploadRequest]

    def find(
        self,
        vendor: UploadGateway,
        delivery: UploadMessage,
        new: NewVersion,
        before: UploadedVersion | None,
        entry: Entry,
    ) -> Observation | None:
        """Return what an earlier attempt has brought, None for nothing.

        NotYetKnownError while it can't be told, RefusedError where a person has to.
        """
        late = LINK_LIFE + LATE if vendor.fetches_by_url and new.mode != "stream" else LATE
        span = Span(entry.first_started_at, (entry.tried_until or entry.lease_until) + late)
        if before is not None:
            return vendor.find_revision(ItemRef.parse(before.item), new, before.version, span)
        unmarked = []
        for found in vendor.find_uploads(new, span):
            if found.is_ours:
                return found.seen
            stored = self.items.get(found.seen.ref)
            if stored is not None and stored.proof_id == new.reference:
                return found.seen
            if stored is None or stored.proof_id is None:
                unmarked.append(found.seen)
        if len(unmarked) > 1:
            names = ", ".join(seen.ref.id for seen in unmarked)
            raise RefusedError(
                f"{delivery.drop.key} may have arrived at {vendor.vendor}: {len(unmarked)} of its name and "
                f"size came there at that time ({names}), and nothing tells which of them it is",
                "Look at the vendor which one it is. If none is, remove them, then retry it.",
                ends=EffectState.PARKED,
                unclear=True,
            )
        if unmarked and self._has_twin(delivery, new):
            raise NotYetKnownError(
                "it may have arrived, or another of its name and size, which is on its way too",
                vendor=vendor.vendor,
                operation="find_uploads",
                item=f"file {new.name!r}",
            )
        return next(iter(unmarked), None)

    def knows_deleted(self, ref: ItemRef) -> bool:
        """Whether we have heard that the vendor no longer has an item."""
        stored = self.items.get(ref)
        return stored is not None and stored.observation.deleted

    def is_deleted(self, vendor: UploadGateway, ref: ItemRef) -> bool:
        """Whether the vendor says that it no longer has an item; False where it says nothing."""
        try:
            _, seen = vendor.processing(ref)
        except VendorError as error:
            return isinstance(error, NotFoundError)
        return seen.deleted

    def _has_twin(self, delivery: UploadMessage, new: NewVersion) -> bool:
        """Whether a file of another proof is on its way that the vendor shows just as this one."""
        for state in (EffectState.STARTED, EffectState.UNKNOWN):
            for key in self.ledger.keys_in(state):
                if not key.startswith(UPLOAD_KEY_PREFIX) or not key.endswith(f"|{delivery.vendor}"):
                    continue
                entry = self.ledger.get(key)
                if entry is not None and self._is_like(UploadMessage.from_message(entry.message), new):
                    return True
        return False

    def _is_like(self, other: UploadMessage, new: NewVersion) -> bool:
        if other.drop.size_bytes != new.size_bytes:
            return False
        try:
            its = self.brief_of(other).new_version(other.vendor, 1)
        except RefusedError:
            return False
        return (
            its.reference != new.reference
            and folded(its.name) == folded(new.name)
            and (its.folder, its.project, its.review) == (new.folder, new.project, new.review)
        )
