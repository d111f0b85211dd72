"""What the demo can do and see: the drop folder, the people at the vendors, and the vendors' own records."""

from __future__ import annotations

from typing import Any

import requests

from local.aws import LocalAws

Json = dict[str, Any]
_TIMEOUT_SECONDS = 30


class World:
    """A running local AWS with its simulators, seen from outside, as a user and as the vendors see it."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.s3 = aws.client("s3")
        self.bucket = aws.outputs["DropBucketName"]
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    # -- doing

    def drop(self, key: str, data: bytes) -> None:
        """Put a file into the drop bucket with an ordinary S3 client, and wait until all is done."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)
        self.settle()

    def act(self, vendor: str, what: str, **details: Any) -> None:
        """Do something as a person at a vendor, and wait until all is done."""
        self._control(vendor, f"act/{what}", details)
        self.settle()

    def resend_webhook(self, number: int, copies: int) -> None:
        """Have Good2Go send a webhook again, and wait until all is done."""
        self._control("good2go", "webhooks/resend", {"n": number, "copies": copies})
        self.settle()

    def run(self, function: str, **event: Any) -> Any:
        """Run a schedule's function for a moment, and wait until all is done."""
        answer = self.aws.invoke(function, event)
        self.settle()
        return answer

    def post(self, path: str, body: bytes, username: str, password: str) -> int:
        """Send a webhook of our own making; return the HTTP status."""
        return self._session.post(
            self.aws.http_api + path, data=body, auth=(username, password), timeout=_TIMEOUT_SECONDS
        ).status_code

    def settle(self) -> None:
        """Return when no webhook is on its way, nothing runs and nothing waits to run."""
        seen = None
        while seen != (now := self._traces()):
            seen = now
            self._control("good2go", "webhooks/drain", {})
            self.aws.wait_idle()

    # -- seeing

    def jobs(self) -> list[Json]:
        """Return Good2Go's files, as Good2Go holds them."""
        return [job for job in self._see("good2go", "state")["jobs"] if not job["is_folder"]]

    def tasks(self) -> list[Json]:
        """Return GoodDay's tasks, as GoodDay holds them."""
        tasks: list[Json] = self._see("goodday", "state")["tasks"]
        return tasks

    def effects(self, vendor: str) -> list[Json]:
        """Return everything that has taken effect at a vendor through its API, in order."""
        effects: list[Json] = self._see(vendor, "effects")
        return effects

    def violations(self) -> list[Json]:
        """Return the calls that a vendor refused because its documentation does not have them."""
        return [each for vendor in self.aws.simulators for each in self._see(vendor, "violations")]

    def webhooks(self) -> list[Json]:
        """Return Good2Go's webhooks."""
        webhooks: list[Json] = self._see("good2go", "webhooks")
        return webhooks

    def inbox_count(self) -> int:
        """Return how many events the Inbox holds."""
        answer = self.aws.client("dynamodb").scan(
            TableName=self.aws.outputs["InboxTableName"], Select="COUNT", ConsistentRead=True
        )
        return int(answer["Count"])

    def object(self, key: str) -> bytes | None:
        """Return an object of the drop bucket, None if there is none."""
        try:
            data: bytes = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except self.s3.exceptions.NoSuchKey:
            return None
        return data

    def _traces(self) -> tuple[int, ...]:
        return (
            *(len(self.effects(vendor)) for vendor in self.aws.simulators),
            len(self.webhooks()),
            len(self.aws.invocations()),
        )

    def _see(self, vendor: str, what: str) -> Any:
        answer = self._session.get(f"{self.aws.simulator(vendor)}/_control/{what}", timeout=_TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def _control(self, vendor: str, what: str, details: Json) -> None:
        answer = self._session.post(
            f"{self.aws.simulator(vendor)}/_control/{what}", json=details, timeout=_TIMEOUT_SECONDS
        )
        answer.raise_for_status()
