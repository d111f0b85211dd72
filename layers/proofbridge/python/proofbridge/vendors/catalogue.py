"""The catalogue: everything that Proofbridge can be asked to do, where, with what, and how safely.

The texts of an action's parameters may come from templates (see `templates`), so the models here say what a
text must be once it is filled in.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
    model_validator,
)

from proofbridge.domain.items import ItemKind, ReviewStatus, Vendor, parse_moment
from proofbridge.vendors.writing import Email as Address


class RecoveryStrategy(enum.StrEnum):
    """How an action is resolved whose outcome is unknown: the call was made, its answer never came."""

    REPEATABLE = "repeatable"
    """Doing it again changes nothing more."""
    FINDABLE = "findable"
    """The vendor can be asked whether it happened; if not, it is done again."""
    UNSAFE = "unsafe"
    """It sends e-mail: the vendor's history is asked where there is one; else a person decides."""


class ActionName(enum.StrEnum):
    """Everything that Proofbridge can be asked to do at a vendor."""

    OBSERVE = "observe"
    GOOD2GO_NOTIFY = "good2go.notify"
    GOOD2GO_REMIND_REVIEWERS = "good2go.remind_reviewers"
    GOOD2GO_SET_STATUS = "good2go.set_status"
    GOOD2GO_SET_DUE_DATE = "good2go.set_due_date"
    GOOD2GO_LABEL = "good2go.label"
    GOOD2GO_SEND_UPDATE = "good2go.send_update"
    GOOD2GO_ASSIGN = "good2go.assign"
    GOOD2GO_LOCK = "good2go.lock"
    GOOD2GO_ADD_REMINDER = "good2go.add_reminder"
    GOOD2GO_SET_REMINDERS = "good2go.set_reminders"
    STUDIO_SET_PROJECT_STATE = "approval-studio.set_project_state"
    STUDIO_SET_DUE_DATE = "approval-studio.set_due_date"
    STUDIO_CREATE_REVIEW_TASK = "approval-studio.create_review_task"
    GOODDAY_CREATE_TASK = "goodday.create_task"
    GOODDAY_SET_STATUS = "goodday.set_status"
    GOODDAY_COMMENT = "goodday.comment"
    GOODDAY_REPLY = "goodday.reply"
    GOODDAY_UPDATE = "goodday.update"
    ROBOHEAD_SET_STATUS = "robohead.set_status"
    ROBOHEAD_SET_DUE_DATE = "robohead.set_due_date"
    ROBOHEAD_COMMENT = "robohead.comment"
    EMAIL_SEND = "email.send"
    BUS_PUBLISH = "bus.publish"


def check_email(text: str) -> str:
    """Return the text when it is an e-mail address; else raise ValueError."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text):
        raise ValueError(f"{text!r} is no e-mail address")
    return text


def _moment(text: str) -> str:
    if text and not _DAY.fullmatch(text):
        parse_moment(text)
    elif text:
        date.fromisoformat(text)
    return text


def _day(text: str) -> str:
    """Return the day of a day or of a moment: in UTC, as days are read as the moments at which they begin."""
    if text and not _DAY.fullmatch(text):
        return parse_moment(text).date().isoformat()
    if text:
        date.fromisoformat(text)
    return text


def _own_type(text: str) -> str:
    if text.startswith("dev.proofbridge."):
        raise ValueError("types that begin with dev.proofbridge. are Proofbridge's own")
    return text


def _priority(number: int) -> int:
    if not 1 <= number <= 10 and number not in {50, 100}:  # noqa: PLR2004 - GoodDay's scale
        raise ValueError("must be 1 to 10, 50 (blocker) or 100 (emergency)")
    return number


def moment_of(text: str) -> datetime | None:
    """Return the moment that a checked `Moment` names, a day's first in UTC; None for the empty text."""
    if not text:
        return None
    if _DAY.fullmatch(text):
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    return parse_moment(text)


_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
MAX_TITLE_LENGTH: Final = 255
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE_LENGTH)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Email = Annotated[str, AfterValidator(check_email)]
Priority = Annotated[StrictInt, AfterValidator(_priority)]
Day = Annotated[str, StringConstraints(min_length=1), AfterValidator(_day)]
Moment = Annotated[str, AfterValidator(_moment)]
"""A day or a moment with its zone, as texts of ISO 8601; the empty text takes the date away."""
ReminderText = Annotated[
    str, StringConstraints(pattern=r"^\d{1,4} (none|minutes|hours|days) (equal|before|after)$")
]
DayOrNone = Annotated[str, AfterValidator(_day)]
"""A day; that of a moment given in its place, in UTC; the empty text takes the day away."""


