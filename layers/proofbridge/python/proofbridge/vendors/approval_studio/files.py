"""Files, in constant memory: the assets under review with their annotations, and reference documents."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.download import Download, Writable
from proofbridge.vendors.local_file import LocalFile
from proofbridge.vendors.multipart import Progress, Source
from proofbridge.vendors.reading import Many

from . import operations as op
from .area import Area
from .enums import PROCESSING_ENDED
from .models import Annotation, Asset, Envelope, ProofReport, RefDoc, UploadedAsset, UploadedRefDoc

_ASSET: Final = TypeAdapter(Envelope[Asset])
_UPLOADED: Final = TypeAdapter(Envelope[UploadedAsset])
_REPORT: Final = TypeAdapter(Envelope[ProofReport])
_ANNOTATIONS: Final = TypeAdapter(Envelope[Many[Annotation]])
_REF_DOC: Final = TypeAdapter(Envelope[RefDoc])
_UPLOADED_REF_DOC: Final = TypeAdapter(Envelope[UploadedRefDoc])

DONE_ALREADY: Final = 406


class Assets(Area):
    """Approval Studio's assets. Every method may raise any VendorError."""

    def get(self, asset_uid: str) -> Asset:
        """Return an asset ("GET /api/v1/asset")."""
        return self._read(op.GET_ASSET, _ASSET, "asset", asset_uid)

    def wait_until_processed(
        self, asset_uid: str, deadline: Deadline, *, pause_seconds: float = 5.0
    ) -> Asset:
        """Ask for an asset until its processing has ended, and return it ("POST /api/v1/asset/upload").

        Its `status` says whether it ended well, which is all that a webhook tells of. A status that is not
        known counts as not ended; VendorTimeoutError when the deadline passes before.
        """
        asking = Assets(self._api.within(deadline))
        while (asset := asking.get(asset_uid)).status not in PROCESSING_ENDED:
            deadline.clock.sleep(deadline.cut(pause_seconds))
        return asset

    def delete(self, asset_uid: str) -> None:
        """Delete an asset for ever ("DELETE /api/v1/asset").

        Its tasks and remarks go with it, and no webhook tells of them.
        """
        self._delete(op.DELETE_ASSET, "asset", asset_uid)

    def upload(
        self,
        project_uid: str,
        source: Source,
        name: str,
        *,
        content_type: str | None = None,
        task_uid: str | None = None,
        progress: Progress | None = None,
    ) -> UploadedAsset:
        """Send a file to a project ("POST /api/v1/asset/upload"); its processing has then only begun.

        `wait_until_processed` tells whether it ends well; a webhook tells only of success. `task_uid` is the
        upload task that the file is for (outside; ConflictError, 412, when it is another task, or wants a
        file of another type). A file named like an asset of the project becomes its next version (an
        assumption: what makes a version is lost). The call is not repeated once a byte of it went out, but
        for a refused token; each attempt opens the source anew.
        """
        file = LocalFile(source, name, content_type)
        return self._upload(op.UPLOAD_ASSET, _UPLOADED, file, "file", project_uid, task_uid, progress)

    def download(self, asset_uid: str, to: Writable, *, progress: Progress | None = None) -> int:
        """Write an asset's file to `to` and return its size in bytes ("Asset management").

        Nothing is repeated once the file began.
        """
        with self.open(asset_uid) as download:
            return download.write_to(to, progress)

    def open(self, asset_uid: str) -> Download:
        """Begin a download; use what is returned as a context manager and iterate over it."""
        return self._open(op.DOWNLOAD_ASSET, "asset", asset_uid)

    def proof_report(self, asset_uid: str) -> ProofReport:
        """Return where an asset's report can be fetched ("Asset management")."""
        return self._read(op.ASSET_PROOF_REPORT, _REPORT, "asset", asset_uid)


class Annotations(Area):
    """Approval Studio's annotations: remarks on assets, and comments on remarks (outside).

    Every method may raise any VendorError.
    """

    def list(self, asset_uid: str) -> tuple[Annotation, ...]:
        """Return an asset's annotations."""
        return self._read(op.LIST_ANNOTATIONS, _ANNOTATIONS, "asset", asset_uid)

    def hide(self, annotation_uid: str) -> None:
        """Hide an annotation of one's own; ConflictError (406) when it is somebody else's."""
        self._change(op.HIDE_ANNOTATION, "annotation", annotation_uid)

    def complete(self, annotation_uid: str) -> None:
        """Mark an annotation as dealt with; ConflictError (406) when it is already."""
        self._change(op.COMPLETE_ANNOTATION, "annotation", annotation_uid, done_before=DONE_ALREADY)

    def uncomplete(self, annotation_uid: str) -> None:
        """Mark an annotation as not dealt with; ConflictError (406) when it is not marked."""
        self._change(op.UNCOMPLETE_ANNOTATION, "annotation", annotation_uid, done_before=DONE_ALREADY)

    def delete(self, annotation_uid: str) -> None:
        """Delete an annotation of one's own; ConflictError (412) when it is somebody else's."""
        self._delete(op.DELETE_ANNOTATION, "annotation", annotation_uid)


class RefDocs(Area):
    """Approval Studio's reference documents: files that go with a project and are not reviewed.

    Those of a project come with `projects.get(…, ref_docs=True)`. All operations here are from outside: only
    the task `refdoc_upload`, the flag `IsLoadRefDocs` and the two events stand in the documentation at hand,
    so paths and names follow those of the assets (an assumption). Every method may raise any VendorError.
    """

    def get(self, ref_doc_uid: str) -> RefDoc:
        """Return a document."""
        return self._read(op.GET_REF_DOC, _REF_DOC, "ref_doc", ref_doc_uid)

    def upload(
        self,
        project_uid: str,
        source: Source,
        name: str,
        *,
        content_type: str | None = None,
        task_uid: str | None = None,
        progress: Progress | None = None,
    ) -> UploadedRefDoc:
        """Send a document to a project, for an upload task if given; see `Assets.upload`."""
        operation, file = op.UPLOAD_REF_DOC, LocalFile(source, name, content_type)
        return self._upload(operation, _UPLOADED_REF_DOC, file, "document", project_uid, task_uid, progress)

    def download(self, ref_doc_uid: str, to: Writable, *, progress: Progress | None = None) -> int:
        """Write a document to `to` and return its size in bytes."""
        with self.open(ref_doc_uid) as download:
            return download.write_to(to, progress)

    def open(self, ref_doc_uid: str) -> Download:
        """Begin a download; use what is returned as a context manager and iterate over it."""
        return self._open(op.DOWNLOAD_REF_DOC, "ref_doc", ref_doc_uid)

    def delete(self, ref_doc_uid: str) -> None:
        """Delete a document."""
        self._delete(op.DELETE_REF_DOC, "ref_doc", ref_doc_uid)
