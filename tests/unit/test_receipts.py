"""What is written beside the record of a file that could not be relayed; receipts have tests of the relay."""

from __future__ import annotations

import json

import pytest

from proofbridge.domain.files.drops import FileDrop
from proofbridge.domain.items import Vendor
from proofbridge.uploads.receipts import error_report
from tests.unit.observations import START, at

DROP = FileDrop("bucket", "drop/labels/größe.pdf", "V1", "01", 9, START)


@pytest.mark.parametrize(("vendor", "named"), [(None, {}), (Vendor.ROBOHEAD, {"vendor": "robohead"})])
def test_error_says_what_is_wrong_with_which_version_where_and_what_to_do(
    vendor: Vendor | None, named: dict[str, str]
) -> None:
    text = error_report(DROP, "It is too large.", "Make it smaller.", at(1), vendor)
    assert json.loads(text) == {
        "file": "drop/labels/größe.pdf",
        "version_id": "V1",
        **named,
        "at": at(1).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "problem": "It is too large.",
        "what_to_do": "Make it smaller.",
    }
    assert "größe" in text, "for people to read"
