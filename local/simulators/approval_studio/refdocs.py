"""Approval Studio's reference documents: like assets, without review. Known from outside only."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import Field

from local.simulators.approval_studio.announcements import Announcements
from local.simulators.approval_studio.downloads import file_answer
from local.simulators.approval_studio.envelope import success
from local.simulators.approval_studio.references import Reference, referred
from local.simulators.approval_studio.studio import NOT_FOUND, ReferenceDocument, Studio, new_uid
from local.simulators.approval_studio.uploads import Upload, UploadForm, UploadQuery
from local.simulators.approval_studio.views import Views
from local.simulators.approval_studio.words import OPEN_STATES, Uid
from local.simulators.validation import Strict
from local.simulators.vendor import RefusedError, operation


class RefDocUid(Strict):
    """A query that names a reference document."""

    uid: Uid = Field(alias="RefDocUID")


class RefDocQuery(Reference):
    """A reference document named in the query."""

    uid: Uid | None = Field(alias="RefDocUID", default=None)


class RefDocBody(Reference):
    """A reference document named in the body."""

    uid: Uid | None = Field(alias="refDocUID", default=None)


class RefDocs:
    """The handlers."""

    def __init__(self, studio: Studio, views: Views, announcements: Announcements) -> None:
        self._studio = studio
        self._views = views
        self._announcements = announcements
        self._simulator = studio.simulator

    @operation("GET", "/api/v1/refdoc", section="outside")
    def get_refdoc(self, query: RefDocUid) -> dict[str, Any]:
        """Return a reference document."""
        return success(self._views.reference_document(self._studio.reference_document(query.uid)))

    @operation("POST", "/api/v1/refdoc/upload", section="outside")
    def upload_refdoc(self, query: UploadQuery, form: UploadForm) -> dict[str, Any]:
        """Take a file into a project, for an UploadRefDoc task or without one."""
        upload = Upload(self._simulator, query, form)
        project = self._studio.project(upload.project_uid)
        if project.state not in OPEN_STATES:
            raise RefusedError(NOT_FOUND, f"The project is in state [{project.state}].")
        if upload.task_uid is not None:
            task = self._studio.task(upload.task_uid)
            if not task.pending or task.project_uid != project.uid or task.type != "UploadRefDoc":
                raise RefusedError(NOT_FOUND, "There is no such task in the project, or it has ended.")
        document = ReferenceDocument(
            uid=new_uid(),
            project_uid=project.uid,
            name=upload.name,
            content_type=upload.file.content_type or "application/octet-stream",
            blob=upload.file.keep(),
            created_at=self._studio.now,
        )
        self._studio.reference_documents[document.uid] = document
        self._tell("refdoc.uploaded", document)
        self._simulator.effect(
            "upload_refdoc",
            document.uid,
            name=document.name,
            project=project.uid,
            sha256=document.blob.sha256,
            size_bytes=document.blob.size_bytes,
        )
        return success({"refDocUID": document.uid})

    @operation("GET", "/api/v1/refdoc/download", section="outside")
    def download_refdoc(self, query: RefDocUid) -> Response:
        """Return the file itself."""
        document = self._studio.reference_document(query.uid)
        return file_answer(document.blob, document.name, document.content_type)

    @operation("DELETE", "/api/v1/refdoc", section="outside")
    def delete_refdoc(self, query: RefDocQuery, body: RefDocBody) -> dict[str, Any]:
        """Delete a reference document."""
        document = self._studio.reference_document(referred(self._simulator, query, body))
        self._studio.delete_reference_document(document)
        self._tell("refdoc.deleted", document)
        self._simulator.effect("delete_refdoc", document.uid, name=document.name)
        return success()

    def _tell(self, event: Any, document: ReferenceDocument) -> None:
        self._announcements.about_part(
            event, document.uid, ProjectUID=document.project_uid, RefDocUID=document.uid
        )
