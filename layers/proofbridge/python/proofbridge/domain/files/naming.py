"""Fields that stand in a file's name: "{customer}_{order}_{revision}.pdf".

A field takes what stands up to the next fixed text, the last one all that is left. There is no going back
and trying again, so that no name can take long.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
TAKEN: Final = frozenset({"name", "stem", "version", "folder", "dropped"})
"""What is known of every file, so that no pattern may call a field so."""

REVISION: Final = "revision"


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A pattern of file names: fixed texts, and a field before each but the first."""

    text: str
    fields: tuple[str, ...]
    _fixed: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a pattern; ValueError says what is wrong with it."""
        try:
            parts = list(string.Formatter().parse(text))
        except ValueError as error:
            raise ValueError(f"{text!r} is no name pattern: {error}; write {{{{ for a brace") from None
        fields: list[str] = []
        fixed = [""]
        for literal, name, spec, conversion in parts:
            fixed[-1] += literal
            if name is None:
                continue
            if spec or conversion or not _FIELD.fullmatch(name):
                raise ValueError(f"{{{name}}} is no field: lower-case letters, digits and _ are allowed")
            if name in TAKEN or name in fields:
                raise ValueError(f"{{{name}}} stands twice, or for what every file has: call it otherwise")
            if fields and not fixed[-1]:
                raise ValueError(f"{{{fields[-1]}}} and {{{name}}} need a text between them")
            fields.append(name)
            fixed.append("")
        if not fields:
            raise ValueError(f"{text!r} has no field; write one such as {{customer}}_{{order}}.pdf")
        return cls(text, tuple(fields), tuple(fixed))

    def read(self, name: str) -> dict[str, str] | None:
        """Return the fields of a file's name, None for one of another form. Letters' case is no matter."""
        spans = self._spans(name)
        if spans is None:
            return None
        return {field: name[start:end] for field, (start, end) in spans.items()}

    def without_revision(self, name: str) -> str:
        """Return the name with `{revision}` for its revision: the same for all revisions of a file."""
        spans = self._spans(name) or {}
        start, end = spans.get(REVISION, (len(name), len(name)))
        return f"{name[:start]}{{{REVISION}}}{name[end:]}"

    def _spans(self, name: str) -> Mapping[str, tuple[int, int]] | None:
        first, last = self._fixed[0], self._fixed[-1]
        end_of_fields = len(name) - len(last)
        if not _same(name[: len(first)], first) or not _same(name[max(0, end_of_fields) :], last):
            return None
        spans: dict[str, tuple[int, int]] = {}
        start = len(first)
        for field, fixed in zip(self.fields[:-1], self._fixed[1:-1], strict=True):
            # One character at least belongs to the field.
            found = re.compile(re.escape(fixed), re.IGNORECASE).search(name, start + 1, max(0, end_of_fields))
            if found is None:
                return None
            spans[field] = (start, found.start())
            start = found.end()
        if end_of_fields <= start:
            return None
        spans[self.fields[-1]] = (start, end_of_fields)
        return spans


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


_FRAGILE: Final = re.compile(r"%0D|%0A|%22|[\r\n\"]", re.IGNORECASE)


def folded(name: str) -> str:
    """Return what names have in common that a vendor may take for the same.

    They differ in letters' case, in how an "é" is written (one character or two), in width, in spaces, or in
    what forms write otherwise (see `vendors.multipart`) and not every vendor reads back: quotes, line ends.
    """
    name = _FRAGILE.sub("", name.replace("\\", "_"))
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


def later_revision(one: str, other: str) -> bool:
    """Whether a revision comes after another: v10 after v9, B after A; letters' case is no matter."""
    return _natural(one) > _natural(other)


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Return what sorts as people count: numbers by their value, before words."""
    return [
        (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
        for part in re.split(r"([0-9]+)", text.casefold())
        if part
    ]
