"""How far the polling of each vendor has come."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from proofbridge.domain.items import Vendor, moment_text, parse_moment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Pass:
    """A reading of a vendor's list that is not through yet.

    `started` is a moment before the list was first asked, `resume` the place in it where to go on (see
    `gateways.Page`). `seen` is the filter of the items met so far (see `seen`), and `looked_for` the last of
    those that were looked for because the list did not have them; both only where everything is listed.
    """

    started: datetime
    resume: str | None = None
    seen: bytes = b""
    looked_for: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a vendor's polling has come.

    `moment`: all changes before it are known; None before the first poll. `changes` and `everything` are the
    passes that are not through. `revision` counts the writes.
    """

    moment: datetime | None = None
    changes: Pass | None = None
    everything: Pass | None = None
    revision: int = 0


class Cursors:
    """The cursors of the State table: CURSOR#<vendor> / CURSOR."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, vendor: Vendor) -> Progress:
        """Return how far a vendor's polling has come. One call."""
        answer = self._client.get_item(TableName=self._table, Key=_key(vendor), ConsistentRead=True)
        if "Item" not in answer:
            return Progress()
        entry = answer["Item"]
        return Progress(
            moment=parse_moment(entry["moment"]["S"]) if "moment" in entry else None,
            changes=_to_pass(entry["changes"]) if "changes" in entry else None,
            everything=_to_pass(entry["everything"]) if "everything" in entry else None,
            revision=int(entry["revision"]["N"]) if "revision" in entry else 0,
        )

    def put(self, vendor: Vendor, progress: Progress) -> bool:
        """Commit how far the polling has come; False where another run has, since it was read. One call."""
        entry: dict[str, Any] = {**_key(vendor), "revision": {"N": str(progress.revision + 1)}}
        if progress.moment is not None:
            entry["moment"] = {"S": moment_text(progress.moment)}
        for name, each in (("changes", progress.changes), ("everything", progress.everything)):
            if each is not None:
                entry[name] = _from_pass(each)
        try:
            self._client.put_item(
                TableName=self._table,
                Item=entry,
                ConditionExpression="attribute_not_exists(revision) OR revision = :revision",
                ExpressionAttributeValues={":revision": {"N": str(progress.revision)}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _from_pass(each: Pass) -> dict[str, Any]:
    fields: dict[str, Any] = {"started": {"S": moment_text(each.started)}}
    if each.resume is not None:
        fields["resume"] = {"S": each.resume}
    if each.seen:
        fields["seen"] = {"B": zlib.compress(each.seen)}
    if each.looked_for is not None:
        fields["looked_for"] = {"S": each.looked_for}
    return {"M": fields}


def _to_pass(attribute: Any) -> Pass:
    fields = attribute["M"]
    return Pass(
        parse_moment(fields["started"]["S"]),
        fields["resume"]["S"] if "resume" in fields else None,
        zlib.decompress(bytes(fields["seen"]["B"])) if "seen" in fields else b"",
        fields["looked_for"]["S"] if "looked_for" in fields else None,
    )


def _key(vendor: Vendor) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"CURSOR#{vendor}"}, "sk": {"S": "CURSOR"}}
