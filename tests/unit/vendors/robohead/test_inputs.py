from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from proofbridge.vendors.errors import InvalidRequestError
from proofbridge.vendors.robohead.enums import (
    ApprovalReviewStatus,
    AutocompleteOption,
    FeedbackReviewStatus,
    ReviewStageStatus,
    ReviewType,
    SourceObjectType,
    UploadType,
)
from proofbridge.vendors.robohead.inputs import (
    FileUpload,
    ItemInput,
    ReviewCreate,
    ReviewUpdate,
    RoboHeadRequest,
    StageInput,
    file_size,
)
from proofbridge.vendors.robohead.models import ReviewItem

NEW_ITEM = ItemInput(file_name="label.pdf", file_id=55)
NEW_ITEM_SENT = {
    "id": 0,
    "reviewItemId": 0,
    "fileName": "label.pdf",
    "version": 1,
    "uploadType": "1",
    "isDefaultThumbnail": 2,
    "isNewVersion": 2,
    "fileId": 55,
}
OLD_ITEM = ItemInput(id=812, file_name="label.pdf", version=2, file_id=55, review_version_id=6)
NEW_VERSION = ItemInput(id=812, file_name="label.pdf", version=3, file_id=56, is_new_version=True)
NEW_STAGE = StageInput(stage_name="Legal", existing_users=(10,))
NEW_STAGE_SENT = {
    "id": 0,
    "stageName": "Legal",
    "notifyMeOnResponseSubmission": 2,
    "notifyCommentAuthorOnReply": 2,
    "downloadFlag": 2,
    "showResponsesToAllReviewers": 2,
    "requireDigitalSignature": 2,
    "existingUsers": "10",
}
OLD_STAGE = StageInput(id=9, stage_name="Legal", existing_users=(10,))


def test_item_is_sent_with_its_defaults_when_new() -> None:
    assert NEW_ITEM.fields() == NEW_ITEM_SENT


def test_every_documented_field_of_an_item_is_sent_when_given() -> None:
    item = ItemInput(
        id=812,
        review_item_id=813,
        file_name="label.pdf",
        created_on=datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=timezone(timedelta(hours=-5))),
        version=2,
        upload_type=UploadType.LIBRARY,
        file_size=file_size(10_486),
        is_default_thumbnail=True,
        is_new_version=True,
        file_id=55,
        optional_title="Front",
        process_entire_website=True,
        enable_annotation=False,
        source_file_id=3,
        source_object_type=SourceObjectType.LIBRARY,
        sort_order=2,
        thumbnail_url="https://example.com/t.png",
        review_version_id=6,
        description="The front label",
    )
    assert item.fields() == {
        "id": 812,
        "reviewItemId": 813,
        "fileName": "label.pdf",
        "createdOn": "2026-02-03T09:05:06",
        "version": 2,
        "uploadType": "6",
        "fileSize": "0.01 MB",
        "isDefaultThumbnail": 1,
        "isNewVersion": 1,
        "fileId": 55,
        "optionalTitle": "Front",
        "processEntireWebsite": 1,
        "enableAnnotation": 2,
        "sourceFileId": 3,
        "sourceObjectType": 4,
        "sortOrder": 2,
        "thumbnailUrl": "https://example.com/t.png",
        "reviewVersionId": 6,
        "description": "The front label",
    }


def test_every_documented_field_of_a_stage_is_sent_when_given() -> None:
    stage = StageInput(
        id=9,
        stage_name="Legal",
        stage_due_date=date(2026, 3, 8),
        start_stage_condition=3,
        notify_me_on_response_submission=True,
        notify_comment_author_on_reply=True,
        download_flag=True,
        show_responses_to_all_reviewers=True,
        require_digital_signature=True,
        existing_users=(10, 20),
        existing_cc_users=(30,),
        email_subject="Please look",
        email_message="At this",
        stage_status=ReviewStageStatus.IN_PROGRESS,
    )
    assert stage.fields() == {
        "id": 9,
        "stageName": "Legal",
        "stageDueDate": "03/08/2026",
        "startStageCondition": 3,
        "notifyMeOnResponseSubmission": 1,
        "notifyCommentAuthorOnReply": 1,
        "downloadFlag": 1,
        "showResponsesToAllReviewers": 1,
        "requireDigitalSignature": 1,
        "existingUsers": "10,20",
        "existingCCUsers": "30",
        "emailSubject": "Please look",
        "emailMessage": "At this",
        "stageStatus": 2,
    }
    assert NEW_STAGE.fields() == NEW_STAGE_SENT


