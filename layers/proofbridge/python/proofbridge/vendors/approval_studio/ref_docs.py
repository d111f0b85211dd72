"""Reference documents: files that go with a project and are not reviewed.

Those of a project come with `projects.get(…, ref_docs=True)`. All operations here are from outside: only the
task `refdoc_upload`, the flag `IsLoadRefDocs` and the two events stand in the documentation at hand, so paths
and names follow those of the assets (an assumption).
"""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from proofbridge.vendors.download import Download, Writable
from proofbridge.vendors.multipart import Progress, Source

from . import operations as op
from .area import Area
from .models import Envelope, RefDoc, UploadedRefDoc

_REF_DOC: Final = TypeAdapter(Envelope[RefDoc])
_UPLOADED: Final = TypeAdapter(Envelope[UploadedRefDoc])


class RefDocs(Area):
    """Approval Studio's reference documents. Every method may raise any VendorError."""

    def get(self, ref_doc_uid: str) -> RefDoc:
        """Return a document."""
        query = self._query(op.GET_REF_DOC, "ref_doc_uid", ref_doc_uid)
        return self._api.read(op.GET_REF_DOC, _REF_DOC, query=query, item=f"document {ref_doc_uid}")

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
        query, form = self._upload(
            op.UPLOAD_REF_DOC,
            {"project_uid": project_uid, "task_uid": task_uid},
            source,
            name,
            content_type,
            progress,
        )
        item = f"document {name!r} for project {project_uid}"
        return self._api.read(op.UPLOAD_REF_DOC, _UPLOADED, query=query, form=form, item=item)

    def download(self, ref_doc_uid: str, to: Writable, *, progress: Progress | None = None) -> int:
        """Write a document to `to` and return its size in bytes."""
        with self.open(ref_doc_uid) as download:
            return download.write_to(to, progress)

    def open(self, ref_doc_uid: str) -> Download:
        """Begin a download; use what is returned as a context manager and iterate over it."""
        query = self._query(op.DOWNLOAD_REF_DOC, "ref_doc_uid", ref_doc_uid)
        return self._api.open(op.DOWNLOAD_REF_DOC, query=query, item=f"document {ref_doc_uid}")

    def delete(self, ref_doc_uid: str) -> None:
        """Delete a document."""
        named = self._deleted(op.DELETE_REF_DOC, "ref_doc_uid", ref_doc_uid)
        self._api.do(op.DELETE_REF_DOC, **named, item=f"document {ref_doc_uid}")
