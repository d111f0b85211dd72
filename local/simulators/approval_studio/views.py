"""How Approval Studio shows things: camelCase, moments without a zone, links.

Of projects, tasks, annotations and reference documents only some fields are documented; the names of the
others are assumptions.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from local.simulators.approval_studio.settings import (
    ASSET_STATUSES,
    ApprovalStudioSettings,
    settings_of,
)
from local.simulators.approval_studio.studio import (
    Annotation,
    Asset,
    Project,
    ReferenceDocument,
    Studio,
    Task,
    User,
    Webhook,
)


class Views:
    """Turns what the studio holds into the vendor's JSON."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def project(self, project: Project) -> dict[str, Any]:
        """Return a project without its children."""
        assets = self._studio.assets_of(project)
        reviews = {task.uid for asset in assets for task in self._studio.pending_reviews(asset)}
        return {
            "projectUID": project.uid,
            "clientUID": project.client_uid,
            self._settings.project_name_field: project.name,
            "customer": project.customer,
            "project": project.project,
            "design": project.design,
            "revision": project.revision,
            "description": project.description,
            "tags": list(project.tags),
            "state": project.state,
            "dueDate": _due(project.due),
            "projectOwners": [self.user(self._studio.users[uid]) for uid in project.owner_uids],
            "reviewStatus": _review_status(len(reviews), assets),
            "created": _moment(project.created_at),
        }

    def asset(self, asset: Asset) -> dict[str, Any]:
        """Return an asset; its pages are known once it is processed."""
        origin = self._settings.link_origin or self._studio.simulator.url
        processed = asset.status == "processed"
        return {
            "assetUID": asset.uid,
            "version": asset.version,
            "name": asset.name,
            "status": {**ASSET_STATUSES, **self._settings.asset_statuses}[asset.status],
            "reviewStatus": _review_status(len(self._studio.pending_reviews(asset)), [asset]),
            "pagesCount": 1 if processed else 0,
            "created": _moment(asset.created_at),
            "fileSize": asset.blob.size_bytes,
            "reviewUrl": f"{origin}/#{asset.uid}",
            "thumbnailUrl": f"{origin}/thumbnails/{asset.uid}.jpg",
        }

    def task(self, task: Task) -> dict[str, Any]:
        """Return a task."""
        return {
            "taskUID": task.uid,
            "taskType": task.type,
            "status": task.status,
            "projectUID": task.project_uid,
            "userUID": task.user_uid,
            "email": task.email or self._studio.users[task.user_uid or ""].email,
            "assetUIDs": list(task.asset_uids),
            "dueDate": _due(task.due),
            "comment": task.comment,
            "created": _moment(task.created_at),
            "completed": None if task.ended_at is None else _moment(task.ended_at),
        }

    def annotation(self, annotation: Annotation) -> dict[str, Any]:
        """Return an annotation, or a comment on one."""
        user = self._studio.users.get(annotation.by)
        return {
            "annotationUID": annotation.uid,
            "parentUID": annotation.parent_uid,
            "assetUID": annotation.asset_uid,
            "userUID": None if user is None else user.uid,
            "author": annotation.by if user is None else user.email,
            "text": annotation.text,
            "isHidden": annotation.hidden,
            "isCompleted": annotation.completed,
            "created": _moment(annotation.created_at),
        }

    def reference_document(self, document: ReferenceDocument) -> dict[str, Any]:
        """Return a reference document."""
        return {
            "refDocUID": document.uid,
            "projectUID": document.project_uid,
            "name": document.name,
            "fileSize": document.blob.size_bytes,
            "created": _moment(document.created_at),
        }

    @staticmethod
    def user(user: User) -> dict[str, Any]:
        """Return a user."""
        return {"userUID": user.uid, "name": user.name, "email": user.email}

    @staticmethod
    def webhook(webhook: Webhook) -> dict[str, Any]:
        """Return a webhook with its secret."""
        return {
            "webhookUID": webhook.uid,
            "url": webhook.url,
            "secret": webhook.secret,
            "created": _moment(webhook.created_at),
        }

    @property
    def _settings(self) -> ApprovalStudioSettings:
        return settings_of(self._studio.simulator)


def event_value(value: Any) -> Any:
    """Return an attribute's value as `project.edited` carries it: its type is the attribute's own."""
    return _due(value) if isinstance(value, date) else value


def _review_status(pending: int, assets: list[Asset]) -> dict[str, int]:
    decisions = [verdict.decision for asset in assets for verdict in asset.verdicts]
    return {
        "pendingCount": pending,
        "approvedCount": decisions.count("Approved"),
        "rejectedCount": decisions.count("Rejected"),
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def _due(due: date | None) -> str | None:
    """Write a day as a day, and a moment as the vendor writes moments."""
    return _moment(due) if isinstance(due, datetime) else None if due is None else due.isoformat()
