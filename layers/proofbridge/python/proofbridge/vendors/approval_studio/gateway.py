"""Approval Studio in Proofbridge's words: assets are proofs, and projects hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from proofbridge.actions import Action
from proofbridge.gateways import Effect, Lookup
from proofbridge.items import ItemKind, ItemRef, Observation, Vendor
from proofbridge.vendors.errors import InvalidRequestError, NotFoundError

from .client import ApprovalStudio
from .enums import ProjectState
from .inputs import ProjectFilter
from .mapping import review_status
from .models import Asset, Project

_ASSETS_LACK: Final = ("reviewers", "comment", "decided_by", "assignee", "due_at")


class ApprovalStudioGateway:
    """What Proofbridge reads at Approval Studio (see `proofbridge.gateways`); it writes nothing there yet."""

    vendor = Vendor.APPROVAL_STUDIO

    def __init__(self, client: ApprovalStudio, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

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

    def changed_since(self, moment: datetime | None) -> Iterator[Observation]:  # noqa: ARG002
        """Yield every project and its assets, in one call: there is no paging and no filter by time."""
        observed_at = self._now()
        wanted = ProjectFilter(states=tuple(ProjectState), is_load_assets=True)
        for project in self._client.projects.list(wanted):
            yield _project(project, observed_at)
            for asset in project.assets:
                yield asset_observation(asset, observed_at)

    def perform(self, action: Action, target: ItemRef | None) -> Effect:
        """Refuse: the catalogue gives Approval Studio no action."""
        raise ValueError(f"{action.key}: Approval Studio can't {action.name} {target}")

    def find(self, action: Action, target: ItemRef | None, since: datetime) -> Effect | Lookup:  # noqa: ARG002
        """Refuse: the catalogue gives Approval Studio no action."""
        raise ValueError(f"{action.key}: Approval Studio can't look for {action.name} of {target}")


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
        silent_on=_ASSETS_LACK,
    )


def _project(project: Project, observed_at: datetime) -> Observation:
    return Observation(
        ref=ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.PROJECT, project.project_uid),
        observed_at=observed_at,
        status=review_status(project.review_status, project.state),
        vendor_status=None if project.state is None else str(project.state),
        name=project.name,
        due_at=project.due_date,
        project=project.project_uid,
    )
