"""Two proofs never share a name where that would make one a version of the other.

    a file ── take the name ── is it there already? ── upload
                  │                     └ put there by hand: refused, and the name is free again
                  └ another proof has it: refused, unless that one's file never arrived

A name is taken before anything is sent, and is its proof's from then on: what was killed goes on with it, and
so does the proof's next version.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from proofbridge.domain.files.drops import NewVersion
from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import ItemRef, Vendor
from proofbridge.stores.ledger import SETTLED, EffectState, Ledger
from proofbridge.stores.names import Name, NameOwner, Names
from proofbridge.uploads.transfer import LATE
from proofbridge.vendors.upload_gateway import UploadGateway


class NameTakenError(Exception):
    """A file can't be sent under its name: who has the name there, and what to do."""

    def __init__(self, vendor: Vendor, new: NewVersion, has_it: str) -> None:
        where = _where(new)
        super().__init__(
            f"nothing was sent to {vendor}: in {where}, the name {new.name!r} belongs to {has_it}; this file "
            "would become, or be taken for, another version of it"
        )
        self.remedy = (
            "Drop the file under another name, or with another `name` in its sidecar. Or give its "
            'destination a `name` that tells files apart, say "{file.folder} {file.name}", or have it go '
            f"elsewhere than to {where}; then retry it."
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """A name that a proof has taken."""

    name: Name
    holder: NameOwner


@dataclass(frozen=True, slots=True)
class NameConflicts:
    """Keeps the names of proofs apart."""

    names: Names
    ledger: Ledger
    now: Callable[[], datetime]

    def take(
        self, vendor: UploadGateway, delivery: UploadMessage, proof_id: str, new: NewVersion
    ) -> Taken | None:
        """Have a proof take the name that its file goes by; None where names are no matter.

        NameTakenError where it is another's. One call; others only where it is.
        """
        shared = vendor.shared_name(new)
        if shared is None:
            return None
        name = vendor.vendor, shared
        me = NameOwner(proof_id, delivery.drop.key, delivery.key, self.now())
        holder = self.names.take(name, me)
        if holder.proof_id != me.proof_id and self._is_over(holder) and not vendor.named_alike(None, new):
            holder = self.names.take(name, me, instead_of=holder)
        if holder.proof_id != me.proof_id:
            raise NameTakenError(vendor.vendor, new, holder.key)
        return Taken(name, holder)

    def expect_free(self, vendor: UploadGateway, taken: Taken, ref: ItemRef | None, new: NewVersion) -> None:
        """Raise NameTakenError where something at the vendor had the name before the proof took it.

        The vendor is asked once for each name.
        """
        if taken.holder.checked:
            return
        there = vendor.named_alike(ref, new)
        if there:
            self.names.leave(taken.name, taken.holder.proof_id)
            first = there[0]
            raise NameTakenError(
                vendor.vendor, new, f"what was put there otherwise ({first.ref.kind} {first.ref.id})"
            )
        self.names.check(taken.name)

    def _is_over(self, holder: NameOwner) -> bool:
        """Whether the file of whoever has a name is not on its way any more."""
        entry = self.ledger.get(holder.effect)
        if entry is None:
            return True
        if entry.state is EffectState.DONE:
            return self.now() >= (entry.state_at or entry.lease_until) + LATE
        return entry.state in SETTLED and not entry.unclear


def _where(new: NewVersion) -> str:
    """Return what a name is a name in."""
    if new.review is not None:
        return f"the review {new.review}"
    return f"the project {new.project}" + ("" if new.project_name is None else f" ({new.project_name!r})")
