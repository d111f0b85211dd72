"""What Good2Go's uploads and notifications do with people: a task for each of them, and e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from local.simulators.good2go.account import Account, Job, ManualNotice, Task
from local.simulators.good2go.settings import settings_of
from local.simulators.good2go.words import Moment, Reviewer, Reviewers
from local.simulators.validation import Strict, check
from local.simulators.vendor import ViolationError


class TaskFields(Strict):
    """The fields that every `task` object has; its `category` and `status` differ by call."""

    nullable: ClassVar[frozenset[str]] = frozenset({"due_at"})

    due_at: Moment | None = None
    req_confirm: bool | None = None


class Defaults(Strict):
    """The object `default`: which fields take their default if they are not given."""

    comments: bool | None = None
    task: bool | None = None
    reviewers: bool | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification to send, or tasks to set up, for one category of task.

    `category` None: no task is spoken of. `reviewers` None: not given.
    """

    category: str | None
    reason: str
    schedule: str | None
    comments: str | None = None
    recipient: str | None = None
    reviewers: Sequence[Reviewer] | None = None
    due_at: datetime | None = None
    req_confirm: bool | None = None
    status: str | None = None
    default_comments: bool = False
    default_task: bool = False
    default_reviewers: bool = False


class Notices:
    """Carries out notices on jobs."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def carry_out(self, job: Job, notice: Notice) -> list[str]:
        """Set up the tasks and send the e-mail; returns to whom it was sent."""
        self._take_recipient(job, notice)
        if notice.reason == "reset-task":
            self._account.reset_review(job)
        category = notice.category or ("review-task" if notice.default_task else None)
        people = self._people(job, notice, category)
        if category is not None and notice.reason in {"notify-task", "reset-task", "update-task"}:
            for person in people:
                self._set_up(job, category, person, notice)
            if notice.due_at is not None and settings_of(self._account.simulator).task_due_at_sets_job_due_at:
                job.due_at = notice.due_at
        comments = notice.comments or (job.last_comment if notice.default_comments else None)
        if category is not None:
            job.notifications[category] = {
                "comments": comments,
                "recipient": job.p_email if category == "forward-task" else job.c_email,
                "reviewer": [reviewer.given() for reviewer in notice.reviewers or ()],
            }
        if notice.comments:
            self._account.log(job, "comments", notice.comments)
        if notice.reason == "send-message-all":
            people = [*people, *(task.assigned_to for task in job.tasks.values())]
        self._account.touch(job)
        return self.send(job, category or "", list(dict.fromkeys(people)), notice.reason, notice.schedule)

    def check_reviewers(self, given: Reviewers | None) -> list[Reviewer] | None:
        """Return the reviewers of a request; ViolationError for bare texts, unless they are allowed."""
        if given is None:
            return None
        reviewers = []
        for reviewer in given:
            if isinstance(reviewer, Reviewer):
                reviewers.append(reviewer)
            elif settings_of(self._account.simulator).plain_reviewers:
                field = "email" if "@" in reviewer else "group"
                reviewers.append(check(Reviewer, {field: reviewer}))
            else:
                raise ViolationError("reviewers: each must be an object with email or group")
        return reviewers

    def send(
        self, job: Job, category: str, people: list[str], reason: str, schedule: str | None
    ) -> list[str]:
        """Send the e-mail of a notice, now or never; returns to whom it was sent."""
        silent = reason == "update-task" or (
            reason == "reset-task" and not settings_of(self._account.simulator).reset_task_sends_email
        )
        if silent or schedule is None or not people:
            return []
        if schedule == "later":
            job.notices.append(ManualNotice(category, job.due_at, "later"))
            return []
        now = self._account.now
        job.notices.append(ManualNotice(category, now, "now"))
        job.reminded_at = now
        for task in job.tasks.values():
            if task.assigned_to in people and task.category == category:
                task.executed_at = task.updated_at = now
        self._account.log(job, "notification.manual", f"E-mail sent to {', '.join(people)}")
        return people

    def find(self, job: Job, category: str, assigned_to: str) -> Task | None:
        """Return somebody's newest task of a category."""
        tasks = (t for t in reversed(job.tasks.values()) if t.category == category)
        return next((task for task in tasks if task.assigned_to == assigned_to), None)

    def _take_recipient(self, job: Job, notice: Notice) -> None:
        if notice.recipient is None:
            return
        if notice.category == "forward-task":
            self._account.set_partner(job, notice.recipient)
        else:
            self._account.set_customer(job, notice.recipient)

    def _people(self, job: Job, notice: Notice, category: str | None) -> list[str]:
        """Return the recipient and the reviewers; without any, those who have such a task already."""
        people = [] if notice.recipient is None else [notice.recipient]
        people += [reviewer.email or reviewer.group or "" for reviewer in notice.reviewers or ()]
        assigned = [task.assigned_to for task in job.tasks.values() if task.category == category]
        if notice.reviewers is None and (notice.default_reviewers or not people):
            people += assigned
        responsible = job.p_email if category == "forward-task" else job.c_email
        if not people and responsible is not None:
            people = [responsible]
        return list(dict.fromkeys(people))

    def _set_up(self, job: Job, category: str, person: str, notice: Notice) -> None:
        task = self.find(job, category, person) or self._account.add_task(job, category, person)
        if notice.due_at is not None:
            task.due_at = notice.due_at
        elif notice.default_task and task.due_at is None:
            task.due_at = job.due_at
        if notice.req_confirm is not None:
            task.req_confirm = notice.req_confirm
        if notice.status is not None:
            task.status = notice.status
        task.updated_at = self._account.now


def notice_of(
    *,
    task: Any,
    default: Defaults | None,
    reason: str,
    schedule: str | None,
    comments: str | None,
    recipient: str | None = None,
    reviewers: Sequence[Reviewer] | None = None,
) -> Notice:
    """Put the parts of a request together; `task` is the model of its `task` object, or None."""
    return Notice(
        category=None if task is None else task.category,
        reason=reason,
        schedule=schedule,
        comments=comments,
        recipient=recipient,
        reviewers=reviewers,
        due_at=None if task is None else task.due_at,
        req_confirm=None if task is None else task.req_confirm,
        status=None if task is None else task.status,
        default_comments=default is not None and bool(default.comments),
        default_task=default is not None and bool(default.task),
        default_reviewers=default is not None and bool(default.reviewers),
    )
