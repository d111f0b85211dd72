"""What actions make of answers that the documentation lost: less is told, or told in other words."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.gateway import ApprovalStudioGateway
from proofbridge.vendors.catalogue import ActionName
from proofbridge.vendors.errors import ConflictError, NotFoundError, TooEarlyError
from proofbridge.vendors.gateway import Effect, Lookup
from tests.unit.vendors.local_vendor import LocalVendor, Reply

PROJECT = ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.PROJECT, "P1")
ASSET = ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.ASSET, "A1")
STATE = Action("k", ActionName.STUDIO_SET_PROJECT_STATE, Vendor.APPROVAL_STUDIO, {"state": "on_hold"})
REVIEW = Action("k", ActionName.STUDIO_CREATE_REVIEW_TASK, Vendor.APPROVAL_STUDIO, {"reviewers": ["U1"]})
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def gateway(studio: ApprovalStudio) -> ApprovalStudioGateway:
    return ApprovalStudioGateway(studio, lambda: NOW)


def answer(result: Any = None) -> Reply:
    return Reply(body=json.dumps({"statusCode": 200, "result": result}).encode())


def project(**more: Any) -> Reply:
    return answer([{"projectUID": "P1", "assets": [{"assetUID": "A1"}], **more}])


def paths(vendor: LocalVendor) -> list[str]:
    return [f"{seen.method} {seen.path.partition('?')[0]}" for seen in vendor.received]


@pytest.mark.parametrize("state", [{}, {"state": "Paused"}])
def test_state_is_set_at_once_when_the_present_one_is_not_known(
    gateway: ApprovalStudioGateway, vendor: LocalVendor, state: dict[str, Any]
) -> None:
    vendor.answer(project(**state), answer())
    gateway.perform(STATE, PROJECT)
    assert json.loads(vendor.received[-1].body) == {"projectUID": "P1", "state": "OnHold"}


@pytest.mark.parametrize(
    "ended", [{"status": "Approved"}, {"status": "completed"}, {"completed": "2026-03-01"}]
)
def test_project_is_completed_when_all_the_tasks_that_it_lists_have_ended(
    gateway: ApprovalStudioGateway, vendor: LocalVendor, ended: dict[str, Any]
) -> None:
    completing = dataclasses.replace(STATE, params={"state": "completed"})
    vendor.answer(
        project(state="Active", tasks=[{"taskUID": "T1", **ended}, {"taskUID": "T2", "status": "Pending"}]),
        project(state="Active", tasks=[{"taskUID": "T1", **ended}]),
        answer(),
    )
    with pytest.raises(TooEarlyError, match="would delete 1 tasks that are open"):
        gateway.perform(completing, PROJECT)
    gateway.perform(completing, PROJECT)
    assert json.loads(vendor.received[-1].body) == {"projectUID": "P1", "state": "Completed"}


def test_state_counts_as_set_when_somebody_was_quicker(
    gateway: ApprovalStudioGateway, vendor: LocalVendor
) -> None:
    vendor.answer(project(state="Active"), Reply(406, b'{"message": "Project already has state OnHold."}'))
    assert gateway.perform(STATE, PROJECT).held is None


def test_state_is_refused_when_the_vendor_knows_no_such_way(
    gateway: ApprovalStudioGateway, vendor: LocalVendor
) -> None:
    vendor.answer(project(state="Active"), Reply(412, b'{"message": "You cannot directly change state."}'))
    with pytest.raises(ConflictError, match="cannot directly change"):
        gateway.perform(STATE, PROJECT)


def test_asset_is_looked_for_in_open_projects_before_the_others(
    gateway: ApprovalStudioGateway, vendor: LocalVendor
) -> None:
    vendor.answer(answer([]), answer([{"projectUID": "P2", "assets": [{"assetUID": "A2"}]}]))
    with pytest.raises(NotFoundError, match="no project has it"):
        gateway.perform(STATE, ASSET)
    first, second = (seen.path for seen in vendor.received)
    assert "States=Active%2COnHold&" in first
    assert "States=Completed%2CArchived%2CInTransit&" in second


def test_ended_tasks_are_looked_at_when_the_asset_shows_no_counts(
    gateway: ApprovalStudioGateway, vendor: LocalVendor
) -> None:
    ours = {"taskUID": "T1", "projectUID": "P1", "userUID": "U1", "comment": f"({REVIEW.marker})"}
    vendor.answer(project(), answer([ours]))
    assert isinstance(gateway.find(REVIEW, ASSET, NOW), Effect)
    assert paths(vendor) == ["GET /api/v1/project", "GET /api/v1/task/all"]


@pytest.mark.parametrize("status", [403, 404])
def test_it_cannot_be_told_when_ended_tasks_are_not_to_be_had(
    gateway: ApprovalStudioGateway, vendor: LocalVendor, status: int
) -> None:
    vendor.answer(project(), Reply(status, b'{"message": "No."}'))
    assert gateway.find(REVIEW, ASSET, NOW) is Lookup.CANT_TELL


def test_review_is_asked_for_when_the_asset_shows_no_status_and_there_is_nothing_to_say(
    gateway: ApprovalStudioGateway, vendor: LocalVendor
) -> None:
    vendor.answer(project(), answer([]), answer({"taskUID": "T1"}))
    gateway.perform(REVIEW, ASSET)
    assert json.loads(vendor.received[-1].body) == {
        "projectUID": "P1",
        "userUID": "U1",
        "assetUIDs": ["A1"],
        "comment": f"({REVIEW.marker})",
    }
