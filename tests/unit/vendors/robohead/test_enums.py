from __future__ import annotations

import itertools
from typing import Any

import pytest

from proofbridge.vendors.robohead import enums
from proofbridge.vendors.robohead.enums import (
    ApprovalReviewStatus,
    AutocompleteOption,
    FeedbackReviewStatus,
    FieldType,
    FileProgress,
    ListType,
    Numbered,
    ObjectType,
    ReviewerStatus,
    ReviewStageStatus,
    ReviewType,
    ReviewVersionStatus,
    SourceObjectType,
    UploadType,
    read_review_status,
)

DOCUMENTED: dict[type[Numbered], dict[str, int]] = {
    ReviewType: {"FEEDBACK": 1, "APPROVAL": 2},
    FeedbackReviewStatus: {"NOT_STARTED": 1, "IN_PROGRESS": 2, "COMPLETED": 3},
    ApprovalReviewStatus: {
        "NOT_STARTED": 1,
        "IN_PROGRESS": 2,
        "APPROVED": 3,
        "APPROVED_WITH_CHANGES": 4,
        "DENIED": 5,
    },
    ReviewerStatus: {
        "INITIAL": 0,
        "NOTIFIED": 1,
        "APPROVED": 2,
        "REJECTED": 3,
        "APPROVED_WITH_CHANGES": 4,
        "OPENED": 5,
        "BEGAN": 6,
        "COMPLETED": 7,
    },
    ReviewStageStatus: {"NOT_STARTED": 1, "IN_PROGRESS": 2, "COMPLETED": 3},
    ReviewVersionStatus: {"PENDING": 1, "APPROVED": 2, "DENIED": 3, "APPROVED_WITH_CHANGES": 4},
    UploadType: {"COMPUTER": 1, "WEBSITE_URL": 2, "WEBSITE_ZIP": 3, "ZIP": 4, "PROJECT": 5, "LIBRARY": 6},
    SourceObjectType: {"PROJECT": 3, "LIBRARY": 4},
    ObjectType: {"REVIEW": 10},
    FieldType: {"TEXT": 1, "NUMBER": 3, "DATE": 4, "SINGLE_SELECT": 7, "MULTI_SELECT": 9},
    FileProgress: {
        "NOT_READY": 1,
        "PROCESSED": 2,
        "PROCESSING_FAILED": 3,
        "REVIEWERS_NOTIFIED": 4,
        "COMPLETE": 5,
        "PENDING": 6,
        "NOT_UPLOADED": 7,
    },
    AutocompleteOption: {
        "ALL_FINISHED": 1,
        "NEVER": 2,
        "ALL_APPROVED": 3,
        "ALL_APPROVED_PERHAPS_WITH_CHANGES": 4,
    },
    ListType: {"REVIEW_TYPES": 23, "REVIEW_STATUSES": 25},
}


def test_every_enum_has_the_documented_numbers_when_walked() -> None:
    kinds = {kind for kind in vars(enums).values() if isinstance(kind, type) and issubclass(kind, Numbered)}
    assert kinds - {Numbered} == set(DOCUMENTED)
    for kind, numbers in DOCUMENTED.items():
        assert {member.name: member.value for member in kind} == numbers


def test_members_are_never_equal_when_of_two_enums() -> None:
    members = [member for kind in DOCUMENTED for member in kind]
    for one, other in itertools.combinations(members, 2):
        assert one != other
    assert len(set(members)) == len(members)
    assert all(member != member.value for member in members)


def test_member_is_true_when_its_number_is_zero() -> None:
    assert ReviewerStatus(0) is ReviewerStatus.INITIAL
    assert bool(ReviewerStatus.INITIAL)


@pytest.mark.parametrize("kind", DOCUMENTED, ids=lambda kind: kind.__name__)
def test_member_is_read_when_given_by_number_text_or_words(kind: type[Numbered]) -> None:
    for member in kind:
        for form in (
            member.value,
            str(member.value),
            f" {member.value} ",
            member.words,
            member.words.upper(),
            f" {member.words.replace(' ', '  ')} ",
        ):
            assert kind.read(form) is member


@pytest.mark.parametrize("value", [9, "9", -1, "-1", "", " ", None, True, 1.5, "1.5", "Approve", [], {}])
def test_nothing_is_read_when_value_means_nothing(value: Any) -> None:
    assert ReviewerStatus.read(value) is None


@pytest.mark.parametrize(
    ("review_type", "value", "status"),
    [
        (ReviewType.FEEDBACK, 3, FeedbackReviewStatus.COMPLETED),
        (ReviewType.APPROVAL, 3, ApprovalReviewStatus.APPROVED),
        (ReviewType.FEEDBACK, "Completed", FeedbackReviewStatus.COMPLETED),
        (ReviewType.APPROVAL, "Completed", None),
        (ReviewType.FEEDBACK, 4, None),
        (ReviewType.APPROVAL, "completed and denied", ApprovalReviewStatus.DENIED),
        (None, "Completed", FeedbackReviewStatus.COMPLETED),
        (None, "Completed and approved with changes", ApprovalReviewStatus.APPROVED_WITH_CHANGES),
        (None, 5, ApprovalReviewStatus.DENIED),
        (None, 3, None),
        (None, "3", None),
        (None, None, None),
        (None, "", None),
    ],
)
def test_review_status_is_read_when_type_or_words_decide(
    review_type: ReviewType | None, value: Any, status: Numbered | None
) -> None:
    assert read_review_status(review_type, value) is status


@pytest.mark.parametrize("value", [1, "1", "Not Started", 2, "In Progress"])
def test_review_status_is_read_when_it_means_the_same_for_both_types(value: Any) -> None:
    found = read_review_status(None, value)
    assert found is not None
    assert found.name in {"NOT_STARTED", "IN_PROGRESS"}
