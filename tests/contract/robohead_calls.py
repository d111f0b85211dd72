"""One call of every RoboHead operation, by its name, and reviews to work on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from proofbridge.vendors.local_file import LocalFile
from proofbridge.vendors.multipart import BytesSource
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.enums import AutocompleteOption, FieldType, ReviewType
from proofbridge.vendors.robohead.inputs import FileUpload, ItemInput, ReviewCreate, ReviewUpdate, StageInput

OWNER: Final = 101
REVIEWER: Final = 102
SECOND: Final = 103
PROJECT: Final = 501
MISSING: Final = 999_999
PDF: Final = b"%PDF-1.7 one proof"


def pdf(name: str = "Label.pdf", data: bytes = PDF) -> LocalFile:
    """Return a file to upload."""
    return LocalFile(BytesSource(data), name)


def new_item(client: RoboHead, name: str = "Label.pdf", **more: Any) -> ItemInput:
    """Upload a file and return the item that brings it into a review."""
    file_id = client.files.upload(pdf(name), FileUpload()).file_id
    return ItemInput(file_name=name, file_id=file_id, **more)


def new_review(client: RoboHead, name: str = "Label", **more: Any) -> int:
    """Make a review with one file that one reviewer is asked to approve; it starts at once."""
    fields: dict[str, Any] = {
        "review_name": name,
        "review_type": ReviewType.APPROVAL,
        "project_id": PROJECT,
        "autocomplete_option": AutocompleteOption.ALL_FINISHED,
        "review_owners": (OWNER,),
        "review_items": (new_item(client),),
        "review_stages": (StageInput(stage_name="Review", existing_users=(REVIEWER,)),),
        **more,
    }
    return client.reviews.add(ReviewCreate(**fields)).id


def bare_review(client: RoboHead, name: str = "Label") -> int:
    """Make a review with nothing in it."""
    review = ReviewCreate(review_name=name, review_type=ReviewType.FEEDBACK, project_id=PROJECT)
    return client.reviews.add(review).id


CALLS: Final[Mapping[str, Callable[[RoboHead, int], object]]] = {
    "reviews.list": lambda client, _: next(client.reviews.list(), None),
    "reviews.get": lambda client, review: client.reviews.get(review),
    "reviews.add": lambda client, _: bare_review(client),
    "reviews.update": lambda client, review: client.reviews.update(review, ReviewUpdate(review_name="x")),
    "comments.list": lambda client, review: list(client.comments.list(review)),
    "files.upload": lambda client, _: client.files.upload(pdf()),
    "comparators.list": lambda client, _: client.comparators.list(FieldType.TEXT),
    "lists.by_type": lambda client, _: client.lists.review_types(),
    "users.list": lambda client, _: next(client.users.list(), None),
}
