"""The words of proofs: who decided last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from proofbridge.decisions.conflicts import LatestDecision
from proofbridge.domain.changes import ChangeKind
from proofbridge.stores.items import ItemMovedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PREFIX: Final = "WORD#"


class LatestDecisions:
    """The words of the State table: PROOF#<id> / WORD#<field>."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def of_proof(self, proof_id: str) -> dict[ChangeKind, LatestDecision]:
        """Return all words of a proof. One call."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :proof AND begins_with(sk, :word)",
            ExpressionAttributeValues={":proof": {"S": f"PROOF#{proof_id}"}, ":word": {"S": _PREFIX}},
            ConsistentRead=True,
        )
        return {
            field: LatestDecision.from_text(field, entry["word"]["S"])
            for entry in answer["Items"]
            for field in (ChangeKind(entry["sk"]["S"].removeprefix(_PREFIX)),)
        }

    def get(self, proof_id: str, field: ChangeKind) -> LatestDecision | None:
        """Return the word about one field, None while nothing has been decided. One call."""
        answer = self._client.get_item(TableName=self._table, Key=_key(proof_id, field), ConsistentRead=True)
        return LatestDecision.from_text(field, answer["Item"]["word"]["S"]) if "Item" in answer else None

    def put(self, proof_id: str, word: LatestDecision, words: Mapping[ChangeKind, LatestDecision]) -> None:
        """Store a new word over the one that was read; ItemMovedError if that is not there. One call."""
        before = words.get(word.field)
        if before is not None and before.id == word.id:
            return  # met again: its actions may be in their queues already
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if before is not None:
            values = {":before": {"S": before.id}}
            condition = {"ConditionExpression": "id = :before", "ExpressionAttributeValues": values}
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**_key(proof_id, word.field), "id": {"S": word.id}, "word": {"S": word.to_text()}},
                **condition,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            raise ItemMovedError(f"the {word.field} of proof {proof_id}") from None

    def delete(self, proof_id: str, field: ChangeKind) -> None:
        """Forget a word. One call; repeating it changes nothing."""
        self._client.delete_item(TableName=self._table, Key=_key(proof_id, field))


def _key(proof_id: str, field: ChangeKind) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"PROOF#{proof_id}"}, "sk": {"S": f"{_PREFIX}{field}"}}
