from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from proofbridge.vendors.approval_studio.enums import AssetStatus, ProjectState, TaskStatus, TaskType
from proofbridge.vendors.approval_studio.models import (
    Annotation,
    Asset,
    Envelope,
    LoggedIn,
    Project,
    ProofReport,
    RefDoc,
    Task,
    User,
    Webhook,
)


def test_asset_is_read_when_as_documented() -> None:
    asset = Asset.model_validate(
        {
            "assetUID": "A1",
            "version": 1,
            "name": "drawing.pdf",
            "status": "Processed",
            "reviewStatus": {"pendingCount": 1, "approvedCount": 2, "rejectedCount": 3},
            "pagesCount": 3,
            "created": "2020-10-22T08:09:05.778512",
            "fileSize": 1063800,
            "reviewUrl": "https://app.approval.studio/xxx",
            "thumbnailUrl": "https://app.approval.studio/yyy",
            "somethingNew": {"a": 1},
        }
    )
    assert asset.asset_uid == "A1"
    assert asset.status is AssetStatus.PROCESSED
    assert asset.review_status is not None
    assert asset.review_status.model_dump() == {"pending_count": 1, "approved_count": 2, "rejected_count": 3}
    assert asset.created == datetime(2020, 10, 22, 8, 9, 5, 778_512, tzinfo=UTC)
    assert (asset.version, asset.pages_count, asset.file_size) == (1, 3, 1_063_800)
    assert asset.review_url == "https://app.approval.studio/xxx"
    assert asset.thumbnail_url == "https://app.approval.studio/yyy"


def test_project_is_read_when_its_children_come_along() -> None:
    project = Project.model_validate(
        {
            "projectUID": "P1",
            "projectName": "Label",
            "state": "Complete",
            "tags": None,
            "dueDate": "2020-12-04",
            "created": "2020-10-22T08:09:05",
            "reviewStatus": None,
            "projectOwnersUIDS": ["U1", 2],
            "assets": [{"assetUID": "A1"}],
            "tasks": [{"taskUID": "T1", "type": "ReviewAsset", "assets": [{"assetUID": "A1"}]}],
            "refDocs": [{"refDocUID": "R1", "fileName": "brief.docx"}],
        }
    )
    assert project.state is ProjectState.COMPLETED
    assert project.name == "Label"
    assert project.tags == ()
    assert project.due_date == datetime(2020, 12, 4, tzinfo=UTC)
    assert project.project_owners_uids == ("U1", "2")
    assert project.assets[0].asset_uid == "A1"
    assert project.tasks[0].asset_uids == ("A1",)
    assert project.tasks[0].type is TaskType.REVIEW_ASSET
    assert project.ref_docs[0].name == "brief.docx"


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Active", ProjectState.ACTIVE),
        ("Complete", ProjectState.COMPLETED),
        ("Completed", ProjectState.COMPLETED),
        ("Archive", ProjectState.ARCHIVED),
        ("archive", ProjectState.ARCHIVED),
        ("Archived", ProjectState.ARCHIVED),
        ("InTransit", ProjectState.IN_TRANSIT),
        ("Frozen", "Frozen"),
        ("", None),
        (None, None),
    ],
)
def test_state_is_read_when_spelt_in_any_of_the_vendors_ways(text: Any, state: Any) -> None:
    found = Project.model_validate({"projectUID": "P1", "state": text}).state
    assert found == state
    assert type(found) is type(state)


@pytest.mark.parametrize("key", ["assetUID", "AssetUID", "assetUid", "ASSETUID", "asset_uid"])
def test_key_is_read_when_written_in_any_case(key: str) -> None:
    assert Asset.model_validate({key: 17}).asset_uid == "17"


@pytest.mark.parametrize(
    ("model", "data", "expected"),
    [
        (Task, {"taskUID": "T", "taskStatus": "Approved"}, {"status": TaskStatus.APPROVED}),
        (Task, {"taskUID": "T", "status": "Odd", "taskType": "Odd"}, {"status": "Odd", "type": "Odd"}),
        (Task, {"taskUID": "T", "email": "a@b.co", "userUID": None}, {"email": "a@b.co", "user_uid": None}),
        (Task, {"taskUID": "T", "assets": [{"projectUID": "P", "assetUID": "A"}]}, {"asset_uids": ("A",)}),
        (Task, {"taskUID": "T", "assetUID": "A"}, {"asset_uids": ("A",)}),
        (Task, {"taskUID": "T", "assets": {"uid": "A"}}, {"asset_uids": ("A",)}),
        (Task, {"taskUID": "T", "assetUIDs": ""}, {"asset_uids": ()}),
        (Task, {"taskUID": "T", "completed": False}, {"completed": None}),
        (
            Project,
            {"projectUID": "P", "projectOwners": [{"clientUID": "C", "UserUID": "U"}], "reviewStatus": ""},
            {"project_owners_uids": ("U",), "review_status": None},
        ),
        (Annotation, {"annotationUID": "N", "completed": "2021-02-09T09:17:27"}, {"is_completed": None}),
        (RefDoc, {"referenceDocumentUID": "R", "name": "n"}, {"ref_doc_uid": "R", "name": "n"}),
        (
            Annotation,
            {"annotationUID": "N", "text": "Bigger!", "isCompleted": 1, "author": "Ann", "parentUID": ""},
            {"comment": "Bigger!", "is_completed": True, "user_name": "Ann", "parent_uid": None},
        ),
        (User, {"userUID": "U", "fullName": "Ann Other"}, {"name": "Ann Other"}),
        (
            Webhook,
            {"webhookUID": "W", "secret": "s", "created": "2021-02-09T09:17:27.904911"},
            {"secret": "s"},
        ),
        (ProofReport, {"downloadURL": "https://x"}, {"download_url": "https://x"}),
    ],
)
def test_answer_is_read_when_likely_names_are_used(model: Any, data: Any, expected: dict[str, Any]) -> None:
    found = model.model_validate(data)
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize("token", ["", "a b", "tökén", "a\nb", None, ["t"]])
def test_token_is_refused_when_no_header_can_carry_it(token: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Envelope[LoggedIn]).validate_python({"result": {"token": token}})
    assert caught.value.errors()[0]["loc"] == ("result", "token")


def test_token_never_shows_when_its_answer_is_printed() -> None:
    answer = TypeAdapter(Envelope[LoggedIn]).validate_python({"result": {"token": "hush"}})
    assert answer.result.token == "hush"
    assert "hush" not in repr(answer)
