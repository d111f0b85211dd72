from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from proofbridge.config.routes import Then
from proofbridge.domain.items import ITEM_KINDS, Vendor
from proofbridge.vendors.catalogue import CATALOGUE, ActionName, RecoveryStrategy, UpdateParams
from tests.unit.valid_params import VALID


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
    own = {"observe": None, "email": Vendor.AWS, "bus": Vendor.AWS}
    first = name.split(".")[0]
    assert CATALOGUE[name].vendor == (own[first] if first in own else Vendor(first))


@pytest.mark.parametrize("name", ActionName)
def test_action_stands_in_a_route_when_it_is_routable_only(name: ActionName) -> None:
    route = {"action": str(name), **VALID[name]}
    if CATALOGUE[name].routable:
        assert Then.model_validate(route).action is name
    else:
        with pytest.raises(ValidationError, match="is unknown; allowed: good2go"):
            Then.model_validate(route)


def test_action_is_unsafe_when_it_sends_email_and_findable_when_it_leaves_a_trace() -> None:
    by_resolution = {
        resolution: {str(name) for name, kind in CATALOGUE.items() if kind.resolution is resolution}
        for resolution in RecoveryStrategy
    }
    assert by_resolution[RecoveryStrategy.UNSAFE] == {
        "good2go.notify",
        "good2go.remind_reviewers",
        "good2go.send_update",
        "good2go.assign",
        "email.send",
    }
    assert by_resolution[RecoveryStrategy.FINDABLE] == {
        "good2go.set_status",
        "good2go.add_reminder",
        "approval-studio.create_review_task",  # it sends e-mail, but its tasks can be listed
        "goodday.create_task",
        "goodday.set_status",
        "goodday.comment",
        "goodday.reply",
        "robohead.comment",
    }


def test_action_follows_the_state_when_it_sets_one() -> None:
    following = {str(name) for name, kind in CATALOGUE.items() if kind.follows_state}
    setting = {str(name) for name in ActionName if ".set_" in name} - {"good2go.set_reminders"}
    assert following == setting | {"good2go.label", "good2go.lock", "goodday.update"}


@pytest.mark.parametrize("name", sorted(ActionName))
def test_target_is_an_item_of_the_actions_vendor(name: ActionName) -> None:
    kind = CATALOGUE[name]
    for target in (kind.target, kind.through):
        assert target is None or (kind.vendor is not None and target in ITEM_KINDS[kind.vendor])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (ActionName.EMAIL_SEND, {"to": []}),
        (ActionName.EMAIL_SEND, {"to": ["nobody"]}),
        (ActionName.EMAIL_SEND, {"to": ["a@b.test"] * 51}),
        (ActionName.EMAIL_SEND, {"to": "a@b.test"}),
        (ActionName.EMAIL_SEND, {"to": ["Bob <a@b.test>"]}),
        (ActionName.EMAIL_SEND, {"to": ["a@b.test,c@d.test"]}),
        (ActionName.EMAIL_SEND, {"to": ["a@b.test\nBcc: c@d.test"]}),
        (ActionName.GOODDAY_UPDATE, {"priority": 11}),
        (ActionName.GOODDAY_UPDATE, {"priority": "9"}),
        (ActionName.GOODDAY_UPDATE, {"progress": 101}),
        (ActionName.GOODDAY_UPDATE, {"estimate": -1}),
        (ActionName.GOODDAY_UPDATE, {"deadline": "2026-02-30"}),
        (ActionName.GOODDAY_UPDATE, {"deadline": "tomorrow"}),
        (ActionName.GOODDAY_UPDATE, {"title": ""}),
        (ActionName.GOODDAY_CREATE_TASK, {"deadline": ""}),
        (ActionName.GOOD2GO_LOCK, {"locked": "yes"}),
        (ActionName.GOOD2GO_LABEL, {"label": "x" * 65}),
        (ActionName.GOOD2GO_ASSIGN, {"person": "designer"}),
        (ActionName.GOOD2GO_ADD_REMINDER, {"quantity": 3601}),
        (ActionName.GOOD2GO_ADD_REMINDER, {"unit": "weeks"}),
        (ActionName.GOOD2GO_SET_DUE_DATE, {"due_at": "2026-03-02T09:00:00"}),
        (ActionName.GOOD2GO_SET_STATUS, {"status": "done"}),
        (ActionName.STUDIO_SET_PROJECT_STATE, {"state": "archived"}),
        (ActionName.STUDIO_CREATE_REVIEW_TASK, {"reviewers": []}),
        (ActionName.BUS_PUBLISH, {"data": {"nested": {}}}),
        (ActionName.BUS_PUBLISH, {"type": "approved by somebody"}),
        (ActionName.BUS_PUBLISH, {"type": "x" * 129}),
        (ActionName.BUS_PUBLISH, {"type": "dev.proofbridge.change.status"}),
    ],
)
def test_parameters_refused_when_the_vendor_could_not_take_them(
    name: ActionName, change: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        CATALOGUE[name].params.model_validate({**VALID[name], **change})


def test_update_refused_when_it_changes_nothing() -> None:
    with pytest.raises(ValidationError, match="needs at least one of: deadline, end"):
        UpdateParams.model_validate({})


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02T23:30:00.000Z", "2026-03-02"),
        ("2026-03-02T23:30:00.000-02:00", "2026-03-03"),
        ("", ""),
    ],
)
def test_day_is_that_of_a_moment_in_utc_when_a_moment_is_given(given: str, day: str) -> None:
    assert UpdateParams.model_validate({"deadline": given}).deadline == day
