from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from proofbridge.vendors.robohead.enums import (
    ApprovalReviewStatus,
    AutocompleteOption,
    FeedbackReviewStatus,
    FileProgress,
    ReviewerStatus,
    ReviewStageStatus,
    ReviewType,
    ReviewVersionStatus,
    SourceObjectType,
    UploadType,
)
from proofbridge.vendors.robohead.models import (
    AddedReview,
    Comparator,
    Listing,
    ListOption,
    Review,
    ReviewComment,
    Reviewer,
    ReviewItem,
    ReviewStage,
    ReviewSummary,
    UploadedFile,
    User,
)

ITEM: dict[str, Any] = {
    "id": 812,
    "fileName": "label.pdf",
    "createdOn": "2026-02-03T04:05:06",
    "version": 2,
    "uploadType": "1",
    "fileSize": "0.01 MB",
    "isDefaultThumbnail": 1,
    "isNewVersion": 2,
    "fileId": 55,
    "sourceObjectType": 2,
}
STAGE: dict[str, Any] = {
    "id": 9,
    "stageName": "Legal",
    "stageDueDate": "03/18/2026",
    "startStageCondition": 3,
    "notifyMeOnResponseSubmission": 1,
    "notifyCommentAuthorOnReply": 2,
    "downloadFlag": 1,
    "showResponsesToAllReviewers": 2,
    "requireDigitalSignature": 2,
    "existingUsers": "10,20, 30",
    "existingCCUsers": "",
    "emailSubject": "Please look",
    "emailMessage": None,
    "stageStatus": 3,
}


def test_item_is_read_when_as_documented() -> None:
    assert ReviewItem.model_validate(ITEM) == ReviewItem(
        id=812,
        file_name="label.pdf",
        created_on=datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
        version=2,
        upload_type=UploadType.COMPUTER,
        file_size="0.01 MB",
        is_default_thumbnail=True,
        is_new_version=False,
        file_id=55,
        source_object_type="2",
    )


def test_every_documented_field_of_an_item_is_read_when_there() -> None:
    item = ReviewItem.model_validate(
        {
            **ITEM,
            "reviewItemId": 812,
            "optionalTitle": "Front",
            "processEntireWebsite": 1,
            "enableAnnotation": "2",
            "sourceFileId": 3,
            "sourceObjectType": 4,
            "sortOrder": 2,
            "thumbnailUrl": "https://example.com/t.png",
            "reviewVersionId": 6,
            "description": "The front label",
            "reviewVersionStatus": 2,
        }
    )
    assert all(value is not None for value in dict(item).values())
    assert item.source_object_type is SourceObjectType.LIBRARY
    assert item.version_status is ReviewVersionStatus.APPROVED
    assert (item.process_entire_website, item.enable_annotation) == (True, False)


def test_stage_is_read_when_as_documented() -> None:
    assert ReviewStage.model_validate(STAGE) == ReviewStage(
        id=9,
        stage_name="Legal",
        stage_due_date=date(2026, 3, 18),
        start_stage_condition=3,
        notify_me_on_response_submission=True,
        notify_comment_author_on_reply=False,
        download_flag=True,
        show_responses_to_all_reviewers=False,
        require_digital_signature=False,
        existing_users=(10, 20, 30),
        existing_cc_users=(),
        email_subject="Please look",
        stage_status=ReviewStageStatus.COMPLETED,
    )


