"""Approval Studio's operations on tasks; only the two review tasks are in the documentation that is left."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from local.simulators.approval_studio.envelope import success
from local.simulators.approval_studio.lifecycle import Lifecycle
from local.simulators.approval_studio.references import Reference, referred
from local.simulators.approval_studio.settings import settings_of
from local.simulators.approval_studio.studio import NOT_FOUND, PRECONDITION_FAILED, Project, Studio, Task
from local.simulators.approval_studio.views import Views
from local.simulators.approval_studio.words import Due, EmailLanguage, Text, Uid
from local.simulators.validation import Email, Strict
from local.simulators.vendor import RefusedError, operation


class TaskFields(Strict):
    """What every new task has."""

    project_uid: Uid = Field(alias="projectUID")
    due: Due | None = Field(alias="dueDate", default=None)
    comment: str | None = None


class UserTask(TaskFields):
    """A new task for a user: POST /api/v1/task/refdoc_upload."""

    user_uid: Uid = Field(alias="userUID")


class UploadTask(UserTask):
    """POST /api/v1/task/asset_upload; with an asset, its next version is asked for."""

    asset_uid: Uid | None = Field(alias="assetUID", default=None)


AssetUids = Annotated[list[Uid], Field(min_length=1)]


class ReviewTask(UserTask):
    """POST /api/v1/task/review_asset."""

    asset_uids: AssetUids = Field(alias="assetUIDs")


class ExternalReviewTask(TaskFields):
    """POST /api/v1/task/review_asset_ext."""

    email: Email
    asset_uids: AssetUids = Field(alias="assetUIDs")
    password: Text | None = None
    email_subject: Text | None = Field(alias="emailSubject", default=None)
    email_language: EmailLanguage = Field(alias="emailLanguage", default="English")
    allow_download: bool = Field(alias="isAllowDownloadAssets", default=False)
    read_only: bool = Field(alias="isReadOnly", default=False)


class TasksQuery(Strict):
    """GET /api/v1/task/all: of which project."""

    project_uid: Uid | None = Field(alias="ProjectUID", default=None)


class TaskUid(Strict):
    """A query that names a task."""

    uid: Uid = Field(alias="TaskUID")


class TaskQuery(Reference):
    """A task named in the query."""

    uid: Uid | None = Field(alias="TaskUID", default=None)


class TaskBody(Reference):
    """A task named in the body."""

    uid: Uid | None = Field(alias="taskUID", default=None)


class Tasks:
    """The handlers."""

    def __init__(self, studio: Studio, views: Views, lifecycle: Lifecycle) -> None:
        self._studio = studio
        self._views = views
        self._lifecycle = lifecycle
        self._simulator = studio.simulator

    @operation("GET", "/api/v1/task/all", section="outside")
    def list_tasks(self, query: TasksQuery) -> dict[str, Any]:
        """Return tasks, oldest first, ended ones too."""
        return success(
            [
                self._views.task(task)
                for task in self._studio.tasks.values()
                if query.project_uid in {None, task.project_uid}
            ]
        )

    @operation("GET", "/api/v1/task", section="outside")
    def get_task(self, query: TaskUid) -> dict[str, Any]:
        """Return a task."""
        return success(self._views.task(self._studio.task(query.uid)))

    @operation("DELETE", "/api/v1/task", section="outside")
    def delete_task(self, query: TaskQuery, body: TaskBody) -> dict[str, Any]:
        """Delete a task."""
        task = self._studio.task(referred(self._simulator, query, body))
        self._lifecycle.delete_task(task)
        self._simulator.effect("delete_task", task.uid, type=task.type)
        return success()

    @operation("PUT", "/api/v1/task/complete", section="outside")
    def complete_task(self, query: TaskQuery, body: TaskBody) -> dict[str, Any]:
        """Complete an upload task that is pending."""
        task = self._studio.task(referred(self._simulator, query, body))
        self._lifecycle.complete_task(task)
        self._simulator.effect("complete_task", task.uid, type=task.type)
        return success()

    @operation("POST", "/api/v1/task/asset_upload", section="outside")
    def create_asset_upload_task(self, body: UploadTask) -> dict[str, Any]:
        """Ask a user for assets, or for the next version of one."""
        project = self._studio.project(body.project_uid)
        if body.asset_uid is None:
            return self._created(
                "create_asset_upload_task",
                self._lifecycle.create_task("UploadAssets", project, **_for_user(body)),
            )
        self._belonging(project, [body.asset_uid])
        task = self._lifecycle.create_task(
            "UploadChangedAsset", project, asset_uids=[body.asset_uid], **_for_user(body)
        )
        return self._created("create_asset_upload_task", task)

    @operation("POST", "/api/v1/task/refdoc_upload", section="outside")
    def create_refdoc_upload_task(self, body: UserTask) -> dict[str, Any]:
        """Ask a user for reference documents."""
        project = self._studio.project(body.project_uid)
        task = self._lifecycle.create_task("UploadRefDoc", project, **_for_user(body))
        return self._created("create_refdoc_upload_task", task)

    @operation("POST", "/api/v1/task/review_asset", section="POST /api/v1/task/review_asset")
    def create_review_task(self, body: ReviewTask) -> dict[str, Any]:
        """Ask a user to review assets."""
        project = self._studio.project(body.project_uid)
        self._studio.require_open(project)
        self._studio.require_user(body.user_uid)
        self._reviewable(project, body.asset_uids)
        task = self._lifecycle.create_task(
            "ReviewAsset", project, asset_uids=body.asset_uids, **_for_user(body)
        )
        return self._created("create_review_task", task)

    @operation("POST", "/api/v1/task/review_asset_ext", section="POST /api/v1/task/review_asset_ext")
    def create_external_review_task(self, body: ExternalReviewTask) -> dict[str, Any]:
        """Ask somebody outside to review assets, by e-mail, at once."""
        project = self._studio.project(body.project_uid)
        self._studio.require_open(project)
        self._reviewable(project, body.asset_uids)
        task = self._lifecycle.create_task(
            "ReviewAssetExternal",
            project,
            email=body.email,
            asset_uids=body.asset_uids,
            due=body.due,
            comment=body.comment,
            read_only=body.read_only,
            options={
                "password": body.password is not None,
                "email_subject": body.email_subject,
                "email_language": body.email_language,
                "allow_download": body.allow_download,
            },
        )
        return self._created("create_external_review_task", task, emails=[body.email])

    def _created(self, operation_name: str, task: Task, **fields: Any) -> dict[str, Any]:
        self._simulator.effect(
            operation_name,
            task.uid,
            type=task.type,
            project=task.project_uid,
            assets=list(task.asset_uids),
            to=self._studio.reviewer_of(task),
            comment=task.comment,
            **fields,
        )
        return success({"taskUID": task.uid})

    def _reviewable(self, project: Project, asset_uids: list[str]) -> None:
        self._belonging(project, asset_uids)
        if settings_of(self._simulator).review_unprocessed:
            return
        for uid in asset_uids:
            if self._studio.assets[uid].status != "processed":
                raise RefusedError(PRECONDITION_FAILED, f"Asset [{uid}] is not processed.")

    def _belonging(self, project: Project, asset_uids: list[str]) -> None:
        for uid in asset_uids:
            if self._studio.asset(uid).project_uid != project.uid:
                raise RefusedError(NOT_FOUND, f"Asset [{uid}] is not in project [{project.uid}].")


def _for_user(body: UserTask) -> dict[str, Any]:
    return {"user_uid": body.user_uid, "due": body.due, "comment": body.comment}
