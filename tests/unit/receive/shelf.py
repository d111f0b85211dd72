"""An Inbox in memory."""

from __future__ import annotations

from proofbridge.stores.inbox import Event


class Shelf:
    """Keeps every event once, by item and id."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, str], Event] = {}

    def put(self, event: Event) -> bool:
        """Store the event once; return whether it is new."""
        is_new = (event.item, event.id) not in self.events
        self.events.setdefault((event.item, event.id), event)
        return is_new

    @property
    def only(self) -> Event:
        """The one event."""
        (event,) = self.events.values()
        return event
