"""Good2Go's words. The same idea has different values in different calls, so there is one enum per call."""

from __future__ import annotations

import enum


class JobStatus(enum.StrEnum):
    """Every status a job can show."""

    NEW = "new"
    PENDING = "pending"
    PROCESSING = "processing"
    APPROVED = "approved"
    REJECTED = "rejected"
    CHANGE_REQUESTED = "change-requested"
    DONE = "done"
    EXPIRED = "expired"


class AssignableJobStatus(enum.StrEnum):
    """The job statuses that can be written: `pending` and `processing` belong to the vendor's workflow."""

    NEW = "new"
    APPROVED = "approved"
    REJECTED = "rejected"
    CHANGE_REQUESTED = "change-requested"
    DONE = "done"
    EXPIRED = "expired"


class JobStatusFilter(enum.StrEnum):
    """The job statuses by which the job list can be filtered."""

    NEW = "new"
    APPROVED = "approved"
    REJECTED = "rejected"
    PENDING = "pending"
    PROCESSING = "processing"
    EXPIRED = "expired"


class AssigneeFilter(enum.StrEnum):
    """Whose jobs the job list shows."""

    ANY = "any"
    NONE = "none"
    ONLY = "only"
    USER = "user"


class DateField(enum.StrEnum):
    """Which date the job list's start and end date mean; `due_at` when not given."""

    ASSIGNED_AT = "assigned_at"
    CREATED_AT = "created_at"
    DUE_AT = "due_at"
    REVIEWED_AT = "reviewed_at"
    UPDATED_AT = "updated_at"


class JobSort(enum.StrEnum):
    """The columns by which the job list can be sorted."""

    ASG_EMAIL = "asg_email"
    CREATED_AT = "created_at"
    CUSTOMER = "customer"
    DUE_AT = "due_at"
    NAME = "name"
    OWNER = "owner"
    P_EMAIL = "p_email"
    SIZE = "size"
    UPDATED_AT = "updated_at"


class SortDirection(enum.StrEnum):
    """Which end comes first."""

    ASC = "ASC"
    DESC = "DESC"


class JobState(enum.StrEnum):
    """The job list's `state` filter."""

    DELETED = "deleted"


class JobCategory(enum.StrEnum):
    """What kind of job a default task is for; `file` when not given."""

    FILE = "file"
    FOLDER = "folder"
    ORDER = "order"


class TaskCategory(enum.StrEnum):
    """Every kind of task."""

    ASSIGN = "assign-task"
    FORWARD = "forward-task"
    QUOTE_REVIEW = "quote-review-task"
    REVIEW = "review-task"
    REVISION = "revision-task"
    UPLOAD = "upload-task"


class UploadTaskCategory(enum.StrEnum):
    """The kinds of task an upload or a revision can bring."""

    ASSIGN = "assign-task"
    FORWARD = "forward-task"
    REVIEW = "review-task"
    REVISION = "revision-task"
    UPLOAD = "upload-task"


class ListedTaskCategory(enum.StrEnum):
    """The kinds by which a job's task list can be filtered."""

    REVIEW = "review-task"
    UPLOAD = "upload-task"
    REVISION = "revision-task"
    ASSIGN = "assign-task"


class NotifyTaskCategory(enum.StrEnum):
    """The kinds a task can be sent as by its own notify call."""

    ASSIGN = "assign-task"
    FORWARD = "forward-task"
    REVIEW = "review-task"
    REVISION = "revision-task"


class AssignTaskCategory(enum.StrEnum):
    """The one kind that assigning to a team member knows."""

    ASSIGN = "assign-task"


class TaskStatus(enum.StrEnum):
    """The statuses a task shows, and that uploads, notifications and assignments accept."""

    NEW = "new"
    PAUSED = "paused"
    PROCESSING = "processing"
    DONE = "done"


class NewTaskStatus(enum.StrEnum):
    """The one status with which a task can be created."""

    NEW = "new"


class TaskStatusUpdate(enum.StrEnum):
    """The statuses to which a task can be updated."""

    CLOSED = "closed"
    DONE = "done"
    PAUSED = "paused"
    PROCESSING = "processing"


class NotifyTaskStatus(enum.StrEnum):
    """The statuses that go with a task's notify call."""

    NEW = "new"
    PAUSED = "paused"
    PROCESSING = "processing"


class Schedule(enum.StrEnum):
    """When a notification goes out."""

    NOW = "now"
    LATER = "later"


class NotifyReason(enum.StrEnum):
    """Why a notification is sent; `notify-task` when not given. `update-task` sends no e-mail."""

    NOTIFY_TASK = "notify-task"
    RESET_TASK = "reset-task"
    SEND_MESSAGE = "send-message"
    UPDATE_TASK = "update-task"


class UploadReason(enum.StrEnum):
    """Why an upload, a revision or an assignment is made; always needed.

    What sets `send-message-all` apart is not documented; the name suggests everybody concerned.
    """

    NOTIFY_TASK = "notify-task"
    RESET_TASK = "reset-task"
    SEND_MESSAGE = "send-message"
    SEND_MESSAGE_ALL = "send-message-all"
    UPDATE_TASK = "update-task"


class ReminderUnit(enum.StrEnum):
    """The unit of a reminder's quantity."""

    NONE = "none"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


class ReminderComparator(enum.StrEnum):
    """How a reminder stands to the due date."""

    NONE = "none"
    EQUAL = "equal"
    BEFORE = "before"
    AFTER = "after"
    NOW = "now"


class JobAction(enum.StrEnum):
    """What can be applied to a job."""

    INHERIT = "inherit"
    RENEW = "renew"
    SEND_TO_MIS = "send-to-mis"


class Inheritable(enum.StrEnum):
    """The properties that `inherit` can be told to leave alone."""

    ALT_TEXT = "alt_text"
    C_EMAIL = "c_email"
    DUE_AT = "due_at"
    P_EMAIL = "p_email"
    CUS_DOWNLOAD = "cus_download"
    SHOW_JOB_SPEC = "show_job_spec"
    SHOW_PREFLIGHT = "show_preflight"
