"""What Approval Studio answers. Fields have Python's names; moments without a zone are taken as UTC.

The documentation at hand shows the answers about assets, uploads and webhooks; those about projects, tasks,
annotations, reference documents and users are lost. There the names are an assumption after the requests, so
hardly anything is required, and several names are accepted where several are likely. Names are compared
without regard to case: the vendor writes `projectUID`, `projectOwnersUIDS` and, in webhooks, `ProjectUID`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Generic

from pydantic import AfterValidator, AliasChoices, BeforeValidator, ConfigDict, Field, model_validator

from proofbridge.vendors.operation import header_token
from proofbridge.vendors.reading import (
    AnswerModel,
    Count,
    Flag,
    Known,
    Many,
    Moment,
    Part,
    RequiredText,
    S,
    Text,
)

from .enums import AssetStatus, ProjectState, TaskStatus, TaskType


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


class StudioAnswer(AnswerModel):
    """The base of every answer: keys are read in any case, errors name them as Python does."""

    model_config = ConfigDict(alias_generator=_folded, loc_by_alias=False)

    @model_validator(mode="before")
    @classmethod
    def _fold_keys(cls, data: Any) -> Any:
        return {_folded(key): value for key, value in data.items()} if isinstance(data, dict) else data


class Envelope(StudioAnswer, Generic[S]):
    """What every successful answer with a result is wrapped in: the HTTP status has decided already."""

    result: S


_STATE_SPELLINGS: Final = {"complete": ProjectState.COMPLETED, "archive": ProjectState.ARCHIVED}


def _state(value: Any) -> Any:
    """Take the vendor's other spellings, `Complete` and `Archive`, for the state they mean."""
    return _STATE_SPELLINGS.get(value.lower(), value) if isinstance(value, str) else value


def _uids(*names: str) -> BeforeValidator:
    """Take ids from a list of ids or of objects that have one, or from one alone: which is not documented.

    `names` are those that an object may have its own id under; it may name others, such as its project's.
    """

    def read(value: Any) -> Any:
        if isinstance(value, dict) or (isinstance(value, str) and value.strip()):
            value = [value]
        if not isinstance(value, list):
            return value
        return [_own_uid(entry) if isinstance(entry, dict) else entry for entry in value]

    def _own_uid(entry: dict[str, Any]) -> Any:
        folded = {_folded(key): value for key, value in entry.items()}
        return next((folded[name] for name in (*names, "uid") if name in folded), None)

    return BeforeValidator(read)


def _none_if_flag(value: Any) -> Any:
    return None if isinstance(value, bool) else value


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


State = Annotated[Known[ProjectState], BeforeValidator(_state)]
AssetUids = Annotated[Many[RequiredText], _uids("assetuid")]
UserUids = Annotated[Many[RequiredText], _uids("useruid", "owneruid", "projectowneruid")]


class LoggedIn(StudioAnswer):
    """The token that opens everything else ("POST /api/v1/token/login"; outside: where it stands)."""

    token: Annotated[RequiredText, AfterValidator(lambda text: header_token(text, "it"))] = Field(repr=False)


class ReviewCounts(StudioAnswer):
    """How many review tasks are open, and how often there was an approval or a rejection."""

    pending_count: Count = None
    approved_count: Count = None
    rejected_count: Count = None


class Asset(StudioAnswer):
    """One version of a file ("GET /api/v1/asset"). `file_size` is in bytes."""

    asset_uid: RequiredText
    created: Moment = None
    file_size: Count = None
    name: Text = None
    pages_count: Count = None
    project_uid: Text = None
    review_status: Part[ReviewCounts] = None
    review_url: Text = None
    status: Known[AssetStatus] = None
    thumbnail_url: Text = None
    version: Count = None


class Task(StudioAnswer):
    """A task (answer lost: an assumption). An external review has an e-mail address and no user."""

    task_uid: RequiredText
    asset_uids: AssetUids = Field(
        default=(), validation_alias=AliasChoices("assetuids", "assets", "assetuid")
    )
    comment: Text = None
    completed: Annotated[Moment, BeforeValidator(_none_if_flag)] = Field(
        default=None, validation_alias=AliasChoices("completed", "completedon")
    )
    created: Moment = None
    due_date: Moment = None
    email: Text = None
    project_uid: Text = None
    status: Known[TaskStatus] = Field(default=None, validation_alias=AliasChoices("status", "taskstatus"))
    type: Known[TaskType] = Field(default=None, validation_alias=AliasChoices("type", "tasktype"))
    user_uid: Text = None


