"""Prints of states: what is taken for nothing new is nothing new."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofbridge.domain.changes import StoredItem, diff
from proofbridge.domain.fingerprints import fingerprint, says_nothing_new
from proofbridge.domain.items import Observation, Person, ReviewStatus
from tests.unit.observations import at, observations, seen

FULL = seen(
    due_at=at(9), reviewers=(Person("a@b.test"),), comment="Hm.", decided_by="x", url="u", assignee="d"
)
CHANGES: dict[str, Any] = {
    "updated_at": at(1),
    "status": ReviewStatus.APPROVED,
    "vendor_status": "ok",
    "name": "b.pdf",
    "version": 2,
    "due_at": at(10),
    "assignee": "e",
    "reviewers": (),
    "comment": "Hm!",
    "decided_by": "y",
    "url": "v",
    "project": "P2",
    "deleted": True,
}


@given(observations(silent_on=st.just(())), observations(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_nothing_is_new_when_the_print_says_so(stored: Observation, other: Observation, same: bool) -> None:  # noqa: FBT001
    looked_at = dataclasses.replace(stored, observed_at=other.observed_at, silent_on=other.silent_on)
    now = looked_at if same else other
    if says_nothing_new(now, fingerprint(stored)):
        assert diff(StoredItem(stored, 1), now) is None
    else:
        assert not same


@pytest.mark.parametrize("field", sorted(CHANGES))
def test_each_field_shows_in_the_print(field: str) -> None:
    changed = dataclasses.replace(FULL, **{field: CHANGES[field]})
    assert not says_nothing_new(changed, fingerprint(FULL))
    assert fingerprint(changed) != fingerprint(FULL)
    # Of what a list does not show nothing can be new.
    assert says_nothing_new(dataclasses.replace(changed, silent_on=(field,)), fingerprint(FULL))


def test_every_field_of_a_state_is_tried() -> None:
    fields = {field.name for field in dataclasses.fields(Observation)}
    assert set(CHANGES) == fields - {"ref", "observed_at", "silent_on"}


@pytest.mark.parametrize("stored", ["", "x" * 8])
def test_item_is_looked_at_when_its_print_is_of_another_form(stored: str) -> None:
    assert not says_nothing_new(FULL, stored)
