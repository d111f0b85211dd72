"""What is written to RoboHead: reviews with their items and stages, and what goes with a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import (
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import to_json

from proofbridge.vendors.writing import CalendarDay, Instant, RequestModel

from .enums import (
    STATUS_OF_TYPE,
    ApprovalReviewStatus,
    AutocompleteOption,
    FeedbackReviewStatus,
    Numbered,
    ObjectType,
    ReviewStageStatus,
    ReviewType,
    SourceObjectType,
    UploadType,
)


def _us_day(day: date) -> str:
    return f"{day:%m/%d/}{day.year:04d}"


def _naive_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def joined(values: tuple[object, ...]) -> str:
    """Return values joined by commas, members by their numbers."""
    return ",".join(str(value.value if isinstance(value, Numbered) else value) for value in values)


class RoboHeadRequest(RequestModel):
    """The base of what is written to RoboHead."""

    vendor: ClassVar[str] = "robohead"


Id = Annotated[StrictInt, Field(ge=1)]
IdOrNew = Annotated[StrictInt, Field(ge=0)]
"""An id; 0 stands for what is new."""
Line = Annotated[str, StringConstraints(min_length=1)]
YesNo = Annotated[StrictBool, PlainSerializer(lambda on: 1 if on else 2)]
"""Sent as 1 and 2."""
UsDay = Annotated[CalendarDay, PlainSerializer(_us_day)]
"""A day, sent as mm/dd/yyyy."""
NaiveMoment = Annotated[Instant, PlainSerializer(_naive_moment)]
"""An aware moment, sent in UTC without its zone, as in 2016-07-08T15:25:47."""
UserIds = Annotated[tuple[Id, ...], Field(min_length=1), PlainSerializer(joined)]
Member = Strict()
"""Takes members of the one enum only: a bare number would not say which meaning it has."""
NEW: Final = 0
"""The id of what does not exist yet."""

FileSize = Annotated[str, StringConstraints(pattern=r"^[0-9][0-9.,]* [A-Za-z]+$")]
"""A number and a unit; one sample, "0.01 MB", is all there is, so what RoboHead shows can be sent back."""
_NumberText = PlainSerializer(lambda member: str(member.value))
_SOURCE: Final = {
    UploadType.PROJECT: SourceObjectType.PROJECT,
    UploadType.LIBRARY: SourceObjectType.LIBRARY,
}


def file_size(size_bytes: int) -> str:
    """Return a size as RoboHead writes it: megabytes, rounded to two places."""
    return f"{size_bytes / 1024**2:.2f} MB"


class _CamelRequest(RoboHeadRequest):
    model_config = ConfigDict(alias_generator=to_camel)


class ItemInput(_CamelRequest):
    """A file or website to review, new or existing ("review item add and update").

    A file from the computer, or a zip, is uploaded before, and `file_id` names it. That the address of a
    website goes into `file_name` is assumed: no other field could take it. `source_object_type` is 3 or 4 by
    the documentation's text, though its sample has 2.
    """

    id: IdOrNew = NEW
    review_item_id: IdOrNew = Field(default_factory=lambda data: data["id"])
    file_name: Line
    created_on: NaiveMoment | None = None
    version: Annotated[StrictInt, Field(ge=1)] = 1
    upload_type: Annotated[UploadType, Member, _NumberText] = UploadType.COMPUTER
    file_size: FileSize | None = None
    is_default_thumbnail: YesNo = False
    is_new_version: YesNo = False
    file_id: Id | None = None
    optional_title: str | None = None
    process_entire_website: YesNo | None = None
    enable_annotation: YesNo | None = None
    source_file_id: Id | None = None
    source_object_type: Annotated[SourceObjectType, Member] | None = None
    sort_order: Annotated[StrictInt, Field(ge=0)] | None = None
    thumbnail_url: Line | None = None
    review_version_id: Id | None = None
    description: str | None = None

    @property
    def adds(self) -> bool:
        """Whether it brings something that was not there before: repeated, it would bring it twice."""
        return self.id == NEW or self.is_new_version

    @model_validator(mode="after")
    def _new_or_existing(self) -> Self:
        if (self.id == NEW) != (self.review_item_id == NEW):
            raise ValueError("id and reviewItemId must both be 0, or neither")
        if self.id == NEW and self.version != 1:
            raise ValueError("version must be 1 for a new item")
        if self.id == NEW and self.is_new_version:
            raise ValueError("isNewVersion goes with an existing item: give its id")
        if not self.adds and self.review_version_id is None:
            raise ValueError("reviewVersionId is needed to change a version that is there")
        if self.id != NEW and "version" not in self.model_fields_set:
            raise ValueError("version is needed for an existing item: only a new one surely has 1")
        return self

    @model_validator(mode="after")
    def _has_its_source(self) -> Self:
        by_url = (self.process_entire_website, self.enable_annotation)
        if self.upload_type is UploadType.WEBSITE_URL and None in by_url:
            raise ValueError("processEntireWebsite and enableAnnotation are needed for a website by URL")
        source = _SOURCE.get(self.upload_type)
        if source is not None and (self.source_file_id is None or self.source_object_type is not source):
            raise ValueError(
                f"sourceFileId and the sourceObjectType {source.name} are needed for {self.upload_type.name}"
            )
        uploaded = self.upload_type in {UploadType.COMPUTER, UploadType.WEBSITE_ZIP, UploadType.ZIP}
        if uploaded and self.file_id is None:
            raise ValueError("fileId is needed: upload the file first")
        return self


class StageInput(_CamelRequest):
    """A stage of a review, new or existing ("review stage add and update").

    `start_stage_condition` stands in the documentation's sample only; what its numbers mean is lost.
    `existing_users` are the ids of the reviewers: a stage asks somebody.
    """

    id: IdOrNew = NEW
    stage_name: Line
    stage_due_date: UsDay | None = None
    start_stage_condition: StrictInt | None = None
    notify_me_on_response_submission: YesNo = False
    notify_comment_author_on_reply: YesNo = False
    download_flag: YesNo = False
    show_responses_to_all_reviewers: YesNo = False
    require_digital_signature: YesNo = False
    existing_users: UserIds
    existing_cc_users: UserIds | None = Field(default=None, alias="existingCCUsers")
    email_subject: str | None = None
    email_message: str | None = None
    stage_status: Annotated[ReviewStageStatus, Member] | None = None


class _ReviewFields(_CamelRequest):
    project_id: Id | None = None
    start_date: UsDay | None = None
    end_date: UsDay | None = None
    autocomplete_option: Annotated[AutocompleteOption, Member] | None = None
    review_owners: UserIds | None = None
    review_items: Annotated[tuple[ItemInput, ...], Field(min_length=1)] | None = None
    review_stages: Annotated[tuple[StageInput, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.start_date and self.end_date and self.end_date < self.start_date:
            raise ValueError("endDate must not be before startDate")
        return self

    def form(self) -> Iterator[tuple[str, str]]:
        """Yield the form's fields: items wrapped in an object and stages bare, both as JSON text."""
        for name, value in self.fields().items():
            match name:
                case "reviewItems":
                    yield name, to_json({name: value}).decode()
                case "reviewStages":
                    yield name, to_json(value).decode()
                case _:
                    yield name, str(value)


