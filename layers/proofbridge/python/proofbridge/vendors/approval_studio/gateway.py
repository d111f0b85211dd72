"""Approval Studio in Proofbridge's words: assets are proofs, and projects hold them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, Observation, Person, ReviewStatus, Vendor
from proofbridge.vendors.errors import InvalidRequestError, NotFoundError, RejectedError
from proofbridge.vendors.gateway import Effect, Lookup, Page

from .actions import StudioActions
from .client import ApprovalStudio
from .enums import ProjectState, TaskStatus, TaskType
from .inputs import ProjectFilter
from .mapping import review_status
from .models import Asset, Project, Task

DECISIONS: Final[Mapping[ReviewStatus, TaskStatus]] = {
    ReviewStatus.APPROVED: TaskStatus.APPROVED,
    ReviewStatus.REJECTED: TaskStatus.REJECTED,
}
"""What a task says that has led to a status."""

_REVIEWS: Final = frozenset({TaskType.REVIEW_ASSET, TaskType.REVIEW_ASSET_EXTERNAL})
_ASSETS_LACK: Final = ("reviewers", "comment", "decided_by", "assignee", "due_at")
_LISTS_LACK: Final = ("comment", "decided_by", "assignee")


class ApprovalStudioGateway:
    """What Proofbridge does at Approval Studio (see `proofbridge.gateways`)."""

    vendor = Vendor.APPROVAL_STUDIO

    def __init__(self, client: ApprovalStudio, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._actions = StudioActions(client, now, _project)

    def observe(self, ref: ItemRef) -> Observation:
        """Read an asset or a project: one call."""
        observed_at = self._now()
        try:
            match ref.kind:
                case ItemKind.ASSET:
                    return asset_observation(self._client.assets.get(ref.id), observed_at)
                case ItemKind.PROJECT:
                    return _project(self._client.projects.get(ref.id), observed_at)
                case _:
                    raise InvalidRequestError(
                        "kind",
                        "must be asset or project",
                        vendor=self.vendor,
                        operation="observe",
                        item=str(ref),
                    )
        except NotFoundError:
            return Observation(ref, observed_at, deleted=True)

    def changed_since(self, moment: datetime | None, resume: str | None = None) -> Iterator[Page]:  # noqa: ARG002
        """Yield the projects with their assets, in one call: there is no paging and no filter by time.

        What has changed shows when all of it is held against what is stored. Archived projects, and those on
        their way from or to the archive, are listed only where everything is wanted: nothing changes there.
        """
        observed_at = self._now()
        wanted = ProjectFilter(
            states=tuple(ProjectState) if moment is None else None,
            is_load_assets=True,
            is_load_tasks=True,
        )
        seen: list[Observation] = []
        for project in self._client.projects.list(wanted):
            seen.append(_project(project, observed_at))
            seen += [_listed_asset(asset, project, observed_at) for asset in project.assets]
        yield Page(tuple(seen))

    def in_full(self, seen: Observation) -> Observation:
        """Add to a decided asset who has decided: a list has the active tasks only, `task/all` (outside) all.

        Where there is no such call, it remains unsaid.
        """
        decision = None if seen.status is None else DECISIONS.get(seen.status)
        if seen.ref.kind is not ItemKind.ASSET or decision is None or seen.project is None:
            return seen
        try:
            tasks = self._client.tasks.list(seen.project)
        except (NotFoundError, RejectedError):
            return seen
        deciders = {_person(task) for task in reviews_of(seen.ref.id, tasks) if task.status == decision}
        return dataclasses.replace(
            seen,
            decided_by=", ".join(sorted(who for who in deciders if who)) or None,
            silent_on=tuple(name for name in seen.silent_on if name != "decided_by"),
        )

    def perform(self, action: Action, target: ItemRef | None) -> Effect:
        """Carry out an action (see `actions`)."""
        return self._actions.perform(action, target)

    def find(self, action: Action, target: ItemRef | None, since: datetime) -> Effect | Lookup:  # noqa: ARG002
        """Look for our marker in the tasks of the asset's project."""
        return self._actions.find(action, target)


def asset_observation(asset: Asset, observed_at: datetime) -> Observation:
    """Say in our words what Approval Studio shows of an asset."""
    # By its counts alone: a single asset does not name its project, whose end is the project's own status.
    return Observation(
        ref=ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.ASSET, asset.asset_uid),
        observed_at=observed_at,
        status=review_status(asset.review_status, None),
        vendor_status=None if asset.status is None else str(asset.status),
        name=asset.name,
        version=asset.version,
        url=asset.review_url,
        project=asset.project_uid,
        silent_on=_ASSETS_LACK if asset.project_uid else (*_ASSETS_LACK, "project"),
    )


def _listed_asset(asset: Asset, project: Project, observed_at: datetime) -> Observation:
    """Return an asset with what its project's active tasks add: who has still to decide, and until when."""
    waiting = reviews_of(asset.asset_uid, project.tasks)
    # One for each person: the task made last counts.
    tasks = {who: task for task in waiting if (who := _person(task)) is not None}
    return dataclasses.replace(
        asset_observation(asset, observed_at),
        due_at=min(
            (task.due_date for task in waiting if task.due_date is not None), default=project.due_date
        ),
        reviewers=tuple(Person(who, task_id=task.task_uid) for who, task in sorted(tasks.items())),
        project=project.project_uid,
        silent_on=_LISTS_LACK,
    )


def reviews_of(asset_uid: str, tasks: Iterable[Task]) -> list[Task]:
    """Return the tasks to review an asset, in their order."""
    return [task for task in tasks if task.type in _REVIEWS and asset_uid in task.asset_uids]


def _person(task: Task) -> str | None:
    return task.email or task.user_uid


def _project(project: Project, observed_at: datetime) -> Observation:
    status = review_status(project.review_status, project.state)
    return Observation(
        ref=ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.PROJECT, project.project_uid),
        observed_at=observed_at,
        status=status,
        vendor_status=None if project.state is None else str(project.state),
        name=project.name,
        due_at=project.due_date,
        project=project.project_uid,
        # On its way to or from the archive it says nothing, not that it has no status any more.
        silent_on=("status",) if status is None else (),
    )
