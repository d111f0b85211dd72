from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from proofbridge.vendors.approval_studio.enums import EmailLanguage, ProjectState, SettableState
from proofbridge.vendors.approval_studio.inputs import (
    AssetTaskCreate,
    ExternalReviewCreate,
    ProjectCreate,
    ProjectEdit,
    ProjectFilter,
    RefDocTaskCreate,
    ReviewTaskCreate,
    StateChange,
    StudioRequest,
    WebhookCreate,
)
from proofbridge.vendors.approval_studio.models import Project
from proofbridge.vendors.errors import InvalidRequestError

PROJECT: dict[str, Any] = {"project_name": "Label", "project_owners_uids": ["U1"]}
REVIEW: dict[str, Any] = {"project_uid": "P1", "user_uid": "U1", "asset_uids": ["A1"]}
EXTERNAL: dict[str, Any] = {"project_uid": "P1", "email": "a@b.co", "asset_uids": ["A1"]}


def test_names_are_the_vendors_when_a_project_is_sent() -> None:
    project = ProjectCreate(
        client_uid="C1",
        project_name="Label",
        customer="Brand",
        project="Summer",
        design="Front",
        revision="2",
        description="For the shelf.",
        tags=["red", "x" * 20],
        due_date=datetime(2020, 12, 7, 20, 56, 38, 818_000, tzinfo=UTC),
        project_owners_uids=["U1", "U2"],
    )
    assert project.fields() == {
        "clientUID": "C1",
        "projectName": "Label",
        "customer": "Brand",
        "project": "Summer",
        "design": "Front",
        "revision": "2",
        "description": "For the shelf.",
        "tags": ["red", "x" * 20],
        "dueDate": "2020-12-07T20:56:38.818Z",
        "projectOwnersUIDS": ["U1", "U2"],
    }


def test_names_are_the_vendors_when_an_external_review_is_sent() -> None:
    review = ExternalReviewCreate(
        project_uid="P1",
        email="customer@brand.test",
        asset_uids=["A1", "A2"],
        due_date=date(2020, 12, 4),
        password="open-sesame",
        email_subject="Please look",
        email_language=EmailLanguage.HEBREW,
        comment="The front only.",
        is_allow_download_assets=True,
        is_read_only=False,
    )
    assert review.fields() == {
        "projectUID": "P1",
        "email": "customer@brand.test",
        "assetUIDs": ["A1", "A2"],
        "dueDate": "2020-12-04",
        "password": "open-sesame",
        "emailSubject": "Please look",
        "emailLanguage": "Hebrew",
        "comment": "The front only.",
        "isAllowDownloadAssets": True,
        "isReadOnly": False,
    }
    assert "open-sesame" not in repr(review)


@pytest.mark.parametrize(
    ("due", "sent"),
    [
        (date(2020, 12, 4), "2020-12-04"),
        ("2020-12-04", "2020-12-04"),
        (datetime(2020, 12, 4, tzinfo=UTC), "2020-12-04T00:00:00.000Z"),
        (datetime(2020, 12, 4, 10, tzinfo=timezone(timedelta(hours=2))), "2020-12-04T08:00:00.000Z"),
        ("2020-12-07T20:56:38.818Z", "2020-12-07T20:56:38.818Z"),
    ],
)
def test_due_date_keeps_its_kind_when_sent(due: Any, sent: str) -> None:
    assert ReviewTaskCreate(**REVIEW, due_date=due).fields()["dueDate"] == sent
    assert ProjectCreate(**PROJECT, due_date=due).fields()["dueDate"] == sent


def test_limits_are_inclusive_when_reached() -> None:
    ProjectCreate(
        **PROJECT
        | {"project_owners_uids": [f"U{n}" for n in range(20)]}
        | dict.fromkeys(("customer", "project", "design", "revision"), "x" * 50),
        description="x" * 200,
        tags=["t"] * 20,
    )


