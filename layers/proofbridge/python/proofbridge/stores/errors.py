"""What can go wrong with AWS itself: the caller has done nothing yet, or may do it again."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from proofbridge.stores.inbox import NotStoredError


class NotPublishedError(Exception):
    """EventBridge did not take all entries; publish them again, subscribers know repetitions by their id."""


AWS_ERRORS: Final = (BotoCoreError, ClientError, NotPublishedError, NotStoredError)
"""Whoever meets one of these lets the trigger deliver its event again."""
