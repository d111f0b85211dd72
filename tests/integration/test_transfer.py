"""How files get to vendors: sent, or fetched from a real link; in time; into a project that is made once."""

from __future__ import annotations

import dataclasses
import hashlib
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from proofbridge.domain.files.drops import FileDrop, NewVersion
from proofbridge.domain.items import Observation, Vendor
from proofbridge.stores.file_source import MAX_BREAKS, PIECE_BYTES, HashedSource
from proofbridge.stores.locks import Locks
from proofbridge.stores.throughputs import LASTING, Throughputs
from proofbridge.uploads import budget, transfer
from proofbridge.uploads.transfer import (
    LATE,
    LINK_LIFE,
    READING,
    NoTimeLeftError,
    NotYetKnownError,
    TooLargeError,
    Transfer,
)
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.uploads import ApprovalStudioUploads
from proofbridge.vendors.deadline import Clock, Deadline
from proofbridge.vendors.errors import (
    Happened,
    RateLimitedError,
    RejectedError,
    ServerError,
    SourceError,
    VendorConnectionError,
    VendorTimeoutError,
)
from proofbridge.vendors.good2go.client import Good2Go
from proofbridge.vendors.good2go.uploads import Good2GoUploads
from proofbridge.vendors.multipart import Source
from proofbridge.vendors.upload_gateway import UploadGateway
from tests.integration.bridge import CUSTOMER, FOLDER
from tests.integration.cloud import Cloud
from tests.integration.cut_off_s3 import CutOffS3, cut_off_s3
from tests.integration.site import Site
from tests.integration.ticking import TickingClock
from tests.unit.observations import START
from tests.unit.vendors.local_vendor import Reply, local_vendor

SIZE = 1024 * 1024 + 7
DATA = random.Random(3).randbytes(SIZE)  # noqa: S311 - any bytes will do
SHA256 = hashlib.sha256(DATA).hexdigest()
NEW = NewVersion(
    reference="PB" + "A" * 20,
    name="summer-ale.pdf",
    content_type="application/pdf",
    size_bytes=SIZE,
    message="Please review.",
    fields={},
    due_at=None,
    recipient=CUSTOMER,
    folder=FOLDER,
    mode="auto",
)
Send = Callable[..., Observation]


@pytest.fixture(scope="module")
def s3_server() -> Iterator[CutOffS3]:
    with cut_off_s3(DATA) as s3:
        yield s3


@pytest.fixture
def s3(s3_server: CutOffS3) -> CutOffS3:
    s3_server.reset(DATA)
    return s3_server


@pytest.fixture
def source(s3: CutOffS3) -> HashedSource:
    return HashedSource(s3.client, FileDrop("bucket", "drop/labels/ü b.pdf", "v7", "01", SIZE, START))


@pytest.fixture
def throughputs(tables: Cloud) -> Throughputs:
    return Throughputs(tables.dynamodb, "state")


@pytest.fixture
def files(good2go: Site, clock: TickingClock) -> Iterator[Good2GoUploads]:
    with Good2Go(token="g2g-local-token", base_url=good2go.url) as client:
        yield Good2GoUploads(client, clock.now)


@pytest.fixture
def studio_files(studio: Site, clock: TickingClock) -> Iterator[ApprovalStudioUploads]:
    with ApprovalStudio(
        username="studio@proofbridge.test", password="local-studio-password", base_url=studio.url
    ) as client:
        yield ApprovalStudioUploads(client, clock.now)


