"""What is asked for a file: its destination, the fields of its name, and what is said beside it."""

from __future__ import annotations

import dataclasses
import itertools
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from proofbridge.config.destinations import Destination
from proofbridge.config.reminders.people import Contact, Contacts
from proofbridge.domain.files.drops import FileDrop, PendingDrop, UploadedVersion
from proofbridge.domain.items import Vendor
from proofbridge.uploads.requests import UnfitNameError, UploadRequest
from proofbridge.uploads.sidecars import Sidecar, SidecarError, file_of_sidecar, read_sidecar

DROP = FileDrop(
    "bucket", "drop/labels/ACME_4711_v2.pdf", "V2", "02", 9, datetime(2026, 11, 23, 8, tzinfo=UTC)
)
GOOD2GO = {"recipient": "customer@brand.test", "reviewers": ["second@brand.test"]}
STUDIO = {
    "project_name": "{file.customer} {file.order}",
    "create": True,
    "owners": ["U1"],
    "reviewers": ["U2", "x@y.test"],
}
ROBOHEAD = {"project": 7, "reviewers": [3, 4], "title": "{file.order}, version {file.version}"}

PEOPLE = Contacts(
    (
        Contact.model_validate(
            {"name": "Mona Manager", "email": "mona@studio.test", "approval-studio": "U7", "robohead": 9}
        ),
        Contact(name="Karl Kunde", email="karl@brand.test"),
    )
)


def destination(**changes: Any) -> Destination:
    data = {
        "prefix": "labels",
        "good2go": GOOD2GO,
        "approval-studio": STUDIO,
        "robohead": ROBOHEAD,
        "pattern": "{customer}_{order}_{revision}.pdf",
        "due": "+1 days 17:00 UTC",
        "message": "Order {file.order} of {file.customer}, version {file.version}.",
        **changes,
    }
    return Destination.model_validate({key: value for key, value in data.items() if value is not None})


def brief(said: dict[str, Any] | None = None, drop: FileDrop = DROP, **changes: Any) -> UploadRequest:
    sidecar = None if said is None else read_sidecar(json.dumps(said).encode())
    return UploadRequest.of(drop, destination(**changes), sidecar, PEOPLE)


def test_each_vendor_is_told_what_its_table_says_with_the_names_fields() -> None:
    good2go = brief().new_version(Vendor.GOOD2GO, 2)
    assert good2go.message == "Order 4711 of ACME, version 2."
    assert (good2go.recipient, good2go.reviewers) == ("customer@brand.test", ("second@brand.test",))
    assert (good2go.category, good2go.mode, good2go.size_bytes) == ("review-task", "auto", 9)
    assert good2go.due_at == datetime(2026, 11, 24, 17, tzinfo=UTC)
    studio = brief().new_version(Vendor.APPROVAL_STUDIO, 1)
    assert (studio.project_name, studio.create, studio.owners) == ("ACME 4711", True, ("U1",))
    robohead = brief().new_version(Vendor.ROBOHEAD, 3)
    assert (robohead.project, robohead.title, robohead.reviewers) == ("7", "4711, version 3", ("3", "4"))
    assert {each.reference for each in (good2go, studio, robohead)} == {brief().proof_id}
    assert good2go.people == "customer@brand.test, second@brand.test"


