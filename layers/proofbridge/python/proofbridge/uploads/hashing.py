"""The SHA-256 of bytes that come in pieces, worked out while the pieces are on their way."""

from __future__ import annotations

import hashlib
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Final

AT_ONCE_BYTES: Final = 4 * 1024 * 1024
"""A file up to this size is hashed where it is read: a thread would cost more than it brings."""
WAITING_PIECES: Final = 4
"""How many pieces may wait to be hashed; whoever brings more waits. So the memory is bounded."""


class Sha256:
    """The hash of all pieces so far, by one reader.

    Hashing lets go of Python's lock, so that a second thread hashes one piece while the next are read and
    sent. The pieces must not change any more.
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._taken_bytes = 0
        self._pieces: SimpleQueue[bytes] = SimpleQueue()
        self._room = Semaphore(WAITING_PIECES)
        self._thread: Thread | None = None

    def update(self, piece: bytes) -> None:
        """Take the next piece; it waits while too many pieces do."""
        if not piece:
            return
        self._taken_bytes += len(piece)
        if self._taken_bytes <= AT_ONCE_BYTES:
            self._digest.update(piece)
            return
        if self._thread is None:
            self._thread = Thread(target=self._hash, name="sha256", daemon=True)
            self._thread.start()
        self._room.acquire()
        self._pieces.put(piece)

    def hexdigest(self) -> str:
        """Return the hash of all pieces taken so far, in hexadecimal, once they are hashed."""
        self.finish()
        return self._digest.hexdigest()

    def finish(self) -> None:
        """Hash what waits, and end the thread; further pieces would begin another."""
        if self._thread is not None:
            self._pieces.put(b"")
            self._thread.join()
            self._thread = None

    def _hash(self) -> None:
        while piece := self._pieces.get():
            self._digest.update(piece)
            self._room.release()
