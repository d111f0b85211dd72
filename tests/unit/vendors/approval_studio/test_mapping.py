from __future__ import annotations

import subprocess
import sys

import pytest

from proofbridge.domain.items import ReviewStatus
from proofbridge.vendors.approval_studio.enums import (
    DELETABLE_STATES,
    MUTABLE_STATES,
    STATE_CHANGES,
    ProjectState,
    SettableState,
    steps_between,
)
from proofbridge.vendors.approval_studio.mapping import PROJECT_STATE, project_state, review_status
from proofbridge.vendors.approval_studio.models import ReviewCounts


def counts(pending: int | None, approved: int | None, rejected: int | None) -> ReviewCounts:
    return ReviewCounts.model_validate(
        {"pendingCount": pending, "approvedCount": approved, "rejectedCount": rejected}
    )


@pytest.mark.parametrize("state", [ProjectState.ACTIVE, ProjectState.ON_HOLD, None, "Frozen"])
@pytest.mark.parametrize(
    ("pending", "approved", "rejected", "expected"),
    [
        (0, 0, 0, ReviewStatus.NOT_STARTED),
        (None, None, None, ReviewStatus.NOT_STARTED),
        (1, 0, 0, ReviewStatus.IN_REVIEW),
        (1, 2, 0, ReviewStatus.IN_REVIEW),
        (0, 1, 0, ReviewStatus.APPROVED),
        (0, 0, 1, ReviewStatus.REJECTED),
        (1, 0, 1, ReviewStatus.REJECTED),
        (0, 2, 1, ReviewStatus.REJECTED),
        (1, 2, 3, ReviewStatus.REJECTED),
    ],
)
def test_counts_decide_when_project_is_open(
    state: ProjectState | str | None,
    pending: int | None,
    approved: int | None,
    rejected: int | None,
    expected: ReviewStatus,
) -> None:
    assert review_status(counts(pending, approved, rejected), state) is expected


@pytest.mark.parametrize("state", [ProjectState.COMPLETED, ProjectState.ARCHIVED])
@pytest.mark.parametrize("found", [None, counts(0, 0, 0), counts(0, 1, 0), counts(1, 0, 1)])
def test_asset_is_completed_when_project_has_ended(state: ProjectState, found: ReviewCounts | None) -> None:
    assert review_status(found, state) is ReviewStatus.COMPLETED


def test_nothing_is_said_when_project_moves_or_counts_are_missing() -> None:
    assert review_status(counts(0, 1, 0), ProjectState.IN_TRANSIT) is None
    assert review_status(None, ProjectState.ACTIVE) is None


def test_every_status_has_an_entry_when_written_back() -> None:
    assert set(PROJECT_STATE) == set(ReviewStatus)
    writable = {status: project_state(status) for status in ReviewStatus if project_state(status)}
    assert writable == {
        ReviewStatus.NOT_STARTED: SettableState.ACTIVE,
        ReviewStatus.IN_REVIEW: SettableState.ACTIVE,
        ReviewStatus.COMPLETED: SettableState.COMPLETED,
    }


def test_end_is_read_as_it_was_written_when_completed() -> None:
    written = project_state(ReviewStatus.COMPLETED)
    assert written is not None
    assert review_status(counts(0, 1, 1), ProjectState(written.value)) is ReviewStatus.COMPLETED


def test_mapping_needs_only_the_standard_library_when_imported() -> None:
    code = (
        "import sys, proofbridge.vendors.approval_studio.mapping;"
        "print(sorted({'requests', 'pydantic', 'urllib3', 'boto3'} & set(sys.modules)))"
    )
    found = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert found.stdout.strip() == "[]"


# --- the states' own rules -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "wanted", "steps"),
    [
        (ProjectState.ACTIVE, SettableState.ACTIVE, ()),
        (ProjectState.ACTIVE, SettableState.ON_HOLD, (SettableState.ON_HOLD,)),
        (ProjectState.ACTIVE, SettableState.ARCHIVED, (SettableState.COMPLETED, SettableState.ARCHIVED)),
        (ProjectState.ON_HOLD, SettableState.ARCHIVED, (SettableState.COMPLETED, SettableState.ARCHIVED)),
        (ProjectState.ARCHIVED, SettableState.COMPLETED, (SettableState.ACTIVE, SettableState.COMPLETED)),
        (ProjectState.COMPLETED, SettableState.ON_HOLD, (SettableState.ACTIVE, SettableState.ON_HOLD)),
        (ProjectState.IN_TRANSIT, SettableState.ACTIVE, None),
    ],
)
def test_way_is_the_shortest_when_states_are_apart(
    now: ProjectState, wanted: SettableState, steps: tuple[SettableState, ...] | None
) -> None:
    assert steps_between(now, wanted) == steps


def test_every_state_has_rules_when_walked() -> None:
    assert set(STATE_CHANGES) == set(ProjectState)
    assert {state.value for state in ProjectState} - {state.value for state in SettableState} == {"InTransit"}
    assert SettableState.ARCHIVED not in STATE_CHANGES[ProjectState.ACTIVE]
    assert set(ProjectState) - {ProjectState.IN_TRANSIT} == MUTABLE_STATES | DELETABLE_STATES
