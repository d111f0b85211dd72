"""Approval Studio's operations on annotations; only the deletion is in the documentation that is left."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from local.simulators.approval_studio.envelope import success
from local.simulators.approval_studio.lifecycle import Lifecycle
from local.simulators.approval_studio.references import Reference, referred
from local.simulators.approval_studio.settings import settings_of
from local.simulators.approval_studio.studio import NOT_ACCEPTABLE, PRECONDITION_FAILED, Annotation, Studio
from local.simulators.approval_studio.views import Views
from local.simulators.approval_studio.words import Uid
from local.simulators.validation import Strict
from local.simulators.vendor import RefusedError, operation


class AnnotationsQuery(Strict):
    """GET /api/v1/annotation/all."""

    asset_uid: Uid = Field(alias="AssetUID")


class AnnotationQuery(Reference):
    """An annotation named in the query."""

    uid: Uid | None = Field(alias="AnnotationUID", default=None)


class AnnotationBody(Reference):
    """An annotation named in the body."""

    uid: Uid | None = Field(alias="annotationUID", default=None)


class Annotations:
    """The handlers; an annotation is one's own if the API's user made it."""

    def __init__(self, studio: Studio, views: Views, lifecycle: Lifecycle) -> None:
        self._studio = studio
        self._views = views
        self._lifecycle = lifecycle
        self._simulator = studio.simulator

    @operation("GET", "/api/v1/annotation/all", section="outside")
    def list_annotations(self, query: AnnotationsQuery) -> dict[str, Any]:
        """Return the annotations of an asset, oldest first."""
        asset = self._studio.asset(query.asset_uid)
        return success([self._views.annotation(each) for each in self._studio.annotations_of(asset)])

    @operation("DELETE", "/api/v1/annotation", section="DELETE /api/v1/annotation")
    def delete_annotation(self, query: AnnotationQuery, body: AnnotationBody) -> dict[str, Any]:
        """Delete one's own annotation."""
        annotation = self._annotation(query, body)
        if not self._own(annotation):
            raise RefusedError(PRECONDITION_FAILED, "Only the author of an annotation can delete it.")
        self._lifecycle.delete_annotation(annotation)
        self._simulator.effect("delete_annotation", annotation.uid)
        return success()

    @operation("PUT", "/api/v1/annotation/hide", section="outside")
    def hide_annotation(self, query: AnnotationQuery, body: AnnotationBody) -> dict[str, Any]:
        """Hide one's own annotation."""
        annotation = self._annotation(query, body)
        if not self._own(annotation):
            raise RefusedError(NOT_ACCEPTABLE, "Only the author of an annotation can hide it.")
        annotation.hidden = True
        self._simulator.effect("hide_annotation", annotation.uid)
        return success()

    @operation("PUT", "/api/v1/annotation/complete", section="outside")
    def complete_annotation(self, query: AnnotationQuery, body: AnnotationBody) -> dict[str, Any]:
        """Mark an annotation as done."""
        return self._mark("complete_annotation", self._annotation(query, body), completed=True)

    @operation("PUT", "/api/v1/annotation/uncomplete", section="outside")
    def uncomplete_annotation(self, query: AnnotationQuery, body: AnnotationBody) -> dict[str, Any]:
        """Mark an annotation as not done after all."""
        return self._mark("uncomplete_annotation", self._annotation(query, body), completed=False)

    def _mark(self, name: str, annotation: Annotation, *, completed: bool) -> dict[str, Any]:
        if annotation.completed == completed:
            raise RefusedError(NOT_ACCEPTABLE, f"The annotation is {'' if completed else 'not '}completed.")
        annotation.completed = completed
        self._simulator.effect(name, annotation.uid)
        return success()

    def _annotation(self, query: AnnotationQuery, body: AnnotationBody) -> Annotation:
        return self._studio.annotation(referred(self._simulator, query, body))

    def _own(self, annotation: Annotation) -> bool:
        return annotation.by == settings_of(self._simulator).user_uid
