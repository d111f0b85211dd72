"""Routes: when a change matches, which actions follow."""

from __future__ import annotations

from typing import Any

from proofbridge.actions import Action, Cause
from proofbridge.catalogue import CATALOGUE
from proofbridge.changes import Change
from proofbridge.config import Route, When
from proofbridge.items import Observation, Vendor, moment_text
from proofbridge.sections import holds
from proofbridge.templates import render_all

VENDOR_NAMES = {
    Vendor.GOOD2GO: "Good2Go",
    Vendor.APPROVAL_STUDIO: "Approval Studio",
    Vendor.GOODDAY: "GoodDay",
    Vendor.ROBOHEAD: "RoboHead",
    Vendor.AWS: "Amazon",
}


def actions_for(
    routes: tuple[Route, ...], change: Change, item: Observation, proof_id: str, event: str
) -> list[Action]:
    """Return the actions that the routes ask for after one change of an item that belongs to a proof.

    The target is left open: it is the proof's item at the action's vendor, which may not exist yet.
    An action's key depends on the change, the route's name and the action's place in it, and on nothing that
    differs when the same change is met again.
    """
    actions: list[Action] = []
    for route in routes:
        if not matches(route.when, change, item):
            continue
        values = _values(change, item, proof_id)
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


def matches(when: When, change: Change, item: Observation) -> bool:
    """Whether a route is for this change."""
    return (
        when.vendor == change.ref.vendor
        and when.kind in {None, change.ref.kind}
        and when.change is change.kind
        and (when.before is None or change.before in when.before)
        and (when.after is None or change.after in when.after)
        and (when.condition is None or holds(when.condition, _context(change, item)))
    )


def _context(change: Change, item: Observation) -> dict[str, Any]:
    """Return what a JMESPath condition sees: `change` (kind, from, to) and `item`, as plain JSON."""
    return {
        "change": {"kind": str(change.kind), "from": change.before, "to": change.after},
        "item": item.to_dict(),
    }


def _values(change: Change, item: Observation, proof_id: str) -> dict[str, str]:
    comment = (item.comment or "").strip()
    return {
        "change.kind": str(change.kind),
        "change.from": change.before or "",
        "change.to": change.after or "",
        "change.to_words": (change.after or "").replace("_", " "),
        "change.by": item.decided_by or "Somebody",
        "change.comment": comment,
        "change.quoted_comment": f": \N{LEFT DOUBLE QUOTATION MARK}{comment}\N{RIGHT DOUBLE QUOTATION MARK}"
        if comment
        else "",
        "item.vendor": VENDOR_NAMES[item.ref.vendor],
        "item.name": item.name or item.ref.id,
        "item.version": "" if item.version is None else str(item.version),
        "item.url": item.url or "",
        "item.due": "" if item.due_at is None else moment_text(item.due_at),
        "proof.id": proof_id,
    }
