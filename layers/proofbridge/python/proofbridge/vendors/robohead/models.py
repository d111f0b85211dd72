"""What RoboHead answers. Fields have Python's names; moments without a zone are taken as UTC.

The documentation shows an item, a stage and the columns of the review list. Where a field's name or place is
assumed, its model says so.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Generic, Self, TypeVar

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

from proofbridge.vendors.reading import AnswerModel, Count, Many, Moment, RequiredText, Text

from .enums import (
    ApprovalReviewStatus,
    AutocompleteOption,
    FeedbackReviewStatus,
    FileProgress,
    Numbered,
    ReviewerStatus,
    ReviewStageStatus,
    ReviewType,
    ReviewVersionStatus,
    SourceObjectType,
    UploadType,
    read_review_status,
)

R = TypeVar("R")
_OUTCOME: Final = frozenset({"success", "returnCode", "errorMessages"})


def _member(kind: type[Numbered]) -> BeforeValidator:
    """Read a number, its text or its words as a member; anything else that can be shown stays text."""

    def read(value: Any) -> Any:
        if value is None or isinstance(value, kind) or (isinstance(value, str) and not value.strip()):
            return value or None
        readable = isinstance(value, str | int) and not isinstance(value, bool)
        if not readable:
            raise ValueError("must be a number or text")
        return kind.read(value) or str(value)

    return BeforeValidator(read)


def _yes_or_no(value: Any) -> Any:
    """Read 1 as true and 2 as false; the forms that other vendors use are understood too."""
    words = {"1": True, "2": False, "0": False, "true": True, "false": False, "": None, "none": None}
    return words.get(str(value).strip().casefold(), value)


def _us_day(value: Any) -> Any:
    """Read mm/dd/yyyy, or the date of an ISO 8601 date or date-time."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text[2:3] == "/" or text[1:2] == "/":
        month, day, year = text.partition(" ")[0].split("/")
        return date(int(year), int(month), int(day))
    return datetime.fromisoformat(text).date() if text else None


def _joined(value: Any) -> Any:
    """Take a comma-joined text apart."""
    if value is None or isinstance(value, int):
        return () if value is None else (value,)
    return (
        tuple(part for part in map(str.strip, value.split(",")) if part) if isinstance(value, str) else value
    )


def _list_of(name: str) -> BeforeValidator:
    """Read a list that may be wrapped in an object under its name, or be written as JSON text."""

    def read(value: Any) -> Any:
        if isinstance(value, str):
            value = from_json(value) if value.strip() else None
        if isinstance(value, dict):
            value = value.get(name, value.get("List", value))
        return () if value is None else value

    return BeforeValidator(read)


def _content(value: Any) -> Any:
    """Take what an answer is about out of its envelope.

    Assumed are the forms in which that may stand there: bare, under `customParams`, as the only object beside
    `success` and its like, or as the only entry of a `List`.
    """
    if not isinstance(value, dict):
        return value
    content = {name: part for name, part in value.items() if name not in _OUTCOME}
    if isinstance(content.get("customParams"), dict):
        return {**content, **content["customParams"]}
    if len(content) == 1:
        (only,) = content.values()
        if isinstance(only, list) and len(only) == 1:
            (only,) = only
        if isinstance(only, dict):
            return only
    return content


YesNo = Annotated[bool | None, BeforeValidator(_yes_or_no)]
"""1 or 2; None when blank."""
UsDay = Annotated[date | None, BeforeValidator(_us_day)]
"""A day as mm/dd/yyyy or in ISO 8601; None when blank."""
Words = Annotated[tuple[str, ...], BeforeValidator(_joined)]
"""Words joined by commas."""
UserIds = Annotated[tuple[int, ...], BeforeValidator(_joined)]
"""User ids joined by commas."""


class _RoboHeadAnswer(AnswerModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True)


