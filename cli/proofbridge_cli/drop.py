"""`proofbridge drop`: put files into the drop folder, and follow each until it stands at its vendors."""

from __future__ import annotations

import json
import mimetypes
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from proofbridge.destinations import DROP_PREFIX
from proofbridge.items import Vendor
from proofbridge.proofs import VENDOR_NAMES
from proofbridge.stores.dropped_files import FileState
from proofbridge.stores.ledger import EffectState, Entry
from proofbridge.uploads.deliveries import DROP_KEY_PREFIX, UPLOAD_KEY_PREFIX, WATCH_KEY_PREFIX, file_key
from proofbridge.uploads.sidecars import file_of_sidecar

from . import options
from .errors import FAILURE, usage_error
from .screen import console, print_json, printable
from .stack import Stack, open_stack

DEFAULT_MINUTES: Final = 30
PAUSE_SECONDS: Final = 1.0
_ARRIVED: Final = frozenset({FileState.RELAYED, FileState.UNCHANGED})
_SIDECAR: Final = "sidecar"
_BEFORE_VENDORS: Final = {EffectState.PARKED: "refused", EffectState.HELD: "ignored"}

_Files = Annotated[
    list[Path], typer.Argument(metavar="FILE…", exists=True, dir_okay=False, help="The files to drop.")
]
_To = Annotated[str, typer.Option("--to", metavar="DESTINATION", help="A destination's prefix: labels.")]
_Wait = Annotated[
    int, typer.Option("--wait", metavar="MINUTES", min=0, help="How long to follow the files at most.")
]


