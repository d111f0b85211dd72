"""A hundred copies of one event, let loose at one moment, from the receiver's handler to the vendor."""

from __future__ import annotations

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from proofbridge.stores import receiving
from tests.integration.bridge import CUSTOMER, Bridge
from tests.integration.receive.deployed import SECRETS, deployed
from tests.unit.receive.webhooks import authentic

COPIES = 100
GUARD_SECONDS = 60


@pytest.mark.usefixtures("serial")
def test_one_effect_and_99_counted_duplicates_when_a_hundred_copies_come_at_once(
    bridge: Bridge,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # One process plays a hundred functions here, each of which has that time for itself.
    monkeypatch.setattr(receiving, "PUT_SECONDS", GUARD_SECONDS)
    monkeypatch.setattr(receiving, "READ_SECRET_SECONDS", GUARD_SECONDS)
    guid = bridge.start_proof()
    bridge.good2go.act("approve", job=guid, by=CUSTOMER, comment="Lovely.")
    webhook = authentic("good2go", bridge.good2go.webhooks()[-1]["body"].encode())
    bridge.cloud.secretsmanager.create_secret(Name="good2go", SecretString=json.dumps(SECRETS["good2go"]))
    barrier = threading.Barrier(COPIES)
    capsys.readouterr()

    with deployed(bridge.cloud.dynamodb) as receivers:
        # The cold start, secret included: no function is asked twice at once, so its start needs no lock.
        stranger = {**webhook["headers"], "authorization": "Basic Z29vZDJnbzp3cm9uZw=="}
        assert receivers.send("good2go", {**webhook, "headers": stranger}) == 401

        def send(_: int) -> int:
            barrier.wait(GUARD_SECONDS)
            return receivers.send("good2go", webhook)

        with ThreadPoolExecutor(COPIES) as pool:
            statuses = list(pool.map(send, range(COPIES)))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"Webhooks"' in line]
    bridge.settle()

    reasons = {getattr(record, "reason", None) for record in caplog.records}
    assert statuses == [200] * COPIES, reasons
    assert Counter(line["outcome"] for line in lines) == {"accepted": 1, "duplicate": COPIES - 1}
    assert sum(line["Webhooks"] for line in lines if line["outcome"] == "duplicate") == COPIES - 1
    assert [effect["operation"] for effect in bridge.goodday.effects()].count("update_status") == 1
    assert bridge.goodday.task()["status"]["name"] == "Done"
