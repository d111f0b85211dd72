"""A file that a person wants tried again: its vendor is asked first where need be, and it arrives once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest

from proofbridge.domain.files.drops import FileDrop
from proofbridge.domain.files.messages import ProcessingHandle, UploadMessage
from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.stores.ledger import EffectState
from proofbridge.uploads.intake import Arrived
from proofbridge.uploads.outcomes import Status
from proofbridge_cli import uploads
from tests.integration.bridge import Bridge
from tests.integration.cloud import BUCKET, UPLOAD_QUEUES, UPLOADS
from tests.integration.test_relay import key_of
from tests.unit.cli.commands import Ran, run

FILE = "labels/summer-ale.pdf"


@pytest.fixture(autouse=True)
def commands_of_today(live: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the commands run at the bridge's time."""

    class Today(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return live.clock.now().astimezone(tz)

    monkeypatch.setattr(uploads, "datetime", Today)


def retry(*files: str) -> Ran:
    return run("uploads", "retry", *files)


def delivered(live: Bridge) -> Status:
    """Deliver the one message that waits in the vendor's queue."""
    (letter,) = live.letters()
    return live.deliver(UploadMessage.from_message(letter.body)).fate


def parked_unclear(live: Bridge, fault: str, name: str = "summer-ale.pdf") -> dict[str, Any]:
    """Have a file's answer lost, and its vendor out of reach for more than three days."""
    live.good2go.fault("upload", fault)
    event = live.drop(b"%PDF", name)
    assert live.relay(event).fate is Status.DEFERRED
    live.gates.close(Vendor.GOOD2GO, live.clock.now() + timedelta(days=3))
    live.clock.advance(days=3, minutes=1)
    live.gates.close(Vendor.GOOD2GO, live.clock.now() + timedelta(minutes=1))
    assert delivered(live) is Status.REFUSED
    live.clock.advance(minutes=2)
    return event


@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
def test_vendor_is_asked_first_when_it_was_unclear_for_days_whether_a_file_arrived(
    fault: str, live: Bridge
) -> None:
    event = parked_unclear(live, fault)
    assert live.state_of(key_of(event)) == EffectState.PARKED
    asked = len(live.good2go.requests())

    ran = retry(FILE)

    assert (ran.status, ran.errors) == (0, "")
    assert ran.screen == (
        f"{FILE} to Good2Go: Good2Go is asked whether it has arrived, and it is sent if it has not.\n"
    )
    assert delivered(live) is Status.RELAYED
    assert live.good2go.requests()[asked]["operation"] == "list_jobs"
    assert len(live.good2go.effects("upload")) == 1
    assert len(live.good2go.jobs()) == 1
    assert live.object(f"receipts/{FILE}.json")["version"] == 1
    assert "  state       done\n" in run("uploads", "show", FILE).screen


def refused(live: Bridge, name: str = "summer-ale.pdf") -> dict[str, Any]:
    live.good2go.fault("upload", "status", status=422)
    event = live.drop(b"%PDF", name)
    assert live.relay(event).fate is Status.REFUSED
    return event


def test_only_one_goes_when_a_file_that_surely_has_not_arrived_is_retried_twice_at_once(live: Bridge) -> None:
    event = refused(live)

    first, second = retry("drop/labels/summer-ale.pdf"), retry(key_of(event))

    assert first.screen == f"{FILE} to Good2Go: it is sent again, since it surely has not arrived.\n"
    assert second.status == 1
    assert "it was queued again just now; look in a minute what has come of it." in second.errors
    asked = len(live.good2go.requests())
    assert delivered(live) is Status.RELAYED
    assert [each["operation"] for each in live.good2go.requests()[asked:]] == ["upload"]


def under_way(live: Bridge, name: str) -> None:
    event = live.drop(b"%PDF", name)
    assert live.take_in(event) is Arrived.HANDED_ON
    live.ledger.begin(key_of(event), live.letters()[0].body, live.clock.now(), timedelta(minutes=16))


def done(live: Bridge, name: str) -> None:
    assert live.relay(live.drop(b"%PDF", name)).fate is Status.RELAYED


def unchanged(live: Bridge, name: str) -> None:
    """Have the same bytes twice, of which the first is forgotten by now."""
    first, second = live.drop(b"%PDF", name), live.drop(b"%PDF", name)
    assert (live.relay(first).fate, live.relay(second).fate) == (Status.RELAYED, Status.UNCHANGED)
    forget(live, first)


def ignored(live: Bridge, name: str) -> None:
    assert live.take_in(live.drop(b"%PDF", name)) is Arrived.IGNORED


def gone(live: Bridge, name: str) -> None:
    remove(live, refused(live, name))


def gone_and_unclear(live: Bridge, name: str) -> None:
    remove(live, parked_unclear(live, "drop_after", name))


def remove(live: Bridge, event: dict[str, Any]) -> None:
    found = event["detail"]["object"]
    live.cloud.s3.delete_object(Bucket=BUCKET, Key=found["key"], VersionId=found["version-id"])


def forget(live: Bridge, event: dict[str, Any]) -> None:
    live.cloud.dynamodb.delete_item(
        TableName="state", Key={"pk": {"S": f"EFFECT#{key_of(event)}"}, "sk": {"S": "EFFECT"}}
    )


_GONE = "this version of it is no longer in the bucket; "
_LEFT_OUT = "it was left out ({}); drop it again if it shall go. "
REASONS: dict[str, tuple[Callable[[Bridge, str], None], str]] = {
    "unchanged.pdf": (unchanged, _LEFT_OUT.format("the same bytes as version 1")),
    ".hidden.pdf": (ignored, _LEFT_OUT.format("it is a hidden file")),
    "gone.pdf": (gone, f"{_GONE}drop it again. "),
    "unclear.pdf": (gone_and_unclear, f"{_GONE}look at the vendor whether it has arrived, and drop it"),
    "at-work.pdf": (under_way, "it is under way; if nothing comes of it, retry it after 2"),
}


def test_reason_is_told_when_a_file_is_not_retried(live: Bridge) -> None:
    for name, (happen, _) in REASONS.items():
        happen(live, name)
    live.letters()
    before = sorted(live.cloud.records("state"), key=str)

    for name, (_, why) in REASONS.items():
        ran = retry(f"labels/{name}")
        assert (ran.status, ran.screen) == (1, "")
        assert ran.errors.startswith(f"proofbridge: labels/{name} can't be retried: {why}")
        assert ran.errors.endswith(f" See: proofbridge uploads show labels/{name}\n")

    assert live.letters() == []
    assert sorted(live.cloud.records("state"), key=str) == before


def test_others_are_retried_when_some_of_the_named_files_can_not_be(live: Bridge) -> None:
    refused(live, "a.pdf")
    refused(live, "b.pdf")
    done(live, "b.pdf")
    done(live, "c.pdf")
    live.letters()

    ran = retry("labels/a.pdf", "labels/no\nne.pdf", "labels/b.pdf", "labels/c.pdf")

    assert ran.status == 1
    sent = "to Good2Go: it is sent again, since it surely has not arrived."
    assert ran.screen.splitlines() == [f"labels/a.pdf {sent}", f"labels/b.pdf {sent}"]
    one, other = ran.errors.splitlines()
    assert one.startswith("proofbridge: there is no upload labels/no\N{REPLACEMENT CHARACTER}ne.pdf: ")
    assert other.startswith("proofbridge: labels/c.pdf can't be retried: it is done; ")
    assert [UploadMessage.from_message(letter.body).drop.name for letter in live.letters()] == [
        "a.pdf",
        "b.pdf",
    ]


def test_file_that_waits_for_its_sidecar_is_taken_in_once_when_it_is_retried_twice(
    live: Bridge,
) -> None:
    live.destine(sidecar_grace_seconds=600)
    assert live.take_in(live.drop(b"%PDF")) is Arrived.WAITING
    live.cloud.letters(UPLOADS)

    first, second = retry(FILE), retry(FILE)

    assert first.screen == f"{FILE}: it is taken in again.\n"
    assert second.status == 1
    (letter,) = live.cloud.letters(UPLOADS)
    assert live.take_in(json.loads(letter.body)) is Arrived.WAITING
    assert "its sidecar summer-ale.pdf.json may still come" in run("uploads", "show", FILE).screen


def test_file_is_refused_again_and_stays_unclear_when_its_destination_is_gone(live: Bridge) -> None:
    event = parked_unclear(live, "drop_after")
    live.destine(prefix="other")

    assert retry(FILE).status == 0

    assert delivered(live) is Status.REFUSED
    entry = live.ledger.get(key_of(event))
    assert entry is not None
    assert (entry.state, entry.unclear) == (EffectState.PARKED, True)
    shown = " ".join(run("uploads", "show", FILE).screen.split())
    assert "no destination gives it to good2go any more" in shown


def test_vendor_is_asked_again_when_it_has_not_told_what_came_of_a_file(live: Bridge) -> None:
    event = live.drop(b"%PDF")
    ref, now = ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.ASSET, "a1"), live.clock.now()
    taken = UploadMessage(
        FileDrop.from_event(event), Vendor.APPROVAL_STUDIO, arrival=ProcessingHandle(ref, 1, "0" * 64, 1)
    )
    live.ledger.note(taken.key, EffectState.PARKED, taken.to_message(), now, reason="it took too long")
    remove(live, event)

    ran = retry(FILE)

    assert ran.screen == (
        f"{FILE} to Approval Studio: it has arrived, and Approval Studio is asked again whether it has "
        "processed it.\n"
    )
    (letter,) = live.cloud.letters(UPLOAD_QUEUES[Vendor.APPROVAL_STUDIO])
    assert UploadMessage.from_message(letter.body).arrival == taken.arrival