class ReviewCreate(_ReviewFields):
    """A new review. All its items and stages are new."""

    review_name: Line
    review_type: Annotated[ReviewType, Member]

    @model_validator(mode="after")
    def _all_is_new(self) -> Self:
        parts: tuple[ItemInput | StageInput, ...] = (*(self.review_items or ()), *(self.review_stages or ()))
        for part in parts:
            if part.id != NEW:
                raise ValueError("the id of an item or a stage must be 0 in a new review")
        return self


class ReviewUpdate(_ReviewFields):
    """Changes to a review; what is left out stays. A status must be one that the review's type has."""

    review_name: Line | None = None
    review_type: Annotated[ReviewType, Member] | None = None
    review_status: (
        Annotated[FeedbackReviewStatus, Member] | Annotated[ApprovalReviewStatus, Member] | None
    ) = None

    @property
    def adds(self) -> bool:
        """Whether it adds items, versions or stages: repeated, it would add them twice."""
        items: tuple[ItemInput, ...] = self.review_items or ()
        stages: tuple[StageInput, ...] = self.review_stages or ()
        return any(item.adds for item in items) or any(stage.id == NEW for stage in stages)

    @model_validator(mode="after")
    def _status_fits_type(self) -> Self:
        if self.review_type is not None and self.review_status is not None:
            kind = STATUS_OF_TYPE[self.review_type]
            if not isinstance(self.review_status, kind):
                raise ValueError(f"reviewStatus must be of {kind.__name__} in a review of this type")
        return self

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.fields():
            raise ValueError("names nothing to change")
        return self


class FileUpload(RoboHeadRequest):
    """What goes with a file (outside the documentation at hand).

    `review_id` is 0 for a file whose review is yet to be made. `document_type` is taken to be the object's
    type, and `temp_id` to be the caller's own number for the file, from 1 on; both are assumed.
    """

    review_id: IdOrNew = Field(default=NEW, alias="objectId")
    object_type: Annotated[ObjectType, Member] = Field(default=ObjectType.REVIEW, alias="objectType")
    document_type: Annotated[StrictInt, Field(ge=0)] = Field(
        default=ObjectType.REVIEW.value, alias="documentType"
    )
    temp_id: Id = Field(default=1, alias="uploadFileTempId")
    add_version_by_file_name: YesNo = Field(default=False, alias="addVersionByFileName")

    def form(self) -> list[tuple[str, str]]:
        """Return the form's fields."""
        fields: dict[str, Any] = self.fields()
        return [(name, str(value)) for name, value in fields.items()]
