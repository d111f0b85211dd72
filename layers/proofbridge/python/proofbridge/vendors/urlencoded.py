"""Forms without a file: application/x-www-form-urlencoded."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from .multipart import Body, BytesBody


class UrlEncodedForm:
    """The fields of a form, in their order; a field may stand there more than once."""

    content_type = "application/x-www-form-urlencoded"

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self._data = urlencode(fields).encode("ascii")

    def body(self) -> Body:
        """Return a new body at its first byte."""
        return BytesBody(self._data)
