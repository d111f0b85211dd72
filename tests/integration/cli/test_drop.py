"""Dropping files as a print shop's engineer does: what goes wrong is told of each, and the others go on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from proofbridge.domain.items import moment_text
from tests.integration.bridge import Bridge
from tests.integration.cloud import BUCKET
from tests.unit.cli.commands import run

STOPPED = (
    "proofbridge: stopped by Ctrl-C: nothing more is sent. What lies in the drop folder goes on by itself."
)
NASTY = "a+b (1) ü%20 #1? &\"'\x1b[31m\r\u202e😀e\u0301.pdf"


@contextmanager
def at_each(event: str, happen: Callable[..., None]) -> Iterator[None]:
    """Have something happen at each such event of the commands' own AWS clients."""
    session_type = boto3.Session

    def new_session(**settings: Any) -> boto3.Session:
        session = session_type(**settings)
        session.events.register(event, happen)
        return session

    with mock.patch.object(boto3, "Session", new_session):
        yield


@contextmanager
def at_each_pause(*happen: Callable[[], object]) -> Iterator[None]:
    """Have these things happen one after the other, in place of the pauses between two looks."""
    steps = iter(happen)
    with mock.patch.object(time, "sleep", side_effect=lambda _: next(steps)()):
        yield


def dropped(live: Bridge, name: str) -> dict[str, Any]:
    """Return S3's event of a file that the command has put into the bucket."""
    key = f"drop/labels/{name}"
    head = live.cloud.s3.head_object(Bucket=BUCKET, Key=key)
    found = {"key": key, "size": head["ContentLength"], "version-id": head["VersionId"], "sequencer": "01"}
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": moment_text(live.clock.now()),
        "detail": {"bucket": {"name": BUCKET}, "object": found},
    }


def pdf(folder: Path, name: str = "a.pdf") -> str:
    path = folder / name
    path.write_bytes(b"%PDF " + name.encode())
    return str(path)


def stop() -> None:
    raise KeyboardInterrupt


def test_file_is_followed_until_it_arrives_whatever_its_name(live: Bridge, tmp_path: Path) -> None:
    file = pdf(tmp_path, NASTY)

    with at_each_pause(lambda: live.relay(dropped(live, NASTY))):
        ran = run("drop", file, "--to", "drop/labels/")

    assert (ran.status, ran.errors) == (0, "")
    shown = "a+b (1) ü%20 #1? &\"'�[31m��😀e\u0301.pdf"
    assert [line for line in ran.screen.splitlines() if "_aws" not in line] == [  # the bridge counts
        f"{shown}  100 %  to the bucket",
        f"{shown}  0 %  taken in",
        f"{shown}  100 %  Good2Go: relayed",
    ]
    assert live.good2go.job()["name"] == NASTY.replace("\r", "%0D"), "as HTML forms name files"


def refusal(code: str, why: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": why}}, "PutObject")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            refusal("AccessDenied", "Access Denied"),
            "AWS refused PutObject: Access Denied. Use credentials that may do this.",
        ),
        (
            refusal("ExpiredToken", "The provided token has expired."),
            "AWS refused PutObject: The provided token has expired. Log in again.",
        ),
        (
            EndpointConnectionError(endpoint_url="https://s3.test"),
            'AWS can\'t be asked: Could not connect to the endpoint URL: "https://s3.test". '  # noqa: ISC004
            "Check the network and the region.",
        ),
    ],
)
def test_other_files_go_on_when_aws_does_not_take_one(
    error: Exception, says: str, live: Bridge, tmp_path: Path
) -> None:
    def fail(params: dict[str, Any], **_: Any) -> None:
        if params["Key"].endswith("b.pdf"):
            raise error

    files = [pdf(tmp_path, name) for name in ("a.pdf", "b.pdf", "c.pdf")]
    gone = str(tmp_path / "gone.pdf")

    with at_each("before-parameter-build.s3.PutObject", fail):
        ran = run("drop", *files, gone, "--to", "labels", "--wait", "0")

    assert ran.status == 1
    see = "is still on its way. See: proofbridge uploads show labels"
    assert ran.errors.splitlines() == [
        f"proofbridge: {files[0]} {see}/a.pdf",
        f"proofbridge: {files[1]} was not dropped: {says}",
        f"proofbridge: {files[2]} {see}/c.pdf",
        f"proofbridge: {gone} was not dropped: there is no such file. Check its name.",
    ]
    listed = live.cloud.s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [each["Key"] for each in listed] == ["drop/labels/a.pdf", "drop/labels/c.pdf"]


@pytest.mark.parametrize("megabytes", [0, 9], ids=["whole", "in-parts"])
def test_nothing_is_dropped_when_the_file_is_written_to_while_it_is_sent(
    megabytes: int, live: Bridge, tmp_path: Path
) -> None:
    file = Path(pdf(tmp_path))
    with file.open("ab") as writer:
        writer.truncate(megabytes * 1024 * 1024 + 9)
    operation = "CreateMultipartUpload" if megabytes else "PutObject"

    def write(**_: Any) -> None:
        with file.open("ab") as writer:
            writer.write(b"more")

    with at_each(f"before-parameter-build.s3.{operation}", write):
        ran = run("drop", str(file), "--to", "labels", "--json")

    assert ran.errors.splitlines()[-1] == (
        f"proofbridge: {file} was not dropped: it was written to meanwhile. Drop it once it is whole."
    )
    (told,) = ran.data["files"]
    assert (told["state"], told["version_id"], told["arrived"]) == ("not dropped", None, False)
    assert "Contents" not in live.cloud.s3.list_objects_v2(Bucket=BUCKET)
    assert "Uploads" not in live.cloud.s3.list_multipart_uploads(Bucket=BUCKET)