class Listing(_RoboHeadAnswer, Generic[R]):
    """One page of a list. `total` is not documented: it is used where it comes."""

    rows: Many[R] = Field(alias="List")
    total: Count = Field(default=None, validation_alias=AliasChoices("totalCount", "total"))


class Reviewer(_RoboHeadAnswer):
    """Somebody who reviews (names and place of the fields are assumed)."""

    id: Count = Field(default=None, validation_alias=AliasChoices("userId", "id"))
    display_name: Text = Field(default=None, validation_alias=AliasChoices("displayName", "userName", "name"))
    email: Text = None
    status: Annotated[ReviewerStatus | str | None, _member(ReviewerStatus)] = Field(
        default=None, validation_alias=AliasChoices("reviewerStatus", "status")
    )


class ReviewItem(_RoboHeadAnswer):
    """A file or a website under review ("review item add and update").

    `file_size` is rounded text such as "0.01 MB". `version_status` and its name are assumed.
    """

    id: Count = None
    review_item_id: Count = None
    file_name: Text = None
    created_on: Moment = None
    version: Count = None
    upload_type: Annotated[UploadType | str | None, _member(UploadType)] = None
    file_size: Text = None
    is_default_thumbnail: YesNo = None
    is_new_version: YesNo = None
    file_id: Count = None
    optional_title: Text = None
    process_entire_website: YesNo = None
    enable_annotation: YesNo = None
    source_file_id: Count = None
    source_object_type: Annotated[SourceObjectType | str | None, _member(SourceObjectType)] = None
    sort_order: Count = None
    thumbnail_url: Text = None
    review_version_id: Count = None
    version_status: Annotated[ReviewVersionStatus | str | None, _member(ReviewVersionStatus)] = Field(
        default=None, validation_alias=AliasChoices("reviewVersionStatus", "versionStatus")
    )
    description: Text = None


class ReviewStage(_RoboHeadAnswer):
    """A stage of a review ("review stage add and update"). What `start_stage_condition` means is lost."""

    id: Count = None
    stage_name: Text = None
    stage_due_date: UsDay = None
    start_stage_condition: Count = None
    notify_me_on_response_submission: YesNo = None
    notify_comment_author_on_reply: YesNo = None
    download_flag: YesNo = None
    show_responses_to_all_reviewers: YesNo = None
    require_digital_signature: YesNo = None
    existing_users: UserIds = ()
    existing_cc_users: UserIds = Field(default=(), alias="existingCCUsers")
    email_subject: Text = None
    email_message: Text = None
    stage_status: Annotated[ReviewStageStatus | str | None, _member(ReviewStageStatus)] = None
    reviewers: Many[Reviewer] = ()


class ReviewSummary(_RoboHeadAnswer):
    """A review as the list shows it ("output columns of the review list").

    No column is documented to have the review's id: `reviewId`, else `id`, is assumed. A row that has neither
    that nor a name is no review. `review_owners` has what RoboHead joined by commas. The list can be filtered
    by `formatted_project_number`, but is documented to show `project_number`.
    """

    id: Count = Field(default=None, validation_alias=AliasChoices("reviewId", "id"))
    review_name: Text = None
    start_date: UsDay = None
    status_string: Text = Field(default=None, validation_alias=AliasChoices("statusString", "reviewStatus"))
    num_comments: Count = None
    creator_display_name: Text = None
    created_on: Moment = None
    end_date: UsDay = None
    modifier_display_name: Text = None
    modified_on: Moment = None
    progress_string: Annotated[FileProgress | str | None, _member(FileProgress)] = None
    review_owners: Words = ()
    review_type_string: Annotated[ReviewType | str | None, _member(ReviewType)] = Field(
        default=None, validation_alias=AliasChoices("reviewTypeString", "reviewType")
    )
    project_name: Text = None
    project_number: Text = None
    formatted_project_number: Text = None

    @model_validator(mode="after")
    def _is_a_review(self) -> Self:
        if self.id is None and self.review_name is None:
            raise ValueError("has neither an id nor a name")
        return self

    @property
    def review_type(self) -> ReviewType | None:
        """What is asked of the reviewers; None where it can't be told."""
        kind = self.review_type_string
        return kind if isinstance(kind, ReviewType) else None

    @property
    def status(self) -> FeedbackReviewStatus | ApprovalReviewStatus | None:
        """What `status_string` means in a review of this type; None where it can't be told."""
        return read_review_status(self.review_type, self.status_string)


