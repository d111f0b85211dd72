"""Items, events and actions by what people call them: a whole key, or the beginning of an id."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from proofbridge.domain.items import ITEM_KINDS, ItemRef, Vendor
from proofbridge.stores.history import Entry, EventHistory, split_key
from proofbridge.stores.ledger import EffectState, Ledger
from proofbridge.stores.ledger import Entry as Effect

from .errors import CommandError, usage_error
from .words import action_id

SHORTEST: Final = 4
MOST_NAMED: Final = 5
ITEM_FORM: Final = "vendor#kind#id, such as good2go#job#GUID; `:` does for `#`, and the kind may be left out."


def item_of(text: str) -> ItemRef:
    """Read what people write for an item. Raise CommandError."""
    vendor, *rest = (text if "#" in text else text.replace(":", "#", 2)).split("#")
    try:
        kinds = ITEM_KINDS[Vendor(vendor)]
        if len(rest) == len(kinds) == 1 and kinds.isdisjoint(rest):
            rest = [*kinds, *rest]
        ref = ItemRef.parse("#".join([vendor, *rest]))
    except (ValueError, KeyError) as error:
        raise usage_error(f"{text!r} names no item", str(error), f"Write {ITEM_FORM}") from None
    if ref.kind not in kinds:
        raise usage_error(f"{text!r} names no item", f"{vendor} has no {ref.kind}", f"Write {ITEM_FORM}")
    return ref


def find_event(journal: EventHistory, named: str) -> Entry:
    """Return the event of that key or id, or of the only id that begins so. Raise CommandError."""
    if "#" in named:
        item, event_id = split_key(named)
        entry = journal.get(item, event_id) if item and event_id else None
        if entry is None:
            raise CommandError(
                f"there is no event {named}",
                "the Inbox has none (it keeps 30 days)",
                "See: proofbridge events list",
            )
        return entry
    if len(named) < SHORTEST:
        raise usage_error(
            f"{named!r} names no event",
            f"at least {SHORTEST} characters of its id are needed",
            "Copy it from: proofbridge events list",
        )
    found = list(itertools.islice(journal.find(named), MOST_NAMED + 1))
    exact = [(item, event_id) for item, event_id in found if event_id == named]
    found = exact or found
    if not found:
        raise CommandError(
            f"there is no event {named}…",
            "the Inbox has none (it keeps 30 days)",
            "See: proofbridge events list",
        )
    if len(found) > 1:
        names = ", ".join(f"{item}#{event_id}" for item, event_id in found[:MOST_NAMED])
        raise CommandError(f"{named} names several events", names, "Give one of these keys, whole.")
    entry = journal.get(*found[0])
    if entry is None:
        raise CommandError(
            f"there is no event {named}…", "its 30 days have just ended", "See: proofbridge events list"
        )
    return entry


def effects_in(
    ledger: Ledger,
    states: Iterable[EffectState],
    since: datetime | None,
    wanted: Callable[[EffectState, str], bool],
) -> Iterator[Effect]:
    """Yield the effects in these states whose keys are wanted, the newest of each first."""
    for state in states:
        for key in ledger.keys_in(state, since=since):
            if wanted(state, key):
                effect = ledger.get(key)
                if effect is not None and effect.state is state:  # the index may be a little behind
                    yield effect


def find_action(ledger: Ledger, named: str) -> Effect:
    """Return what the ledger holds of the action of that key or short id. Raise CommandError."""
    effect = ledger.get(named)
    if effect is None and re.fullmatch(r"[0-9a-f]{4,10}", named):
        keys = (
            key for state in EffectState for key in ledger.keys_in(state) if action_id(key).startswith(named)
        )
        found = list(itertools.islice(keys, MOST_NAMED))
        if len(found) > 1:
            raise CommandError(
                f"{named} names several actions", ", ".join(found), "Give one of these keys, whole."
            )
        effect = ledger.get(found[0]) if found else None
    if effect is None:
        raise CommandError(
            f"there is no action {named}",
            "nothing of that key or id was tried in the last 21 days",
            "See: proofbridge actions list, or the events that led to it: proofbridge events list",
        )
    return effect
