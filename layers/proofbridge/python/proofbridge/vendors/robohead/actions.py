"""What Proofbridge does at RoboHead: statuses, due dates and, where a command is named for them, comments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Final

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemRef, Observation, Vendor
from proofbridge.vendors.catalogue import ActionName, CommentParams, DueDateParams, StatusParams
from proofbridge.vendors.errors import InvalidRequestError
from proofbridge.vendors.gateway import Effect, Lookup

from .client import RoboHead
from .inputs import ReviewUpdate
from .mapping import review_status, robohead_status

_ALL_BUT_STATUS: Final = (
    *("updated_at", "vendor_status", "name", "version", "due_at", "assignee"),
    *("reviewers", "comment", "decided_by", "url"),
)
_ALL_BUT_DUE_AT: Final = ("status", *(name for name in _ALL_BUT_STATUS if name != "due_at"))


class RoboHeadActions:
    """Performs and finds actions."""

    def __init__(self, client: RoboHead, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    def perform(self, action: Action, target: ItemRef | None) -> Effect:
        """Carry out an action on a review; raises VendorError."""
        match action.name, target:
            case ActionName.ROBOHEAD_SET_STATUS, ItemRef():
                return self._set_status(action, target)
            case ActionName.ROBOHEAD_SET_DUE_DATE, ItemRef():
                return self._set_due_date(action, target)
            case ActionName.ROBOHEAD_COMMENT, ItemRef():
                message = CommentParams.model_validate(action.params).message
                self._client.comments.add(review_id(target, action.name), f"{message}\n({action.marker})")
                return Effect()
            case _:
                raise ValueError(f"{action.key}: RoboHead can't {action.name} {target}")

    def find(self, action: Action, target: ItemRef | None) -> Effect | Lookup:
        """Look for our marker in the review's comments."""
        if action.name is not ActionName.ROBOHEAD_COMMENT or target is None:
            raise ValueError(f"{action.key}: RoboHead can't look for {action.name} of {target}")
        comments = self._client.comments.list(review_id(target, action.name))
        said = any(action.marker in (comment.comment or "") for comment in comments)
        return Effect() if said else Lookup.ABSENT

    def _set_status(self, action: Action, target: ItemRef) -> Effect:
        """Set a status that the review's type has: the same number means another thing in the other type."""
        status = StatusParams.model_validate(action.params).status
        number = review_id(target, action.name)
        review = self._client.reviews.get(number)
        if review.review_type is None:
            raise _invalid(action, target, "status", "its type is not known, and so its statuses are not")
        wanted = robohead_status(review.review_type, status)
        if wanted is None:
            words = review.review_type.words
            raise _invalid(action, target, "status", f"a review of type {words} has none that means {status}")
        if review.status is not wanted:
            self._client.reviews.update(number, ReviewUpdate(review_status=wanted))
        seen = Observation(target, self._now(), status=review_status(wanted), silent_on=_ALL_BUT_STATUS)
        return Effect(seen)

    def _set_due_date(self, action: Action, target: ItemRef) -> Effect:
        """Set the review's last day, in UTC: as a day is read."""
        text = DueDateParams.model_validate(action.params).due_at
        if not text:
            raise _invalid(action, target, "due_at", "no way is known to take a date away: do it in RoboHead")
        day = date.fromisoformat(text) if len(text) == len("2026-03-02") else _day(text)
        number = review_id(target, action.name)
        review = self._client.reviews.get(number)
        if review.start_date is not None and day < review.start_date:
            raise _invalid(
                action, target, "due_at", f"{day} is before the review starts, {review.start_date}"
            )
        if review.end_date != day:
            self._client.reviews.update(number, ReviewUpdate(end_date=day))
        due_at = datetime.combine(day, time(), UTC)
        return Effect(Observation(target, self._now(), due_at=due_at, silent_on=_ALL_BUT_DUE_AT))


def review_id(ref: ItemRef, operation: str) -> int:
    """Return a review's number; InvalidRequestError for what is none."""
    if not (ref.id.isascii() and ref.id.isdigit()):
        raise InvalidRequestError(
            "id", "must be a review's number", vendor=Vendor.ROBOHEAD, operation=operation, item=str(ref)
        )
    return int(ref.id)


def _day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(UTC).date()


def _invalid(action: Action, target: ItemRef, field: str, rule: str) -> InvalidRequestError:
    return InvalidRequestError(field, rule, vendor=Vendor.ROBOHEAD, operation=action.name, item=str(target))
