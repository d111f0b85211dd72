"""What somebody may send who means ill, or whose software is broken."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from tests.unit.receive.webhooks import api_event

MARK = "Zq7-this-must-not-be-told"
"""Stands in every hostile header and body, so that it can be looked for in what was logged."""

DETERMINISTIC = settings(derandomize=True, database=None, deadline=None, max_examples=150)
"""The same examples on every machine."""

HEADERS = ("authorization", "api-secret", "webhook-id", "webhook-timestamp", "webhook-signature")
_WORDS = (
    *("job", "guid", "EventType", "EventId", "Data", "AssetUID", "AssetUIDs", "ProjectUID", "webhook.test"),
    *("task.approved", "project.edited", "vendor", "kind", "id", "goodday", "task"),
)
_SCHEMES = ("", "Basic ", "basic ", "Bearer ", "v1,", "v1, v1,", "Basic Basic ")

NASTY_BODIES: tuple[bytes, ...] = (
    b"",
    b"\x00",
    b'{"\x00": "\x00"}',
    b"\xff\xfe\xfd",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf{}",
    b"[" * 200_000,
    b'{"job":' * 30_000,
    b'{"Data":' * 20_000 + b"1" + b"}" * 20_000,
    b'"' + b"\\" * 200_000,
    b"9" * 200_000,
    b'{"job": {"guid": ' + b"9" * 5_000 + b"}}",
    b'{"EventId": 1e999999, "EventType": -0}',
    b'{"job": {"guid": NaN}, "EventId": Infinity, "id": -Infinity}',
    b'{"job": {"guid": "\\ud800"}, "EventType": "\\udfff", "id": "\\ud83d"}',
    b'{"job": {"guid": "a"}, "job": {"guid": "b"}, "EventType": "webhook.test", "EventType": 1}',
    b'{"EventType": "task.approved", "EventId": "e", "Data": {"AssetUID": "\\u0000"}}',
    b'{"EventType": "task.approved", "EventId": "' + b"e" * 100_000 + b'", "Data": {"AssetUID": "A"}}',
    b'{"EventType": "asset.uploaded", "EventId": "e", "Data": {"AssetUID": "' + b"A" * 100_000 + b'"}}',
    b'{"vendor": "goodday", "kind": "task", "id": "../../etc/passwd"}',
    b'{"__class__": "x", "vendor": {"goodday": 1}, "kind": [], "id": null}',
    b"null",
    b"true",
    b'""',
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    b"a=1&b=2",
)

NASTY_HEADERS: tuple[str, ...] = (
    "",
    " ",
    ",",
    "\x00",
    "pässwörd",
    "\ud800",
    "Basic",
    "Basic \x00",
    "Basic ====",
    "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
    "Basic " + base64.b64encode("good2go:pässwörd".encode()).decode(),
    "Basic " + "A" * 9_000,
    "Basic " + base64.b64encode(b"good2go").decode(),
    "v1," + "A" * 9_000,
    "v1,", "v1,v1,v1,",
    "v1, " * 2_000,
    "9" * 5_000,
    "-1",
    "1e308",
    "1795512601\n",
    "local-studio-webhook-secret,local-studio-webhook-secret",
    "LOCAL-STUDIO-WEBHOOK-SECRET",
)  # fmt: skip


def _texts() -> st.SearchStrategy[str]:
    """Any text, lone surrogates too."""
    return st.text(st.characters(), max_size=40)


def header_values() -> st.SearchStrategy[str]:
    """What a header may say, some of it near to what it should."""
    tokens = st.one_of(_texts(), st.binary(max_size=40).map(lambda data: base64.b64encode(data).decode()))
    made = st.tuples(st.sampled_from(_SCHEMES), tokens).map("".join)
    return st.one_of(st.sampled_from(NASTY_HEADERS), made).map(lambda text: text + MARK)


def headers() -> st.SearchStrategy[Any]:
    """Headers under their right names, in any writing, and under others; or nothing of the kind."""
    names = st.one_of(st.sampled_from(HEADERS), st.sampled_from(HEADERS).map(str.upper), st.text(max_size=12))
    return st.one_of(
        st.dictionaries(names, header_values(), max_size=8),
        st.dictionaries(st.sampled_from(HEADERS), st.integers() | st.lists(st.text()), max_size=3),
        st.none() | st.integers() | st.lists(st.text()),
    )


def json_values() -> st.SearchStrategy[Any]:
    """JSON in which the words that receivers look for stand anywhere."""
    words = st.sampled_from(_WORDS)
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), _texts(), words, st.integers(10**200, 10**201)
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(), inner, max_size=5),
        max_leaves=12,
    )


def bodies() -> st.SearchStrategy[bytes]:
    """Bytes of any kind, and JSON."""
    written = st.tuples(json_values(), st.booleans()).map(
        lambda pair: json.dumps(pair[0], ensure_ascii=pair[1]).encode("utf-8", "surrogatepass")
    )
    return st.one_of(st.binary(max_size=200), written, st.sampled_from(NASTY_BODIES))


def api_bodies() -> st.SearchStrategy[dict[str, Any]]:
    """A body as API Gateway may hand it over, and as it never should."""
    as_base64 = bodies().map(lambda body: {"body": base64.b64encode(body).decode(), "isBase64Encoded": True})
    as_text = st.one_of(_texts(), json_values().map(json.dumps))
    return st.one_of(
        as_base64,
        as_text.map(lambda text: {"body": text + MARK, "isBase64Encoded": False}),
        as_text.map(lambda text: {"body": text + MARK, "isBase64Encoded": True}),
        st.sampled_from([{}, {"body": None}, {"body": 7}, {"body": [MARK]}]),
    )


def events() -> st.SearchStrategy[Any]:
    """API Gateway's event, most of it as somebody hostile would have it."""
    contexts: st.SearchStrategy[Any] = st.sampled_from(
        [{}, {"http": {}}, {"http": {"sourceIp": MARK}}, None, 7, MARK]
    )
    changed = st.fixed_dictionaries(
        {"headers": headers()},
        optional={
            "requestContext": contexts,
            "pathParameters": st.one_of(st.none(), st.dictionaries(st.just("source"), _texts())),
        },
    )
    whole = st.tuples(st.sampled_from(("good2go", "approval_studio", "signal")), changed, api_bodies()).map(
        lambda parts: {**api_event(parts[0]), **parts[1], **parts[2]}
    )
    return st.one_of(whole, changed, json_values())
