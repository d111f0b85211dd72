"""What is written to Good2Go. Each model takes the values that its one call accepts, and no others."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final, Self

from pydantic import Field, HttpUrl, StringConstraints, TypeAdapter, ValidationError, model_validator

from proofbridge.vendors.writing import Email, Guid, Instant, MimeType, RequestModel, Switch

from .enums import (
    AssignableJobStatus,
    AssigneeFilter,
    AssignTaskCategory,
    DateField,
    Inheritable,
    JobCategory,
    JobSort,
    JobState,
    JobStatusFilter,
    ListedTaskCategory,
    NewTaskStatus,
    NotifyReason,
    NotifyTaskCategory,
    NotifyTaskStatus,
    ReminderComparator,
    ReminderUnit,
    Schedule,
    SortDirection,
    TaskCategory,
    TaskStatus,
    TaskStatusUpdate,
    UploadReason,
    UploadTaskCategory,
)

Words = Annotated[str, StringConstraints(max_length=64)]
Line = Annotated[str, StringConstraints(max_length=255)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Puid = Annotated[str, StringConstraints(min_length=1, max_length=80)]
PublicUrl = Annotated[str, StringConstraints(max_length=2000)]
_URL: Final[TypeAdapter[HttpUrl]] = TypeAdapter(HttpUrl)
_URL_AS_WRITTEN: Final = re.compile(r"https?://[^\s/\\][^\s\\]*", re.IGNORECASE)
"""What HttpUrl would mend (spaces, line ends, slashes) but the vendor gets as it was written."""


class Good2GoRequest(RequestModel):
    """The base of what is written to Good2Go."""

    vendor: ClassVar[str] = "good2go"


class JobFilter(Good2GoRequest):
    """Which jobs to list ("Get job list").

    Without `parent` the top level is listed; `flat` lists files and folders, those of all levels below
    `parent` (an assumption: the documentation doesn't speak of levels). Start and end date are about
    `date_for` (the due date when not given). `customer` and `p_email` are whole addresses.
    """

    assignee: AssigneeFilter | None = None
    customer: Email | None = None
    date_for: DateField | None = None
    dir_only: Switch | None = None
    end_date: Instant | None = None
    flat: Switch | None = None
    file_only: Switch | None = None
    name: str | None = None
    parent: Guid | None = None
    p_email: Email | None = None
    sort_column: JobSort | None = None
    sort_direction: SortDirection | None = None
    state: JobState | None = None
    status: JobStatusFilter | None = None
    start_date: Instant | None = None
    type: MimeType | None = None

    def query(self) -> list[tuple[str, str]]:
        """Return the query's parameters. A switch that is off is left out: some act by being there at all."""
        return [
            (name, "true" if value is True else str(value))
            for name, value in self.fields().items()
            if value is not False
        ]


class _JobProperties(Good2GoRequest):
    """What can be said of a job. None empties `parent_guid` (the root folder) and `due_at` (assumed)."""

    nullable: ClassVar[frozenset[str]] = frozenset({"parent_guid", "due_at"})

    parent_guid: Guid | None = None
    alt_text: Line | None = None
    c_email: Email | None = None
    cus_download: Switch | None = None
    due_at: Instant | None = None
    is_portal: Switch | None = None
    label: Words | None = None
    p_email: Email | None = None
    show_job_spec: Switch | None = None
    show_preflight: Switch | None = None
    status: AssignableJobStatus | None = None
    type: Line | None = None


class FolderCreate(_JobProperties):
    """A new folder ("Create a new job", which makes folders only)."""

    name: Name


class JobUpdate(_JobProperties):
    """Changes to a job ("Update an existing job"). Only what is given changes.

    `is_folder` is part of the documented body, but stays what it was when the job was made.
    """

    name: Name | None = None
    is_folder: Switch | None = None


class JobDuplicate(Good2GoRequest):
    """For whom a job is duplicated ("Duplicate document")."""

    c_email: Email | None = None


class JobMove(Good2GoRequest):
    """Where a job shall lie ("Update job owner and parent folder"); None is the root folder."""

    nullable: ClassVar[frozenset[str]] = frozenset({"parent_guid"})

    parent_guid: Guid | None


class JobActionDetails(Good2GoRequest):
    """What goes with an action ("Apply a job action"): what `inherit` shall leave alone."""

    ignore: tuple[Inheritable, ...] | None = None


class JobLock(Good2GoRequest):
    """Whether a job shall be locked ("Lock or unlock a job")."""

    locked: Switch


class StatusUpdate(Good2GoRequest):
    """A label to set and to tell of ("Send status update")."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ContactUpdate(Good2GoRequest):
    """A job's new customer or partner; unknown addresses are added to the account's contacts."""

    c_email: Email
    address: str | None = None
    alt_phone: str | None = None
    c_name: str | None = None
    city: str | None = None
    company: str | None = None
    group: Words | None = None
    identity: Words | None = None
    phone: str | None = None
    state: str | None = None
    zip_code: str | None = None


class Reviewer(Good2GoRequest):
    """Who shall review: a person's address or a group's name, one of the two."""

    email: Email | None = None
    group: Annotated[str, StringConstraints(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.email is None) == (self.group is None):
            raise ValueError("a reviewer needs either email or group")
        return self


class Defaults(Good2GoRequest):
    """What the vendor shall fill in where it is left out."""

    comments: Switch | None = None
    task: Switch | None = None
    reviewers: Switch | None = None


class TaskDefaults(Good2GoRequest):
    """What the vendor shall fill in where it is left out, for calls about one task."""

    comments: Switch | None = None
    task: Switch | None = None


class _TaskPart(Good2GoRequest):
    """What every task that goes with something has. `due_at=None` takes the due date away."""

    nullable: ClassVar[frozenset[str]] = frozenset({"due_at"})

    due_at: Instant | None = None
    req_confirm: Switch | None = None


class UploadTask(_TaskPart):
    """The task that comes with an uploaded file. A form has no null, so None is not sent."""

    nullable: ClassVar[frozenset[str]] = frozenset()

    category: UploadTaskCategory | None = None
    status: TaskStatus | None = None


class NotificationTask(_TaskPart):
    """The task that a manual notification is about."""

    category: TaskCategory
    status: TaskStatus | None = None


class NotifyTask(_TaskPart):
    """Changes to a task that go with its notify call; that it takes null for `due_at` is an assumption."""

    category: NotifyTaskCategory
    status: NotifyTaskStatus | None = None


class AssignTask(_TaskPart):
    """The task of somebody to whom a job is assigned."""

    category: AssignTaskCategory = AssignTaskCategory.ASSIGN
    status: TaskStatus | None = None


class _FileProperties(Good2GoRequest):
    reason: UploadReason
    comments: str | None = None
    default: Defaults | None = None
    schedule: Schedule | None = None
    task: UploadTask | None = None
    recipient: Email | None = None
    reviewers: tuple[Reviewer, ...] | None = None
    alt_text: Line | None = None
    label: Words | None = None
    name: Name | None = None
    parent: Guid | None = None
    puid: Puid | None = None


class Upload(_FileProperties):
    """A new file ("Upload and create a file"). Without `parent` it goes to the root folder.

    `puid` is our external reference. Its meaning is not documented (an assumption), nor is it part of any
    documented answer; `Job.puid` has it where the vendor shows it. The lengths of `alt_text` and `label`
    are those that the vendor names for the same fields elsewhere.
    """


class Revision(_FileProperties):
    """The next version of a job's file ("Upload a file revision"). Without `parent` it stays where it is."""


class RemoteFile(Good2GoRequest):
    """A file that Good2Go itself shall fetch from a public address, which may be a credential."""

    url: PublicUrl = Field(repr=False)
    name: Name
    size_bytes: Annotated[int, Field(ge=0)]
    type: MimeType

    @model_validator(mode="after")
    def _url_can_be_fetched(self) -> Self:
        try:
            _URL.validate_python(self.url)
        except ValidationError:
            raise ValueError("url must be an http or https address") from None
        if not _URL_AS_WRITTEN.fullmatch(self.url):
            raise ValueError("url must be an http or https address without spaces or backslashes")
        return self


class DefaultTaskQuery(Good2GoRequest):
    """Which default task ("Get default task")."""

    kind: TaskCategory
    job_category: JobCategory | None = None


class TaskQuery(Good2GoRequest):
    """Which tasks of a job ("Get task list"); `default` adds the default of a kind that the job lacks."""

    kinds: tuple[ListedTaskCategory, ...] = ()
    default: Switch = False


class HistoryQuery(Good2GoRequest):
    """Which part of the history ("Get notifications history log")."""

    kind: TaskCategory | None = None


class TaskCreate(Good2GoRequest):
    """A new task ("Create a new task"). The vendor carries it out, by e-mail, at once.

    That `assigned_to` is an address, never a group, is an assumption.
    """

    nullable: ClassVar[frozenset[str]] = frozenset({"due_at"})

    assigned_to: Email
    category: TaskCategory
    due_at: Instant | None = None
    job_status: AssignableJobStatus | None = None
    req_confirm: Switch | None = None
    status: NewTaskStatus | None = None


class TaskUpdate(Good2GoRequest):
    """Changes to a task ("Update existing task"). `category`, where given, must be what the task is.

    `due_at=None` takes the due date away (an assumption).
    """

    nullable: ClassVar[frozenset[str]] = frozenset({"due_at"})

    category: TaskCategory | None = None
    due_at: Instant | None = None
    job_status: AssignableJobStatus | None = None
    req_confirm: Switch | None = None
    status: TaskStatusUpdate | None = None


class TaskNotify(Good2GoRequest):
    """An e-mail to a task's assignee ("Send notification email")."""

    schedule: Schedule = Schedule.NOW
    comments: str | None = None
    default: TaskDefaults | None = None
    task: NotifyTask | None = None
    reason: NotifyReason | None = None


class NotificationCreate(Good2GoRequest):
    """A manual notification, which also makes or updates the task ("Create a new manual notification")."""

    task: NotificationTask
    schedule: Schedule = Schedule.NOW
    comments: str | None = None
    default: Defaults | None = None
    reason: NotifyReason | None = None
    recipient: Email | None = None
    reviewers: tuple[Reviewer, ...] | None = None


class AssignmentCreate(Good2GoRequest):
    """A job for a team member ("Assign to team member"). `assignee` wins over `recipient`."""

    assignee: Email
    reason: UploadReason
    schedule: Schedule = Schedule.NOW
    task: AssignTask = Field(default_factory=AssignTask)
    comments: str | None = None
    default: TaskDefaults | None = None
    recipient: Email | None = None


class ReminderCreate(Good2GoRequest):
    """When to remind, counted from the job's due date ("Create a new reminder")."""

    quantity: Annotated[int, Field(ge=0, le=3600)]
    unit: ReminderUnit
    comparator: ReminderComparator
    cancelled: Switch = False


class ReminderUpdate(Good2GoRequest):
    """A reminder's new values; all but `cancelled` are needed ("Update existing job reminder")."""

    quantity: Annotated[int, Field(ge=0, le=3600)]
    unit: ReminderUnit
    comparator: ReminderComparator
    cancelled: Switch | None = None