@pytest.mark.parametrize(
    ("model", "given", "field"),
    [
        (ProjectCreate, PROJECT | {"project_name": ""}, "project_name"),
        (ProjectCreate, PROJECT | {"project_name": " \t"}, "project_name"),
        (ProjectCreate, {"project_owners_uids": ["U1"]}, "projectName"),
        (ProjectCreate, {"project_name": "n"}, "projectOwnersUIDS"),
        (ProjectCreate, PROJECT | {"project_owners_uids": []}, "project_owners_uids"),
        (
            ProjectCreate,
            PROJECT | {"project_owners_uids": [f"U{n}" for n in range(21)]},
            "project_owners_uids",
        ),
        (ProjectCreate, PROJECT | {"project_owners_uids": ["U1", "U1"]}, "project_owners_uids"),
        (ProjectCreate, PROJECT | {"project_owners_uids": ["U 1"]}, "project_owners_uids.0"),
        (ProjectCreate, PROJECT | {"customer": "x" * 51}, "customer"),
        (ProjectCreate, PROJECT | {"project": "x" * 51}, "project"),
        (ProjectCreate, PROJECT | {"design": "x" * 51}, "design"),
        (ProjectCreate, PROJECT | {"revision": "x" * 51}, "revision"),
        (ProjectCreate, PROJECT | {"description": "x" * 201}, "description"),
        (ProjectCreate, PROJECT | {"tags": ["t"] * 21}, "tags"),
        (ProjectCreate, PROJECT | {"tags": ["x" * 21]}, "tags.0"),
        (ProjectCreate, PROJECT | {"tags": ["ok", ""]}, "tags.1"),
        (ProjectCreate, PROJECT | {"tags": ["two words"]}, "tags.0"),
        (ProjectCreate, PROJECT | {"due_date": datetime(2020, 12, 4)}, "due_date"),  # noqa: DTZ001 - no zone
        (ProjectCreate, PROJECT | {"due_date": "2020-12-04T10:00:00"}, "due_date"),
        (ProjectCreate, PROJECT | {"due_date": "04.12.2020"}, "due_date"),
        (ProjectCreate, PROJECT | {"due_date": 1_607_040_000}, "due_date"),
        (ProjectCreate, PROJECT | {"state": "Active"}, "state"),
        (ProjectEdit, PROJECT | {"tags": ["x" * 26]}, "tags.0"),
        (ProjectEdit, PROJECT | {"client_uid": "C1"}, "client_uid"),
        (ProjectFilter, {"states": ["Complete"]}, "states.0"),
        (ProjectFilter, {"query": ""}, "query"),
        (ProjectFilter, {"project_uid": "a b"}, "project_uid"),
        (ProjectFilter, {"is_load_assets": "true"}, "is_load_assets"),
        (StateChange, {"project_uid": "P1", "state": "InTransit"}, "state"),
        (StateChange, {"project_uid": "P1", "state": ProjectState.IN_TRANSIT}, "state"),
        (StateChange, {"project_uid": "P1", "state": "Archive"}, "state"),
        (ReviewTaskCreate, REVIEW | {"asset_uids": []}, "asset_uids"),
        (ReviewTaskCreate, REVIEW | {"asset_uids": ["A1", "A1"]}, "asset_uids"),
        (ReviewTaskCreate, REVIEW | {"user_uid": ""}, "user_uid"),
        (ReviewTaskCreate, REVIEW | {"email": "a@b.co"}, "email"),
        (AssetTaskCreate, {"project_uid": "P1"}, "userUID"),
        (RefDocTaskCreate, {"project_uid": "P1", "user_uid": "U1", "asset_uid": "A1"}, "asset_uid"),
        (ExternalReviewCreate, EXTERNAL | {"email": "not an address"}, "email"),
        (ExternalReviewCreate, EXTERNAL | {"email_language": "de"}, "email_language"),
        (ExternalReviewCreate, EXTERNAL | {"password": ""}, "password"),
        (ExternalReviewCreate, EXTERNAL | {"is_read_only": 1}, "is_read_only"),
        (ExternalReviewCreate, EXTERNAL | {"user_uid": "U1"}, "user_uid"),
        (WebhookCreate, {"url": "ftp://example.com"}, "url"),
        (WebhookCreate, {"url": "example.com"}, "url"),
    ],
)
def test_value_is_refused_when_vendor_would_refuse_it(
    model: type[StudioRequest], given: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        model(**given)
    assert caught.value.field == field
    assert caught.value.vendor == "approval-studio"


def test_every_flag_is_written_as_the_vendor_reads_it_when_projects_are_filtered() -> None:
    wanted = ProjectFilter(
        project_uid="P1",
        states=[ProjectState.ARCHIVED, ProjectState.IN_TRANSIT],
        query="Label & more",
        is_load_assets=True,
        is_load_last_ver_assets=False,
        is_load_tasks=True,
        is_load_ref_docs=True,
    )
    assert wanted.parameters() == [
        ("ProjectUID", "P1"),
        ("States", "Archived,InTransit"),
        ("Query", "Label & more"),
        ("IsLoadAssets", "true"),
        ("IsLoadLastVerAssets", "false"),
        ("IsLoadTasks", "true"),
        ("IsLoadRefDocs", "true"),
    ]
    assert ProjectFilter(states=()).parameters() == []


def test_only_the_change_differs_when_a_project_is_edited() -> None:
    read = Project.model_validate(
        {
            "projectUID": "P1",
            "name": "Label",
            "projectOwners": [{"userUID": "U1", "name": "Ann"}],
            "customer": "Brand",
            "design": None,
            "tags": ["red", "x" * 25],
            "dueDate": "2020-12-04T00:00:00",
        }
    )
    assert ProjectEdit.of(read, revision="3", customer=None).fields() == {
        "projectName": "Label",
        "projectOwnersUIDS": ["U1"],
        "customer": "",
        "revision": "3",
        "tags": ["red", "x" * 25],
        "dueDate": "2020-12-04",
    }
    moment = read.model_copy(update={"due_date": datetime(2020, 12, 4, 10, tzinfo=UTC)})
    assert ProjectEdit.of(moment).fields()["dueDate"] == "2020-12-04T10:00:00.000Z"
    with pytest.raises(InvalidRequestError) as caught:
        ProjectEdit.of(Project.model_validate({"projectUID": "P1", "name": "Label"}))
    assert caught.value.field == "project_owners_uids"


def test_settable_states_are_all_but_the_vendors_own_when_walked() -> None:
    for state in SettableState:
        assert StateChange(project_uid="P1", state=state).fields() == {
            "projectUID": "P1",
            "state": state.value,
        }
