"""Files for RoboHead: reviews, their items and versions, found again where an answer was lost."""

from __future__ import annotations

import functools
from datetime import timedelta
from typing import Any

import pytest

from local.simulators import Simulator
from proofbridge.domain.items import ItemKind, ItemRef, ReviewStatus, Vendor
from proofbridge.vendors.errors import (
    ConflictError,
    Happened,
    InvalidRequestError,
    ServerError,
    VendorConnectionError,
    VendorError,
)
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.models import ReviewItem
from proofbridge.vendors.robohead.uploads import RoboHeadUploads, _may_have, _of_proof, _ours
from proofbridge.vendors.upload_gateway import Processing
from tests.contract.proofs import fault
from tests.contract.uploads import DUE_AT, LONG_AGO, after, new_version, sha256

of_project = functools.partial(
    new_version, project="501", title="Summer ale", kind="approval", reviewers=("102", "103")
)
OTHER = "PB" + "B" * 20


@pytest.fixture
def files(robohead: RoboHead, robohead_simulator: Simulator) -> RoboHeadUploads:
    return RoboHeadUploads(robohead, robohead_simulator.clock.now)


def reviews(simulator: Simulator) -> list[Any]:
    found: list[Any] = simulator.vendor.state()["reviews"]
    return found


def contents(simulator: Simulator, item: Any) -> list[str]:
    """Return the hashes of an item's versions."""
    held = {file["id"]: file["sha256"] for file in simulator.vendor.state()["files"]}
    return [held[version["file_id"]] for version in item["versions"]]


def test_file_becomes_a_review_that_asks_its_reviewers(
    files: RoboHeadUploads, robohead_simulator: Simulator
) -> None:
    seen = files.upload(*of_project(b"%PDF one"))
    (review,) = reviews(robohead_simulator)
    (item,) = review["items"]
    assert seen.ref == ItemRef(Vendor.ROBOHEAD, ItemKind.REVIEW, str(review["id"]))
    assert (seen.version, seen.status) == (1, ReviewStatus.IN_REVIEW)
    assert (review["name"], review["project_id"], review["type"]) == ("Summer ale", 501, 2)
    assert (item["file_name"], item["description"]) == ("summer-ale.pdf", "Proofbridge PB" + "A" * 20)
    assert contents(robohead_simulator, item) == [sha256(b"%PDF one")]
    (stage,) = review["stages"]
    assert sorted(stage["reviewers"]) == ["102", "103"] or sorted(stage["reviewers"]) == [102, 103]
    assert (stage["due"], review["end"]) == ("2099-03-05", "2099-03-05")
    assert stage["email_message"] == "Please review summer-ale.pdf."


def test_review_asks_for_comments_when_it_is_for_feedback(
    files: RoboHeadUploads, robohead_simulator: Simulator
) -> None:
    files.upload(*of_project(b"%PDF", kind="feedback", due_at=None, title=None))
    (review,) = reviews(robohead_simulator)
    assert (review["type"], review["end"], review["name"]) == (1, None, "summer-ale.pdf")


def test_version_follows_when_the_file_is_called_otherwise(
    files: RoboHeadUploads, robohead_simulator: Simulator
) -> None:
    first = files.upload(*of_project(b"%PDF one", name="ale_r1.pdf"))
    later = DUE_AT + timedelta(days=3)
    second = files.revise(first.ref, *of_project(b"%PDF two", name="ale_r2.pdf", due_at=later))
    assert (second.ref, second.version) == (first.ref, 2)
    (review,) = reviews(robohead_simulator)
    assert review["end"] == "2099-03-08"
    (item,) = review["items"]
    assert item["file_name"] == "ale_r2.pdf"
    assert contents(robohead_simulator, item) == [sha256(b"%PDF one"), sha256(b"%PDF two")]
    assert files.revise(first.ref, *of_project(b"%PDF three", name="ale_r3.pdf")).version == 3


