"""RoboHead's lists: reviews, the comments of a review, and what their filters need to know."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field

from local.simulators.robohead.account import Account, Comment, Review
from local.simulators.robohead.course import Course
from local.simulators.robohead.filters import DAY, MULTI, NUMBER, SINGLE, TEXT, Column, FilterQuery, filtered
from local.simulators.robohead.paging import Command, PageQuery, page_of
from local.simulators.robohead.settings import comparators_of
from local.simulators.robohead.views import Views
from local.simulators.robohead.words import REVIEW_TYPE_NAMES, STATUS_NAMES, Id, ReviewType
from local.simulators.vendor import operation

_COMMENT_COLUMNS: Final[dict[str, Column]] = {
    "author": Column(MULTI, lambda comment: comment.author_id),
    "created_on": Column(DAY, lambda comment: comment.created_at.date()),
    "fileId": Column(TEXT, lambda comment: comment.file_name),
    "version": Column(NUMBER, lambda comment: comment.version),
}
"""`fileId` takes a file's name."""

_REVIEW_TYPES = "23"


class CommentsQuery(FilterQuery):
    """The comments of a review."""

    review_id: Id = Field(alias="reviewId")


class ComparatorsQuery(Command):
    """The comparators of a field type."""

    field_type: Literal["1", "3", "4", "7", "9"] = Field(alias="fieldTypeId")


class TypeQuery(Command):
    """The values of a list."""

    type: Literal["23", "25"]


class Listing:
    """The handlers."""

    def __init__(self, account: Account, course: Course, views: Views) -> None:
        self._account = account
        self._course = course
        self._views = views
        self._simulator = account.simulator

    @operation("GET", "/review.do", section="Filter types; output columns for review list call")
    def list_reviews(self, query: FilterQuery) -> dict[str, Any]:
        """Return a page of the reviews that fit the filters, oldest first."""
        self._course.start_due()
        columns: dict[str, Column] = {
            "reviewName": Column(TEXT, lambda review: review.name),
            "projectName": Column(TEXT, lambda review: self._project(review).name),
            "formattedProjectNumber": Column(TEXT, lambda review: self._project(review).formatted_number),
            "numComments": Column(NUMBER, lambda review: len(review.comments)),
            "reviewTypeString": Column(SINGLE, lambda review: review.type.value),
            "createdBy": Column(SINGLE, lambda review: review.creator_id),
            "statusString": Column(MULTI, lambda review: review.status.value),
            "progressString": Column(MULTI, lambda review: self._course.progress(review).value),
            "startDate": Column(DAY, lambda review: review.start),
            "endDate": Column(DAY, lambda review: review.end),
        }
        rows = filtered(self._simulator, query, columns, list(self._account.reviews.values()))
        return page_of(self._simulator, query, [self._views.row(review) for review in rows])

    @operation("GET", "/review.do", section="Filter details for review all comments list")
    def list_review_comments(self, query: CommentsQuery) -> dict[str, Any]:
        """Return a page of the comments of a review that fit the filters, oldest first."""
        comments: list[Comment] = self._account.review(query.review_id).comments
        rows = filtered(self._simulator, query, _COMMENT_COLUMNS, list(comments))
        return page_of(self._simulator, query, [self._views.comment(comment) for comment in rows])

    @operation("GET", "/form.do", section="Filter details: ListFieldComparator")
    def list_field_comparators(self, query: ComparatorsQuery) -> dict[str, Any]:
        """Return the comparators that fit a field type."""
        ids = comparators_of(self._simulator, query.field_type)
        return {"List": [{"id": each, "name": name} for name, each in ids.items()]}

    @operation("GET", "/list.do", section="Filter types: GetListByType")
    def list_by_type(self, query: TypeQuery) -> dict[str, Any]:
        """Return the review types, or the statuses of both types of review, of which one number has two."""
        if query.type == _REVIEW_TYPES:
            return {"List": [{"value": each.value, "name": name} for each, name in REVIEW_TYPE_NAMES.items()]}
        names = [
            *STATUS_NAMES[ReviewType.COMMENTS].items(),
            *(
                (status, name)
                for status, name in STATUS_NAMES[ReviewType.APPROVAL].items()
                if STATUS_NAMES[ReviewType.COMMENTS].get(status) != name
            ),
        ]
        return {"List": [{"value": status.value, "name": name} for status, name in names]}

    @operation("GET", "/user.do", section="Filter types: ListAccountActiveUser")
    def list_active_users(self, query: PageQuery) -> dict[str, Any]:
        """Return a page of the users."""
        rows = [
            {"id": user.id, "displayName": user.name, "email": user.email}
            for user in self._account.users.values()
        ]
        return page_of(self._simulator, query, rows)

    def _project(self, review: Review) -> Any:
        return self._account.projects[review.project_id]