def test_sidecar_overrides_what_it_names_and_nothing_else() -> None:
    said = {
        "fields": {"customer": "Other"},
        "due": "2026-12-01T12:00:00+01:00",
        "message": "For {file.customer}",
        "recipient": "other@brand.test",
        "project": "UID9",
        "owners": None,
    }
    changed = brief(said, robohead=None)
    good2go = changed.new_version(Vendor.GOOD2GO, 1)
    assert (good2go.message, good2go.recipient) == ("For Other", "other@brand.test")
    assert good2go.due_at == datetime(2026, 12, 1, 11, tzinfo=UTC)
    studio = changed.new_version(Vendor.APPROVAL_STUDIO, 1)
    assert (studio.project, studio.project_name, studio.create) == ("UID9", None, False)
    assert studio.reviewers == ("U2", "x@y.test")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"foldr": "x"}, "foldr: is unknown; allowed: approval-studio, category, create, due"),
        ({"foldr": "x"}, "; did you mean 'folder'?"),
        *(({key: "x"}, f"{key}: is unknown") for key in ("after", "tracking", "pattern", "vendor", "prefix")),
        ({"good2go": {"foldr": "x"}}, "good2go: unknown key 'foldr'; allowed: category, folder"),
        ({"good2go": ["x"]}, "good2go: must be an object"),
        ({"robohead": {"review": 4}}, "robohead: drop/labels/ goes to good2go, not there"),
        ({"reviewers": "a@b.test"}, "reviewers: Input should be a valid list"),
        ({"mode": "fast"}, "mode: Input should be 'auto', 'stream' or 'url'"),
        ({"due": "tomorrow"}, "due: 'tomorrow' is no due rule"),
        ({"due": 7}, "due: Input should be a valid string"),
        ({"due": "2026-11-23T08:00:00Z"}, "due: 2026-11-23T08:00:00Z is past: the file was dropped at"),
        ({"due": "+0 days 07:00 UTC"}, "due: +0 days 07:00 UTC is past: the file was dropped at"),
        ({"recipient": "nobody"}, "recipient: 'nobody' is no e-mail address"),
        ({"reviewers": ["nobody"]}, "reviewers.0: 'nobody' is no e-mail address"),
        ({"folder": "Proofs"}, "folder: String should match pattern"),
        ({"review": 4}, "review: drop/labels/ goes to good2go, which has no such thing"),
        (
            {"fields": {"colour": "red"}},
            "fields.colour: unknown; the pattern of the destination has",
        ),
        ({"fields": {"order": ""}}, "fields.order: String should have at least 1 character"),
        ({"message": "{file.colour}"}, "message: {file.colour} is unknown; allowed: file.customer"),
        ({"name": "{file.colour}"}, "name: {file.colour} is unknown; allowed: file.customer"),
        ({"good2go": {"name": "{"}}, "good2go.name: "),
        (["x"], "the file: must be a JSON object"),
    ],
)
def test_sidecar_is_refused_with_its_field_when_it_does_not_fit(said: Any, problem: str) -> None:
    with pytest.raises(SidecarError) as caught:
        brief(said, DROP, robohead=None, **{"approval-studio": None})
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        (None, "drop/labels/a/ACME_4711_v2.pdf", "ACME_4711_v2.pdf"),
        ("{file.customer} {file.order}", "drop/labels/ACME_4711_v2.PDF", "ACME 4711.PDF"),
        ("{file.order} v{file.version}.pdf", "drop/labels/ACME_4711_v2.pdf", "4711 v3.pdf"),
        ("{file.folder} {file.name}", "drop/labels/a/b/ACME_4711_v2.pdf", "a-b ACME_4711_v2.pdf"),
        ("{file.folder} {file.name}", "drop/labels/ACME_4711_v2.pdf", "ACME_4711_v2.pdf"),
        (
            "{file.stem} {file.dropped}",
            "drop/labels/ACME_4711_v2.pdf",
            "ACME_4711_v2 2026-11-23 08.00.00.pdf",
        ),
    ],
)
def test_file_is_called_as_the_destination_says_when_it_goes_to_a_vendor(
    name: str | None, key: str, expected: str
) -> None:
    drop = dataclasses.replace(DROP, key=key)
    told = brief(drop=drop, good2go={**GOOD2GO, **({} if name is None else {"name": name})})
    assert told.new_version(Vendor.GOOD2GO, 3).name == expected
    assert told.new_version(Vendor.ROBOHEAD, 3).name == drop.name, "each vendor by its own table"


def test_each_drop_has_a_name_of_its_own_when_a_name_would_make_it_a_version() -> None:
    of_its_own = brief(version="new", robohead=None).new_version(Vendor.APPROVAL_STUDIO, 1)
    assert of_its_own.name == "ACME_4711_v2 2026-11-23 08.00.00.pdf"
    assert brief(version="new").new_version(Vendor.GOOD2GO, 1).name == DROP.name
    with pytest.raises(ValueError, match=r"needs a name of its own there; write \{file.dropped\} into it"):
        destination(version="new", **{"approval-studio": {**STUDIO, "name": "{file.order}"}})
    for told_apart in ({"name": "{file.dropped}"}, {"name": "x", "project_name": "{file.dropped}"}):
        assert destination(version="new", **{"approval-studio": {**STUDIO, **told_apart}})