@pytest.mark.parametrize("unnamed", ["keep", "remove"])
def test_other_items_of_a_review_stay_when_one_gets_a_version(
    files: RoboHeadUploads, robohead_simulator: Simulator, unnamed: str
) -> None:
    """What becomes of items that an update does not name is not documented."""
    robohead_simulator.settings = robohead_simulator.settings.model_copy(update={"update_missing": unnamed})
    first = files.upload(*of_project(b"%PDF one"))
    beside = functools.partial(new_version, review=first.ref.id, name="cap.pdf", reference=OTHER)
    seen = files.upload(*beside(b"%PDF cap"))
    assert (seen.ref, seen.version) == (first.ref, 1)
    assert files.revise(first.ref, *of_project(b"%PDF two")).version == 2
    (review,) = reviews(robohead_simulator)
    ours, cap = review["items"]
    assert contents(robohead_simulator, ours) == [sha256(b"%PDF one"), sha256(b"%PDF two")]
    assert contents(robohead_simulator, cap) == [sha256(b"%PDF cap")]
    assert files.revise(first.ref, *beside(b"%PDF cap, new")).version == 2
    (found,) = files.find_uploads(beside(b"%PDF cap, new")[0], after(LONG_AGO))
    assert found.seen.ref == first.ref


@pytest.mark.parametrize("lost", ["drop_after", "truncate", "garbage"])
def test_review_is_found_when_the_answer_to_its_making_was_lost(
    files: RoboHeadUploads, robohead_simulator: Simulator, lost: str
) -> None:
    since = robohead_simulator.clock.now()
    new, source = of_project(b"%PDF one")
    fault(robohead_simulator, "add_review", lost)
    with pytest.raises(VendorError) as raised:
        files.upload(new, source)
    assert raised.value.happened is Happened.UNKNOWN
    (review,) = reviews(robohead_simulator)
    assert [found.seen.ref.id for found in files.find_uploads(new, after(since))] == [str(review["id"])]
    other, _ = of_project(b"%PDF one", reference=OTHER)
    assert files.find_uploads(other, after(since)) == [], "the same name, size and moment, but another proof"
    (found,) = files.find_uploads(new, after(since))
    assert found.is_ours, "its description says so"


def test_nothing_is_found_when_only_the_bytes_arrived(
    files: RoboHeadUploads, robohead_simulator: Simulator
) -> None:
    since = robohead_simulator.clock.now()
    new, source = of_project(b"%PDF one")
    fault(robohead_simulator, "upload_file", "drop_after")
    with pytest.raises(VendorConnectionError):
        files.upload(new, source)
    assert files.find_uploads(new, after(since)) == []
    files.upload(new, source)
    assert len(reviews(robohead_simulator)) == 1


def test_version_is_found_when_the_answer_to_its_making_was_lost(
    files: RoboHeadUploads, robohead_simulator: Simulator
) -> None:
    since = robohead_simulator.clock.now()
    first = files.upload(*of_project(b"%PDF one"))
    new, source = of_project(b"%PDF two")
    assert files.find_revision(first.ref, new, 1, after(since)) is None
    fault(robohead_simulator, "update_review", "drop_after")
    with pytest.raises(VendorConnectionError) as raised:
        files.revise(first.ref, new, source)
    assert raised.value.happened is Happened.UNKNOWN
    found = files.find_revision(first.ref, new, 1, after(since))
    assert found is not None
    assert (found.ref, found.version) == (first.ref, 2)
    assert files.find_revision(first.ref, new, 2, after(since)) is None
    other_size, _ = of_project(bytes(99_999))
    assert files.find_revision(first.ref, other_size, 1, after(since)) is None


def test_upload_is_unclear_when_only_the_reading_back_fails(
    files: RoboHeadUploads, robohead_simulator: Simulator
) -> None:
    fault(robohead_simulator, "get_review", "status", status=500, times=9)
    with pytest.raises(ServerError) as raised:
        files.upload(*of_project(b"%PDF"))
    assert raised.value.happened is Happened.UNKNOWN
    assert len(reviews(robohead_simulator)) == 1


