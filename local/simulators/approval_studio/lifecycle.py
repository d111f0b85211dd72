"""What happens to things in Approval Studio, whoever makes it happen: the API's caller or a person."""

from __future__ import annotations

import mimetypes
from functools import partial
from typing import Any, Final

from local.simulators.approval_studio.announcements import Announcements
from local.simulators.approval_studio.processing import Processing
from local.simulators.approval_studio.settings import STATE_CHANGES, settings_of
from local.simulators.approval_studio.studio import (
    NOT_ACCEPTABLE,
    PRECONDITION_FAILED,
    Annotation,
    Asset,
    Project,
    Studio,
    Task,
    Verdict,
    new_uid,
)
from local.simulators.approval_studio.views import event_value
from local.simulators.approval_studio.words import OPEN_STATES, REVIEW_TASKS, Decision, ProjectState, TaskType
from local.simulators.multipart import ReceivedFile
from local.simulators.vendor import RefusedError

ATTRIBUTES: Final = {
    "name": "Name",
    "customer": "Customer",
    "project": "Project",
    "design": "Design",
    "revision": "Revision",
    "description": "Description",
    "tags": "Tags",
    "due": "DueDate",
    "owner_uids": "ProjectOwners",
}
"""A project's attributes, and their names in `project.edited`."""

_GONE: Final = 410


