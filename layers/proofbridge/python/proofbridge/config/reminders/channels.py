"""By which channels a person can be reminded of an item of each vendor."""

from __future__ import annotations

import enum
from typing import Final

from proofbridge.domain.items import Vendor
from proofbridge.vendors.catalogue import ActionName


class Channel(enum.StrEnum):
    """A way to remind somebody."""

    NOTIFY = "good2go.notify"
    """Good2Go's own e-mail to a reviewer."""
    COMMENT = "goodday.comment"
    """A comment on the proof's GoodDay task."""
    REPLY = "goodday.reply"
    """The same, and the person is the one who has to act on the task."""
    EMAIL = "email"
    """An e-mail through Amazon SES."""


ACTIONS: Final = {
    Channel.NOTIFY: ActionName.GOOD2GO_NOTIFY,
    Channel.COMMENT: ActionName.GOODDAY_COMMENT,
    Channel.REPLY: ActionName.GOODDAY_REPLY,
    Channel.EMAIL: ActionName.EMAIL_SEND,
}

_ANYWHERE: Final = (Channel.COMMENT, Channel.REPLY, Channel.EMAIL)

CHANNELS: Final[dict[Vendor, tuple[Channel, ...]]] = {
    Vendor.GOOD2GO: (Channel.NOTIFY, *_ANYWHERE),
    # Neither documents a call that reminds.
    Vendor.APPROVAL_STUDIO: _ANYWHERE,
    Vendor.ROBOHEAD: _ANYWHERE,
    Vendor.GOODDAY: _ANYWHERE,
}
"""What a policy for a vendor's items can use; the first is Good2Go's default, others have to choose."""

DIGESTING: Final = frozenset({Channel.COMMENT, Channel.EMAIL})
"""Where one message can be about several proofs."""

PROGRAMMING: Final = frozenset({Vendor.GOOD2GO})
"""Vendors that can be told once when to remind, and then do it themselves (`mode = "vendor"`)."""


def check_channel(vendor: Vendor, channel: str) -> Channel:
    """Return the channel; ValueError says what the vendor's items could use instead of another."""
    possible = CHANNELS[vendor]
    if channel not in possible:
        what = f"has no {channel!r}" if channel in set(Channel) else f"knows no channel {channel!r}"
        raise ValueError(f"{vendor} {what}; a policy for it can use: {', '.join(possible)}")
    return Channel(channel)
