"""Texts with named places, such as "{change.by} approved {proof.name}", checked when the config is loaded."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

_FORMATTER: Final = string.Formatter()

CHANGE_FIELDS: Final = {
    "change.kind": "what changed: status, version, due_date, name, assignee, comment, created or deleted",
    "change.from": "the value before",
    "change.to": "the value after",
    "change.to_words": "the value after, as words: 'changes requested'",
    "change.by": "who decided, or 'somebody'",
    "change.at": "when it changed, by the vendor's account where it has one",
    "change.comment": "the newest remark, or nothing",
    "change.quoted_comment": "': \u201cthe newest remark\u201d', or nothing",
    "item.vendor": "the vendor where it changed, by its name",
    "item.name": "the item's name",
    "item.version": "the item's version",
    "item.url": "the item's link",
    "item.due": "the item's due date",
    "item.due_day": "the day of the item's due date, in UTC",
    "item.status": "the item's status, as words",
    "item.assignee": "whose the item is: an e-mail address or the vendor's user id",
    "item.project": "the id of the item's project",
    "proof.id": "the proof's id",
    "proof.name": "what is reviewed is called; all that follows is of what is reviewed, where there is any",
    "proof.version": "its version",
    "proof.status": "its status, as words",
    "proof.url": "its link",
    "proof.due": "its due date",
    "proof.due_day": "the day of its due date, in UTC",
    "proof.links": "the links of all the proof's items, a line each",
    "proof.reviewers": "who reviews it, with commas",
}
"""What a route's texts can name."""


class TemplateError(ValueError):
    """A text names a place that does not exist, or has a stray brace."""


def check_template(text: str, allowed: Collection[str]) -> None:
    """Raise TemplateError unless every place in the text is one of the allowed."""
    for name in places(text):
        if name not in allowed:
            raise TemplateError(f"{{{name}}} is unknown; allowed: {', '.join(sorted(allowed))}")


def render(text: str, values: Mapping[str, str]) -> str:
    """Fill in the places of a checked text. Values are taken as they are: braces in them mean nothing."""
    parts: list[str] = []
    for literal, name, _, _ in _FORMATTER.parse(text):
        parts.append(literal)
        if name is not None:
            parts.append(values[name])
    return "".join(parts)


def render_all(value: Any, values: Mapping[str, str]) -> Any:
    """Fill in the places of all checked texts in a value, which may hold lists and tables."""
    match value:
        case str():
            return render(value, values)
        case list() | tuple():
            return [render_all(each, values) for each in value]
        case dict():
            return {key: render_all(each, values) for key, each in value.items()}
        case _:
            return value


def texts(value: Any) -> Iterator[str]:
    """Yield all texts in a value, which may hold lists and tables; the keys of tables are no texts."""
    match value:
        case str():
            yield value
        case list() | tuple():
            for each in value:
                yield from texts(each)
        case dict():
            for each in value.values():
                yield from texts(each)


def has_places(text: str) -> bool:
    """Whether there is a place to fill in in a checked text."""
    return any(True for _ in places(text))


def places(text: str) -> Iterator[str]:
    """Yield the names of the places in a text; TemplateError for a stray brace or a format."""
    try:
        for _, name, spec, conversion in _FORMATTER.parse(text):
            if name is None:
                continue
            if spec or conversion:
                raise TemplateError(f"{{{name}}} takes no format; write {{{{ and }}}} for braces")
            yield name
    except ValueError as error:
        if isinstance(error, TemplateError):
            raise
        raise TemplateError(f"{error}; write {{{{ and }}}} for braces") from None
