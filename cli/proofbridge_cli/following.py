"""A file that was dropped, followed from the drop folder to its vendors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from proofbridge.domain.files.drops import FileDrop
from proofbridge.domain.files.messages import DROP_KEY_PREFIX, UPLOAD_KEY_PREFIX, WATCH_KEY_PREFIX, file_key
from proofbridge.domain.items import Vendor
from proofbridge.domain.proofs import VENDOR_NAMES
from proofbridge.stores.dropped_files import FileState
from proofbridge.stores.ledger import EffectState
from proofbridge.uploads.progress import TransferPhase

from .shipments import Shipment
from .stack import Stack

NOT_DROPPED: Final = "not dropped"
SIDECAR: Final = "sidecar"
_ARRIVED: Final = frozenset({FileState.RELAYED, FileState.UNCHANGED})
_ALL: Final = 100
_NEARLY: Final = 99
_BEFORE_VENDORS: Final = {EffectState.PARKED: "refused", EffectState.HELD: "ignored"}


@dataclass
class Dropped:
    """A file that was to be dropped, and what is known of it by now.

    `version_id` is None as long as it does not lie in the drop folder, `state` what became of it where it
    goes to no vendor, `percent` and `says` how far it is on its way.
    """

    path: Path
    key: str
    size_bytes: int = 1
    version_id: str | None = None
    state: str | None = None
    states: dict[Vendor, FileState] = field(default_factory=dict)
    vendors: tuple[Vendor, ...] = ()
    reasons: list[str] = field(default_factory=list)
    percent: int = 0
    says: str = "taken in"
    what_to_do: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself."""
        known = [self.states.get(vendor, FileState.WAITING) for vendor in self.vendors]
        return self.state is not None or (bool(known) and FileState.WAITING not in known)

    @property
    def arrived(self) -> bool:
        """Whether it stands at all of its vendors."""
        return bool(self.vendors) and all(self.states.get(vendor) in _ARRIVED for vendor in self.vendors)

    @property
    def fate(self) -> str:
        """What became of it, if not at all of its vendors what it was dropped for: `refused`, `outdated`."""
        elsewhere = (state for state in FileState if state in self.states.values() and state not in _ARRIVED)
        return self.state or ", ".join(elsewhere)

    @property
    def is_well(self) -> bool:
        """Whether it came to what it was dropped for; a sidecar goes to nobody."""
        return self.arrived or self.state == SIDECAR

    def to_dict(self) -> dict[str, Any]:
        """Return what scripts read."""
        return {
            "file": str(self.path),
            "key": self.key,
            "version_id": self.version_id,
            "arrived": self.arrived,
            "state": self.state,
            "vendors": {vendor: self.states.get(vendor, FileState.WAITING) for vendor in self.vendors},
            "reasons": self.reasons,
        }

    def look(self, stack: Stack) -> None:
        """Take note of how far it has come."""
        if self.version_id is None or self.is_over:
            return
        name = file_key(stack.drop_bucket, self.key, self.version_id)
        taken = stack.ledger.get(f"{DROP_KEY_PREFIX}{name}")
        if taken is None:
            return
        self.reasons = [Shipment.of(taken).why] if taken.reason else []
        if taken.state is not EffectState.DONE:
            self.state = _BEFORE_VENDORS.get(taken.state)
            self.says = self.state or f"waits: {''.join(self.reasons)}"
            return
        self.vendors = tuple(Vendor(vendor) for vendor in json.loads(taken.result or "{}")["vendors"])
        self.states = stack.files.states(stack.drop_bucket, self.key, self.version_id)
        found = {vendor: self._shipments(stack, f"{name}|{vendor}") for vendor in self.vendors}
        self.reasons = [
            f"{VENDOR_NAMES[vendor]}: {each.why}"
            for vendor, shipments in found.items()
            for each in shipments
            if each.entry.reason is not None and self.states.get(vendor) not in _ARRIVED
        ]
        parts = [(vendor, *self._part(vendor, shipments)) for vendor, shipments in found.items()]
        self.percent = sum(percent for _, percent, _ in parts) // len(parts)
        self.says = ", ".join(f"{VENDOR_NAMES[vendor]}: {says}" for vendor, _, says in parts)

    def ask_what_to_do(self, stack: Stack) -> None:
        """Take note of what was said is to be done about what is wrong with it."""
        if self.version_id is None or not self.is_over or self.is_well:
            return
        now = datetime.now(UTC)
        drop = FileDrop(stack.drop_bucket, self.key, self.version_id, "", self.size_bytes, now)
        said = [stack.folder.what_to_do(drop, vendor) for vendor in self.vendors or ("",)]
        self.what_to_do = " ".join(dict.fromkeys(filter(None, said)))

    @staticmethod
    def _shipments(stack: Stack, name: str) -> list[Shipment]:
        entries = (stack.ledger.get(f"{prefix}{name}") for prefix in (UPLOAD_KEY_PREFIX, WATCH_KEY_PREFIX))
        return [Shipment.of(entry) for entry in entries if entry is not None]

    def _part(self, vendor: Vendor, shipments: Sequence[Shipment]) -> tuple[int, str]:
        """Return how far it is at a vendor, in percent, and what is done with it there."""
        state = self.states.get(vendor)
        if state in _ARRIVED:
            return _ALL, str(state)
        if not shipments:
            return 0, "queued"
        newest = shipments[-1]
        percent = _NEARLY if newest.percent is None else min(newest.percent, _NEARLY)
        if newest.entry.state is EffectState.STARTED:
            return percent, "fetches it" if newest.step == TransferPhase.FETCHING else newest.step
        if shipments[0].entry.state is EffectState.DONE and state is FileState.WAITING:
            return percent, "processing"
        return percent, str(state or newest.entry.state)
