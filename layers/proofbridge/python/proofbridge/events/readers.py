"""What vendors' webhooks say, in our words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from proofbridge.config.loader import VendorSettings
from proofbridge.domain.items import Vendor
from proofbridge.events.process import Reading, WebhookReader
from proofbridge.stores.inbox import Event
from proofbridge.vendors.approval_studio.receiver import named_items
from proofbridge.vendors.good2go.gateway import observation
from proofbridge.vendors.good2go.models import Job

MAX_ITEMS: Final = 200
"""How many items one event may name: each takes a message of its own."""


def readers(settings: VendorSettings) -> Mapping[Vendor, WebhookReader]:
    """Return the reader of each vendor's webhooks."""
    return {
        Vendor.GOOD2GO: lambda event: _read_good2go(event, fetch_back=settings.good2go.fetch_back),
        Vendor.APPROVAL_STUDIO: _read_approval_studio,
    }


def _read_good2go(event: Event, *, fetch_back: bool) -> Reading:
    """Read the `job` of a Good2Go webhook; `data` depends on the event and nothing is decided from it."""
    try:
        job = Job.model_validate(json.loads(event.body)["job"])
    except (ValidationError, KeyError, TypeError):
        raise ValueError("the webhook's job is not of the documented form") from None
    return Reading(observation(job, event.received_at), is_hint=fetch_back)


def _read_approval_studio(event: Event) -> Reading:
    """Read which items an Approval Studio webhook names, by ids only; the event stands under one of them."""
    try:
        named = named_items(json.loads(event.body))
    except (KeyError, TypeError):
        raise ValueError("the webhook is not of the documented form") from None
    if len(named) > MAX_ITEMS:
        raise ValueError(f"the webhook names {len(named)} items; {MAX_ITEMS} are allowed")
    return Reading(None, is_hint=True, also=tuple(ref for ref in named if ref != event.ref))
