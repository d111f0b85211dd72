"""Files in the drop folder: what arrived, and what a vendor is told of it."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final, Self

from proofbridge.config.destinations import DROP_PREFIX
from proofbridge.domain.items import moment_text, parse_moment

MAX_SEQUENCER_LENGTH: Final = 64
MAX_PLACE_BYTES: Final = 800
"""S3's keys have up to 1,024 bytes, as have a table's; in those of ours more stands beside a file's."""


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

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        return cls(**{**data, "dropped_at": parse_moment(data["dropped_at"])})

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {**asdict(self), "dropped_at": moment_text(self.dropped_at)}

    @property
    def name(self) -> str:
        """The file's name."""
        return self.key.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return PurePosixPath(self.name).stem

    def folder_below(self, prefix: str) -> str:
        """Return the folders between a destination's prefix and the file; nothing where there are none."""
        return self.key.removeprefix(f"{DROP_PREFIX}{prefix}/").rpartition("/")[0]

    def named(self, text: str) -> str:
        """Return a text as a name for the file, with the file's ending, by which vendors know its kind."""
        name, ending = text.replace("/", "-").strip(), PurePosixPath(self.name).suffix
        if text == self.name or not name:
            return self.name
        return name if name.casefold().endswith(ending.casefold()) else name + ending

    @property
    def content_type(self) -> str:
        """The MIME type that the file's ending stands for."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def order(self) -> str:
        """What sorts the drops of one key by their time."""
        return _order(self.sequencer)

    def comes_after(self, sequencer: str) -> bool:
        """Whether this was dropped later than the drop with that sequencer, of the same key."""
        return self.order > _order(sequencer)

    def comes_before(self, sequencer: str) -> bool:
        """Whether this was dropped earlier than the drop with that sequencer, of the same key."""
        return self.order < _order(sequencer)


def _order(sequencer: str) -> str:
    """Fill the shorter of S3's hexadecimal sequencers, which differ in length, with zeros on the right."""
    return sequencer.ljust(MAX_SEQUENCER_LENGTH, "0")


def shortened(text: str, max_bytes: int) -> str:
    """Return a text that has at most so many bytes: a longer one's beginning, and its hash."""
    data = text.encode()
    if len(data) <= max_bytes:
        return text
    digest = hashlib.sha256(data).hexdigest()
    return data[: max_bytes - len(digest)].decode(errors="ignore") + digest


def place_of(bucket: str, key: str) -> str:
    """Return what an object is called in the keys of our tables."""
    return shortened(f"{bucket}/{key}", MAX_PLACE_BYTES)


def proof_id_of(place: str) -> str:
    """Return the id of the proof that a place in the drop folder stands for."""
    return "PB" + hashlib.sha256(place.encode()).hexdigest()[:20].upper()


@dataclass(frozen=True, slots=True)
class UploadedVersion:
    """What the newest relayed drop of a place came to at one vendor."""

    key: str
    sequencer: str
    sha256: str
    size_bytes: int
    item: str
    version: int
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class PendingDrop:
    """A drop that was handed on to a vendor and is still to come there."""

    key: str
    version_id: str
    sequencer: str
    handed_on_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """What a vendor is told of a file: the first version of a proof, or a further one.

    `reference` is ours (at most 80 characters); the vendor keeps it beside the proof, where it can. `fields`
    are those read from the file's name, or given beside it. What only some vendors know is None, or empty,
    for the others; the words are those of the destination's table for the vendor (see `destinations`).
    `keeps_reviewers`: nothing is said of reviewers, so that those whom the vendor has stay.
    """

    reference: str
    name: str
    content_type: str
    size_bytes: int
    message: str
    fields: Mapping[str, str]
    due_at: datetime | None
    reviewers: tuple[str, ...] = ()
    keeps_reviewers: bool = True
    recipient: str | None = None
    folder: str | None = None
    category: str | None = None
    mode: str = "stream"
    project: str | None = None
    project_name: str | None = None
    create: bool = False
    owners: tuple[str, ...] = ()
    review: str | None = None
    title: str | None = None
    kind: str | None = None

    @property
    def people(self) -> str:
        """Who is to decide, for people to read."""
        return ", ".join(who for who in (self.recipient, *self.reviewers) if who is not None)
