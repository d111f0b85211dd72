"""Conditions for RoboHead's lists: a column, how to compare, and what with. Several are to hold together.

How to compare is a comparator's id, or its name (`Comparison` has those that the documentation mentions).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, TypeVar, cast

from pydantic import Field, StrictInt, create_model

from .enums import FieldType, FileProgress
from .inputs import Id, Line, Member, RoboHeadRequest, UsDay, joined

Number = Annotated[StrictInt, Field(ge=0)]


class Filter(RoboHeadRequest):
    """A condition on one column. Use the class of the column."""

    column: ClassVar[str]
    field_type: ClassVar[FieldType]

    comparator: Number | Line
    value: Any

    def filter_value(self) -> str:
        """Return the value as it stands in `filterValue`."""
        sent = self.fields()["value"]
        return joined(tuple(sent)) if isinstance(sent, list) else str(sent)


class ReviewFilter(Filter):
    """A condition on the list of reviews."""


class CommentFilter(Filter):
    """A condition on the list of comments."""


F = TypeVar("F", bound=Filter)


def _filter(base: type[F], name: str, column: str, field_type: FieldType, value: Any) -> type[F]:
    made = cast("type[F]", create_model(name, __base__=base, __module__=__name__, value=(value, ...)))
    made.column, made.field_type = column, field_type
    return made


_TEXT: Final = (FieldType.TEXT, Line)
_NUMBER: Final = (FieldType.NUMBER, Number)
_DAY: Final = (FieldType.DATE, UsDay)
"""The form mm/dd/yyyy is assumed."""
_USER: Final = (FieldType.SINGLE_SELECT, Id)
_USERS: Final = (FieldType.MULTI_SELECT, Annotated[tuple[Id, ...], Field(min_length=1)])
_OPTION: Final = (FieldType.SINGLE_SELECT, Number)
"""The `value` of an option of a list, see `lists.by_type`: it need not be the number in the enum."""
_OPTIONS: Final = (FieldType.MULTI_SELECT, Annotated[tuple[Number, ...], Field(min_length=1)])
_PROGRESS: Final = (
    FieldType.MULTI_SELECT,
    Annotated[tuple[Annotated[FileProgress, Member], ...], Field(min_length=1)],
)

ReviewNameFilter = _filter(ReviewFilter, "ReviewNameFilter", "reviewName", *_TEXT)
ProjectNameFilter = _filter(ReviewFilter, "ProjectNameFilter", "projectName", *_TEXT)
ProjectNumberFilter = _filter(ReviewFilter, "ProjectNumberFilter", "formattedProjectNumber", *_TEXT)
"""By the formatted number, which need not be the `project_number` that the list shows."""
CommentCountFilter = _filter(ReviewFilter, "CommentCountFilter", "numComments", *_NUMBER)
ReviewTypeFilter = _filter(ReviewFilter, "ReviewTypeFilter", "reviewTypeString", *_OPTION)
"""By an option of `lists.review_types`."""
CreatorFilter = _filter(ReviewFilter, "CreatorFilter", "createdBy", *_USER)
ReviewStatusFilter = _filter(ReviewFilter, "ReviewStatusFilter", "statusString", *_OPTIONS)
"""By options of `lists.review_statuses`."""
FileProgressFilter = _filter(ReviewFilter, "FileProgressFilter", "progressString", *_PROGRESS)
StartDateFilter = _filter(ReviewFilter, "StartDateFilter", "startDate", *_DAY)
EndDateFilter = _filter(ReviewFilter, "EndDateFilter", "endDate", *_DAY)

AuthorFilter = _filter(CommentFilter, "AuthorFilter", "author", *_USERS)
CommentedOnFilter = _filter(CommentFilter, "CommentedOnFilter", "created_on", *_DAY)
FileNameFilter = _filter(CommentFilter, "FileNameFilter", "fileId", *_TEXT)
"""By the name of the file, though the column is called fileId."""
VersionFilter = _filter(CommentFilter, "VersionFilter", "version", *_NUMBER)
