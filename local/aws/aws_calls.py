"""Which AWS calls each function has made: its access key is its logical id, and signs every request."""

from __future__ import annotations

import io
import json
import re
import threading
from typing import Any, Final
from urllib.parse import unquote

_SIGNER: Final = re.compile(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/")
_S3_VERBS: Final = {"GET": "Get", "HEAD": "Get", "POST": "Put"}
"""What a method needs permission for, where it is not called alike; a POST begins or ends a large object."""
_NAMING: Final = ("TableName", "QueueUrl", "SecretId")
_SEND_EMAIL: Final = "/v2/email/outbound-emails"
MAX_CALLS: Final = 100_000


class AwsCalls:
    """The record: for each call the function, the IAM action it needs, and the resource it names.

    Resources are physical names: a table or table/index, a queue's URL, a bucket/key, a secret, a bus, the
    address that an e-mail is from.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[dict[str, str]] = []

    def note(self, environ: dict[str, Any]) -> None:
        """Record a request, whose body stays readable."""
        signer = _SIGNER.search(environ.get("HTTP_AUTHORIZATION", ""))
        if signer is None or len(self._calls) >= MAX_CALLS:
            return
        function, service = signer.groups()
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if service == "s3":
            action, resource = _s3_call(environ)
        elif service == "ses" and environ.get("PATH_INFO") == _SEND_EMAIL:
            action, resource = "ses:SendEmail", _json_body(environ).get("FromEmailAddress", "")
        elif target:
            action = f"{service}:{target.rpartition('.')[2]}"
            resource = _named(_json_body(environ))
        else:
            return
        called = [(action, resource)]
        if action == "dynamodb:TransactWriteItems":
            # IAM knows no transactions, only what they consist of.
            called = [
                (f"dynamodb:{verb}Item", _named(write))
                for entry in _json_body(environ)["TransactItems"]
                for verb, write in entry.items()
            ]
        with self._lock:
            self._calls += [
                {"function": function, "action": action, "resource": resource} for action, resource in called
            ]

    def listed(self) -> list[dict[str, str]]:
        """Return all calls so far, in order."""
        with self._lock:
            return list(self._calls)


def _s3_call(environ: dict[str, Any]) -> tuple[str, str]:
    method = environ["REQUEST_METHOD"]
    verb = _S3_VERBS.get(method, method.title())
    asked = {part.partition("=")[0] for part in environ.get("QUERY_STRING", "").split("&")}
    version = "Version" if "versionId" in asked else ""
    tagging = "Tagging" if "tagging" in asked else ""
    return f"s3:{verb}Object{version}{tagging}", unquote(environ.get("PATH_INFO", "")).lstrip("/")


def _json_body(environ: dict[str, Any]) -> dict[str, Any]:
    data = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(data)
    body: dict[str, Any] = json.loads(data or b"{}")
    return body


def _named(body: dict[str, Any]) -> str:
    name = next((str(body[key]) for key in _NAMING if key in body), "")
    name = name or next(iter(body.get("RequestItems", ())), "")
    if "IndexName" in body:
        return f"{name}/index/{body['IndexName']}"
    return name or str(next((entry["EventBusName"] for entry in body.get("Entries", ())), ""))
