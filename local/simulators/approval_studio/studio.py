"""What an Approval Studio company holds: users, projects, assets, tasks, annotations, reference documents."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, TypeVar

from local.simulators.approval_studio.words import (
    OPEN_STATES,
    REVIEW_TASKS,
    Decision,
    ProjectState,
    TaskStatus,
    TaskType,
)
from local.simulators.blobs import Blob
from local.simulators.simulator import Simulator
from local.simulators.vendor import RefusedError

Held = TypeVar("Held")

NOT_FOUND: Final = 404
NOT_ACCEPTABLE: Final = 406
PRECONDITION_FAILED: Final = 412


@dataclass(frozen=True, slots=True)
class User:
    """Somebody of the company."""

    uid: str
    name: str
    email: str


@dataclass(slots=True)
class Project:
    """A project. `due` is a day, or an aware moment."""

    uid: str
    client_uid: str
    name: str
    created_at: datetime
    owner_uids: list[str]
    customer: str | None = None
    project: str | None = None
    design: str | None = None
    revision: str | None = None
    description: str | None = None
    tags: list[str] = field(default_factory=list)
    due: date | None = None
    state: ProjectState = "Active"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision that a task ended with."""

    decision: Decision
    by: str
    at: datetime
    task_uid: str


@dataclass(slots=True)
class Asset:
    """One version of a file under review. `first_uid` is the first version's: they all have it in common."""

    uid: str
    first_uid: str
    project_uid: str
    name: str
    version: int
    content_type: str
    blob: Blob
    created_at: datetime
    status: str = "pending"
    verdicts: list[Verdict] = field(default_factory=list)


@dataclass(slots=True)
class Task:
    """Something that a user, or somebody outside with the address `email`, is asked to do."""

    uid: str
    type: TaskType
    project_uid: str
    created_at: datetime
    user_uid: str | None = None
    email: str | None = None
    asset_uids: list[str] = field(default_factory=list)
    due: date | None = None
    comment: str | None = None
    status: TaskStatus = "Pending"
    ended_at: datetime | None = None
    read_only: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def pending(self) -> bool:
        """Whether it waits for somebody."""
        return self.status == "Pending"


@dataclass(slots=True)
class Annotation:
    """A remark on an asset, or a comment on another annotation. `by` is a user's UID or an address."""

    uid: str
    asset_uid: str
    by: str
    text: str
    created_at: datetime
    parent_uid: str | None = None
    hidden: bool = False
    completed: bool = False


@dataclass(slots=True)
class ReferenceDocument:
    """A file that goes with a project."""

    uid: str
    project_uid: str
    name: str
    content_type: str
    blob: Blob
    created_at: datetime


@dataclass(slots=True)
class Webhook:
    """An endpoint; it gets the events from `from_at` on, before `until_at` (set when it was deleted)."""

    uid: str
    url: str
    secret: str
    created_at: datetime
    from_at: datetime
    until_at: datetime | None = None


CLIENTS: Final = ("CLIENTMAIN",)
USERS: Final = (
    User("USROWNER", "Olive Owner", "owner@printshop.test"),
    User("USRREV", "Rex Viewer", "reviewer@brand.test"),
)
SEEDED_PROJECT_UID: Final = "PRJARTWORK"


def new_uid() -> str:
    """Return an id in the form of the vendor's."""
    return uuid.uuid4().hex.upper()


