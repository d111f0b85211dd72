"""Four systems that agree: whoever decides last wins, whatever is lost, repeated, out of order or refused.

Random changes at random vendors, with webhooks that are lost, doubled and reordered, polls, vendors that fail
before and after a write, and actions in any order. At rest all four show what the last decision with a say
asks of them by the routes, and no write was made in vain: each changed its target, and each change, and each
restoring, was written at most once to each vendor.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from proofbridge.domain.items import Vendor
from tests.integration.cloud import cloud_of
from tests.integration.four_vendors import (
    DAYS_ONLY,
    GIVEN,
    REFS,
    SETS_DUE_DATE,
    SHOWN,
    STATUSES,
    Claim,
    ModelVendor,
    World,
    Write,
    config,
)
from tests.integration.ticking import TickingClock

VENDORS = sorted(REFS)
EVERYBODY: dict[str, list[str]] = {}
DIVIDED = {"status": ["good2go", "robohead", "approval-studio"], "due_date": ["goodday"]}
DUE_DATES = [datetime(2027, 1, day, 16, 30, tzinfo=UTC) for day in (11, 12, 13)]
PLACES = st.integers(0, 7)


def decisions(vendor: Vendor) -> st.SearchStrategy[tuple[Any, ...]]:
    def at_its_precision(due: datetime) -> datetime:
        return due.replace(hour=0, minute=0) if vendor in DAYS_ONLY else due

    return st.one_of(
        st.tuples(st.just("decide"), st.just(vendor), st.just("status"), st.sampled_from(STATUSES[vendor])),
        st.tuples(
            st.just("decide"),
            st.just(vendor),
            st.just("due_at"),
            st.sampled_from(DUE_DATES).map(at_its_precision),
        ),
    )


STEPS = st.one_of(
    st.sampled_from(VENDORS).flatmap(decisions),
    st.tuples(st.just("deliver"), PLACES, st.booleans()),
    st.tuples(st.just("lose"), PLACES),
    st.tuples(st.just("poll"), st.sampled_from(VENDORS)),
    st.tuples(st.just("process"), PLACES),
    st.tuples(st.just("process"), PLACES),
    st.tuples(st.just("perform"), PLACES),
    st.tuples(st.just("perform"), PLACES),
    st.tuples(
        st.just("fault"),
        st.sampled_from(VENDORS),
        st.sampled_from(["429", "500", "drop_before", "drop_after", "drop_after"]),
    ),
)


def play(world: World, step: tuple[Any, ...]) -> None:
    match step:
        case "decide", vendor, what, value:
            world.decide(vendor, what, value)
        case "deliver", place, keep:
            world.deliver(place, keep=keep)
        case "lose", place:
            world.lose(place)
        case "poll", vendor:
            world.poll(vendor)
        case "process", place:
            world.process(place)
        case "perform", place:
            world.perform(place)
        case "fault", vendor, fault:
            world.vendors[vendor].faults.append(fault)
        case _:
            raise AssertionError(step)


def last_claim(world: World, field: str, voters: list[str] | None) -> Claim | None:
    claims = [
        claim
        for vendor in world.vendors.values()
        for claim in vendor.claims
        if claim.field == field and (voters is None or claim.vendor in voters)
    ]
    return max(claims, key=lambda claim: (claim.known_at, claim.vendor), default=None)


def agrees(item: ModelVendor, status: str) -> bool:
    """Whether a vendor shows what the routes ask of it where another one shows a status."""
    given = GIVEN[item.vendor].get(status, status)
    if item.vendor is Vendor.APPROVAL_STUDIO:
        return item.state == given
    # A person can choose what is given, and the vendor may show something else for that.
    return item.status in {given, SHOWN[item.vendor].get(given, given)}


def written(item: ModelVendor, field: str) -> list[Write]:
    """Return what was written to a field of a vendor's item."""
    due_date = SETS_DUE_DATE[item.vendor][0]
    return [write for write in item.writes if (write.action.name == due_date) == (field == "due_at")]


def assert_agreement(world: World, authority: dict[str, list[str]]) -> None:
    status = last_claim(world, "status", authority.get("status"))
    due = last_claim(world, "due_at", authority.get("due_date"))
    for claim, field in ((status, "status"), (due, "due_at")):
        if claim is None:
            assert not any(written(item, field) for item in world.vendors.values()), "carried without a say"
    for vendor, item in world.vendors.items():
        if status is not None and vendor is not status.vendor:
            assert agrees(item, status.value), (status, vendor, item.status)
        if due is not None and vendor is not due.vendor:
            assert item.due_at is not None
            assert item.due_at.date() == due.value.date(), (due, vendor, item.due_at)
    for claim in filter(None, (status, due)):
        assert getattr(world.vendors[claim.vendor], claim.field) == claim.value, "the winner was overwritten"


def assert_fewest_writes(world: World, steps: list[tuple[Any, ...]]) -> None:
    for vendor in world.vendors.values():
        for write in vendor.writes:
            assert write.has_changed, (vendor.vendor, write.action)
        keys = Counter(write.action.key for write in vendor.writes)
        assert set(keys.values()) <= {1}, keys
        # Whoever decides, each vendor is written to once: the others to follow it, itself to be restored.
        decided = Counter(step[2] for step in steps if step[0] == "decide")
        for field in ("status", "due_at"):
            assert len(written(vendor, field)) <= decided[field], vendor.vendor


@pytest.mark.parametrize("authority", [EVERYBODY, DIVIDED], ids=["everybody has a say", "divided"])
# No shrinking: a failing history is short enough to be replayed, and to shrink it takes minutes.
@settings(
    max_examples=14,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(steps=st.lists(STEPS, min_size=20, max_size=40))
def test_all_agree_with_the_last_word_when_everything_goes_wrong(
    steps: list[tuple[Any, ...]], authority: dict[str, list[str]]
) -> None:
    with mock_aws(), cloud_of(tables_only=True) as cloud:
        world = World(cloud, TickingClock(), config(authority))
        for step in steps:
            play(world, step)
        world.come_to_rest()
        assert_agreement(world, authority)
        assert_fewest_writes(world, steps)
