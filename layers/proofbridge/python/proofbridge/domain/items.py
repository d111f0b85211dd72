"""The words of Proofbridge: items at vendors, and what was observed of them.

Only the standard library is imported here, so that webhook receivers can use these words and start fast.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self


class Vendor(enum.StrEnum):
    """The systems that Proofbridge joins, and Amazon's own services, which only take actions."""

    GOOD2GO = "good2go"
    APPROVAL_STUDIO = "approval-studio"
    GOODDAY = "goodday"
    ROBOHEAD = "robohead"
    AWS = "aws"


class ItemKind(enum.StrEnum):
    """What one object at a vendor is."""

    JOB = "job"
    ASSET = "asset"
    PROJECT = "project"
    TASK = "task"
    REVIEW = "review"


ITEM_KINDS: Final[Mapping[Vendor, frozenset[ItemKind]]] = {
    Vendor.GOOD2GO: frozenset({ItemKind.JOB}),
    Vendor.APPROVAL_STUDIO: frozenset({ItemKind.ASSET, ItemKind.PROJECT}),
    Vendor.GOODDAY: frozenset({ItemKind.TASK}),
    Vendor.ROBOHEAD: frozenset({ItemKind.REVIEW}),
    Vendor.AWS: frozenset(),
}
"""What can be observed at each vendor."""


class ReviewStatus(enum.StrEnum):
    """The state of a review, in one vocabulary for all vendors."""

    NOT_STARTED = "not_started"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    APPROVED_WITH_CHANGES = "approved_with_changes"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OPEN_STATUSES: Final = frozenset({ReviewStatus.NOT_STARTED, ReviewStatus.IN_REVIEW})
"""The statuses in which a decision is still awaited."""


@dataclass(frozen=True, slots=True, order=True)
class ItemRef:
    """Names one object at one vendor."""

    vendor: Vendor
    kind: ItemKind
    id: str

    def __post_init__(self) -> None:
        if not ITEM_KINDS[self.vendor]:
            raise ValueError(f"{self.vendor} is no vendor of items: it only takes actions")
        # Ids come out of vendors' JSON, where a text may turn out to be a list or a number.
        text = self.id if isinstance(self.id, str) else ""
        if not text or "#" in text or len(text) > MAX_ITEM_ID_LENGTH or not text.isprintable():
            raise ValueError(
                f"{str(self.id)[:40]!r} is no {self.vendor} {self.kind} id: 1 to {MAX_ITEM_ID_LENGTH} "
                "printable characters without '#' are needed"
            )

    def __str__(self) -> str:
        return f"{self.vendor}#{self.kind}#{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str()` wrote; ValueError says what is wrong with another text."""
        parts = text.split("#")
        if len(parts) != 3:  # noqa: PLR2004 - vendor, kind, id
            raise ValueError(f"{text[:80]!r} is not of the form vendor#kind#id")
        return cls(Vendor(parts[0]), ItemKind(parts[1]), parts[2])


MAX_ITEM_ID_LENGTH: Final = 200


class Decision(enum.StrEnum):
    """What one person said of a proof."""

    APPROVED = "approved"
    APPROVED_WITH_CHANGES = "approved_with_changes"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody concerned with an item: an e-mail address where the vendor has one, else the vendor's user id.

    `decision` is None while the person still has to decide. `task_id` is the vendor's id of the person's own
    review task, where the vendor keeps one per person.
    """

    id: str
    name: str | None = None
    decision: Decision | None = None
    task_id: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """An item's state as its vendor showed it.

    `updated_at` is the vendor's own moment of the last update (None where it has none), `observed_at` the
    moment at which we asked or were told; both aware and UTC. `comment` is the newest remark that came with
    the state. `project` is the vendor's id of the project or folder that holds the item, None where it was
    not told. `deleted` says that the vendor no longer has the item. None means that the item has none (no
    due date, no assignee), except for the fields named in `silent_on`: of those this answer says nothing,
    because a vendor's lists show less than its single items do.
    """

    ref: ItemRef
    observed_at: datetime
    updated_at: datetime | None = None
    status: ReviewStatus | None = None
    vendor_status: str | None = None
    name: str | None = None
    version: int | None = None
    due_at: datetime | None = None
    assignee: str | None = None
    reviewers: tuple[Person, ...] | None = None
    comment: str | None = None
    decided_by: str | None = None
    url: str | None = None
    project: str | None = None
    deleted: bool = False
    silent_on: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # In one order, and moments in milliseconds: what was stored must equal what is seen again.
        if self.silent_on:
            object.__setattr__(self, "silent_on", tuple(sorted(self.silent_on)))
        for name in ("observed_at", "updated_at", "due_at"):
            moment = getattr(self, name)
            if moment is not None and moment.microsecond % 1000:
                whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
                object.__setattr__(self, name, whole)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data: moments as ISO 8601 with Z, None left out."""
        data: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is None or (field.name == "silent_on" and not value):
                continue
            if isinstance(value, datetime):
                value = moment_text(value)
            elif isinstance(value, ItemRef):
                value = str(value)
            elif field.name == "reviewers":
                value = [
                    {k: v for k, v in dataclasses.asdict(person).items() if v is not None} for person in value
                ]
            data[field.name] = value
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        values = dict(data)
        values["ref"] = ItemRef.parse(values["ref"])
        for moment in ("observed_at", "updated_at", "due_at"):
            if values.get(moment) is not None:
                values[moment] = parse_moment(values[moment])
        if values.get("status") is not None:
            values["status"] = ReviewStatus(values["status"])
        if values.get("version") is not None:
            values["version"] = int(values["version"])
        if values.get("reviewers") is not None:
            values["reviewers"] = tuple(_person(person) for person in values["reviewers"])
        values["silent_on"] = tuple(values.get("silent_on", ()))
        return cls(**values)


def partly(ref: ItemRef, observed_at: datetime, **known: Any) -> Observation:
    """Return what is known of an item after a write of ours: only that, and silence on all the rest."""
    always = {"ref", "observed_at", "deleted", "silent_on"}
    silent_on = tuple(
        each.name for each in dataclasses.fields(Observation) if each.name not in always | known.keys()
    )
    return Observation(ref, observed_at, **known, silent_on=silent_on)


def _person(data: dict[str, Any]) -> Person:
    decision = data.get("decision")
    return Person(**{**data, "decision": None if decision is None else Decision(decision)})


def moment_text(moment: datetime) -> str:
    """Write an aware moment as UTC, with milliseconds and Z: texts of this form sort as the moments do."""
    if moment.tzinfo is None:
        raise ValueError(f"the moment {moment.isoformat()} has no time zone")
    # Not strftime: it writes the year 1, .NET's way to say 'no date', with one digit.
    return in_utc(moment).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 moment that carries a zone; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"the moment {text!r} has no time zone")
    return in_utc(moment)


def in_utc(moment: datetime) -> datetime:
    """Return an aware moment in UTC; ValueError when it is beyond the years 1 to 9999 there."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"the moment {moment.isoformat()} is beyond the years 1 to 9999 in UTC") from None
