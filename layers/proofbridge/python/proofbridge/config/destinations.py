"""Destinations: what each folder under drop/ means."""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt, StrictBool, StringConstraints
from pydantic import model_validator as validator

from proofbridge.config.due_dates import DueRule
from proofbridge.config.model import ConfigModel, Guid, Prefix, ShortText
from proofbridge.config.reminders.calendars import DaysOff, parse_workdays, public_holidays
from proofbridge.config.reminders.people import Holidays, Workdays
from proofbridge.domain.files.naming import REVISION, NamePattern
from proofbridge.domain.items import Vendor
from proofbridge.domain.templates import TemplateError, check_template, places
from proofbridge.vendors.catalogue import Email, check_email

DROP_PREFIX: Final = "drop/"
DONE_PREFIX: Final = "relayed"
"""The only place that a relayed file may be moved to: the function's role has no other."""

FILE_FIELDS: Final = {
    "file.name": "the dropped file's name",
    "file.stem": "its name without the ending",
    "file.version": "the proof's version, 1 for the first",
    "file.folder": "the folders between the destination's prefix and the file",
    "file.dropped": "when it was dropped, to the second, in UTC",
}
"""What a destination's texts can name, beside the fields of its own pattern."""

TRACKING_FIELDS: Final = {
    **FILE_FIELDS,
    "proof.vendor": "the vendor that has the proof, by its name",
    "proof.url": "its link there; what it is called there, where the vendor shows none",
    "proof.due": "its due date, or 'at any time'",
    "proof.recipient": "who is to decide, or 'its reviewers'",
}
"""What the texts of a tracking task can name."""


def _due(text: str) -> str:
    DueRule.parse(text)
    return text


def _pattern(text: str) -> str:
    NamePattern.parse(text)
    return text


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a number that RoboHead gave")  # noqa: TRY004 - pydantic takes ValueError
    return value


def _studio_user(text: str) -> str:
    if not _UID.fullmatch(text):
        raise ValueError(f"{text!r} is no user's UID")
    return text


def _studio_person(text: str) -> str:
    if "@" in text:
        return check_email(text)
    if not _UID.fullmatch(text):
        raise ValueError(f"{text!r} is neither a user's UID nor an e-mail address")
    return text


_UID: Final = re.compile(r"(?=.*[A-Za-z])[^\s@]+")
"""UIDs are hexadecimal and long; a number is what another vendor calls somebody, and a name has spaces."""

Number = Annotated[PositiveInt, BeforeValidator(_no_bool)]
"""An id at RoboHead."""
StudioUser = Annotated[ShortText, AfterValidator(_studio_user)]
"""A user's UID at Approval Studio."""
StudioPerson = Annotated[ShortText, AfterValidator(_studio_person)]
"""A user's UID at Approval Studio, or the e-mail address of somebody without an account."""
Odd = Literal["ignore", "report"]


FILE_NAME: Final = "{file.name}"
NAME_OF_ITS_OWN: Final = "{file.stem} {file.dropped}"
"""What each drop is called where a name that was there before would make it a version of that."""


class Target(ConfigModel):
    """What a destination says of one vendor. `texts` are the keys whose texts can name the file's fields.

    `name` is what the file is called there, its own name where it is left out; its ending always stays.
    """

    vendor: ClassVar[Vendor]
    texts: ClassVar[tuple[str, ...]] = ("name",)

    name: ShortText | None = None


class Good2GoTarget(Target):
    """A proof at Good2Go: a job in a folder, for a recipient and further reviewers.

    `mode` says how the file gets there: `stream` sends it, `url` has Good2Go fetch it from a link, `auto`
    does the first for small files and the second for large ones.
    """

    vendor: ClassVar[Vendor] = Vendor.GOOD2GO

    folder: Guid | None = None
    recipient: Email
    reviewers: tuple[Email, ...] = ()
    category: Literal["review-task", "revision-task", "assign-task", "forward-task", "upload-task"] = (
        "review-task"
    )
    mode: Literal["auto", "stream", "url"] = "auto"


class ApprovalStudioTarget(Target):
    """A proof at Approval Studio: an asset in a project, which is named by its UID, or found by its name.

    Where `create` is set, a project of that name is made if there is none, and belongs to the `owners` (UIDs
    of users). `reviewers` are UIDs of users, or e-mail addresses of people without an account.
    """

    vendor: ClassVar[Vendor] = Vendor.APPROVAL_STUDIO
    texts: ClassVar[tuple[str, ...]] = ("name", "project_name")

    project: ShortText | None = None
    project_name: ShortText | None = None
    create: StrictBool = False
    owners: tuple[StudioUser, ...] = ()
    reviewers: tuple[StudioPerson, ...] = ()

    @validator(mode="after")
    def _name_one_project(self) -> Self:
        if (self.project is None) == (self.project_name is None):
            raise ValueError("either project (its UID) or project_name is needed")
        if self.create and (self.project_name is None or not self.owners):
            raise ValueError("create needs project_name, and owners (UIDs of users)")
        return self


class RoboHeadTarget(Target):
    """A proof at RoboHead: a review in a project, or the one that `review` names.

    `reviewers` are ids of users; a new review needs one at least.
    """

    vendor: ClassVar[Vendor] = Vendor.ROBOHEAD
    texts: ClassVar[tuple[str, ...]] = ("name", "title")

    project: Number | None = None
    review: Number | None = None
    title: ShortText = "{file.stem}"
    kind: Literal["approval", "feedback"] = "approval"
    reviewers: tuple[Number, ...] = ()

    @validator(mode="after")
    def _name_a_place(self) -> Self:
        if self.review is None and (self.project is None or not self.reviewers):
            raise ValueError("either review is needed, or project and reviewers (ids of users)")
        return self