class Review(ReviewSummary):
    """A review alone (outside the documentation: the list's fields, its items and its stages are assumed).

    `reviewers` are those that stand at the review itself, where any do; see `all_reviewers`.
    """

    project_id: Count = None
    autocomplete_option: Annotated[AutocompleteOption | str | None, _member(AutocompleteOption)] = None
    review_items: Annotated[tuple[ReviewItem, ...], _list_of("reviewItems")] = ()
    review_stages: Annotated[tuple[ReviewStage, ...], _list_of("reviewStages")] = ()
    reviewers: Many[Reviewer] = ()

    @property
    def all_reviewers(self) -> tuple[Reviewer, ...]:
        """The reviewers of the review and of all its stages, in order; one may stand in several stages."""
        return (*self.reviewers, *(who for stage in self.review_stages for who in stage.reviewers))

    @model_validator(mode="before")
    @classmethod
    def _out_of_the_envelope(cls, value: Any) -> Any:
        return _content(value)


class AddedReview(_RoboHeadAnswer):
    """A review just added (its id is assumed to be answered as `reviewId` or `id`)."""

    id: int = Field(validation_alias=AliasChoices("reviewId", "id"))

    @model_validator(mode="before")
    @classmethod
    def _out_of_the_envelope(cls, value: Any) -> Any:
        return _content(value)


class Outcome(_RoboHeadAnswer):
    """What is answered where nothing but success is to be told."""

    return_code: Count = None


class ReviewComment(_RoboHeadAnswer):
    """A comment on a review (only the filters' columns are documented; the fields' names are assumed).

    `author` is the author's id or name. `file_id` is text, since the filter of that name takes a file's name.
    """

    id: Count = Field(default=None, validation_alias=AliasChoices("commentId", "id"))
    author: Text = None
    author_display_name: Text = None
    comment: Text = Field(default=None, validation_alias=AliasChoices("comment", "commentText", "text"))
    created_on: Moment = Field(default=None, validation_alias=AliasChoices("createdOn", "created_on"))
    review_item_id: Count = None
    file_id: Text = None
    file_name: Text = None
    version: Count = None


class UploadedFile(_RoboHeadAnswer):
    """A file just uploaded (outside the documentation; its id is assumed to be `fileId` or `id`)."""

    file_id: int = Field(validation_alias=AliasChoices("fileId", "id"))
    file_name: Text = None
    file_size: Text = None
    version: Count = None

    @model_validator(mode="before")
    @classmethod
    def _out_of_the_envelope(cls, value: Any) -> Any:
        return _content(value)


class Comparator(_RoboHeadAnswer):
    """A way to compare the values of a column (the names of both fields are assumed)."""

    id: int = Field(validation_alias=AliasChoices("comparatorId", "id", "value"))
    name: RequiredText = Field(validation_alias=AliasChoices("comparatorName", "name", "label"))


class ListOption(_RoboHeadAnswer):
    """An option of a list: `value` is what filters take (the name of the other field is assumed)."""

    value: int
    name: Text = Field(default=None, validation_alias=AliasChoices("name", "label", "text"))


class User(_RoboHeadAnswer):
    """An active user of the account (the fields' names are assumed)."""

    id: int = Field(validation_alias=AliasChoices("userId", "id", "value"))
    display_name: Text = Field(default=None, validation_alias=AliasChoices("displayName", "userName", "name"))
    email: Text = None