EVERYWHERE: list[tuple[dict[str, Any], dict[Vendor, tuple[str, ...]]]] = [
    (
        {"reviewers": ["Mona Manager"]},
        {
            Vendor.GOOD2GO: ("mona@studio.test",),
            Vendor.APPROVAL_STUDIO: ("U7",),
            Vendor.ROBOHEAD: ("9",),
        },
    ),
    (
        {"reviewers": ["MONA@studio.test "], "approval-studio": {"reviewers": ["Karl Kunde", "U2"]}},
        {
            Vendor.GOOD2GO: ("mona@studio.test",),
            Vendor.APPROVAL_STUDIO: ("karl@brand.test", "U2"),
            Vendor.ROBOHEAD: ("9",),
        },
    ),
    (
        {
            "good2go": {"reviewers": ["x@y.test"]},
            "approval-studio": {"reviewers": []},
            "robohead": {"reviewers": [5], "project": 8},
        },
        {Vendor.GOOD2GO: ("x@y.test",), Vendor.APPROVAL_STUDIO: (), Vendor.ROBOHEAD: ("5",)},
    ),
    (
        {"robohead": {"reviewers": [5]}, "good2go": None},
        {
            Vendor.GOOD2GO: ("second@brand.test",),
            Vendor.APPROVAL_STUDIO: ("U2", "x@y.test"),
            Vendor.ROBOHEAD: ("5",),
        },
    ),
]


@pytest.mark.parametrize(("said", "reviewers"), EVERYWHERE)
def test_every_vendor_gets_its_own_reviewers_when_a_file_goes_to_several(
    said: dict[str, Any], reviewers: dict[Vendor, tuple[str, ...]]
) -> None:
    told = brief(said)
    assert {vendor: told.new_version(vendor, 1).reviewers for vendor in reviewers} == reviewers
    assert told.new_version(Vendor.APPROVAL_STUDIO, 1).project_name == "ACME 4711"


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (
            {"reviewers": ["a@b.test"]},
            r"^reviewers\.0: Input should be a valid integer.* \(for robohead; what is its alone goes into a",
        ),
        ({"reviewers": [102]}, r"^reviewers\.0: Input should be a valid string \(for good2go;"),
        ({"reviewers": ["Karl Kunde"]}, r"^reviewers\.0: Karl Kunde has no id at robohead in people\.toml$"),
        ({"approval-studio": {"reviewers": ["102"]}}, r"^approval-studio\.reviewers\.0: '102' is neither a"),
        ({"approval-studio": {"reviewers": ["Max Muster"]}}, r"'Max Muster' is neither a user's UID nor an"),
        (
            {"owners": ["Karl Kunde"]},
            r"^owners\.0: 'karl@brand\.test' is no user's UID \(for approval-studio;",
        ),
        ({"approval-studio": {"reviewers": ["a@b"]}}, r"^approval-studio\.reviewers\.0: 'a@b' is no e-mail"),
        ({"robohead": {"reviewers": []}}, r"^robohead: either review is needed, or project and reviewers"),
        (
            {"robohead": {"reviewers": [True]}},
            r"^robohead\.reviewers\.0: must be a number that RoboHead gave$",
        ),
        ({"project": 7}, r"^project: Input should be a valid string \(for approval-studio;"),
        (
            {"approval-studio": {"create": "true"}},
            r"^approval-studio\.create: Input should be a valid boolean$",
        ),
    ],
)
def test_sidecar_is_refused_with_its_field_and_vendor_when_one_of_several_vendors_can_not_use_it(
    said: dict[str, Any], problem: str
) -> None:
    with pytest.raises(SidecarError, match=problem):
        brief(said)


def test_name_of_another_form_is_refused_unless_its_fields_are_said() -> None:
    odd = dataclasses.replace(DROP, key="drop/labels/artwork.pdf")
    with pytest.raises(UnfitNameError, match=r"of the form .*: customer, order, revision can't"):
        brief(drop=odd)
    said = {"fields": {"customer": "ACME", "order": "1", "revision": "a"}}
    assert brief(said, drop=odd).fields == said["fields"]


@pytest.mark.parametrize(
    ("key", "file"),
    [
        ("drop/labels/a.pdf.json", "drop/labels/a.pdf"),
        ("drop/labels/a.b/data.json", None),
        ("drop/labels/data.json", None),
        ("drop/labels/a.pdf", None),
    ],
)
def test_sidecar_is_known_by_its_name(key: str, file: str | None) -> None:
    assert file_of_sidecar(key) == file


def test_what_a_sidecar_says_reads_back_when_it_travelled() -> None:
    said = read_sidecar(
        json.dumps(
            {"due": "+1 days 17:00 UTC", "create": True, "robohead": {"reviewers": [3]}, "message": None}
        ).encode()
    )
    assert Sidecar.of_wishes(json.loads(json.dumps(said.wishes()))) == said


