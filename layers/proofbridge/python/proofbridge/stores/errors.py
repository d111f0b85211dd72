"""What can go wrong with AWS itself: the caller has done nothing yet, or may do it again."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from proofbridge.stores.inbox import NotStoredError


class NotPublishedError(Exception):
    """EventBridge did not take all entries; publish them again, subscribers know repetitions by their id."""


AWS_ERRORS: Final = (BotoCoreError, ClientError, NotPublishedError, NotStoredError)
"""Whoever meets one of these lets the trigger deliver its event again."""

_REFUSALS: Final = frozenset({"ValidationException", "InvalidParameterValue", "InvalidMessageContents"})


def is_refused(error: Exception) -> bool:
    """Whether AWS would refuse the same call each time: what is to be written is too large, say."""
    return isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") in _REFUSALS