@dataclass
class _Dropped:
    """A file in the drop folder, and what is known of it by now."""

    path: Path
    key: str
    version_id: str
    states: dict[Vendor, FileState] = field(default_factory=dict)
    vendors: tuple[Vendor, ...] = ()
    before: str | None = None
    """What became of it where it goes to no vendor."""
    reasons: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself."""
        known = [self.states.get(vendor, FileState.WAITING) for vendor in self.vendors]
        return self.before is not None or (bool(known) and FileState.WAITING not in known)

    @property
    def arrived(self) -> bool:
        """Whether it stands at all of its vendors."""
        return bool(self.vendors) and all(self.states.get(vendor) in _ARRIVED for vendor in self.vendors)

    @property
    def is_well(self) -> bool:
        """Whether it came to what it was dropped for; a sidecar goes to nobody."""
        return self.arrived or self.before == _SIDECAR

    def to_dict(self) -> dict[str, Any]:
        """Return what scripts read."""
        return {
            "file": str(self.path),
            "key": self.key,
            "version_id": self.version_id,
            "arrived": self.arrived,
            "state": self.before,
            "vendors": {vendor: self.states.get(vendor, FileState.WAITING) for vendor in self.vendors},
            "reasons": self.reasons,
        }


def drop(
    *,
    files: _Files,
    to: _To,
    wait: _Wait = DEFAULT_MINUTES,
    stack: options.Stack = None,
    local: options.Local = False,
    port_offset: options.PortOffset = 0,
    as_json: options.AsJson = False,
) -> None:
    """Drop files, and follow each until it stands at its vendors; the exit status is 0 only if all do.

    A sidecar (NAME.ext.json) among them goes first, and is not followed: it says something of its file.
    """
    names = [path.name for path in files]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise usage_error(
            f"{twice[0]} is named twice", "one would be the next version of the other", "Drop one by one."
        )
    prefix = to.strip("/").removeprefix(DROP_PREFIX)
    screen = Console(stderr=True, highlight=False) if as_json else console()
    with open_stack(stack, local=local, port_offset=port_offset) as found:
        bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[says]}", markup=False),
            console=screen,
        )
        with bars:
            sidecars_first = sorted(files, key=lambda path: file_of_sidecar(path.name) is None)
            dropped = [
                _put(found, path, f"{DROP_PREFIX}{prefix}/{path.name}", bars) for path in sidecars_first
            ]
            _follow(found, dropped, bars, time.monotonic() + wait * 60)
    if as_json:
        print_json({"files": [each.to_dict() for each, _ in dropped]})
    for each, _ in dropped:
        if not each.is_well:
            why = "; ".join(each.reasons) or f"it is still on its way after {wait} minutes"
            what = printable(f"{each.path}: {each.before or 'not at all of its vendors'}: {why.rstrip('.')}.")
            see = f"See: proofbridge uploads show {printable(each.key)}"
            print(f"proofbridge: {what} {see}", file=sys.stderr)
    if not all(each.is_well for each, _ in dropped):
        raise typer.Exit(FAILURE)


def _put(stack: Stack, path: Path, key: str, bars: Progress) -> tuple[_Dropped, TaskID]:
    task = bars.add_task(printable(path.name), total=max(path.stat().st_size, 1), says="to the bucket")
    s3 = stack.client("s3")
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    s3.upload_file(
        str(path),
        stack.drop_bucket,
        key,
        ExtraArgs={"ContentType": content_type},
        Callback=lambda sent_bytes: bars.advance(task, sent_bytes),
    )
    version_id: str = s3.head_object(Bucket=stack.drop_bucket, Key=key)["VersionId"]
    return _Dropped(path, key, version_id, before=_before(key)), task


def _before(key: str) -> str | None:
    return None if file_of_sidecar(key) is None else _SIDECAR


def _follow(
    stack: Stack,
    dropped: list[tuple[_Dropped, TaskID]],
    bars: Progress,
    until: float,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    for each, task in dropped:
        bars.update(task, total=100, completed=0, says=each.before or "taken in")
    while True:
        for each, task in dropped:
            if not each.is_over:
                _look(
                    stack,
                    each,
                    lambda percent, says, task=task: bars.update(  # type: ignore[misc] # bound now
                        task, completed=percent, says=says
                    ),
                )
        if all(each.is_over for each, _ in dropped) or time.monotonic() >= until:
            return
        sleep(PAUSE_SECONDS)


def _look(stack: Stack, each: _Dropped, show: Callable[[int, str], None]) -> None:
    name = file_key(stack.drop_bucket, each.key, each.version_id)
    taken = stack.ledger.get(f"{DROP_KEY_PREFIX}{name}")
    if taken is None:
        return
    each.reasons = [taken.reason] if taken.reason else []
    if taken.state is not EffectState.DONE:
        each.before = _BEFORE_VENDORS.get(taken.state)
        show(0, each.before or f"waits: {printable(taken.reason or '')}")
        return
    each.vendors = tuple(Vendor(vendor) for vendor in json.loads(taken.result or "{}")["vendors"])
    each.states = stack.files.states(stack.drop_bucket, each.key, each.version_id)
    entries = {vendor: stack.ledger.get(f"{UPLOAD_KEY_PREFIX}{name}|{vendor}") for vendor in each.vendors}
    each.reasons = [
        f"{VENDOR_NAMES[vendor]}: {entry.reason}"
        for vendor, sent in entries.items()
        for entry in (sent, stack.ledger.get(f"{WATCH_KEY_PREFIX}{name}|{vendor}"))
        if entry is not None and entry.reason is not None and each.states.get(vendor) not in _ARRIVED
    ]
    size_bytes = max(each.path.stat().st_size, 1)
    percents = [_percent(entry, size_bytes) for entry in entries.values()]
    says = ", ".join(
        f"{VENDOR_NAMES[vendor]}: {each.states.get(vendor, 'sending')}" for vendor in each.vendors
    )
    show(sum(percents) // len(percents), says)


def _percent(entry: Entry | None, size_bytes: int) -> int:
    if entry is None:
        return 0
    if entry.state is EffectState.DONE:
        return 100
    return min(99, (entry.sent_bytes or 0) * 100 // size_bytes)
