from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from proofbridge.config.__main__ import main
from proofbridge.config.loader import load_config
from proofbridge.domain.changes import ChangeKind
from proofbridge.domain.items import ReviewStatus
from proofbridge.vendors.catalogue import ActionName
from tests.unit.config_samples import DESTINATION, ROUTE, VENDORS

SHIPPED = Path(__file__).parents[2] / "config"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write config files by their names; returns the folder."""

    def write_files(**files: str) -> Path:
        if "routes" in files:
            files = {"vendors": VENDORS, **files}
        for name, text in files.items():
            (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write_files


# -- what loads


def test_shipped_configuration_loads() -> None:
    config = load_config(SHIPPED)
    assert [d.prefix for d in config.destinations] == ["labels"]
    assert [r.name for r in config.routes] == [
        "approval-closes-task",
        "changes-reopen-task",
        "new-version-back-in-review",
        "new-version-tells-reviewers",
        "cancelled-task-holds-project",
    ]
    assert config.vendors.good2go.fetch_back
    assert config.vendors.goodday.statuses[ReviewStatus.COMPLETED] == ("STDONE",)
    assert len(config.reminders) == 2


def test_defaults_hold_when_a_file_is_missing(write: Write) -> None:
    config = load_config(write(destinations=DESTINATION))
    assert config.routes == ()
    assert config.reminders == ()
    assert config.vendors.good2go.fetch_back
    assert config.vendors.goodday.projects == ()
    assert config.destinations[0].message == "Please review {file.name}."


def test_route_is_read_when_it_has_every_key(write: Write) -> None:
    config = load_config(
        write(
            routes="""
            [[routes]]
            name = "all"
            [routes.when]
            vendor = "goodday"
            change = "due_date"
            from = "a"
            to = ["b", "c"]
            condition = "item.version > `1`"
            [[routes.then]]
            action = "goodday.set_status"
            status = "in_review"
            message = "{change.by}"
            [[routes.then]]
            action = "goodday.comment"
            message = "{item.url}"
            """
        )
    )
    (route,) = config.routes
    assert (route.when.before, route.when.after) == (("a",), ("b", "c"))
    assert route.when.change is ChangeKind.DUE_DATE
    assert [then.action for then in route.then] == [ActionName.GOODDAY_SET_STATUS, ActionName.GOODDAY_COMMENT]
    assert route.then[0].params == {"status": "in_review", "message": "{change.by}"}


@pytest.mark.parametrize(
    ("key", "prefix"),
    [
        ("drop/labels/a.pdf", "labels"),
        ("drop/labels/sub/a.pdf", "labels"),
        ("drop/labels/beer/a.pdf", "labels/beer"),
        ("drop/labels/beer/deep/a.pdf", "labels/beer"),
        ("drop/labels-old/a.pdf", None),
        ("drop/labels", None),
        ("drop/Labels/a.pdf", None),
        ("labels/a.pdf", None),
        ("drop/flyers/labels/a.pdf", None),
    ],
)
def test_destination_is_the_longest_prefix_that_a_file_lies_under(
    write: Write, key: str, prefix: str | None
) -> None:
    config = load_config(write(destinations=DESTINATION + DESTINATION.replace('"labels"', '"labels/beer"')))
    found = config.destination_of(key)
    assert (None if found is None else found.prefix) == prefix


NEEDED = """
[email]
sender = "proofs@studio.test"
[robohead.commands]
add_comment = "review.AddReviewComment"
[robohead.comparators."single select"]
is = 19
"""


@pytest.mark.parametrize(
    "then",
    [
        'action = "goodday.update", deadline = "{change.to}", title = "{item.name}"',
        'action = "good2go.set_due_date", due_at = "{item.due}"',
        'action = "good2go.set_status", status = "{change.to}"',
        'action = "email.send", to = ["{change.by}"], subject = "{item.name}", message = "{item.url}"',
    ],
)
def test_route_loads_when_a_text_will_be_right_once_it_is_filled_in(write: Write, then: str) -> None:
    given = ROUTE.replace('action = "goodday.set_status", status = "completed"', then)
    assert load_config(write(routes=given, vendors=NEEDED)).routes[0].then[0].action in then


def test_routes_may_say_something_at_robohead_and_send_email_when_the_settings_are_there(
    write: Write,
) -> None:
    said = ROUTE.replace('"goodday.set_status", status = "completed"', '"robohead.comment", message = "Hi"')
    config = load_config(write(routes=said, vendors=NEEDED))
    assert config.vendors.robohead.commands == {"add_comment": "review.AddReviewComment"}
    assert config.vendors.robohead.comparators == {"single select": {"is": 19}}
    assert config.vendors.email.sender == "proofs@studio.test"


# -- the command


def test_command_says_what_it_found_when_all_is_good(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(SHIPPED)]) == 0
    assert capsys.readouterr().out == f"{SHIPPED}: 1 destinations, 5 routes, 2 reminders: all good\n"


def test_command_names_the_problems_when_something_is_wrong(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(vendors="[good3go]", colours="")
    assert main([str(folder)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert [line.split(": ")[0] for line in printed.err.splitlines()] == [
        str(folder / "colours.toml"),
        str(folder / "vendors.toml"),
    ]


@pytest.mark.parametrize("arguments", [[], ["a", "b"]])
def test_command_says_how_it_is_used_when_it_is_used_otherwise(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "usage: python -m proofbridge.config DIR" in capsys.readouterr().err


@pytest.mark.parametrize(("vendors", "status"), [("", 0), ("[good3go]", 1)])
def test_command_exits_with_the_status_when_run_as_a_module(write: Write, vendors: str, status: int) -> None:
    layer = SHIPPED.parent / "layers" / "proofbridge" / "python"
    done = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-m", "proofbridge.config", str(write(vendors=vendors))],
        env={**os.environ, "PYTHONPATH": str(layer)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == status
    assert ("all good" in done.stdout, "good3go" in done.stderr) == (status == 0, status == 1)
