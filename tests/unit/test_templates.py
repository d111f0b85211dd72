from __future__ import annotations

import pytest
from hypothesis import given, settings

from proofbridge.domain.templates import CHANGE_FIELDS, TemplateError, check_template, render
from tests.unit.observations import texts


@pytest.mark.parametrize("name", CHANGE_FIELDS)
def test_text_accepted_when_it_names_a_field(name: str) -> None:
    check_template(f"before {{{name}}} after", CHANGE_FIELDS)
    assert render(f"before {{{name}}} after", {name: "value"}) == "before value after"


def test_text_accepted_when_it_has_no_places() -> None:
    check_template("Grüße aus Köln 🍺", CHANGE_FIELDS)
    assert render("Grüße aus Köln 🍺", {}) == "Grüße aus Köln 🍺"


def test_braces_are_written_when_doubled() -> None:
    check_template('{{"by": "{change.by}"}}', CHANGE_FIELDS)
    assert render('{{"by": "{change.by}"}}', {"change.by": "Ann"}) == '{"by": "Ann"}'


@pytest.mark.parametrize("value", ["{proof.id}", "{", "}}", "{{x}}", "{0}", "%s", "\u202e🍺", "a\nb", ""])
def test_value_stands_as_it_is_when_it_looks_like_a_place(value: str) -> None:
    rendered = render("<{change.comment}|{change.comment}>", {"change.comment": value, "proof.id": "PB1"})
    assert rendered == f"<{value}|{value}>"


@settings(derandomize=True, max_examples=100)
@given(texts(), texts(), texts())
def test_any_value_stands_between_any_literals(before: str, value: str, after: str) -> None:
    doubled = [text.replace("{", "{{").replace("}", "}}") for text in (before, after)]
    text = f"{doubled[0]}{{change.by}}{doubled[1]}"
    check_template(text, CHANGE_FIELDS)
    assert render(text, {"change.by": value}) == f"{before}{value}{after}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{change.who}", r"\{change\.who\} is unknown; allowed: change\.at, change\.by, change\.comment"),
        ("{}", r"\{\} is unknown"),
        ("{0}", r"\{0\} is unknown"),
        ("{change.by} and {CHANGE.BY}", r"\{CHANGE\.BY\} is unknown"),
        ("{ change.by }", r"\{ change\.by \} is unknown"),
        ("{change[by]}", r"\{change\[by\]\} is unknown"),
        ("{change.by.__class__}", "is unknown"),
        ("{change.by!r}", r"\{change\.by\} takes no format; write \{\{ and \}\} for braces"),
        ("{change.by:>10}", "takes no format"),
        ("{change.by:{proof.id}}", "takes no format"),
        ("{", r"write \{\{ and \}\} for braces"),
        ("}", r"write \{\{ and \}\} for braces"),
        ("{change.by", r"write \{\{ and \}\} for braces"),
        ("{change.{x}}", "unknown|braces"),
    ],
)
def test_text_refused_when_a_place_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(TemplateError, match=problem):
        check_template(text, CHANGE_FIELDS)
