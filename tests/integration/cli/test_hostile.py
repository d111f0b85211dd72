"""What came in from outside is shown as it is: it breaks no command, and commands no terminal."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import pytest

from proofbridge.stores.inbox import Event, EventState, Source
from tests.integration.bridge import Bridge
from tests.integration.receive.hostile import NASTY_BODIES
from tests.unit.cli.commands import run

TERMINAL = "\x1b[31m \x1b]0;title\x07 \x9b31m \u202e\u2066 \x00 [bold]x[/bold] [/nope] :smile:"
BODIES = (
    *(
        body.decode()
        for body in NASTY_BODIES
        if len(body) < 1_000 and b"\xff" not in body and b"\xed" not in body
    ),
    "[" * 100_000,
    '{"a":' * 600 + "1" + "}" * 600,
    '{"a": 1e999}',
    TERMINAL,
    json.dumps({TERMINAL: TERMINAL}, ensure_ascii=False),
)


def put(live: Bridge, body: str, *, item: str = "good2go#unknown", name: str = "hostile") -> Event:
    reason = f"not JSON {TERMINAL}"
    event = Event(item, name, Source.WEBHOOK, live.clock.now(), body, EventState.QUARANTINED, reason)
    assert live.inbox.put(event)
    return event


def strictly(text: str) -> Any:
    """Read JSON as other languages do."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    return json.loads(text, parse_constant=refuse)


def assert_harmless(shown: str) -> None:
    shown.encode()
    assert not [each for each in shown if each != "\n" and not each.isprintable()]


def test_event_is_shown_when_its_body_is_nasty(live: Bridge) -> None:
    for number, body in enumerate(BODIES):
        event = put(live, body, name=f"hostile-{number}")

        told, screen = run("events", "show", event.key, "--json"), run("events", "show", event.key)

        assert (told.status, screen.status) == (0, 0)
        kept = strictly(told.screen)["event"]["body"]
        assert kept == (body or None) or kept == json.loads(body), body[:80]
        assert told.screen.isascii()
        assert_harmless(screen.screen)
        assert "[/nope]" in screen.screen


@pytest.mark.parametrize("guid", ["[/nope]", "[bold]x", ":smile:"])
def test_item_is_listed_by_its_own_name_when_that_looks_like_markup(guid: str, live: Bridge) -> None:
    event = put(live, "", item=f"good2go#job#{guid}")

    listed, failed = run("events", "list"), run("events", "replay", f"{event.item}#{TERMINAL}")

    assert listed.status == 0
    assert f"Good2Go job {guid}" in listed.screen
    assert_harmless(listed.screen)
    assert failed.status == 1
    assert_harmless(failed.errors)
