from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofbridge.domain.changes import Change, ChangeKind, Difference, StoredItem, diff
from proofbridge.domain.items import OPEN_STATUSES, Observation, ReviewStatus
from tests.unit.observations import at, seen

APPROVED = ReviewStatus.APPROVED
CHANGES_REQUESTED = ReviewStatus.CHANGES_REQUESTED
IN_REVIEW = ReviewStatus.IN_REVIEW


class Shelf:
    """One item as it is kept: what `diff` says is stored, as `process` does it."""

    def __init__(self, proof_id: str | None = "PB1") -> None:
        self.stored: StoredItem | None = None
        self.proof_id = proof_id

    def take(self, observed: Observation) -> list[tuple[ChangeKind, str | None, str | None]]:
        """Store an observation; return what changed."""
        return [(change.kind, change.before, change.after) for change in self.take_whole(observed)]

    def take_whole(self, observed: Observation) -> tuple[Change, ...]:
        """Store an observation; return the changes with their ids."""
        difference = diff(self.stored, observed)
        if difference is None:
            return ()
        self.keep(difference, unrouted=self.is_unrouted_after(difference))
        return difference.changes

    def is_unrouted_after(self, difference: Difference) -> bool:
        """Whether no route has seen what has changed."""
        was = self.stored is not None and self.stored.unrouted
        return self.proof_id is None and (bool(difference.changes) or was)

    def keep(self, difference: Difference, *, unrouted: bool = False) -> None:
        """Store a difference, whether or not a route has seen it."""
        revision = 1 if self.stored is None else self.stored.revision + 1
        self.stored = StoredItem(difference.merged, revision, self.proof_id, difference.turns, unrouted)

    def absorb(self, observed: Observation) -> None:
        """Store what our own write has brought about."""
        difference = diff(self.stored, observed)
        assert difference is not None
        self.keep(difference, unrouted=self.stored is not None and self.stored.unrouted)

    def link(self, proof_id: str) -> None:
        """Make the item part of a proof."""
        assert self.stored is not None
        self.proof_id = proof_id
        self.stored = dataclasses.replace(self.stored, proof_id=proof_id, revision=self.stored.revision + 1)

    @property
    def observation(self) -> Observation:
        """What is kept."""
        assert self.stored is not None
        return self.stored.observation


def after(*observed: Observation, proof_id: str | None = "PB1") -> Shelf:
    shelf = Shelf(proof_id)
    for each in observed:
        shelf.take(each)
    return shelf


# -- what is a change


def test_item_is_created_when_seen_first() -> None:
    assert Shelf().take(seen()) == [(ChangeKind.CREATED, None, None)]


@pytest.mark.parametrize("status", [None, *ReviewStatus])
def test_decision_is_a_change_when_item_was_seen_first_with_it(status: ReviewStatus | None) -> None:
    decided = [] if status is None or status in OPEN_STATUSES else [(ChangeKind.STATUS, None, str(status))]
    assert Shelf().take(seen(status=status)) == [(ChangeKind.CREATED, None, None), *decided]


@pytest.mark.parametrize(
    ("field", "value", "kind", "before", "text"),
    [
        ("status", APPROVED, ChangeKind.STATUS, "in_review", "approved"),
        ("status", None, ChangeKind.STATUS, "in_review", None),
        ("version", 2, ChangeKind.VERSION, "1", "2"),
        ("due_at", at(99), ChangeKind.DUE_DATE, None, "2026-03-02T10:39:00.000Z"),
        ("name", "autumn.pdf", ChangeKind.NAME, "summer-ale.pdf", "autumn.pdf"),
        ("assignee", "a@b.test", ChangeKind.ASSIGNEE, None, "a@b.test"),
        ("comment", "Less sun.", ChangeKind.COMMENT, None, "Less sun."),
    ],
)
def test_field_is_a_change_when_it_differs(
    field: str, value: object, kind: ChangeKind, before: str | None, text: str | None
) -> None:
    assert after(seen()).take(seen(1, **{field: value})) == [(kind, before, text)]


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "https://v.test/1"), ("decided_by", "a@b.test"), ("vendor_status", "new"), ("reviewers", ())],
)
def test_field_is_stored_without_a_change_when_no_route_is_for_it(field: str, value: object) -> None:
    shelf = after(seen())
    assert shelf.take(seen(1, **{field: value})) == []
    assert getattr(shelf.observation, field) == value


def test_several_changes_come_out_when_several_fields_differ() -> None:
    changes = after(seen()).take(seen(1, status=APPROVED, version=2, comment="Fine."))
    assert [kind for kind, _, _ in changes] == [ChangeKind.STATUS, ChangeKind.VERSION, ChangeKind.COMMENT]


