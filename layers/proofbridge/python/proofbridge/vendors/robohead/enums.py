"""RoboHead's numbers. The same number means different things in different places: one enum per meaning."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final, Self


class Numbered(enum.Enum):
    """A number with the words that the documentation has for it.

    It is no integer on purpose: members of two enums are never equal, though their numbers may be, and the
    one with the number 0 is as true as any other.
    """

    _value_: int
    words: str

    def __new__(cls, number: int, words: str = "") -> Self:
        """Make the number the value, so that `ReviewType(1)` finds its member."""
        member = object.__new__(cls)
        member._value_ = number
        member.words = words
        return member

    @classmethod
    def read(cls, value: object) -> Self | None:
        """Return the member with this number (perhaps written as text) or these words (in any case)."""
        if isinstance(value, bool):
            return None
        text = str(value).strip()
        return next((it for it in cls if text == str(it.value) or _plain(text) == _plain(it.words)), None)


def _plain(words: str) -> str:
    return "".join(character for character in words.casefold() if character.isalnum())


class ReviewType(Numbered):
    """What is asked of the reviewers ("review types")."""

    FEEDBACK = 1, "Comments/Feedback"
    APPROVAL = 2, "Request Approval"


class FeedbackReviewStatus(Numbered):
    """The status of a review that asks for comments ("review status … Comments/Feedback type")."""

    NOT_STARTED = 1, "Not Started"
    IN_PROGRESS = 2, "In Progress"
    COMPLETED = 3, "Completed"


class ApprovalReviewStatus(Numbered):
    """The status of a review that asks for approval ("review status … Request Approval type")."""

    NOT_STARTED = 1, "Not Started"
    IN_PROGRESS = 2, "In Progress"
    APPROVED = 3, "Completed and approved"
    APPROVED_WITH_CHANGES = 4, "Completed and approved with changes"
    DENIED = 5, "Completed and denied"


class ReviewerStatus(Numbered):
    """How far one reviewer is ("reviewer status"). The numbers don't follow the course of events."""

    INITIAL = 0, "Initial Status"
    NOTIFIED = 1, "Notification Email Received"
    APPROVED = 2, "Approved"
    REJECTED = 3, "Rejected"
    APPROVED_WITH_CHANGES = 4, "Approved With Changes"
    OPENED = 5, "Opened"
    BEGAN = 6, "Began"
    COMPLETED = 7, "Completed"


class ReviewStageStatus(Numbered):
    """The status of a stage ("review stage status")."""

    NOT_STARTED = 1, "Not Started"
    IN_PROGRESS = 2, "In Progress"
    COMPLETED = 3, "Completed"


class ReviewVersionStatus(Numbered):
    """What became of one version of an item ("review version status")."""

    PENDING = 1, "Pending"
    APPROVED = 2, "Approved"
    DENIED = 3, "Denied"
    APPROVED_WITH_CHANGES = 4, "Approved with changes"


class UploadType(Numbered):
    """Where an item comes from ("review upload types")."""

    COMPUTER = 1, "Review item upload from computer"
    WEBSITE_URL = 2, "Review item upload website by URL"
    WEBSITE_ZIP = 3, "Review item upload website as zip"
    ZIP = 4, "Review item upload zip"
    PROJECT = 5, "Review item added from project"
    LIBRARY = 6, "Review item added from library"


class SourceObjectType(Numbered):
    """Where the file of an item lies that is added from RoboHead itself ("sourceObjectType")."""

    PROJECT = 3, "project"
    LIBRARY = 4, "Library"


class ObjectType(Numbered):
    """What a file is uploaded for (outside the documentation at hand)."""

    REVIEW = 10, "review"


class FieldType(Numbered):
    """The type of a column, which decides how it can be compared ("types of columns")."""

    TEXT = 1, "text"
    NUMBER = 3, "number"
    DATE = 4, "date"
    SINGLE_SELECT = 7, "single select"
    MULTI_SELECT = 9, "multi select"


class FileProgress(Numbered):
    """How far a review's file is ("Review file progress")."""

    NOT_READY = 1, "not ready"
    PROCESSED = 2, "file processing complete"
    PROCESSING_FAILED = 3, "file processing failed"
    REVIEWERS_NOTIFIED = 4, "reviewers notified"
    COMPLETE = 5, "complete"
    PENDING = 6, "pending"
    NOT_UPLOADED = 7, "file not uploaded"


class AutocompleteOption(Numbered):
    """When a review completes itself ("Autocomplete Options")."""

    ALL_FINISHED = 1, "When all reviewers Finish the Review"
    NEVER = 2, "Do not autocomplete the Review"
    ALL_APPROVED = 3, "When all reviewers Approve the Review"
    ALL_APPROVED_PERHAPS_WITH_CHANGES = 4, "When all reviewers Approve or Approve with Changes"


class ListType(Numbered):
    """The lists of options that the documentation names ("GetListByType of List module")."""

    REVIEW_TYPES = 23, "review types"
    REVIEW_STATUSES = 25, "review status"


class Comparison(enum.StrEnum):
    """The comparators that the documentation mentions by name; an account may offer more."""

    IS = "is"
    IS_NOT = "is not"
    NOT_IN = "not in"


STATUS_OF_TYPE: Final[Mapping[ReviewType, type[FeedbackReviewStatus | ApprovalReviewStatus]]] = {
    ReviewType.FEEDBACK: FeedbackReviewStatus,
    ReviewType.APPROVAL: ApprovalReviewStatus,
}
"""Which numbers a review's status has, by its type."""


def read_review_status(
    review_type: ReviewType | None, value: object
) -> FeedbackReviewStatus | ApprovalReviewStatus | None:
    """Return the status that a number or words mean in a review of this type.

    Without the type None for a number that means different things: 3 is either "completed" or "approved".
    """
    if review_type is not None:
        return STATUS_OF_TYPE[review_type].read(value)
    found = [status for kind in STATUS_OF_TYPE.values() if (status := kind.read(value)) is not None]
    return found[0] if len({status.words for status in found}) == 1 else None
