"""What the commands say of a file in the midst of its upload."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from proofbridge.uploads.outcomes import Status
from proofbridge.uploads.progress import MIN_STEP_BYTES, TransferPhase
from proofbridge_cli.following import Dropped
from proofbridge_cli.stack import open_stack
from tests.integration.bridge import Bridge
from tests.integration.test_relay import key_of
from tests.unit.cli.commands import run

At = tuple[TransferPhase, int]
FILE = b"x" * (2 * MIN_STEP_BYTES)


@contextmanager
def at_progress(live: Bridge, event: dict[str, Any], looks: dict[At, Any]) -> Iterator[None]:
    """Look, in the midst of an upload, what is told of it at each of these moments."""

    def look(**_: Any) -> None:
        entry = live.ledger.get(key_of(event))
        now = (entry.doing, entry.done_bytes) if entry is not None else None
        if now in looks and looks[now] is None:
            looks[now] = told(event)

    events = live.cloud.dynamodb.meta.events
    events.register("after-call.dynamodb.UpdateItem", look)
    try:
        yield
    finally:
        events.unregister("after-call.dynamodb.UpdateItem", look)
    assert None not in looks.values(), "it never came so far"


def told(event: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of a file now: by list, by show, for scripts, and by whoever follows its drop."""
    (listed,) = json.loads(run("uploads", "list", "--json").screen)["uploads"]
    found = event["detail"]["object"]
    followed = Dropped(Path("summer-ale.pdf"), found["key"], found["size"], found["version-id"])
    with open_stack(None) as stack:
        followed.look(stack)
    return {
        "list": run("uploads", "list", columns=150).screen,
        "show": run("uploads", "show", "labels/summer-ale.pdf").screen,
        "scripts": (listed["step"], listed["percent"]),
        "drop": (followed.percent, followed.says),
    }


def relay_with_looks(live: Bridge, *moments: At) -> list[dict[str, Any]]:
    """Relay a file; return what was told of it when it was so far."""
    event, looks = live.drop(FILE), dict.fromkeys(moments)
    with at_progress(live, event, looks):
        assert live.relay(event).fate is Status.RELAYED
    (uploaded,) = json.loads(run("uploads", "list", "--state", "done", "--json").screen)["uploads"]
    assert (uploaded["step"], uploaded["percent"]) == ("sending", 100)
    return [told for told in looks.values() if told is not None]


def by_link(live: Bridge) -> None:
    """Have files fetched, but let the vendor find nothing there, so that they are sent in the end."""
    good2go = live.config.vendors.good2go.model_copy(update={"url_above_mb": 0})
    vendors = live.config.vendors.model_copy(update={"good2go": good2go})
    live.config = live.config.model_copy(update={"vendors": vendors})
    live.good2go.settings(fetch_timeout_seconds=0.001)


def test_percentage_is_shown_while_a_file_is_sent(live: Bridge) -> None:
    (seen,) = relay_with_looks(live, (TransferPhase.SENDING, len(FILE) // 2))

    assert "started  50 %  labels/summer-ale.pdf to Good2Go" in seen["list"]
    assert "  percent     50 %\n" in seen["show"]
    assert seen["scripts"] == ("sending", 50)
    assert seen["drop"] == (50, "Good2Go: sending")


def test_hashing_and_the_vendors_fetching_are_not_taken_for_sending(live: Bridge) -> None:
    by_link(live)

    hashing, fetching = relay_with_looks(
        live, (TransferPhase.HASHING, len(FILE) // 2), (TransferPhase.FETCHING, len(FILE))
    )

    assert "started  hashing 50 %  labels/summer-ale.pdf to Good2Go" in hashing["list"]
    assert "  percent     hashing 50 %\n" in hashing["show"]
    assert hashing["scripts"] == ("hashing", 50)
    assert hashing["drop"] == (50, "Good2Go: hashing")
    said = "Good2Go fetches it from the bucket"
    assert "started  by link  labels/summer-ale.pdf to Good2Go" in fetching["list"]
    assert said in " ".join(fetching["list"].split())
    assert "  percent     by link\n" in fetching["show"]
    assert said in fetching["show"]
    assert fetching["scripts"] == ("fetching", None)
    assert fetching["drop"] == (99, "Good2Go: fetches it")
