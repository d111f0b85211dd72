"""Whatever comes in, through the real handlers: no crash, nothing stored of it, nothing of it told."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofbridge.webhooks.receive import MAX_BODY_BYTES
from tests.integration.receive.deployed import Deployed
from tests.integration.receive.hostile import (
    DETERMINISTIC,
    HEADERS,
    MARK,
    NASTY_BODIES,
    NASTY_HEADERS,
    bodies,
    events,
)
from tests.unit.receive.webhooks import SENDERS, authentic

REFUSALS = {400, 401, 403, 404, 405, 413, 415}
SECRETS = ("local-webhook-password", "local-studio-webhook-secret", "bG9jYWwtc2lnbmFsLXNlY3JldC1rZXk")


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return what was printed and logged, with all that a log record carries."""
    caplog.set_level(logging.INFO)

    def everything() -> str:
        printed = capsys.readouterr()
        records = [json.dumps(record.__dict__, default=str) for record in caplog.records]
        caplog.clear()
        return printed.out + printed.err + "".join(records)

    return everything


@pytest.mark.parametrize("sender", SENDERS)
def test_hostile_call_is_refused_and_leaves_nothing_when_it_is_not_authentic(
    sender: str, receivers: Deployed, told: Callable[[], str]
) -> None:
    receivers.send(sender, authentic(sender))
    stored = receivers.stored()
    statuses = set()

    @DETERMINISTIC
    @given(events())
    def call(event: Any) -> None:
        status, requests = receivers.counted(sender, event)
        assert status in REFUSALS
        assert requests == []
        statuses.add(status)

    call()

    assert statuses >= {400, 401}
    assert receivers.stored() == stored
    logged = told()
    assert "webhook refused" in logged
    assert not [secret for secret in (MARK, *SECRETS) if secret in logged]


@pytest.mark.parametrize("sender", SENDERS)
def test_call_is_refused_when_one_header_is_nasty(sender: str, receivers: Deployed) -> None:
    receivers.send(sender, authentic(sender))
    good = authentic(sender)
    for header in set(HEADERS) & set(good["headers"]):
        for value in NASTY_HEADERS:
            event = {**good, "headers": {**good["headers"], header: value}}

            assert receivers.counted(sender, event) == (401, []), (header, value)


@pytest.mark.parametrize("sender", SENDERS)
def test_authentic_call_is_stored_and_acknowledged_whatever_it_says(
    sender: str, receivers: Deployed, told: Callable[[], str]
) -> None:
    receivers.send(sender, authentic(sender))
    told()

    @DETERMINISTIC
    @given(bodies(), st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
    def call(body: bytes, identity: str) -> None:
        assert receivers.counted(sender, authentic(sender, body, identity)) == (200, ["PutItem"])

    call()

    stored = receivers.stored()
    assert {entry["state"]["S"] for entry in stored} >= {"received", "quarantined"}
    assert all(("reason" in entry) == (entry["state"] == {"S": "quarantined"}) for entry in stored)
    assert not [secret for secret in SECRETS if secret in told()]


@pytest.mark.parametrize("sender", SENDERS)
def test_nasty_body_is_kept_as_it_came_when_it_is_authentic(sender: str, receivers: Deployed) -> None:
    for number, body in enumerate(NASTY_BODIES):
        assert receivers.send(sender, authentic(sender, body, f"msg_{number}")) == 200, body[:80]

    kept = {entry["body"]["S"] for entry in receivers.stored()}
    assert kept == {_as_kept(body) for body in NASTY_BODIES}


def _as_kept(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return base64.b64encode(body).decode()


@pytest.mark.parametrize("sender", SENDERS)
def test_brackets_are_refused_unread_when_there_are_too_many(sender: str, receivers: Deployed) -> None:
    body = b"[" * 300_000
    assert len(body) > MAX_BODY_BYTES

    assert receivers.counted(sender, authentic(sender, body)) == (413, [])
