"""Messages to functions: batches, partial failures, time-outs, order, dead letters."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws, LocalAwsError

Notes = Callable[[str], list[Any]]
Send = Callable[..., None]


def dead_letters(aws: LocalAws) -> list[str]:
    client = aws.client("sqs")
    url = aws.outputs["JobsDeadUrl"]
    found = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in found]


def test_record_has_lambdas_shape_when_message_is_sent(
    aws: LocalAws, name: str, notes: Notes, send: Send
) -> None:
    attributes = {
        "word": {"DataType": "String", "StringValue": "x"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    send({"note": name}, MessageAttributes=attributes)
    aws.wait_idle()
    (note,) = notes(f"note-{name}")
    record = note["record"]
    assert json.loads(record["body"]) == {"note": name}
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].startswith(f"arn:aws:sqs:{aws.region}:123456789012:proofbridge-Jobs-")
    assert record["awsRegion"] == aws.region
    assert record["messageAttributes"] == {
        "word": {"stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
        "bytes": {
            "binaryValue": "AP8=",
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": "Binary",
        },
    }
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert {"SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"} <= set(record["attributes"])
    assert {"messageId", "receiptHandle", "md5OfBody", "md5OfMessageAttributes"} <= set(record)


def test_only_the_failed_come_back_when_a_batch_fails_in_part(aws: LocalAws, name: str, notes: Notes) -> None:
    orders = [{"note": f"{name}-{n}", "do": "fail" if n == 1 else "nothing", "times": 1} for n in range(3)]
    aws.client("sqs").send_message_batch(
        QueueUrl=aws.outputs["JobsUrl"],
        Entries=[{"Id": str(n), "MessageBody": json.dumps(order)} for n, order in enumerate(orders)],
    )
    aws.wait_idle()
    assert [[each["received"] for each in notes(f"note-{name}-{n}")] for n in range(3)] == [[1], [1, 2], [1]]


def test_message_comes_back_when_function_times_out(
    aws: LocalAws, name: str, notes: Notes, send: Send
) -> None:
    send({"note": name, "do": "sleep", "seconds": 30, "times": 1})
    aws.wait_idle()
    assert [each["received"] for each in notes(f"note-{name}")] == [1, 2]


def test_message_goes_to_the_dead_letter_queue_when_received_too_often(
    aws: LocalAws, name: str, notes: Notes, send: Send
) -> None:
    send({"note": name, "do": "raise"})
    aws.wait_idle()
    assert [each["received"] for each in notes(f"note-{name}")] == [1, 2, 3]
    assert [json.loads(body)["note"] for body in dead_letters(aws)] == [name]


def test_message_waits_when_delayed_and_idle_does_not_wait_for_it(
    aws: LocalAws, name: str, notes: Notes, send: Send
) -> None:
    send({"note": name}, DelaySeconds=2)
    aws.wait_idle()
    assert notes(f"note-{name}") == []
    queue = {"QueueUrl": aws.outputs["JobsUrl"], "AttributeNames": ["ApproximateNumberOfMessagesDelayed"]}
    count = aws.client("sqs").get_queue_attributes(**queue)["Attributes"]
    assert count == {"ApproximateNumberOfMessagesDelayed": "1"}
    aws.wait_for(lambda: len(notes(f"note-{name}")) == 1)


def test_every_message_is_taken_once_when_many_come_at_once(aws: LocalAws, name: str, notes: Notes) -> None:
    client = aws.client("sqs")
    for start in range(0, 60, 10):
        client.send_message_batch(
            QueueUrl=aws.outputs["JobsUrl"],
            Entries=[
                {"Id": str(n), "MessageBody": json.dumps({"note": f"{name}-{n}"})}
                for n in range(start, start + 10)
            ],
        )
    aws.wait_idle(60)
    taken = [notes(f"note-{name}-{n}") for n in range(60)]
    assert [len(each) for each in taken] == [1] * 60
    assert max(each[0]["batch"] for each in taken) <= 5


def test_batches_run_side_by_side_up_to_the_maximum_concurrency_when_there_are_more(
    aws: LocalAws, name: str, notes: Notes, send: Send, tmp_path: Path
) -> None:
    aws.client("sqs").send_message_batch(
        QueueUrl=aws.outputs["JobsUrl"],
        Entries=[
            {
                "Id": str(n),
                "MessageBody": json.dumps({"note": f"{name}-{n}", "do": "overlap", "place": str(tmp_path)}),
            }
            for n in range(10)
        ],
    )
    for n in range(10, 12):
        send({"note": f"{name}-{n}", "do": "overlap", "place": str(tmp_path)})
    aws.wait_idle(60)
    assert sum(len(notes(f"note-{name}-{n}")) for n in range(12)) == 12
    together = [int(path.read_text()) for path in tmp_path.glob("*.seen")]
    assert max(together) == 2


def test_order_is_kept_within_a_group_when_queue_is_fifo(aws: LocalAws, name: str, notes: Notes) -> None:
    client = aws.client("sqs")
    for n in range(6):
        client.send_message(
            QueueUrl=aws.outputs["OrderedUrl"],
            MessageBody=json.dumps({"note": name, "n": n}),
            MessageGroupId=name,
        )
    aws.wait_idle()
    taken = notes(f"note-{name}")
    assert [json.loads(each["record"]["body"])["n"] for each in taken] == list(range(6))
    assert taken[0]["record"]["attributes"]["MessageGroupId"] == name
    assert aws.outputs["OrderedUrl"].endswith(".fifo")


def test_waiting_ends_with_what_is_left_when_it_takes_too_long(aws: LocalAws, name: str, send: Send) -> None:
    send({"note": name, "do": "sleep", "seconds": 1})
    with pytest.raises(LocalAwsError, match=r"queue proofbridge-Jobs-.*: 0 visible, 1 in flight"):
        aws.wait_idle(0.5)
    aws.wait_idle()
