"""What Proofbridge asks of a vendor that takes files. Each such vendor's package has one class for it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from proofbridge.domain.actions import Action
from proofbridge.domain.files.drops import NewVersion
from proofbridge.domain.items import ItemRef, Observation, Vendor
from proofbridge.vendors.multipart import Source


class Processing(enum.StrEnum):
    """How far a vendor has come with a file that it took."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Span:
    """The time in which what attempts have sent may have been stored, by our clock."""

    since: datetime
    until: datetime

    def may_hold(self, moment: datetime | None, difference: timedelta) -> bool:
        """Whether a vendor's moment may lie in it, whose clock may be so far from ours."""
        return moment is None or self.since - difference <= moment <= self.until + difference


@dataclass(frozen=True, slots=True)
class Found:
    """What an upload may have made. `is_ours`: no other proof's file can have made it."""

    seen: Observation
    is_ours: bool


class UploadGateway(Protocol):
    """A vendor that takes files. Every method may raise VendorError."""

    @property
    def vendor(self) -> Vendor:
        """Which vendor it is."""
        ...

    @property
    def fetches_by_url(self) -> bool:
        """Whether the vendor can fetch a file from a link: then the methods `…_by_url` may be called."""
        ...

    @property
    def processes(self) -> bool:
        """Whether a file has to be processed there before it can be reviewed: then `processing` is asked."""
        ...

    def name_of(self, ref: ItemRef, new: NewVersion) -> str:
        """Return what a file has to be called to become the item's next version."""
        ...

    def shared_name(self, new: NewVersion) -> str | None:
        """Return what no two proofs may have in common: a file's name, and where it goes, by its id.

        None where files of one name stay apart. Nobody is called. How the vendor compares names is not known:
        those that it may take for the same come out the same.
        """
        ...

    def named_alike(self, ref: ItemRef | None, new: NewVersion) -> list[Observation]:
        """Return what has the file's name where it goes; nothing if that is `ref` itself."""
        ...

    def upload(self, new: NewVersion, source: Source) -> Observation:
        """Send a file as a new proof."""
        ...

    def revise(self, ref: ItemRef, new: NewVersion, source: Source) -> Observation:
        """Send a file, called as `name_of` says, as a further version of a proof; it may be another item."""
        ...

    def upload_by_url(self, new: NewVersion, url: str) -> Observation:
        """Have the vendor fetch a file as a new proof."""
        ...

    def revise_by_url(self, ref: ItemRef, new: NewVersion, url: str) -> Observation:
        """Have the vendor fetch a file as a further version of a proof."""
        ...

    def find_uploads(self, new: NewVersion, span: Span) -> list[Found]:
        """Return the proofs that an upload of this file, tried in that span, may have made."""
        ...

    def find_revision(self, ref: ItemRef, new: NewVersion, version: int, span: Span) -> Observation | None:
        """Return the proof if this file has arrived in that span, as a version after `version`."""
        ...

    def processing(self, ref: ItemRef) -> tuple[Processing, Observation]:
        """Say how far the vendor has come with the item's file, and what it shows of the item now."""
        ...

    def after(self, ref: ItemRef, new: NewVersion, proof_id: str) -> list[Action]:
        """Return what is to be done once the file is processed, such as making the review tasks.

        The actions' keys depend on the item and on its version, and on nothing else.
        """
        ...

    def find_project(self, new: NewVersion) -> str | None:
        """Return the id of the project that the file goes to, None where there is none of its name yet."""
        ...

    def create_project(self, new: NewVersion) -> str:
        """Make the project that the file goes to, and return its id. It is not safe to repeat."""
        ...
