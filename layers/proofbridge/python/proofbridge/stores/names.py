"""Which proof has which name at a vendor, where a file's name decides what it becomes a version of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from proofbridge.domain.files.drops import MAX_PLACE_BYTES, shortened
from proofbridge.domain.items import Vendor, moment_text, parse_moment
from proofbridge.stores.table import Record, to_attribute, to_attributes, to_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Name = tuple[Vendor, str]
"""A vendor, and a name there together with what it is a name in, as the vendor may compare it."""


@dataclass(frozen=True, slots=True)
class NameOwner:
    """Who has a name: a proof, since it last wanted it, for a dropped file.

    `effect` is what the file's delivery is called in the ledger. `checked`: when the proof took the name,
    nothing at the vendor had it.
    """

    proof_id: str
    key: str
    effect: str
    taken_at: datetime
    checked: bool = False


class Names:
    """The names of the State table: NAME#<vendor>|<name> / NAME.

    They have no end, as what a place came to has none: the vendor's item may live as long.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def take(self, name: Name, holder: NameOwner, instead_of: NameOwner | None = None) -> NameOwner:
        """Let a proof have a name, if no other has it; return who has it now. One call.

        `instead_of` is another that has no more need of it, and gives way if it has not asked for it since:

            A: take ── upload refused
            B:                        take (A has it) ── A is over ── take instead of A
        """
        condition = "attribute_not_exists(pk) OR proof_id = :proof"
        before = {}
        if instead_of is not None:
            condition = "effect = :old AND taken_at = :old_taken_at"
            before = {":old": instead_of.effect, ":old_taken_at": moment_text(instead_of.taken_at)}
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=_key(name),
                UpdateExpression="SET proof_id = :proof, #key = :key, effect = :effect, taken_at = :taken_at"
                + ("" if instead_of is None else " REMOVE checked"),
                ConditionExpression=condition,
                ExpressionAttributeNames={"#key": "key"},
                ExpressionAttributeValues=to_attributes(
                    {
                        ":proof": holder.proof_id,
                        ":key": holder.key,
                        ":effect": holder.effect,
                        ":taken_at": moment_text(holder.taken_at),
                        **before,
                    }
                ),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            stood_in_the_way: dict[str, Any] = dict(error.response)
            return _holder(to_record(stood_in_the_way["Item"]))
        return _holder(to_record(answer["Attributes"]))

    def check(self, name: Name) -> None:
        """Note that nothing at the vendor had the name when it was taken. One call."""
        self._client.update_item(
            TableName=self._table,
            Key=_key(name),
            UpdateExpression="SET checked = :true",
            ExpressionAttributeValues={":true": to_attribute(True)},  # noqa: FBT003 - the value itself
        )

    def leave(self, name: Name, proof_id: str) -> None:
        """Let others have a name that this proof has taken, and not used. One call."""
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=_key(name),
                ConditionExpression="proof_id = :proof",
                ExpressionAttributeValues=to_attributes({":proof": proof_id}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return


def _holder(record: Record) -> NameOwner:
    return NameOwner(
        proof_id=str(record["proof_id"]),
        key=str(record["key"]),
        effect=str(record["effect"]),
        taken_at=parse_moment(str(record["taken_at"])),
        checked=record.get("checked") is True,
    )


def _key(name: Name) -> dict[str, dict[str, str]]:
    vendor, text = name
    return {"pk": {"S": f"NAME#{vendor}|{shortened(text, MAX_PLACE_BYTES)}"}, "sk": {"S": "NAME"}}
