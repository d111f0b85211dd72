"""References in names: an order's number, say, by which items at several vendors are one piece of work."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import AfterValidator

from proofbridge.config.model import ConfigModel, ShortText
from proofbridge.domain.items import ITEM_KINDS, ItemKind, Observation, Vendor

GROUP: Final = "reference"
MAX_NAME_LENGTH: Final = 300
"""How much of a name is searched."""


def _pattern(text: str) -> str:
    try:
        compiled = re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None
    if GROUP not in compiled.groupindex:
        raise ValueError(f"{text!r} needs a group that is named {GROUP}: (?P<{GROUP}>…)")
    if compiled.match(""):
        raise ValueError(f"{text!r} fits an empty name, so it would link everything")
    return text


def _observed(vendors: tuple[Vendor, ...]) -> tuple[Vendor, ...]:
    for vendor in vendors:
        if not ITEM_KINDS[vendor]:
            raise ValueError(f"{vendor} has no items")
    return vendors


class Link(ConfigModel):
    """A rule: items whose names hold the same reference are one proof.

    `pattern` is a regular expression, searched for in the name, with a group named `reference`. The reference
    counts in any case of letters. `vendors` and `kinds` say whose names are searched, all where not given.
    """

    name: ShortText
    pattern: Annotated[ShortText, AfterValidator(_pattern)]
    vendors: Annotated[tuple[Vendor, ...], AfterValidator(_observed)] = ()
    kinds: tuple[ItemKind, ...] = ()


def reference_of(links: Iterable[Link], item: Observation) -> str | None:
    """Return the reference in an item's name, by the first rule that finds one; None where there is none."""
    if item.name is None or item.deleted:
        return None
    for link in links:
        if link.vendors and item.ref.vendor not in link.vendors:
            continue
        if link.kinds and item.ref.kind not in link.kinds:
            continue
        found = re.search(link.pattern, item.name[:MAX_NAME_LENGTH])
        reference = (found[GROUP] or "").strip().casefold() if found else ""
        if reference:
            return reference
    return None


def proof_of(reference: str) -> str:
    """Return the id of the proof that a reference stands for, where its items have none yet.

    It is the same whoever makes it, so that two who link at once link to one.
    """
    return "PB" + hashlib.sha256(f"reference|{reference}".encode()).hexdigest()[:20].upper()
