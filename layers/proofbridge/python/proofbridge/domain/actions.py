"""Actions: one write at one vendor each, asked for.

An action travels as a JSON message through its vendor's queue. Its key names its effect: whatever is queued
under one key happens once (see `ledger`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from proofbridge.domain.items import ItemRef, Observation, Vendor, moment_text
from proofbridge.domain.waiting import Waited
from proofbridge.vendors.catalogue import CATALOGUE, ActionKind, ActionName


@dataclass(frozen=True, slots=True)
class Cause:
    """Where an action came from: the Inbox event, the change and the rule, as far as there are any."""

    event: str | None = None
    change: str | None = None
    rule: str | None = None
    ref: str | None = None
    """The item whose change it was."""
    field: str | None = None
    """The kind of the change."""
    after: str | None = None
    turn: int = 0
    repeats: str | None = None
    """The key of the action whose effect it restores; what that one says has been said."""


Role = Literal["reviewer", "assignee", "named"]


@dataclass(frozen=True, slots=True)
class Precondition:
    """What a reminder is about, and must still be so at the item's vendor when the reminder is sent.

    The item is open, due at `due_at`, and waits for `person`: in the role of a `reviewer`, or as its
    `assignee`, which may stand at another item of the proof, `role_item`. Somebody `named`, who is told
    whether they are asked or not, has not decided; without a role it waits for anybody. `slot` names the
    reminder slot that is used up. `line` is what a digest says of the item.
    """

    item: str
    due_at: str
    person: str | None = None
    role: Role | None = None
    role_item: str | None = None
    slot: str | None = None
    line: str | None = None

    @property
    def ref(self) -> ItemRef:
        """The item."""
        return ItemRef.parse(self.item)

    @property
    def role_ref(self) -> ItemRef:
        """The item at which the role is looked at."""
        return ItemRef.parse(self.role_item or self.item)


@dataclass(frozen=True, slots=True)
class Action:
    """One write at one vendor, asked for.

    `target` is the item to act on; where it is None, it is the item of `proof_id` at the vendor, looked up
    when the action is performed, since the item may not exist yet. `waited` tells how long the action has had
    to wait for its vendor. `provisos` are what it depends on: see `provisos`.
    """

    key: str
    name: ActionName
    vendor: Vendor
    params: dict[str, Any]
    target: ItemRef | None = None
    proof_id: str | None = None
    cause: Cause = field(default_factory=Cause)
    waited: Waited = field(default_factory=Waited)
    provisos: tuple[Precondition, ...] = ()

    @property
    def kind(self) -> ActionKind:
        """The catalogue's entry."""
        return CATALOGUE[self.name]

    @property
    def marker(self) -> str:
        """A short text that we leave in what we write, by which the effect can be found again."""
        return f"Proofbridge {hashlib.sha256(self.key.encode()).hexdigest()[:10]}"

    def to_message(self) -> str:
        """Return the JSON text that travels through the queue."""
        data = asdict(self)
        data["target"] = None if self.target is None else str(self.target)
        data["waited"] = self.waited.to_dict()
        return json.dumps(data, separators=(",", ":"))

    @classmethod
    def from_message(cls, text: str) -> Action:
        """Read what `to_message` wrote; ValueError, KeyError or TypeError for anything else."""
        data = json.loads(text)
        data["name"] = ActionName(data["name"])
        data["vendor"] = Vendor(data["vendor"])
        data["target"] = None if data["target"] is None else ItemRef.parse(data["target"])
        data["cause"] = Cause(**data["cause"])
        data["waited"] = Waited.from_dict(data["waited"])
        data["provisos"] = tuple(Precondition(**proviso) for proviso in data.get("provisos", ()))
        return cls(**data)


def observe(ref: ItemRef, event: str, claim: Observation | None = None) -> Action:
    """Return the action that reads an item afresh because of an event, which may have claimed a state.

    `event` is the event's key; it may be about another item, which this one has been named with.
    """
    params: dict[str, Any] = {}
    if claim is not None and claim.status is not None:
        # Who forges a claim may leave out since when: then it is of the moment at which it came.
        since = claim.updated_at or claim.observed_at
        params = {"claimed_status": str(claim.status), "claimed_at": moment_text(since)}
    return Action(
        key=f"observe|{ref}|{event.removeprefix(f'{ref}#')}",
        name=ActionName.OBSERVE,
        vendor=ref.vendor,
        params=params,
        target=ref,
        cause=Cause(event=event),
    )
