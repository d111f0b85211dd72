from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from pydantic import ValidationError

from proofbridge.actions import CATALOGUE, Action, ActionName, Cause, Resolution, observe
from proofbridge.config import Then
from proofbridge.items import ItemRef, Vendor
from proofbridge.waiting import Waited
from tests.unit.observations import JOB, START, TASK

VALID: dict[ActionName, dict[str, Any]] = {
    ActionName.OBSERVE: {},
    ActionName.GOOD2GO_NOTIFY: {"person": "a@b.test", "due_at": "2026-03-02T09:00:00.000Z", "message": "Hi"},
    ActionName.GOODDAY_CREATE_TASK: {"project": "PRJART", "title": "Proof", "message": "See"},
    ActionName.GOODDAY_SET_STATUS: {"status": "completed", "message": "Done"},
    ActionName.GOODDAY_COMMENT: {"message": "Look"},
}

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


@pytest.mark.parametrize("name", ActionName)
def test_catalogue_knows_every_action_and_its_parameters(name: ActionName) -> None:
    kind = CATALOGUE[name]
    kind.params.model_validate(VALID[name])
    with pytest.raises(ValidationError, match="Extra inputs"):
        kind.params.model_validate({**VALID[name], "surprise": 1})
    for required in kind.params.model_fields:
        if kind.params.model_fields[required].is_required():
            with pytest.raises(ValidationError):
                kind.params.model_validate({k: v for k, v in VALID[name].items() if k != required})


@pytest.mark.parametrize("name", ActionName)
def test_action_belongs_to_the_vendor_that_its_name_begins_with(name: ActionName) -> None:
    assert CATALOGUE[name].vendor == (None if name is ActionName.OBSERVE else Vendor(name.split(".")[0]))


@pytest.mark.parametrize("name", ActionName)
def test_action_stands_in_a_route_when_it_is_routable_only(name: ActionName) -> None:
    route = {"action": str(name), **VALID[name]}
    if CATALOGUE[name].routable:
        assert Then.model_validate(route).action is name
    else:
        with pytest.raises(ValidationError, match="is unknown; allowed: goodday"):
            Then.model_validate(route)


def test_email_is_unsafe_and_what_leaves_a_marker_is_findable() -> None:
    assert {name for name, kind in CATALOGUE.items() if kind.resolution is Resolution.UNSAFE} == {
        ActionName.GOOD2GO_NOTIFY
    }
    assert {name for name, kind in CATALOGUE.items() if kind.resolution is Resolution.REPEATABLE} == {
        ActionName.OBSERVE
    }


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
