"""How a file comes to Approval Studio: the documented form, or everything but the file in the query."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from local.simulators.approval_studio.settings import settings_of
from local.simulators.approval_studio.words import Text, Uid
from local.simulators.multipart import ReceivedFile
from local.simulators.simulator import Simulator
from local.simulators.validation import Strict
from local.simulators.vendor import ViolationError


class UploadQuery(Strict):
    """An upload's query: empty, unless the setting `upload_parameters` is "query"."""

    project_uid: Uid | None = Field(alias="ProjectUID", default=None)
    task_uid: Uid | None = Field(alias="TaskUID", default=None)
    file_name: Text | None = Field(alias="FileName", default=None)


class UploadForm(Strict):
    """An upload's form."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    project_uid: Uid | None = Field(alias="ProjectUID", default=None)
    task_uid: Uid | None = Field(alias="TaskUID", default=None)
    file: ReceivedFile | None = Field(alias="File", default=None)
    attachment: ReceivedFile | None = None


class Upload:
    """What an upload says, wherever it says it; ViolationError for a parameter in the wrong place."""

    def __init__(self, simulator: Simulator, query: UploadQuery, form: UploadForm) -> None:
        style = settings_of(simulator).upload_parameters
        here, there = (form, query) if style == "form" else (query, form)
        part, other = ("File", "attachment") if style == "form" else ("attachment", "File")
        file, stray = (form.file, form.attachment) if style == "form" else (form.attachment, form.file)
        misplaced = sorted({*there.model_fields_set} & {"project_uid", "task_uid", "file_name"})
        if misplaced:
            raise ViolationError(f"{_name(there, misplaced[0])}: stands in the wrong place, see {style}")
        if stray is not None:
            raise ViolationError(f"{other}: unknown part; the file's is {part}")
        if here.project_uid is None:
            raise ViolationError("ProjectUID: must not be empty")
        if file is None:
            raise ViolationError(f"{part}: must not be empty")
        self.project_uid = here.project_uid
        self.task_uid = here.task_uid
        self.file = file
        self.name = (query.file_name if style == "query" else None) or file.name
        if not self.name:
            raise ViolationError(f"{part}: has no file name")


def _name(model: Strict, field: str) -> str:
    return type(model).model_fields[field].alias or field
