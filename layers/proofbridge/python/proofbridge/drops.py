"""Files in the drop folder: what arrived, and what is to become of it."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from proofbridge.config import DROP_PREFIX, Destination
from proofbridge.items import Observation, moment_text, parse_moment

MAX_SEQUENCER_LENGTH: Final = 64


class NoDropError(ValueError):
    """A message is not S3's word of a file in the drop folder."""


@dataclass(frozen=True, slots=True)
class FileDrop:
    """One version of one object that was put into the drop folder, as S3's event tells it."""

    bucket: str
    key: str
    version_id: str
    sequencer: str
    size_bytes: int
    dropped_at: datetime

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Self:
        """Read EventBridge's "Object Created" of a versioned bucket; NoDropError for anything else."""
        try:
            detail = event["detail"]
            found = detail["object"]
            drop = cls(
                bucket=detail["bucket"]["name"],
                key=found["key"],
                version_id=found["version-id"],
                sequencer=found["sequencer"],
                size_bytes=int(found["size"]),
                dropped_at=parse_moment(event["time"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise NoDropError(f"no S3 event of a dropped file: {type(error).__name__} at {error}") from None
        if not drop.key.startswith(DROP_PREFIX):
            raise NoDropError(f"{drop.key!r} does not lie under {DROP_PREFIX}")
        return drop

    @property
    def name(self) -> str:
        """The file's name."""
        return self.key.rpartition("/")[2]

    @property
    def proof_id(self) -> str:
        """The proof that this place in the drop folder stands for: the same name is the same proof."""
        return "PB" + hashlib.sha256(f"{self.bucket}/{self.key}".encode()).hexdigest()[:20].upper()

    @property
    def content_type(self) -> str:
        """The MIME type that the file's ending stands for."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def comes_after(self, sequencer: str) -> bool:
        """Whether this was dropped later than the drop with that sequencer, of the same key.

        S3's sequencers are hexadecimal and differ in length; the shorter is filled with zeros on the right.
        """
        return self.sequencer.ljust(MAX_SEQUENCER_LENGTH, "0") > sequencer.ljust(MAX_SEQUENCER_LENGTH, "0")


@dataclass(frozen=True, slots=True)
class Relayed:
    """What the newest relayed drop of a key came to."""

    sequencer: str
    sha256: str
    size_bytes: int
    item: str
    version: int


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What a vendor is told of a file: the first version of a proof, or a further one.

    `reference` is ours (at most 80 characters); the vendor keeps it beside the proof.
    """

    reference: str
    name: str
    content_type: str
    message: str
    recipient: str
    reviewers: tuple[str, ...]
    folder: str | None
    due_at: datetime | None

    @classmethod
    def of(cls, drop: FileDrop, destination: Destination, message: str) -> Self:
        """Apply a destination's rules to a dropped file."""
        rule = destination.due_rule
        return cls(
            reference=drop.proof_id,
            name=drop.name,
            content_type=drop.content_type,
            message=message,
            recipient=destination.recipient,
            reviewers=destination.reviewers,
            folder=destination.folder,
            due_at=None if rule is None else rule.due_at(drop.dropped_at),
        )


def error_report(drop: FileDrop, problem: str, remedy: str, now: datetime) -> str:
    """Return the JSON that lies under errors/ for a file that could not be relayed."""
    return json.dumps(
        {
            "file": drop.key,
            "version_id": drop.version_id,
            "at": moment_text(now),
            "problem": problem,
            "what_to_do": remedy,
        },
        indent=2,
        ensure_ascii=False,
    )


def receipt(drop: FileDrop, relayed: Relayed, seen: Observation, attempts: int, now: datetime) -> str:
    """Return the JSON that lies under receipts/ for a file that stands at its vendor."""
    return json.dumps(
        {
            "file": drop.key,
            "version_id": drop.version_id,
            "sha256": relayed.sha256,
            "bytes": relayed.size_bytes,
            "vendor": seen.ref.vendor,
            "item": seen.ref.id,
            "version": relayed.version,
            "url": seen.url,
            "proof": drop.proof_id,
            "attempts": attempts,
            "dropped_at": moment_text(drop.dropped_at),
            "relayed_at": moment_text(now),
        },
        indent=2,
        ensure_ascii=False,
    )
