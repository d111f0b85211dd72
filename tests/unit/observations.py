"""Observations to test with: a job, a task, and Hypothesis strategies for what a vendor may show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from proofbridge.domain.items import Decision, ItemKind, ItemRef, Observation, Person, ReviewStatus, Vendor

JOB = ItemRef(Vendor.GOOD2GO, ItemKind.JOB, "0f6d3c1a-5b7e-4c2f-9d1e-2a3b4c5d6e7f")
TASK = ItemRef(Vendor.GOODDAY, ItemKind.TASK, "TSK0001")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Return the moment so many minutes after the start."""
    return START + timedelta(minutes=minutes)


def seen(minutes: float = 0, **fields: Any) -> Observation:
    """Return the job as it was seen, and by the vendor's account changed, so many minutes after the start."""
    values: dict[str, Any] = {
        "updated_at": at(minutes),
        "status": ReviewStatus.IN_REVIEW,
        "name": "summer-ale.pdf",
        "version": 1,
    }
    return Observation(**{"ref": JOB, "observed_at": at(minutes), **values, **fields})


def moments() -> st.SearchStrategy[datetime]:
    """Moments in microseconds, as some vendors have them."""
    return st.integers(0, 10**12).map(lambda us: START + timedelta(microseconds=us))


def texts() -> st.SearchStrategy[str]:
    """Any text that JSON can carry, short."""
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def people() -> st.SearchStrategy[Person]:
    """Reviewers."""
    maybe = st.none() | texts()
    return st.builds(
        Person, texts(), name=maybe, decision=st.none() | st.sampled_from(Decision), task_id=maybe
    )


def observations(**fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Observation]:
    """Any observation of the job; `fixed` replaces the strategy of a field."""
    maybe_text = st.none() | texts()
    fields: dict[str, st.SearchStrategy[Any]] = {
        "ref": st.just(JOB),
        "observed_at": moments(),
        "updated_at": st.none() | moments(),
        "status": st.none() | st.sampled_from(ReviewStatus),
        "vendor_status": maybe_text,
        "name": maybe_text,
        "version": st.none() | st.integers(1, 9),
        "due_at": st.none() | moments(),
        "assignee": maybe_text,
        "reviewers": st.none() | st.lists(people(), max_size=2).map(tuple),
        "comment": maybe_text,
        "decided_by": maybe_text,
        "url": maybe_text,
        "project": maybe_text,
        "deleted": st.booleans(),
        "silent_on": st.lists(st.sampled_from(["status", "comment", "due_at"]), unique=True).map(tuple),
    }
    return st.builds(Observation, **{**fields, **fixed})