class Params(BaseModel):
    """The base of all parameters: only what a model names, and of its type."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ObserveParams(Params):
    """Read the item at its vendor, and put what differs into the Inbox.

    `claimed_status` and `claimed_at` are what a webhook said of it, to be held against the vendor's own word.
    """

    claimed_status: Text | None = None
    claimed_at: Text | None = None


class NotifyParams(Params):
    """Remind one reviewer of an open proof, unless it was decided or its due date moved."""

    person: Text
    due_at: Text
    message: Text


class MessageParams(Params):
    """Say something: to all reviewers who have not decided, or in a comment."""

    message: Text


CommentParams = MessageParams


class SetStatusParams(Params):
    """Set an item's status, saying why in a comment that belongs to it."""

    status: ReviewStatus
    message: Text | None = None


class StatusParams(Params):
    """Set an item's status."""

    status: ReviewStatus


class DueDateParams(Params):
    """Set an item's due date; the empty text takes it away."""

    due_at: Moment


class LabelParams(Params):
    """Give a job one of the account's labels."""

    label: Label


class AssignParams(Params):
    """Give a job to a member of the team, who is told by e-mail."""

    person: Email
    message: Text | None = None


class LockParams(Params):
    """Lock a job, or unlock it."""

    locked: StrictBool


class AddReminderParams(Params):
    """Have the vendor remind by itself, so long before, at or after the due date."""

    quantity: Annotated[StrictInt, Field(ge=0, le=3600)]
    unit: Literal["none", "minutes", "hours", "days"]
    comparator: Literal["none", "equal", "before", "after", "now"]


class SetRemindersParams(Params):
    """Have the vendor remind by itself at these times and, of those it was told `before`, no others.

    Each is written "<quantity> <unit> <comparator>", counted from `due_at`. What people have set up by hand
    stays.
    """

    due_at: Text
    reminders: tuple[ReminderText, ...]
    before: tuple[ReminderText, ...] = ()


class ProjectStateParams(Params):
    """Move a project to another state. Completing it deletes its open tasks."""

    state: Literal["active", "on_hold", "completed"]


class ReviewTaskParams(Params):
    """Ask people to review an asset: users by their ids, others by their e-mail addresses.

    `subject`, `language` and `allow_download` are for those who are asked by e-mail.
    """

    reviewers: Annotated[tuple[Text, ...], Field(min_length=1)]
    message: Text | None = None
    due_at: Moment | None = None
    subject: Title | None = None
    language: Literal["English", "German", "French", "Polish", "Spanish", "Hebrew", "Ukrainian"] | None = None
    allow_download: StrictBool | None = None


class CreateTaskParams(Params):
    """Create the task that tracks a proof."""

    project: Text
    title: Title
    message: Text
    assignee: Text | None = None
    task_type: Text | None = None
    deadline: Day | None = None


class ReplyParams(Params):
    """Say something on a task, and who has to act on it next: without `person`, whoever the task is for."""

    person: Text | None = None
    message: Text


class UpdateParams(Params):
    """Change what is given of a task. The empty text takes a date away; `estimate` is in minutes."""

    start: DayOrNone | None = None
    end: DayOrNone | None = None
    deadline: DayOrNone | None = None
    priority: Priority | None = None
    progress: Annotated[StrictInt, Field(ge=0, le=100)] | None = None
    title: Title | None = None
    estimate: Annotated[StrictInt, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _change_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"needs at least one of: {', '.join(sorted(type(self).model_fields))}")
        return self


class SendEmailParams(Params):
    """Send one e-mail of plain text to all the addresses, at most 50, through Amazon SES."""

    to: Annotated[tuple[Address, ...], Field(min_length=1, max_length=50)]
    subject: Title
    message: Text


class PublishParams(Params):
    """Publish an event of one's own on the bus, of a type that is not one of Proofbridge's."""

    type: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"), AfterValidator(_own_type)
    ]
    data: Mapping[str, str | StrictInt | StrictFloat | StrictBool] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActionKind:
    """What the catalogue says of an action: where, with what, and how an unclear outcome is resolved.

    `target` is the kind of item that it acts on, None for one that makes its item or needs none. Where a
    proof has no item of that kind, one of the kind `through` leads its gateway there. `routable` actions may
    stand in routes. `follows_state` actions are worth doing only while the change that caused
    them still stands: a newer change brings its own. `makes_item`: the proof has an item more afterwards.
    """

    vendor: Vendor | None
    params: type[Params]
    resolution: RecoveryStrategy
    target: ItemKind | None = None
    through: ItemKind | None = None
    routable: bool = True
    follows_state: bool = False
    makes_item: bool = False


