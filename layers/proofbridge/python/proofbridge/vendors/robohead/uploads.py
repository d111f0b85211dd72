"""Files for RoboHead in Proofbridge's words (see `proofbridge.uploads.gateway`)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from proofbridge.domain.files.naming import folded
from proofbridge.domain.items import ItemKind, ItemRef, Observation, Vendor
from proofbridge.vendors.errors import ConflictError, Happened, InvalidRequestError, after_an_effect
from proofbridge.vendors.local_file import LocalFile
from proofbridge.vendors.upload_gateway import Found, Processing, Span

from .client import RoboHead
from .enums import Comparison, FileProgress, ReviewType, SourceObjectType, UploadType
from .filters import ReviewNameFilter
from .gateway import ZONES_BEHIND, review_observation
from .inputs import FileUpload, ItemInput, ReviewCreate, ReviewUpdate, StageInput, file_size
from .models import Review, ReviewItem

if TYPE_CHECKING:
    from proofbridge.domain.actions import Action
    from proofbridge.domain.files.drops import NewVersion
    from proofbridge.vendors.multipart import Source

STAGE_NAME: Final = "Review"
_SIZE: Final = re.compile(r"([0-9][0-9,]*(?:\.[0-9]+)?) ?([BKMGT])(?:i?B)?", re.IGNORECASE)
_KINDS: Final = {"approval": ReviewType.APPROVAL, "feedback": ReviewType.FEEDBACK}
_PROCESSING: Final = {
    FileProgress.NOT_READY: Processing.PENDING,
    FileProgress.PENDING: Processing.PENDING,
    FileProgress.NOT_UPLOADED: Processing.PENDING,
    FileProgress.PROCESSING_FAILED: Processing.FAILED,
}
"""What a review's file progress says of its processing; all else is past it."""


