"""What a RoboHead account holds: users, projects, files, reviews with their items, stages and comments."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NoReturn

from local.simulators.blobs import Blob
from local.simulators.robohead.words import (
    Autocomplete,
    ReviewerStatus,
    ReviewStatus,
    ReviewType,
    StageStatus,
    UploadType,
    VersionStatus,
)
from local.simulators.simulator import Simulator
from local.simulators.vendor import RefusedError

NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class User:
    """Somebody of the account."""

    id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project."""

    id: int
    name: str

    @property
    def formatted_number(self) -> str:
        """The number as it is shown to people."""
        return f"P-{self.id:06d}"


@dataclass(slots=True)
class File:
    """An uploaded file."""

    id: int
    name: str
    blob: Blob
    object_id: int
    object_type: int
    uploaded_at: datetime


@dataclass(slots=True)
class ItemVersion:
    """One version of an item."""

    id: int
    number: int
    file_id: int | None
    created_at: datetime
    status: VersionStatus = VersionStatus.PENDING


@dataclass(slots=True)
class Item:
    """Something under review: a file, or a website."""

    id: int
    file_name: str
    upload_type: UploadType
    versions: list[ItemVersion]
    optional_title: str | None = None
    description: str | None = None
    sort_order: int | None = None
    default_thumbnail: bool = False
    entire_website: bool = False
    enable_annotation: bool = False
    source_file_id: int | None = None
    source_object_type: int | None = None

    @property
    def current(self) -> ItemVersion:
        """The newest version."""
        return self.versions[-1]


@dataclass(slots=True)
class Stage:
    """A stage: its reviewers and how far each of them is."""

    id: int
    name: str
    reviewers: dict[int, ReviewerStatus]
    cc_user_ids: tuple[int, ...] = ()
    due: date | None = None
    status: StageStatus = StageStatus.NOT_STARTED
    start_condition: int | None = None
    notify_me_on_response: bool = False
    notify_author_on_reply: bool = False
    download: bool = False
    show_responses: bool = False
    digital_signature: bool = False
    email_subject: str | None = None
    email_message: str | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said on a version of an item."""

    id: int
    author_id: int
    text: str
    created_at: datetime
    item_id: int | None
    file_name: str | None
    version: int | None


@dataclass(slots=True)
class Review:
    """A review."""

    id: int
    name: str
    project_id: int
    type: ReviewType
    creator_id: int
    created_at: datetime
    modifier_id: int
    modified_at: datetime
    status: ReviewStatus = ReviewStatus.NOT_STARTED
    start: date | None = None
    end: date | None = None
    autocomplete: Autocomplete = Autocomplete.NEVER
    owner_ids: tuple[int, ...] = ()
    items: list[Item] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)

    def item(self, item_id: int) -> Item:
        """Return an item; RefusedError 404 if the review has none of that id."""
        return next((item for item in self.items if item.id == item_id), None) or _missing("item", item_id)

    def say(self, comment_id: int, by: int, text: str, at: datetime, *, item_id: int | None = None) -> None:
        """Add a comment on an item, or on the first one."""
        item = self.item(item_id) if item_id is not None else next(iter(self.items), None)
        self.comments.append(
            Comment(
                id=comment_id,
                author_id=by,
                text=text,
                created_at=at,
                item_id=None if item is None else item.id,
                file_name=None if item is None else item.file_name,
                version=None if item is None else item.current.number,
            )
        )

    def stage(self, stage_id: int) -> Stage:
        """Return a stage; RefusedError 404 if the review has none of that id."""
        return next((stage for stage in self.stages if stage.id == stage_id), None) or _missing(
            "stage", stage_id
        )


USERS: Final = (
    User(101, "Olive Owner", "owner@printshop.test"),
    User(102, "Rex Viewer", "reviewer@brand.test"),
    User(103, "Vera Second", "second@brand.test"),
)
PROJECTS: Final = (Project(501, "Artwork"),)


class Account:
    """The state of the simulated account."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.files: dict[int, File] = {}
        self.reset()

    def reset(self) -> None:
        """Return to three users and one project, without files and reviews."""
        for file in self.files.values():
            self.simulator.blobs.discard(file.blob)
        self.files.clear()
        self.users = {user.id: user for user in USERS}
        self.projects = {project.id: project for project in PROJECTS}
        self.reviews: dict[int, Review] = {}
        self._ids = itertools.count(1001)

    @property
    def now(self) -> datetime:
        """The simulated moment."""
        return self.simulator.clock.now()

    def new_id(self) -> int:
        """Return an id that nothing has yet."""
        return next(self._ids)

    def review(self, review_id: int) -> Review:
        """Return a review; RefusedError 404 if there is none."""
        return self.reviews.get(review_id) or _missing("review", review_id)

    def project(self, project_id: int) -> Project:
        """Return a project; RefusedError 404 if there is none."""
        return self.projects.get(project_id) or _missing("project", project_id)

    def file(self, file_id: int) -> File:
        """Return a file; RefusedError 404 if there is none."""
        return self.files.get(file_id) or _missing("file", file_id)

    def user(self, user_id: int) -> User:
        """Return a user; RefusedError 404 if there is none."""
        return self.users.get(user_id) or _missing("user", user_id)


def _missing(what: str, missing_id: int) -> NoReturn:
    raise RefusedError(NOT_FOUND, f"There is no {what} {missing_id}.")
