"""What moto leaves to be wished for, and what comes of S3 events."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import LocalAws

Notes = Callable[[str], list[Any]]


def dropped(notes: Notes, key: str) -> list[Any]:
    events = [json.loads(note["record"]["body"]) for note in notes("note-event")]
    return [event for event in events if event["detail"]["object"]["key"] == key]


def test_event_has_eventbridges_shape_when_object_is_put(aws: LocalAws, name: str, notes: Notes) -> None:
    key, bucket = f"drop/{name} č+.pdf", aws.outputs["BucketName"]
    put = aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"%PDF")
    aws.wait_idle()
    (event,) = dropped(notes, key)
    assert event["source"] == "aws.s3"
    assert event["detail-type"] == "Object Created"
    assert event["account"] == "123456789012"
    assert event["region"] == aws.region
    assert event["resources"] == [f"arn:aws:s3:::{bucket}"]
    assert event["time"].endswith("Z")
    assert event["detail"]["bucket"] == {"name": bucket}
    assert event["detail"]["reason"] == "PutObject"
    assert event["detail"]["object"]["size"] == 4
    assert event["detail"]["object"]["etag"] == put["ETag"].strip('"')
    assert event["detail"]["object"]["version-id"] == put["VersionId"]
    assert int(event["detail"]["object"]["sequencer"], 16) > 0


def test_sequencer_grows_when_object_is_put_again(aws: LocalAws, name: str, notes: Notes) -> None:
    key = f"drop/{name}.pdf"
    for body in (b"1", b"2", b"3"):
        aws.client("s3").put_object(Bucket=aws.outputs["BucketName"], Key=key, Body=body)
    aws.wait_idle()
    events = sorted(dropped(notes, key), key=lambda event: event["detail"]["object"]["sequencer"])
    versions = aws.client("s3").list_object_versions(Bucket=aws.outputs["BucketName"], Prefix=key)["Versions"]
    stored = [version["VersionId"] for version in reversed(versions)]
    assert [event["detail"]["object"]["version-id"] for event in events] == stored


def test_reason_tells_when_upload_was_in_parts(aws: LocalAws, name: str, notes: Notes) -> None:
    client = aws.client("s3")
    target = {"Bucket": aws.outputs["BucketName"], "Key": f"drop/{name}.pdf"}
    upload = client.create_multipart_upload(**target)["UploadId"]
    part = client.upload_part(**target, UploadId=upload, PartNumber=1, Body=b"x")
    client.complete_multipart_upload(
        **target, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    )
    aws.wait_idle()
    (event,) = dropped(notes, target["Key"])
    assert event["detail"]["reason"] == "CompleteMultipartUpload"
    assert event["detail"]["object"]["etag"].endswith("-1")


def test_no_event_arrives_when_key_is_not_the_rules(aws: LocalAws, name: str, notes: Notes) -> None:
    aws.client("s3").put_object(Bucket=aws.outputs["BucketName"], Key=f"other/{name}", Body=b"x")
    aws.wait_idle()
    assert dropped(notes, f"other/{name}") == []


def test_one_write_succeeds_when_many_put_the_same_new_key_at_once(aws: LocalAws, name: str) -> None:
    client = aws.client("dynamodb")
    results: list[str] = []
    together = threading.Barrier(8)

    def put(n: int) -> None:
        together.wait()
        try:
            client.put_item(
                TableName=aws.outputs["TableName"],
                Item={"pk": {"S": name}, "sk": {"S": "1"}, "by": {"N": str(n)}},
                ConditionExpression="attribute_not_exists(pk)",
            )
            results.append("put")
        except ClientError as error:
            results.append(error.response["Error"]["Code"])

    threads = [threading.Thread(target=put, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["ConditionalCheckFailedException"] * 7 + ["put"]


def test_receive_returns_when_message_comes_during_a_long_poll(aws: LocalAws, name: str) -> None:
    client = aws.client("sqs")
    url = client.create_queue(QueueName=name)["QueueUrl"]
    found: list[Any] = []

    def receive() -> None:
        found.extend(client.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"])

    waiting = threading.Thread(target=receive)
    waiting.start()
    client.send_message(QueueUrl=url, MessageBody="here")
    waiting.join(10)
    client.delete_queue(QueueUrl=url)
    assert [message["Body"] for message in found] == ["here"]


@pytest.mark.parametrize("secret", ["good2go", "approval-studio", "goodday", "robohead", "signal"])
def test_secret_is_there_when_local_aws_is_ready(aws: LocalAws, secret: str) -> None:
    value = aws.client("secretsmanager").get_secret_value(SecretId=f"proofbridge/dev/{secret}")
    assert json.loads(value["SecretString"])


def test_outputs_are_local_when_template_names_aws_addresses(aws: LocalAws) -> None:
    assert aws.outputs["HttpApiUrl"] == aws.outputs["HttpApiEndpoint"] == aws.http_api
    assert aws.outputs["JobsUrl"].startswith(f"{aws.aws}/123456789012/")
    assert aws.outputs["BusName"] == "fixture-dev"
    aws.client("events").put_events(
        Entries=[{"EventBusName": aws.outputs["BusName"], "Source": "x", "DetailType": "y", "Detail": "{}"}]
    )
