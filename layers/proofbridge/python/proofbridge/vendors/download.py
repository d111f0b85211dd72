"""Files from a vendor, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, Self

import requests

from .multipart import Progress


class Download:
    """A file on its way: iterate over its pieces, or let it write itself. Use it as a context manager.

    `size_bytes` is None where the vendor does not say. A file that breaks off raises VendorConnectionError.
    """

    def __init__(self, response: requests.Response, pieces: Iterator[bytes]) -> None:
        self._response = response
        self._pieces = pieces
        length = response.headers.get("Content-Length", "")
        encoded = "Content-Encoding" in response.headers
        self.size_bytes = int(length) if length.isdecimal() and not encoded else None
        self.content_type = response.headers.get("Content-Type")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def write_to(self, file: Writable, progress: Progress | None = None) -> int:
        """Write the pieces as they come and return how many bytes there were; memory stays constant."""
        done = 0
        for piece in self._pieces:
            file.write(piece)
            done += len(piece)
            if progress is not None:
                progress(done, self.size_bytes)
        return done

    def close(self) -> None:
        """Let go of the connection; one with an unread rest is closed."""
        self._response.close()


class Writable(Protocol):
    """Where a download is written to."""

    def write(self, data: bytes, /) -> object:
        """Write all the bytes."""
        ...
