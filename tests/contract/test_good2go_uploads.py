"""Files for Good2Go: jobs and their versions, found again where an answer was lost."""

from __future__ import annotations

import functools
from datetime import timedelta
from typing import Any

import pytest
import requests

from local.simulators import Simulator
from proofbridge.vendors.errors import Happened, VendorConnectionError
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.uploads import Good2GoUploads
from proofbridge.vendors.upload_gateway import Span
from tests.contract.proofs import CUSTOMER, FOLDER, act, fault
from tests.contract.uploads import after, new_version

SECOND = "second@brand.test"
to_customer = functools.partial(new_version, recipient=CUSTOMER, folder=FOLDER)


@pytest.fixture
def files(good2go: Good2Go, good2go_simulator: Simulator) -> Good2GoUploads:
    return Good2GoUploads(good2go, good2go_simulator.clock.now)


def job(simulator: Simulator) -> dict[str, Any]:
    """Return the one file."""
    (only,) = (each for each in simulator.vendor.state()["jobs"] if not each["is_folder"])
    return dict(only)


@pytest.mark.parametrize("shows_puid", [True, False])
def test_job_is_found_when_the_answer_to_its_upload_was_lost(
    files: Good2GoUploads, good2go_simulator: Simulator, *, shows_puid: bool
) -> None:
    shown = {"puid_in_responses": shows_puid}
    requests.post(f"{good2go_simulator.url}/_control/settings", json=shown, timeout=10).raise_for_status()
    since = good2go_simulator.clock.now()
    new, source = to_customer(b"%PDF one")
    fault(good2go_simulator, "upload", "drop_after")
    with pytest.raises(VendorConnectionError) as raised:
        files.upload(new, source)
    assert raised.value.happened is Happened.UNKNOWN
    assert [(found.seen.ref.id, found.is_ours) for found in files.find_uploads(new, after(since))] == [
        (job(good2go_simulator)["guid"], shows_puid)
    ]
    for other in (
        to_customer(b"%PDF longer"),
        to_customer(b"%PDF one", name="ale.pdf"),
        to_customer(b"%PDF one", folder=None),
        *([] if shows_puid else [to_customer(b"%PDF one", recipient=SECOND)]),
    ):
        assert files.find_uploads(other[0], after(since)) == []
    assert files.find_uploads(new, after(since + timedelta(minutes=5))) == []
    earlier = Span(since - timedelta(hours=1), since - timedelta(minutes=5))
    assert files.find_uploads(new, earlier) == []
    anothers, _ = to_customer(b"%PDF one", reference="PB" + "B" * 20)
    assert len(files.find_uploads(anothers, after(since))) == (0 if shows_puid else 1)


def test_version_is_found_when_the_answer_to_its_upload_was_lost(
    files: Good2GoUploads, good2go_simulator: Simulator
) -> None:
    """Both versions have the same size: the number of the version tells them apart."""
    ref = files.upload(*to_customer(b"%PDF one")).ref
    since = good2go_simulator.clock.now()
    new, source = to_customer(b"%PDF two")
    assert files.find_revision(ref, new, 1, after(since)) is None
    fault(good2go_simulator, "upload_revision", "drop_after")
    with pytest.raises(VendorConnectionError):
        files.revise(ref, new, source)
    found = files.find_revision(ref, new, 1, after(since))
    assert found is not None
    assert (found.ref, found.version) == (ref, 2)
    assert files.find_revision(ref, new, 2, after(since)) is None
    assert files.find_revision(ref, to_customer(b"%PDF longer")[0], 1, after(since)) is None
    assert files.find_revision(ref, new, 1, after(since + timedelta(minutes=5))) is None


def test_review_begins_anew_with_the_same_reviewers_when_a_version_comes(
    files: Good2GoUploads, good2go_simulator: Simulator
) -> None:
    ref = files.upload(*to_customer(b"%PDF one", reviewers=(SECOND,))).ref
    act(good2go_simulator, "approve", job=ref.id, by=SECOND)
    assert reviews(good2go_simulator)[SECOND] == "approved"
    files.revise(ref, *to_customer(b"%PDF two"))
    assert reviews(good2go_simulator)[SECOND] != "approved"
    revised = good2go_simulator.effects.entries()[-1]
    assert revised["emails"] == [CUSTOMER, SECOND]
    nobody_else = to_customer(b"%PDF three", keeps_reviewers=False)
    files.revise(ref, *nobody_else)
    assert good2go_simulator.effects.entries()[-1]["emails"] == [CUSTOMER]


def reviews(simulator: Simulator) -> dict[str, str]:
    """Return what each reviewer has decided."""
    return {task["assigned_to"]: task["job_status"] for task in job(simulator)["tasks"]}
