"""Approval Studio's webhooks: events with ids, posted with the endpoint's secret, for half an hour."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from local.simulators.approval_studio.settings import settings_of
from local.simulators.approval_studio.studio import Asset, Project, Studio, Task, Webhook, new_uid
from local.simulators.approval_studio.words import EventType
from local.simulators.webhooks import Endpoint, RetryPolicy, WebhookSender

RETRY_DELAYS_SECONDS: Final = (10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 570.0, 600.0)
_OK = 200
_FEWEST_DIGITS = 5


class Announcements:
    """Sends an event to every webhook that is in effect."""

    def __init__(self, studio: Studio) -> None:
        simulator = studio.simulator
        self._simulator = simulator
        self._studio = studio
        self._silent = False
        self.sender = WebhookSender(
            simulator.clock,
            RetryPolicy(lambda status: status == _OK, RETRY_DELAYS_SECONDS),
            time_scale=lambda: settings_of(simulator).retry_time_scale,
            timeout_seconds=lambda: settings_of(simulator).webhook_timeout_seconds,
        )

    def register(self, url: str, *, secret: str | None = None) -> Webhook:
        """Add a webhook; without a secret of its own it gets a new one and takes effect later."""
        now = self._studio.now
        from_at = now if secret else now + self._delay
        webhook = Webhook(new_uid(), url, secret or secrets.token_hex(16).upper(), now, from_at)
        self._studio.webhooks[webhook.uid] = webhook
        return webhook

    def delete(self, webhook: Webhook) -> None:
        """Delete a webhook, which takes effect later."""
        webhook.until_at = self._studio.now + self._delay

    @contextlib.contextmanager
    def by_person(self, webhook: Literal["send", "silent"]) -> Iterator[None]:
        """Withhold what is announced inside, if `webhook` is "silent"."""
        self._silent = webhook == "silent"
        try:
            yield
        finally:
            self._silent = False

    def about_project(self, event: EventType, project: Project, **data: Any) -> None:
        """Tell of a project."""
        self._tell(event, project.uid, {"ProjectUID": project.uid, **data})

    def about_asset(self, event: EventType, asset: Asset) -> None:
        """Tell of an asset."""
        self._tell(event, asset.uid, {"ProjectUID": asset.project_uid, "AssetUID": asset.uid})

    def about_task(self, event: EventType, task: Task) -> None:
        """Tell of a task."""
        data: dict[str, Any] = {"ProjectUID": task.project_uid, "TaskUID": task.uid, "TaskType": task.type}
        if settings_of(self._simulator).assets_in_task_events:
            data["AssetUIDs"] = list(task.asset_uids)
        self._tell(event, task.uid, data)

    def about_part(self, event: EventType, uid: str, **data: Any) -> None:
        """Tell of an annotation or a reference document."""
        self._tell(event, uid, data)

    def test(self, webhook: Webhook) -> None:
        """Send a test event to one webhook, also before it is in effect."""
        self._post([webhook], "webhook.test", webhook.uid, {"WebhookUID": webhook.uid})

    @property
    def _delay(self) -> timedelta:
        settings = settings_of(self._simulator)
        return timedelta(seconds=settings.webhook_delay_seconds * settings.retry_time_scale)

    def _tell(self, event: EventType, uid: str, data: dict[str, Any]) -> None:
        now = self._studio.now
        self._post(
            [hook for hook in self._studio.webhooks.values() if _in_effect(hook, now)], event, uid, data
        )

    def _post(self, webhooks: Iterable[Webhook], event: EventType, uid: str, data: dict[str, Any]) -> None:
        withheld = self._silent or settings_of(self._simulator).webhooks == "silent"
        payload = {
            "EventId": secrets.token_urlsafe(16),
            "EventType": event,
            "Created": _created(self._studio.now),
            "Data": data,
        }
        body = json.dumps(payload).encode()
        for webhook in webhooks:
            self.sender.send(event, uid, body, self._endpoint_of(webhook), withheld=withheld)

    def _endpoint_of(self, webhook: Webhook) -> _Target:
        return _Target(self._studio, webhook)


class _Target:
    """Where a delivery goes, asked at each attempt: nowhere any more once the webhook's deletion counts."""

    def __init__(self, studio: Studio, webhook: Webhook) -> None:
        self._studio = studio
        self._webhook = webhook

    def __call__(self) -> Endpoint | None:
        until_at = self._webhook.until_at
        if until_at is not None and self._studio.now >= until_at:
            return None
        return Endpoint(self._webhook.url, headers={"Api-Secret": self._webhook.secret})


def _in_effect(webhook: Webhook, now: datetime) -> bool:
    return webhook.from_at <= now and (webhook.until_at is None or now < webhook.until_at)


def _created(now: datetime) -> str:
    """Write a moment as the vendor does: Z, and no zeros at the end of its 7 digits, but 5 at least."""
    moment = now.astimezone(UTC)
    digits = f"{moment:%f}{secrets.randbelow(10)}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{digits.rstrip('0').ljust(_FEWEST_DIGITS, '0')}Z"
