"""The HTTP API: events of format 2.0 in, answers out, and what the gateway itself refuses."""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from local.aws import LocalAws
from local.aws.http_api import Route, routes
from local.aws.stack import Resource, Stack, StackError


def test_event_has_every_field_when_text_is_posted(aws: LocalAws) -> None:
    answer = requests.post(
        aws.http_api + "/echo?a=1&a=2&b=%C4%8D+x&empty=",
        data='{"x": "č"}'.encode(),
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Authorization": "Basic eDp5",
            "X-Mixed-Case": "One",
            "Cookie": "first=1; second=2",
            "User-Agent": "tests/1",
        },
        timeout=10,
    )
    assert answer.status_code == 200
    event = answer.json()
    assert event["version"] == "2.0"
    assert event["routeKey"] == "POST /echo"
    assert event["rawPath"] == "/echo"
    assert event["rawQueryString"] == "a=1&a=2&b=%C4%8D+x&empty="
    assert event["queryStringParameters"] == {"a": "1,2", "b": "č x", "empty": ""}
    assert event["cookies"] == ["first=1", "second=2"]
    assert event["headers"]["x-mixed-case"] == "One"
    assert event["headers"]["authorization"] == "Basic eDp5"
    assert event["headers"]["content-type"] == "application/json; charset=utf-8"
    assert event["headers"]["content-length"] == "11"
    assert event["headers"]["host"] == urlsplit(aws.http_api).netloc
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert "cookie" not in event["headers"]
    assert event["body"] == '{"x": "č"}'
    assert event["isBase64Encoded"] is False
    assert "pathParameters" not in event
    context = event["requestContext"]
    assert context["http"] == {
        "method": "POST",
        "path": "/echo",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "tests/1",
    }
    assert context["routeKey"] == "POST /echo"
    assert context["stage"] == "$default"
    assert context["requestId"] == answer.headers["Apigw-Requestid"]
    assert isinstance(context["timeEpoch"], int)


def test_repeated_headers_are_joined_by_commas_when_sent(aws: LocalAws) -> None:
    connection = http.client.HTTPConnection(urlsplit(aws.http_api).netloc, timeout=10)
    connection.putrequest("POST", "/echo")
    for header, value in (("X-Many", "1"), ("x-many", "2"), ("Content-Length", "0")):
        connection.putheader(header, value)
    connection.endheaders()
    event = json.loads(connection.getresponse().read())
    connection.close()
    assert event["headers"]["x-many"] == "1,2"
    assert "body" not in event


@pytest.mark.parametrize(
    ("content_type", "body", "as_text"),
    [
        ("application/json", b"{}", True),
        ("text/plain", b"x", True),
        ("application/vnd.x+json", b"{}", True),
        ("application/x-www-form-urlencoded", b"a=1", False),
        ("application/octet-stream", b"\x00\xff", False),
        ("application/json", b"\xff\xfe", False),
    ],
)
def test_body_is_base64_when_content_type_is_not_text(
    *, aws: LocalAws, content_type: str, body: bytes, as_text: bool
) -> None:
    event = requests.post(
        aws.http_api + "/echo", data=body, headers={"Content-Type": content_type}, timeout=10
    ).json()
    assert event["isBase64Encoded"] is not as_text
    assert (event["body"].encode() if as_text else base64.b64decode(event["body"])) == body


def test_body_arrives_when_sent_in_chunks(aws: LocalAws) -> None:
    event = requests.post(
        aws.http_api + "/echo",
        data=iter([b'{"a":', b"1}"]),
        headers={"Content-Type": "application/json"},
        timeout=10,
    ).json()
    assert event["body"] == '{"a":1}'


def test_path_parameters_are_decoded_when_route_has_them(aws: LocalAws) -> None:
    event = requests.post(aws.http_api + "/named/sm%20all", timeout=10).json()
    assert event["pathParameters"] == {"source": "sm all"}
    assert event["routeKey"] == "POST /named/{source}"
    assert event["rawPath"] == "/named/sm all"


