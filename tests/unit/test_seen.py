"""The filter of what a reading has met: it forgets none, stays small, and seldom errs."""

from __future__ import annotations

from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.polling.bloom_filter import MAX_BYTES, met, was_met

MANY = 120_000


def refs(prefix: str, number: int) -> list[ItemRef]:
    return [ItemRef(Vendor.GOODDAY, ItemKind.TASK, f"{prefix}{place}") for place in range(number)]


def test_filter_knows_all_that_was_met_and_little_else_when_there_are_very_many() -> None:
    listed = refs("T", MANY)
    seen = met(met(b"", "salt", listed[: MANY // 2]), "salt", listed[MANY // 2 :])
    assert len(seen) == MAX_BYTES
    assert all(was_met(seen, "salt", ref) for ref in listed[::7])
    others = refs("U", 5_000)
    mistaken = [ref for ref in others if was_met(seen, "salt", ref)]
    assert 0 < len(mistaken) < 25, "1 in 600"
    again = met(b"", "pepper", listed)
    assert not all(was_met(again, "pepper", ref) for ref in mistaken), "another reading errs elsewhere"


def test_filter_knows_nothing_when_nothing_was_met() -> None:
    assert not was_met(b"", "salt", refs("T", 1)[0])
    assert not was_met(met(b"", "salt", []), "salt", refs("T", 1)[0])
