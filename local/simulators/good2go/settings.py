"""What can be chosen for the Good2Go simulator."""

from __future__ import annotations

from typing import Final, Literal, cast

from pydantic import Field

from local.simulators.simulator import Simulator
from local.simulators.vendor import Settings

EVENT_NAMES: Final = {
    "created": "job.created",
    "uploaded": "job.uploaded",
    "revised": "job.revision",
    "updated": "job.updated",
    "status": "job.status-changed",
    "approved": "job.approved",
    "rejected": "job.rejected",
    "change-requested": "job.change-requested",
    "expired": "job.expired",
    "commented": "job.commented",
    "assigned": "job.assigned",
    "deleted": "job.deleted",
}
"""What can happen to a job, and the webhook event's name for it."""


class Good2GoSettings(Settings):
    """Settings. Where the documentation is silent, the default is an assumption.

    token: the API key. webhooks: "silent" withholds every webhook. webhook_url: None withholds them too; it
    may carry HTTP Basic credentials, else webhook_username and webhook_password are sent. retry_time_scale
    multiplies the 30 s and 300 s of the webhooks' retries. webhook_event_field and webhook_event_names: the
    documentation lost them; names not given here keep their default. webhook_event_id_field: where an event
    carries an id of its own; None sends none. webhooks_for_api_writes: whether what the API's caller does is
    announced too. puid_in_responses: no documented response has it.
    review_task_category_shown: samples show "review-reminders". task_due_at_sets_job_due_at: whether a
    task's due date becomes the job's. reset_task_sends_email: only update-task is said to send none.
    approval_needs_all_reviewers: else the first decision is the job's. plain_reviewers: whether `reviewers[]`
    may hold bare texts, as in the samples. whole_seconds: the samples' moments all end in .000Z.
    per_page: jobs per page. link_origin: the origin that `links` and `path_url` name. max_file_bytes: the
    largest file. actions_permitted: False answers an action with 403. download_available: False answers 503.
    """

    token: str = "g2g-local-token"  # noqa: S105 - the local one
    account_email: str = "owner@printshop.test"
    team_members: tuple[str, ...] = ("prepress@printshop.test", "owner@printshop.test")
    trash_on_delete: bool = True
    per_page: int = Field(default=10, ge=1)
    link_origin: str = "http://www.good2gosoftware.com"
    puid_in_responses: bool = False
    review_task_category_shown: str = "review-task"
    task_due_at_sets_job_due_at: bool = True
    reset_task_sends_email: bool = True
    approval_needs_all_reviewers: bool = False
    plain_reviewers: bool = False
    whole_seconds: bool = True
    max_file_bytes: int | None = None
    fetch_timeout_seconds: float = 30
    actions_permitted: bool = True
    download_available: bool = True
    validation_status: int = Field(default=422, ge=400, le=499)
    webhooks: Literal["send", "silent"] = "send"
    webhook_url: str | None = None
    webhook_username: str = "good2go"
    webhook_password: str = "local-webhook-password"  # noqa: S105 - the local one
    webhook_timeout_seconds: float = Field(default=10, gt=0)
    webhook_event_field: str = "event"
    webhook_event_names: dict[str, str] = EVENT_NAMES
    webhook_event_id_field: str | None = None
    webhooks_for_api_writes: bool = True
    retry_time_scale: float = Field(default=0.01, ge=0)


def settings_of(simulator: Simulator) -> Good2GoSettings:
    """Return the settings as they are now."""
    return cast("Good2GoSettings", simulator.settings)  # made from this model when it started