def test_file_is_kept_back_when_its_sidecar_can_not_be_dropped(live: Bridge, tmp_path: Path) -> None:
    file, sidecar = pdf(tmp_path), tmp_path / "a.pdf.json"
    sidecar.touch()

    ran = run("drop", file, str(sidecar), "--to", "labels")

    assert ran.errors.splitlines() == [
        f"proofbridge: {sidecar} was not dropped: it is empty. Drop it once it is whole.",
        f"proofbridge: {file} was not dropped: its sidecar was not. Put that right, then drop both.",
    ]
    assert "Contents" not in live.cloud.s3.list_objects_v2(Bucket=BUCKET)


def test_what_stands_where_is_told_when_the_upload_is_interrupted(live: Bridge, tmp_path: Path) -> None:
    files = [pdf(tmp_path, name) for name in ("an a.pdf", "b.pdf")]
    key = "labels/an a.pdf"

    with at_each("after-call.s3.PutObject", lambda **_: os.kill(os.getpid(), signal.SIGINT)):
        ran = run("drop", *files, "--to", "labels")

    assert ran.status == 130
    assert ran.errors.splitlines() == [
        STOPPED,
        f"proofbridge: {files[0]} is still on its way. See: proofbridge uploads show {key!r}",
        f"proofbridge: {files[1]} was not dropped: it was not sent to its end. Drop it again.",
    ]
    assert [each["Key"] for each in live.cloud.s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == [
        f"drop/{key}"
    ]


def test_what_stands_where_is_told_when_the_following_is_interrupted(live: Bridge, tmp_path: Path) -> None:
    files = [pdf(tmp_path, name) for name in ("a.pdf", "b.pdf")]

    with at_each_pause(lambda: live.relay(dropped(live, "a.pdf")), stop):
        ran = run("drop", *files, "--to", "labels")

    assert ran.status == 130
    assert ran.errors.splitlines() == [
        STOPPED,
        f"proofbridge: {files[1]} is still on its way. See: proofbridge uploads show labels/b.pdf",
    ]


def test_where_files_stand_is_told_when_aws_refuses_to_tell_more(live: Bridge, tmp_path: Path) -> None:
    def expire(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "ExpiredToken", "Message": "Expired"}}, "GetItem")

    file = pdf(tmp_path)
    with at_each("before-call.dynamodb.GetItem", expire):
        ran = run("drop", file, "--to", "labels")

    assert (ran.status, live.good2go.jobs()) == (1, [])
    assert ran.errors.splitlines() == [
        "proofbridge: AWS refused GetItem: Expired. Log in again.",
        f"proofbridge: {file} is still on its way. See: proofbridge uploads show labels/a.pdf",
    ]


def test_what_to_do_is_told_when_a_file_is_refused(live: Bridge, tmp_path: Path) -> None:
    live.destine(pattern="{customer}_{order}.pdf", max_size_mb=1)
    vendors_own, too_large = pdf(tmp_path, "ACME_1.pdf"), tmp_path / "ACME_2.pdf"
    too_large.write_bytes(b"x" * 1_000_001)
    live.good2go.fault("upload", "status", status=422)

    with at_each_pause(
        lambda: (live.relay(dropped(live, "ACME_1.pdf")), live.take_in(dropped(live, "ACME_2.pdf")))
    ):
        ran = run("drop", vendors_own, str(too_large), "--to", "labels", "--wait", "1")

    see = "See: proofbridge uploads show labels"
    one, other = ran.errors.splitlines()
    assert one.startswith(f"proofbridge: {vendors_own}: refused: Good2Go: good2go files.upload")
    assert one.endswith(f". Correct what the vendor names, then drop the file again. {see}/ACME_1.pdf")
    assert other == (
        f"proofbridge: {too_large}: refused: it has 1,000,001 bytes; its destination takes up to 1 MB. "
        "Make it smaller, or raise max_size_mb in config/destinations.toml; then drop it again. "
        f"{see}/ACME_2.pdf"
    )
    shown = run("uploads", "show", "labels/ACME_2.pdf").screen
    assert "  what to do  Make it smaller, or raise max_size_mb" in shown


def test_destination_is_refused_when_it_is_no_folder(tmp_path: Path) -> None:
    for to in ("", "/", "..", "labels/../other", "a//b", "a\nb"):
        ran = run("drop", pdf(tmp_path), "--to", to)
        assert (ran.status, ran.screen) == (2, "")
        assert ran.errors == (
            f"proofbridge: --to {to!r} names no destination: it is no folder. Name one: --to labels.\n"
        )
