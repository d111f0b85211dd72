"""Who may have a name at a vendor: kept in the State table, and held against what the vendor shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from proofbridge.domain.files.drops import FileDrop
from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import Vendor
from proofbridge.stores.ledger import EffectState, Ledger
from proofbridge.stores.names import Names
from proofbridge.uploads.name_conflicts import NameConflicts, NameTakenError, Taken
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.uploads import ApprovalStudioUploads
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.uploads import RoboHeadUploads
from tests.contract.uploads import new_version
from tests.integration.cloud import Cloud
from tests.integration.site import Site
from tests.integration.ticking import TickingClock

STUDIO = Vendor.APPROVAL_STUDIO
NEW, SOURCE = new_version(b"%PDF", name="label.pdf", project="PRJARTWORK")


class Desk:
    """The rules of names, with what they are held against."""

    def __init__(self, cloud: Cloud, clock: TickingClock, vendor: ApprovalStudioUploads) -> None:
        self.ledger = Ledger(cloud.dynamodb, "state")
        self.rules = NameConflicts(Names(cloud.dynamodb, "state"), self.ledger, clock.now)
        self.clock = clock
        self.vendor = vendor

    def delivery(self, folder: str) -> UploadMessage:
        drop = FileDrop(
            "b", f"drop/labels/{folder}/label.pdf", "V1", "01", 4, datetime(2026, 3, 1, tzinfo=UTC)
        )
        return UploadMessage(drop, STUDIO)

    def take(self, folder: str) -> Taken:
        """Have a file's proof take the name, and see whether it is free."""
        delivery = self.delivery(folder)
        taken = self.rules.take(self.vendor, delivery, f"PB-{folder}", NEW)
        assert taken is not None
        self.rules.expect_free(self.vendor, taken, None, NEW)
        return taken

    def note(self, folder: str, state: EffectState, *, unclear: bool = False) -> None:
        """Note how far a file has come."""
        key, now = self.delivery(folder).key, self.clock.now()
        self.ledger.begin(key, "{}", now, timedelta(minutes=16))
        if state is not EffectState.STARTED:
            self.ledger.finish(key, state, now, unclear=unclear)


@pytest.fixture
def desk(tables: Cloud, clock: TickingClock, studio: Site) -> Iterator[Desk]:
    with ApprovalStudio(
        username="studio@proofbridge.test", password="local-studio-password", base_url=studio.url
    ) as client:
        yield Desk(tables, clock, ApprovalStudioUploads(client, clock.now))


@pytest.mark.parametrize(
    ("state", "unclear", "minutes", "gives_way"),
    [
        (EffectState.STARTED, False, 60, False),
        (EffectState.WAITING, False, 60, False),
        (EffectState.UNKNOWN, False, 60, False),
        (EffectState.PARKED, True, 60, False),
        (EffectState.PARKED, False, 0, True),
        (EffectState.HELD, False, 0, True),
        (EffectState.DONE, False, 14, False),
        (EffectState.DONE, False, 16, True),
    ],
)
def test_name_changes_hands_when_its_file_never_arrived_or_is_gone(
    desk: Desk, state: EffectState, *, unclear: bool, minutes: int, gives_way: bool
) -> None:
    """The vendor has nothing of that name in all of these; what was just uploaded may not show yet."""
    desk.take("a")
    desk.note("a", state, unclear=unclear)
    desk.note("b", EffectState.STARTED)
    desk.clock.advance(minutes=minutes)
    if not gives_way:
        with pytest.raises(NameTakenError, match=r"belongs to drop/labels/a/label\.pdf;"):
            desk.take("b")
        assert desk.take("a")
        return
    assert desk.take("b").holder.key == "drop/labels/b/label.pdf"
    with pytest.raises(NameTakenError, match=r"belongs to drop/labels/b/label\.pdf;"):
        desk.take("a")


def test_name_stays_while_the_vendor_has_something_of_it(desk: Desk) -> None:
    desk.take("a")
    desk.vendor.upload(NEW, SOURCE)
    desk.note("a", EffectState.PARKED)
    with pytest.raises(NameTakenError, match=r"belongs to drop/labels/a/label\.pdf;"):
        desk.take("b")


def test_name_stays_when_its_file_goes_on_at_that_moment(desk: Desk) -> None:
    """What another has read of it is no longer so."""
    overtaken = desk.take("a").holder
    desk.clock.advance(seconds=1)
    desk.take("a")
    name = (STUDIO, desk.vendor.shared_name(NEW) or "")
    late = dataclasses.replace(overtaken, proof_id="PB-B", effect="upload|b")
    assert desk.rules.names.take(name, late, instead_of=overtaken).proof_id == overtaken.proof_id


def test_name_is_nobodys_when_it_was_put_there_by_hand(desk: Desk, studio: Site) -> None:
    by_hand = desk.vendor.upload(dataclasses.replace(NEW, name="LABEL.pdf"), SOURCE)
    for folder in ("a", "b"):
        with pytest.raises(NameTakenError, match=rf"put there otherwise \(asset {by_hand.ref.id}\)"):
            desk.take(folder)
    studio.act("delete-asset", asset=by_hand.ref.id)
    assert desk.take("b")
    asked = len(studio.requests("list_projects"))
    assert desk.take("b")
    assert len(studio.requests("list_projects")) == asked, "it is asked once"


def test_name_is_its_proofs_when_the_proof_began_before_names_were_kept(desk: Desk) -> None:
    first = desk.vendor.upload(NEW, SOURCE)
    taken = desk.rules.take(desk.vendor, desk.delivery("a"), "PB-a", NEW)
    assert taken is not None
    desk.rules.expect_free(desk.vendor, taken, first.ref, NEW)
    with pytest.raises(NameTakenError):
        desk.take("b")


def test_items_of_a_named_review_are_told_apart_by_their_names(clock: TickingClock, robohead: Site) -> None:
    """A review of its own needs no name of its own."""
    with RoboHead(api_key="rh-local-key", base_url=robohead.url) as client:
        vendor = RoboHeadUploads(client, clock.now)
        first, source = new_version(b"%PDF", project="501", reviewers=("102",))
        assert vendor.shared_name(first) is None
        review = vendor.upload(first, source).ref.id
        beside = dataclasses.replace(first, review=review, reference="PB" + "B" * 20, name="SUMMER-ale.pdf")
        assert [seen.ref.id for seen in vendor.named_alike(None, beside)] == [review]
        assert vendor.named_alike(None, dataclasses.replace(beside, reference=first.reference)) == []
        assert vendor.named_alike(None, dataclasses.replace(beside, name="winter-ale.pdf")) == []
        assert vendor.shared_name(beside) == f"{review}|summer-ale.pdf"
