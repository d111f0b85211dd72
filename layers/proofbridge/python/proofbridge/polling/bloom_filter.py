"""Which items a reading of everything has met, in 256 KB at most, however many there are.

A Bloom filter: what was met is always known to have been. What was not is taken for met by chance: 1 in
millions among 10,000 items, 1 in 1,000 among 100,000, 1 in 7 among 500,000. Each reading has a salt of its
own, so that what one has taken for met is found by the next.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from typing import Final

from proofbridge.domain.items import ItemRef

MAX_BYTES: Final = 256 * 1024
"""DynamoDB keeps no record of more than 400 KB."""

_PLACES: Final = struct.Struct(">4I")


def met(seen: bytes, salt: str, refs: Iterable[ItemRef]) -> bytes:
    """Return the filter with more items in it; the first is empty."""
    bits = bytearray(seen or MAX_BYTES)
    for ref in refs:
        for place in _places(salt, ref):
            bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)


def was_met(seen: bytes, salt: str, ref: ItemRef) -> bool:
    """Whether an item is in the filter."""
    return bool(seen) and all(seen[place >> 3] & 1 << (place & 7) for place in _places(salt, ref))


def _places(salt: str, ref: ItemRef) -> Iterator[int]:
    digest = hashlib.blake2b(f"{salt}|{ref}".encode(), digest_size=_PLACES.size).digest()
    return (number % (8 * MAX_BYTES) for number in _PLACES.unpack(digest))