def test_review_is_sent_whole_when_new() -> None:
    review = ReviewCreate(
        review_name="Label",
        review_type=ReviewType.APPROVAL,
        project_id=17,
        start_date=date(2026, 3, 1),
        end_date=date(2026, 3, 18),
        autocomplete_option=AutocompleteOption.ALL_APPROVED,
        review_owners=(10, 20),
        review_items=(NEW_ITEM,),
        review_stages=(NEW_STAGE,),
    )
    form = dict(review.form())
    assert json.loads(form.pop("reviewItems")) == {"reviewItems": [NEW_ITEM_SENT]}
    assert json.loads(form.pop("reviewStages")) == [NEW_STAGE_SENT]
    assert form == {
        "reviewName": "Label",
        "reviewType": "2",
        "projectId": "17",
        "startDate": "03/01/2026",
        "endDate": "03/18/2026",
        "autocompleteOption": "3",
        "reviewOwners": "10,20",
    }


def test_only_what_is_given_is_sent_when_review_changes() -> None:
    denied = ReviewUpdate(review_type=ReviewType.APPROVAL, review_status=ApprovalReviewStatus.DENIED)
    assert dict(denied.form()) == {"reviewType": "2", "reviewStatus": "5"}
    assert dict(ReviewUpdate(review_status=FeedbackReviewStatus.COMPLETED).form()) == {"reviewStatus": "3"}


@pytest.mark.parametrize(
    ("changes", "adds"),
    [
        (ReviewUpdate(review_name="Label"), False),
        (ReviewUpdate(review_items=(OLD_ITEM,), review_stages=(OLD_STAGE,)), False),
        (ReviewUpdate(review_items=(OLD_ITEM, NEW_ITEM)), True),
        (ReviewUpdate(review_items=(NEW_VERSION,)), True),
        (ReviewUpdate(review_stages=(OLD_STAGE, NEW_STAGE)), True),
    ],
)
def test_changes_say_whether_they_add_when_asked(changes: ReviewUpdate, *, adds: bool) -> None:
    assert changes.adds is adds


def test_upload_is_sent_with_its_defaults_when_for_a_review_to_come() -> None:
    assert FileUpload().form() == [
        ("objectId", "0"),
        ("objectType", "10"),
        ("documentType", "10"),
        ("uploadFileTempId", "1"),
        ("addVersionByFileName", "2"),
    ]
    assert dict(FileUpload(review_id=4, temp_id=7, add_version_by_file_name=True).form()) == {
        "objectId": "4",
        "objectType": "10",
        "documentType": "10",
        "uploadFileTempId": "7",
        "addVersionByFileName": "1",
    }


