"""RoboHead's numbers and field types. The same number means different things: one enumeration a meaning."""

from __future__ import annotations

import enum
import re
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field

from local.simulators.validation import IntText


class ReviewType(enum.IntEnum):
    """What a review asks for."""

    COMMENTS = 1
    APPROVAL = 2


class ReviewStatus(enum.IntEnum):
    """A review's status; of the ways to be completed, a review for comments knows only the first."""

    NOT_STARTED = 1
    IN_PROGRESS = 2
    COMPLETED = 3
    COMPLETED_WITH_CHANGES = 4
    COMPLETED_DENIED = 5


class ReviewerStatus(enum.IntEnum):
    """How far a reviewer is."""

    INITIAL = 0
    NOTIFIED = 1
    APPROVED = 2
    REJECTED = 3
    APPROVED_WITH_CHANGES = 4
    OPENED = 5
    BEGAN = 6
    COMPLETED = 7


class StageStatus(enum.IntEnum):
    """A stage's status."""

    NOT_STARTED = 1
    IN_PROGRESS = 2
    COMPLETED = 3


class VersionStatus(enum.IntEnum):
    """The status of one version of an item."""

    PENDING = 1
    APPROVED = 2
    DENIED = 3
    APPROVED_WITH_CHANGES = 4


class UploadType(enum.IntEnum):
    """Where an item comes from."""

    COMPUTER = 1
    WEBSITE = 2
    WEBSITE_ZIP = 3
    ZIP = 4
    PROJECT = 5
    LIBRARY = 6


class Progress(enum.IntEnum):
    """How far the files of a review are."""

    NOT_READY = 1
    PROCESSED = 2
    PROCESSING_FAILED = 3
    REVIEWERS_NOTIFIED = 4
    COMPLETE = 5
    PENDING = 6
    NOT_UPLOADED = 7


class Autocomplete(enum.IntEnum):
    """When a review completes of itself."""

    ALL_FINISH = 1
    NEVER = 2
    ALL_APPROVE = 3
    ALL_APPROVE_OR_WITH_CHANGES = 4


FINISHED: Final = frozenset(
    {
        ReviewerStatus.APPROVED,
        ReviewerStatus.REJECTED,
        ReviewerStatus.APPROVED_WITH_CHANGES,
        ReviewerStatus.COMPLETED,
    }
)
REVIEW_TYPE_NAMES: Final = {ReviewType.COMMENTS: "Comments/Feedback", ReviewType.APPROVAL: "Request Approval"}
STATUS_NAMES: Final = {
    ReviewType.COMMENTS: {
        ReviewStatus.NOT_STARTED: "Not Started",
        ReviewStatus.IN_PROGRESS: "In Progress",
        ReviewStatus.COMPLETED: "Completed",
    },
    ReviewType.APPROVAL: {
        ReviewStatus.NOT_STARTED: "Not Started",
        ReviewStatus.IN_PROGRESS: "In Progress",
        ReviewStatus.COMPLETED: "Completed and approved",
        ReviewStatus.COMPLETED_WITH_CHANGES: "Completed and approved with changes",
        ReviewStatus.COMPLETED_DENIED: "Completed and denied",
    },
}
"""The statuses that each type of review has, and their names."""

_US_DAY = re.compile(r"\d{2}/\d{2}/\d{4}")
_ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
_SIZE = re.compile(r"\d+(\.\d+)? (bytes|KB|MB|GB)")
_IDS = re.compile(r"\d+(,\d+)*")


def read_us_day(value: object) -> date:
    """Read mm/dd/yyyy; ValueError for anything else."""
    if not isinstance(value, str) or not _US_DAY.fullmatch(value):
        raise ValueError("must be a date of the form mm/dd/yyyy")
    month, day, year = (int(part) for part in value.split("/"))
    return date(year, month, day)


def us_day(day: date | None) -> str | None:
    """Write mm/dd/yyyy."""
    return None if day is None else f"{day:%m/%d/%Y}"


def iso_moment(at: datetime) -> str:
    """Write a moment without its zone, to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def file_size(size_bytes: int) -> str:
    """Write a size as the vendor does: in MB, with two digits, never 0."""
    return f"{max(size_bytes / 1_000_000, 0.01):.2f} MB"


def _ids(value: object) -> tuple[int, ...]:
    if not isinstance(value, str) or not _IDS.fullmatch(value):
        raise ValueError("must be ids joined by commas")
    return tuple(int(part) for part in value.split(","))


def _matches(pattern: re.Pattern[str], what: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"must be {what}")
        return value

    return AfterValidator(check)


def _bool(value: object) -> bool:
    if type(value) is not int or value not in {1, 2}:
        raise ValueError("must be 1 (true) or 2 (false)")
    return value == 1


def _bool_text(value: object) -> bool:
    if value not in {"1", "2"}:
        raise ValueError("must be 1 (true) or 2 (false)")
    return value == "1"


def number_of(kind: type[enum.IntEnum]) -> BeforeValidator:
    """Return a validator that reads one of the numbers of `kind`, no text and no boolean."""

    def read(value: object) -> Any:
        if type(value) is not int or value not in {member.value for member in kind}:
            raise ValueError(f"must be one of {', '.join(str(member.value) for member in kind)}")
        return kind(value)

    return BeforeValidator(read)


def text_of(kind: type[enum.IntEnum]) -> BeforeValidator:
    """Return a validator that reads one of the numbers of `kind` written as text."""

    def read(value: object) -> Any:
        if not isinstance(value, str) or value not in {str(member.value) for member in kind}:
            raise ValueError(f"must be one of {', '.join(repr(str(member.value)) for member in kind)}")
        return kind(int(value))

    return BeforeValidator(read)


Flag = Annotated[bool, BeforeValidator(_bool)]
"""1 is true and 2 is false, in JSON."""
FlagText = Annotated[bool, BeforeValidator(_bool_text)]
"""1 is true and 2 is false, in a form."""
UsDay = Annotated[date, BeforeValidator(read_us_day)]
IsoMoment = Annotated[str, _matches(_ISO_MOMENT, "a moment of the form yyyy-mm-ddThh:mm:ss")]
FileSize = Annotated[str, _matches(_SIZE, "a size such as 0.01 MB")]
Ids = Annotated[tuple[int, ...], BeforeValidator(_ids)]
Text = Annotated[str, Field(min_length=1)]
Id = Annotated[IntText, Field(ge=1)]
"""An id in a query or a form."""
