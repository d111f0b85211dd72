"""SQS event source mappings: messages to a function in batches, and away from the queue when it took them.

Lambda developer guide, 'Using Lambda with Amazon SQS'. Redrive to a dead-letter queue is the queue's work.
"""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from local.aws.function import Function, Functions, StoppedError
from local.aws.sources import Levels, Sources
from local.aws.stack import StackError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_RECEIVE_MOST = 10


class QueueMapping:
    """Reads one queue for one function, as many batches at once as the mapping and the function allow."""

    def __init__(
        self,
        properties: dict[str, Any],
        function: Function,
        *,
        functions: Functions,
        sources: Sources,
        client: SQSClient,
    ) -> None:
        self.queue_arn: str = properties["EventSourceArn"]
        self._queue_url = client.get_queue_url(QueueName=self.queue_arn.rpartition(":")[2])["QueueUrl"]
        self._function = function
        self._functions = functions
        self._sources = sources
        self._client = client
        self._batch_size = int(properties.get("BatchSize", _RECEIVE_MOST))
        visible_after = client.get_queue_attributes(
            QueueUrl=self._queue_url, AttributeNames=["VisibilityTimeout"]
        )["Attributes"]["VisibilityTimeout"]
        if float(visible_after) < function.settings.timeout_seconds:
            raise StackError(
                f"queue {self.queue_arn.rpartition(':')[2]}: its visibility timeout of {visible_after} s is "
                f"less than the {function.settings.timeout_seconds:g} s of {function.settings.logical_id}"
            )
        self._reports_failures = "ReportBatchItemFailures" in properties.get("FunctionResponseTypes", [])
        limit = properties.get("ScalingConfig", {}).get("MaximumConcurrency")
        self._free = threading.Semaphore(function.settings.concurrency if limit is None else int(limit))
        self._thread = threading.Thread(target=self._run, name=f"queue {self.queue_arn}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def _run(self) -> None:
        for _ in self._sources.changes(self._has_messages):
            while self._take_batch():
                pass

    def _has_messages(self, levels: Levels) -> bool:
        level = levels.queues.get(self.queue_arn)
        return level is not None and level.visible > 0

    def _take_batch(self) -> bool:
        """Start one batch, if there is one. A message is received only once a process may have it."""
        with contextlib.ExitStack() as held:
            self._free.acquire()
            held.callback(self._free.release)
            held.enter_context(self._function.slot(wait=True))
            held.enter_context(self._functions.pending())
            messages = [] if self._sources.stopped else self._receive()
            if not messages:
                return False
            # What is held is handed over to the batch's own thread.
            threading.Thread(target=self._run_batch, args=(messages, held.pop_all()), daemon=True).start()
            return True

    def _run_batch(self, messages: Sequence[MessageTypeDef], held: contextlib.ExitStack) -> None:
        with held:
            self._deliver(messages)

    def _receive(self) -> list[MessageTypeDef]:
        messages: list[MessageTypeDef] = []
        while len(messages) < self._batch_size:
            answer = self._client.receive_message(
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=min(_RECEIVE_MOST, self._batch_size - len(messages)),
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
                WaitTimeSeconds=0,
            )
            received = answer.get("Messages", [])
            messages += received
            if not received:
                break
        return messages

    def _deliver(self, messages: Sequence[MessageTypeDef]) -> None:
        event = {"Records": [self._record(message) for message in messages]}
        try:
            outcome = self._functions.run(
                self._function,
                json.dumps(event).encode(),
                trigger=f"queue {self.queue_arn.rpartition(':')[2]}",
            )
        except StoppedError:
            return
        failed = {message["MessageId"] for message in messages}
        if outcome.error is None:
            failed &= self._failures(outcome.payload, failed)
        done = [message for message in messages if message["MessageId"] not in failed]
        for start in range(0, len(done), _RECEIVE_MOST):
            self._client.delete_message_batch(
                QueueUrl=self._queue_url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(done[start : start + _RECEIVE_MOST])
                ],
            )

    def _failures(self, payload: bytes, sent: set[str]) -> set[str]:
        """Tell which messages stay in the queue. An answer that makes no sense fails the whole batch."""
        if not self._reports_failures:
            return set()
        answer = json.loads(payload) if payload else None
        if not answer:
            return set()
        try:
            failed = {each["itemIdentifier"] for each in answer.get("batchItemFailures") or []}
        except (AttributeError, KeyError, TypeError):
            return sent
        return failed if failed.issubset(sent) else sent

    def _record(self, message: MessageTypeDef) -> dict[str, Any]:
        record = {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": dict(message.get("Attributes", {})),
            "messageAttributes": {
                name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue_arn,
            "awsRegion": self.queue_arn.split(":")[3],
        }
        if "MD5OfMessageAttributes" in message:
            record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
        return record


def _attribute(value: Any) -> dict[str, Any]:
    attribute: dict[str, Any] = {
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value["DataType"],
    }
    if "StringValue" in value:
        attribute["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        attribute["binaryValue"] = base64.b64encode(value["BinaryValue"]).decode()
    return attribute
