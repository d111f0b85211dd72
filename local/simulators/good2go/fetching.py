"""Fetches the file that an upload names by URL."""

from __future__ import annotations

import requests

from local.simulators.blobs import PIECE_BYTES, BlobStore
from local.simulators.multipart import ReceivedFile
from local.simulators.vendor import RefusedError


def fetch(url: str, blobs: BlobStore, timeout_seconds: float) -> ReceivedFile:
    """Return what is at a URL; RefusedError 422 if it can't be had."""
    blob = blobs.create()
    try:
        with requests.Session() as session:
            session.trust_env = False  # the URLs are on this machine, behind no proxy
            with session.get(url, stream=True, timeout=timeout_seconds) as answer:
                answer.raise_for_status()
                for piece in answer.iter_content(PIECE_BYTES):
                    blob.write(piece)
    except requests.RequestException as error:
        blobs.discard(blob)
        raise RefusedError(422, f"The file URL can't be downloaded ({type(error).__name__}).") from None
    blob.close()
    return ReceivedFile(blob, "", answer.headers.get("Content-Type", ""))
