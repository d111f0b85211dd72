"""Annotations: remarks on assets, and comments on remarks. All operations are from outside."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from proofbridge.vendors.reading import Many

from . import operations as op
from .area import Area
from .models import Annotation, Envelope

_ANNOTATIONS: Final = TypeAdapter(Envelope[Many[Annotation]])

DONE_ALREADY: Final = 406


class Annotations(Area):
    """Approval Studio's annotations. Every method may raise any VendorError."""

    def list(self, asset_uid: str) -> tuple[Annotation, ...]:
        """Return an asset's annotations."""
        query = self._query(op.LIST_ANNOTATIONS, "asset_uid", asset_uid)
        return self._api.read(op.LIST_ANNOTATIONS, _ANNOTATIONS, query=query, item=f"asset {asset_uid}")

    def hide(self, annotation_uid: str) -> None:
        """Hide an annotation of one's own; ConflictError (406) when it is somebody else's."""
        named = self._changed(op.HIDE_ANNOTATION, "annotation_uid", annotation_uid)
        self._api.do(op.HIDE_ANNOTATION, **named, item=f"annotation {annotation_uid}")

    def complete(self, annotation_uid: str) -> None:
        """Mark an annotation as dealt with; ConflictError (406) when it is already."""
        named = self._changed(op.COMPLETE_ANNOTATION, "annotation_uid", annotation_uid)
        item = f"annotation {annotation_uid}"
        self._api.do(op.COMPLETE_ANNOTATION, **named, item=item, done_before=DONE_ALREADY)

    def uncomplete(self, annotation_uid: str) -> None:
        """Mark an annotation as not dealt with; ConflictError (406) when it is not marked."""
        named = self._changed(op.UNCOMPLETE_ANNOTATION, "annotation_uid", annotation_uid)
        item = f"annotation {annotation_uid}"
        self._api.do(op.UNCOMPLETE_ANNOTATION, **named, item=item, done_before=DONE_ALREADY)

    def delete(self, annotation_uid: str) -> None:
        """Delete an annotation of one's own; ConflictError (412) when it is somebody else's."""
        named = self._deleted(op.DELETE_ANNOTATION, "annotation_uid", annotation_uid)
        self._api.do(op.DELETE_ANNOTATION, **named, item=f"annotation {annotation_uid}")
