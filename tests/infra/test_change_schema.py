"""The published schema fits what is published, and refuses what is not."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from proofbridge.domain.changes import ChangeKind, Difference, StoredItem, diff
from proofbridge.domain.cloud_events import cloud_event
from proofbridge.domain.items import Decision, ItemKind, ItemRef, Observation, Person, ReviewStatus, Vendor

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schemas/change-v1.json").read_text())
FIRST = Observation(
    ref=ItemRef(Vendor.GOOD2GO, ItemKind.JOB, "0f6d3c1a-5b7e-4c2f-9d1e-2a3b4c5d6e7f"),
    observed_at=NOW,
    updated_at=NOW,
    status=ReviewStatus.NOT_STARTED,
    vendor_status="new",
    name="label.pdf",
    version=1,
    due_at=NOW + timedelta(days=3),
    assignee="prepress@printshop.test",
    reviewers=(Person("customer@brand.test", "Customer", Decision.APPROVED, "1"),),
    comment="Hello",
    decided_by="customer@brand.test",
    url="http://good2go.test/job",
    project="6f1f4c1e-0b1d-4c53-9a55-0d6f1a2b3c4d",
)
OTHER = dataclasses.replace(
    FIRST,
    observed_at=NOW + timedelta(hours=1),
    updated_at=NOW + timedelta(hours=1),
    status=ReviewStatus.APPROVED,
    name="label-2.pdf",
    version=2,
    due_at=None,
    assignee=None,
    comment="Bye",
)


def published(difference: Difference | None) -> list[dict[str, Any]]:
    assert difference is not None
    return [cloud_event(change, difference.merged, "PB1", NOW) for change in difference.changes]


def everything() -> list[dict[str, Any]]:
    """A CloudEvent of every kind of change."""
    gone = Observation(FIRST.ref, NOW + timedelta(hours=2), deleted=True)
    stored = StoredItem(FIRST, 1, "PB1")
    return published(diff(None, FIRST)) + published(diff(stored, OTHER)) + published(diff(stored, gone))


def test_every_kind_of_change_fits_the_schema() -> None:
    events = everything()

    assert {event["data"]["kind"] for event in events} == set(ChangeKind)
    for event in events:
        jsonschema.validate(json.loads(json.dumps(event)), SCHEMA)


@pytest.mark.parametrize("field", SCHEMA["required"])
def test_schema_refuses_an_event_when_a_field_is_missing(field: str) -> None:
    event = everything()[0]
    del event[field]

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(event, SCHEMA)


def test_schema_names_every_status_and_field_of_an_item() -> None:
    assert set(SCHEMA["$defs"]["status"]["enum"]) == set(ReviewStatus)
    fields = {field.name for field in dataclasses.fields(Observation)} - {"silent_on"}
    assert set(SCHEMA["$defs"]["item"]["properties"]) == fields
