"""docs/routes.md says what the code does."""

from __future__ import annotations

import tomllib

import pytest

from proofbridge.config.routes import Route
from proofbridge.domain.changes import ChangeKind
from proofbridge.vendors.catalogue import CATALOGUE, RecoveryStrategy
from tests.contract.routes_page import CHANGES, PAGE, TRACES, page


def test_page_is_what_the_code_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text), "python -m tests.contract.routes_page writes it"


def test_page_is_refused_when_it_lacks_a_table() -> None:
    with pytest.raises(ValueError, match="0 places for the table changes"):
        page(PAGE.read_text(encoding="utf-8").replace("<!-- table: changes -->", ""))


def test_page_tells_of_every_change_and_of_every_trace() -> None:
    assert set(CHANGES) == set(ChangeKind)
    looked_up = {
        name
        for name, kind in CATALOGUE.items()
        if kind.routable and kind.resolution is not RecoveryStrategy.REPEATABLE
    }
    assert set(TRACES) == looked_up


def test_example_of_the_page_is_a_route() -> None:
    example = PAGE.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    (route,) = tomllib.loads(example)["routes"]
    assert Route.model_validate(route).name == "approval-closes-task"
