from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from proofbridge.domain.actions import Action, Cause, observe
from proofbridge.domain.items import ItemRef, Vendor
from proofbridge.domain.waiting import Waited
from proofbridge.vendors.catalogue import ActionName
from tests.unit.observations import JOB, START, TASK

WHOLE = Action(
    key="route|abc|approval|0",
    name=ActionName.GOODDAY_SET_STATUS,
    vendor=Vendor.GOODDAY,
    params={"status": "completed", "message": "Grüße {x} 🍺\n"},
    target=TASK,
    proof_id="PB1",
    cause=Cause(event="e", change="c", rule="r", ref=str(JOB), field="status", after="approved"),
    waited=Waited(3, START),
)


@pytest.mark.parametrize(
    "action",
    [
        WHOLE,
        dataclasses.replace(WHOLE, target=None, waited=Waited(), cause=Cause()),
        dataclasses.replace(WHOLE, proof_id=None),
        observe(JOB, "event-1"),
    ],
)
def test_action_reads_back_when_written(action: Action) -> None:
    assert Action.from_message(action.to_message()) == action


@pytest.mark.parametrize(
    "change",
    [
        {"name": "goodday.explode"},
        {"vendor": "good3go"},
        {"target": "nonsense"},
        {"waited": {}},
        {"cause": {"who": "me"}},
        {"surprise": 1},
    ],
)
def test_message_refused_when_it_is_no_action(change: dict[str, Any]) -> None:
    message = json.dumps({**json.loads(WHOLE.to_message()), **change})
    with pytest.raises((ValueError, KeyError, TypeError)):
        Action.from_message(message)


def test_marker_is_short_and_stable_and_differs_by_key() -> None:
    again = dataclasses.replace(WHOLE, params={"status": "cancelled"}, waited=Waited(9, START))
    other = dataclasses.replace(WHOLE, key="route|abc|approval|1")
    assert WHOLE.marker == again.marker != other.marker
    assert WHOLE.marker.startswith("Proofbridge ")
    assert len(WHOLE.marker) < 30


def test_observation_is_asked_for_once_per_event_and_item() -> None:
    other = ItemRef(JOB.vendor, JOB.kind, "another")
    assert observe(JOB, "e1").key == observe(JOB, "e1").key
    assert len({observe(JOB, "e1").key, observe(JOB, "e2").key, observe(other, "e1").key}) == 3
    assert observe(TASK, "e1").vendor is Vendor.GOODDAY
