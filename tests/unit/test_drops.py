from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from proofbridge.domain.files.drops import FileDrop, NoDropError
from proofbridge.domain.files.messages import ProcessingHandle
from proofbridge.uploads.receipts import error_report, receipt
from tests.unit.observations import seen

EVENTS = Path(__file__).parents[2] / "events"


def s3_event() -> dict[str, Any]:
    message = json.loads((EVENTS / "relay_upload.json").read_text())["Records"][0]["body"]
    event: dict[str, Any] = json.loads(message)
    return event


def drop(**changes: Any) -> FileDrop:
    event = s3_event()
    event["detail"]["object"] |= changes
    return FileDrop.from_event(event)


def test_drop_is_read_when_s3_tells_of_a_file() -> None:
    found = FileDrop.from_event(s3_event())
    assert found == FileDrop(
        bucket="drop-bucket",
        key="drop/labels/summer-ale.pdf",
        version_id="IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
        sequencer="00617F08299329D189",
        size_bytes=1440,
        dropped_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
    )
    assert found.name == "summer-ale.pdf"
    assert found.content_type == "application/pdf"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("detail",), None),
        (("detail", "object"), {}),
        (("detail", "object", "version-id"), None),
        (("detail", "object", "sequencer"), None),
        (("detail", "object", "size"), "many"),
        (("detail", "object", "key"), "receipts/labels/a.pdf"),
        (("detail", "object", "key"), "drops/a.pdf"),
        (("detail", "bucket"), "drop-bucket"),
        (("time",), "yesterday"),
        (("time",), "2026-11-23T08:00:00"),
    ],
)
def test_event_refused_when_it_is_no_drop(place: tuple[str, ...], value: object) -> None:
    event = s3_event()
    within = event
    for key in place[:-1]:
        within = within[key]
    if value is None:
        del within[place[-1]]
    else:
        within[place[-1]] = value
    with pytest.raises(NoDropError):
        FileDrop.from_event(event)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("00617F08299329D189", "00617F08299329D18A"),
        ("00617F08", "00617F080000000001"),
        ("0061", "0062"),
        ("00617F0829", "00617F083"),
    ],
)
def test_drop_comes_after_when_its_sequencer_is_greater_at_whatever_length(earlier: str, later: str) -> None:
    assert drop(sequencer=later).comes_after(earlier)
    assert not drop(sequencer=earlier).comes_after(later)


def test_drop_does_not_come_after_itself_when_filled_with_zeros() -> None:
    assert not drop(sequencer="0061").comes_after("00610000")
    assert not drop(sequencer="00610000").comes_after("0061")


def test_content_type_is_general_when_the_ending_is_unknown() -> None:
    assert drop(key="drop/labels/artwork").content_type == "application/octet-stream"


def test_drop_reads_back_when_it_was_written() -> None:
    assert FileDrop.from_dict(json.loads(json.dumps(drop().to_dict()))) == drop()


def test_receipt_says_what_became_of_the_file() -> None:
    arrival = ProcessingHandle(seen().ref, 2, "ab" * 32, 3)
    shown = seen(url="https://v.test/ü")
    text = receipt(drop(), arrival, shown, "PB1", datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert json.loads(text) == {
        "file": "drop/labels/summer-ale.pdf",
        "version_id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
        "sha256": "ab" * 32,
        "bytes": 1440,
        "vendor": "good2go",
        "item": seen().ref.id,
        "version": 2,
        "url": "https://v.test/ü",
        "proof": "PB1",
        "attempts": 3,
        "seconds": 3600.0,
        "dropped_at": "2026-11-23T08:00:00.000Z",
        "relayed_at": "2026-11-23T09:00:00.000Z",
    }


def test_error_report_says_what_is_wrong_and_what_to_do() -> None:
    text = error_report(drop(), "It is empty.", "Drop it again.", datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert json.loads(text) == {
        "file": "drop/labels/summer-ale.pdf",
        "version_id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
        "at": "2026-11-23T09:00:00.000Z",
        "problem": "It is empty.",
        "what_to_do": "Drop it again.",
    }
