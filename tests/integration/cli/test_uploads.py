"""Dropping files, and reading what is told of them."""

from __future__ import annotations

import json
from pathlib import Path

from proofbridge.uploads.intake import Arrived
from tests.integration.bridge import Bridge
from tests.integration.cloud import BUCKET
from tests.unit.cli.commands import run

NASTY = "[bold]a[/bold] [/nope] :smile:.pdf"


def test_file_is_shown_by_its_own_name_when_that_looks_like_markup(live: Bridge) -> None:
    assert live.take_in(live.drop(b"", NASTY)) is Arrived.REFUSED

    listed, shown = run("uploads", "list"), run("uploads", "show", f"labels/{NASTY}")

    assert (listed.status, shown.status) == (0, 0)
    assert shown.screen.startswith(f"labels/{NASTY}\n")
    assert "reason it is empty what to do Drop the file again" in " ".join(shown.screen.split())
    assert "\nAll of one: proofbridge uploads show FILE\n" in listed.screen


def test_key_can_be_copied_when_it_is_longer_than_the_screen_is_wide(live: Bridge) -> None:
    name = "long-" * 30 + ".pdf"
    live.take_in(live.drop(b"", name))
    key = json.loads(run("uploads", "list", "--json").screen)["uploads"][0]["key"]

    assert f"{key}\n" in run("uploads", "show", f"labels/{name}").screen


def test_sidecar_goes_first_and_nobody_waits_for_it(live: Bridge, tmp_path: Path) -> None:
    file, sidecar = tmp_path / "a[b].pdf", tmp_path / "a[b].pdf.json"
    file.write_bytes(b"%PDF")
    sidecar.write_text("{}")

    alone = run("drop", str(sidecar), "--to", "labels", "--wait", "1")
    both = run("drop", str(file), str(sidecar), "--to", "labels", "--wait", "0", "--json")

    assert (alone.status, alone.errors) == (0, "")
    told = json.loads(both.screen)["files"]
    assert [(Path(each["file"]).name, each["state"]) for each in told] == [
        (sidecar.name, "sidecar"),
        (file.name, None),
    ]
    assert both.status == 1, "nobody has taken the file itself in"
    assert "a[b].pdf is still on its way." in both.errors
    assert "a[b].pdf.json is" not in both.errors
    for each in (file, sidecar):
        stored = live.cloud.s3.get_object(Bucket=BUCKET, Key=f"drop/labels/{each.name}")
        assert stored["Body"].read() == each.read_bytes()
