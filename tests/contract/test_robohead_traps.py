"""Every trap that the vendor notes name for RoboHead, by its number."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from local.simulators import Simulator
from proofbridge.domain.items import ReviewStatus
from proofbridge.vendors.errors import InvalidRequestError, RejectedError
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.enums import (
    ApprovalReviewStatus,
    FeedbackReviewStatus,
    ReviewerStatus,
    ReviewStageStatus,
    ReviewType,
    ReviewVersionStatus,
    SourceObjectType,
    UploadType,
    read_review_status,
)
from proofbridge.vendors.robohead.filters import (
    CommentedOnFilter,
    FileNameFilter,
    ProjectNumberFilter,
)
from proofbridge.vendors.robohead.inputs import FileUpload, ItemInput, ReviewCreate, ReviewUpdate, StageInput
from proofbridge.vendors.robohead.mapping import decision, review_status
from proofbridge.vendors.robohead.models import ReviewComment, Reviewer, ReviewItem, ReviewStage
from tests.contract.proofs import act
from tests.contract.robohead_calls import OWNER, PROJECT, REVIEWER, SECOND, new_item, new_review

DAY = date(2090, 3, 8)


def stage(**more: Any) -> StageInput:
    return StageInput.model_validate({"stage_name": "Review", "existing_users": (REVIEWER,), **more})


def form(request: ReviewCreate | ReviewUpdate) -> dict[str, str]:
    return dict(request.form())


def test_trap_robohead_01_true_is_one_and_false_is_two(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    sent = stage(download_flag=True).fields()
    assert (sent["downloadFlag"], sent["requireDigitalSignature"]) == (1, 2)
    item = ItemInput(file_name="x", file_id=1, is_default_thumbnail=True).fields()
    assert (item["isDefaultThumbnail"], item["isNewVersion"]) == (1, 2)
    assert dict(FileUpload().form())["addVersionByFileName"] == "2"
    for value in (1, 2, "true"):
        with pytest.raises(InvalidRequestError):
            stage(download_flag=value)
    made = new_review(robohead, review_stages=(stage(download_flag=True),))
    (stored,) = robohead_simulator.vendor.state()["reviews"][0]["stages"]
    assert (stored["download"], stored["digital_signature"]) == (True, False)
    (read,) = robohead.reviews.get(made).review_stages
    assert (read.download_flag, read.require_digital_signature) == (True, False)


def test_trap_robohead_02_one_number_means_something_else_in_each_place(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    threes = [
        FeedbackReviewStatus(3),
        ApprovalReviewStatus(3),
        ReviewerStatus(3),
        ReviewVersionStatus(3),
        ReviewStageStatus(3),
    ]
    assert [member.name for member in threes] == ["COMPLETED", "APPROVED", "REJECTED", "DENIED", "COMPLETED"]
    assert len(set(threes)) == 5
    assert (ReviewVersionStatus(2).name, ApprovalReviewStatus(2).name) == ("APPROVED", "IN_PROGRESS")
    for wrong in (3, ReviewerStatus.REJECTED, ReviewVersionStatus.DENIED):
        with pytest.raises(InvalidRequestError):
            ReviewUpdate.model_validate({"review_status": wrong})
    assert read_review_status(ReviewType.FEEDBACK, 3) is FeedbackReviewStatus.COMPLETED
    assert read_review_status(ReviewType.APPROVAL, 3) is ApprovalReviewStatus.APPROVED
    assert read_review_status(None, 3) is None
    feedback = new_review(robohead, review_type=ReviewType.FEEDBACK)
    approval = new_review(robohead, review_type=ReviewType.APPROVAL)
    for made in (feedback, approval):
        act(robohead_simulator, "set-status", review=made, status=3)
    assert review_status(robohead.reviews.get(feedback).status) is ReviewStatus.COMPLETED
    assert review_status(robohead.reviews.get(approval).status) is ReviewStatus.APPROVED


def test_trap_robohead_03_reviewer_status_zero_counts_and_numbers_tell_no_order(robohead: RoboHead) -> None:
    made = new_review(robohead, review_stages=(stage(), stage(stage_name="Later", existing_users=(SECOND,))))
    (waiting,) = robohead.reviews.get(made).review_stages[1].reviewers
    assert waiting.status is ReviewerStatus.INITIAL
    assert waiting.status is not None
    assert bool(waiting.status)
    assert Reviewer.model_validate({"reviewerStatus": "0"}).status is ReviewerStatus.INITIAL
    assert Reviewer.model_validate({"reviewerStatus": None}).status is None
    with pytest.raises(TypeError):
        assert ReviewerStatus.OPENED > ReviewerStatus.APPROVED  # type: ignore[operator]
    assert [decision(status) is not None for status in ReviewerStatus] == [
        False,
        False,
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_trap_robohead_04_source_is_three_or_four_though_the_sample_says_two(robohead: RoboHead) -> None:
    assert {member.value for member in SourceObjectType} == {3, 4}
    with pytest.raises(InvalidRequestError):
        ItemInput.model_validate(
            {
                "file_name": "x",
                "upload_type": UploadType.PROJECT,
                "source_file_id": 1,
                "source_object_type": 2,
            }
        )
    assert ReviewItem.model_validate({"sourceObjectType": 2}).source_object_type == "2"
    item = ItemInput(
        file_name="Old.pdf",
        upload_type=UploadType.PROJECT,
        source_file_id=8,
        source_object_type=SourceObjectType.PROJECT,
    )
    made = new_review(robohead, review_items=(item,))
    (read,) = robohead.reviews.get(made).review_items
    assert read.source_object_type is SourceObjectType.PROJECT


def test_trap_robohead_05_numbers_stand_in_text_and_users_are_joined(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    item = new_item(robohead, file_size="0.01 MB")
    assert (item.fields()["uploadType"], item.fields()["fileSize"]) == ("1", "0.01 MB")
    review = ReviewCreate(
        review_name="Label",
        review_type=ReviewType.APPROVAL,
        project_id=PROJECT,
        review_owners=(OWNER, SECOND),
        review_items=(item,),
        review_stages=(stage(existing_users=(REVIEWER, SECOND), existing_cc_users=(OWNER,)),),
    )
    assert form(review)["reviewOwners"] == "101,103"
    (sent,) = json.loads(form(review)["reviewStages"])
    assert (sent["existingUsers"], sent["existingCCUsers"]) == ("102,103", "101")
    made = robohead.reviews.add(review).id
    read = robohead.reviews.get(made)
    assert read.review_items[0].upload_type is UploadType.COMPUTER
    assert read.review_items[0].file_size == "0.01 MB"
    assert read.review_stages[0].existing_users == (REVIEWER, SECOND)
    assert read.review_owners == ("101", "103")
    assert ReviewItem.model_validate({"uploadType": 1}).upload_type is UploadType.COMPUTER
    (stored,) = robohead_simulator.vendor.state()["reviews"]
    assert stored["owner_ids"] == [OWNER, SECOND]


def test_trap_robohead_06_moments_lack_a_zone_and_stage_days_are_american(robohead: RoboHead) -> None:
    moment = datetime(2026, 7, 8, 15, 25, 47, tzinfo=UTC)
    sent = ItemInput(file_name="x", file_id=1, created_on=moment).fields()
    assert sent["createdOn"] == "2026-07-08T15:25:47"
    assert ReviewItem.model_validate(sent).created_on == moment
    assert stage(stage_due_date=DAY).fields()["stageDueDate"] == "03/08/2090"
    made = new_review(
        robohead,
        review_items=(new_item(robohead, created_on=moment),),
        review_stages=(stage(stage_due_date=DAY),),
    )
    review = robohead.reviews.get(made)
    assert review.review_stages[0].stage_due_date == DAY
    assert review.created_on is not None
    assert review.created_on.tzinfo is UTC
    assert ReviewStage.model_validate({"stageDueDate": "12/03/2090"}).stage_due_date == date(2090, 12, 3)


def test_trap_robohead_07_items_are_wrapped_stages_are_not_and_new_ids_are_zero(robohead: RoboHead) -> None:
    review = ReviewCreate(
        review_name="Label",
        review_type=ReviewType.APPROVAL,
        project_id=PROJECT,
        review_items=(new_item(robohead),),
        review_stages=(stage(),),
    )
    items, stages = json.loads(form(review)["reviewItems"]), json.loads(form(review)["reviewStages"])
    assert list(items) == ["reviewItems"]
    assert isinstance(stages, list)
    (item,) = items["reviewItems"]
    assert (item["id"], item["reviewItemId"], stages[0]["id"]) == (0, 0, 0)
    made = robohead.reviews.get(robohead.reviews.add(review).id)
    assert made.review_items[0].id not in {0, None}
    assert made.review_stages[0].id not in {0, None}
    with pytest.raises(InvalidRequestError):
        ReviewCreate(review_name="x", review_type=ReviewType.APPROVAL, review_stages=(stage(id=7),))


def test_trap_robohead_08_columns_fields_and_filters_go_by_different_names(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    assert CommentedOnFilter.column == "created_on"
    assert ReviewComment.model_validate({"createdOn": "2026-07-08T15:25:47"}).created_on == datetime(
        2026, 7, 8, 15, 25, 47, tzinfo=UTC
    )
    made = new_review(robohead)
    act(robohead_simulator, "comment", review=made, by=REVIEWER, comment="x")
    today = robohead_simulator.clock.now().date()
    (comment,) = robohead.comments.list(made, [CommentedOnFilter(comparator="is", value=today)])
    assert comment.created_on is not None
    assert comment.created_on.date() == today
    (review,) = robohead.reviews.list([ProjectNumberFilter(comparator="is", value="P-000501")])
    assert review.project_number == "501"
    assert robohead.reviews.get(made).formatted_project_number == "P-000501"
    (comment,) = robohead.comments.list(made, [FileNameFilter(comparator="is", value="Label.pdf")])
    assert comment.file_name == "Label.pdf"
    with pytest.raises(InvalidRequestError):
        FileNameFilter.model_validate({"comparator": "is", "value": 1001})
    with pytest.raises(RejectedError):
        list(robohead.comments.list(made, [CommentedOnFilter(comparator=1, value=today)]))
    robohead_simulator.violations.clear()