AnyTarget = Good2GoTarget | ApprovalStudioTarget | RoboHeadTarget
TARGETS: Final[dict[str, type[AnyTarget]]] = {
    target.vendor: target for target in (Good2GoTarget, ApprovalStudioTarget, RoboHeadTarget)
}
"""The vendors that take files, and what a destination says of each."""


class Tracking(ConfigModel):
    """The task that tracks a dropped proof."""

    vendor: Literal["goodday"]
    project: ShortText
    assignee: ShortText | None = None
    task_type: ShortText | None = None
    title: ShortText = "{file.name}"
    message: str = "Proof for {proof.recipient}, due {proof.due}: {proof.url}"


class Destination(ConfigModel):
    """What the drop folder `drop/<prefix>/` means.

    It names one vendor or several, each by a table of its own; where there is one, `vendor` with that table's
    keys beside it will do. `pattern` reads fields out of a file's name.

    `due` counts workdays as `workdays`, `holidays` (a country's, or "DE-BY") and `days_off` say.

    `version` says what makes a proof: the file's `name` (new bytes are its next version), every drop anew
    (`new`), or the name without its `revision`, which the pattern has to have.
    """

    prefix: Prefix
    good2go: Good2GoTarget | None = None
    approval_studio: ApprovalStudioTarget | None = Field(default=None, alias="approval-studio")
    robohead: RoboHeadTarget | None = None
    pattern: Annotated[ShortText, AfterValidator(_pattern)] | None = None
    version: Literal["name", "new", "revision"] = "name"
    due: Annotated[str, AfterValidator(_due)] | None = None
    workdays: Workdays = ("mon", "tue", "wed", "thu", "fri")
    holidays: Holidays | None = None
    days_off: tuple[date, ...] = ()
    message: ShortText = "Please review {file.name}."
    tracking: Tracking | None = None
    sidecar_grace_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    max_size_mb: PositiveInt | None = None
    folder_markers: Odd = "ignore"
    hidden_files: Odd = "ignore"
    temporary_files: Odd = "ignore"
    empty_files: Odd = "report"
    after: Annotated[str, StringConstraints(pattern=rf"^(keep|delete|move:{DONE_PREFIX}(/[^/]+)*)$")] = "keep"

    @validator(mode="before")
    @classmethod
    def _allow_one_vendor(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "vendor" not in data:
            return data
        vendor = data["vendor"]
        if vendor not in TARGETS:
            raise ValueError(f"vendor: {vendor!r} takes no files; allowed: {', '.join(TARGETS)}")
        its_keys = set(TARGETS[vendor].model_fields)
        rest = {key: value for key, value in data.items() if key not in its_keys | {"vendor"}}
        return {**rest, vendor: {key: value for key, value in data.items() if key in its_keys}}

    @validator(mode="after")
    def _fit_together(self) -> Self:
        if not self.targets:
            raise ValueError(f"drop/{self.prefix}/ names no vendor; allowed: {', '.join(TARGETS)}")
        if self.version == REVISION and REVISION not in self.own_fields:
            raise ValueError(f"drop/{self.prefix}/: version = 'revision' needs {{revision}} in the pattern")
        texts = {"message": (self.message, FILE_FIELDS)}
        for target in self.targets:
            for key in target.texts:
                texts[f"{target.vendor}.{key}"] = (getattr(target, key) or "", FILE_FIELDS)
        if self.tracking is not None:
            texts["tracking.title"] = (self.tracking.title, FILE_FIELDS)
            texts["tracking.message"] = (self.tracking.message, TRACKING_FIELDS)
        for key, (text, fields) in texts.items():
            try:
                check_template(text, {*fields, *(f"file.{name}" for name in self.own_fields)})
            except TemplateError as error:
                raise ValueError(f"drop/{self.prefix}/: {key}: {error}") from None
        studio = self.approval_studio
        if studio is not None and self.version == "new" and studio.name is not None:
            # A name that was there before makes a version of what has it.
            told_apart = f"{studio.name}{studio.project_name or ''}"
            if "file.dropped" not in places(told_apart):
                raise ValueError(
                    f"drop/{self.prefix}/: approval-studio.name: with version = 'new' each drop needs a name "
                    "of its own there; write {file.dropped} into it, or leave name out"
                )
        return self

    @property
    def targets(self) -> tuple[AnyTarget, ...]:
        """Return the vendors that a file goes to."""
        return tuple(each for each in (self.good2go, self.approval_studio, self.robohead) if each is not None)

    def name_at(self, vendor: Vendor) -> str:
        """Return the text of what files are called at a vendor."""
        target = self.target_at(vendor)
        if target is not None and target.name is not None:
            return target.name
        merges = vendor is Vendor.APPROVAL_STUDIO and self.version == "new"
        return NAME_OF_ITS_OWN if merges else FILE_NAME

    def target_at(self, vendor: Vendor) -> AnyTarget | None:
        """Return what it says of a vendor, None where it does not name it."""
        return next((target for target in self.targets if target.vendor == vendor), None)

    @cached_property
    def own_fields(self) -> tuple[str, ...]:
        """The fields of the pattern."""
        pattern = self.name_pattern
        return () if pattern is None else pattern.fields

    @property
    def name_pattern(self) -> NamePattern | None:
        """The parsed pattern."""
        return None if self.pattern is None else NamePattern.parse(self.pattern)

    def is_workday(self, day: date) -> bool:
        """Whether a day counts where a due rule counts workdays."""
        off = DaysOff(public_holidays(self.holidays) if self.holidays else (), frozenset(self.days_off))
        return day.weekday() in parse_workdays(self.workdays) and day not in off

    @property
    def due_rule(self) -> DueRule | None:
        """The parsed due rule."""
        return None if self.due is None else DueRule.parse(self.due)
