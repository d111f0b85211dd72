"""What a write wants its item to be, and whether the item already is so, within the decision's meaning.

Vendors know different statuses. What is written at one is read back as its own table turns it: an approval
with changes is written at Good2Go as a request for changes, and any decision completes a RoboHead review that
asks for comments. So what an item shows is compared with what its vendor could show of our wish, not with the
wish itself.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from proofbridge.domain.actions import Action
from proofbridge.domain.changes import ChangeKind, attribute_of
from proofbridge.domain.items import ItemKind, Observation, ReviewStatus, Vendor, parse_moment
from proofbridge.vendors.approval_studio.enums import ProjectState
from proofbridge.vendors.catalogue import ActionName
from proofbridge.vendors.good2go import mapping as good2go
from proofbridge.vendors.good2go.enums import JobStatus
from proofbridge.vendors.robohead import mapping as robohead
from proofbridge.vendors.robohead.enums import ReviewType

FIELDS: Final = (ChangeKind.STATUS, ChangeKind.DUE_DATE, ChangeKind.NAME)
"""What all systems are to agree about."""

_WRITES: Final[Mapping[ActionName, tuple[tuple[str, ChangeKind], ...]]] = {
    ActionName.GOOD2GO_SET_STATUS: (("status", ChangeKind.STATUS),),
    ActionName.GOOD2GO_SET_DUE_DATE: (("due_at", ChangeKind.DUE_DATE),),
    ActionName.STUDIO_SET_PROJECT_STATE: (("state", ChangeKind.STATUS),),
    ActionName.STUDIO_SET_DUE_DATE: (("due_at", ChangeKind.DUE_DATE),),
    ActionName.GOODDAY_SET_STATUS: (("status", ChangeKind.STATUS),),
    ActionName.GOODDAY_UPDATE: (("deadline", ChangeKind.DUE_DATE), ("title", ChangeKind.NAME)),
    ActionName.ROBOHEAD_SET_STATUS: (("status", ChangeKind.STATUS),),
    ActionName.ROBOHEAD_SET_DUE_DATE: (("due_at", ChangeKind.DUE_DATE),),
}
"""Which parameter of an action sets which field; of several, the first that is given counts."""

_PROJECT_STATES: Final = {
    "active": {ProjectState.ACTIVE},
    "on_hold": {ProjectState.ON_HOLD},
    "completed": {ProjectState.COMPLETED, ProjectState.ARCHIVED},
}
_LENGTH_OF_A_DAY: Final = len("2026-01-31")


@dataclass(frozen=True, slots=True)
class DesiredValue:
    """One field of one vendor's item, and the value that it shall have.

    `says_more`: the write that brings it also says or sets something else, so that it is worth making even
    where the item already is as wished.
    """

    vendor: Vendor
    field: ChangeKind
    value: str
    says_more: bool = dataclasses.field(default=False, compare=False)

    @classmethod
    def of(cls, action: Action) -> Self | None:
        """Return what an action wishes; None for one that sets none of the fields."""
        for name, field in _WRITES.get(action.name, ()):
            value = action.params.get(name)
            if value is not None:
                others = (given for key, given in action.params.items() if key != name)
                says_more = action.cause.repeats is None and any(given is not None for given in others)
                return cls(action.vendor, field, str(value), says_more)
        return None

    def is_met_by(self, item: Observation) -> bool | None:
        """Whether the item is as wished; None where that can't be told."""
        if item.deleted or attribute_of(self.field) in item.silent_on:
            return None
        match self.field:
            case ChangeKind.STATUS if self.vendor is Vendor.APPROVAL_STUDIO:
                if item.ref.kind is not ItemKind.PROJECT or item.vendor_status is None:
                    return None  # neither an asset nor what a write has brought tells a project's state
                return item.vendor_status in _PROJECT_STATES[self.value]
            case ChangeKind.STATUS:
                return None if item.status is None else _same_status(self, item.status)
            case ChangeKind.DUE_DATE:
                return _same_due_date(self.value, item.due_at)
            case _:
                return item.name == self.value


def text_of(wishes: Iterable[DesiredValue]) -> str | None:
    """Return wishes as JSON text, None for none."""
    found = [[each.vendor, each.field, each.value] for each in wishes]
    return json.dumps(found) if found else None


def wishes_in(text: str | None) -> list[DesiredValue]:
    """Read what `text_of` wrote."""
    found = json.loads(text) if text is not None else []
    return [DesiredValue(Vendor(vendor), ChangeKind(field), value) for vendor, field, value in found]


def satisfied(action: Action, target: Observation) -> bool | None:
    """Whether an item already is as an action wants it, None for an action that sets no field of it."""
    wish = DesiredValue.of(action)
    return None if wish is None else wish.is_met_by(target)


def shown_for(vendor: Vendor, status: ReviewStatus) -> frozenset[ReviewStatus]:
    """Return what a vendor may show once it was given a status; empty where it can't be given that."""
    return _SHOWN.get(vendor, _itself)(status)


def _same_status(wish: DesiredValue, shown: ReviewStatus) -> bool:
    wanted = ReviewStatus(wish.value)
    if shown is wanted:
        return True
    possible = shown_for(wish.vendor, wanted)
    # The vendor may also tell apart what can't be written: a job that is pending is as new as can be wished.
    return shown in possible or (bool(possible) and shown_for(wish.vendor, shown) == possible)


def _itself(status: ReviewStatus) -> frozenset[ReviewStatus]:
    return frozenset({status})


def _by_good2go(status: ReviewStatus) -> frozenset[ReviewStatus]:
    written = good2go.job_status(status)
    return frozenset() if written is None else frozenset({good2go.REVIEW_STATUS[JobStatus(written.value)]})


def _by_robohead(status: ReviewStatus) -> frozenset[ReviewStatus]:
    """Return what either type of review may show: neither can show what is meant for the other."""
    shown = (robohead.review_status(robohead.robohead_status(each, status)) for each in ReviewType)
    return frozenset(each for each in shown if each is not None)


_SHOWN: Final[Mapping[Vendor, Callable[[ReviewStatus], frozenset[ReviewStatus]]]] = {
    Vendor.GOOD2GO: _by_good2go,
    Vendor.ROBOHEAD: _by_robohead,
}


def _same_due_date(wanted: str, shown: datetime | None) -> bool:
    """Compare a day or a moment with what is shown; a vendor that keeps days shows them as midnights."""
    if not wanted or shown is None:
        return not wanted and shown is None
    if len(wanted) == _LENGTH_OF_A_DAY:
        return shown.date().isoformat() == wanted
    moment = parse_moment(wanted)
    is_day = shown.hour == shown.minute == shown.second == shown.microsecond == 0
    return shown == moment or (is_day and shown.date() == moment.date())
