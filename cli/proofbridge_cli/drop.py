"""`proofbridge drop`: put files into the drop folder, and follow each until it stands at its vendors."""

from __future__ import annotations

import mimetypes
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from proofbridge.config.destinations import DROP_PREFIX
from proofbridge.uploads.sidecars import file_of_sidecar, sidecar_key

from . import options
from .bars import Bars
from .errors import FAILURE, INTERRUPTED, CommandError, explained, usage_error
from .following import NOT_DROPPED, SIDECAR, Dropped
from .local_files import Candidate, CantDropError, UnchangingFile, fit_names, opened
from .screen import console, print_json, say, shell_word
from .stack import Stack, open_stack

DEFAULT_MINUTES: Final = 30
PAUSE_SECONDS: Final = 1.0
_VERSIONED: Final = ("PutObject", "CompleteMultipartUpload")

_BY_BOTO: Final = TransferConfig(preferred_transfer_client="classic")
"""Whatever machine this is: the other way of boto3's tells of no version."""
_GOES_ON: Final = "What lies in the drop folder goes on by itself."

_Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="The files to drop.")]
_To = Annotated[str, typer.Option("--to", metavar="DESTINATION", help="A destination's prefix: labels.")]
_Wait = Annotated[
    int, typer.Option("--wait", metavar="MINUTES", min=0, help="How long to follow the files at most.")
]


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
    """Drop files, and follow each until it stands at its vendors.

    Example: proofbridge drop proof.pdf proof.pdf.json --to labels

    A file that can't be dropped is told, and the others go on; the exit status is 0 only if all arrive.
    A sidecar (NAME.ext.json) among them goes first: it says something of its file.
    Ctrl-C ends the following, and what lies in the drop folder goes on by itself.
    """
    prefix = _prefix(to)
    files_once = fit_names([Candidate(path, f"{prefix}{path.name}") for path in files])
    to_drop = [(Dropped(candidate.path, candidate.key), wrong) for candidate, wrong in files_once]
    dropped = [each for each, _ in to_drop]
    screen = console(stderr=as_json)
    with open_stack(stack, local=local, port_offset=port_offset) as found, Bars(screen) as bars:
        stopped_by = _drop_and_follow(found, to_drop, bars, wait)
    if as_json:
        print_json({"files": [each.to_dict() for each in dropped]})
    if stopped_by is not None:
        say(str(stopped_by))
    for each in dropped:
        if not each.is_well:
            say(_sentence(each, f" after {wait} minute{'s' * (wait > 1)}" if wait and not stopped_by else ""))
    if stopped_by is not None:
        raise typer.Exit(stopped_by.status)
    if not all(each.is_well for each in dropped):
        raise typer.Exit(FAILURE)


def _drop_and_follow(
    stack: Stack, to_drop: Sequence[tuple[Dropped, CantDropError | None]], bars: Bars, minutes: int
) -> CommandError | None:
    """Drop the files, and follow them until all is over or the time is; return what stopped it before."""
    dropped = [each for each, _ in to_drop]
    try:
        for each, wrong in to_drop:
            _drop_one(stack, each, wrong, dropped, bars)
        _follow(stack, dropped, bars, time.monotonic() + minutes * 60)
        for each in dropped:
            each.ask_what_to_do(stack)
    except KeyboardInterrupt:
        return CommandError("stopped by Ctrl-C", "nothing more is sent", _GOES_ON, status=INTERRUPTED)
    except (ClientError, BotoCoreError) as error:
        return explained(error)
    return None


def _prefix(to: str) -> str:
    """Return where in the bucket a destination's files lie."""
    parts = to.strip("/").removeprefix(DROP_PREFIX).split("/")
    if not {"", ".", ".."}.isdisjoint(parts) or not to.isprintable():
        raise usage_error(f"--to {to!r} names no destination", "it is no folder", "Name one: --to labels.")
    return f"{DROP_PREFIX}{'/'.join(parts)}/"


