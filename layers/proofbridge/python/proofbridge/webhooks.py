"""What vendors' webhooks say, in our words."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import ValidationError

from proofbridge.config import VendorSettings
from proofbridge.items import Vendor
from proofbridge.process import Reading, WebhookReader
from proofbridge.stores.inbox import Event
from proofbridge.vendors.good2go.gateway import observation
from proofbridge.vendors.good2go.models import Job


def readers(settings: VendorSettings) -> Mapping[Vendor, WebhookReader]:
    """Return the reader of each vendor's webhooks."""
    return {
        Vendor.GOOD2GO: lambda event: _read_good2go(event, fetch_back=settings.good2go.fetch_back),
        # It sends ids only, and those are read when it is received.
        Vendor.APPROVAL_STUDIO: lambda _: Reading(None, is_hint=True),
    }


def _read_good2go(event: Event, *, fetch_back: bool) -> Reading:
    """Read the `job` of a Good2Go webhook; `data` depends on the event and nothing is decided from it."""
    try:
        job = Job.model_validate(json.loads(event.body)["job"])
    except (ValidationError, KeyError, TypeError):
        raise ValueError("the webhook's job is not of the documented form") from None
    return Reading(observation(job, event.received_at), is_hint=fetch_back)
