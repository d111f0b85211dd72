"""That operations are atomic in moto's process, shown at the very places where they would not be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from moto.sqs.models import Message, SQSBackend

from local.aws import aws_server

NOT_SOON_SECONDS = 0.3


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> SQSBackend:
    for name in vars(SQSBackend):
        if "message" in name or name == "purge_queue":
            # So that the corrections are gone with the test.
            monkeypatch.setattr(SQSBackend, name, getattr(SQSBackend, name))
    aws_server.make_queues_atomic()
    made = SQSBackend("us-east-1", "123456789012")
    made.create_queue("jobs")
    return made


def test_message_is_received_once_when_two_receive_at_the_same_moment(
    backend: SQSBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.send_message("jobs", "one")
    reached, go_on = threading.Event(), threading.Event()
    mark_received = Message.mark_received

    def mark_slowly(message: Message, visibility_timeout: int | None = None) -> None:
        reached.set()
        go_on.wait(10)
        mark_received(message, visibility_timeout)

    monkeypatch.setattr(Message, "mark_received", mark_slowly)
    received: list[Any] = []
    threads = [
        threading.Thread(target=lambda: received.extend(backend.receive_message("jobs", 1, 0, 30)))
        for _ in range(2)
    ]
    threads[0].start()
    assert reached.wait(10)
    threads[1].start()
    # Left to itself the second one would be as far as the first by now.
    threads[1].join(NOT_SOON_SECONDS)
    go_on.set()
    for thread in threads:
        thread.join()
    assert [message.body for message in received] == ["one"]


class Gate:
    """A WSGI application that lets nothing through until told to."""

    def __init__(self) -> None:
        self.inside = threading.Semaphore(0)
        self.go_on = threading.Event()

    def __call__(self, _environ: dict[str, Any], _start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.inside.release()
        self.go_on.wait(10)
        return []


def ask(application: aws_server.Application, headers: dict[str, str]) -> threading.Thread:
    thread = threading.Thread(target=application, args=({"PATH_INFO": "/", **headers}, lambda *_: None))
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("headers", "alone"),
    [
        ({"HTTP_X_AMZ_TARGET": "DynamoDB_20120810.TransactWriteItems"}, True),
        ({"HTTP_X_AMZ_TARGET": "DynamoDBStreams_20120810.GetRecords"}, True),
        ({}, False),
    ],
)
def test_request_waits_when_a_table_is_being_written(*, headers: dict[str, str], alone: bool) -> None:
    gate = Gate()
    application = aws_server.Application("123456789012", "us-east-1", moto=gate)
    first = ask(application, {"HTTP_X_AMZ_TARGET": "DynamoDB_20120810.PutItem"})
    assert gate.inside.acquire(timeout=10)
    second = ask(application, headers)
    assert gate.inside.acquire(timeout=NOT_SOON_SECONDS if alone else 10) is not alone
    gate.go_on.set()
    first.join()
    second.join()
