"""Names that nobody would choose, and S3 takes: each file arrives once, and is told of by its own name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import Vendor
from proofbridge.uploads.intake import Arrived
from proofbridge.uploads.outcomes import Status
from tests.integration.bridge import Bridge
from tests.integration.cloud import BUCKET, UPLOAD_QUEUES
from tests.integration.site import Site
from tests.integration.test_relay_faults import GOOD2GO, ROBOHEAD, STUDIO, At, site_of
from tests.unit.cli.commands import run

__all__ = ["site_of"]

LONG: Final = "/".join(["ü" * 100] * 4) + "/" + "x" * (1024 - len("drop/labels/") - 4 * 201)
NAMES: Final = {
    "signs": ("a+b (1) %20 #1? &=;:'|*<>\\.pdf", "a+b (1) %20 #1? &=;:'|*<>_.pdf"),
    "controls": ('cr\rlf\n q"uote %0D tab\t esc\x1b[31m bell\x07.pdf',) * 2,
    "letters": ("  \U0001f600\U0001d49c \u202efdp.\u200f e\u0301 ..pdf ",) * 2,
    "1,024 bytes": (LONG, LONG.rpartition("/")[2]),
}
"""Each key in the drop folder, and the file's name as it should be at the vendors."""


def names_at(at: At, site: Site) -> set[str]:
    state = site.see("state")
    if at.vendor is Vendor.GOOD2GO:
        return {job["name"] for job in site.jobs()}
    if at.vendor is Vendor.APPROVAL_STUDIO:
        return {each["name"] for each in state["assets"]}
    return {item["file_name"].replace("\\", "_") for review in state["reviews"] for item in review["items"]}


def as_forms_write(name: str) -> str:
    """Return a file's name as a form carries it; a quote is read back here, line ends are not."""
    return name.replace("\r", "%0D").replace("\n", "%0A")


def deliver(live: Bridge, at: At, site: Site) -> set[Status]:
    """Deliver what waits for the vendor, until nothing does."""
    fates = set()
    while letters := live.cloud.letters(UPLOAD_QUEUES[at.vendor]):
        for letter in letters:
            live.clock.advance(seconds=letter.delay_seconds)
            site.advance(letter.delay_seconds)
            fates.add(live.deliver(UploadMessage.from_message(letter.body)).fate)
    return fates


def tag(live: Bridge, event: dict[str, Any]) -> str:
    key = event["detail"]["object"]["key"]
    (found,) = live.cloud.s3.get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"]
    return found["Value"]


@pytest.mark.parametrize("at", [GOOD2GO, STUDIO, ROBOHEAD], ids=lambda at: str(at.vendor))
def test_file_is_found_again_and_told_of_by_its_name_when_its_answer_was_lost(
    live: Bridge, site_of: Callable[[At], Site], at: At
) -> None:
    site = site_of(at)
    last_call = "add_review" if at is ROBOHEAD else at.calls["upload"][0]
    for number, (file, _) in enumerate(NAMES.values()):
        site.fault(last_call, "drop_after")
        event = live.drop(b"PDF %d" % number, file)
        assert live.take_in(event) is Arrived.HANDED_ON
        assert deliver(live, at, site) == {Status.DEFERRED, Status.RELAYED}
        assert len(at.held(site)) == number + 1, "it arrived once"
        assert tag(live, event) == "relayed"

    wanted = {name if at is ROBOHEAD else as_forms_write(name) for _, name in NAMES.values()}
    assert names_at(at, site) == wanted
    receipts = [
        json.loads(live.cloud.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read())["file"]
        for each in live.cloud.s3.list_objects_v2(Bucket=BUCKET, Prefix="receipts/")["Contents"]
    ]
    assert sorted(receipts) == sorted(f"drop/labels/{file}" for file, _ in NAMES.values())
    listed = json.loads(run("uploads", "list", "--state", "done", "--json").screen)["uploads"]
    assert {each["file"] for each in listed} == {f"drop/labels/{file}" for file, _ in NAMES.values()}
    nasty, _ = NAMES["controls"]
    told = json.loads(run("uploads", "show", f"labels/{nasty}", "--json").screen)["uploads"]
    assert {(each["file"], each["state"]) for each in told} == {(f"drop/labels/{nasty}", "done")}


def test_error_names_the_file_when_a_vendor_refuses_it_whatever_it_is_called(live: Bridge) -> None:
    file, _ = NAMES["controls"]
    live.good2go.fault("upload", "status", status=422)
    event = live.drop(b"%PDF", file)
    assert live.relay(event).fate is Status.REFUSED

    assert tag(live, event) == "refused"
    assert live.object(f"errors/labels/{file}.json")["file"] == f"drop/labels/{file}"
    listed = run("uploads", "list", columns=60).screen
    assert not [each for each in listed if each != "\n" and not each.isprintable()]


def test_names_that_look_alike_are_two_proofs_where_names_are_no_matter(live: Bridge) -> None:
    for name in ("\u00e9.pdf", "e\u0301.pdf"):
        assert live.relay(live.drop(b"%PDF", name)).fate is Status.RELAYED
    assert {job["name"] for job in live.good2go.jobs()} == {"\u00e9.pdf", "e\u0301.pdf"}
