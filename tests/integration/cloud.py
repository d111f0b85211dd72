"""AWS in memory (moto), with template.yaml's tables, and what is asked of it: counted, failed or cut off."""

from __future__ import annotations

import contextlib
import functools
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.response import StreamingBody
from urllib3.exceptions import ProtocolError

from proofbridge.domain.actions import Action
from proofbridge.domain.items import Vendor
from tests.infra.stack_template import resources

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

REGION = "us-east-1"
BUCKET = "drop-bucket"
BUS = "proofbridge-test"
QUEUES = {vendor: f"{vendor}-actions" for vendor in Vendor}
UPLOADS = "uploads"
UPLOAD_QUEUES = {
    vendor: f"{vendor}-uploads" for vendor in (Vendor.GOOD2GO, Vendor.APPROVAL_STUDIO, Vendor.ROBOHEAD)
}
_TABLES = {"inbox": "InboxTable", "state": "StateTable", "idempotency": "IdempotencyTable"}
_MADE_WITH = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")


class KilledError(BaseException):
    """The process was killed here: no handler of ours may catch this."""


@dataclass(frozen=True)
class Call:
    """One call of an AWS API."""

    operation: str
    params: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The S3 object's key, or the partition key of the DynamoDB item; empty for other calls."""
        about = self.params.get("Key") or self.params.get("Item") or {}
        if isinstance(about, str):
            return about
        return str((about.get("pk") or about.get("item") or {}).get("S", ""))


@dataclass(frozen=True)
class Letter:
    """A message in a queue, and how long it is kept back there."""

    body: str
    delay_seconds: int

    @property
    def action(self) -> Action:
        """The action that it asks for."""
        return Action.from_message(self.body)


@dataclass
class Fault:
    """Raised instead of the call, for the first that matches."""

    matches: Callable[[Call], bool]
    error: BaseException
    struck: bool = False


@dataclass
class Cloud:
    """The clients, everything that was asked through them, and what is to go wrong."""

    dynamodb: DynamoDBClient
    sqs: SQSClient
    s3: S3Client
    secretsmanager: SecretsManagerClient
    events: EventBridgeClient
    sesv2: SESV2Client
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    is_dead: bool = False
    queue_urls: dict[str, str] = field(default_factory=dict)
    mail: dict[str, list[Letter]] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    """After how many bytes the next reads of an object break off, one after the other."""

    @contextlib.contextmanager
    def counted(self) -> Iterator[list[str]]:
        """Give the names of the operations that are called meanwhile."""
        names: list[str] = []
        first = len(self.calls)
        yield names
        names += [call.operation for call in self.calls[first:]]

    def fail(self, operation: str, error: Exception, key: str = "") -> None:
        """Let the next call of an operation fail, on an item whose key begins with `key`."""
        self.faults.append(Fault(_calls_of(operation, key), error))

    def fail_where(self, matches: Callable[[Call], bool], error: BaseException) -> None:
        """Let the first call that matches fail."""
        self.faults.append(Fault(matches, error))

    def kill_at(self, operation: str, key: str = "", *, message: str = "") -> None:
        """Kill the process at a call: neither it nor any other gets through until `revive`.

        `message` is what the call says: to a queue, or of what an item is to become.
        """
        wanted = _calls_of(operation, key)
        self.faults.append(
            Fault(
                lambda call: wanted(call) and message in _said(call),
                KilledError(),
            )
        )

    def revive(self) -> None:
        """Begin a new process. Whatever was to strike must have struck."""
        assert all(fault.struck for fault in self.faults), "the fault did not strike"
        self.faults.clear()
        self.is_dead = False

    def records(self, table: str) -> list[dict[str, Any]]:
        """Return all items of a table, as DynamoDB JSON."""
        return list(self.dynamodb.scan(TableName=table, ConsistentRead=True)["Items"])

    def record(self, pk: str, sk: str) -> dict[str, Any]:
        """Return an item of the State table, empty if there is none."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        return dict(self.dynamodb.get_item(TableName="state", Key=key).get("Item", {}))

    def called(self, params: dict[str, Any], model: Any) -> None:
        """Take note of a call, before it is made."""
        call = Call(model.name, params)
        if self.is_dead:
            raise KilledError
        for fault in self.faults:
            if not fault.struck and fault.matches(call):
                fault.struck = True
                self.is_dead = isinstance(fault.error, KilledError)
                raise fault.error
        self.calls.append(Call(model.name, dict(params)))
        if model.name == "SendMessage":
            delay_seconds = params.get("DelaySeconds", 0)
            assert 0 <= delay_seconds <= 900, "SQS keeps a message back for 15 minutes at most"
            letter = Letter(params["MessageBody"], delay_seconds)
            self.mail.setdefault(params["QueueUrl"], []).append(letter)

    def letters(self, queue: str) -> list[Letter]:
        """Return what was sent to a queue since the last time, also what the queue keeps back."""
        return self.mail.pop(self.queue_urls[queue], [])


class _CutOff(io.RawIOBase):
    """An object's bytes until the connection breaks."""

    def __init__(self, stream: StreamingBody, left: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = left

    def read(self, size: int | None = -1) -> bytes:
        if not self._left:
            raise ProtocolError("cut off")
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        piece = self._stream.read(wanted)
        self._left -= len(piece)
        return piece


def _calls_of(operation: str, key: str) -> Callable[[Call], bool]:
    return lambda call: call.operation == operation and call.key.startswith(key)


def _said(call: Call) -> str:
    return str(call.params.get("MessageBody") or call.params.get("UpdateExpression", ""))


@functools.cache
def _client(service: str) -> Any:
    """Make a client once: that takes longer than most tests."""
    return boto3.client(
        service,  # type: ignore[call-overload] # one of the six below
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@contextlib.contextmanager
def cloud_of(*, tables_only: bool = False) -> Iterator[Cloud]:
    """Give AWS with empty tables, queues, a bucket and a bus; to be used under `mock_aws`."""
    services = ("dynamodb", "sqs", "s3", "secretsmanager", "events", "sesv2")
    cloud = Cloud(**{service: _client(service) for service in services})
    for name, logical_id in _TABLES.items():
        properties = resources()[logical_id]["Properties"]
        made_with = {key: properties[key] for key in _MADE_WITH if key in properties}
        cloud.dynamodb.create_table(TableName=name, **made_with)
    if not tables_only:
        for queue in (*QUEUES.values(), *UPLOAD_QUEUES.values(), UPLOADS):
            cloud.queue_urls[queue] = cloud.sqs.create_queue(QueueName=queue)["QueueUrl"]
        cloud.s3.create_bucket(Bucket=BUCKET)
        cloud.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        cloud.events.create_event_bus(Name=BUS)

    def listen(params: dict[str, Any], model: Any, **_: Any) -> None:
        cloud.called(params, model)

    def cut(parsed: dict[str, Any], **_: Any) -> None:
        if cloud.cuts and "Body" in parsed:
            cut_off: Any = _CutOff(parsed["Body"], cloud.cuts.pop(0))
            parsed["Body"] = StreamingBody(cut_off, parsed["ContentLength"])

    for service in services:
        _client(service).meta.events.register("before-parameter-build", listen, unique_id="cloud")
    cloud.s3.meta.events.register("after-call.s3.GetObject", cut, unique_id="cuts")
    try:
        yield cloud
    finally:
        cloud.s3.meta.events.unregister("after-call.s3.GetObject", unique_id="cuts")
        for service in services:
            _client(service).meta.events.unregister("before-parameter-build", unique_id="cloud")
