"""What Approval Studio does on its own, later: process an asset, move a project to or from the archive."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from local.simulators.simulator import Simulator

_LOOK_SECONDS: Final = 0.02


class Processing:
    """Things to finish at a moment of the simulator's clock.

    A thread looks at the clock, which can be moved, while something waits. Every call finishes what is due
    first, so that what it sees fits the clock. All methods are called under the simulator's lock.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._waiting: dict[str, tuple[datetime, Callable[[], None]]] = {}
        self._thread: threading.Thread | None = None
        self._looking = False

    def reset(self) -> None:
        """Forget everything that waits."""
        self._waiting.clear()

    def later(self, uid: str, seconds: float, finish: Callable[[], None]) -> None:
        """Call `finish` in so many seconds; at once if there are none."""
        if not seconds:
            finish()
            return
        self._waiting[uid] = (self._simulator.clock.now() + timedelta(seconds=seconds), finish)
        if not self._looking:
            self.close()  # the thread before has let go of the lock and is about to end
            self._looking = True
            self._thread = threading.Thread(target=self._look, name="processing")
            self._thread.start()

    def drop(self, uid: str) -> None:
        """Never finish what waits under a UID."""
        self._waiting.pop(uid, None)

    def settle(self) -> None:
        """Finish what is due, in the order in which it fell due."""
        now = self._simulator.clock.now()
        due = sorted((at, uid) for uid, (at, _) in self._waiting.items() if at <= now)
        for _, uid in due:
            _, finish = self._waiting.pop(uid)
            finish()

    def close(self) -> None:
        """Join the thread, if it has nothing to wait for or the simulator is closing."""
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while not self._simulator.closing.wait(_LOOK_SECONDS):
            with self._simulator.lock:
                self.settle()
                if not self._waiting:
                    self._looking = False
                    return
