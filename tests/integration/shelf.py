"""A vendor that takes files, in memory: what it was sent, item by item, and what goes wrong there."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from proofbridge.domain.actions import Action
from proofbridge.domain.files.drops import NewVersion
from proofbridge.domain.items import ItemKind, ItemRef, Observation, Vendor
from proofbridge.vendors.errors import Happened, RejectedError, ServerError
from proofbridge.vendors.multipart import Source
from proofbridge.vendors.upload_gateway import Found, Processing, Span


class Shelf:
    """Stands where a bridge has its connections, and is their gateway for files, too."""

    vendor = Vendor.GOOD2GO
    fetches_by_url = False
    processes = False

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.items: dict[str, list[str]] = {}
        """The hashes of each file's versions, in the order in which they came."""
        self.refuses: set[str] = set()
        """The hashes that it does not like."""
        self.is_down = False

    # -- as connections

    def uploads(self, *_: Any) -> Shelf:
        """Return the gateway."""
        return self

    def renew(self, _: Vendor) -> bool:
        """Say that the secret is what it was."""
        return False

    # -- as a gateway

    def name_of(self, ref: ItemRef, new: NewVersion) -> str:  # noqa: ARG002
        """Return the file's own name: any will do."""
        return new.name

    def shared_name(self, new: NewVersion) -> str | None:  # noqa: ARG002
        """Return nothing: files of one name stay apart."""
        return None

    def named_alike(self, ref: ItemRef | None, new: NewVersion) -> list[Observation]:  # noqa: ARG002
        """Return nothing: nobody asks."""
        return []

    def upload(self, new: NewVersion, source: Source) -> Observation:
        """Take a new file."""
        return self._take(new.name, new, source)

    def revise(self, ref: ItemRef, new: NewVersion, source: Source) -> Observation:
        """Take a further version."""
        return self._take(ref.id, new, source)

    def find_uploads(self, new: NewVersion, span: Span) -> list[Found]:  # noqa: ARG002
        """Return the item of the file's name, if it is there."""
        return [Found(self._seen(new.name), is_ours=True)] if new.name in self.items else []

    def find_revision(
        self,
        ref: ItemRef,
        new: NewVersion,  # noqa: ARG002
        version: int,
        span: Span,  # noqa: ARG002
    ) -> Observation | None:
        """Return the item if it has a later version."""
        return self._seen(ref.id) if len(self.items[ref.id]) > version else None

    def processing(self, ref: ItemRef) -> tuple[Processing, Observation]:
        """Say that a file which was refused can't be processed."""
        failed = bool(self.refuses & set(self.items[ref.id]))
        return Processing.FAILED if failed else Processing.DONE, self._seen(ref.id)

    def after(self, *_: Any) -> list[Action]:
        """Return nothing: the reviewers were asked with the upload."""
        return []

    def _take(self, item: str, new: NewVersion, source: Source) -> Observation:
        where: Any = {"vendor": self.vendor, "operation": "upload", "happened": Happened.NO}
        if self.is_down:
            raise ServerError("out of order", **where)
        with contextlib.closing(source.open()) as stream:
            digest = hashlib.sha256(b"".join(iter(lambda: stream.read(2**20), b""))).hexdigest()
        if digest in self.refuses and not self.processes:
            raise RejectedError(f"{new.name} is no artwork", **where)
        self.items.setdefault(item, []).append(digest)
        return self._seen(item)

    def _seen(self, item: str) -> Observation:
        return Observation(
            ItemRef(self.vendor, ItemKind.JOB, item), self._now(), name=item, version=len(self.items[item])
        )