def _drop_one(
    stack: Stack, each: Dropped, wrong: CantDropError | None, others: Sequence[Dropped], bars: Bars
) -> None:
    if wrong is not None:
        _not_dropped(each, wrong)
        return
    try:
        _expect_sidecar(each, others)
        with opened(each.path, each.key) as file:
            each.size_bytes = max(file.size_bytes, 1)
            _put(stack, each, file, bars)
        each.state = None if file_of_sidecar(each.key) is None else SIDECAR
    except CantDropError as error:
        _not_dropped(each, error)


def _not_dropped(each: Dropped, error: CantDropError) -> None:
    each.state = NOT_DROPPED
    each.reasons = [str(error), error.what_to_do]


def _expect_sidecar(each: Dropped, others: Sequence[Dropped]) -> None:
    # Without what its sidecar says of it, it would go to the wrong people.
    if any(other.key == sidecar_key(each.key) and other.state == NOT_DROPPED for other in others):
        raise CantDropError("its sidecar was not", "Put that right, then drop both.")


def _put(stack: Stack, each: Dropped, file: UnchangingFile, bars: Bars) -> None:
    """Put a file into the bucket. Raise CantDropError."""
    sent = _Sent(
        lambda sent_bytes: bars.show(
            each.path, each.path.name, sent_bytes * 100 // each.size_bytes, "to the bucket"
        )
    )
    content_type = mimetypes.guess_type(each.path.name)[0] or "application/octet-stream"
    s3 = stack.client("s3")
    try:
        with _version_of(s3, each):
            s3.upload_fileobj(
                file,
                stack.drop_bucket,
                each.key,
                ExtraArgs={"ContentType": content_type},
                Callback=sent,
                Config=_BY_BOTO,
            )
    except Exception as error:  # boto3 hands on whatever its threads, or the file, have raised
        found = file.problem or explained(error)
        if found is None:
            raise
        if isinstance(found, CommandError):
            found = CantDropError(f"{found.what}: {found.why.rstrip('.')}", found.what_to_do)
        raise found from None
    if each.version_id is None:
        raise CantDropError("the bucket keeps no versions", "Have its versioning turned on again.")


class _Sent:
    """Counts the bytes that several threads have sent."""

    def __init__(self, show: Callable[[int], None]) -> None:
        self._show = show
        self._lock = threading.Lock()
        self._sent_bytes = 0

    def __call__(self, more_bytes: int) -> None:
        with self._lock:
            self._sent_bytes += more_bytes
            self._show(self._sent_bytes)


@contextmanager
def _version_of(s3: Any, each: Dropped) -> Iterator[None]:
    """Note the version that S3 makes meanwhile: upload_fileobj tells none, and a newer one may lie there."""

    def note(parsed: dict[str, Any], **_: Any) -> None:
        each.version_id = parsed.get("VersionId")

    events = [f"after-call.s3.{operation}" for operation in _VERSIONED]
    for event in events:
        s3.meta.events.register(event, note)
    try:
        yield
    finally:
        for event in events:
            s3.meta.events.unregister(event, note)


def _follow(stack: Stack, dropped: Sequence[Dropped], bars: Bars, until: float) -> None:
    while True:
        for each in dropped:
            each.look(stack)
            if each.version_id is not None:
                bars.show(each.path, each.path.name, each.percent, each.state or each.says)
        if all(each.is_over for each in dropped) or time.monotonic() >= until:
            return
        time.sleep(PAUSE_SECONDS)


def _sentence(each: Dropped, after: str) -> str:
    """Return what is to be said of a file that has not arrived."""
    if each.version_id is None:
        why, what_to_do = each.reasons or ("it was not sent to its end", "Drop it again.")
        return f"{each.path} was not dropped: {why}. {what_to_do}"
    todo = f"{each.what_to_do} " if each.what_to_do else ""
    see = f"{todo}See: proofbridge uploads show {shell_word(each.key.removeprefix(DROP_PREFIX))}"
    why = "; ".join(each.reasons).rstrip(".")
    if not each.is_over:
        return f"{each.path} is still on its way{after}{': ' * bool(why)}{why}. {see}"
    return f"{each.path}: {each.fate}: {why}{'' if why.endswith('?') else '.'} {see}"
