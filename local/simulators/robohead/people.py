"""What people do in RoboHead: `POST /_control/act/<name>`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from local.simulators.robohead.account import Account, Review
from local.simulators.robohead.course import Course
from local.simulators.robohead.views import Views
from local.simulators.robohead.words import STATUS_NAMES, ReviewerStatus, ReviewStatus
from local.simulators.vendor import RefusedError, act

_CONFLICT = 409


def _number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isdigit() else value  # a browser sends text


Number = Annotated[int, BeforeValidator(_number)]


class _Deed(BaseModel):
    """`by` is a user's id; the first reviewer, if the review asks one and nobody is named."""

    model_config = ConfigDict(extra="forbid")

    review: Number
    by: Number | None = None
    comment: str | None = None


class _Remark(_Deed):
    comment: str
    item: Number | None = None


class _SetReviewerStatus(_Deed):
    status: Annotated[ReviewerStatus, BeforeValidator(_number)]


class _SetStatus(_Deed):
    status: Annotated[ReviewStatus, BeforeValidator(_number)]


class _SetDue(_Deed):
    due: date | None = None
    stage: Number | None = None


class _Rename(_Deed):
    name: str


class People:
    """The acts. RoboHead has no webhooks: whoever wants to know looks."""

    def __init__(self, account: Account, course: Course, views: Views) -> None:
        self._account = account
        self._course = course
        self._views = views

    @act("approve")
    def approve(self, arguments: _Deed) -> dict[str, Any]:
        """Approve as a reviewer."""
        return self._respond(arguments, ReviewerStatus.APPROVED)

    @act("approve-with-changes")
    def approve_with_changes(self, arguments: _Deed) -> dict[str, Any]:
        """Approve with changes as a reviewer."""
        return self._respond(arguments, ReviewerStatus.APPROVED_WITH_CHANGES)

    @act("reject")
    def reject(self, arguments: _Deed) -> dict[str, Any]:
        """Reject as a reviewer."""
        return self._respond(arguments, ReviewerStatus.REJECTED)

    @act("finish")
    def finish(self, arguments: _Deed) -> dict[str, Any]:
        """Finish commenting as a reviewer, in a review for comments."""
        return self._respond(arguments, ReviewerStatus.COMPLETED)

    @act("set-reviewer-status")
    def set_reviewer_status(self, arguments: _SetReviewerStatus) -> dict[str, Any]:
        """Be as far as `status`, as a reviewer: 5 opened it, 6 began."""
        return self._respond(arguments, arguments.status)

    @act("comment")
    def comment(self, arguments: _Remark) -> dict[str, Any]:
        """Say `comment`, on `item` or the first item."""
        review = self._review(arguments)
        self._say(review, arguments, arguments.comment, arguments.item)
        return self._touched(review, arguments)

    @act("set-status")
    def set_status(self, arguments: _SetStatus) -> dict[str, Any]:
        """Put the review into `status`, one that its type has."""
        review = self._review(arguments)
        if arguments.status not in STATUS_NAMES[review.type]:
            raise RefusedError(_CONFLICT, f"a review of type {review.type} has no status {arguments.status}")
        review.status = arguments.status
        return self._touched(review, arguments)

    @act("set-due")
    def set_due(self, arguments: _SetDue) -> dict[str, Any]:
        """Move the end of the review, or the due date of `stage`, to the day `due`, or take it away."""
        review = self._review(arguments)
        if arguments.stage is None:
            review.end = arguments.due
        else:
            review.stage(arguments.stage).due = arguments.due
        return self._touched(review, arguments)

    @act("rename")
    def rename(self, arguments: _Rename) -> dict[str, Any]:
        """Call it `name`."""
        review = self._review(arguments)
        review.name = arguments.name
        return self._touched(review, arguments)

    @act("delete")
    def delete(self, arguments: _Deed) -> dict[str, Any]:
        """Delete it."""
        review = self._review(arguments)
        del self._account.reviews[review.id]
        return {"review": review.id}

    def _respond(self, arguments: _Deed, status: ReviewerStatus) -> dict[str, Any]:
        review = self._review(arguments)
        self._course.respond(review, self._who(review, arguments), status)
        if arguments.comment:
            self._say(review, arguments, arguments.comment)
        return self._touched(review, arguments)

    def _say(self, review: Review, arguments: _Deed, text: str, item_id: int | None = None) -> None:
        author = self._who(review, arguments)
        review.say(self._account.new_id(), author, text, self._account.now, item_id=item_id)

    def _touched(self, review: Review, arguments: _Deed) -> dict[str, Any]:
        review.modifier_id, review.modified_at = self._who(review, arguments), self._account.now
        return self._views.review(review)

    def _review(self, arguments: _Deed) -> Review:
        self._course.start_due()
        if arguments.by is not None:
            self._account.user(arguments.by)
        return self._account.review(arguments.review)

    def _who(self, review: Review, arguments: _Deed) -> int:
        asked = [user_id for stage in review.stages for user_id in stage.reviewers]
        return arguments.by or next(iter(asked), review.creator_id)
