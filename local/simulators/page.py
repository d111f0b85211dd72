"""The page of a simulator, where a person looks at its state and plays the customer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import flask
from flask import Blueprint

from local.simulators.simulator import Simulator

_EFFECTS_SHOWN = 200
_ROWS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a form; `kind` is the HTML input type, or "select" with `options` (value, label)."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A form that posts its inputs and hidden values to `POST /_control/act/<button's act>`.

    Several buttons share the inputs: (act, label).
    """

    buttons: tuple[tuple[str, str], ...]
    hidden: dict[str, str]
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One item: its cells under the page's columns, its remarks (who, when, what) and its forms.

    The first cell is its status, coloured by `status` (good, bad, warn); `more` forms are folded away.
    """

    title: str
    id: str
    cells: tuple[Any, ...]
    status: str = ""
    remarks: tuple[tuple[str, str, str], ...] = ()
    forms: tuple[Form, ...] = ()
    more: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """What a vendor's page shows."""

    items: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    hint: str = ""
    facts: dict[str, str] = field(default_factory=dict)


def blueprint(simulator: Simulator) -> Blueprint:
    """Return the page of a simulator."""
    pages = Blueprint("page", __name__, template_folder=str(Path(__file__).parent / "templates"))

    @pages.get("/")
    def show() -> str:
        with simulator.lock:
            page = simulator.vendor.page()
        webhooks = [] if simulator.webhooks is None else simulator.webhooks.records()
        return flask.render_template(
            "page.html",
            vendor=simulator.vendor,
            page=page,
            rows=page.rows[:_ROWS_SHOWN],
            titles={row.id: row.title for row in page.rows},
            now=simulator.clock.now(),
            effects=simulator.effects.entries()[::-1][:_EFFECTS_SHOWN],
            violations=simulator.violations.entries()[::-1][:_EFFECTS_SHOWN],
            webhooks=webhooks[::-1][:_EFFECTS_SHOWN],
        )

    return pages


def moment_from_page(value: object) -> object:
    """Read what a browser's datetime-local field sends (`2030-01-31T12:00`, no zone) as UTC."""
    if isinstance(value, str) and value and value[-1] not in "Zz" and "+" not in value:
        return datetime.fromisoformat(value + "+00:00")
    return value
