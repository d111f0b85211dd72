"""References in names."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from proofbridge.config.links import Link, proof_of, reference_of
from proofbridge.domain.items import ItemKind, Vendor
from tests.unit.observations import JOB, seen

ORDER = Link(name="order", pattern=r"\b(?P<reference>ORD-\d+)\b")


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("ORD-17 label.pdf", "ord-17"),
        ("Label for ORD-17", "ord-17"),
        ("label ORD-17 ORD-18", "ord-17"),
        ("ORD-170", "ord-170"),
        ("label.pdf", None),
        ("", None),
        (None, None),
        ("x" * 300 + " ORD-17", None),
    ],
)
def test_reference_is_found_in_a_name(name: str | None, reference: str | None) -> None:
    assert reference_of([ORDER], seen(name=name)) == reference


def test_no_reference_is_found_when_the_item_is_deleted() -> None:
    assert reference_of([ORDER], seen(name="ORD-17", deleted=True)) is None


def test_case_of_letters_does_not_matter_when_the_pattern_lets_it() -> None:
    link = Link(name="order", pattern=r"(?i)(?P<reference>ord-\d+)")
    assert reference_of([link], seen(name="ORD-17")) == reference_of([link], seen(name="ord-17")) == "ord-17"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"vendors": (Vendor.GOOD2GO,)}, True),
        ({"vendors": (Vendor.GOODDAY,)}, False),
        ({"kinds": (ItemKind.JOB, ItemKind.TASK)}, True),
        ({"kinds": (ItemKind.TASK,)}, False),
        ({"vendors": (Vendor.GOOD2GO,), "kinds": (ItemKind.TASK,)}, False),
    ],
)
def test_rule_is_for_the_vendors_and_kinds_that_it_names(changes: dict[str, object], found: bool) -> None:  # noqa: FBT001
    link = ORDER.model_copy(update=changes)
    assert JOB.vendor is Vendor.GOOD2GO
    assert (reference_of([link], seen(name="ORD-17")) is not None) is found


def test_first_rule_that_finds_a_reference_decides() -> None:
    by_name = Link(name="whole", pattern=r"(?P<reference>[\w-]+)")
    assert reference_of([ORDER, by_name], seen(name="label ORD-17")) == "ord-17"
    assert reference_of([by_name, ORDER], seen(name="label ORD-17")) == "label"
    assert reference_of([ORDER, by_name], seen(name="label")) == "label"


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        (r"ORD-\d+", "needs a group that is named reference"),
        (r"(?P<order>ORD-\d+)", "needs a group that is named reference"),
        (r"(?P<reference>ORD-\d+", "is no regular expression"),
        (r"(?P<reference>\d*)", "fits an empty name"),
    ],
)
def test_pattern_is_refused_when_it_can_not_tell_a_reference(pattern: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Link(name="order", pattern=pattern)


def test_rule_is_refused_when_it_is_for_services_without_items() -> None:
    with pytest.raises(ValidationError, match="aws has no items"):
        Link(name="order", pattern=ORDER.pattern, vendors=(Vendor.AWS,))


def test_proof_of_a_reference_is_the_same_for_all() -> None:
    assert proof_of("ord-17") == proof_of("ord-17") != proof_of("ord-18")