def test_change_carries_only_what_there_is_when_written() -> None:
    (change,) = after(seen()).take_whole(seen(1, comment="Less sun."))
    data = change.to_dict()
    assert data.pop("id") == change.id
    assert data.pop("ref") == str(change.ref)
    assert data.pop("kind") == "comment"
    assert "before" not in data
    assert data["after"] == "Less sun."


# -- what comes to nothing


def test_nothing_changes_when_observation_comes_twice() -> None:
    shelf = after(seen(status=APPROVED))
    assert diff(shelf.stored, seen(status=APPROVED)) is None


def test_nothing_changes_when_the_same_is_seen_later() -> None:
    shelf = after(seen(status=APPROVED))
    assert diff(shelf.stored, seen(status=APPROVED, observed_at=at(60))) is None


def test_nothing_changes_when_observation_is_older_by_the_vendors_moment() -> None:
    shelf = after(seen(5, status=APPROVED))
    assert diff(shelf.stored, seen(4, status=IN_REVIEW, observed_at=at(60))) is None


def test_nothing_changes_when_observation_is_older_by_our_moment_and_the_vendor_has_none() -> None:
    shelf = after(seen(5, status=APPROVED, updated_at=None))
    assert diff(shelf.stored, seen(4, status=IN_REVIEW)) is None
    assert diff(shelf.stored, seen(4, status=IN_REVIEW, updated_at=None)) is None


def test_later_look_wins_when_the_vendors_moments_are_equal() -> None:
    shelf = after(seen(5, status=IN_REVIEW))
    assert shelf.take(seen(5, status=APPROVED, observed_at=at(6))) == [
        (ChangeKind.STATUS, "in_review", "approved")
    ]
    assert diff(shelf.stored, seen(5, status=IN_REVIEW, observed_at=at(5.5))) is None


def test_last_delivery_wins_when_both_moments_are_equal() -> None:
    assert after(seen(status=IN_REVIEW)).take(seen(status=APPROVED)) == [
        (ChangeKind.STATUS, "in_review", "approved")
    ]


def test_vendors_moment_decides_when_our_looks_came_the_other_way_round() -> None:
    shelf = after(seen(5, status=IN_REVIEW, observed_at=at(60)))
    assert shelf.take(seen(6, status=APPROVED, observed_at=at(59))) == [
        (ChangeKind.STATUS, "in_review", "approved")
    ]


def test_webhook_and_poll_make_one_change_when_they_say_the_same() -> None:
    shelf = after(seen())
    webhook = seen(1, status=APPROVED, silent_on=("reviewers", "comment"))
    poll = seen(1, status=APPROVED, observed_at=at(9))
    assert len(shelf.take(webhook)) == 1
    assert shelf.take(poll) == []


def test_echo_is_no_change_when_our_own_write_was_absorbed() -> None:
    shelf = after(seen())
    silent = ("updated_at", "name", "version", "due_at", "assignee", "reviewers", "comment", "url")
    shelf.absorb(Observation(seen().ref, at(1), status=APPROVED, silent_on=silent))
    assert shelf.observation.name == "summer-ale.pdf"
    assert shelf.take(seen(1, status=APPROVED, observed_at=at(2))) == []


def test_change_by_somebody_else_is_seen_when_it_came_after_our_own_write() -> None:
    shelf = after(seen())
    silent = ("updated_at", "name", "version", "due_at", "assignee", "reviewers", "comment", "url")
    shelf.absorb(Observation(seen().ref, at(1), status=APPROVED, silent_on=silent))
    assert shelf.take(seen(2, status=CHANGES_REQUESTED)) == [
        (ChangeKind.STATUS, "approved", "changes_requested")
    ]


def test_project_is_kept_when_an_answer_does_not_name_it() -> None:
    shelf = after(seen(project="PRJART"))
    assert shelf.take(seen(1, status=APPROVED)) != []
    assert shelf.observation.project == "PRJART"


def test_field_is_kept_when_observation_is_silent_on_it() -> None:
    shelf = after(seen(comment="Less sun.", due_at=at(99)))
    assert shelf.take(seen(1, status=APPROVED, silent_on=("comment", "due_at"))) == [
        (ChangeKind.STATUS, "in_review", "approved")
    ]
    assert shelf.observation.comment == "Less sun."
    assert shelf.observation.due_at == at(99)
    assert shelf.observation.silent_on == ()


def test_nothing_is_new_when_an_observation_is_silent_on_the_same_in_another_order() -> None:
    shelf = after(seen(comment=None, silent_on=("reviewers", "comment")))
    assert shelf.stored is not None
    again = seen(1, updated_at=at(0), silent_on=("comment", "reviewers"))
    assert diff(shelf.stored, again) is None


def test_first_remark_is_a_change_when_the_first_observation_was_silent_on_remarks() -> None:
    shelf = after(seen(comment=None, silent_on=("comment",)))
    assert shelf.take(seen(1, comment="Less sun.")) == [(ChangeKind.COMMENT, None, "Less sun.")]
    assert shelf.observation.silent_on == ()


