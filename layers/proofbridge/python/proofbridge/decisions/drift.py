"""Drift: where linked items do not show what was decided last, and why."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from proofbridge.config.routes import Route
from proofbridge.decisions.conflicts import LatestDecision, again
from proofbridge.decisions.desired_values import FIELDS, DesiredValue
from proofbridge.decisions.observations import submit_observation
from proofbridge.decisions.targets import target_of
from proofbridge.domain.actions import Action
from proofbridge.domain.changes import ChangeKind, diff, value_of
from proofbridge.domain.items import ItemRef, Observation, Vendor
from proofbridge.stores.circuits import CircuitStates
from proofbridge.stores.decisions import LatestDecisions
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.items import Items
from proofbridge.stores.ledger import EffectState, Ledger
from proofbridge.stores.queues import ActionQueues
from proofbridge.vendors.errors import AuthenticationError, VendorError


class Why(enum.StrEnum):
    """Why an item differs."""

    UNSEEN = "unseen"
    """It has changed there, and no webhook or poll has told so yet."""
    WAITING = "waiting"
    """The action that sets it is on its way."""
    BLOCKED = "blocked"
    """Its vendor wants no calls now."""
    PARKED = "parked"
    """The action was refused: a person has to look."""
    SUPERSEDED = "superseded"
    """It was decided there later, and no route carries that."""
    NO_ROUTE = "no route"
    """No route sets it."""
    UNREADABLE = "unreadable"
    """Its vendor did not show it."""
    UNDONE = "undone"
    """The action was done, or never came, and nothing is under way."""


REPAIRABLE = frozenset({Why.UNSEEN, Why.PARKED, Why.UNDONE})


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one item that is not as it should be: what it shows, what is wanted, and why.

    `repair` is the action or the observation that would put it right, None where nothing is to be done now.
    """

    proof_id: str
    ref: ItemRef
    field: str
    shows: str | None
    wanted: str | None
    why: Why
    reason: str = ""
    repair: Action | Observation | None = None


class Drift:
    """Compares what is linked, live. `look` reads an item at its vendor."""

    def __init__(
        self,
        *,
        items: Items,
        words: LatestDecisions,
        ledger: Ledger,
        gates: CircuitStates,
        routes: tuple[Route, ...],
        look: Callable[[ItemRef], Observation],
        now: Callable[[], datetime],
    ) -> None:
        self._items = items
        self._words = words
        self._ledger = ledger
        self._gates = gates
        self._routes = routes
        self._look = look
        self._now = now
        self._silent: dict[Vendor, str] = {}

    def of_proof(self, proof_id: str) -> list[Difference]:
        """Return what differs within one proof; its items are read at their vendors.

        A vendor that gives no answer, or refuses the credentials, is not asked again; the others are.
        """
        found: list[Difference] = []
        shown: dict[ItemRef, Observation] = {}
        for ref in self._items.linked_to(proof_id):
            stored = self._items.get(ref)
            if stored is None:
                continue
            shown[ref] = stored.observation
            if self._gates.closed_until(ref.vendor, self._now()) is not None:
                continue
            seen = self._seen(ref)
            if isinstance(seen, str):
                found.append(Difference(proof_id, ref, "item", None, None, Why.UNREADABLE, seen))
                continue
            difference = diff(stored, seen)
            if difference is None:
                continue
            found += [
                Difference(proof_id, ref, each.kind, each.after, each.before, Why.UNSEEN, repair=seen)
                for each in difference.changes
                if each.kind in FIELDS or each.kind is ChangeKind.DELETED
            ]
            shown[ref] = difference.merged
        unseen = {(each.ref, each.field) for each in found}
        for word in self._words.of_proof(proof_id).values():
            found += [
                each for each in self._against(word, proof_id, shown) if (each.ref, each.field) not in unseen
            ]
        return found

    def _seen(self, ref: ItemRef) -> Observation | str:
        """Read an item, or return why that can't be done."""
        if ref.vendor in self._silent:
            return self._silent[ref.vendor]
        try:
            return self._look(ref)
        except VendorError as error:
            if error.transient or isinstance(error, AuthenticationError):
                self._silent[ref.vendor] = str(error)
            return str(error)

    def _against(
        self, word: LatestDecision, proof_id: str, shown: dict[ItemRef, Observation]
    ) -> list[Difference]:
        found: list[Difference] = []
        routed: set[ItemRef] = {word.ref}
        for action in word.actions(self._routes, proof_id):
            ref, wish = target_of(self._items, action), DesiredValue.of(action)
            if ref is None or wish is None or ref not in shown:
                continue
            routed.add(ref)
            if wish.is_met_by(shown[ref]) is False:
                why, reason = self._why(word, action, ref)
                shows = value_of(shown[ref], word.field)
                repair = action if why in REPAIRABLE else None
                found.append(Difference(proof_id, ref, word.field, shows, wish.value, why, reason, repair))
        for ref, item in shown.items():
            if ref in routed or word.value is None:
                continue
            if DesiredValue(ref.vendor, word.field, word.value).is_met_by(item) is False:
                shows = value_of(item, word.field)
                reason = f"no route brings it there from {word.ref}"
                found.append(Difference(proof_id, ref, word.field, shows, word.value, Why.NO_ROUTE, reason))
        return found

    def _why(self, word: LatestDecision, action: Action, ref: ItemRef) -> tuple[Why, str]:
        stored = self._items.get(ref)
        own = stored.decided_at.get(word.field) if stored is not None else None
        if own is not None and own > word.decided_at:
            return Why.SUPERSEDED, "it was decided there later, and no route carries that"
        closed_until = self._gates.closed_until(ref.vendor, self._now())
        if closed_until is not None:
            return Why.BLOCKED, f"{ref.vendor} wants no calls until {closed_until.isoformat()}"
        entry = self._ledger.get(action.key)
        match None if entry is None else entry.state:
            case EffectState.WAITING | EffectState.STARTED | EffectState.UNKNOWN:
                return Why.WAITING, (entry.reason if entry is not None else None) or "it is under way"
            case EffectState.PARKED:
                return Why.PARKED, (entry.reason if entry is not None else None) or ""
            case _:
                return Why.UNDONE, "nothing is under way"


def repair(
    found: list[Difference],
    repair_id: str,
    *,
    items: Items,
    inbox: Inbox,
    queues: Callable[[Vendor], ActionQueues],
    now: datetime,
) -> list[str]:
    """Put right what can be put right now: queue the actions, as new ones; return their keys.

    What has changed unseen is put into the Inbox, as a poll would.
    """
    keys: list[str] = []
    for each in found:
        if isinstance(each.repair, Observation):
            submit_observation(items, inbox, each.repair, now)
        elif each.repair is not None:
            action = again(each.repair, f"repair|{repair_id}|{each.repair.key}")
            if each.why is Why.UNDONE:
                # Nothing is known to come any more, so there is nothing to wait for.
                action = dataclasses.replace(action, cause=each.repair.cause)
            queues(action.vendor).send(action)
            keys.append(action.key)
    return keys
