"""Fields of file names: what is read, what is refused, and that no name takes long."""

from __future__ import annotations

import time

import pytest

from proofbridge.domain.files.naming import NamePattern, later_revision

ORDER = "{customer}_{order}_{revision}.pdf"


@pytest.mark.parametrize(
    ("pattern", "name", "fields"),
    [
        (ORDER, "ACME_4711_v2.pdf", {"customer": "ACME", "order": "4711", "revision": "v2"}),
        (ORDER, "ACME_4711_v2.PDF", {"customer": "ACME", "order": "4711", "revision": "v2"}),
        (ORDER, "ACME_4711_v2_final.pdf", {"customer": "ACME", "order": "4711", "revision": "v2_final"}),
        (
            ORDER,
            "Brauerei Süd_ü (1)_%20+.pdf",
            {"customer": "Brauerei Süd", "order": "ü (1)", "revision": "%20+"},
        ),
        (ORDER, "__a_b_c.pdf", {"customer": "_", "order": "a", "revision": "b_c"}),
        ("{order}.{ext}", "a.b.pdf", {"order": "a", "ext": "b.pdf"}),
        ("job-{order}", "JOB-7", {"order": "7"}),
        ("{{x}} {order}", "{x} 7", {"order": "7"}),
    ],
)
def test_fields_are_read_when_the_name_has_the_form(pattern: str, name: str, fields: dict[str, str]) -> None:
    assert NamePattern.parse(pattern).read(name) == fields


@pytest.mark.parametrize(
    "name", ["ACME_4711.pdf", "ACME_4711_.pdf", "_4711_v2.pdf", "ACME_4711_v2.png", "", ".pdf", "__.pdf"]
)
def test_nothing_is_read_when_the_name_has_another_form(name: str) -> None:
    assert NamePattern.parse(ORDER).read(name) is None


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("artwork.pdf", "no field"),
        ("{customer}{order}.pdf", "need a text between them"),
        ("{customer}_{customer}.pdf", "stands twice"),
        ("{name}.pdf", "what every file has"),
        ("{Customer}.pdf", "is no field"),
        ("{customer:3}.pdf", "is no field"),
        ("{}.pdf", "is no field"),
        ("{customer.pdf", "is no name pattern"),
    ],
)
def test_pattern_is_refused_when_it_can_not_be_read_in_one_way(pattern: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        NamePattern.parse(pattern)


def test_revision_is_left_out_when_names_differ_in_nothing_else() -> None:
    pattern = NamePattern.parse(ORDER)
    assert pattern.without_revision("A_1_v1.pdf") == pattern.without_revision("A_1_v22.pdf")
    assert pattern.without_revision("A_1_v1.pdf") != pattern.without_revision("A_2_v1.pdf")


@pytest.mark.parametrize(
    ("later", "earlier"),
    [("v10", "v9"), ("B", "a"), ("2", "1"), ("v2_final", "v2"), ("2026-11-02", "2026-10-30")],
)
def test_revisions_are_counted_as_people_do(later: str, earlier: str) -> None:
    assert later_revision(later, earlier)
    assert not later_revision(earlier, later)
    assert not later_revision(later, later.swapcase())


def test_long_name_is_read_in_no_time_when_it_almost_fits() -> None:
    pattern = NamePattern.parse("_".join(f"{{f{number}}}" for number in range(12)) + ".pdf")
    started = time.process_time()
    assert pattern.read("_" * 20_000 + ".pdx") is None
    assert pattern.read("a_" * 10_000 + ".pdf") is not None
    assert time.process_time() - started < 1
