"""What the documentation lost: the names of the commands and of their modules, and the comparators' ids.

All of it is assumed, and can be set. Where the text mentions a call by name (ListFieldComparator of the form
module, GetListByType of list, ListAccountActiveUser of user) that name is the default; the others are made in
the same manner.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from .enums import FieldType

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a module, called at `/<module>.do?cmd=<name>`; ValueError when one is no plain name."""

    module: str
    name: str

    def __post_init__(self) -> None:
        for part in (self.module, self.name):
            if not _NAME.fullmatch(part):
                raise ValueError(f"{part[:100]!r} must be a name of letters, digits and _")

    @property
    def path(self) -> str:
        """The path and query that call it."""
        return f"{self.module_path}?cmd={self.name}"

    @property
    def module_path(self) -> str:
        """The path of its module, for calls that name the command in their body."""
        return f"/{self.module}.do"


@dataclass(frozen=True, slots=True)
class Commands:
    """What each operation is called at RoboHead.

    `comparator_ids` has the ids of comparators that are known beforehand, by the type of column and the
    comparator's name in lower case; RoboHead is asked once for those of any other type. Nothing at hand tells
    of a command that adds a comment: there is none until it is named.
    """

    list_reviews: Command = Command("review", "ListReview")
    get_review: Command = Command("review", "GetReview")
    add_review: Command = Command("review", "AddReview")
    update_review: Command = Command("review", "UpdateReview")
    list_comments: Command = Command("review", "ListReviewAllComments")
    upload_file: Command = Command("file", "UploadFile")
    list_comparators: Command = Command("form", "ListFieldComparator")
    list_options: Command = Command("list", "GetListByType")
    list_users: Command = Command("user", "ListAccountActiveUser")
    add_comment: Command | None = None
    comparator_ids: Mapping[FieldType, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def named(cls, commands: Mapping[Any, str], comparator_ids: Mapping[Any, Mapping[str, int]]) -> Self:
        """Return the commands with some of them named, as in `{"add_comment": "review.AddReviewComment"}`.

        `comparator_ids` goes by the words for a type of column, as in `{"text": {"is": 1}}`.
        """
        return cls(
            **{name: Command(*text.split(".")) for name, text in commands.items()},
            comparator_ids={
                field_type: {name.casefold(): number for name, number in ids.items()}
                for words, ids in comparator_ids.items()
                if (field_type := FieldType.read(words)) is not None
            },
        )
