"""DynamoDB stream event source mappings: changes to a function in order, retried, split, given up.

Lambda developer guide, 'Using Lambda with Amazon DynamoDB' (batches, filters, partial failures,
destinations). One batch at a time, whatever the mapping's ParallelizationFactor.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.aws import event_patterns
from local.aws.function import Function, Functions, StoppedError
from local.aws.sources import Levels, Sources
from local.aws.stack import StackError
from local.aws.worker import Outcome

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


class StreamMapping:
    """Reads one table's stream for one function, a batch at a time."""

    def __init__(
        self,
        properties: dict[str, Any],
        function: Function,
        *,
        functions: Functions,
        sources: Sources,
        client: Any,
        queues: SQSClient,
    ) -> None:
        self._stream_arn: str = properties["EventSourceArn"]
        self.table = self._stream_arn.split("/")[1]
        self._function = function
        self._functions = functions
        self._sources = sources
        self._client = client
        self._queues = queues
        self._batch_size = int(properties.get("BatchSize", 100))
        self._reports_failures = "ReportBatchItemFailures" in properties.get("FunctionResponseTypes", [])
        filters = properties.get("FilterCriteria", {}).get("Filters", [])
        self._filters = [event_patterns.read(each["Pattern"]) for each in filters]
        self._most_retries = int(properties.get("MaximumRetryAttempts", -1))
        self._bisects = bool(properties.get("BisectBatchOnFunctionError", False))
        self._destination: str | None = (
            properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        )
        shard = client.describe_stream(StreamArn=self._stream_arn)["StreamDescription"]["Shards"][0]
        self._shard = shard["ShardId"]
        if properties.get("StartingPosition") != "TRIM_HORIZON":
            raise StackError(f"stream {self.table}: only the StartingPosition TRIM_HORIZON is known here")
        self._checkpoint = int(shard["SequenceNumberRange"]["StartingSequenceNumber"]) - 1
        self._thread = threading.Thread(target=self._run, name=f"stream {self.table}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def behind(self, levels: Levels) -> int:
        """Count the records of the stream that are not done with."""
        return levels.streams[self.table] - self._checkpoint

    def _run(self) -> None:
        for _ in self._sources.changes(lambda levels: self.behind(levels) > 0):
            try:
                while self._take_batch():
                    pass
            except StoppedError:
                return

    def _take_batch(self) -> bool:
        records = self._read()
        if not records or self._sources.stopped:
            return False
        with self._functions.pending():
            wanted = [record for record in records if self._passes(record)]
            if wanted:
                self._deliver(wanted)
            self._checkpoint = _sequence(records[-1])
        return True

    def _read(self) -> list[dict[str, Any]]:
        iterator = self._client.get_shard_iterator(
            StreamArn=self._stream_arn,
            ShardId=self._shard,
            ShardIteratorType="AFTER_SEQUENCE_NUMBER",
            SequenceNumber=str(self._checkpoint),
        )["ShardIterator"]
        answer = self._client.get_records(ShardIterator=iterator, Limit=min(self._batch_size, 1000))
        return [self._record(record) for record in answer["Records"]]

    def _record(self, record: Any) -> dict[str, Any]:
        change = dict(record["dynamodb"])
        change["ApproximateCreationDateTime"] = int(change["ApproximateCreationDateTime"].timestamp())
        for part in ("Keys", "NewImage", "OldImage"):
            if part in change:
                change[part] = {name: _plain(value) for name, value in change[part].items()}
        return {
            "eventID": record["eventID"],
            "eventName": record["eventName"],
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": self._stream_arn.split(":")[3],
            "dynamodb": change,
            "eventSourceARN": self._stream_arn,
        }

    def _passes(self, record: dict[str, Any]) -> bool:
        return not self._filters or any(event_patterns.matches(each, record) for each in self._filters)

    def _deliver(self, records: Sequence[dict[str, Any]], retries: int = 0) -> None:
        """Invoke until every record is taken or given up. Splitting a batch doesn't count as a retry."""
        pause = _FIRST_PAUSE_SECONDS
        while records:
            outcome = self._functions.invoke(
                self._function,
                json.dumps({"Records": records}).encode(),
                wait=True,
                trigger=f"stream {self.table}",
            )
            done = self._done(outcome, records)
            if done == len(records):
                return
            if done:
                # What precedes the first failure is not seen again, and what follows starts afresh.
                records, retries, pause = records[done:], 0, _FIRST_PAUSE_SECONDS
                self._checkpoint = _sequence(records[0]) - 1
            elif self._bisects and len(records) > 1:
                middle = len(records) // 2
                self._deliver(records[:middle], retries)
                records = records[middle:]
                continue
            if 0 <= self._most_retries <= retries:
                self._give_up(records, outcome, retries + 1)
                return
            retries += 1
            self._sources.pause(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            if self._sources.stopped:
                raise StoppedError

    def _done(self, outcome: Outcome, records: Sequence[dict[str, Any]]) -> int:
        """How many records from the first on were taken. An answer that makes no sense fails all of them."""
        if outcome.error is not None:
            return 0
        answer = json.loads(outcome.payload) if outcome.payload else None
        if not self._reports_failures or not answer:
            return len(records)
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        try:
            failed = [each["itemIdentifier"] for each in answer.get("batchItemFailures") or []]
            return min((numbers.index(each) for each in failed), default=len(records))
        except (AttributeError, KeyError, TypeError, ValueError):
            return 0

    def _give_up(self, records: Sequence[dict[str, Any]], outcome: Outcome, invocations: int) -> None:
        """Tell the destination, if there is one, which records were left; the records stay in the stream."""
        if self._destination is None:
            return
        first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
        message = {
            "requestContext": {
                "requestId": outcome.request_id,
                "functionArn": self._function.settings.arn,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": invocations,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                **({} if outcome.error is None else {"functionError": outcome.error}),
            },
            "version": "1.0",
            "timestamp": _moment(time.time()),
            "DDBStreamBatchInfo": {
                "shardId": self._shard,
                "startSequenceNumber": first["SequenceNumber"],
                "endSequenceNumber": last["SequenceNumber"],
                "approximateArrivalOfFirstRecord": _moment(first["ApproximateCreationDateTime"]),
                "approximateArrivalOfLastRecord": _moment(last["ApproximateCreationDateTime"]),
                "batchSize": len(records),
                "streamArn": self._stream_arn,
            },
        }
        name = self._destination.rpartition(":")[2]
        url = self._queues.get_queue_url(QueueName=name)["QueueUrl"]
        self._queues.send_message(QueueUrl=url, MessageBody=json.dumps(message))


def _sequence(record: dict[str, Any]) -> int:
    return int(record["dynamodb"]["SequenceNumber"])


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Any) -> Any:
    """DynamoDB's JSON as it stands in an event: binary in base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | set):
        return [_plain(each) for each in value]
    return value
