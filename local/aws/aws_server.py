"""moto's server in a process of its own, made fit to carry a whole system: `python -m local.aws.aws_server`.

What moto leaves to be wished for, and is put right here:

- its SQS and DynamoDB models are not safe under the server's own threads: a message can get lost between two
  requests, and two conditional writes of one key can both succeed. One lock makes each operation atomic;
- its S3 events for EventBridge all carry one `sequencer` and a misspelt `eTag`, and an upload in parts is
  announced twice;
- a write that changes nothing puts a record on a DynamoDB stream, which AWS doesn't;
- it rolls a failed transaction back by putting a copy of the table in its place, while an iterator of the
  stream goes on reading the table that was, with what should never have been.

Besides AWS it answers three addresses of its own: `/_local/resource-types` (what moto's CloudFormation can
create), `/_local/sources` (how full each queue and stream is, held until it changes) and `/_local/calls`
(which calls each function has made).
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.cloudformation.parsing import get_model_map
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import StreamShard
from moto.dynamodbstreams.models import DynamoDBStreamsBackend
from moto.events.models import events_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3 import notifications
from moto.sqs.models import SQSBackend, sqs_backends
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from local.aws.aws_calls import AwsCalls

_LOCK = threading.RLock()
_CHECK_SECONDS = 0.02
_REASONS = {"Put": "PutObject", "Post": "POST Object", "Copy": "CopyObject"}

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def make_queues_atomic() -> None:
    """Let each SQS operation, also those that other services cause, happen alone."""
    for name in (
        *("send_message", "send_message_batch", "delete_message", "delete_message_batch", "purge_queue"),
        *("change_message_visibility", "change_message_visibility_batch"),
    ):
        _patch(SQSBackend, name, _alone(getattr(SQSBackend, name)))
    _patch(SQSBackend, "receive_message", _receive_without_holding(SQSBackend.receive_message))


def _patch(owner: Any, name: str, replacement: Callable[..., Any]) -> None:
    setattr(owner, name, replacement)


def _alone(operation: Callable[..., Any]) -> Callable[..., Any]:
    def locked(*arguments: Any, **keywords: Any) -> Any:
        with _LOCK:
            return operation(*arguments, **keywords)

    return locked


def _receive_without_holding(receive: Callable[..., Any]) -> Callable[..., Any]:
    def wait(
        backend: SQSBackend,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> Any:
        # A long poll looks again and again: waiting inside the lock would stop everybody else.
        until = time.monotonic() + wait_seconds_timeout
        while True:
            with _LOCK:
                messages = receive(backend, queue_name, count, 0, visibility_timeout, message_attribute_names)
            if messages or time.monotonic() >= until:
                return messages
            time.sleep(_CHECK_SECONDS)

    return wait


def skip_unchanged_stream_records() -> None:
    """Put no record on a stream for a write after which the item is what it was."""
    add = StreamShard.add

    def add_change(shard: StreamShard, old: Any, new: Any) -> None:
        if old is None or new is None or old.to_json() != new.to_json():
            add(shard, old, new)

    _patch(StreamShard, "add", add_change)


def follow_rolled_back_streams() -> None:
    """Let each iterator read the stream of the table that is."""
    get_records = DynamoDBStreamsBackend.get_records

    def get_present_records(backend: DynamoDBStreamsBackend, iterator_arn: str, limit: int) -> Any:
        iterator: Any = backend.shard_iterators[iterator_arn]
        iterator.stream_shard = backend.dynamodb.get_table(iterator.stream_shard.table.name).stream_shard
        return get_records(backend, iterator_arn, limit)

    _patch(DynamoDBStreamsBackend, "get_records", get_present_records)


class ObjectEvents:
    """S3's events for EventBridge, in their shape (S3 user guide, 'EventBridge event message structure')."""

    def __init__(self) -> None:
        # AWS promises that of two events for one key the later one has the greater sequencer, as text.
        self._sequence = itertools.count(time.time_ns())

    def send(self, account: str, bucket: Any, name: str, key: Any) -> None:
        """Hand one event to every enabled rule of the account's buses."""
        if name == notifications.S3NotificationEvent.OBJECT_CREATED_PUT_EVENT and key.multipart is not None:
            return  # the end of an upload in parts, announced as such right afterwards
        event: Any = {
            "version": "0",
            "id": str(uuid4()),
            "detail-type": notifications._detail_type(name),  # noqa: SLF001 - moto has no public name for it
            "source": "aws.s3",
            "account": account,
            "time": time.time(),  # moto's rule turns it into text
            "region": bucket.region_name,
            "resources": [bucket.arn],
            "detail": self._detail(account, bucket, name, key),
        }
        with _LOCK:
            for bus in list(events_backends[account][bucket.region_name].event_buses.values()):
                for rule in list(bus.rules.values()):
                    if rule.state == "ENABLED":
                        rule.send_to_targets(event, transform_input=False)

    def _detail(self, account: str, bucket: Any, name: str, key: Any) -> dict[str, Any]:
        subject = {"key": key.name, "sequencer": f"{next(self._sequence):016X}"}
        detail: dict[str, Any] = {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": subject,
            "request-id": uuid4().hex[:16].upper(),
            "requester": account,
            "source-ip-address": "127.0.0.1",
        }
        if bucket.is_versioned:
            subject["version-id"] = key.version_id
        if "ObjectRemoved" in name:
            marker = name.endswith("DeleteMarkerCreated")
            detail["reason"] = "DeleteObject"
            detail["deletion-type"] = "Delete Marker Created" if marker else "Permanently Deleted"
        else:
            subject["size"] = key.size
            subject["etag"] = key.etag.replace('"', "")
            action = name.rpartition(":")[2]
            detail["reason"] = _REASONS.get(action, action)
        return detail


