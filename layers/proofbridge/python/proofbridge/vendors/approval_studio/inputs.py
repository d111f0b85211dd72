"""What is written to Approval Studio. Names are the vendor's own on the wire: camelCase in JSON, PascalCase
in a query, `UID` in capitals everywhere.
"""  # noqa: D205

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    PlainSerializer,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
)
from pydantic.alias_generators import to_camel, to_pascal

from proofbridge.domain.items import moment_text
from proofbridge.vendors.writing import Email, RequestModel, Switch

from .enums import EmailLanguage, ProjectState, SettableState
from .models import Project

MAX_TAGS = 20
MAX_TAG_LENGTH = 20
MAX_KEPT_TAG_LENGTH = 25
MAX_OWNERS = 20
UID_PATTERN = r"^[A-Za-z0-9_-]{1,100}$"


def json_name(name: str) -> str:
    """Return a field's name as it stands in JSON: `asset_uid` is `assetUID`."""
    return to_camel(name).replace("Uid", "UID")


def query_name(name: str) -> str:
    """Return a field's name as it stands in a query: `asset_uid` is `AssetUID`."""
    return to_pascal(name).replace("Uid", "UID")


def _due(value: Any) -> Any:
    """Take a day or an aware moment; a text is one of the two, in ISO 8601."""
    if isinstance(value, str):
        try:
            value = (
                datetime.fromisoformat(value) if len(value) > len("2020-12-04") else date.fromisoformat(value)
            )
        except ValueError:
            raise ValueError("must be a date or a date-time in ISO 8601") from None
    if not isinstance(value, date):
        raise ValueError("must be a date or a date-time")  # noqa: TRY004 - what pydantic makes an error of
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("must have a time zone")
    return value


def _due_text(value: date | datetime) -> str:
    return moment_text(value) if isinstance(value, datetime) else value.isoformat()


def _day_if_midnight(moment: datetime | None) -> date | None:
    """Return a day for its first moment, which is how a day is read: written as a moment it would differ."""
    return moment.date() if moment is not None and moment.time() == time() else moment


def _word(max_length: int) -> AfterValidator:
    def check(text: str) -> str:
        if not 0 < len(text) <= max_length or text.split() != [text]:
            raise ValueError(f"a tag must be one word of at most {max_length} characters")
        return text

    return AfterValidator(check)


def _not_blank(text: str) -> str:
    # Blanks alone are empty to the vendor: its words for it are those of ASP.NET's FluentValidation.
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def _url(text: str) -> str:
    try:
        TypeAdapter(HttpUrl).validate_python(text)
    except ValidationError:
        raise ValueError("must be an http or https address") from None
    return text


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise ValueError("must not name the same twice")
    return values


Uid = Annotated[str, StringConstraints(pattern=UID_PATTERN)]
Name = Annotated[str, AfterValidator(_not_blank)]
Words = Annotated[str, StringConstraints(max_length=50)]
Description = Annotated[str, StringConstraints(max_length=200)]
Tags = Annotated[tuple[Annotated[str, _word(MAX_TAG_LENGTH)], ...], Field(max_length=MAX_TAGS)]
KeptTags = Annotated[tuple[Annotated[str, _word(MAX_KEPT_TAG_LENGTH)], ...], Field(max_length=MAX_TAGS)]
Owners = Annotated[tuple[Uid, ...], Field(min_length=1, max_length=MAX_OWNERS), AfterValidator(_distinct)]
Assets = Annotated[tuple[Uid, ...], Field(min_length=1), AfterValidator(_distinct)]
Due = Annotated[
    date | datetime, BeforeValidator(_due), PlainSerializer(_due_text, when_used="json-unless-none")
]
"""A day, sent as 2020-12-04, or an aware moment, sent in UTC with milliseconds and Z."""


class StudioRequest(RequestModel):
    """The base of what is written to Approval Studio."""

    model_config = ConfigDict(alias_generator=json_name)
    vendor: ClassVar[str] = "approval-studio"


