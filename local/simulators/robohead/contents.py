"""The JSON in RoboHead's form fields: `reviewItems` (wrapped) and `reviewStages` (bare)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from local.simulators.robohead.words import (
    FileSize,
    Flag,
    Ids,
    IsoMoment,
    StageStatus,
    Text,
    UploadType,
    UsDay,
    number_of,
    text_of,
)
from local.simulators.validation import Strict

_SOURCES = {UploadType.PROJECT: 3, UploadType.LIBRARY: 4}
"""The `sourceObjectType` of a file from elsewhere; with other uploads there may be any, as in the sample."""


class ReviewItem(Strict):
    """An item; which fields an upload type needs is said by the text, that others may be there by the sample.

    `version` is the version's number: 1 for a new item.
    """

    id: Annotated[int, Field(ge=0)]
    review_item_id: Annotated[int, Field(ge=0)] | None = Field(alias="reviewItemId", default=None)
    file_name: Text = Field(alias="fileName")
    created_on: IsoMoment | None = Field(alias="createdOn", default=None)
    version: Annotated[int, Field(ge=1)]
    upload_type: Annotated[UploadType, text_of(UploadType)] = Field(alias="uploadType")
    file_size: FileSize | None = Field(alias="fileSize", default=None)
    default_thumbnail: Flag = Field(alias="isDefaultThumbnail", default=False)
    new_version: Flag = Field(alias="isNewVersion", default=False)
    file_id: Annotated[int, Field(ge=1)] | None = Field(alias="fileId", default=None)
    optional_title: str | None = Field(alias="optionalTitle", default=None)
    entire_website: Flag | None = Field(alias="processEntireWebsite", default=None)
    enable_annotation: Flag | None = Field(alias="enableAnnotation", default=None)
    source_file_id: int | None = Field(alias="sourceFileId", default=None)
    source_object_type: Annotated[int, Field(ge=2, le=4)] | None = Field(
        alias="sourceObjectType", default=None
    )
    sort_order: int | None = Field(alias="sortOrder", default=None)
    thumbnail_url: str | None = Field(alias="thumbnailUrl", default=None)
    review_version_id: Annotated[int, Field(ge=1)] | None = Field(alias="reviewVersionId", default=None)
    description: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> ReviewItem:
        if self.review_item_id not in {None, self.id}:
            raise ValueError("id and reviewItemId differ")
        if self.id == 0 and (self.version != 1 or self.new_version):
            raise ValueError("a new item has version 1 and is no new version")
        if self.upload_type == UploadType.WEBSITE:
            if self.entire_website is None or self.enable_annotation is None:
                raise ValueError("a website needs processEntireWebsite and enableAnnotation")
        elif self.upload_type in _SOURCES:
            source_type = _SOURCES[self.upload_type]
            if self.source_file_id is None or self.source_object_type != source_type:
                raise ValueError(f"such a file needs sourceFileId, and sourceObjectType {source_type}")
        elif self.file_id is None:
            raise ValueError("an uploaded file needs fileId")
        return self


class ReviewItems(Strict):
    """The wrapper of the items."""

    review_items: Annotated[list[ReviewItem], Field(min_length=1)] = Field(alias="reviewItems")


class ReviewStage(Strict):
    """A stage."""

    id: Annotated[int, Field(ge=0)]
    name: Text = Field(alias="stageName")
    due: UsDay | None = Field(alias="stageDueDate", default=None)
    start_condition: Annotated[int, Field(ge=1)] | None = Field(alias="startStageCondition", default=None)
    notify_me_on_response: Flag = Field(alias="notifyMeOnResponseSubmission", default=False)
    notify_author_on_reply: Flag = Field(alias="notifyCommentAuthorOnReply", default=False)
    download: Flag = Field(alias="downloadFlag", default=False)
    show_responses: Flag = Field(alias="showResponsesToAllReviewers", default=False)
    digital_signature: Flag = Field(alias="requireDigitalSignature", default=False)
    user_ids: Ids = Field(alias="existingUsers")
    cc_user_ids: Ids | None = Field(alias="existingCCUsers", default=None)
    email_subject: str | None = Field(alias="emailSubject", default=None)
    email_message: str | None = Field(alias="emailMessage", default=None)
    status: Annotated[StageStatus, number_of(StageStatus)] | None = Field(alias="stageStatus", default=None)
