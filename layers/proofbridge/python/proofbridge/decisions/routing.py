"""Routes: when a change matches, which actions follow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from proofbridge.config.model import holds
from proofbridge.config.routes import Route, When
from proofbridge.domain.actions import Action, Cause
from proofbridge.domain.changes import Change
from proofbridge.domain.items import Observation, moment_text
from proofbridge.domain.proofs import VENDOR_NAMES, Proof
from proofbridge.domain.templates import places, render_all, texts
from proofbridge.vendors.catalogue import CATALOGUE


def actions_for(
    routes: tuple[Route, ...],
    change: Change,
    item: Observation,
    proof_id: str,
    event: str,
    others: Iterable[Observation] = (),
) -> list[Action]:
    """Return the actions that the routes ask for after one change of an item that belongs to a proof.

    The target is left open: it is the proof's item at the action's vendor, which may not exist yet.
    An action's key depends on the change, the route's name and the action's place in it, and on nothing that
    differs when the same change is met again. `others` are the proof's items as they were last seen, where
    the routes look at the proof (see `look_at_proof`).
    """
    proof = Proof(proof_id, (item, *(other for other in others if other.ref != item.ref)))
    actions: list[Action] = []
    for route in routes:
        if not matches(route.when, change, item, proof):
            continue
        values = {**proof.values(), **_values(change, item)}
        for place, then in enumerate(route.then):
            vendor = CATALOGUE[then.action].vendor
            if vendor is None:
                raise ValueError(f"route {route.name!r}: {then.action} names no vendor")
            actions.append(
                Action(
                    key=f"route|{change.id}|{route.name}|{place}",
                    name=then.action,
                    vendor=vendor,
                    params=render_all(then.params, values),
                    proof_id=proof_id,
                    cause=Cause(
                        event=event,
                        change=change.id,
                        rule=route.name,
                        ref=str(change.ref),
                        field=change.kind,
                        after=change.after,
                        turn=change.turn,
                    ),
                )
            )
    return actions


def look_at_proof(routes: Iterable[Route]) -> bool:
    """Whether any of the routes needs to know more of a proof than the item that has changed."""
    return any(
        "proof" in (route.when.condition or "")
        or any(
            place.startswith("proof.") and place != "proof.id"
            for then in route.then
            for text in texts(then.params)
            for place in places(text)
        )
        for route in routes
    )


def matches(when: When, change: Change, item: Observation, proof: Proof) -> bool:
    """Whether a route is for this change."""
    return (
        change.ref.vendor in when.vendors
        and (when.kinds is None or change.ref.kind in when.kinds)
        and when.change is change.kind
        and (when.before is None or change.before in when.before)
        and (when.after is None or change.after in when.after)
        and (when.condition is None or holds(when.condition, _context(change, item, proof)))
    )


def _context(change: Change, item: Observation, proof: Proof) -> dict[str, Any]:
    """Return what a JMESPath condition sees, as plain JSON: `change` (kind, from, to), `item`, `proof`."""
    return {
        "change": {"kind": str(change.kind), "from": change.before, "to": change.after},
        "item": item.to_dict(),
        "proof": proof.context(),
    }


def _values(change: Change, item: Observation) -> dict[str, str]:
    comment = (item.comment or "").strip()
    return {
        "change.kind": str(change.kind),
        "change.from": change.before or "",
        "change.to": change.after or "",
        "change.to_words": (change.after or "").replace("_", " "),
        "change.by": item.decided_by or "Somebody",
        "change.at": moment_text(item.updated_at or item.observed_at),
        "change.comment": comment,
        "change.quoted_comment": f": \N{LEFT DOUBLE QUOTATION MARK}{comment}\N{RIGHT DOUBLE QUOTATION MARK}"
        if comment
        else "",
        "item.vendor": VENDOR_NAMES[item.ref.vendor],
        "item.name": item.name or item.ref.id,
        "item.version": "" if item.version is None else str(item.version),
        "item.url": item.url or "",
        "item.due": "" if item.due_at is None else moment_text(item.due_at),
        "item.due_day": "" if item.due_at is None else item.due_at.date().isoformat(),
        "item.status": "" if item.status is None else item.status.replace("_", " "),
        "item.assignee": item.assignee or "",
        "item.project": item.project or "",
    }
