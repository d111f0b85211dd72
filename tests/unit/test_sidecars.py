"""What a sidecar, or an object's metadata, say of a file."""

from __future__ import annotations

import codecs
from typing import Any

import pytest

from proofbridge.domain.items import Vendor
from proofbridge.uploads.sidecars import (
    MAX_SIDECAR_BYTES,
    Sidecar,
    SidecarError,
    read_metadata,
    read_sidecar,
)

SAID = '{\r\n\t"message": "Für Süd"\r\n}\r\n'


@pytest.mark.parametrize(
    "text",
    [
        SAID.encode(),
        codecs.BOM_UTF8 + SAID.encode(),
        codecs.BOM_UTF16_LE + SAID.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + SAID.encode("utf-16-be"),
        SAID.encode("utf-16-le"),
        SAID.encode().ljust(MAX_SIDECAR_BYTES),
    ],
)
def test_sidecar_is_read_as_editors_and_shells_save_it(text: bytes) -> None:
    assert read_sidecar(text) == Sidecar(message="Für Süd")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"", "the file: is empty; where nothing is to be said, write {}"),
        (b" \r\n", "the file: is empty; where nothing is to be said, write {}"),
        (codecs.BOM_UTF8, "the file: is empty; where nothing is to be said, write {}"),
        (b"{due: x}", "the file: Invalid JSON: key must be a string at line 1 column 2"),
        (b'{"due": "x"', "the file: Invalid JSON: EOF while parsing an object at line 1 column 11"),
        ('{"message": "Süd"}'.encode("cp1252"), "the file: is no text in UTF-8; save it as that"),
        (b'{"message": "\\ud800"}', "the file: Invalid JSON: unexpected end of hex escape"),
        (b"[" * 9_000, "the file: Invalid JSON: recursion limit exceeded"),
        (b'{"fields": ' * 150 + b"1" + b"}" * 150, "fields.fields: Input should be a valid string"),
        (b"9" * 9_000, "the file: Invalid JSON: number out of range"),
        (b"{}".ljust(MAX_SIDECAR_BYTES + 1), "the file: has more than 65,536 bytes"),
        (b'{"due": "+1 days 12:00 UTC", "due": "+2 days 12:00 UTC"}', "due: stands twice"),
        (b'{"good2go": {"folder": null, "folder": null}}', "folder: stands twice"),
        (b'{"project": NaN}', "the file: Invalid JSON: expected value at line 1 column 13"),
        (b'{"due": null, "Message": "x"}', "Message: is unknown; allowed: approval-studio, category"),
        (b"null", "the file: must be a JSON object"),
        (b'"due"', "the file: must be a JSON object"),
        (b'{"fields": {"order": 4711}}', "fields.order: Input should be a valid string"),
        (b'{"fields": {"order": null}}', "fields.order: Input should be a valid string"),
    ],
)
def test_sidecar_is_refused_with_what_is_wrong_when_it_can_not_be_read(text: bytes, problem: str) -> None:
    with pytest.raises(SidecarError) as caught:
        read_sidecar(text)
    assert str(caught.value).startswith(problem)


def test_null_leaves_what_the_destination_says() -> None:
    said = read_sidecar(b'{"due": null, "message": null, "reviewers": null, "good2go": {"folder": null}}')
    assert (said.of_vendors, said.of_vendor(Vendor.GOOD2GO)) == ({}, {})
    assert said.due is None


# -- metadata


def test_metadata_of_ours_are_read_and_others_left_alone() -> None:
    said = read_metadata(
        {
            "mtime": "1",
            "proofbridge-due": "+2 days 12:00 UTC",
            "Proofbridge-Reviewers": "a@b.test, c@d.test",
            "proofbridge-field-customer": "=?UTF-8?Q?S=C3=BCd?=",
        }
    )
    assert said is not None
    assert said.wishes() == {
        "due": "+2 days 12:00 UTC",
        "reviewers": ["a@b.test", "c@d.test"],
        "fields": {"customer": "Süd"},
    }
    assert read_metadata({"mtime": "1"}) is None
    with pytest.raises(SidecarError, match="colour: is unknown"):
        read_metadata({"proofbridge-colour": "red"})


METADATA: list[tuple[dict[str, str], dict[str, Any] | None]] = [
    ({"s3cmd-attrs": "atime:1/ctime:2", "mtime": "1690000000.5", "uid": "501", "mode": "33188"}, None),
    ({"cb-modifiedtime": "x", "Md5chksum": "=?x?Q?bad", "proofbridgeless": "1"}, None),
    ({"proofbridge-due": "", "proofbridge-message": "  "}, None),
    (
        {"proofbridge-robohead-reviewers": "102, 103", "proofbridge-approval-studio-project": "UID9"},
        {"robohead": {"reviewers": ["102", "103"]}, "approval-studio": {"project": "UID9"}},
    ),
    (
        {"proofbridge-project-name": "ACME", "proofbridge-create": "true"},
        {"project_name": "ACME", "create": True},
    ),
    ({"proofbridge-field-order-number": "4711"}, {"fields": {"order_number": "4711"}}),
    ({"proofbridge-message": "=?UTF-8?B?RsO8ciBTw7xk?= =?UTF-8?B?IQ==?="}, {"message": "Für Süd!"}),
]


@pytest.mark.parametrize(("metadata", "said"), METADATA)
def test_metadata_say_what_is_ours_and_not_empty(
    metadata: dict[str, str], said: dict[str, Any] | None
) -> None:
    assert read_metadata(metadata) == (None if said is None else Sidecar.of_wishes(said))


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        (
            {"proofbridge-good2go": "x", "proofbridge-good2go-folder": "y"},
            "x-amz-meta-proofbridge-good2go: says",
        ),
        ({"proofbridge-fields": "x", "proofbridge-field-order": "y"}, "x-amz-meta-proofbridge-fields: says"),
        ({"proofbridge-due": "=?no-such?Q?x?="}, "x-amz-meta-proofbridge-due: it can't be decoded"),
    ],
)
def test_metadata_are_refused_with_their_name_when_they_say_nothing_that_can_be_read(
    metadata: dict[str, str], problem: str
) -> None:
    with pytest.raises(SidecarError) as caught:
        read_metadata(metadata)
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize(("said", "create"), [("true", True), ("TRUE", True), ("False", False)])
def test_metadata_say_whether_a_project_is_made(said: str, *, create: bool) -> None:
    assert read_metadata({"proofbridge-create": said}) == Sidecar.of_wishes({"create": create})


def test_wrong_word_stays_as_it_is_when_it_is_neither_yes_nor_no() -> None:
    """The destination's own check tells what is wrong with it."""
    said = read_metadata({"proofbridge-create": "yes"})
    assert said is not None
    assert said.of_vendors == {"create": "yes"}