def test_every_output_column_of_the_list_is_read_when_there() -> None:
    review = ReviewSummary.model_validate(
        {
            "reviewId": 4,
            "reviewName": "Label",
            "startDate": "03/01/2026",
            "statusString": "Completed and denied",
            "numComments": "3",
            "creatorDisplayName": "Ann",
            "createdOn": "2026-03-01T09:00:00",
            "endDate": "2026-03-18",
            "modifierDisplayName": "Bob",
            "modifiedOn": "2026-03-02T09:00:00",
            "progressString": "reviewers notified",
            "reviewOwners": "Ann, Bob",
            "reviewTypeString": "Request Approval",
            "projectName": "Spring",
            "projectNumber": 17,
            "formattedProjectNumber": "P-0017",
        }
    )
    assert dict(review) == {
        "id": 4,
        "review_name": "Label",
        "start_date": date(2026, 3, 1),
        "status_string": "Completed and denied",
        "num_comments": 3,
        "creator_display_name": "Ann",
        "created_on": datetime(2026, 3, 1, 9, tzinfo=UTC),
        "end_date": date(2026, 3, 18),
        "modifier_display_name": "Bob",
        "modified_on": datetime(2026, 3, 2, 9, tzinfo=UTC),
        "progress_string": FileProgress.REVIEWERS_NOTIFIED,
        "review_owners": ("Ann", "Bob"),
        "review_type_string": ReviewType.APPROVAL,
        "project_name": "Spring",
        "project_number": "17",
        "formatted_project_number": "P-0017",
    }
    assert (review.review_type, review.status) == (ReviewType.APPROVAL, ApprovalReviewStatus.DENIED)


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("Comments/Feedback", "3", FeedbackReviewStatus.COMPLETED),
        (1, 3, FeedbackReviewStatus.COMPLETED),
        (2, 3, ApprovalReviewStatus.APPROVED),
        ("Something else", "Completed", FeedbackReviewStatus.COMPLETED),
        (None, 3, None),
        (2, "Withdrawn", None),
    ],
)
def test_status_means_what_the_type_says_when_read(kind: Any, status: Any, expected: Any) -> None:
    review = ReviewSummary.model_validate({"id": 4, "reviewType": kind, "reviewStatus": status})
    assert review.status is expected


def test_review_has_only_its_name_when_no_more_is_told() -> None:
    review = Review.model_validate({"reviewName": "Label"})
    assert (review.id, review.status, review.review_type) == (None, None, None)
    assert (review.review_items, review.review_stages, review.review_owners) == ((), (), ())


@pytest.mark.parametrize(
    "items",
    [
        {"reviewItems": [ITEM]},
        [ITEM],
        json.dumps({"reviewItems": [ITEM]}),
        json.dumps([ITEM]),
        {"List": [ITEM]},
    ],
)
@pytest.mark.parametrize("stages", [[STAGE], json.dumps([STAGE]), {"reviewStages": [STAGE]}])
def test_items_and_stages_are_read_when_wrapped_bare_or_text(items: Any, stages: Any) -> None:
    review = Review.model_validate({"reviewId": 4, "reviewItems": items, "reviewStages": stages})
    assert [item.id for item in review.review_items] == [812]
    assert [stage.id for stage in review.review_stages] == [9]


@pytest.mark.parametrize("nothing", [None, "", " ", [], "[]"])
def test_items_and_stages_are_empty_when_nothing_is_there(nothing: Any) -> None:
    review = Review.model_validate({"reviewId": 4, "reviewItems": nothing, "reviewStages": nothing})
    assert (review.review_items, review.review_stages) == ((), ())


@pytest.mark.parametrize(
    "answer",
    [
        {"reviewId": 4, "reviewName": "Label"},
        {"success": True, "returnCode": 0, "reviewId": 4, "reviewName": "Label"},
        {"success": True, "Review": {"id": 4, "reviewName": "Label"}},
        {"success": True, "List": [{"id": 4, "reviewName": "Label"}]},
        {"success": True, "customParams": {"reviewId": "4", "reviewName": "Label"}},
    ],
)
def test_review_is_found_when_in_any_envelope(answer: dict[str, Any]) -> None:
    review = Review.model_validate(answer)
    assert (review.id, review.review_name) == (4, "Label")


@pytest.mark.parametrize(
    "answer",
    [
        {"success": True, "reviewId": 4},
        {"success": True, "id": "4"},
        {"success": True, "customParams": {"reviewId": 4, "more": []}},
    ],
)
def test_added_review_has_its_id_when_told_anywhere(answer: dict[str, Any]) -> None:
    assert AddedReview.model_validate(answer).id == 4


def test_file_has_its_id_when_told_anywhere() -> None:
    assert UploadedFile.model_validate({"customParams": {"fileId": 5}}).file_id == 5
    assert UploadedFile.model_validate({"id": "5", "fileName": "a.pdf"}).file_name == "a.pdf"


