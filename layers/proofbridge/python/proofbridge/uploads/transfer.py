"""How a file gets to a vendor: sent, or fetched by the vendor; within the time that there is."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from proofbridge.domain.files.drops import NewVersion
from proofbridge.domain.items import ItemRef, Observation, Vendor
from proofbridge.stores.errors import AWS_ERRORS
from proofbridge.stores.file_source import FileChangedError
from proofbridge.stores.locks import Locks
from proofbridge.stores.throughputs import Throughputs
from proofbridge.uploads.budget import (
    CAUTIOUS_BYTES_PER_SECOND,
    CAUTIOUS_READING_BYTES_PER_SECOND,
    Budget,
    learned,
)
from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.errors import (
    Happened,
    InvalidRequestError,
    RejectedError,
    SourceError,
    VendorError,
    VendorTimeoutError,
)
from proofbridge.vendors.multipart import Source
from proofbridge.vendors.upload_gateway import UploadGateway

log = logging.getLogger(__name__)

LINK_LIFE: Final = timedelta(hours=1)
"""For how long a vendor may begin to fetch a file."""
LATE: Final = timedelta(minutes=15)
"""For how long a vendor that did not answer in time may still be storing what it was sent."""
_LATE_STATUSES: Final = frozenset({502, 504, 524})
"""What stands between a vendor and us has lost patience, not the vendor itself."""
MAX_LINK_LENGTH: Final = 2000
"""The longest address that a vendor takes (Good2Go, "Upload and create a file")."""
READING: Final = "s3"
"""The way along which a file is read for its hash alone."""
_UNREADABLE: Final = (*AWS_ERRORS, FileChangedError, OSError)


class LinkedSource(Source, Protocol):
    """A file that can be read, hashed, and fetched by others."""

    @property
    def read_bytes(self) -> int:
        """How far the newest reading has come."""
        ...

    def hash_all(self, is_late: Callable[[], bool]) -> str | None:
        """Read the whole file for its hash alone; None if it became too late on the way."""
        ...

    def link(self, lasting: timedelta) -> str:
        """Return an address at which anybody can fetch just this version for so long."""
        ...


class TooLargeError(VendorError):
    """A file can't get to its vendor in the time that a function has."""

    what = "not sent, the file would not arrive in time"
    advice = 'Send a smaller file; a vendor that fetches files can be given a link (mode = "url" or "auto").'


class TooLargeToReadError(TooLargeError):
    """A file can't even be read for its hash in the time that a function has."""

    what = "not sent, the file can't be read in time"
    advice = "Send a smaller file: whichever way it goes, it is read once for its SHA-256."


class NoTimeLeftError(VendorError):
    """Too little time is left for a file; the next function has all of it."""

    what = "not sent, too little time is left"
    advice = "It is tried again."
    transient = True


class NotYetKnownError(VendorError):
    """Whether a vendor still fetches a file, or another function makes its project, is not known yet."""

    what = "not sent yet"
    advice = "It is tried again."
    transient = True


