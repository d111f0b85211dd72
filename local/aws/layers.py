"""/opt for functions: the content of their layers, one over the other, as Lambda extracts them.

The merged directory consists of symbolic links to the layers' own files, so an edit is there at the next cold
start. Where two layers have a directory of one name it is merged; of two files the later layer's counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path


class OptDirectories:
    """Makes a directory in place of /opt for each distinct list of layers, below `below`."""

    def __init__(self, below: Path, contents: Mapping[str, Path]) -> None:
        self._below = below
        self._contents = contents

    def directory(self, layers: Sequence[str]) -> Path:
        """Return the directory for these layers, given in the template's order by their logical ids."""
        name = hashlib.sha256("\n".join(layers).encode()).hexdigest()[:12]
        target = self._below / name
        if not target.exists():
            target.mkdir(parents=True)
            for layer in layers:
                _merge(self._contents[layer], target)
        return target


def _merge(source: Path, target: Path) -> None:
    for entry in sorted(source.iterdir()):
        if entry.name == "__pycache__":
            continue
        place = target / entry.name
        if place.is_dir() and entry.is_dir():
            if place.is_symlink():
                # A link can't take a second layer's files: unfold it one level.
                earlier = place.resolve()
                place.unlink()
                place.mkdir()
                _merge(earlier, place)
            _merge(entry, place)
        else:
            if place.is_symlink():
                place.unlink()
            place.symlink_to(entry.resolve())


def rewrite_opt(value: str, opt: Path) -> str:
    """Put the local directory in the place of /opt, in an environment value that is it or a path in it."""
    if value == "/opt" or value.startswith("/opt/"):
        return str(opt) + value[len("/opt") :]
    return value