def test_nothing_is_sent_when_the_review_has_lost_the_item(
    files: RoboHeadUploads, robohead_simulator: Simulator
) -> None:
    first = files.upload(*of_project(b"%PDF one"))
    with pytest.raises(ConflictError, match=r"no item for 'other\.pdf'") as raised:
        files.revise(first.ref, *of_project(b"%PDF two", name="other.pdf", reference=OTHER))
    assert raised.value.happened is Happened.NO
    assert len(robohead_simulator.vendor.state()["files"]) == 1


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"reviewers": ()}, "existing_users"),
        ({"reviewers": ("ann@brand.test",)}, "reviewers: must be a number"),
        ({"project": None}, "project: must be a number"),
        ({"review": "x"}, "review: must be a number"),
    ],
)
def test_upload_is_refused_before_it_is_sent_when_it_lacks_something(
    files: RoboHeadUploads, robohead_simulator: Simulator, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(InvalidRequestError, match=named):
        files.upload(*of_project(b"%PDF", **changes))
    assert robohead_simulator.requests.entries() == []


def test_links_and_new_projects_are_refused(files: RoboHeadUploads) -> None:
    new, _ = of_project(b"%PDF")
    review = ItemRef(Vendor.ROBOHEAD, ItemKind.REVIEW, "1")
    with pytest.raises(InvalidRequestError, match="fetches no files"):
        files.upload_by_url(new, "https://x.test/a")
    with pytest.raises(InvalidRequestError, match="fetches no files"):
        files.revise_by_url(review, new, "https://x.test/a")
    with pytest.raises(InvalidRequestError, match="none can be made"):
        files.create_project(new)
    assert files.find_project(new) == "501"
    assert files.after(review, new, "PB1") == []


@pytest.mark.parametrize(("outcome", "expected"), [("succeed", Processing.DONE), ("fail", Processing.FAILED)])
def test_processing_is_what_the_review_says_of_its_files(
    files: RoboHeadUploads, robohead_simulator: Simulator, outcome: str, expected: Processing
) -> None:
    robohead_simulator.settings = robohead_simulator.settings.model_copy(update={"file_processing": outcome})
    seen = files.upload(*of_project(b"%PDF"))
    progress, now = files.processing(seen.ref)
    assert (progress, now.ref) == (expected, seen.ref)


@pytest.mark.parametrize(
    ("shown", "size_bytes", "may"),
    [
        ("0.01 MB", 8, True),
        ("0.00 MB", 8, True),
        ("300 MB", 300 * 1024**2, True),
        ("314.57 MB", 300 * 1024**2, True),
        ("1,024.5 KB", 1_049_088, True),
        ("299 MB", 300 * 1024**2, False),
        ("0.10 MB", 8, False),
        ("8 B", 8, True),
        ("9 B", 8, False),
        ("large", 8, True),
        (None, 8, True),
    ],
)
def test_shown_size_is_held_against_the_file_as_far_as_it_can_be_read(
    shown: str | None, size_bytes: int, *, may: bool
) -> None:
    assert _may_have(shown, size_bytes) is may


def test_item_with_our_mark_is_ours_whatever_else_has_the_files_name() -> None:
    new, _ = of_project(b"%PDF")
    named = ReviewItem(file_name=new.name)
    others = ReviewItem(file_name=new.name, description=f"Proofbridge {OTHER}")
    marked = ReviewItem(file_name="otherwise.pdf", description=f"Proofbridge {new.reference}")
    assert _ours([others, named, marked], new) is marked
    assert _ours([others, named], new) is named
    assert _ours([others], new) is None


def test_version_called_otherwise_follows_the_only_item_when_no_descriptions_are_shown() -> None:
    new, _ = of_project(b"%PDF", name="ale_r2.pdf")
    first, other = ReviewItem(file_name="ale_r1.pdf"), ReviewItem(file_name="cap.pdf")
    anothers = ReviewItem(file_name="ale_r1.pdf", description=f"Proofbridge {OTHER}")
    assert _of_proof([first], new) is first
    assert _of_proof([first, other], new) is None
    assert _of_proof([anothers], new) is None
    shared, _ = new_version(b"%PDF", name="ale_r2.pdf", review="1001")
    assert _of_proof([first], shared) is None