@pytest.mark.parametrize(
    ("model", "data", "said"),
    [
        (ItemInput, {"file_name": ""}, "file_name"),
        (ItemInput, {"file_id": 5}, "fileName"),
        (ItemInput, {"file_name": "a", "file_id": 5, "id": -1}, "id: "),
        (ItemInput, {"file_name": "a", "file_id": 5, "id": True}, "id: "),
        (ItemInput, {"file_name": "a", "file_id": 5, "id": "7"}, "id: "),
        (ItemInput, {"file_name": "a", "file_id": 5, "review_item_id": 7}, "both be 0"),
        (ItemInput, {"file_name": "a", "file_id": 5, "id": 7, "review_item_id": 0}, "both be 0"),
        (ItemInput, {"file_name": "a", "file_id": 5, "version": 2}, "version must be 1"),
        (ItemInput, {"file_name": "a", "file_id": 5, "version": 0}, "version: "),
        (ItemInput, {"file_name": "a", "file_id": 5, "is_new_version": True}, "isNewVersion goes with"),
        (ItemInput, {"file_name": "a", "file_id": 5, "is_new_version": 1}, "is_new_version: "),
        (ItemInput, {"file_name": "a"}, "upload the file first"),
        (ItemInput, {"file_name": "a", "upload_type": UploadType.ZIP}, "upload the file first"),
        (ItemInput, {"file_name": "a", "upload_type": UploadType.WEBSITE_ZIP}, "upload the file first"),
        (
            ItemInput,
            {"id": 7, "file_name": "a", "version": 2, "is_new_version": True},
            "upload the file first",
        ),
        (ItemInput, {"id": 7, "file_name": "a", "file_id": 5, "is_new_version": True}, "version is needed"),
        (ItemInput, {"id": 7, "file_name": "a", "file_id": 5, "review_version_id": 6}, "version is needed"),
        (ItemInput, {"id": 7, "file_name": "a", "file_id": 5}, "reviewVersionId is needed"),
        (
            ItemInput,
            {"id": 7, "file_name": "a", "version": 1, "review_version_id": 6},
            "upload the file first",
        ),
        (ItemInput, {"file_name": "a", "upload_type": UploadType.WEBSITE_URL}, "processEntireWebsite"),
        (
            ItemInput,
            {"file_name": "a", "upload_type": UploadType.WEBSITE_URL, "process_entire_website": True},
            "enableAnnotation",
        ),
        (ItemInput, {"file_name": "a", "upload_type": UploadType.PROJECT}, "sourceFileId"),
        (
            ItemInput,
            {"file_name": "a", "upload_type": UploadType.LIBRARY, "source_file_id": 3},
            "sourceObjectType LIBRARY",
        ),
        (
            ItemInput,
            {
                "file_name": "a",
                "upload_type": UploadType.LIBRARY,
                "source_file_id": 3,
                "source_object_type": SourceObjectType.PROJECT,
            },
            "sourceObjectType LIBRARY",
        ),
        (
            ItemInput,
            {
                "file_name": "a",
                "upload_type": UploadType.PROJECT,
                "source_file_id": 3,
                "source_object_type": 2,
            },
            "source_object_type: ",
        ),
        (ItemInput, {"file_name": "a", "file_id": 5, "upload_type": 1}, "upload_type: "),
        (ItemInput, {"file_name": "a", "file_id": 5, "file_size": "0.01"}, "file_size: "),
        (ItemInput, {"file_name": "a", "file_id": 5, "file_size": 10_000}, "file_size: "),
        (
            ItemInput,
            {"file_name": "a", "file_id": 5, "created_on": datetime(2026, 1, 1)},  # noqa: DTZ001
            "created_on: ",
        ),
        (ItemInput, {"file_name": "a", "file_id": 5, "created_on": 0}, "created_on: "),
        (ItemInput, {"file_name": "a", "file_id": 5, "colour": "red"}, "colour"),
        (ItemInput, {"file_name": "a\udc80", "file_id": 5}, "UTF-8"),
        (StageInput, {"stage_name": "", "existing_users": (10,)}, "stage_name: "),
        (StageInput, {"stage_name": "a"}, "existingUsers: "),
        (StageInput, {"stage_name": "a", "existing_users": ()}, "existing_users: "),
        (
            StageInput,
            {"stage_name": "a", "existing_users": (10,), "stage_due_date": "03/18/2026"},
            "stage_due_date: ",
        ),
        (StageInput, {"stage_name": "a", "existing_users": "10,20"}, "existing_users: "),
        (StageInput, {"stage_name": "a", "existing_users": ("10",)}, "existing_users.0: "),
        (
            StageInput,
            {"stage_name": "a", "existing_users": (10,), "existing_cc_users": (0,)},
            "existing_cc_users.0: ",
        ),
        (StageInput, {"stage_name": "a", "existing_users": (10,), "download_flag": 2}, "download_flag: "),
        (
            StageInput,
            {"stage_name": "a", "existing_users": (10,), "stage_status": FeedbackReviewStatus.COMPLETED},
            "stage_status: ",
        ),
        (ReviewCreate, {"review_name": "a"}, "reviewType"),
        (ReviewCreate, {"review_type": ReviewType.FEEDBACK}, "reviewName"),
        (ReviewCreate, {"review_name": "a", "review_type": 2}, "review_type: "),
        (
            ReviewCreate,
            {"review_name": "a", "review_type": FeedbackReviewStatus.IN_PROGRESS},
            "review_type: ",
        ),
        (
            ReviewCreate,
            {
                "review_name": "a",
                "review_type": ReviewType.FEEDBACK,
                "review_status": FeedbackReviewStatus.COMPLETED,
            },
            "review_status",
        ),
        (
            ReviewCreate,
            {
                "review_name": "a",
                "review_type": ReviewType.FEEDBACK,
                "start_date": date(2026, 3, 2),
                "end_date": date(2026, 3, 1),
            },
            "endDate must not be before",
        ),
        (
            ReviewCreate,
            {"review_name": "a", "review_type": ReviewType.FEEDBACK, "review_items": (OLD_ITEM,)},
            "must be 0 in a new review",
        ),
        (
            ReviewCreate,
            {"review_name": "a", "review_type": ReviewType.FEEDBACK, "review_stages": (OLD_STAGE,)},
            "must be 0 in a new review",
        ),
        (ReviewUpdate, {}, "names nothing to change"),
        (ReviewUpdate, {"review_name": None}, "names nothing to change"),
        (ReviewUpdate, {"review_status": 3}, "review_status"),
        (ReviewUpdate, {"review_items": ()}, "review_items: "),
        (ReviewUpdate, {"review_stages": ()}, "review_stages: "),
        (ReviewUpdate, {"review_owners": ()}, "review_owners: "),
        (ReviewUpdate, {"review_status": ReviewStageStatus.COMPLETED}, "review_status"),
        (
            ReviewUpdate,
            {"review_type": ReviewType.APPROVAL, "review_status": FeedbackReviewStatus.COMPLETED},
            "must be of ApprovalReviewStatus",
        ),
        (ReviewUpdate, {"autocomplete_option": 3}, "autocomplete_option: "),
        (ReviewUpdate, {"review_owners": ("Ann",)}, "review_owners.0: "),
        (FileUpload, {"review_id": -1}, "review_id: "),
        (FileUpload, {"object_type": 10}, "object_type: "),
        (FileUpload, {"temp_id": 0}, "temp_id: "),
    ],
)
def test_request_is_refused_with_field_and_rule_when_vendor_would_refuse(
    model: type[RoboHeadRequest], data: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidRequestError, match=said) as caught:
        model(**data)
    assert caught.value.vendor == "robohead"


@pytest.mark.parametrize("size", ["0.01 MB", "512 bytes", "1,024.5 KB", "2 TB"])
def test_size_is_sent_back_as_it_was_read_when_it_has_a_unit(size: str) -> None:
    read = ReviewItem.model_validate({"fileSize": size}).file_size
    assert ItemInput(file_name="a", file_id=5, file_size=read).fields()["fileSize"] == size


def test_size_is_rounded_to_megabytes_when_written() -> None:
    assert [file_size(size) for size in (0, 10_486, 1_048_576, 5_000_000_000)] == [
        "0.00 MB",
        "0.01 MB",
        "1.00 MB",
        "4768.37 MB",
    ]


def test_moment_is_sent_in_utc_without_zone_when_written() -> None:
    item = ItemInput(file_name="a", file_id=5, created_on=datetime(2026, 1, 1, tzinfo=UTC))
    assert item.fields()["createdOn"] == "2026-01-01T00:00:00"