@pytest.mark.parametrize(
    ("changes", "due_at"),
    [
        ({}, datetime(2026, 12, 28, 16, tzinfo=UTC)),
        ({"holidays": "DE"}, datetime(2026, 12, 29, 16, tzinfo=UTC)),
        ({"holidays": "DE", "days_off": ["2026-12-24"]}, datetime(2026, 12, 30, 16, tzinfo=UTC)),
        ({"workdays": ["tue", "thu"]}, datetime(2026, 12, 31, 16, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("said", [None, {"due": "+3 workdays 17:00 Europe/Berlin"}])
def test_due_date_leaves_out_the_days_off_of_the_destination(
    changes: dict[str, Any], due_at: datetime, said: dict[str, Any] | None
) -> None:
    before_christmas = dataclasses.replace(DROP, dropped_at=datetime(2026, 12, 23, 8, tzinfo=UTC))
    rule = "+9 days 17:00 UTC" if said else "+3 workdays 17:00 Europe/Berlin"
    assert brief(said, before_christmas, due=rule, **changes).due_at == due_at


@pytest.mark.parametrize(
    ("changes", "problem"),
    [({"holidays": "Bavaria"}, "no holidays are known of"), ({"workdays": []}, "needs at least one day")],
)
def test_destination_is_refused_when_its_days_off_are_unknown(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        destination(**changes)


def test_vendor_keeps_its_reviewers_only_when_nothing_is_said_of_them() -> None:
    alone = {"recipient": "customer@brand.test"}
    kept = brief({"category": "revision-task"}, good2go=alone).new_version(Vendor.GOOD2GO, 2)
    assert (kept.category, kept.reviewers, kept.keeps_reviewers) == ("revision-task", (), True)
    for reviewers in ([], ["Mona Manager"]):
        told = brief({"good2go": {"reviewers": reviewers}}, good2go=alone)
        assert not told.new_version(Vendor.GOOD2GO, 2).keeps_reviewers
    assert not brief().new_version(Vendor.GOOD2GO, 2).keeps_reviewers


# -- which proof it is


def test_proof_is_the_files_name_when_nothing_else_is_said() -> None:
    other_version = dataclasses.replace(DROP, version_id="V3", sequencer="03")
    assert brief().proof_id == brief(drop=other_version).proof_id
    assert brief().proof_id != brief(drop=dataclasses.replace(DROP, key="drop/labels/A_1_v2.pdf")).proof_id


def test_proof_is_new_with_each_drop_when_the_destination_says_so() -> None:
    other_version = dataclasses.replace(DROP, version_id="V3", sequencer="03")
    assert brief(version="new").proof_id != brief(drop=other_version, version="new").proof_id
    assert brief(version="new").place == brief(drop=other_version, version="new").place


def test_proof_is_the_name_without_its_revision_when_the_destination_says_so() -> None:
    later = dataclasses.replace(DROP, key="drop/labels/ACME_4711_v10.pdf", sequencer="01")
    assert brief(version="revision").proof_id == brief(drop=later, version="revision").proof_id
    before = UploadedVersion(DROP.key, "02", "ab" * 32, 9, "good2go#job#1", 1, "v2")
    assert brief(drop=later, version="revision").comes_after(before)
    earlier = dataclasses.replace(DROP, key="drop/labels/ACME_4711_v1.pdf", sequencer="09")
    assert not brief(drop=earlier, version="revision").comes_after(before)
    again = dataclasses.replace(DROP, sequencer="03")
    assert brief(drop=again, version="revision").comes_after(before)


def test_file_goes_after_earlier_drops_of_its_key_and_earlier_revisions_in_names() -> None:
    later = dataclasses.replace(DROP, key="drop/labels/ACME_4711_v10.pdf", sequencer="01", version_id="V10")
    again = dataclasses.replace(DROP, sequencer="03", version_id="V3")
    assert goes_after(again, DROP)
    assert goes_after(later, DROP)
    assert not any(goes_after(*pair) for pair in [(DROP, again), (DROP, later), (DROP, DROP)])


def test_no_two_drops_wait_for_each_other_when_sidecars_contradict_their_order() -> None:
    """By the sidecars the first is later than the other key's, which is later than the second."""
    first, second = DROP, dataclasses.replace(DROP, sequencer="03", version_id="V3")
    other = dataclasses.replace(DROP, key="drop/labels/ACME_4711_v5.pdf", version_id="V5")
    revisions = {first: "9", other: "5", second: "1"}
    waits = {
        (one, another)
        for one, another in itertools.permutations(revisions, 2)
        if goes_after(one, another, {"fields": {"revision": revisions[one]}})
    }
    assert waits == {(second, first), (other, first), (other, second)}


def goes_after(one: FileDrop, other: FileDrop, said: dict[str, Any] | None = None) -> bool:
    expected = PendingDrop(other.key, other.version_id, other.sequencer, other.dropped_at)
    return brief(said, one, version="revision").goes_after(expected)
