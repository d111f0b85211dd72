"""A dropped file as the source of an upload: one version of it, read from S3 to its last byte."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

from proofbridge.domain.files.drops import FileDrop
from proofbridge.uploads.hashing import Sha256
from proofbridge.uploads.progress import TransferPhase

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

PIECE_BYTES: Final = 1024 * 1024
MAX_BREAKS: Final = 8
"""How often the read of one file may break off. S3's client itself tries each request several times."""
STALL_SECONDS: Final = 20
"""How long a read may go without a byte, all its tries together. The function's margin is longer."""
_BROKEN: Final = (HTTPClientError, IncompleteReadError, OSError)


class FileChangedError(Exception):
    """S3 answered with other bytes than those of the file that was begun."""


class HashedSource:
    """A dropped file as the source of an upload, hashed as it is read.

    Each reading is pinned to the dropped version, and to the content that its first answer named, so that no
    overwrite can mix two files. One that breaks off goes on where it was. `on_read` is told what for, and how
    far each has come.
    """

    def __init__(
        self, client: S3Client, drop: FileDrop, on_read: Callable[[TransferPhase, int], None] | None = None
    ) -> None:
        self._client = client
        self._drop = drop
        self._on_read = on_read
        self._reader: _Reader | None = None
        self._senders: list[_Reader] = []

    @property
    def size_bytes(self) -> int:
        """The size that S3 told."""
        return self._drop.size_bytes

    @property
    def read_bytes(self) -> int:
        """How far the newest reading has come."""
        return 0 if self._reader is None else self._reader.position

    @property
    def sent_bytes(self) -> int:
        """How much has been read to be sent, in all attempts."""
        return sum(reader.position for reader in self._senders)

    @property
    def sha256(self) -> str | None:
        """The hash of what the newest reading has read, in hexadecimal; None if nothing was opened."""
        return None if self._reader is None else self._reader.hash.hexdigest()

    def open(self) -> BinaryIO:
        """Start to read at the first byte. One call, and one more each time that the read breaks off."""
        return self._open(TransferPhase.SENDING)

    def _open(self, doing: TransferPhase) -> BinaryIO:
        tell = None if self._on_read is None else functools.partial(self._on_read, doing)
        self._reader = _Reader(self._client, self._drop, tell)
        if doing is TransferPhase.SENDING:
            self._senders.append(self._reader)
        return cast("BinaryIO", self._reader)

    def link(self, lasting: timedelta) -> str:
        """Return an address at which anybody can fetch just this version for so long. No call.

        It is a credential: to be given to the vendor, and to nobody else. It ends earlier where the
        credentials that sign it do.
        """
        if self._on_read is not None:
            self._on_read(TransferPhase.FETCHING, self.size_bytes)
        return self._client.generate_presigned_url(
            "get_object",
            Params={"Bucket": self._drop.bucket, "Key": self._drop.key, "VersionId": self._drop.version_id},
            ExpiresIn=int(lasting.total_seconds()),
        )

    def hash_all(self, is_late: Callable[[], bool] = lambda: False) -> str | None:
        """Read the whole file for its hash alone; None if it became too late on the way."""
        stream = self._open(TransferPhase.HASHING)
        try:
            while stream.read(PIECE_BYTES):
                if self.read_bytes < self.size_bytes and is_late():
                    return None
        finally:
            stream.close()
        return self.sha256


class _Reader:
    """One reading: GET, bytes 0 to 41, cut; GET with Range bytes=42- and If-Match, bytes 42 to the end."""

    def __init__(self, client: S3Client, drop: FileDrop, on_read: Callable[[int], None] | None) -> None:
        self._client = client
        self._drop = drop
        self._on_read = on_read
        self._stream: StreamingBody | None = None
        self._etag: str | None = None
        self._breaks = 0
        self._moved_at = 0.0
        self.position = 0
        self.hash = Sha256()

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes (all for -1), empty at the end."""
        pieces: list[bytes] = []
        self._moved_at = monotonic()  # whoever takes the bytes may have taken its time
        while self.position < self._drop.size_bytes:
            try:
                piece = self._read_on(size)
            except (*_BROKEN, ClientError) as error:
                if isinstance(error, ClientError) and not _may_pass(error):
                    raise
                self._let_go()
                self._breaks += 1
                if self._breaks > MAX_BREAKS or monotonic() - self._moved_at > STALL_SECONDS:
                    raise
                continue
            self.position += len(piece)
            self._moved_at = monotonic()
            self.hash.update(piece)
            if self._on_read is not None:
                self._on_read(self.position)
            pieces.append(piece)
            if size >= 0:
                break
        return b"".join(pieces) if len(pieces) != 1 else pieces[0]

    def close(self) -> None:
        """Let go of the connection."""
        self.hash.finish()
        self._let_go()

    def _let_go(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _read_on(self, size: int) -> bytes:
        if self._stream is None:
            self._stream = self._begin()
        left = self._drop.size_bytes - self.position
        piece = self._stream.read(min(PIECE_BYTES if size < 0 else size, left))
        if not piece and size:
            raise IncompleteReadError(actual_bytes=self.position, expected_bytes=self._drop.size_bytes)
        return piece

    def _begin(self) -> StreamingBody:
        pinned: dict[str, Any] = {"VersionId": self._drop.version_id}
        if self._etag is not None:
            pinned |= {"IfMatch": self._etag, "Range": f"bytes={self.position}-"}
        answer = self._client.get_object(Bucket=self._drop.bucket, Key=self._drop.key, **pinned)
        if self._etag is None:
            expected, came = str(self._drop.size_bytes), str(answer["ContentLength"])
        else:
            expected = f"bytes {self.position}-{self._drop.size_bytes - 1}/{self._drop.size_bytes}"
            came = answer.get("ContentRange", "the whole")
        if came != expected:
            answer["Body"].close()
            raise FileChangedError(f"{self._drop.key}: S3 sends {came} instead of {expected}")
        self._etag = answer["ETag"]
        return answer["Body"]


def _may_pass(refusal: ClientError) -> bool:
    """Whether S3 only wants to be left alone for a moment: 503 (SlowDown), or another error of its own."""
    return int(refusal.response["ResponseMetadata"]["HTTPStatusCode"]) >= 500  # noqa: PLR2004
