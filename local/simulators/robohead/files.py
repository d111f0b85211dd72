"""RoboHead's upload of files (known from outside only)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from local.simulators.multipart import ReceivedFile
from local.simulators.robohead.account import Account, File, ItemVersion, Review
from local.simulators.robohead.course import Course
from local.simulators.robohead.settings import command_of, settings_of
from local.simulators.robohead.views import file_view, success
from local.simulators.robohead.words import FlagText
from local.simulators.validation import IntText, Strict
from local.simulators.vendor import ViolationError, operation

_REVIEW_OBJECT = 10


class UploadQuery(Strict):
    """An upload's query: at most the command, which else is in the form."""

    cmd: str | None = None


class UploadForm(Strict):
    """An upload; `objectId` 0 stands for a review that is not there yet."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    content: ReceivedFile
    cmd: str | None = None
    object_id: IntText = Field(alias="objectId")
    object_type: Literal["10"] = Field(alias="objectType")
    document_type: IntText = Field(alias="documentType")
    temp_id: Annotated[IntText, Field(ge=1)] = Field(alias="uploadFileTempId")
    add_version: FlagText = Field(alias="addVersionByFileName", default=False)
    parent_file_id: IntText | None = Field(alias="parentFileId", default=None)


class Files:
    """The handler."""

    def __init__(self, account: Account, course: Course) -> None:
        self._account = account
        self._course = course
        self._simulator = account.simulator

    @operation("POST", "/file.do", section="outside")
    def upload_file(self, query: UploadQuery, form: UploadForm) -> dict[str, Any]:
        """Take a file; with `addVersionByFileName`, as the next version of the review's item of that name."""
        settings = settings_of(self._simulator)
        commands = [each for each in (query.cmd, form.cmd) if each is not None]
        wanted = command_of(self._simulator, "upload_file")
        if commands != [wanted]:
            raise ViolationError(f"cmd: must be {wanted}, once, in the form or the query")
        if not form.content.name:
            raise ViolationError("content: has no file name")
        review = None if form.object_id == 0 else self._account.review(form.object_id)
        file = File(
            id=self._account.new_id(),
            name=form.content.name,
            blob=form.content.keep(),
            object_id=form.object_id,
            object_type=_REVIEW_OBJECT,
            uploaded_at=self._account.now,
        )
        self._account.files[file.id] = file
        emails = self._add_version(review, file) if review is not None and form.add_version else []
        self._simulator.effect(
            "upload_file",
            str(file.id),
            name=file.name,
            review=form.object_id,
            sha256=file.blob.sha256,
            size_bytes=file.blob.size_bytes,
            emails=emails,
        )
        return success(customParams={settings.file_id_field: file.id, **file_view(file)})

    def _add_version(self, review: Review, file: File) -> list[str]:
        item = next((item for item in review.items if item.file_name == file.name), None)
        if item is None:
            return []
        number = len(item.versions) + 1
        item.versions.append(ItemVersion(self._account.new_id(), number, file.id, self._account.now))
        return self._course.restart(review)