class RoboHeadUploads:
    """How files become items of reviews, and their versions.

    Two calls: the file is uploaded, which shows nowhere, and then named in the item of a review, which counts
    as the effect. The item's description carries our reference, by which it is found again; where RoboHead
    shows none, the item's file name, its size (in hundredths of a megabyte) and its moment tell.
    """

    vendor = Vendor.ROBOHEAD
    fetches_by_url = False
    processes = True

    def __init__(self, client: RoboHead, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    def name_of(self, ref: ItemRef, new: NewVersion) -> str:  # noqa: ARG002 - see UploadGateway
        """Return the file's own name: a version names its item."""
        return new.name

    def shared_name(self, new: NewVersion) -> str | None:
        """Return the review that is named, and the file's name: its items may show nothing else of theirs.

        None for a review of its own.
        """
        return None if new.review is None else f"{new.review}|{folded(new.name)}"

    def named_alike(self, ref: ItemRef | None, new: NewVersion) -> list[Observation]:
        """Return the review that is named where an item that is not this proof's has the name: one call."""
        if new.review is None or ref is not None:
            return []
        review_id = self._number("review", new.review)
        review = self._client.reviews.get(review_id)
        others = [item for item in review.review_items if item.description != _mark(new)]
        if not any(folded(item.file_name or "") == folded(new.name) for item in others):
            return []
        return [_observed(review_id, review, None, self._now())]

    def upload(self, new: NewVersion, source: Source) -> Observation:
        """Send a file as the item of a new review, or as a new item of the review that is named."""
        if new.review is not None:
            return self._add_item(self._number("review", new.review), new, source)
        review = self._new_review(new)  # before the file goes out: what is wrong with it can be said at once
        file_id = self._send(new, source)
        item = _item(new, file_id)
        added = self._client.reviews.add(review.model_copy(update={"review_items": (item,)}))
        with after_an_effect():
            return self._seen(added.id, new)

    def revise(self, ref: ItemRef, new: NewVersion, source: Source) -> Observation:
        """Send a file as the next version of its item ("isNewVersion"); who reviews is asked anew.

        The review's other items are named as they are, since it isn't known what becomes of those left out.
        """
        review_id = self._number("id", ref.id)
        review = self._client.reviews.get(review_id)
        item = _of_proof(review.review_items, new)
        if item is None or item.id is None:
            raise ConflictError(
                f"the review has no item for {new.name!r}",
                vendor=self.vendor,
                operation="upload",
                item=f"review {review_id}",
                happened=Happened.NO,
            )
        kept = tuple(_kept(other) for other in review.review_items if other is not item)
        file_id = self._send(new, source, review_id)
        version = _item(new, file_id).model_copy(
            update={
                "id": item.id,
                "review_item_id": item.id,
                "version": (item.version or 1) + 1,
                "is_new_version": True,
                "is_default_thumbnail": bool(item.is_default_thumbnail),
                "optional_title": item.optional_title,
                "sort_order": item.sort_order,
            }
        )
        changes = ReviewUpdate(review_items=(*kept, version), end_date=_day(new))
        self._client.reviews.update(review_id, changes)
        with after_an_effect():
            return self._seen(review_id, new)

    def upload_by_url(self, new: NewVersion, url: str) -> Observation:  # noqa: ARG002 - see UploadGateway
        """Refuse: RoboHead fetches websites, no files."""
        raise self._invalid("mode", "must be stream: RoboHead fetches no files")

    def revise_by_url(self, ref: ItemRef, new: NewVersion, url: str) -> Observation:  # noqa: ARG002
        """Refuse: RoboHead fetches websites, no files."""
        raise self._invalid("mode", "must be stream: RoboHead fetches no files")

    def find_uploads(self, new: NewVersion, span: Span) -> list[Found]:
        """Return the reviews of this name, or the one that is named, that have the file as an item."""
        observed_at = self._now()
        found: list[Found] = []
        for review_id in self._candidates(new):
            review = self._client.reviews.get(review_id)
            item = _arrived(review.review_items, new, span)
            if item is not None:
                seen = _observed(review_id, review, item, observed_at)
                # In a review that is named, the file's name is the proof's own.
                is_ours = item.description is not None or new.review is not None
                found.append(Found(seen, is_ours))
        return found

    def find_revision(self, ref: ItemRef, new: NewVersion, version: int, span: Span) -> Observation | None:
        """Return the review if the item has a newer version of this size by now."""
        observed_at = self._now()
        review = self._client.reviews.get(self._number("id", ref.id))
        item = _of_proof(review.review_items, new)
        if item is None or (item.version or 1) <= version or not _may_be(item, new, span):
            return None
        return _observed(int(ref.id), review, item, observed_at)

    def processing(self, ref: ItemRef) -> tuple[Processing, Observation]:
        """Say how far the review's files are ("Review file progress")."""
        review = self._client.reviews.get(self._number("id", ref.id))
        progress = review.progress_string
        known = progress if isinstance(progress, FileProgress) else FileProgress.PROCESSED
        return _PROCESSING.get(known, Processing.DONE), review_observation(ref, review, self._now())

    def after(self, ref: ItemRef, new: NewVersion, proof_id: str) -> list[Action]:  # noqa: ARG002 - see UploadGateway
        """Return nothing: the review's stage asks its reviewers by itself."""
        return []

    def find_project(self, new: NewVersion) -> str | None:
        """Return the project, which is always given by its number."""
        return new.project

    def create_project(self, new: NewVersion) -> str:
        """Refuse: no call of RoboHead that makes a project is known."""
        raise self._invalid("project", f"must name a project for {new.name!r}: none can be made")

    # -- sending

    def _new_review(self, new: NewVersion) -> ReviewCreate:
        reviewers = tuple(self._number("reviewers", each) for each in new.reviewers)
        day = _day(new)
        stage = StageInput(
            stage_name=STAGE_NAME,
            stage_due_date=day,
            existing_users=reviewers,
            email_subject=new.title or new.name,
            email_message=new.message,
        )
        return ReviewCreate(
            review_name=new.title or new.name,
            project_id=self._number("project", new.project or ""),
            review_type=_KINDS.get(new.kind or "", ReviewType.APPROVAL),
            end_date=day,
            review_stages=(stage,),
        )

    def _add_item(self, review_id: int, new: NewVersion, source: Source) -> Observation:
        review = self._client.reviews.get(review_id)
        kept = tuple(_kept(item) for item in review.review_items)
        item = _item(new, self._send(new, source, review_id))
        self._client.reviews.update(review_id, ReviewUpdate(review_items=(*kept, item)))
        with after_an_effect():
            return self._seen(review_id, new)

    def _send(self, new: NewVersion, source: Source, review_id: int = 0) -> int:
        """Upload the bytes. A file that no item names is no effect: it may be left and sent again."""
        file = LocalFile(source, new.name, new.content_type)
        return self._client.files.upload(file, FileUpload(review_id=review_id)).file_id

    def _seen(self, review_id: int, new: NewVersion) -> Observation:
        review = self._client.reviews.get(review_id)
        return _observed(review_id, review, _of_proof(review.review_items, new), self._now())

    # -- finding

    def _candidates(self, new: NewVersion) -> Iterable[int]:
        if new.review is not None:
            return [self._number("review", new.review)]
        named = ReviewNameFilter(comparator=Comparison.IS, value=new.title or new.name)
        reviews = self._client.reviews.list([named])
        return [review.id for review in reviews if review.id is not None]

    def _number(self, field: str, text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < 1:
            raise self._invalid(field, f"must be a number that RoboHead gave, not {text!r}")
        return int(text)

    def _invalid(self, field: str, rule: str) -> InvalidRequestError:
        return InvalidRequestError(field, rule, vendor=self.vendor, operation="upload")


def _mark(new: NewVersion) -> str:
    return f"Proofbridge {new.reference}"


def _item(new: NewVersion, file_id: int) -> ItemInput:
    return ItemInput(
        file_name=new.name, file_id=file_id, file_size=file_size(new.size_bytes), description=_mark(new)
    )


def _kept(item: ReviewItem) -> ItemInput:
    """Return an item as it is, so that it stays."""
    kind, source = item.upload_type, item.source_object_type
    return ItemInput(
        id=item.id or 0,
        file_name=item.file_name or "",
        version=item.version or 1,
        upload_type=kind if isinstance(kind, UploadType) else UploadType.COMPUTER,
        file_size=item.file_size,
        is_default_thumbnail=bool(item.is_default_thumbnail),
        file_id=item.file_id,
        optional_title=item.optional_title,
        process_entire_website=item.process_entire_website,
        enable_annotation=item.enable_annotation,
        source_file_id=item.source_file_id,
        source_object_type=source if isinstance(source, SourceObjectType) else None,
        sort_order=item.sort_order,
        thumbnail_url=item.thumbnail_url,
        review_version_id=item.review_version_id,
        description=item.description,
    )


def _ours(items: Iterable[ReviewItem], new: NewVersion) -> ReviewItem | None:
    """Return the item with our mark; where RoboHead shows no descriptions, the one with the file's name."""
    held = tuple(items)
    marked = [item for item in held if item.description == _mark(new)]
    named = [item for item in held if item.description is None and item.file_name == new.name]
    return next(iter([*marked, *named]), None)


def _of_proof(items: Iterable[ReviewItem], new: NewVersion) -> ReviewItem | None:
    """Return our item of a review that is known to be the proof's.

    Where RoboHead shows no descriptions, a version that is called otherwise follows the only item that a
    review of the proof's own has.
    """
    held = tuple(items)
    is_alone = new.review is None and len(held) == 1 and held[0].description is None
    return _ours(held, new) or (held[0] if is_alone else None)


def _arrived(items: Iterable[ReviewItem], new: NewVersion, span: Span) -> ReviewItem | None:
    item = _ours(items, new)
    if item is None or item.description is not None:
        return item
    return item if _may_be(item, new, span) else None


def _may_be(item: ReviewItem, new: NewVersion, span: Span) -> bool:
    """Whether an item's newest version may be the file, as far as size and moment tell."""
    return span.may_hold(item.created_on, ZONES_BEHIND) and _may_have(item.file_size, new.size_bytes)


def _may_have(shown: str | None, size_bytes: int) -> bool:
    """Whether a size as RoboHead shows it, such as "0.01 MB", may be this one; how it rounds isn't known."""
    read = _SIZE.fullmatch((shown or "").strip())
    if read is None:
        return True
    unit = "BKMGT".index(read[2].upper())
    rounding = 0.01
    lowest, highest = size_bytes / float(1024**unit) - rounding, size_bytes / float(1000**unit) + rounding
    return lowest <= float(read[1].replace(",", "")) <= highest


def _observed(review_id: int, review: Review, item: ReviewItem | None, observed_at: datetime) -> Observation:
    ref = ItemRef(Vendor.ROBOHEAD, ItemKind.REVIEW, str(review_id))
    seen = review_observation(ref, review, observed_at)
    return seen if item is None else dataclasses.replace(seen, version=item.version)


def _day(new: NewVersion) -> date | None:
    return None if new.due_at is None else new.due_at.date()