class RefDoc(StudioAnswer):
    """A reference document (answer lost: an assumption). `file_size` is in bytes."""

    ref_doc_uid: RequiredText = Field(
        validation_alias=AliasChoices("refdocuid", "referencedocumentuid", "documentuid", "uid")
    )
    created: Moment = None
    file_size: Count = None
    name: Text = Field(default=None, validation_alias=AliasChoices("name", "filename"))
    project_uid: Text = None


class Project(StudioAnswer):
    """A project ("Project object", whose beginning is lost, and "GET /api/v1/project").

    `assets`, `tasks` and `ref_docs` are filled only where they were asked for. The project's own
    `review_status` counts over all its assets.
    """

    project_uid: RequiredText
    assets: Many[Asset] = ()
    client_uid: Text = None
    created: Moment = None
    customer: Text = None
    description: Text = None
    design: Text = None
    due_date: Moment = None
    name: Text = Field(default=None, validation_alias=AliasChoices("projectname", "name"))
    project: Text = None
    project_owners_uids: UserUids = Field(
        default=(), validation_alias=AliasChoices("projectownersuids", "projectowners", "owners")
    )
    ref_docs: Many[RefDoc] = Field(default=(), validation_alias=AliasChoices("refdocs", "referencedocuments"))
    review_status: Part[ReviewCounts] = None
    revision: Text = None
    state: State = Field(default=None, validation_alias=AliasChoices("state", "projectstate", "status"))
    tags: Many[RequiredText] = ()
    tasks: Many[Task] = ()


ProjectList = Annotated[Many[Project], BeforeValidator(_one_or_many)]
"""The projects of an answer, which with a `ProjectUID` may be one alone."""


class CreatedProject(StudioAnswer):
    """What is told of a project just made (answer lost: an assumption)."""

    project_uid: RequiredText


class ProofReport(StudioAnswer):
    """Where a proof report, a PDF, can be fetched with a browser."""

    download_url: RequiredText


class UploadedAsset(StudioAnswer):
    """What is told of an asset just uploaded: its processing has only begun."""

    asset_uid: RequiredText


class UploadedRefDoc(StudioAnswer):
    """What is told of a reference document just uploaded (outside)."""

    ref_doc_uid: RequiredText = Field(
        validation_alias=AliasChoices("refdocuid", "referencedocumentuid", "documentuid", "uid")
    )


class CreatedTask(StudioAnswer):
    """What is told of a task just made (answer lost: an assumption)."""

    task_uid: RequiredText


class Annotation(StudioAnswer):
    """A remark on an asset, or a comment on such a remark (outside: all but the id is an assumption)."""

    annotation_uid: RequiredText
    asset_uid: Text = None
    comment: Text = Field(default=None, validation_alias=AliasChoices("comment", "text", "content"))
    created: Moment = None
    email: Text = Field(default=None, validation_alias=AliasChoices("email", "useremail"))
    is_completed: Flag = None
    is_hidden: Flag = None
    page: Count = Field(default=None, validation_alias=AliasChoices("page", "pagenumber"))
    parent_uid: Text = Field(default=None, validation_alias=AliasChoices("parentuid", "parentannotationuid"))
    user_name: Text = Field(default=None, validation_alias=AliasChoices("username", "author"))
    user_uid: Text = None


class User(StudioAnswer):
    """Somebody with an account (outside: all but the id is an assumption)."""

    user_uid: RequiredText
    email: Text = None
    first_name: Text = None
    last_name: Text = None
    name: Text = Field(default=None, validation_alias=AliasChoices("name", "fullname", "username"))


class Webhook(StudioAnswer):
    """A registered webhook. Its secret comes with every event, in the header that `events` names."""

    webhook_uid: RequiredText
    created: Moment = None
    secret: Text = Field(default=None, repr=False)
    url: Text = None
