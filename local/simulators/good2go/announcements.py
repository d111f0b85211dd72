"""Good2Go's webhooks: what happened to a job, posted with HTTP Basic credentials."""

from __future__ import annotations

import json
import uuid
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from local.simulators.good2go.account import Account, Job
from local.simulators.good2go.settings import EVENT_NAMES, settings_of
from local.simulators.good2go.views import Views
from local.simulators.simulator import Simulator
from local.simulators.webhooks import Endpoint, RetryPolicy, WebhookSender

RETRY_DELAYS_SECONDS: Final = (30.0, 300.0)
_FIRST_SUCCESS, _AFTER_SUCCESS = 200, 300


class Announcements:
    """Sends a webhook for what a person or the API's caller did to a job."""

    def __init__(self, simulator: Simulator, account: Account, views: Views) -> None:
        self._simulator = simulator
        self._account = account
        self._views = views
        self.sender = WebhookSender(
            simulator.clock,
            RetryPolicy(lambda status: _FIRST_SUCCESS <= status < _AFTER_SUCCESS, RETRY_DELAYS_SECONDS),
            time_scale=lambda: settings_of(simulator).retry_time_scale,
            timeout_seconds=lambda: settings_of(simulator).webhook_timeout_seconds,
        )

    def by_api(self, what: str, job: Job, **data: Any) -> None:
        """Announce what the API's caller did, if the settings say that such things are announced."""
        if settings_of(self._simulator).webhooks_for_api_writes:
            self.by_person(what, job, by=self._account.email, **data)

    def by_person(
        self, what: str, job: Job, *, by: str, webhook: Literal["send", "silent"] = "send", **data: Any
    ) -> None:
        """Announce what a person did; `webhook` "silent" records the webhook and withholds it."""
        settings = settings_of(self._simulator)
        event = {**EVENT_NAMES, **settings.webhook_event_names}[what]
        payload: dict[str, Any] = {
            settings.webhook_event_field: event,
            "job": self._views.job(job),
            "data": {"from_email": by, **data},
        }
        if settings.webhook_event_id_field is not None:
            payload[settings.webhook_event_id_field] = str(uuid.uuid4())
        withheld = "silent" in (webhook, settings.webhooks) or settings.webhook_url is None
        self.sender.send(event, job.guid, json.dumps(payload).encode(), self._endpoint, withheld=withheld)

    def _endpoint(self) -> Endpoint | None:
        settings = settings_of(self._simulator)
        if settings.webhook_url is None:
            return None
        if "@" in urlsplit(settings.webhook_url).netloc:
            return Endpoint(settings.webhook_url)  # which carries its credentials itself
        credentials = (settings.webhook_username, settings.webhook_password)
        return Endpoint(settings.webhook_url, credentials=credentials)
