"""Approval Studio's operations on assets (section Asset management; the singular path is the right one)."""

from __future__ import annotations

import unicodedata
from pathlib import PurePath
from typing import Any

from flask import Response
from pydantic import Field

from local.simulators.approval_studio.downloads import file_answer
from local.simulators.approval_studio.envelope import success
from local.simulators.approval_studio.lifecycle import Lifecycle
from local.simulators.approval_studio.references import Reference, referred
from local.simulators.approval_studio.settings import settings_of
from local.simulators.approval_studio.studio import (
    NOT_FOUND,
    PRECONDITION_FAILED,
    Asset,
    Project,
    Studio,
    Task,
)
from local.simulators.approval_studio.uploads import Upload, UploadForm, UploadQuery
from local.simulators.approval_studio.views import Views
from local.simulators.approval_studio.words import ASSET_UPLOAD_TASKS, OPEN_STATES, Uid
from local.simulators.validation import Strict
from local.simulators.vendor import RefusedError, operation


class AssetUid(Strict):
    """A query that names an asset."""

    uid: Uid = Field(alias="AssetUID")


class AssetQuery(Reference):
    """An asset named in the query."""

    uid: Uid | None = Field(alias="AssetUID", default=None)


class AssetBody(Reference):
    """An asset named in the body."""

    uid: Uid | None = Field(alias="assetUID", default=None)


class Assets:
    """The handlers."""

    def __init__(self, studio: Studio, views: Views, lifecycle: Lifecycle) -> None:
        self._studio = studio
        self._views = views
        self._lifecycle = lifecycle
        self._simulator = studio.simulator

    @operation("GET", "/api/v1/asset", section="GET /api/v1/asset")
    def get_asset(self, query: AssetUid) -> dict[str, Any]:
        """Return an asset."""
        return success(self._views.asset(self._studio.asset(query.uid)))

    @operation("DELETE", "/api/v1/asset", section="DELETE /api/v1/asset")
    def delete_asset(self, query: AssetQuery, body: AssetBody) -> dict[str, Any]:
        """Delete an asset for ever, with all that hangs on it."""
        asset = self._studio.asset(referred(self._simulator, query, body))
        self._lifecycle.delete_asset(asset)
        self._simulator.effect("delete_asset", asset.uid, name=asset.name)
        return success()

    @operation("POST", "/api/v1/asset/upload", section="POST /api/v1/asset/upload")
    def upload_asset(self, query: UploadQuery, form: UploadForm) -> dict[str, Any]:
        """Take a file into a project; it is processed later. `TaskUID` is known from outside."""
        upload = Upload(self._simulator, query, form)
        project = self._studio.project(upload.project_uid)
        if project.state not in OPEN_STATES:
            raise RefusedError(NOT_FOUND, f"The project is in state [{project.state}].")
        task = None if upload.task_uid is None else self._upload_task(upload.task_uid, project)
        replaces = self._replaced(project, upload.name, task)
        asset = self._lifecycle.take_asset(project, upload.file, upload.name, replaces=replaces)
        if task is not None and task.type == "UploadChangedAsset":
            self._lifecycle.end_upload(task)
        self._simulator.effect(
            "upload_asset",
            asset.uid,
            name=asset.name,
            version=asset.version,
            project=project.uid,
            task=upload.task_uid,
            sha256=asset.blob.sha256,
            size_bytes=asset.blob.size_bytes,
        )
        return success({"assetUID": asset.uid}, message="The asset is uploaded and waits for its processing.")

    @operation("GET", "/api/v1/asset/download", section="Asset management")
    def download_asset(self, query: AssetUid) -> Response:
        """Return the file itself."""
        asset = self._studio.asset(query.uid)
        return file_answer(asset.blob, asset.name, asset.content_type)

    def _upload_task(self, uid: str, project: Project) -> Task:
        task = self._studio.task(uid)
        if not task.pending or task.project_uid != project.uid:
            raise RefusedError(NOT_FOUND, "There is no such task in the project, or it has ended.")
        if task.type not in ASSET_UPLOAD_TASKS:
            raise RefusedError(PRECONDITION_FAILED, f"A task of type [{task.type}] takes no asset.")
        return task

    def _replaced(self, project: Project, name: str, task: Task | None) -> Asset | None:
        """Return the asset of which an upload is the next version, if it is one."""
        if task is not None and task.type == "UploadChangedAsset":
            asset = self._studio.asset(task.asset_uids[0])
            if PurePath(asset.name).suffix.lower() != PurePath(name).suffix.lower():
                raise RefusedError(PRECONDITION_FAILED, "The file is of another type than the asset's.")
            return asset
        if not settings_of(self._simulator).version_by_file_name:
            return None
        last_versions = self._studio.assets_of(project, last_versions=True)
        return next((asset for asset in last_versions if self._same(asset.name, name)), None)

    def _same(self, one: str, other: str) -> bool:
        if settings_of(self._simulator).file_names == "exact":
            return one == other
        return unicodedata.normalize("NFC", one).casefold() == unicodedata.normalize("NFC", other).casefold()
