"""What lands in a drop folder and is no proof: folder markers, empty, hidden and temporary files."""

from __future__ import annotations

import enum
from fnmatch import fnmatchcase
from typing import Final

from proofbridge.destinations import Destination, Odd
from proofbridge.uploads.drops import FileDrop


class Oddity(enum.StrEnum):
    """Why a dropped object is no proof."""

    FOLDER_MARKER = "a folder marker"
    HIDDEN = "a hidden file"
    TEMPORARY = "a temporary file"
    EMPTY = "empty"


_HIDDEN: Final = (".*", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "$recycle.bin")
_HIDDEN_FOLDERS: Final = frozenset({"__macosx", ".appledouble", ".trashes", "$recycle.bin"})
_TEMPORARY: Final = (
    *("~$*", "~*.tmp", "*.tmp", "*.temp", "*.part", "*.partial", "*.filepart", "*.crdownload"),
    *("*.download", "*.swp", "*.bak~", "*~", "*.lck", "*.!ut", "*.aspera-ckpt"),
)


def oddity_of(drop: FileDrop) -> Oddity | None:
    """Return why a dropped object is no proof, None for one that may be. Its name comes before its size."""
    if drop.key.endswith("/") or drop.name.endswith("_$folder$"):
        return Oddity.FOLDER_MARKER
    name = drop.name.casefold()
    folders = {part.casefold() for part in drop.key.split("/")[:-1]}
    if any(fnmatchcase(name, pattern) for pattern in _TEMPORARY):
        return Oddity.TEMPORARY
    if any(fnmatchcase(name, pattern) for pattern in _HIDDEN) or folders & _HIDDEN_FOLDERS:
        return Oddity.HIDDEN
    return Oddity.EMPTY if drop.size_bytes == 0 else None


def treatment(oddity: Oddity, destination: Destination | None) -> Odd:
    """Return what is done with it; a folder's own marker lies under no destination and is ignored."""
    if destination is None:
        return "ignore" if oddity is Oddity.FOLDER_MARKER else "report"
    return {
        Oddity.FOLDER_MARKER: destination.folder_markers,
        Oddity.HIDDEN: destination.hidden_files,
        Oddity.TEMPORARY: destination.temporary_files,
        Oddity.EMPTY: destination.empty_files,
    }[oddity]
