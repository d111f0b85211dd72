"""Deliveries: one dropped file for one vendor, as it travels through the vendor's uploads queue."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from proofbridge.domain.files.drops import FileDrop, place_of
from proofbridge.domain.items import ItemRef, Vendor
from proofbridge.domain.waiting import Waited

UPLOAD_KEY_PREFIX: Final = "upload|"
WATCH_KEY_PREFIX: Final = "watch|"
DROP_KEY_PREFIX: Final = "drop|"
FILE_KEY_PREFIXES: Final = (UPLOAD_KEY_PREFIX, WATCH_KEY_PREFIX, DROP_KEY_PREFIX)
"""How the keys of what the ledger notes of files begin; all others are actions."""


@dataclass(frozen=True, slots=True)
class ProcessingHandle:
    """A file that its vendor has taken and still processes: what its receipt will say."""

    ref: ItemRef
    version: int
    sha256: str
    attempts: int


@dataclass(frozen=True, slots=True)
class UploadMessage:
    """One dropped file for one vendor.

    `wishes` is what was said of the file beside it (see `sidecars`). `arrival` is there once the vendor has
    taken the file and is to be asked whether it has processed it. `waited` tells how long it has had to wait.
    """

    drop: FileDrop
    vendor: Vendor
    wishes: dict[str, Any] = field(default_factory=dict)
    arrival: ProcessingHandle | None = None
    waited: Waited = field(default_factory=Waited)

    @property
    def key(self) -> str:
        """What it is called in the ledger."""
        file = file_key(self.drop.bucket, self.drop.key, self.drop.version_id)
        if self.arrival is not None:
            return f"{WATCH_KEY_PREFIX}{file}|{self.vendor}"
        return upload_key(file, self.vendor)

    def to_message(self) -> str:
        """Return the JSON text that travels through the queue."""
        data: dict[str, Any] = {
            "drop": self.drop.to_dict(),
            "vendor": self.vendor,
            "wishes": self.wishes,
            "waited": self.waited.to_dict(),
        }
        if self.arrival is not None:
            data["arrival"] = {**dataclasses.asdict(self.arrival), "ref": str(self.arrival.ref)}
        # ASCII: a queue does not take every character that a name or a sidecar may have.
        return json.dumps(data, separators=(",", ":"))

    @classmethod
    def from_message(cls, text: str) -> Self:
        """Read what `to_message` wrote; ValueError, KeyError or TypeError for anything else."""
        data = json.loads(text)
        arrival = data.get("arrival")
        return cls(
            drop=FileDrop.from_dict(data["drop"]),
            vendor=Vendor(data["vendor"]),
            wishes=data["wishes"],
            arrival=arrival and ProcessingHandle(**{**arrival, "ref": ItemRef.parse(arrival["ref"])}),
            waited=Waited.from_dict(data["waited"]),
        )


def dispatch(
    text: str, *, take: Callable[[Mapping[str, Any]], object], relay: Callable[[UploadMessage], object]
) -> None:
    """Have a message of the upload queues dealt with: S3's event of a dropped file, or a delivery."""
    message = json.loads(text)
    if "detail" in message:
        take(message)
    else:
        relay(UploadMessage.from_message(text))


def drop_key(drop: FileDrop) -> str:
    """Return what a dropped file is called in the ledger, before it goes to any vendor."""
    return f"{DROP_KEY_PREFIX}{file_key(drop.bucket, drop.key, drop.version_id)}"


def upload_key(file: str, vendor: Vendor) -> str:
    """Return what the sending of a file (see `file_key`) to a vendor is called in the ledger."""
    return f"{UPLOAD_KEY_PREFIX}{file}|{vendor}"


def file_key(bucket: str, key: str, version_id: str) -> str:
    """Return what a dropped file is called in all of the ledger's keys for it, after their prefixes."""
    return f"{place_of(bucket, key)}|{version_id}"
