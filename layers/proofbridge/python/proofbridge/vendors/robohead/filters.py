"""Conditions for RoboHead's lists: a column, how to compare, and what with. Several are to hold together.

How to compare is a comparator's id, or its name (`Comparison` has those that the documentation mentions).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, StrictInt

from .enums import FieldType, FileProgress
from .writing import Id, Line, Member, RoboHeadRequest, UsDay, joined

OptionValue = Annotated[StrictInt, Field(ge=0)]
"""The `value` of an option of a list, see `lists.by_type`: it need not be the number in the enum."""
Number = Annotated[StrictInt, Field(ge=0)]
ComparatorId = Annotated[StrictInt, Field(ge=0)]


class Filter(RoboHeadRequest):
    """A condition on one column. Use the class of the column."""

    column: ClassVar[str]
    field_type: ClassVar[FieldType]

    comparator: ComparatorId | Line
    value: Any

    def filter_value(self) -> str:
        """Return the value as it stands in `filterValue`."""
        sent = self.fields()["value"]
        return joined(tuple(sent)) if isinstance(sent, list) else str(sent)


class ReviewFilter(Filter):
    """A condition on the list of reviews."""


class ReviewNameFilter(ReviewFilter):
    """By the name of the review."""

    column = "reviewName"
    field_type = FieldType.TEXT
    value: Line


class ProjectNameFilter(ReviewFilter):
    """By the name of the project."""

    column = "projectName"
    field_type = FieldType.TEXT
    value: Line


class ProjectNumberFilter(ReviewFilter):
    """By the formatted number of the project, which need not be the `project_number` that the list shows."""

    column = "formattedProjectNumber"
    field_type = FieldType.TEXT
    value: Line


class CommentCountFilter(ReviewFilter):
    """By how many comments the review has."""

    column = "numComments"
    field_type = FieldType.NUMBER
    value: Number


class ReviewTypeFilter(ReviewFilter):
    """By the type of the review: the value of an option of `lists.review_types`."""

    column = "reviewTypeString"
    field_type = FieldType.SINGLE_SELECT
    value: OptionValue


class CreatorFilter(ReviewFilter):
    """By who made the review: a user's id."""

    column = "createdBy"
    field_type = FieldType.SINGLE_SELECT
    value: Id


class ReviewStatusFilter(ReviewFilter):
    """By the status of the review: values of options of `lists.review_statuses`."""

    column = "statusString"
    field_type = FieldType.MULTI_SELECT
    value: Annotated[tuple[OptionValue, ...], Field(min_length=1)]


class FileProgressFilter(ReviewFilter):
    """By how far the review's file is."""

    column = "progressString"
    field_type = FieldType.MULTI_SELECT
    value: Annotated[tuple[Annotated[FileProgress, Member], ...], Field(min_length=1)]


class StartDateFilter(ReviewFilter):
    """By the day on which the review starts. The form mm/dd/yyyy is assumed."""

    column = "startDate"
    field_type = FieldType.DATE
    value: UsDay


class EndDateFilter(ReviewFilter):
    """By the day on which the review ends. The form mm/dd/yyyy is assumed."""

    column = "endDate"
    field_type = FieldType.DATE
    value: UsDay


class CommentFilter(Filter):
    """A condition on the list of comments."""


class AuthorFilter(CommentFilter):
    """By who wrote the comment: users' ids."""

    column = "author"
    field_type = FieldType.MULTI_SELECT
    value: Annotated[tuple[Id, ...], Field(min_length=1)]


class CommentedOnFilter(CommentFilter):
    """By the day on which the comment was made. The form mm/dd/yyyy is assumed."""

    column = "created_on"
    field_type = FieldType.DATE
    value: UsDay


class FileNameFilter(CommentFilter):
    """By the name of the file, though the column is called fileId."""

    column = "fileId"
    field_type = FieldType.TEXT
    value: Line


class VersionFilter(CommentFilter):
    """By the version of the item."""

    column = "version"
    field_type = FieldType.NUMBER
    value: Number