class Lifecycle:
    """Changes the studio and announces each change."""

    def __init__(self, studio: Studio, announcements: Announcements, processing: Processing) -> None:
        self._studio = studio
        self._announcements = announcements
        self._processing = processing

    def edit_project(self, project: Project, changes: dict[str, Any]) -> list[str]:
        """Change attributes of a project; each that differs is an event. RefusedError 406 if it is closed."""
        if project.state not in OPEN_STATES:
            raise RefusedError(NOT_ACCEPTABLE, f"A project in state [{project.state}] can't be edited.")
        changed = [name for name in ATTRIBUTES if name in changes and getattr(project, name) != changes[name]]
        for name in changed:
            setattr(project, name, changes[name])
            self._announcements.about_project(
                "project.edited", project, Attribute=ATTRIBUTES[name], Value=event_value(changes[name])
            )
        return [ATTRIBUTES[name] for name in changed]

    def change_state(self, project: Project, state: ProjectState) -> None:
        """Put a project into a state. RefusedError 406 if it is in it, 412 if it can't be put there."""
        if project.state == state:
            raise RefusedError(NOT_ACCEPTABLE, f"The project's state is [{state}] already.")
        allowed = {**STATE_CHANGES, **settings_of(self._studio.simulator).state_changes}
        if state not in allowed[project.state]:
            raise RefusedError(
                PRECONDITION_FAILED, f"A project can't go from [{project.state}] to [{state}] directly."
            )
        if "Archived" in {project.state, state}:
            self._set_state(project, "InTransit")
            seconds = settings_of(self._studio.simulator).transit_seconds
            self._processing.later(project.uid, seconds, partial(self._set_state, project, state))
            return
        if state == "Completed":
            self._studio.delete_tasks(self._studio.tasks_of(project))
        self._set_state(project, state)

    def _set_state(self, project: Project, state: ProjectState) -> None:
        project.state = state
        self._announcements.about_project("project.state", project, State=state)

    def delete_project(self, project: Project) -> None:
        """Delete a project; no event tells of it or of what it held."""
        for uid in (project.uid, *(asset.uid for asset in self._studio.assets_of(project))):
            self._processing.drop(uid)
        self._studio.delete_project(project)

    def take_asset(
        self, project: Project, file: ReceivedFile, name: str, *, replaces: Asset | None = None
    ) -> Asset:
        """Add an uploaded file as a new asset, or as the version after `replaces`, and process it."""
        versions = [a for a in self._studio.assets.values() if replaces and a.first_uid == replaces.first_uid]
        uid = new_uid()
        asset = Asset(
            uid=uid,
            first_uid=uid if replaces is None else replaces.first_uid,
            project_uid=project.uid,
            name=name,
            version=1 + max((each.version for each in versions), default=0),
            content_type=file.content_type or mimetypes.guess_type(name)[0] or "application/octet-stream",
            blob=file.keep(),
            created_at=self._studio.now,
        )
        self._studio.assets[asset.uid] = asset
        seconds = settings_of(self._studio.simulator).processing_seconds
        self._processing.later(asset.uid, seconds, partial(self.finish_processing, asset))
        return asset

    def finish_processing(self, asset: Asset, *, succeed: bool | None = None) -> None:
        """End the processing of an asset, by default as the settings say; only a success is announced."""
        self._processing.drop(asset.uid)
        if succeed is None:
            succeed = settings_of(self._studio.simulator).processing == "succeed"
        asset.status = "processed" if succeed else "failed"
        if succeed:
            self._announcements.about_asset("asset.uploaded", asset)

    def delete_asset(self, asset: Asset) -> None:
        """Delete an asset with what hangs on it; one event tells of all that."""
        self._processing.drop(asset.uid)
        self._studio.delete_asset(asset)
        self._announcements.about_asset("asset.deleted", asset)

    def create_task(self, task_type: TaskType, project: Project, **fields: Any) -> Task:
        """Create a task. RefusedError 412 if the project is closed or the user unknown."""
        self._studio.require_open(project)
        if fields.get("user_uid") is not None:
            self._studio.require_user(fields["user_uid"])
        task = Task(new_uid(), task_type, project.uid, self._studio.now, **fields)
        self._studio.tasks[task.uid] = task
        self._announcements.about_task("task.created", task)
        return task

    def complete_task(self, task: Task) -> None:
        """Complete a task. RefusedError 410 if it has ended, 412 if only a decision ends it."""
        if task.type in REVIEW_TASKS:
            raise RefusedError(PRECONDITION_FAILED, f"A task of type [{task.type}] ends by a decision.")
        if not task.pending:
            raise RefusedError(_GONE, "The task is not pending.")
        self.end_upload(task)

    def end_upload(self, task: Task) -> None:
        """Mark a task that is no review as completed."""
        task.status, task.ended_at = "Completed", self._studio.now
        self._announcements.about_task("task.completed", task)

    def decide(self, task: Task, decision: Decision, comment: str | None = None) -> None:
        """Approve or reject all assets of a review task, which ends it.

        RefusedError 409 if it is no review, has ended, or is for reading only.
        """
        if task.type not in REVIEW_TASKS or not task.pending or task.read_only:
            raise RefusedError(409, f"the task {task.uid} ({task.type}, {task.status}) takes no decision")
        by, now = self._studio.reviewer_of(task), self._studio.now
        for asset_uid in task.asset_uids:
            asset = self._studio.asset(asset_uid)
            asset.verdicts.append(Verdict(decision, by, now, task.uid))
            if comment:
                self.annotate(asset, by, comment)
        task.status, task.ended_at = decision, now
        self._announcements.about_task("task.approved" if decision == "Approved" else "task.rejected", task)

    def delete_task(self, task: Task) -> None:
        """Delete a task; its decision stays with the assets."""
        self._studio.delete_tasks([task])
        self._announcements.about_task("task.deleted", task)

    def annotate(self, asset: Asset, by: str, text: str, *, parent: Annotation | None = None) -> Annotation:
        """Put an annotation on an asset, or a comment on an annotation."""
        annotation = Annotation(
            new_uid(), asset.uid, by, text, self._studio.now, None if parent is None else parent.uid
        )
        self._studio.annotations[annotation.uid] = annotation
        self._tell_annotation("annotation.added", annotation)
        return annotation

    def edit_annotation(self, annotation: Annotation, text: str) -> None:
        """Change what an annotation says."""
        annotation.text = text
        self._tell_annotation("annotation.edited", annotation)

    def delete_annotation(self, annotation: Annotation) -> None:
        """Delete an annotation with the comments on it."""
        for reply in [a for a in self._studio.annotations.values() if a.parent_uid == annotation.uid]:
            del self._studio.annotations[reply.uid]
        del self._studio.annotations[annotation.uid]
        self._tell_annotation("annotation.deleted", annotation)

    def _tell_annotation(self, event: Any, annotation: Annotation) -> None:
        self._announcements.about_part(
            event,
            annotation.uid,
            ProjectUID=self._studio.asset(annotation.asset_uid).project_uid,
            AssetUID=annotation.asset_uid,
            AnnotationUID=annotation.uid,
        )