class Sources:
    """How full each queue and stream is."""

    def __init__(self, account: str, region: str) -> None:
        self._account = account
        self._region = region

    def wait(self, known: str, wait_seconds: float) -> dict[str, Any]:
        """Return the levels as soon as their tag is another than `known`, or after `wait_seconds`.

        `queues`: by ARN [visible, in flight, delayed] messages; `streams`: by table the last sequence number.
        """
        until = time.monotonic() + wait_seconds
        while True:
            began = time.monotonic()
            queues, streams, tag = self._levels()
            now = time.monotonic()
            if tag != known or now >= until:
                return {"tag": tag, "queues": queues, "streams": streams}
            # Long queues take long to count: never spend more than a small part of the time on it.
            time.sleep(max(_CHECK_SECONDS, 10 * (now - began)))

    def _levels(self) -> tuple[dict[str, tuple[int, int, int]], dict[str, str], str]:
        # The tag covers every message and how often it was received, not only the counts: one message taken
        # and another come in between two looks is a change, too.
        seen: list[Any] = []
        queues = {}
        with _LOCK:
            for queue in list(sqs_backends[self._account][self._region].queues.values()):
                counts = [0, 0, 0]
                for message in queue._messages:  # noqa: SLF001 - what moto shows of it costs three more passes
                    state = 2 if message.delayed else 0 if message.visible else 1
                    counts[state] += 1
                    seen.append((message.id, state, message.approximate_receive_count))
                queues[queue.queue_arn] = (counts[0], counts[1], counts[2])
            streams = {
                table.name: str(
                    table.stream_shard.starting_sequence_number + len(table.stream_shard.items) - 1
                )
                for table in list(dynamodb_backends[self._account][self._region].tables.values())
                if table.stream_shard is not None
            }
        return queues, streams, f"{hash((tuple(seen), tuple(queues), tuple(streams.items()))):x}"


class Application:
    """moto's application with DynamoDB's operations one at a time, and the runner's addresses."""

    def __init__(self, account: str, region: str, *, moto: WsgiApplication) -> None:
        self._moto = moto
        self._sources = Sources(account, region)
        self._calls = AwsCalls()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        path = environ.get("PATH_INFO", "")
        if path.startswith("/_local/"):
            return self._answer(Request(environ))(environ, start_response)
        self._calls.note(environ)
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB"):
            with _LOCK:
                return list(self._moto(environ, start_response))
        return self._moto(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path == "/_local/resource-types":
            return Response(json.dumps(sorted(get_model_map())), content_type="application/json")
        if request.path == "/_local/calls":
            return Response(json.dumps(self._calls.listed()), content_type="application/json")
        if request.path == "/_local/sources":
            levels = self._sources.wait(
                request.args.get("known", ""), request.args.get("wait_seconds", default=0.0, type=float)
            )
            return Response(json.dumps(levels), content_type="application/json")
        return Response(status=404)


def main() -> None:
    """Serve on the listening socket `--fd` until killed."""
    parser = argparse.ArgumentParser(prog="python -m local.aws.aws_server")
    parser.add_argument("--fd", type=int, required=True, help="an inherited listening socket")
    parser.add_argument("--account", required=True)
    parser.add_argument("--region", required=True)
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    make_queues_atomic()
    skip_unchanged_stream_records()
    follow_rolled_back_streams()
    _patch(notifications, "_send_event_bridge_message", ObjectEvents().send)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    print(f"{started} moto serves {options.region}", flush=True)
    make_server(
        "127.0.0.1",
        0,
        Application(options.account, options.region, moto=DomainDispatcherApplication(create_backend_app)),
        threaded=True,
        request_handler=MotoRequestHandler,
        fd=options.fd,
    ).serve_forever()


if __name__ == "__main__":
    main()