class Transfer:
    """Gets files to vendors.

    `deadline` ends all calls of this function, and `whole_seconds` is what a function has that has just
    begun. Files above `url_above_bytes` are fetched by the vendor where it can and the destination leaves
    the choice (`mode = "auto"`).
    """

    def __init__(
        self,
        *,
        throughputs: Throughputs,
        locks: Locks,
        deadline: Deadline,
        whole_seconds: float,
        url_above_bytes: int,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._throughputs = throughputs
        self._locks = locks
        self._deadline = deadline
        self._whole_seconds = whole_seconds
        self._url_above_bytes = url_above_bytes
        self._now = now
        self._monotonic = monotonic
        self._read_seconds = 0.0

    def placed(self, vendor: UploadGateway, ref: ItemRef | None, new: NewVersion) -> NewVersion:
        """Return what is told of a file, with its project's id and the name that it has to have there.

        A project that is to be made is made. `ref` is what the file becomes the next version of.
        """
        new = self._in_its_project(vendor, new)
        return new if ref is None else dataclasses.replace(new, name=vendor.name_of(ref, new))

    def send(
        self, vendor: UploadGateway, ref: ItemRef | None, new: NewVersion, source: LinkedSource, key: str
    ) -> Observation:
        """Get a file to a vendor, as a new proof or as the next version of `ref`; return what it is there.

        `new` is as `placed` returned it, `key` names the effect. Every failure is a VendorError that says
        whether it may have happened.
        """
        # What the vendor does not show yet may still come, by an earlier link or out of an earlier attempt.
        if self._locks.held(_coming(key), self._now()):
            raise self._may_come(vendor, new)
        if not vendor.fetches_by_url or new.mode == "stream":
            return self._stream(vendor, ref, new, source, key)
        budget = self._budget(vendor.vendor, new.size_bytes)
        if new.mode == "auto" and new.size_bytes <= self._url_above_bytes and budget.fits:
            return self._stream(vendor, ref, new, source, key)
        return self._by_url(vendor, ref, new, source, key)

    def hash(self, vendor: Vendor, name: str, source: LinkedSource) -> str:
        """Read a whole file for its hash alone, if there is time for that; return the hash, in hexadecimal.

        What fails is a VendorError, because the file fails to get to its vendor.
        """
        self._expect_time(vendor, name, source.size_bytes, READING)
        started = self._monotonic()
        try:
            sha256 = source.hash_all(lambda: self._deadline.expired)
        except _UNREADABLE as error:
            reason = f"the file could not be read ({type(error).__name__})"
            raise self._error(SourceError, vendor, name, reason) from error
        seconds = self._monotonic() - started
        self._read_seconds += seconds
        self._learn(READING, source.read_bytes, seconds)
        if sha256 is None:
            raise self._error(NoTimeLeftError, vendor, name, "it is read more slowly than others were")
        return sha256

    # -- the two ways

    def _stream(
        self, vendor: UploadGateway, ref: ItemRef | None, new: NewVersion, source: LinkedSource, key: str
    ) -> Observation:
        self._expect_time(vendor.vendor, new.name, new.size_bytes, vendor.vendor)
        started = self._monotonic()
        try:
            seen = vendor.upload(new, source) if ref is None else vendor.revise(ref, new, source)
        except VendorError as error:
            if error.happened is Happened.UNKNOWN:  # else nothing of it may have been read
                is_all_read = source.read_bytes == new.size_bytes
                if self._deadline.expired and not is_all_read:
                    # Whatever else broke off says nothing of the way: a vendor that stood still, say.
                    self._learn(vendor.vendor, source.read_bytes, self._monotonic() - started)
                if is_all_read and (isinstance(error, VendorTimeoutError) or error.status in _LATE_STATUSES):
                    now = self._now()
                    self._locks.take(_coming(key), now, now + LATE)
            raise
        self._learn(vendor.vendor, source.read_bytes, self._monotonic() - started)
        return seen

    def _by_url(
        self, vendor: UploadGateway, ref: ItemRef | None, new: NewVersion, source: LinkedSource, key: str
    ) -> Observation:
        # The hash comes first: what can't be read in time has then cost nothing.
        self.hash(vendor.vendor, new.name, source)
        link = source.link(LINK_LIFE)
        if len(link) > MAX_LINK_LENGTH:
            if new.mode == "auto":
                return self._stream(vendor, ref, new, source, key)
            detail = f"the link has {len(link)} characters, of which {MAX_LINK_LENGTH} are allowed"
            raise self._error(TooLargeError, vendor.vendor, new.name, detail)
        now = self._now()
        until = now + LINK_LIFE + LATE  # it may begin at the last moment
        if not self._locks.take(_coming(key), now, until):
            raise self._may_come(vendor, new)
        try:
            if ref is None:
                return vendor.upload_by_url(new, link)
            return vendor.revise_by_url(ref, new, link)
        except VendorError as error:
            if error.happened is Happened.NO:
                self._locks.release(_coming(key), until)
            if new.mode == "auto" and isinstance(error, RejectedError) and error.happened is Happened.NO:
                # It may be the link that the vendor does not like; anything else it refuses again.
                return self._stream(vendor, ref, new, source, key)
            raise

    @staticmethod
    def _may_come(vendor: UploadGateway, new: NewVersion) -> NotYetKnownError:
        return NotYetKnownError(
            "it may still arrive: the vendor had not answered in time, or may be fetching it by a link",
            vendor=vendor.vendor,
            operation="upload",
            item=f"file {new.name!r}",
        )

    # -- time

    def _budget(self, way: str, size_bytes: int) -> Budget:
        measured = self._throughputs.get(way, self._now())
        cautious = CAUTIOUS_READING_BYTES_PER_SECOND if way == READING else CAUTIOUS_BYTES_PER_SECOND
        return Budget(
            size_bytes=size_bytes,
            bytes_per_second=measured or cautious,
            left_seconds=self._deadline.remaining_seconds,
            # Another function would read it as long for its hash.
            whole_seconds=self._whole_seconds - self._read_seconds,
        )

    def _expect_time(self, vendor: Vendor, name: str, size_bytes: int, way: str) -> None:
        budget = self._budget(way, size_bytes)
        if budget.fits:
            return
        kind: type[VendorError] = TooLargeToReadError if way == READING else TooLargeError
        if budget.fits_later:
            kind = NoTimeLeftError
        raise self._error(kind, vendor, name, budget.explain())

    @staticmethod
    def _error(kind: type[VendorError], vendor: Vendor, name: str, detail: str) -> VendorError:
        """Return an error before which nothing was sent."""
        return kind(detail, vendor=vendor, operation="upload", item=f"file {name!r}", happened=Happened.NO)

    def _learn(self, way: str, moved_bytes: int, seconds: float) -> None:
        """Learn from an attempt, also from one that ran out of time."""
        try:
            before = self._throughputs.get(way, self._now())
            after = learned(before, moved_bytes, seconds)
            if after is not None and after != before:
                self._throughputs.put(way, after, self._now())
        except AWS_ERRORS:
            log.warning("a throughput could not be noted", exc_info=True)  # no file waits for that

    # -- the project

    def _in_its_project(self, vendor: UploadGateway, new: NewVersion) -> NewVersion:
        """Have the project made if it is not there; return what is told of the file, with the project's id.

        One function at a time makes a project. After an unclear answer the lock stays until it ends by
        itself, and then the project is looked for again.
        """
        if new.project is not None or new.project_name is None:
            return new
        found = vendor.find_project(new)
        if found is None and not new.create:
            raise InvalidRequestError(
                "project_name",
                f"no open project is called {new.project_name!r}",
                vendor=vendor.vendor,
                operation="find_project",
                item=f"file {new.name!r}",
            )
        if found is None:
            now = self._now()
            until = now + timedelta(seconds=self._whole_seconds)
            name = f"project|{vendor.vendor}|{new.project_name}"
            if not self._locks.take(name, now, until):
                raise NotYetKnownError(
                    f"the project {new.project_name!r} is being made",
                    vendor=vendor.vendor,
                    operation="create_project",
                    happened=Happened.NO,
                )
            # It may have been made between the two questions.
            found = vendor.find_project(new) or self._made(vendor, new, name, until)
            self._locks.release(name, until)
        return dataclasses.replace(new, project=found)

    def _made(self, vendor: UploadGateway, new: NewVersion, lock: str, until: datetime) -> str:
        try:
            return vendor.create_project(new)
        except VendorError as error:
            if error.happened is Happened.NO:
                self._locks.release(lock, until)
                raise
            # Whatever became of the project: of the file nothing was sent.
            raise NotYetKnownError(
                str(error), vendor=vendor.vendor, operation="create_project", happened=Happened.NO
            ) from error


def _coming(key: str) -> str:
    return f"coming|{key}"
