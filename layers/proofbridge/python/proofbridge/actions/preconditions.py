"""What an action depends on is looked at again, at the vendors, immediately before the action is performed.

A reminder may wait in a queue: meanwhile somebody decides, the due date moves, the proof is given to somebody
else. What has become untrue is left out, with the reason; what a digest says of it is taken out of its text.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from proofbridge.domain.actions import Action, Precondition
from proofbridge.domain.items import OPEN_STATUSES, ItemRef, Observation, moment_text
from proofbridge.vendors.catalogue import ActionName


@dataclass(frozen=True, slots=True)
class PreconditionResult:
    """What is left of an action, and by place the reasons why provisos of the original do not hold.

    `unreadable`: one of them can't be known to hold.
    """

    action: Action
    broken: Mapping[int, str]
    unreadable: bool = False

    @property
    def held(self) -> str | None:
        """Why nothing is left to be done; None where something is."""
        if self.action.provisos or not self.broken:
            return None
        return "; ".join(dict.fromkeys(self.broken.values()))


class UnreadableError(Exception):
    """An item can't be read at its vendor, and won't be; the text says why."""


def reads_for_itself(action: Action) -> bool:
    """Whether the action's own gateway looks at the item before it writes."""
    return action.name is ActionName.GOOD2GO_NOTIFY


def check(
    action: Action,
    observe: Callable[[ItemRef], Observation],
    outdone: Callable[[Precondition], str | None] = lambda _: None,
) -> PreconditionResult:
    """Look at every item that an action depends on, each once, and leave out what is no longer so.

    So is one that can't be read, where `observe` raises UnreadableError, and one of which `outdone` says that
    something newer has come.
    """
    look = functools.cache(observe)
    broken: dict[int, str] = {}
    unreadable = False
    for place, proviso in enumerate(action.provisos):
        reason = outdone(proviso)
        try:
            if reason is None and not reads_for_itself(action):
                reason = untrue(proviso, look(proviso.ref))
                if reason is None and proviso.role is not None:
                    reason = role_untrue(proviso, look(proviso.role_ref))
        except UnreadableError as error:
            unreadable, reason = True, f"it can't be read: {error}"
        if reason is not None:
            broken[place] = reason
    if not broken:
        return PreconditionResult(action, {})
    kept = tuple(proviso for place, proviso in enumerate(action.provisos) if place not in broken)
    lines = [action.provisos[place].line for place in broken]
    params = {**action.params, "message": _without(str(action.params.get("message", "")), lines)}
    return PreconditionResult(dataclasses.replace(action, provisos=kept, params=params), broken, unreadable)


def untrue(proviso: Precondition, seen: Observation) -> str | None:
    """Say what of a proviso is not so by what the item's vendor shows now; None where all of it is."""
    if seen.deleted:
        return f"the {seen.ref.kind} is no longer there"
    if "status" not in seen.silent_on and seen.status not in OPEN_STATUSES:
        return f"it is {(seen.status or seen.vendor_status or 'not in review').replace('_', ' ')} by now"
    if "due_at" not in seen.silent_on:
        if seen.due_at is None:
            return "it has no due date any more"
        if moment_text(seen.due_at) != proviso.due_at:
            return "its due date has moved"
    return None


def role_untrue(proviso: Precondition, seen: Observation) -> str | None:
    """Say why a proviso's person is not the one who has to act, by what the vendor shows; None if so."""
    if proviso.role == "assignee" and "assignee" not in seen.silent_on and seen.assignee != proviso.person:
        return f"it is given to {seen.assignee or 'nobody'} by now"
    if proviso.role in {"reviewer", "named"} and "reviewers" not in seen.silent_on:
        people = {person.id: person for person in seen.reviewers or ()}
        if proviso.person not in people:
            return f"{proviso.person} is no longer asked" if proviso.role == "reviewer" else None
        decision = people[proviso.person].decision
        return None if decision is None else f"{proviso.person} has decided: {decision.replace('_', ' ')}"
    return None


def _without(message: str, lines: list[str | None]) -> str:
    kept = message.splitlines()
    for line in lines:
        if line in kept:
            kept.remove(line)
    return "\n".join(kept)
