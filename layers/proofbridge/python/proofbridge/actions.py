"""Actions: one write at one vendor each, and the catalogue of what can be done where.

An action travels as a JSON message through its vendor's queue. Its key names its effect: whatever is queued
under one key happens once (see `ledger`).
"""

from __future__ import annotations

import enum
import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, StringConstraints

from proofbridge.items import ItemKind, ItemRef, Observation, ReviewStatus, Vendor, moment_text, parse_moment
from proofbridge.waiting import Waited


class Resolution(enum.StrEnum):
    """How an action is resolved whose outcome is unknown: the call was made, its answer never came."""

    REPEATABLE = "repeatable"
    """Doing it again changes nothing more."""
    FINDABLE = "findable"
    """The vendor can be asked whether it happened; if not, it is done again."""
    UNSAFE = "unsafe"
    """It sends e-mail: the vendor's history is asked where there is one; else a person decides."""


class ActionName(enum.StrEnum):
    """Everything that Proofbridge can be asked to do at a vendor."""

    OBSERVE = "observe"
    GOOD2GO_NOTIFY = "good2go.notify"
    GOODDAY_CREATE_TASK = "goodday.create_task"
    GOODDAY_SET_STATUS = "goodday.set_status"
    GOODDAY_COMMENT = "goodday.comment"


MAX_TITLE_LENGTH: Final = 255
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class _Params(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ObserveParams(_Params):
    """Read the item at its vendor, and put what differs into the Inbox.

    `claimed_status` and `claimed_at` are what a webhook said of it, to be held against the vendor's own word.
    """

    claimed_status: Text | None = None
    claimed_at: Text | None = None


class NotifyParams(_Params):
    """Remind one reviewer of an open proof, unless it was decided or its due date moved."""

    person: Text
    due_at: Text
    message: Text


class CreateTaskParams(_Params):
    """Create the task that tracks a proof."""

    project: Text
    title: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE_LENGTH)]
    message: Text
    assignee: Text | None = None
    task_type: Text | None = None
    deadline: Day | None = None


class SetStatusParams(_Params):
    """Set an item's status, saying why in a comment that belongs to it."""

    status: ReviewStatus
    message: Text | None = None


class CommentParams(_Params):
    """Add a comment to an item."""

    message: Text


@dataclass(frozen=True, slots=True)
class ActionKind:
    """What the catalogue says of an action: where, with what, and how an unclear outcome is resolved.

    `target` is the kind of item that it acts on, None for one that makes its item. `routable` actions may
    stand in routes. `follows_state` actions are worth doing only while the change that caused them still
    stands: a newer change brings its own.
    """

    vendor: Vendor | None
    params: type[_Params]
    resolution: Resolution
    target: ItemKind | None = None
    routable: bool = False
    follows_state: bool = False


CATALOGUE: Final[dict[ActionName, ActionKind]] = {
    ActionName.OBSERVE: ActionKind(None, ObserveParams, Resolution.REPEATABLE),
    ActionName.GOOD2GO_NOTIFY: ActionKind(Vendor.GOOD2GO, NotifyParams, Resolution.UNSAFE, ItemKind.JOB),
    ActionName.GOODDAY_CREATE_TASK: ActionKind(Vendor.GOODDAY, CreateTaskParams, Resolution.FINDABLE),
    ActionName.GOODDAY_SET_STATUS: ActionKind(
        Vendor.GOODDAY,
        SetStatusParams,
        Resolution.FINDABLE,
        ItemKind.TASK,
        routable=True,
        follows_state=True,
    ),
    ActionName.GOODDAY_COMMENT: ActionKind(
        Vendor.GOODDAY, CommentParams, Resolution.FINDABLE, ItemKind.TASK, routable=True
    ),
}


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


@dataclass(frozen=True, slots=True)
class Action:
    """One write at one vendor, asked for.

    `target` is the item to act on; where it is None, it is the item of `proof_id` at the vendor, looked up
    when the action is performed, since the item may not exist yet. `waited` tells how long the action has had
    to wait for its vendor.
    """

    key: str
    name: ActionName
    vendor: Vendor
    params: dict[str, Any]
    target: ItemRef | None = None
    proof_id: str | None = None
    cause: Cause = field(default_factory=Cause)
    waited: Waited = field(default_factory=Waited)

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
        since = self.waited.since
        data["waited"] = {"times": self.waited.times, "since": None if since is None else moment_text(since)}
        return json.dumps(data, separators=(",", ":"))

    @classmethod
    def from_message(cls, text: str) -> Action:
        """Read what `to_message` wrote; ValueError, KeyError or TypeError for anything else."""
        data = json.loads(text)
        data["name"] = ActionName(data["name"])
        data["vendor"] = Vendor(data["vendor"])
        data["target"] = None if data["target"] is None else ItemRef.parse(data["target"])
        data["cause"] = Cause(**data["cause"])
        since = data["waited"]["since"]
        data["waited"] = Waited(data["waited"]["times"], None if since is None else parse_moment(since))
        return cls(**data)


def observe(ref: ItemRef, event: str, claim: Observation | None = None) -> Action:
    """Return the action that reads an item afresh because of an event, which may have claimed a state."""
    params: dict[str, Any] = {}
    if claim is not None and claim.status is not None and claim.updated_at is not None:
        params = {"claimed_status": str(claim.status), "claimed_at": moment_text(claim.updated_at)}
    return Action(
        key=f"observe|{ref}|{event}",
        name=ActionName.OBSERVE,
        vendor=ref.vendor,
        params=params,
        target=ref,
        cause=Cause(event=event),
    )