def test_reviewers_are_read_when_their_status_is_zero() -> None:
    review = Review.model_validate(
        {
            "reviewId": 4,
            "autocompleteOption": 4,
            "reviewers": [{"userId": 10, "displayName": "Ann", "reviewerStatus": 0}],
            "reviewStages": [{**STAGE, "reviewers": [{"id": 20, "status": "Rejected"}]}],
        }
    )
    assert review.reviewers == (Reviewer(id=10, display_name="Ann", status=ReviewerStatus.INITIAL),)
    assert review.review_stages[0].reviewers[0].status is ReviewerStatus.REJECTED
    assert [who.id for who in review.all_reviewers] == [10, 20]
    assert review.autocomplete_option is AutocompleteOption.ALL_APPROVED_PERHAPS_WITH_CHANGES


def test_comment_is_read_when_field_is_written_either_way() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for name in ("createdOn", "created_on"):
        comment = ReviewComment.model_validate(
            {"id": 1, "author": "Ann", "comment": "Nice", name: "2026-03-02T09:00:00", "fileId": "a.pdf"}
        )
        assert comment == ReviewComment(id=1, author="Ann", comment="Nice", created_on=at, file_id="a.pdf")


def test_options_are_read_when_under_their_assumed_names() -> None:
    assert Comparator.model_validate({"comparatorId": 1, "comparatorName": "is"}).name == "is"
    assert ListOption.model_validate({"value": "3", "name": "Completed"}) == ListOption(
        value=3, name="Completed"
    )
    assert User.model_validate({"userId": 10, "userName": "Ann"}).display_name == "Ann"


def test_list_has_its_rows_when_null_or_with_total() -> None:
    listing = TypeAdapter(Listing[User])
    assert listing.validate_python({"List": None}).rows == ()
    assert listing.validate_python({"List": [{"id": 1}], "totalCount": "7"}).total == 7


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ({}, ("List",)),
        ({"List": {"a": 1}}, ("List",)),
        ({"List": [{}]}, ("List", 0)),
        ({"List": [{"reviewId": "x"}]}, ("List", 0, "reviewId")),
        ({"List": [{"statusString": ["x"]}]}, ("List", 0, "statusString")),
        ({"List": [{"progressString": []}]}, ("List", 0, "progressString")),
        ({"List": [{"progressString": True}]}, ("List", 0, "progressString")),
        ({"List": [{"startDate": "13/41/2026"}]}, ("List", 0, "startDate")),
        ({"List": [{"startDate": "soon"}]}, ("List", 0, "startDate")),
        ({"List": [{"createdOn": "soon"}]}, ("List", 0, "createdOn")),
    ],
)
def test_field_is_named_when_a_list_makes_no_sense(answer: Any, path: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Listing[ReviewSummary]).validate_python(answer)
    assert caught.value.errors()[0]["loc"][: len(path)] == path


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ({"reviewItems": [{"isNewVersion": 3}]}, ("reviewItems", 0, "isNewVersion")),
        ({"reviewItems": "{"}, ("reviewItems",)),
        ({"reviewItems": {"other": 1}}, ("reviewItems",)),
        ({"reviewStages": [{"existingUsers": "1,Ann"}]}, ("reviewStages", 0, "existingUsers", 1)),
        ({"reviewStages": [{"existingUsers": {}}]}, ("reviewStages", 0, "existingUsers")),
    ],
)
def test_field_is_named_when_a_review_makes_no_sense(answer: Any, path: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        Review.model_validate({"reviewId": 4, **answer})
    assert caught.value.errors()[0]["loc"][: len(path)] == path


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (1, True),
        (2, False),
        ("1", True),
        ("2", False),
        (True, True),
        (False, False),
        ("", None),
        (None, None),
    ],
)
def test_boolean_is_read_when_one_or_two(sent: Any, read: bool | None) -> None:  # noqa: FBT001
    assert ReviewStage.model_validate({"downloadFlag": sent}).download_flag is read


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("3/1/2026", date(2026, 3, 1)),
        ("03/01/2026 10:00 AM", date(2026, 3, 1)),
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-03-01T23:00:00", date(2026, 3, 1)),
        (" ", None),
        (None, None),
    ],
)
def test_day_is_read_when_american_or_iso(sent: Any, read: date | None) -> None:
    assert ReviewStage.model_validate({"stageDueDate": sent}).stage_due_date == read


@pytest.mark.parametrize(
    ("sent", "read"), [("10,20", (10, 20)), ("10,", (10,)), (10, (10,)), ([10, "20"], (10, 20)), (None, ())]
)
def test_users_are_read_when_joined(sent: Any, read: tuple[int, ...]) -> None:
    assert ReviewStage.model_validate({"existingUsers": sent}).existing_users == read