def test_what_it_was_born_with_is_no_change_when_the_first_observation_was_silent_on_it() -> None:
    shelf = after(seen(status=None, due_at=None, silent_on=("due_at", "status")))
    assert shelf.take(seen(1, status=None, due_at=at(99), silent_on=("status",))) == []
    assert shelf.take(seen(2, due_at=at(99))) == []
    assert shelf.take(seen(3, due_at=at(98))) == [
        (ChangeKind.DUE_DATE, "2026-03-02T10:39:00.000Z", "2026-03-02T10:38:00.000Z")
    ]


def test_decision_made_before_it_was_shown_is_a_change_when_the_first_observation_was_silent_on_it() -> None:
    shelf = after(seen(status=None, silent_on=("status",)))
    assert shelf.take(seen(1, status=APPROVED)) == [(ChangeKind.STATUS, None, "approved")]


def test_field_is_gone_when_observation_says_that_there_is_none() -> None:
    shelf = after(seen(comment="Less sun.", due_at=at(99)))
    assert shelf.take(seen(1)) == [
        (ChangeKind.DUE_DATE, "2026-03-02T10:39:00.000Z", None),
        (ChangeKind.COMMENT, "Less sun.", None),
    ]


def test_vendors_moment_is_kept_when_a_later_look_has_none() -> None:
    shelf = after(seen(5))
    shelf.take(seen(6, status=APPROVED, updated_at=None))
    assert shelf.observation.updated_at == at(5)
    assert diff(shelf.stored, seen(4, status=IN_REVIEW, observed_at=at(60))) is None


# -- deleted and back


def test_deletion_is_one_change_when_item_is_gone() -> None:
    shelf = after(seen(name="a.pdf", due_at=at(99)))
    gone = Observation(seen().ref, at(1), deleted=True)
    assert shelf.take(gone) == [(ChangeKind.DELETED, None, None)]
    assert shelf.take(dataclasses.replace(gone, observed_at=at(2))) == []
    assert shelf.take(dataclasses.replace(gone, observed_at=at(3), updated_at=at(3))) == []


def test_what_was_known_is_kept_when_item_is_gone() -> None:
    shelf = after(seen(status=APPROVED, due_at=at(99), comment="Fine.", assignee="a@b.test"))
    before = shelf.observation
    shelf.take(Observation(seen().ref, at(1), deleted=True))
    assert dataclasses.replace(shelf.observation, deleted=False, observed_at=before.observed_at) == before


def test_nothing_is_stored_when_an_item_is_gone_that_was_never_seen() -> None:
    assert diff(None, Observation(seen().ref, at(1), deleted=True)) is None


def test_item_is_created_anew_when_it_reappears() -> None:
    shelf = after(seen(), Observation(seen().ref, at(1), deleted=True))
    assert shelf.take(seen(2, status=APPROVED)) == [
        (ChangeKind.CREATED, None, None),
        (ChangeKind.STATUS, None, "approved"),
    ]
    assert not shelf.observation.deleted


def test_item_stays_gone_when_what_is_said_of_it_is_older_than_what_was_known() -> None:
    """A webhook may come late: after the deletion, with what the vendor knew long before."""
    shelf = after(seen(5), Observation(seen().ref, at(6), deleted=True))
    assert shelf.take(seen(3, status=APPROVED, observed_at=at(60))) == []
    assert shelf.observation.deleted


def test_item_stays_gone_when_it_was_looked_at_before_it_was_deleted() -> None:
    shelf = after(seen(), Observation(seen().ref, at(6), deleted=True))
    assert shelf.take(seen(5, status=APPROVED)) == []
    assert shelf.observation.deleted


# -- catching up after the link


def test_item_catches_up_once_when_it_changed_before_it_was_linked() -> None:
    shelf = after(seen(), seen(1, status=APPROVED), proof_id=None)
    shelf.link("PB1")
    latest = seen(1, status=APPROVED)
    assert shelf.take(latest) == [(ChangeKind.CREATED, None, None), (ChangeKind.STATUS, None, "approved")]
    assert shelf.take(latest) == []


def test_item_catches_up_to_what_is_stored_when_an_older_observation_comes_first() -> None:
    shelf = after(seen(5, status=APPROVED), proof_id=None)
    shelf.link("PB1")
    assert shelf.take(seen(3, status=IN_REVIEW)) == [
        (ChangeKind.CREATED, None, None),
        (ChangeKind.STATUS, None, "approved"),
    ]
    assert shelf.observation.status is APPROVED