@pytest.fixture(autouse=True)
def _every_byte_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let small files be as good as large ones."""
    monkeypatch.setattr(budget, "TELLING_BYTES", 1)


@pytest.fixture
def send(tables: Cloud, throughputs: Throughputs, clock: TickingClock, source: HashedSource) -> Send:
    """Send a file in a function of its own. Each file takes `seconds`."""

    def send_file(
        vendor: UploadGateway,
        new: NewVersion,
        *,
        ref: Any = None,
        url_above: int = 10**9,
        left: float = 800,
        seconds: float = 3,
        key: str = "upload|1",
    ) -> Observation:
        moments = iter(range(10**6))
        transfer = Transfer(
            throughputs=throughputs,
            locks=Locks(tables.dynamodb, "state"),
            deadline=Deadline.after(left),
            whole_seconds=885,
            url_above_bytes=url_above,
            now=clock.now,
            monotonic=lambda: next(moments) * seconds,
        )
        return transfer.send(vendor, ref, transfer.placed(vendor, ref, new), source, key)

    return send_file


def newest(good2go: Site) -> tuple[str, str]:
    """Return how the newest version of the one job came, and its hash."""
    version = good2go.job()["versions"][-1]
    return version["via"], version["sha256"]


# -- sent or fetched


@pytest.mark.parametrize(
    ("mode", "url_above", "via"),
    [
        ("auto", SIZE, "filekey"),
        ("auto", SIZE - 1, "file_url"),
        ("stream", 1, "filekey"),
        ("url", 10**9, "file_url"),
    ],
)
def test_file_is_sent_or_fetched_as_its_mode_and_size_say(
    send: Send, files: Good2GoUploads, good2go: Site, mode: str, url_above: int, via: str
) -> None:
    send(files, dataclasses.replace(NEW, mode=mode), url_above=url_above)
    assert newest(good2go) == (via, SHA256)


def test_vendor_fetches_just_the_dropped_version_and_we_know_its_hash(
    send: Send, files: Good2GoUploads, good2go: Site, source: HashedSource, s3: CutOffS3
) -> None:
    seen = send(files, dataclasses.replace(NEW, mode="url"))
    ours, theirs = s3.asked
    assert "versionId=v7" in theirs["Path"]
    assert "X-Amz-Expires=3600" in theirs["Path"]
    assert "Authorization" in ours
    assert "Authorization" not in theirs
    assert source.sha256 == SHA256 == newest(good2go)[1]
    s3.data = bytes(SIZE)
    send(files, dataclasses.replace(NEW, mode="url"), ref=seen.ref, key="upload|2")
    assert (good2go.job()["version"], len(good2go.job()["versions"])) == (2, 2)
    assert newest(good2go) == ("file_url", hashlib.sha256(bytes(SIZE)).hexdigest())


def test_file_is_sent_when_the_vendor_can_not_fetch_it(
    send: Send, files: Good2GoUploads, good2go: Site, s3: CutOffS3
) -> None:
    """The second reader, the vendor, is given half the file."""
    s3.cuts.extend([SIZE, SIZE // 2])
    send(files, NEW, url_above=1)
    assert newest(good2go) == ("filekey", SHA256)


def test_file_waits_when_s3_can_not_be_read_for_its_hash(
    send: Send, files: Good2GoUploads, good2go: Site, s3: CutOffS3
) -> None:
    s3.cuts.extend([0] * (MAX_BREAKS + 1))
    url_only = dataclasses.replace(NEW, mode="url")
    with pytest.raises(SourceError, match="IncompleteReadError") as raised:
        send(files, url_only)
    assert raised.value.happened is Happened.NO
    assert good2go.requests() == []
    send(files, url_only)
    assert newest(good2go) == ("file_url", SHA256)


def test_file_is_refused_when_the_vendor_can_not_fetch_it_and_a_link_is_wanted(
    send: Send, files: Good2GoUploads, good2go: Site, s3: CutOffS3
) -> None:
    s3.cuts.extend([SIZE, SIZE // 2])
    url_only = dataclasses.replace(NEW, mode="url")
    with pytest.raises(RejectedError, match="can't be downloaded") as raised:
        send(files, url_only)
    assert raised.value.happened is Happened.NO
    assert good2go.jobs() == []
    send(files, url_only)  # surely nothing is being fetched
    assert newest(good2go) == ("file_url", SHA256)


def test_file_is_not_sent_when_the_vendor_wants_no_calls_instead_of_its_link(
    send: Send, files: Good2GoUploads, good2go: Site
) -> None:
    good2go.fault("upload", "status", status=429, retry_after="600")
    with pytest.raises(RateLimitedError):
        send(files, NEW, url_above=1)
    assert len(good2go.requests("upload")) == 1


def test_link_is_never_told_when_the_vendor_quotes_it(send: Send, clock: TickingClock) -> None:
    with local_vendor() as vendor, Good2Go(token="quoted-token", base_url=vendor.url) as client:

        class Quoting(Good2GoUploads):
            def upload_by_url(self, new: NewVersion, url: str) -> Observation:
                query = url.partition("?")[2].encode()
                signature = query.partition(b"X-Amz-Signature=")[2]
                told = b"can't fetch " + url.encode() + b" or " + query + b" or " + signature
                vendor.answer(Reply(422, b'{"error": {"message": "%b"}}' % told))
                return super().upload_by_url(new, url)

        with pytest.raises(RejectedError) as raised:
            send(Quoting(client, clock.now), dataclasses.replace(NEW, mode="url"))
    assert "can't fetch [redacted] or [redacted] or [redacted]" in str(raised.value)


@pytest.mark.parametrize("mode", ["auto", "url"])
def test_file_is_sent_or_refused_when_its_link_is_longer_than_the_vendor_takes(
    send: Send, files: Good2GoUploads, good2go: Site, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(transfer, "MAX_LINK_LENGTH", 100)
    new = dataclasses.replace(NEW, mode=mode)
    if mode == "auto":
        send(files, new, url_above=1)
        assert newest(good2go) == ("filekey", SHA256)
    else:
        with pytest.raises(TooLargeError, match="100 are allowed"):
            send(files, new)
        assert good2go.requests() == []


def test_nothing_is_sent_again_while_the_vendor_may_still_be_fetching(
    send: Send, files: Good2GoUploads, good2go: Site, clock: TickingClock, s3: CutOffS3
) -> None:
    """No answer came, and the file is not there yet: an earlier link can still be used for an hour."""
    good2go.fault("upload", "drop_before")
    with pytest.raises(VendorConnectionError) as raised:
        send(files, NEW, url_above=1)
    assert raised.value.happened is Happened.UNKNOWN
    s3.asked.clear()
    for url_above in (1, 10**9):
        with pytest.raises(NotYetKnownError, match="may still arrive") as waits:
            send(files, NEW, url_above=url_above)
        assert (waits.value.happened, waits.value.transient) == (Happened.UNKNOWN, True)
    assert s3.asked == [], "not even for the hash"
    send(files, NEW, url_above=1, key="upload|another")
    clock.advance(seconds=LINK_LIFE.total_seconds())
    with pytest.raises(NotYetKnownError):
        send(files, NEW)  # it may have begun at the last moment
    clock.advance(seconds=LATE.total_seconds())
    send(files, NEW, url_above=1)
    assert [job["versions"][0]["via"] for job in good2go.jobs()] == ["file_url", "file_url"]


def test_nothing_is_sent_again_while_a_slow_vendor_may_still_store_what_it_has(
    send: Send, good2go: Site, clock: TickingClock
) -> None:
    good2go.fault("upload", "slow_body", seconds=60)
    with Good2Go(token="g2g-local-token", base_url=good2go.url) as client:
        hasty = Good2GoUploads(client.within(Deadline.after(1.5)), clock.now)
        with pytest.raises(VendorTimeoutError):
            send(hasty, NEW)
        patient = Good2GoUploads(client, clock.now)
        with pytest.raises(NotYetKnownError, match="may still arrive"):
            send(patient, NEW)
        clock.advance(seconds=LATE.total_seconds())
        send(patient, NEW)


@pytest.mark.parametrize("status", [502, 504, 524])
def test_nothing_is_sent_again_when_a_gateway_has_not_waited_for_its_vendor(
    send: Send, files: Good2GoUploads, good2go: Site, clock: TickingClock, status: int
) -> None:
    good2go.fault("upload", "status", status=status)
    with pytest.raises(ServerError):
        send(files, NEW)
    with pytest.raises(NotYetKnownError, match="may still arrive"):
        send(files, NEW)
    clock.advance(seconds=LATE.total_seconds())
    send(files, NEW)


# -- time


def test_file_is_refused_with_the_numbers_when_no_function_can_send_it(
    send: Send, files: Good2GoUploads, good2go: Site, throughputs: Throughputs, clock: TickingClock
) -> None:
    throughputs.put(Vendor.GOOD2GO, 10_000, clock.now())
    with pytest.raises(TooLargeError) as raised:
        send(files, dataclasses.replace(NEW, mode="stream", size_bytes=9_437_184))
    assert "9.4 MB at 0.01 MB/s may take 1,446 s, and there are 800 s of 885 s" in str(raised.value)
    assert (raised.value.happened, raised.value.transient) == (Happened.NO, False)
    assert good2go.requests() == []


def test_file_is_fetched_when_it_can_not_be_sent_in_time(
    send: Send, files: Good2GoUploads, good2go: Site, throughputs: Throughputs, clock: TickingClock
) -> None:
    throughputs.put(Vendor.GOOD2GO, 1_000, clock.now())
    send(files, NEW)
    assert newest(good2go) == ("file_url", SHA256)


def test_file_is_fetched_when_nothing_is_known_of_the_way_from_s3_but_that_it_is_near(
    send: Send, files: Good2GoUploads, good2go: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "CAUTIOUS_BYTES_PER_SECOND", 1)
    send(files, NEW)
    assert newest(good2go) == ("file_url", SHA256)


def test_file_waits_for_the_next_function_when_this_one_has_too_little_time_left(
    send: Send, files: Good2GoUploads, good2go: Site
) -> None:
    for mode in ("stream", "url", "auto"):
        with pytest.raises(NoTimeLeftError) as raised:
            send(files, dataclasses.replace(NEW, mode=mode), left=20)
        assert (raised.value.happened, raised.value.transient) == (Happened.NO, True)
    assert good2go.requests() == []


def test_file_waits_for_no_function_when_each_would_first_read_it_for_too_long(
    send: Send, files: Good2GoUploads, s3: CutOffS3, throughputs: Throughputs, clock: TickingClock
) -> None:
    s3.cuts.extend([SIZE, SIZE // 2])  # the vendor can't fetch it
    throughputs.put(Vendor.GOOD2GO, SIZE * budget.SLACK / 470, clock.now())
    with pytest.raises(TooLargeError, match="may take 500 s, and there are 450 s of 485 s"):
        send(files, NEW, url_above=1, left=450, seconds=400)


def test_file_is_refused_when_it_can_not_even_be_read_in_time(
    send: Send,
    files: Good2GoUploads,
    good2go: Site,
    throughputs: Throughputs,
    s3: CutOffS3,
    clock: TickingClock,
) -> None:
    throughputs.put(READING, 1_000, clock.now())
    with pytest.raises(TooLargeError):
        send(files, dataclasses.replace(NEW, mode="url"))
    assert good2go.requests() == s3.asked == []


def test_reading_for_the_hash_ends_when_the_functions_time_does(
    tables: Cloud, throughputs: Throughputs, clock: TickingClock, source: HashedSource
) -> None:
    """And the next function knows how slow it is."""
    seconds = iter([0.0, 0.0, 801.0])
    reading = Transfer(
        throughputs=throughputs,
        locks=Locks(tables.dynamodb, "state"),
        deadline=Deadline.after(800, Clock(monotonic=lambda: next(seconds))),
        whole_seconds=885,
        url_above_bytes=10**9,
        now=clock.now,
        monotonic=iter([0.0, 800.0]).__next__,
    )
    with pytest.raises(NoTimeLeftError, match="more slowly") as raised:
        reading.hash(Vendor.GOOD2GO, NEW.name, source)
    assert (raised.value.happened, source.read_bytes) == (Happened.NO, PIECE_BYTES)
    assert throughputs.get(READING, clock.now()) == pytest.approx(PIECE_BYTES / 800, abs=1)


def test_throughput_is_learned_of_each_way_when_a_file_was_moved(
    send: Send, files: Good2GoUploads, throughputs: Throughputs, clock: TickingClock
) -> None:
    def known(way: str) -> int:
        return round(throughputs.get(way, clock.now()) or 0)

    send(files, NEW, seconds=2)
    assert (known(Vendor.GOOD2GO), known(READING)) == (round(SIZE / 2), 0)
    send(files, NEW, seconds=1)
    sending = round((round(SIZE / 2) + SIZE) / 2)
    assert known(Vendor.GOOD2GO) == sending
    send(files, NEW, url_above=1, seconds=4)
    assert (known(Vendor.GOOD2GO), known(READING)) == (sending, round(SIZE / 4))


@pytest.mark.parametrize("is_over", [True, False])
def test_throughput_is_learned_of_a_file_that_ran_out_of_time_and_of_no_other_that_broke_off(
    send: Send,
    files: Good2GoUploads,
    throughputs: Throughputs,
    clock: TickingClock,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_over: bool,
) -> None:
    """A vendor that once stood still for two minutes would keep large files out for hours."""

    class Stalling(Good2GoUploads):
        def upload(self, new: NewVersion, source: Source) -> Observation:
            stream = source.open()
            stream.read(SIZE // 2)
            stream.close()
            monkeypatch.setattr(Deadline, "expired", is_over)
            raise VendorTimeoutError(new.name, vendor=self.vendor, operation="upload")

    with pytest.raises(VendorTimeoutError):
        send(Stalling(files._client, clock.now), NEW, seconds=120)
    known = throughputs.get(Vendor.GOOD2GO, clock.now())
    assert known == (round(SIZE // 2 / 120) if is_over else None)
    throughputs.put(Vendor.GOOD2GO, 1e9, clock.now())
    send(files, NEW)  # a vendor with half a file stores nothing, so there is nothing to wait for


def test_throughput_is_not_learned_when_nothing_of_a_file_may_have_been_sent(
    send: Send, files: Good2GoUploads, good2go: Site, throughputs: Throughputs, clock: TickingClock
) -> None:
    good2go.fault("upload", "status", status=400)
    with pytest.raises(RejectedError):
        send(files, NEW, seconds=1)
    assert throughputs.get(Vendor.GOOD2GO, clock.now()) is None


def test_file_is_tried_again_when_what_a_bad_hour_taught_is_old(
    send: Send, files: Good2GoUploads, throughputs: Throughputs, clock: TickingClock
) -> None:
    throughputs.put(Vendor.GOOD2GO, 1, clock.now())
    streamed = dataclasses.replace(NEW, mode="stream")
    with pytest.raises(TooLargeError):
        send(files, streamed)
    clock.advance(seconds=LASTING.total_seconds())
    send(files, streamed)


def test_wait_for_an_answer_is_not_taken_for_a_slow_way(
    send: Send, good2go: Site, clock: TickingClock, throughputs: Throughputs
) -> None:
    good2go.fault("upload", "slow_body", seconds=60)
    with Good2Go(token="g2g-local-token", base_url=good2go.url) as client:
        hasty = Good2GoUploads(client.within(Deadline.after(1.5)), clock.now)
        with pytest.raises(VendorTimeoutError):
            send(hasty, NEW)
    assert throughputs.get(Vendor.GOOD2GO, clock.now()) is None


# -- the project

IN_NEW_PROJECT = dataclasses.replace(
    NEW, project_name="Spring", create=True, owners=("USROWNER",), recipient=None, folder=None
)


def projects(studio: Site) -> list[str]:
    return [p["uid"] for p in studio._see("state")["projects"] if p["name"] == "Spring"]


def test_project_is_made_once_when_several_files_need_it(
    send: Send, studio_files: ApprovalStudioUploads, studio: Site
) -> None:
    for name in ("a.pdf", "b.pdf"):
        send(studio_files, dataclasses.replace(IN_NEW_PROJECT, name=name), key=name)
    (made,) = projects(studio)
    assert {effect["project"] for effect in studio.effects("upload_asset")} == {made}


def test_file_waits_when_another_function_makes_its_project(
    send: Send, studio_files: ApprovalStudioUploads, studio: Site, tables: Cloud, clock: TickingClock
) -> None:
    now = clock.now()
    until = now + timedelta(seconds=885)
    lock = "project|approval-studio|Spring"
    locks = Locks(tables.dynamodb, "state")
    assert locks.take(lock, now, until)
    with pytest.raises(NotYetKnownError, match="is being made") as raised:
        send(studio_files, IN_NEW_PROJECT)
    assert raised.value.happened is Happened.NO
    assert projects(studio) == []
    locks.release(lock, until)
    send(studio_files, IN_NEW_PROJECT)
    assert len(projects(studio)) == 1


def test_project_is_made_once_when_somebody_has_made_it_between_two_looks(
    send: Send, studio_files: ApprovalStudioUploads, studio: Site, clock: TickingClock
) -> None:
    class Racing(ApprovalStudioUploads):
        def find_project(self, new: NewVersion) -> str | None:
            found = super().find_project(new)
            if found is None:
                self.create_project(new)
            return found

    send(Racing(studio_files._client, clock.now), IN_NEW_PROJECT)
    assert len(projects(studio)) == 1


@pytest.mark.parametrize("lost", ["drop_before", "drop_after"])
def test_project_is_made_once_when_the_answer_to_its_making_was_lost(
    send: Send, studio_files: ApprovalStudioUploads, studio: Site, clock: TickingClock, lost: str
) -> None:
    studio.fault("create_project", lost)
    with pytest.raises(NotYetKnownError) as raised:
        send(studio_files, IN_NEW_PROJECT)
    assert (raised.value.happened, raised.value.transient) == (Happened.NO, True), "of the file"
    clock.advance(seconds=886)
    send(studio_files, IN_NEW_PROJECT)
    assert len(projects(studio)) == 1
    assert len(studio.effects("upload_asset")) == 1


def test_project_is_tried_again_when_its_making_was_refused(
    send: Send, studio_files: ApprovalStudioUploads, studio: Site
) -> None:
    studio.fault("create_project", "status", status=400)
    with pytest.raises(RejectedError):
        send(studio_files, IN_NEW_PROJECT)
    send(studio_files, IN_NEW_PROJECT)
    assert len(projects(studio)) == 1


# -- locks


def test_lock_is_for_one_until_it_is_released_or_ends(tables: Cloud, clock: TickingClock) -> None:
    locks, now = Locks(tables.dynamodb, "state"), clock.now()
    until = now + timedelta(minutes=1)
    assert not locks.held("a", now)
    assert locks.take("a", now, until)
    assert locks.held("a", now)
    assert not locks.take("a", now, until)
    assert locks.take("b", now, until)
    locks.release("a", until + timedelta(seconds=1))
    assert locks.held("a", now), "that was somebody else's"
    locks.release("a", until)
    assert not locks.held("a", now)
    assert locks.take("a", now, until)
    assert not locks.held("a", until)
    assert locks.take("a", until, until + timedelta(minutes=1))
