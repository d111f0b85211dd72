"""Reading Good2Go's list while it moves: nothing that stays is skipped, whatever happens to the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.gateway import Good2GoGateway
from proofbridge.vendors.good2go.inputs import JobFilter
from proofbridge.vendors.good2go.models import JobPage

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
SINCE = BEGIN - timedelta(hours=1)


@dataclass
class MovingList:
    """Good2Go's list in pages of three. Before each page something happens: what, and to which job."""

    moments: dict[str, datetime]
    happenings: list[tuple[str, int]]
    untouched: set[str] = field(default_factory=set)
    asked: int = 0

    def __post_init__(self) -> None:
        self.untouched = set(self.moments)
        self.jobs = self

    def pages(self, wanted: JobFilter, *, first: int = 1) -> Iterator[JobPage]:
        """Yield one page, which is all that is asked of it."""
        self._let_something_happen()
        self.asked += 1
        matching = sorted(
            (moment, guid)
            for guid, moment in self.moments.items()
            if (wanted.start_date is None or moment >= wanted.start_date)
            and (wanted.end_date is None or moment <= wanted.end_date)
        )
        last = max(1, -(-len(matching) // 3))
        rows = [
            {"guid": guid, "updated_at": f"{moment:%Y-%m-%dT%H:%M:%S}.000Z", "status": "new"}
            for moment, guid in matching[(first - 1) * 3 : first * 3]
        ]
        meta = {"current_page": first, "last_page": last, "per_page": 3, "total": len(matching)}
        yield JobPage.model_validate({"data": rows, "meta": meta})

    def _let_something_happen(self) -> None:
        if not self.happenings or not self.moments:
            return
        what, number = self.happenings.pop(0)
        guid = sorted(self.moments)[number % len(self.moments)]
        now = BEGIN + timedelta(seconds=self.asked)
        if what == "create":
            self.moments[f"new-{self.asked}"] = now
            return
        self.untouched.discard(guid)
        if what == "touch":
            self.moments[guid] = now
        else:
            del self.moments[guid]


@given(
    # Few different seconds, so that many jobs share one: they differ in the part that is not shown.
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 999)), max_size=25),
    st.lists(st.tuples(st.sampled_from(["touch", "delete", "create"]), st.integers(0, 99)), max_size=12),
)
@settings(max_examples=150, deadline=None)
def test_nothing_that_stays_is_skipped_when_the_list_moves(
    made: list[tuple[int, int]], happenings: list[tuple[str, int]]
) -> None:
    moments = {
        f"job-{number}": SINCE + timedelta(seconds=second, milliseconds=ms)
        for number, (second, ms) in enumerate(made)
    }
    listed = MovingList(moments, list(happenings))
    gateway = Good2GoGateway(cast("Good2Go", listed), lambda: BEGIN)
    pages = list(gateway.changed_since(SINCE))
    seen = {each.ref.id for page in pages for each in page.observations}
    assert listed.untouched <= seen
    assert listed.asked <= 4 * (len(moments) + len(happenings) + 2), "it comes to an end"


@given(st.lists(st.integers(0, 6), min_size=1, max_size=25), st.integers(0, 8))
@settings(max_examples=100, deadline=None)
def test_list_is_whole_when_it_is_resumed_behind_any_page(seconds: list[int], broken_after: int) -> None:
    moments = {f"job-{n}": SINCE + timedelta(seconds=second) for n, second in enumerate(seconds)}
    gateway = Good2GoGateway(cast("Good2Go", MovingList(dict(moments), [])), lambda: BEGIN)
    pages: list[Any] = []
    for page in gateway.changed_since(SINCE):
        pages.append(page)
        if len(pages) > broken_after:
            break
    resume = pages[-1].resume
    if resume is not None:
        pages += gateway.changed_since(SINCE, resume)
    assert {each.ref.id for page in pages for each in page.observations} == set(moments)
