from __future__ import annotations

import hashlib
import random
import threading

import pytest

from proofbridge.uploads import hashing
from proofbridge.uploads.hashing import AT_ONCE_BYTES, WAITING_PIECES, Sha256

PIECE = random.Random(1).randbytes(1024 * 1024)  # noqa: S311 - any bytes will do


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "sha256"]


@pytest.mark.parametrize("count", [0, 1, 4, 5, 23])
def test_hash_is_that_of_all_pieces_in_their_order_when_a_file_is_small_or_large(count: int) -> None:
    pieces = [PIECE[index:] for index in range(count)]
    hashed = Sha256()
    for piece in pieces:
        hashed.update(piece)
        hashed.update(b"")
    assert hashed.hexdigest() == hashlib.sha256(b"".join(pieces)).hexdigest()
    assert threads() == []


def test_second_thread_hashes_when_a_file_is_large_and_ends_with_it() -> None:
    hashed = Sha256()
    hashed.update(bytes(AT_ONCE_BYTES))
    assert threads() == []
    hashed.update(b"more")
    assert threads() == ["sha256"]
    hashed.finish()
    assert threads() == []
    hashed.update(b"and more")
    assert hashed.hexdigest() == hashlib.sha256(bytes(AT_ONCE_BYTES) + b"moreand more").hexdigest()
    assert threads() == []


def test_who_brings_pieces_waits_when_as_many_as_may_do_wait_already(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, most = threading.Semaphore(0), []

    class Slow:
        def __init__(self) -> None:
            self.seen = 0

        def update(self, piece: bytes) -> None:
            assert gate.acquire(timeout=10)
            self.seen += len(piece)

        def hexdigest(self) -> str:
            return str(self.seen)

    monkeypatch.setattr(hashing, "AT_ONCE_BYTES", 0)
    monkeypatch.setattr("hashlib.sha256", Slow)
    hashed = Sha256()
    brought = threading.Semaphore(0)

    def bring() -> None:
        for number in range(WAITING_PIECES + 6):
            hashed.update(b"x")
            most.append(number + 1)
            brought.release()

    bringer = threading.Thread(target=bring)
    bringer.start()
    for _ in range(WAITING_PIECES):
        assert brought.acquire(timeout=10)
    assert not brought.acquire(timeout=0.05)
    assert len(most) == WAITING_PIECES
    gate.release(WAITING_PIECES + 6)
    bringer.join()
    assert hashed.hexdigest() == str(WAITING_PIECES + 6)