def test_item_catches_up_to_the_newest_when_it_changed_again() -> None:
    shelf = after(seen(status=APPROVED), proof_id=None)
    shelf.link("PB1")
    assert shelf.take(seen(1, status=CHANGES_REQUESTED)) == [
        (ChangeKind.CREATED, None, None),
        (ChangeKind.STATUS, None, "changes_requested"),
    ]


def test_item_has_nothing_to_catch_up_with_when_it_is_linked_and_routed() -> None:
    shelf = after(seen(status=APPROVED))
    assert shelf.stored is not None
    assert not shelf.stored.unrouted
    assert shelf.take(seen(status=APPROVED)) == []


def test_item_waits_to_catch_up_when_it_belongs_to_no_proof_yet() -> None:
    shelf = after(seen(status=APPROVED), proof_id=None)
    assert shelf.take(seen(status=APPROVED)) == []
    assert shelf.stored is not None
    assert shelf.stored.unrouted


# -- ids


def test_change_id_is_the_same_when_the_same_difference_is_computed_again() -> None:
    shelf = after(seen())
    first, again = diff(shelf.stored, seen(1, status=APPROVED)), diff(shelf.stored, seen(1, status=APPROVED))
    assert first is not None
    assert first == again


def test_change_id_is_the_same_when_retried_after_another_was_absorbed_and_a_link_was_made() -> None:
    """A crash between queueing the actions and storing the state; meanwhile others wrote to the item."""
    shelf = after(seen(), proof_id="PB1")
    before_crash = diff(shelf.stored, seen(2, status=APPROVED))
    shelf.absorb(seen(1, due_at=at(99), silent_on=("status",)))
    shelf.link("PB1")
    retried = diff(shelf.stored, seen(2, status=APPROVED, silent_on=("due_at",)))
    assert before_crash is not None
    assert retried is not None
    assert [c.id for c in before_crash.changes] == [c.id for c in retried.changes]


def test_change_id_is_new_each_time_when_the_same_decision_is_made_again() -> None:
    shelf = after(seen())
    decisions = itertools.islice(itertools.cycle([APPROVED, CHANGES_REQUESTED]), 6)
    ids = [
        change.id
        for minute, status in enumerate(decisions, start=1)
        for change in shelf.take_whole(seen(minute, status=status))
    ]
    assert len(ids) == len(set(ids)) == 6


def test_change_id_differs_when_item_kind_or_value_differs() -> None:
    other = dataclasses.replace(seen().ref, id="another")
    ids = [
        change.id
        for ref in (seen().ref, other)
        for observed in (seen(1, comment="2"), seen(1, name="2"), seen(1, version=2), seen(1, comment="3"))
        for change in _changes_of(ref, observed)
    ]
    assert len(ids) == len(set(ids)) == 8


def _changes_of(ref: Any, observed: Observation) -> tuple[Change, ...]:
    shelf = after(dataclasses.replace(seen(), ref=ref))
    return shelf.take_whole(dataclasses.replace(observed, ref=ref))


# -- any order


STATES = st.fixed_dictionaries(
    {
        "status": st.sampled_from([None, IN_REVIEW, APPROVED]),
        "version": st.sampled_from([1, 2]),
        "comment": st.sampled_from([None, "Less sun."]),
    }
)


@st.composite
def histories(draw: st.DrawFn) -> list[Observation]:
    """What one item was like, minute by minute, as a vendor shows it; once it may have been deleted.

    A vendor says of a deleted item that there is none, and so not when it changed.
    """
    history = [seen(minute, **state) for minute, state in enumerate(draw(st.lists(STATES, min_size=1)))]
    if draw(st.booleans()):
        minute = draw(st.integers(0, len(history)))
        history[minute:] = [
            Observation(seen().ref, at(minute), deleted=True),
            *(
                dataclasses.replace(each, observed_at=at(i), updated_at=at(i))
                for i, each in enumerate(history[minute:], start=minute + 1)
            ),
        ]
    return history


def ends_in(deliveries: Iterable[Observation]) -> Observation:
    shelf = after(seen(-1))
    for observed in deliveries:
        shelf.take(observed)
    return shelf.observation


@settings(derandomize=True, max_examples=200)
@given(st.data(), histories())
def test_newest_state_stands_when_observations_come_in_any_order(
    data: st.DataObject, history: list[Observation]
) -> None:
    deliveries = data.draw(st.permutations(history + data.draw(st.lists(st.sampled_from(history)))))
    newest, end = history[-1], ends_in(deliveries)
    assert end == newest or (end.deleted and newest.deleted)


@settings(derandomize=True, max_examples=100)
@given(st.data(), histories())
def test_second_delivery_of_everything_brings_nothing_when_the_newest_stands(
    data: st.DataObject, history: list[Observation]
) -> None:
    shelf = Shelf()
    for observed in history:
        shelf.take(observed)
    before = shelf.stored
    for observed in data.draw(st.permutations(history)):
        assert diff(before, observed) is None
