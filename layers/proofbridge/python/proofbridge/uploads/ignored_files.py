"""What lands in a drop folder and is no proof: folder markers, empty, hidden and temporary files."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from proofbridge.config.destinations import DROP_PREFIX, Destination, Odd
from proofbridge.domain.files.drops import FileDrop


class IgnoreReason(enum.StrEnum):
    """Why a dropped object is no proof."""

    FOLDER_MARKER = "a folder marker"
    HIDDEN = "a hidden file"
    TEMPORARY = "a temporary file"
    EMPTY = "empty"


_HIDDEN: Final = (
    ".*",  # .DS_Store, ._a.pdf (AppleDouble), .afpDeleted…, .nfs…, .fuse_hidden…, .a.pdf.Xy12 (rsync)
    *("thumbs.db", "thumbs.db:encryptable", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini"),
    *("icon\r", "icon\uf00d", "picasa.ini", "pspbrwse.jbf", "$recycle.bin"),
)
_HIDDEN_FOLDERS: Final = (
    ".*",  # .Spotlight-V100, .Trashes, .AppleDouble, .TemporaryItems, .snapshot
    *("__macosx", "network trash folder", "temporary items", "thevolumesettingsfolder"),
    *("$recycle.bin", "recycler", "system volume information", "lost+found"),
    *("@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot"),  # Synology, QNAP
)
_TEMPORARY: Final = (
    *("~$*", ".~lock.*#", "*.idlk", "*.lck", "*.lock", "*.dwl", "*.dwl2", "*.laccdb"),  # open elsewhere
    *("*.tmp", "*.temp", "*~", "#*#", "*.swp", "*.swo", "*.swx"),  # editors
    *("*.part", "*.partial", "*.filepart", "*.crdownload", "*.download", "*.opdownload"),  # half a file
    *("*.!ut", "*.!sync", "*.aria2", "*.aspera-ckpt", "*.uploading", "*.incomplete"),
)
_TEMPORARY_FOLDERS: Final = ("*.download",)
"""What Safari makes of a file while it loads it."""


def ignore_reason(drop: FileDrop, destination: Destination | None = None) -> IgnoreReason | None:
    """Return why a dropped object is no proof, None for one that may be. Its name comes before its size.

    The folders of the destination itself may be called anything.
    """
    if drop.key.endswith("/") or drop.name.endswith("_$folder$"):
        return IgnoreReason.FOLDER_MARKER
    name = drop.name.casefold()
    below = DROP_PREFIX if destination is None else f"{DROP_PREFIX}{destination.prefix}/"
    folders = [part.casefold() for part in drop.key.removeprefix(below).split("/")[:-1]]
    if _any(folders, _HIDDEN_FOLDERS):
        return IgnoreReason.HIDDEN
    if _any([name], _TEMPORARY) or _any(folders, _TEMPORARY_FOLDERS):
        return IgnoreReason.TEMPORARY
    if _any([name], _HIDDEN):
        return IgnoreReason.HIDDEN
    return IgnoreReason.EMPTY if drop.size_bytes == 0 else None


def _any(names: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def treatment(oddity: IgnoreReason, destination: Destination | None) -> Odd:
    """Return what is done with it; a folder's own marker lies under no destination and is ignored."""
    if destination is None:
        return "ignore" if oddity is IgnoreReason.FOLDER_MARKER else "report"
    return {
        IgnoreReason.FOLDER_MARKER: destination.folder_markers,
        IgnoreReason.HIDDEN: destination.hidden_files,
        IgnoreReason.TEMPORARY: destination.temporary_files,
        IgnoreReason.EMPTY: destination.empty_files,
    }[oddity]
