"""How much of a file has been sent: noted in steps, so that a large file does not cost more writes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from proofbridge.stores.errors import AWS_ERRORS

log = logging.getLogger(__name__)

STEPS: Final = 10
"""How often one attempt's progress is noted at most."""

MIN_STEP_BYTES: Final = 8 * 1024 * 1024


class Progress:
    """Is told how far a file's reading has come; passes it on to `note` once in a tenth of the file."""

    def __init__(self, size_bytes: int, note: Callable[[int], None]) -> None:
        self._step = max(-(-size_bytes // STEPS), MIN_STEP_BYTES)
        self._note = note
        self._noted = 0

    def __call__(self, sent_bytes: int) -> None:
        """Take note. Nobody's file waits because progress can't be noted."""
        if sent_bytes < self._noted:
            self._noted = 0  # a new attempt begins at the first byte
        if sent_bytes - self._noted < self._step:
            return
        self._noted = sent_bytes
        try:
            self._note(sent_bytes)
        except AWS_ERRORS:
            log.warning("progress could not be noted", exc_info=True)
