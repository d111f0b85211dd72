"""What Good2Go answers. Field names are the vendor's own; None stands for null, blank and left out."""

from __future__ import annotations

from pydantic import Field

from proofbridge.vendors.reading import (
    Amount,
    AnswerModel,
    Count,
    Flag,
    Known,
    Many,
    Moment,
    Part,
    RequiredText,
    Text,
)

from .enums import JobStatus, ReminderComparator, ReminderUnit, Schedule, TaskCategory, TaskStatus


class DeleteOptions(AnswerModel):
    """What deleting would do: `trash` where the account keeps deleted jobs."""

    action: Text = None


class AccessControl(AnswerModel):
    """What the account may do with a job."""

    can_assign: Flag = None
    can_delete: Flag = None
    can_download: Flag = None
    can_edit: Flag = None
    can_view: Flag = None
    control_job: Flag = None
    delete_options: Part[DeleteOptions] = None
    doc_token: Text = None


class _JobFields(AnswerModel):
    """What lists and single jobs have in common.

    `label`, `alt_text`, `show_job_spec`, `show_preflight` and `puid` can be written but stand in no
    documented answer; they are read where they come.
    """

    ac: Part[AccessControl] = None
    alt_text: Text = None
    asg_email: Text = None
    c_email: Text = None
    created_at: Moment = None
    cus_download: Flag = None
    deleted_at: Moment = None
    due_at: Moment = None
    has_comment: Flag = None
    is_folder: Flag = None
    is_own: Flag = None
    is_portal: Flag = None
    is_watching: Flag = None
    label: Text = None
    locked: Flag = None
    name: Text = None
    newly_assigned: Flag = None
    p_email: Text = None
    parent_guid: Text = None
    path_url: Text = None
    puid: Text = None
    show_job_spec: Flag = None
    show_preflight: Flag = None
    size: Count = None
    source: Text = None
    status: Known[JobStatus] = None
    type: Text = None
    updated_at: Moment = None
    version: Count = None


class JobSummary(_JobFields):
    """A job as the list shows it ("Get job list")."""

    guid: RequiredText
    reminded_at: Moment = None
    set_to_me: Flag = None
    user_email: Text = None


class Annotations(AnswerModel):
    """How many annotations a document carries."""

    annot_cnt: Count = None
    annot_cnt_plus: Flag = None


class Page(AnswerModel):
    """One page of a document; width and height in the document's own unit."""

    bits: Count = None
    color: Text = None
    height: Amount = None
    mime: Text = None
    width: Amount = None


class MoreInfo(AnswerModel):
    """What Good2Go found out about a document; depends on its type."""

    annotations: Part[Annotations] = None
    page_count: Count = Field(default=None, alias="pageCount")
    pages: Many[Page] = ()


class _SingleJobFields(_JobFields):
    """What only a single job shows."""

    asg_name: Text = None
    assigned_at: Moment = None
    c_name: Text = None
    more_info: Part[MoreInfo] = None
    p_name: Text = None
    reviewed_at: Moment = None


class Job(_SingleJobFields):
    """A job as it is shown alone ("Get job information")."""

    guid: RequiredText


class ParentFolder(_SingleJobFields):
    """All that is known of the folder in which a job lies; the root may have no `guid`."""

    guid: Text = None


class PageLinks(AnswerModel):
    """Links between pages. They name another host over http: for show, never followed."""

    first: Text = None
    last: Text = None
    prev: Text = None
    next: Text = None


class PageMeta(AnswerModel):
    """Where a page of the job list stands among the others."""

    current_page: Count = None
    from_: Count = Field(default=None, alias="from")
    last_page: Count = None
    path: Text = None
    per_page: Count = None
    to: Count = None
    total: Count = None


class JobPage(AnswerModel):
    """One page of the job list; `guid`, `name` and `parent_guid` are the folder's, None for the root."""

    data: Many[JobSummary]
    ac: Part[AccessControl] = None
    guid: Text = None
    links: Part[PageLinks] = None
    meta: Part[PageMeta] = None
    name: Text = None
    p_email: Text = None
    parent_guid: Text = None


class Contact(AnswerModel):
    """A job's customer or partner. A partner's address and name are `c_email` and `c_name` too."""

    address: Text = None
    alt_phone: Text = None
    c_email: Text = None
    c_name: Text = None
    city: Text = None
    company: Text = None
    created_at: Moment = None
    group: Text = None
    id: Count = None
    identity: Text = None
    phone: Text = None
    state: Text = None
    updated_at: Moment = None
    valid_email: Flag = None
    zip_code: Text = None


class Owner(AnswerModel):
    """The owner of a job."""

    email: Text = None
    full_name: Text = None


class Ownership(AnswerModel):
    """Whose a job is, and where it lies."""

    guid: RequiredText
    owner: Part[Owner] = None
    parent: Part[ParentFolder] = None
    parent_guid: Text = None


class Task(AnswerModel):
    """A task of a job. `id` is None only for a default task that does not exist yet."""

    id: Count = None
    assigned_to: Text = None
    category: Known[TaskCategory] = None
    created_at: Moment = None
    due_at: Moment = None
    executed_at: Moment = None
    job_status: Known[JobStatus] = None
    req_confirm: Flag = None
    status: Known[TaskStatus] = None
    updated_at: Moment = None


class Reminder(AnswerModel):
    """A reminder of a job, or an entry of its notification history.

    `id` names nothing by itself: it is -1 for every manual reminder, and two automatic ones may share one.
    """

    id: Count = None
    cancelled: Flag = None
    comparator: Known[ReminderComparator] = None
    created_at: Moment = None
    date: Moment = None
    is_auto: Flag = None
    job_guid: Text = None
    quantity: Count = None
    schedule: Known[Schedule] = None
    unit: Known[ReminderUnit] = None
    updated_at: Moment = None


class NotifiedReviewer(AnswerModel):
    """A person or a group that was asked to review."""

    email: Text = None
    group: Text = None


class NotifiedTask(AnswerModel):
    """The task that a notification is about."""

    category: Known[TaskCategory] = None
    due_at: Moment = None
    req_confirm: Flag = None
    status: Known[TaskStatus] = None


class Notification(AnswerModel):
    """A notification. It was written with `reviewers`, but answers with `reviewer`."""

    comments: Text = None
    reason: Text = None
    recipient: Text = None
    reviewer: Many[NotifiedReviewer] = ()
    schedule: Known[Schedule] = None
    task: Part[NotifiedTask] = None


class Assignment(AnswerModel):
    """A job given to a team member."""

    assignee: Text = None
    comments: Text = None
    task: Part[Task] = None


class ChangeLog(AnswerModel):
    """One entry of a job's history. For people: nothing may be decided from `category` or `comments`."""

    id: Count = None
    category: Text = None
    comments: Text = None
    created_at: Moment = None
    from_email: Text = None
    job_guid: Text = None


class LockState(AnswerModel):
    """Whether a job is locked."""

    locked: Flag
    guid: Text = None


class Analytics(AnswerModel):
    """Numbers over all jobs, or over those of one folder (`guid`, `name`)."""

    approved: Count = None
    created_at: Moment = None
    data_size_mb: Count = None
    due_cnt: Count = None
    guid: Text = None
    id: Count = None
    live_files: Count = None
    locked_at: Moment = None
    name: Text = None
    processed: Count = None
    rejected: Count = None
    signed_at: Moment = None
    updated_at: Moment = None
