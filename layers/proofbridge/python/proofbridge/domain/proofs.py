"""A proof: the items that stand for one piece of work, and what can be said of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from proofbridge.domain.items import ItemKind, Observation, Vendor, moment_text

VENDOR_NAMES: Final = {
    Vendor.GOOD2GO: "Good2Go",
    Vendor.APPROVAL_STUDIO: "Approval Studio",
    Vendor.GOODDAY: "GoodDay",
    Vendor.ROBOHEAD: "RoboHead",
    Vendor.AWS: "Amazon",
}

_SPEAKS_FIRST: Final = (ItemKind.JOB, ItemKind.ASSET, ItemKind.REVIEW, ItemKind.PROJECT, ItemKind.TASK)
"""Which item speaks for the whole proof: what is reviewed before what tracks it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof's items as they were last seen. `items` need not be complete, nor in any order."""

    id: str
    items: tuple[Observation, ...]

    def values(self) -> dict[str, str]:
        """Return what texts can name of the proof (see `templates.CHANGE_FIELDS`)."""
        items = self._by_rank()
        first = items[0] if items else None
        due_at = next((item.due_at for item in items if item.due_at is not None), None)
        status = None if first is None else first.status
        return {
            "proof.id": self.id,
            "proof.name": next((item.name for item in items if item.name), self.id),
            "proof.version": next((str(item.version) for item in items if item.version is not None), ""),
            "proof.status": "" if status is None else status.replace("_", " "),
            "proof.url": next((item.url for item in items if item.url), ""),
            "proof.due": "" if due_at is None else moment_text(due_at),
            "proof.due_day": "" if due_at is None else due_at.date().isoformat(),
            "proof.links": "\n".join(
                f"{VENDOR_NAMES[item.ref.vendor]}: {item.url}" for item in items if item.url
            ),
            "proof.reviewers": ", ".join(
                dict.fromkeys(person.id for item in items for person in item.reviewers or ())
            ),
        }

    def context(self) -> dict[str, Any]:
        """Return what conditions see of the proof, as plain JSON."""
        items = self._by_rank()
        return {
            "id": self.id,
            "vendors": list(dict.fromkeys(str(item.ref.vendor) for item in items)),
            "items": [item.to_dict() for item in items],
        }

    def _by_rank(self) -> list[Observation]:
        return sorted(
            (item for item in self.items if not item.deleted),
            key=lambda item: (_SPEAKS_FIRST.index(item.ref.kind), -(item.version or 0), str(item.ref)),
        )
