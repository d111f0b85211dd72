"""How far a file has come: noted in steps, so that a large file does not cost more writes."""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable
from typing import Final

from proofbridge.stores.errors import AWS_ERRORS

log = logging.getLogger(__name__)

STEPS: Final = 10
"""How often one attempt's progress is noted at most."""

MIN_STEP_BYTES: Final = 8 * 1024 * 1024


class TransferPhase(enum.StrEnum):
    """What is done with a file."""

    SENDING = "sending"
    HASHING = "hashing"
    """It is read for its hash alone."""
    FETCHING = "fetching"
    """Its vendor has a link to it. How far that is nobody tells us."""


class Progress:
    """Is told what is done with a file and how far it is; passes it on to `note` once in a tenth of the file.

    What begins after something else is noted at once; `before` is what was noted last.
    """

    def __init__(
        self,
        size_bytes: int,
        note: Callable[[TransferPhase, int], None],
        before: TransferPhase = TransferPhase.SENDING,
    ) -> None:
        self._step = max(-(-size_bytes // STEPS), MIN_STEP_BYTES)
        self._note = note
        self._doing = before
        self._noted = 0

    def __call__(self, doing: TransferPhase, done_bytes: int) -> None:
        """Take note. Nobody's file waits because progress can't be noted."""
        is_new = doing is not self._doing
        if is_new or done_bytes < self._noted:
            self._noted = 0  # a new attempt begins at the first byte
        if not is_new and done_bytes - self._noted < self._step:
            return
        self._doing, self._noted = doing, 0 if is_new else done_bytes
        try:
            self._note(doing, done_bytes)
        except AWS_ERRORS:
            log.warning("progress could not be noted", exc_info=True)