class ProjectFilter(StudioRequest):
    """Which projects to list, and what to show of each ("GET /api/v1/project"). All of it is ANDed.

    Without `states` the vendor shows active, held and completed projects only, even for a `project_uid`.
    `query` is searched for in the project's texts, and its case matters. `is_load_last_ver_assets` (the
    vendor's default is true) counts only with `is_load_assets`.
    """

    model_config = ConfigDict(alias_generator=query_name)

    project_uid: Uid | None = None
    states: tuple[ProjectState, ...] | None = None
    query: Name | None = None
    is_load_assets: Switch | None = None
    is_load_last_ver_assets: Switch | None = None
    is_load_tasks: Switch | None = None
    is_load_ref_docs: Switch | None = None

    def parameters(self) -> list[tuple[str, str]]:
        """Return the query's parameters; no states at all is as good as none given."""
        return [(name, _query_text(value)) for name, value in self.fields().items() if value != []]


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)


class _ProjectProperties(StudioRequest):
    project_name: Name
    project_owners_uids: Owners = Field(alias="projectOwnersUIDS")
    customer: Words | None = None
    project: Words | None = None
    design: Words | None = None
    revision: Words | None = None
    description: Description | None = None
    due_date: Due | None = None


class ProjectCreate(_ProjectProperties):
    """A new project ("POST /api/v1/project"). `client_uid` chooses the tenant of who is in several.

    The vendor's two texts allow tags of 20 or of 25 characters; 20 are safe. The limits of name and customer
    are lost; 50 characters for the customer, as for its neighbours, are an assumption.
    """

    client_uid: Uid | None = None
    tags: Tags | None = None


class ProjectEdit(_ProjectProperties):
    """What a project shall be ("PUT /api/v1/project").

    The request is lost, so the same fields are needed as for a new one, and it is not known whether what is
    left out stays or is emptied (both an assumption): `ProjectEdit.of(project, …)` sends all of it. A text
    given as None is sent as an empty one, so that it is emptied either way. Tags may have 25 characters here,
    because a project may have such tags already.
    """

    tags: KeptTags | None = None

    @field_validator("customer", "project", "design", "revision", "description", mode="before")
    @classmethod
    def _emptied(cls, value: Any) -> Any:
        return "" if value is None else value

    @classmethod
    def of(cls, project: Project, **changes: Any) -> Self:
        """Return the edit that keeps all that was read of a project but the changes."""
        kept = {
            "project_name": project.name,
            "project_owners_uids": project.project_owners_uids,
            "customer": project.customer,
            "project": project.project,
            "design": project.design,
            "revision": project.revision,
            "description": project.description,
            "tags": project.tags,
            "due_date": _day_if_midnight(project.due_date),
        }
        return cls(**{name: value for name, value in kept.items() if value is not None} | changes)


class StateChange(StudioRequest):
    """A project's new state ("PUT /api/v1/project/state"; request lost: an assumption)."""

    project_uid: Uid
    state: SettableState


class _TaskProperties(StudioRequest):
    project_uid: Uid
    due_date: Due | None = None
    comment: str | None = None


class AssetTaskCreate(_TaskProperties):
    """A task to upload assets (outside; the fields are named as a review task's, an assumption).

    With `asset_uid` the next version of that asset is asked for: a task `UploadChangedAsset` is known, how it
    is made is an assumption.
    """

    user_uid: Uid
    asset_uid: Uid | None = None


class RefDocTaskCreate(_TaskProperties):
    """A task to upload reference documents (outside; the fields as in AssetTaskCreate)."""

    user_uid: Uid


class ReviewTaskCreate(_TaskProperties):
    """A task to review assets, for a user ("POST /api/v1/task/review_asset")."""

    user_uid: Uid
    asset_uids: Assets


class ExternalReviewCreate(_TaskProperties):
    """A task to review assets, for somebody without an account ("POST /api/v1/task/review_asset_ext").

    The person gets an e-mail with a link at once. `is_read_only` allows neither remarks nor a decision, so
    such a task never brings one.
    """

    email: Email
    asset_uids: Assets
    password: Name | None = Field(default=None, repr=False)
    email_subject: Name | None = None
    email_language: EmailLanguage | None = None
    is_allow_download_assets: Switch | None = None
    is_read_only: Switch | None = None


class WebhookCreate(StudioRequest):
    """Where events shall be sent ("POST /api/v1/webhook")."""

    url: Annotated[str, AfterValidator(_url)]
