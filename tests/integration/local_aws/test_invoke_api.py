"""The Lambda Invoke API, used by the SDK and the command line that everybody has."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import LocalAws


def test_answer_comes_back_when_invoked_by_logical_id_name_or_arn(aws: LocalAws) -> None:
    client = aws.client("lambda")
    for name in ("EchoFunction", aws.outputs["EchoFunctionArn"], "EchoFunction:$LATEST"):
        answer = client.invoke(FunctionName=name, Payload=b'{"probe": "event", "x": "\xc4\x8d"}')
        assert answer["StatusCode"] == 200
        assert answer["ExecutedVersion"] == "$LATEST"
        assert json.loads(answer["Payload"].read()) == {"probe": "event", "x": "č"}


def test_empty_object_is_the_event_when_payload_is_left_out(aws: LocalAws) -> None:
    answer = aws.client("lambda").invoke(FunctionName="EchoFunction")
    assert json.loads(json.loads(answer["Payload"].read())["body"]) == {}


def test_log_tail_comes_along_when_asked_for(aws: LocalAws) -> None:
    answer = aws.client("lambda").invoke(
        FunctionName="EchoFunction", Payload=b'{"probe": "context"}', LogType="Tail"
    )
    answer["Payload"].read()
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert "this was printed" in tail
    assert "platform.report" in tail


def test_event_is_accepted_at_once_and_run_when_invocation_is_asynchronous(
    aws: LocalAws, notes: Callable[[str], list[Any]]
) -> None:
    before = len(notes("note-tick"))
    answer = aws.client("lambda").invoke(
        FunctionName="TickFunction", Payload=b'{"tick": 1}', InvocationType="Event"
    )
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    aws.wait_idle()
    assert notes("note-tick")[before:] == [{"tick": 1}]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"FunctionName": "NoSuchFunction"}, "ResourceNotFoundException"),
        ({"FunctionName": "ExtraFunction"}, "ResourceNotFoundException"),
        ({"FunctionName": "EchoFunction", "InvocationType": "DryRun"}, "InvalidParameterValueException"),
        ({"FunctionName": "EchoFunction", "Payload": b"{not json"}, "InvalidRequestContentException"),
        (
            {"FunctionName": "EchoFunction", "Payload": b'"' + b"x" * 6_300_000 + b'"'},
            "RequestTooLargeException",
        ),
    ],
)
def test_invocation_is_refused_when_it_makes_no_sense(
    aws: LocalAws, request_: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        aws.client("lambda").invoke(**request_)
    assert refused.value.response["Error"]["Code"] == code


def test_known_functions_are_named_when_one_is_not_found(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="EchoFunction"):
        aws.client("lambda").invoke(FunctionName="NoSuchFunction")


def test_command_line_works_when_pointed_at_the_endpoint(aws: LocalAws, tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - the command is ours
        [
            *(str(Path(sys.executable).with_name("aws")), "lambda", "invoke"),
            *("--endpoint-url", aws.lambda_api, "--region", aws.region, "--function-name", "EchoFunction"),
            *("--payload", '{"probe": "event"}'),
            str(tmp_path / "out.json"),
        ],
        env={**os.environ, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out.json").read_text()) == {"probe": "event"}
    assert json.loads(done.stdout)["StatusCode"] == 200
