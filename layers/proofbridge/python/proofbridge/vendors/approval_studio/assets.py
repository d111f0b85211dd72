"""Assets: the files under review. All in constant memory."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.download import Download, Writable
from proofbridge.vendors.multipart import Progress, Source

from . import operations as op
from .area import Area
from .enums import PROCESSING_ENDED
from .models import Asset, Envelope, ProofReport, UploadedAsset

_ASSET: Final = TypeAdapter(Envelope[Asset])
_UPLOADED: Final = TypeAdapter(Envelope[UploadedAsset])
_REPORT: Final = TypeAdapter(Envelope[ProofReport])


class Assets(Area):
    """Approval Studio's assets. Every method may raise any VendorError."""

    def get(self, asset_uid: str) -> Asset:
        """Return an asset ("GET /api/v1/asset")."""
        query = self._query(op.GET_ASSET, "asset_uid", asset_uid)
        return self._api.read(op.GET_ASSET, _ASSET, query=query, item=f"asset {asset_uid}")

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
        named = self._deleted(op.DELETE_ASSET, "asset_uid", asset_uid)
        self._api.do(op.DELETE_ASSET, **named, item=f"asset {asset_uid}")

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
        query, form = self._upload(
            op.UPLOAD_ASSET,
            {"project_uid": project_uid, "task_uid": task_uid},
            source,
            name,
            content_type,
            progress,
        )
        item = f"file {name!r} for project {project_uid}"
        return self._api.read(op.UPLOAD_ASSET, _UPLOADED, query=query, form=form, item=item)

    def download(self, asset_uid: str, to: Writable, *, progress: Progress | None = None) -> int:
        """Write an asset's file to `to` and return its size in bytes ("Asset management").

        Nothing is repeated once the file began.
        """
        with self.open(asset_uid) as download:
            return download.write_to(to, progress)

    def open(self, asset_uid: str) -> Download:
        """Begin a download; use what is returned as a context manager and iterate over it."""
        query = self._query(op.DOWNLOAD_ASSET, "asset_uid", asset_uid)
        return self._api.open(op.DOWNLOAD_ASSET, query=query, item=f"asset {asset_uid}")

    def proof_report(self, asset_uid: str) -> ProofReport:
        """Return where an asset's report can be fetched ("Asset management")."""
        query = self._query(op.ASSET_PROOF_REPORT, "asset_uid", asset_uid)
        return self._api.read(op.ASSET_PROOF_REPORT, _REPORT, query=query, item=f"asset {asset_uid}")
