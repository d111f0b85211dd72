from __future__ import annotations

from datetime import UTC, datetime

import pytest

from proofbridge.domain.actions import Action
from proofbridge.domain.changes import Change, ChangeKind
from proofbridge.domain.items import Decision, Observation, Person, ReviewStatus, Vendor
from proofbridge.stores.inbox import Source
from proofbridge.vendors.catalogue import ActionName
from proofbridge_cli.words import (
    action_id,
    change_words,
    item_words,
    new_words,
    observation_words,
    short_id,
    shortened,
)
from tests.unit.observations import JOB, seen


def change(kind: ChangeKind, before: str | None = None, after: str | None = None) -> Change:
    return Change("c1", JOB, kind, before, after)


@pytest.mark.parametrize("key", ["route|c1|approval|0", "remind|ü", "track|PB1"])
def test_action_is_called_by_the_marker_that_it_leaves_when_it_is_shortened(key: str) -> None:
    action = Action(key, ActionName.GOODDAY_COMMENT, Vendor.GOODDAY, {})

    assert action.marker == f"Proofbridge {action_id(key)}"


@pytest.mark.parametrize(
    ("event_id", "short"),
    [
        ("9f3c77aa11223344", "9f3c77aa"),
        ("observation-9f3c77aa11223344", "9f3c77aa"),
        ("link-PB0123456789", "PB012345"),
        ("e1", "e1"),
    ],
)
def test_id_is_shortened_without_what_it_stands_after(event_id: str, short: str) -> None:
    assert short_id(event_id) == short


@pytest.mark.parametrize("source", Source)
def test_no_source_makes_a_short_id_empty(source: Source) -> None:
    assert short_id(f"{source}-abc") == "abc"


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("good2go#job#0f6d3c1a-5b7e-4c2f-9d1e-2a3b4c5d6e7f", "Good2Go job 0f6d3c1a"),
        ("goodday#task#TSK0001", "GoodDay task TSK0001"),
        ("approval-studio#unknown", "Approval Studio unknown"),
        ("signal#unknown", "signal unknown"),
    ],
)
def test_item_is_told_in_few_words(item: str, words: str) -> None:
    assert item_words(item) == words


@pytest.mark.parametrize(
    ("told", "words", "new"),
    [
        (change(ChangeKind.CREATED), "created", "created"),
        (change(ChangeKind.DELETED), "deleted", "deleted"),
        (
            change(ChangeKind.STATUS, "in_review", "changes_requested"),
            "status in review → changes requested",
            "changes requested",
        ),
        (change(ChangeKind.STATUS, "approved", None), "status approved → none", "status approved → none"),
        (change(ChangeKind.VERSION, "1", "2"), "version 1 → 2", "version 2"),
        (
            change(ChangeKind.DUE_DATE, None, "2026-11-25T16:00:00.000Z"),
            "due date none → 2026-11-25 16:00",
            "due 2026-11-25 16:00",
        ),
        (change(ChangeKind.COMMENT, None, "Less\nsun."), "“Less sun.”", "“Less sun.”"),
        (change(ChangeKind.COMMENT, "Less sun.", None), "comment removed", "comment removed"),
        (change(ChangeKind.NAME, "a.pdf", "b.pdf"), "name a.pdf → b.pdf", "name b.pdf"),
    ],
)
def test_change_is_told_in_few_words(told: Change, words: str, new: str) -> None:
    assert change_words(told) == words
    assert new_words(told) == new


def test_every_kind_of_change_has_words() -> None:
    for kind in ChangeKind:
        text = "2026-11-25T16:00:00.000Z" if kind is ChangeKind.DUE_DATE else "approved"
        assert change_words(change(kind, text, text))


def test_observation_is_told_with_all_that_it_shows() -> None:
    shown = seen(
        status=ReviewStatus.CHANGES_REQUESTED,
        due_at=datetime(2026, 11, 25, 16, tzinfo=UTC),
        assignee="USRDSG",
        reviewers=(Person("a@brand.test", decision=Decision.REJECTED), Person("b", name="Bea")),
        comment="Less sun.",
    )

    assert observation_words(shown) == (
        "changes requested · version 1 · due 2026-11-25 16:00 · assigned to USRDSG · a@brand.test rejected · "
        "Bea has to decide · “Less sun.”"
    )


def test_observation_is_told_when_it_shows_nothing_or_no_item() -> None:
    assert observation_words(Observation(JOB, datetime(2026, 1, 1, tzinfo=UTC))) == "nothing in our words"
    assert observation_words(seen(deleted=True)) == "deleted"


@pytest.mark.parametrize(
    ("text", "short"), [("abc", "abc"), ("a  b\nc", "a b c"), ("abcdef", "abcd…"), ("", "")]
)
def test_text_is_one_line_of_bounded_length_when_it_is_shortened(text: str, short: str) -> None:
    assert shortened(text, 5) == short
