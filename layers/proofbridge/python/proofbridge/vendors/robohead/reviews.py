"""Reviews, and what was said on them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Final

from pydantic import TypeAdapter

from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.multipart import UrlEncodedForm
from proofbridge.vendors.writing import is_text

from .area import PAGE_SIZE, Area
from .filters import CommentFilter, ReviewFilter
from .inputs import ReviewCreate, ReviewUpdate
from .models import AddedReview, Listing, Outcome, Review, ReviewComment, ReviewSummary
from .operations import Operations
from .options import Comparators

_REVIEWS: Final = TypeAdapter(Listing[ReviewSummary])
_REVIEW: Final = TypeAdapter(Review)
_ADDED: Final = TypeAdapter(AddedReview)
_OUTCOME: Final = TypeAdapter(Outcome)
_COMMENTS: Final = TypeAdapter(Listing[ReviewComment])


class _Filtered(Area):
    def __init__(self, api: VendorApi, operations: Operations, comparators: Comparators) -> None:
        super().__init__(api, operations)
        self._comparators = comparators


class Reviews(_Filtered):
    """RoboHead's reviews. Any method may raise any VendorError."""

    def list(
        self, filters: Iterable[ReviewFilter] = (), *, page_size: int = PAGE_SIZE
    ) -> Iterator[ReviewSummary]:
        """Yield the reviews for which all filters hold, page by page, in constant memory.

        A review that moves between pages while they are read may come twice or not at all.
        """
        for page in self.pages(filters, page_size=page_size):
            yield from page

    def pages(
        self, filters: Iterable[ReviewFilter] = (), *, page_size: int = PAGE_SIZE
    ) -> Iterator[tuple[ReviewSummary, ...]]:
        """Yield the same as whole pages; with the page size ALL there is one."""
        operation = self._operations.list_reviews
        query = list(self._comparators.conditions(operation, ReviewFilter, filters))
        yield from self._pages(operation, _REVIEWS, query, page_size)

    def get(self, review_id: int) -> Review:
        """Return one review with its items and stages (outside the documentation at hand)."""
        operation = self._operations.get_review
        query = [("reviewId", self._id(operation, "review_id", review_id))]
        return self._api.read(operation, _REVIEW, query=query, item=f"review {review_id}")

    def add(self, review: ReviewCreate) -> AddedReview:
        """Make a review with its items and stages ("review item add and update", "review Stage …")."""
        form = UrlEncodedForm(list(review.form()))
        item = f"review {review.review_name!r}"
        return self._api.read(self._operations.add_review, _ADDED, form=form, item=item)

    def update(self, review_id: int, changes: ReviewUpdate) -> None:
        """Change what is given of a review. It is repeated only if it adds no item, version or stage."""
        operation = self._operations.update_review
        if changes.adds:
            operation = dataclasses.replace(operation, retry_safe=False)
        fields = [("reviewId", self._id(operation, "review_id", review_id)), *changes.form()]
        self._api.read(operation, _OUTCOME, form=UrlEncodedForm(fields), item=f"review {review_id}")


class Comments(_Filtered):
    """What was said on reviews. Any method may raise any VendorError."""

    def list(
        self, review_id: int, filters: Iterable[CommentFilter] = (), *, page_size: int = PAGE_SIZE
    ) -> Iterator[ReviewComment]:
        """Yield a review's comments for which all filters hold, page by page, in constant memory."""
        for page in self.pages(review_id, filters, page_size=page_size):
            yield from page

    def pages(
        self, review_id: int, filters: Iterable[CommentFilter] = (), *, page_size: int = PAGE_SIZE
    ) -> Iterator[tuple[ReviewComment, ...]]:
        """Yield the same as whole pages; with the page size ALL there is one."""
        operation = self._operations.list_comments
        query = [("reviewId", self._id(operation, "review_id", review_id))]
        query += self._comparators.conditions(operation, CommentFilter, filters)
        yield from self._pages(operation, _COMMENTS, query, page_size, f"review {review_id}")

    def add(self, review_id: int, text: str) -> None:
        """Say something on a review (outside: the command has to be named, see `settings.Commands`).

        That the command takes `reviewId` and `comment` is assumed.
        """
        operation = self._operations.add_comment
        if operation is None:
            rule = "RoboHead's documentation names no command for it, and neither do the settings"
            raise self._api.invalid(self._operations.list_comments, "add_comment", rule)
        if not text.strip() or not is_text(text):
            raise self._api.invalid(operation, "comment", "must be text and not empty")
        fields = [("reviewId", self._id(operation, "review_id", review_id)), ("comment", text)]
        self._api.read(operation, _OUTCOME, form=UrlEncodedForm(fields), item=f"review {review_id}")