def test_fixed_route_wins_when_a_parameter_would_match_too(aws: LocalAws) -> None:
    assert requests.post(aws.http_api + "/named/fixed", timeout=10).json()["routeKey"] == "POST /named/fixed"
    assert requests.put(aws.http_api + "/named/fixed", timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/nowhere"),
        ("GET", "/echo"),
        ("POST", "/echo/"),
        ("POST", "/named/a/b"),
        ("POST", "/named/"),
    ],
)
def test_answer_is_not_found_when_no_route_fits(aws: LocalAws, method: str, path: str) -> None:
    answer = requests.request(method, aws.http_api + path, timeout=10)
    assert answer.status_code == 404
    assert answer.json() == {"message": "Not Found"}


@pytest.mark.parametrize("size", [10 * 1024 * 1024 + 1, 7_000_000])
def test_body_is_refused_when_too_large(aws: LocalAws, size: int) -> None:
    before = len(aws.invocations())
    answer = requests.post(
        aws.http_api + "/echo", data=b"x" * size, headers={"Content-Type": "text/plain"}, timeout=30
    )
    assert answer.status_code == 413
    assert answer.json() == {"message": "Request Entity Too Large"}
    assert len(aws.invocations()) == before


@pytest.mark.parametrize(
    ("shape", "status", "content_type", "body"),
    [
        ("text", 200, "application/json", b"just text"),
        ("object", 200, "application/json", b'{"no": "status code"}'),
        ("binary", 200, "image/png", b"\x89PNG"),
        ("empty", 204, "text/plain;charset=UTF-8", b""),
        ("wrong", 500, "application/json", b'{"message": "Internal Server Error"}'),
        ("object-body", 500, "application/json", b'{"message": "Internal Server Error"}'),
        ("error", 500, "application/json", b'{"message": "Internal Server Error"}'),
    ],
)
def test_answer_is_shaped_as_format_2_when_function_returns(
    aws: LocalAws, shape: str, status: int, content_type: str, body: bytes
) -> None:
    answer = requests.post(aws.http_api + f"/echo?shape={shape}", timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (
        status,
        content_type,
        body,
    )


def test_cookies_and_headers_are_set_when_function_returns_them(aws: LocalAws) -> None:
    answer = requests.post(aws.http_api + "/echo?shape=cookies", timeout=10)
    assert answer.status_code == 201
    assert answer.raw.headers.getlist("Set-Cookie") == ["a=1; Secure", "b=2"]
    assert (answer.headers["x-number"], answer.headers["x-flag"]) == ("5", "true")


def test_answer_is_an_error_when_function_times_out_or_cannot_start(aws: LocalAws) -> None:
    slow = requests.post(aws.http_api + "/busy", json={"do": "sleep", "seconds": 30}, timeout=20)
    broken = requests.get(aws.http_api + "/broken", timeout=10)
    for answer in (slow, broken):
        assert answer.status_code == 500
        assert answer.json() == {"message": "Internal Server Error"}


@pytest.mark.parametrize(
    "rest", [b"Content-Length: 10\r\n\r\nab", b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"]
)
def test_request_is_refused_when_its_body_is_broken(rest: bytes, aws: LocalAws) -> None:
    address = urlsplit(aws.http_api)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\n" + rest)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(1_000)

    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("path", "given", "parameters"),
    [
        ("/a/{b}", "/a/x", {"b": "x"}),
        ("/a/{b}", "/a/", None),
        ("/a/{b}", "/a/x/y", None),
    ],
)
def test_route_matches_when_segments_do(path: str, given: str, parameters: dict[str, Any] | None) -> None:
    assert Route("GET", path, "F").match(given) == parameters


@pytest.mark.parametrize(
    ("path", "method"),
    [("$default", "get"), ("/a", "x-amazon-apigateway-any-method"), ("/{b+}", "get")],
)
def test_route_is_refused_when_it_is_for_more_than_one_path_or_method(path: str, method: str) -> None:
    api = Resource("Api", "AWS::ApiGatewayV2::Api", {"Body": {"paths": {path: {method: {}}}}})
    with pytest.raises(StackError, match=f"Api: {re.escape(path)} is for more than one path or method"):
        routes(Stack(outputs={}, resources=(api,)))
