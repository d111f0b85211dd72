"""A simulated vendor, seen through its control API: what it holds, what took effect, what goes wrong."""

from __future__ import annotations

from typing import Any

import requests

TIMEOUT_SECONDS = 20
Json = dict[str, Any]


class Site:
    """One simulator."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    # -- seeing

    def see(self, what: str) -> Any:
        """Return what the control API shows of the vendor: its state, say."""
        return self._see(what)

    def jobs(self) -> list[Json]:
        """Return Good2Go's files."""
        return [job for job in self._see("state")["jobs"] if not job["is_folder"]]

    def job(self) -> Json:
        """Return the one file that Good2Go holds."""
        (job,) = self.jobs()
        return job

    def tasks(self) -> list[Json]:
        """Return GoodDay's tasks."""
        tasks: list[Json] = self._see("state")["tasks"]
        return tasks

    def task(self) -> Json:
        """Return the one task that GoodDay holds."""
        (task,) = self.tasks()
        return task

    def effects(self, operation: str | None = None) -> list[Json]:
        """Return what took effect through the vendor's API, or what one operation did."""
        return [each for each in self._see("effects") if operation in {None, each["operation"]}]

    def requests(self, operation: str | None = None) -> list[Json]:
        """Return the calls of the vendor's API, or those of one operation."""
        return [each for each in self._see("requests") if operation in {None, each["operation"]}]

    def violations(self) -> list[Json]:
        """Return the calls that the vendor's documentation does not have, wrong credentials apart."""
        return [each for each in self._see("violations") if each["status"] != requests.codes.unauthorized]

    def webhooks(self) -> list[Json]:
        """Return the vendor's webhooks, which nobody receives here."""
        webhooks: list[Json] = self._see("webhooks")
        return webhooks

    def connections(self) -> int:
        """Return how many connections the vendor has accepted so far."""
        return int(self._see("health")["connections_accepted"])

    # -- doing

    def act(self, what: str, **details: Any) -> Json:
        """Play a person."""
        return self._order(f"act/{what}", details)

    def fault(self, operation: str, fault: str, **details: Any) -> None:
        """Let something go wrong at the next call of an operation."""
        self._order("faults", {"operation": operation, "fault": fault, **details})

    def settings(self, **settings: Any) -> None:
        """Change how the vendor behaves."""
        self._order("settings", settings)

    def advance(self, seconds: float) -> None:
        """Move the vendor's clock."""
        self._order("clock", {"advance_seconds": seconds})

    def forget(self) -> None:
        """Return to the beginning, with nothing noted of what was."""
        self._order("reset", {})

    def _see(self, what: str) -> Any:
        answer = self._session.get(f"{self.url}/_control/{what}", timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def _order(self, what: str, details: Json) -> Json:
        answer = self._session.post(f"{self.url}/_control/{what}", json=details, timeout=TIMEOUT_SECONDS)
        assert answer.ok, answer.text
        told: Json = answer.json()
        return told
