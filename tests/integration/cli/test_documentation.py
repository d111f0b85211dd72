"""What docs/operate.md promises to scripts, and to people."""

from __future__ import annotations

import re
from typing import Any

import pytest
from typer.main import get_command

from proofbridge.stores.inbox import EventState
from proofbridge.stores.ledger import EffectState
from proofbridge_cli.main import app
from proofbridge_cli.screen import STYLES
from proofbridge_cli.story import FORGOTTEN, QUEUED
from tests.integration.bridge import Bridge
from tests.integration.cli.conftest import ROOT
from tests.integration.cli.happenings import parked
from tests.unit.cli.commands import read

PAGE = (ROOT / "docs/operate.md").read_text()


def documented(name: str) -> set[str]:
    """The keys that the page's table names for `*name*`, without those of what is in them."""
    (row,) = re.findall(rf"^\| \*{name}\* \| (.+) \|$", PAGE, re.MULTILINE)
    return set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", row)))


def test_events_and_actions_have_the_documented_keys_when_they_are_printed_for_scripts(live: Bridge) -> None:
    observation = parked(live)

    (listed, *_) = read("events", "list")["events"]
    story = read("events", "show", observation.key)
    (action,) = read("actions", "list")["actions"]
    observed: dict[str, Any] = story["observations"][0]

    assert set(listed) == documented("event")
    assert set(observed) == documented("event") | {"body", "actions", "replays"}
    assert set(story) == {"event", "observations", "name", "proof"}
    assert set(action) == documented("action")
    assert set(observed["actions"][0]) == documented("action")
    assert read("actions", "show", action["key"]) == action


@pytest.mark.parametrize("state", [*EventState, *EffectState, QUEUED, FORGOTTEN])
def test_every_state_is_explained_and_has_its_colour(state: str) -> None:
    assert re.search(rf"^\| {state} \| .+ \|$", PAGE, re.MULTILINE)
    assert state in STYLES


def test_every_command_is_explained() -> None:
    groups: dict[str, Any] = getattr(get_command(app), "commands")  # noqa: B009 - a group's, says typer
    for name, group in groups.items():
        assert f"`proofbridge {name} " in PAGE, name
        for command in getattr(group, "commands", ()):
            row = next((line for line in PAGE.splitlines() if f"`proofbridge {name} " in line), "")
            assert f"proofbridge {name} {command}" in PAGE or f"`{command}`" in row, f"{name} {command}"