class Studio:
    """The state of the simulated company."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.assets: dict[str, Asset] = {}
        self.reference_documents: dict[str, ReferenceDocument] = {}
        self.reset()

    def reset(self) -> None:
        """Return to the seeded state: two users and one project."""
        for blob in (
            *(asset.blob for asset in self.assets.values()),
            *(document.blob for document in self.reference_documents.values()),
        ):
            self.simulator.blobs.discard(blob)
        self.assets.clear()
        self.reference_documents.clear()
        self.users = {user.uid: user for user in USERS}
        seeded = Project(SEEDED_PROJECT_UID, CLIENTS[0], "Artwork", self.now, owner_uids=[USERS[0].uid])
        self.projects = {seeded.uid: seeded}
        self.tasks: dict[str, Task] = {}
        self.annotations: dict[str, Annotation] = {}
        self.webhooks: dict[str, Webhook] = {}

    @property
    def now(self) -> datetime:
        """The simulated moment."""
        return self.simulator.clock.now()

    def project(self, uid: str) -> Project:
        """Return a project; RefusedError 404 if there is none."""
        return _found(self.projects, uid, "project")

    def asset(self, uid: str) -> Asset:
        """Return an asset; RefusedError 404 if there is none."""
        return _found(self.assets, uid, "asset")

    def task(self, uid: str) -> Task:
        """Return a task; RefusedError 404 if there is none."""
        return _found(self.tasks, uid, "task")

    def annotation(self, uid: str) -> Annotation:
        """Return an annotation; RefusedError 404 if there is none."""
        return _found(self.annotations, uid, "annotation")

    def reference_document(self, uid: str) -> ReferenceDocument:
        """Return a reference document; RefusedError 404 if there is none."""
        return _found(self.reference_documents, uid, "reference document")

    def require_user(self, uid: str) -> User:
        """Return the user named in a body; RefusedError 412 if nobody has that id."""
        if uid not in self.users:
            raise RefusedError(PRECONDITION_FAILED, f"No user has the UID [{uid}].")
        return self.users[uid]

    def require_open(self, project: Project) -> None:
        """RefusedError 412 if a project can't have tasks."""
        if project.state not in OPEN_STATES:
            raise RefusedError(PRECONDITION_FAILED, f"A project in state [{project.state}] can't have tasks.")

    def assets_of(self, project: Project, *, last_versions: bool = False) -> list[Asset]:
        """Return the assets of a project: every version, or the last one of each."""
        assets = [asset for asset in self.assets.values() if asset.project_uid == project.uid]
        if not last_versions:
            return assets
        return list({asset.first_uid: asset for asset in sorted(assets, key=_version)}.values())

    def tasks_of(self, project: Project, *, pending: bool = False) -> list[Task]:
        """Return the tasks of a project, or only those that wait for somebody."""
        return [
            task
            for task in self.tasks.values()
            if task.project_uid == project.uid and (task.pending or not pending)
        ]

    def reference_documents_of(self, project: Project) -> list[ReferenceDocument]:
        """Return the reference documents of a project."""
        return [each for each in self.reference_documents.values() if each.project_uid == project.uid]

    def annotations_of(self, asset: Asset) -> list[Annotation]:
        """Return the annotations of an asset, oldest first."""
        return [each for each in self.annotations.values() if each.asset_uid == asset.uid]

    def pending_reviews(self, asset: Asset) -> list[Task]:
        """Return the review tasks of an asset that wait for a decision."""
        return [
            task
            for task in self.tasks.values()
            if asset.uid in task.asset_uids and task.type in REVIEW_TASKS and task.pending
        ]

    def reviewer_of(self, task: Task) -> str:
        """Return who has a task: a user's UID, or the address of somebody outside."""
        return task.user_uid or task.email or ""

    def delete_project(self, project: Project) -> None:
        """Delete a project with all that it holds."""
        for asset in self.assets_of(project):
            self.delete_asset(asset)
        for document in self.reference_documents_of(project):
            self.delete_reference_document(document)
        self.delete_tasks(self.tasks_of(project))
        del self.projects[project.uid]

    def delete_asset(self, asset: Asset) -> None:
        """Delete an asset with its annotations, and the tasks that have no other asset."""
        for annotation in self.annotations_of(asset):
            del self.annotations[annotation.uid]
        for task in [task for task in self.tasks.values() if asset.uid in task.asset_uids]:
            task.asset_uids.remove(asset.uid)
            if not task.asset_uids:
                del self.tasks[task.uid]
        self.simulator.blobs.discard(self.assets.pop(asset.uid).blob)

    def delete_reference_document(self, document: ReferenceDocument) -> None:
        """Delete a reference document."""
        self.simulator.blobs.discard(self.reference_documents.pop(document.uid).blob)

    def delete_tasks(self, tasks: Iterable[Task]) -> None:
        """Delete tasks; what they were decided stays with the assets."""
        for task in tasks:
            del self.tasks[task.uid]


def _version(asset: Asset) -> int:
    return asset.version


def _found(things: dict[str, Held], uid: str, what: str) -> Held:
    if uid not in things:
        raise RefusedError(NOT_FOUND, f"There is no such {what}, or it has been deleted.")
    return things[uid]