_REPEATABLE, _FINDABLE, _UNSAFE = (
    RecoveryStrategy.REPEATABLE,
    RecoveryStrategy.FINDABLE,
    RecoveryStrategy.UNSAFE,
)
_JOB, _TASK, _REVIEW = ItemKind.JOB, ItemKind.TASK, ItemKind.REVIEW
_ASSET, _PROJECT = ItemKind.ASSET, ItemKind.PROJECT

CATALOGUE: Final[dict[ActionName, ActionKind]] = {
    ActionName.OBSERVE: ActionKind(None, ObserveParams, _REPEATABLE, routable=False),
    # A reminder is for one person and one due date: reminders.toml asks for it, not a route.
    ActionName.GOOD2GO_NOTIFY: ActionKind(Vendor.GOOD2GO, NotifyParams, _UNSAFE, _JOB, routable=False),
    ActionName.GOOD2GO_REMIND_REVIEWERS: ActionKind(Vendor.GOOD2GO, MessageParams, _UNSAFE, _JOB),
    ActionName.GOOD2GO_SET_STATUS: ActionKind(
        Vendor.GOOD2GO, SetStatusParams, _FINDABLE, _JOB, follows_state=True
    ),
    ActionName.GOOD2GO_SET_DUE_DATE: ActionKind(
        Vendor.GOOD2GO, DueDateParams, _REPEATABLE, _JOB, follows_state=True
    ),
    ActionName.GOOD2GO_LABEL: ActionKind(Vendor.GOOD2GO, LabelParams, _REPEATABLE, _JOB, follows_state=True),
    ActionName.GOOD2GO_SEND_UPDATE: ActionKind(Vendor.GOOD2GO, LabelParams, _UNSAFE, _JOB),
    ActionName.GOOD2GO_ASSIGN: ActionKind(Vendor.GOOD2GO, AssignParams, _UNSAFE, _JOB),
    ActionName.GOOD2GO_LOCK: ActionKind(Vendor.GOOD2GO, LockParams, _REPEATABLE, _JOB, follows_state=True),
    ActionName.GOOD2GO_ADD_REMINDER: ActionKind(Vendor.GOOD2GO, AddReminderParams, _FINDABLE, _JOB),
    # What stands at the vendor is compared and completed. reminders.toml asks for it, not a route.
    ActionName.GOOD2GO_SET_REMINDERS: ActionKind(
        Vendor.GOOD2GO, SetRemindersParams, _REPEATABLE, _JOB, routable=False
    ),
    ActionName.STUDIO_SET_PROJECT_STATE: ActionKind(
        Vendor.APPROVAL_STUDIO, ProjectStateParams, _REPEATABLE, _PROJECT, _ASSET, follows_state=True
    ),
    ActionName.STUDIO_SET_DUE_DATE: ActionKind(
        Vendor.APPROVAL_STUDIO, DueDateParams, _REPEATABLE, _PROJECT, _ASSET, follows_state=True
    ),
    # It sends e-mail, but the tasks that it makes can be listed.
    ActionName.STUDIO_CREATE_REVIEW_TASK: ActionKind(
        Vendor.APPROVAL_STUDIO, ReviewTaskParams, _FINDABLE, _ASSET
    ),
    ActionName.GOODDAY_CREATE_TASK: ActionKind(Vendor.GOODDAY, CreateTaskParams, _FINDABLE, makes_item=True),
    ActionName.GOODDAY_SET_STATUS: ActionKind(
        Vendor.GOODDAY, SetStatusParams, _FINDABLE, _TASK, follows_state=True
    ),
    ActionName.GOODDAY_COMMENT: ActionKind(Vendor.GOODDAY, CommentParams, _FINDABLE, _TASK),
    ActionName.GOODDAY_REPLY: ActionKind(Vendor.GOODDAY, ReplyParams, _FINDABLE, _TASK),
    ActionName.GOODDAY_UPDATE: ActionKind(
        Vendor.GOODDAY, UpdateParams, _REPEATABLE, _TASK, follows_state=True
    ),
    ActionName.ROBOHEAD_SET_STATUS: ActionKind(
        Vendor.ROBOHEAD, StatusParams, _REPEATABLE, _REVIEW, follows_state=True
    ),
    ActionName.ROBOHEAD_SET_DUE_DATE: ActionKind(
        Vendor.ROBOHEAD, DueDateParams, _REPEATABLE, _REVIEW, follows_state=True
    ),
    ActionName.ROBOHEAD_COMMENT: ActionKind(Vendor.ROBOHEAD, CommentParams, _FINDABLE, _REVIEW),
    ActionName.EMAIL_SEND: ActionKind(Vendor.AWS, SendEmailParams, _UNSAFE),
    # Consumers know an event by its id, which stays the same when it is published again.
    ActionName.BUS_PUBLISH: ActionKind(Vendor.AWS, PublishParams, _REPEATABLE),
}
