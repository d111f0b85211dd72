"""Files for Approval Studio in Proofbridge's words (see `proofbridge.uploads.gateway`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from proofbridge.domain.actions import Action
from proofbridge.domain.files.naming import folded
from proofbridge.domain.items import ItemRef, Observation, Vendor, moment_text
from proofbridge.vendors.catalogue import ActionName, ReviewTaskParams
from proofbridge.vendors.errors import InvalidRequestError, after_an_effect
from proofbridge.vendors.upload_gateway import Found, Processing, Span

from .client import ApprovalStudio
from .enums import MUTABLE_STATES, AssetStatus, ProjectState
from .gateway import asset_observation
from .inputs import ProjectCreate, ProjectFilter
from .models import Asset

if TYPE_CHECKING:
    from proofbridge.domain.files.drops import NewVersion
    from proofbridge.vendors.multipart import Source

CLOCK_DIFFERENCE: Final = timedelta(minutes=1)
"""How far Approval Studio's clock may be from ours."""

_PROCESSING: Final = {
    AssetStatus.PROCESSED: Processing.DONE,
    AssetStatus.FAILED: Processing.FAILED,
    AssetStatus.REJECTED: Processing.FAILED,
}
"""How an asset's processing has ended; any other status is one on the way."""


class ApprovalStudioUploads:
    """How files become assets of a project, and their versions.

    A file that is named like an asset of the project becomes its next version, an asset of its own (an
    assumption, see `assets.upload`): so a further version is sent under the name that the asset has there,
    and no other proof's file may have that name. Which names are the same is not documented either: those
    that differ in letters' case alone, or in how a letter is put together, count as the same.
    """

    vendor = Vendor.APPROVAL_STUDIO
    fetches_by_url = False
    processes = True

    def __init__(self, client: ApprovalStudio, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    def name_of(self, ref: ItemRef, new: NewVersion) -> str:
        """Return what the asset is called ("GET /api/v1/asset")."""
        return self._client.assets.get(ref.id).name or new.name

    def shared_name(self, new: NewVersion) -> str | None:
        """Return the file's project and name."""
        return f"{folded(new.project or '')}|{folded(new.name)}"

    def named_alike(self, ref: ItemRef | None, new: NewVersion) -> list[Observation]:
        """Return the project's assets of this name, the newest first: one call."""
        alike = self._named(new)
        if ref is not None and any(asset.asset_uid == ref.id for asset in alike):
            return []
        return [asset_observation(asset, self._now()) for asset in alike]

    def upload(self, new: NewVersion, source: Source) -> Observation:
        """Send a file to its project ("POST /api/v1/asset/upload")."""
        return self._send(new, source)

    def revise(self, ref: ItemRef, new: NewVersion, source: Source) -> Observation:  # noqa: ARG002
        """Send a file as the next version of the asset of its name; it is another asset than before."""
        return self._send(new, source)

    def upload_by_url(self, new: NewVersion, url: str) -> Observation:  # noqa: ARG002 - see UploadGateway
        """Refuse: Approval Studio fetches nothing."""
        raise self._invalid("mode", "must be stream: Approval Studio fetches nothing")

    def revise_by_url(self, ref: ItemRef, new: NewVersion, url: str) -> Observation:  # noqa: ARG002
        """Refuse: Approval Studio fetches nothing."""
        raise self._invalid("mode", "must be stream: Approval Studio fetches nothing")

    def find_uploads(self, new: NewVersion, span: Span) -> list[Found]:
        """Return the newest asset of this name and size that came to the project then.

        Its name is the proof's own.
        """
        return [Found(seen, is_ours=True) for seen in self._arrived(new, after_version=0, span=span)[:1]]

    def find_revision(self, ref: ItemRef, new: NewVersion, version: int, span: Span) -> Observation | None:
        """Return the newest later version of the asset that has this size and came then.

        Where the asset is not in the file's project, because another one has the project's name by now,
        versions begin anew.
        """
        is_there = any(asset.asset_uid == ref.id for asset in self._named(new))
        return next(iter(self._arrived(new, after_version=version if is_there else 0, span=span)), None)

    def processing(self, ref: ItemRef) -> tuple[Processing, Observation]:
        """Say how far the asset's processing is ("GET /api/v1/asset")."""
        asset = self._client.assets.get(ref.id)
        known = asset.status if isinstance(asset.status, AssetStatus) else None
        seen = asset_observation(asset, self._now())
        return (Processing.PENDING if known is None else _PROCESSING.get(known, Processing.PENDING)), seen

    def after(self, ref: ItemRef, new: NewVersion, proof_id: str) -> list[Action]:
        """Ask the reviewers, once the asset is processed: it can't be reviewed before."""
        if not new.reviewers:
            return []
        params = ReviewTaskParams(
            reviewers=new.reviewers,
            message=new.message,
            due_at=None if new.due_at is None else moment_text(new.due_at),
        )
        return [
            Action(
                key=f"review|{ref}",  # each version is an asset of its own
                name=ActionName.STUDIO_CREATE_REVIEW_TASK,
                vendor=self.vendor,
                params=params.model_dump(mode="json", exclude_none=True),
                target=ref,
                proof_id=proof_id,
            )
        ]

    def find_project(self, new: NewVersion) -> str | None:
        """Return the UID of the project that the file goes to: the oldest open one of its name.

        None where none of that name is open.
        """
        if new.project is not None:
            return new.project
        if new.project_name is None:
            raise self._invalid("project", "or project_name is needed")
        states = tuple(ProjectState(state) for state in sorted(MUTABLE_STATES))
        wanted = ProjectFilter(states=states, query=new.project_name)
        named = [each for each in self._client.projects.list(wanted) if each.name == new.project_name]
        oldest = min(named, key=lambda each: (_moment(each.created), each.project_uid), default=None)
        return None if oldest is None else oldest.project_uid

    def create_project(self, new: NewVersion) -> str:
        """Make the project that the file goes to, and return its UID ("POST /api/v1/project")."""
        if new.project_name is None:
            raise self._invalid("project_name", "is needed to make a project")
        project = ProjectCreate(project_name=new.project_name, project_owners_uids=new.owners)
        return self._client.projects.create(project).project_uid

    def _send(self, new: NewVersion, source: Source) -> Observation:
        project = self.find_project(new)
        if project is None:
            raise self._invalid("project_name", f"no open project is called {new.project_name!r}")
        sent = self._client.assets.upload(project, source, new.name, content_type=new.content_type)
        with after_an_effect():
            return asset_observation(self._client.assets.get(sent.asset_uid), self._now())

    def _named(self, new: NewVersion) -> list[Asset]:
        """Return all versions of what has the file's name in its project, the newest first."""
        project = self.find_project(new)
        if project is None:
            return []
        held = self._client.projects.get(project, assets=True, all_versions=True)
        alike = [asset for asset in held.assets if folded(asset.name or "") == folded(new.name)]
        return sorted(alike, key=_version, reverse=True)

    def _arrived(self, new: NewVersion, *, after_version: int, span: Span) -> list[Observation]:
        observed_at = self._now()
        return [
            asset_observation(asset, observed_at)
            for asset in self._named(new)
            if asset.file_size in {None, new.size_bytes}
            and _version(asset) > after_version
            and span.may_hold(asset.created, CLOCK_DIFFERENCE)
        ]

    def _invalid(self, field: str, rule: str) -> InvalidRequestError:
        return InvalidRequestError(field, rule, vendor=self.vendor, operation="upload")


def _version(asset: Asset) -> int:
    return asset.version or 1


def _moment(created: datetime | None) -> str:
    """Return what sorts a project without its moment last."""
    return "~" if created is None else moment_text(created)
