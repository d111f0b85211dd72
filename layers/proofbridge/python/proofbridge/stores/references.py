"""Which items have the same reference in their names, and linking those of them that are in no proof yet."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from proofbridge.domain.items import ItemRef
from proofbridge.stores.items import link_record
from proofbridge.stores.table import to_attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class References:
    """The references of the State table.

    REFERENCE#<digest> / <ref> says that an item's name has the reference, or once had it.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def note(self, reference: str, ref: ItemRef) -> None:
        """Note that an item has the reference. One call; repeating it changes nothing."""
        self._client.put_item(
            TableName=self._table, Item=to_attributes({"pk": _pk(reference), "sk": str(ref)})
        )

    def members(self, reference: str) -> list[ItemRef]:
        """Return the items that have, or had, the reference: also one that was noted a moment ago."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :reference",
            ExpressionAttributeValues={":reference": {"S": _pk(reference)}},
            ConsistentRead=True,
        )
        return [ItemRef.parse(entry["sk"]["S"]) for page in pages for entry in page["Items"]]

    def adopt(self, proof_id: str, ref: ItemRef) -> bool:
        """Make an item, which is stored, part of the proof; False where it is in one by now.

        One transaction, so that the proof never lacks an item that takes itself for a part of it.
        """
        try:
            self._client.transact_write_items(
                TransactItems=[
                    {
                        "Put": {
                            "TableName": self._table,
                            "Item": to_attributes(link_record(proof_id, ref)),
                        }
                    },
                    {
                        "Update": {
                            "TableName": self._table,
                            "Key": {"pk": {"S": f"ITEM#{ref}"}, "sk": {"S": "ITEM"}},
                            "UpdateExpression": "SET proof_id = :proof REMOVE apart_as ADD revision :one",
                            "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(proof_id)",
                            "ExpressionAttributeValues": {":proof": {"S": proof_id}, ":one": {"N": "1"}},
                        }
                    },
                ]
            )
        except self._client.exceptions.TransactionCanceledException as error:
            reasons = error.response.get("CancellationReasons", [])
            if any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons):
                return False
            raise
        return True


def _pk(reference: str) -> str:
    return f"REFERENCE#{hashlib.sha256(reference.encode()).hexdigest()[:32]}"
