"""Files on their way out of Approval Studio."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response

from local.simulators.blobs import Blob


def file_answer(blob: Blob, name: str, content_type: str) -> Response:
    """Return a received file as a download, read in pieces while it is sent."""
    answer = Response(blob.pieces(), content_type=content_type)
    answer.content_length = blob.size_bytes
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return answer
