"""RoboHead in Proofbridge's words: reviews are proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Final

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, Observation, Person, Vendor
from proofbridge.vendors.errors import InvalidRequestError, NotFoundError
from proofbridge.vendors.gateway import Effect, Lookup, Page

from .actions import RoboHeadActions
from .area import ALL
from .client import RoboHead
from .mapping import decision, review_status
from .models import Review, ReviewSummary

ZONES_BEHIND: Final = timedelta(hours=12)
"""How much too early a moment without its zone can be when it is taken as UTC: no zone is further behind."""

_LISTS_LACK: Final = ("reviewers", "version")
_NEVER_SHOWN: Final = ("comment", "decided_by", "url", "assignee")


class RoboHeadGateway:
    """What Proofbridge does at RoboHead (see `proofbridge.gateways`)."""

    vendor = Vendor.ROBOHEAD

    def __init__(self, client: RoboHead, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._actions = RoboHeadActions(client, now)

    def observe(self, ref: ItemRef) -> Observation:
        """Read a review: one call."""
        if ref.kind is not ItemKind.REVIEW or not (ref.id.isascii() and ref.id.isdigit()):
            raise InvalidRequestError(
                "id", "must be a review's number", vendor=self.vendor, operation="observe", item=str(ref)
            )
        observed_at = self._now()
        try:
            review = self._client.reviews.get(int(ref.id))
        except NotFoundError:
            return Observation(ref, observed_at, deleted=True)
        return review_observation(ref, review, observed_at)

    def changed_since(self, moment: datetime | None, resume: str | None = None) -> Iterator[Page]:  # noqa: ARG002
        """Yield all reviews, in one call.

        No documented filter knows when a review was modified, a new status makes it move between the lists
        of those that one could filter for, and the account's time zone is not known: what has changed shows
        when the rows are held against what is stored. That a reviewer's answer counts as a modification is
        assumed; else it shows by the review's status.
        """
        observed_at = self._now()
        yield Page(
            tuple(
                review_observation(
                    ItemRef(Vendor.ROBOHEAD, ItemKind.REVIEW, str(review.id)), review, observed_at
                )
                for review in self._client.reviews.list(page_size=ALL)
                if review.id is not None
            )
        )

    def in_full(self, seen: Observation) -> Observation:
        """Read the review alone, with its reviewers and versions."""
        return self.observe(seen.ref)

    def perform(self, action: Action, target: ItemRef | None) -> Effect:
        """Carry out an action (see `actions`)."""
        return self._actions.perform(action, target)

    def find(self, action: Action, target: ItemRef | None, since: datetime) -> Effect | Lookup:  # noqa: ARG002
        """Look for our marker in the review's comments."""
        return self._actions.find(action, target)


def _ref(number: int) -> ItemRef:
    return ItemRef(Vendor.ROBOHEAD, ItemKind.REVIEW, str(number))


def review_observation(ref: ItemRef, review: ReviewSummary, observed_at: datetime) -> Observation:
    """Say in our words what RoboHead shows of a review; its version is that of its newest item."""
    alone = review if isinstance(review, Review) else None
    versions = [item.version for item in alone.review_items if item.version] if alone else []
    return Observation(
        ref=ref,
        observed_at=observed_at,
        updated_at=review.modified_on,
        status=review_status(review.status),
        vendor_status=review.status_string,
        name=review.review_name,
        version=max(versions, default=None),
        due_at=None if review.end_date is None else datetime.combine(review.end_date, time(), UTC),
        reviewers=None if alone is None else _people(alone),
        project=None if alone is None or alone.project_id is None else str(alone.project_id),
        silent_on=_NEVER_SHOWN if alone else _NEVER_SHOWN + _LISTS_LACK,
    )


def _people(review: Review) -> tuple[Person, ...]:
    """Return the reviewers, one for each user: a decision in any stage counts."""
    people: dict[str, Person] = {}
    for reviewer in review.all_reviewers:
        if reviewer.id is None:
            continue
        person = Person(str(reviewer.id), reviewer.display_name, decision(reviewer.status))
        known = people.get(person.id)
        if known is None or known.decision is None:
            people[person.id] = person
    return tuple(people.values())
