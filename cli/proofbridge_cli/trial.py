"""Trying the configuration on an event: what would change, and which routes would see it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from proofbridge.config.loader import Config
from proofbridge.decisions.routing import actions_for
from proofbridge.domain.actions import Action
from proofbridge.domain.changes import Change, ChangeKind, StoredItem, diff
from proofbridge.domain.cloud_events import TYPE_PREFIX
from proofbridge.domain.items import ItemRef, Observation
from proofbridge.events.readers import readers
from proofbridge.stores.inbox import Event
from proofbridge.vendors.approval_studio.receiver import ApprovalStudioReceiver
from proofbridge.vendors.good2go.receiver import Good2GoReceiver
from proofbridge.webhooks.receive import NotUnderstoodError, Receiver, RefusedError, Request, request_from_api
from proofbridge.webhooks.signal import SignalReceiver

from .errors import usage_error

PROOF: Final = "the-proof"
EVENT: Final = "the-event"
_TELLING: Final = (ValueError, NotUnderstoodError, RefusedError)
_UNREADABLE: Final = (*_TELLING, KeyError, TypeError, AttributeError, RecursionError)
_RECEIVERS: Final[tuple[Receiver, ...]] = (
    Good2GoReceiver(tuple),
    ApprovalStudioReceiver(tuple),
    SignalReceiver(lambda _: ()),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What an event says: the changes, and the item after them.

    `read_first` is the item that would be read at its vendor before anything else is done; `item` is None
    where all depends on what is found there. `others` are the proof's other items, as far as they are told.
    """

    changes: tuple[Change, ...] = ()
    item: Observation | None = None
    read_first: ItemRef | None = None
    others: tuple[Observation, ...] = ()

    def routed(self, config: Config) -> dict[str, list[Action]]:
        """Return, for each route by its name, the actions that it asks for; none where it does not fire."""
        return {
            route.name: [
                action
                for change in self.changes
                if self.item is not None
                for action in actions_for((route,), change, self.item, PROOF, EVENT, self.others)
            ]
            for route in config.routes
        }


def try_event(text: str, config: Config, now: datetime) -> Trial:
    """Read an event in any of its forms. Raise CommandError for what is none."""
    try:
        return _read(json.loads(text), config, now)
    except _UNREADABLE as error:
        raise usage_error(
            "the event can't be read",
            str(error)
            if isinstance(error, _TELLING)
            else f"it is not of its form ({type(error).__name__}: {error})",
            "Give an observation, {before, after}, a webhook (events/receive_good2go.json), or a change "
            "from the bus: see docs/operate.md.",
        ) from None


def _read(data: Any, config: Config, now: datetime) -> Trial:
    if not isinstance(data, dict):
        raise NotUnderstoodError("it is no JSON object")
    if "specversion" in data:
        return _from_bus(data)
    if "before" in data and "after" in data:
        before, after = (Observation.from_dict(data[each]) for each in ("before", "after"))
        others = tuple(Observation.from_dict(each) for each in data.get("proof", ()))
        return dataclasses.replace(_difference(StoredItem(before, 1, PROOF), after), others=others)
    if "ref" in data:
        return _difference(None, Observation.from_dict(data))
    return _from_webhook(data, config, now)


def _from_bus(data: Mapping[str, Any]) -> Trial:
    kind = ChangeKind(str(data["type"]).removeprefix(TYPE_PREFIX))
    item = Observation.from_dict(data["data"]["item"])
    change = Change(data["id"], item.ref, kind, data["data"].get("before"), data["data"].get("after"))
    return Trial((change,), item)


def _difference(stored: StoredItem | None, seen: Observation) -> Trial:
    difference = diff(stored, seen)
    return Trial(item=seen) if difference is None else Trial(difference.changes, difference.merged)


def _from_webhook(data: dict[str, Any], config: Config, now: datetime) -> Trial:
    request = Request({"webhook-id": EVENT}, b"")
    if "rawPath" in data:
        request = request_from_api(data)
        data = json.loads(request.body)
    item = _item_of(request, data)
    reader = readers(config.vendors).get(item.vendor)
    if reader is None:
        return Trial(read_first=item)
    reading = reader(Event(str(item), EVENT, _RECEIVERS[0].source, now, json.dumps(data)))
    read_first = item if reading.is_hint or reading.observation is None else None
    if reading.observation is None:
        return Trial(read_first=item)
    trial = _difference(None, reading.observation)
    return Trial(trial.changes, trial.item, read_first)


def _item_of(request: Request, data: Any) -> ItemRef:
    for receiver in _RECEIVERS:
        try:
            return ItemRef.parse(receiver.read(request, data).item)
        except (NotUnderstoodError, ValueError):
            continue
    raise NotUnderstoodError(
        "it is no webhook of Good2Go or Approval Studio, and no signal, that names an item"
    )
