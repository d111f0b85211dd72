"""What can be chosen for the Approval Studio simulator."""

from __future__ import annotations

from typing import Final, Literal, cast

from pydantic import Field

from local.simulators.simulator import Simulator
from local.simulators.vendor import Settings

ASSET_STATUSES: Final = {"pending": "Pending", "processed": "Processed", "failed": "Failed"}
"""What an asset's processing has come to, and the word for it; only "Processed" is documented."""

STATE_CHANGES: Final = {
    "Active": ("OnHold", "Completed"),
    "OnHold": ("Active", "Completed"),
    "Completed": ("Active", "Archived"),
    "Archived": ("Active",),
    "InTransit": (),
}
"""To which states a project can be put from which; the diagram that said so is lost."""


class ApprovalStudioSettings(Settings):
    """Settings. Where the documentation is silent, the default is an assumption.

    In a table (a dict), what is not given keeps its default.

    username, password: of the API's user, who acts as user_uid. token_minutes: a token's life on the
    simulator's clock. login_failure_status, unauthorized_body: wrong credentials, and what a 401 carries.
    parameter_place: where the ids of calls stand whose request is lost. upload_parameters: "form" is the
    documented upload (part `File`, `ProjectUID` beside it), "query" the other one that is known (part
    `attachment`, the rest in the query). version_by_file_name: a file with the name of a project's asset
    becomes its next version; else only an UploadChangedAsset task makes one. file_names: "alike" if
    names are the same there that differ in letters' case, or in how an accent is written. processing: how it
    ends, after
    processing_seconds on the simulator's clock (0: at once); transit_seconds likewise for projects on their
    way to and from the archive. review_unprocessed: whether a task may ask to review an asset that is not
    processed. edit: "replace" clears what an edit of a project does not carry. missing_project: whether the
    list answers an id without a match with 404 or with no project. tag_length: the documentation says 20 and
    25. calls_per_…: the limits that end in 429. webhook_url: registered from the start, with webhook_secret.
    webhooks: "silent" withholds every webhook. retry_time_scale multiplies the half hour of retries and the
    webhook_delay_seconds until a webhook that is registered or deleted is so in effect.
    assets_in_task_events: whether events on tasks name the assets. link_origin: the origin that reviewUrl
    names, the simulator's page if None.
    """

    username: str = "studio@proofbridge.test"
    password: str = "local-studio-password"  # noqa: S105 - the local one
    user_uid: str = "USROWNER"
    token_minutes: float = Field(default=120, gt=0)
    login_failure_status: int = Field(default=401, ge=400, le=499)
    unauthorized_body: Literal["envelope", "empty"] = "envelope"
    parameter_place: Literal["either", "query", "body"] = "either"
    upload_parameters: Literal["form", "query"] = "form"
    version_by_file_name: bool = True
    file_names: Literal["exact", "alike"] = "exact"
    processing: Literal["succeed", "fail"] = "succeed"
    processing_seconds: float = Field(default=0, ge=0)
    transit_seconds: float = Field(default=0, ge=0)
    asset_statuses: dict[str, str] = ASSET_STATUSES
    review_unprocessed: bool = False
    state_changes: dict[str, tuple[str, ...]] = STATE_CHANGES
    edit: Literal["replace", "merge"] = "replace"
    missing_project: Literal["not_found", "empty"] = "not_found"
    project_name_field: str = "name"
    tag_length: int = Field(default=20, ge=1)
    calls_per_second: int | None = Field(default=None, ge=1)
    calls_per_minute: int | None = Field(default=None, ge=1)
    calls_per_hour: int | None = Field(default=None, ge=1)
    webhooks: Literal["send", "silent"] = "send"
    webhook_url: str | None = None
    webhook_secret: str = "local-studio-webhook-secret"  # noqa: S105 - the local one
    webhook_delay_seconds: float = Field(default=60, ge=0)
    webhook_timeout_seconds: float = Field(default=10, gt=0)
    retry_time_scale: float = Field(default=0.01, ge=0)
    assets_in_task_events: bool = True
    link_origin: str | None = None


def settings_of(simulator: Simulator) -> ApprovalStudioSettings:
    """Return the settings as they are now."""
    return cast("ApprovalStudioSettings", simulator.settings)  # made from this model when it started
