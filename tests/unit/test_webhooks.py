from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from proofbridge.config.loader import Good2GoSettings, VendorSettings
from proofbridge.domain.items import ReviewStatus, Vendor
from proofbridge.events.readers import MAX_ITEMS, readers
from proofbridge.stores.inbox import Event, Source
from tests.unit.observations import JOB, START

WEBHOOK = json.loads((Path(__file__).parents[2] / "events" / "receive_good2go.json").read_text())["body"]
TRUSTING = readers(VendorSettings(good2go=Good2GoSettings(fetch_back=False)))[Vendor.GOOD2GO]


def event(body: str = WEBHOOK) -> Event:
    return Event(str(JOB), "e1", Source.WEBHOOK, START, body)


@pytest.mark.parametrize("fetch_back", [True, False])
def test_webhook_is_a_hint_only_when_the_vendor_is_to_be_asked(*, fetch_back: bool) -> None:
    settings = VendorSettings(good2go=Good2GoSettings(fetch_back=fetch_back))
    assert readers(settings)[Vendor.GOOD2GO](event()).is_hint is fetch_back


def test_state_is_read_from_the_webhook() -> None:
    observed = TRUSTING(event()).observation
    assert observed is not None
    assert (observed.ref, observed.observed_at) == (JOB, START)
    assert observed.status is ReviewStatus.APPROVED
    assert observed.name == "summer-ale.pdf"
    assert {"reviewers", "comment", "decided_by"} <= set(observed.silent_on)


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {},
        {"job": None},
        {"job": []},
        {"job": {"name": "x"}},
        {"job": {"guid": "a", "version": "first"}},
        {"job": {"guid": "a", "updated_at": "yesterday"}},
    ],
)
def test_webhook_refused_when_its_job_is_not_as_documented(payload: Any) -> None:
    with pytest.raises(ValueError, match="not of the documented form"):
        TRUSTING(event(json.dumps(payload)))


def test_webhook_refused_when_it_is_not_json() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        TRUSTING(event("{"))


STUDIO_ASSET = "approval-studio#asset#A1"


def studio_event(body: object) -> Event:
    return Event(STUDIO_ASSET, "e1", Source.WEBHOOK, START, json.dumps(body))


@pytest.mark.parametrize(
    ("data", "also"),
    [
        ({"AssetUID": "A1"}, []),
        (
            {"ProjectUID": "P1", "AssetUIDs": ["A1", "A2", None, "A1", 7, "A3", "A2"]},
            ["asset#A2", "asset#A3"],
        ),
        ({"AssetUID": "A2", "AssetUIDs": ["A1"]}, ["asset#A2"]),
    ],
)
def test_approval_studio_is_always_asked_since_its_webhooks_carry_ids_only(
    data: dict[str, Any], also: list[str]
) -> None:
    reading = readers(VendorSettings())[Vendor.APPROVAL_STUDIO](
        studio_event({"EventType": "task.approved", "Data": data})
    )

    assert (reading.observation, reading.is_hint) == (None, True)
    assert [str(ref) for ref in reading.also] == [f"approval-studio#{each}" for each in also]


@pytest.mark.parametrize(
    "body",
    [
        {"EventType": "task.reopened", "Data": {"AssetUID": "A1"}},
        {"Data": {"AssetUID": "A1"}},
        [],
        {
            "EventType": "task.approved",
            "Data": {"AssetUIDs": [f"A{number}" for number in range(MAX_ITEMS + 1)]},
        },
    ],
)
def test_webhook_of_approval_studio_refused_when_it_names_nothing_or_too_much(body: object) -> None:
    with pytest.raises(ValueError, match="the webhook"):
        readers(VendorSettings())[Vendor.APPROVAL_STUDIO](studio_event(body))
