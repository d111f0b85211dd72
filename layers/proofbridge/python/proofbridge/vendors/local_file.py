"""A file that goes with a request."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import Final

from proofbridge.vendors.multipart import FilePart, Source
from proofbridge.vendors.writing import check_mime_type, is_text

MAX_NAME_LENGTH: Final = 255


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that goes with the request; its type is guessed from its name when not given."""

    source: Source
    name: str
    content_type: str | None = None

    def part(self, field: str) -> FilePart:
        """Return the part of the form that carries it; ValueError for a name or type that none can carry."""
        if not 0 < len(self.name) <= MAX_NAME_LENGTH or not is_text(self.name):
            raise ValueError(f"its name must be text of 1 to {MAX_NAME_LENGTH} characters")
        guessed = self.content_type or mimetypes.guess_type(self.name)[0] or "application/octet-stream"
        return FilePart(field, self.name, check_mime_type(guessed), self.source)
