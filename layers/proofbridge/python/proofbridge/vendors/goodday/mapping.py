"""GoodDay's task statuses in our words, and back.

Statuses are each customer's own, so a table from the configuration says what they mean, by name or by id. For
a status that isn't in it the task's own signs decide. Assumptions, as the numbers aren't documented: a task
with a closing moment is completed; `systemStatus` 1 has not been started (so the documentation's samples show
it); any other open task is being worked on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from proofbridge.domain.items import ReviewStatus

SYSTEM_STATUS: Final[Mapping[int, ReviewStatus]] = {1: ReviewStatus.NOT_STARTED}
"""What GoodDay's own status numbers mean; an argument of StatusTable, for who knows more of them."""

SHOWN: Final = frozenset({*SYSTEM_STATUS.values(), ReviewStatus.IN_REVIEW, ReviewStatus.COMPLETED})
"""What a task's own signs can mean where no table speaks of its status."""


class _Named(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str | None: ...


class _TaskSigns(Protocol):
    """What is looked at of a task, see `models.Task`."""

    @property
    def status(self) -> _Named | None: ...

    @property
    def system_status(self) -> int | None: ...

    @property
    def moment_closed(self) -> object | None: ...


class StatusTable:
    """What a customer's statuses mean: names (in any case) or ids, each to one of our words."""

    def __init__(
        self,
        meanings: Mapping[str, ReviewStatus],
        *,
        system_status: Mapping[int, ReviewStatus] = SYSTEM_STATUS,
    ) -> None:
        self._meanings = dict(meanings)
        self._by_name = {name.casefold(): meaning for name, meaning in meanings.items()}
        self._system_status = dict(system_status)

    def review_status(self, task: _TaskSigns) -> ReviewStatus:
        """Return our status for a task's."""
        status = task.status
        if status is not None:
            meaning = self._meanings.get(status.id) or self._by_name.get((status.name or "").casefold())
            if meaning is not None:
                return meaning
        if task.moment_closed is not None:
            return ReviewStatus.COMPLETED
        return self._system_status.get(task.system_status or 0, ReviewStatus.IN_REVIEW)

    def status_id(self, status: ReviewStatus, statuses: Iterable[_Named]) -> str | None:
        """Return the id of the customer's status that stands for ours, None where the table has none.

        `statuses` are those of `GoodDay.statuses.list()`. Of several that mean the same, the table's first.
        """
        known = list(statuses)
        for key, meaning in self._meanings.items():
            if meaning is not status:
                continue
            for candidate in known:
                if key == candidate.id or key.casefold() == (candidate.name or "").casefold():
                    return candidate.id
        return None
