"""Files that are read for their hash alone: only where there is time for it, and never up to the wall."""

from __future__ import annotations

import hashlib
from typing import Any

from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import Vendor
from proofbridge.stores.ledger import EffectState
from proofbridge.uploads.outcomes import Outcome, Status
from proofbridge.uploads.transfer import READING
from tests.integration.bridge import Bridge
from tests.integration.shelf import Shelf
from tests.integration.test_intake import tags
from tests.integration.test_relay import ERROR, key_of, waiting

NAME = "summer-ale.pdf"
ONE, TWO = b"1" * 900, b"2" * 900


def again(bridge: Bridge) -> Outcome:
    """Deliver the one file that waits."""
    return bridge.relay(waiting(bridge))


def reads(bridge: Bridge, event: dict[str, Any], first: int) -> int:
    """How often the dropped file was read since that call."""
    key = event["detail"]["object"]["key"]
    return sum(call.operation == "GetObject" and call.key == key for call in bridge.cloud.calls[first:])


def test_file_waits_when_too_little_time_is_left_to_compare_it_or_s3_fails(
    bridge: Bridge, shelf: Shelf
) -> None:
    bridge.relay(bridge.drop(ONE))
    event = bridge.drop(ONE)
    first = len(bridge.cloud.calls)
    bridge.seconds_left = 20
    outcome = bridge.relay(event)
    assert outcome.fate is Status.DEFERRED
    assert "too little time is left" in str(outcome.reason)
    assert reads(bridge, event, first) == 0
    assert bridge.state_of(key_of(event)) == EffectState.WAITING
    assert bridge.gates.get(Vendor.GOOD2GO).failures == 0, "which is no fault of the vendor"
    bridge.seconds_left = 885
    bridge.cloud.cuts = [0] * 20
    outcome = again(bridge)
    assert outcome.fate is Status.DEFERRED
    assert "could not be read" in str(outcome.reason)
    bridge.cloud.cuts = []
    assert again(bridge).fate is Status.UNCHANGED
    assert shelf.items == {NAME: [hashlib.sha256(ONE).hexdigest()]}


def test_file_is_refused_with_the_numbers_when_no_function_can_read_it_to_compare_it(
    bridge: Bridge, shelf: Shelf
) -> None:
    bridge.relay(bridge.drop(ONE))
    bridge.throughputs.put(READING, 1, bridge.clock.now())
    event = bridge.drop(TWO)
    first = len(bridge.cloud.calls)
    assert bridge.relay(event).fate is Status.REFUSED
    assert reads(bridge, event, first) == 0
    report = bridge.object(ERROR)
    assert "0.0 MB at 0.00 MB/s may take 1,380 s, and there are 885 s of 885 s" in report["problem"]
    assert report["what_to_do"].startswith("Send a smaller file")
    assert (tags(bridge, event)["proofbridge-state"], bridge.state_of(key_of(event))) == ("refused", "parked")
    assert bridge.relay(bridge.drop(b"3" * 901)).fate is Status.RELAYED, "another size needs no comparing"
    assert len(shelf.items[NAME]) == 2


def test_file_that_has_arrived_waits_for_its_receipt_when_it_can_not_be_read_for_its_hash(
    bridge: Bridge, shelf: Shelf
) -> None:
    """The answer was lost with the function. It's there, so that it is neither refused nor sent again."""
    event = bridge.drop(ONE)
    bridge.take_in(event)
    delivery = UploadMessage.from_message(bridge.letters()[0].body)
    now = bridge.clock.now()
    bridge.ledger.begin(delivery.key, delivery.to_message(), now, now - now)
    shelf.items[NAME] = [hashlib.sha256(ONE).hexdigest()]
    for seconds_left, throughput in ((20, 10_000), (885, 1)):
        bridge.seconds_left = seconds_left
        bridge.throughputs.put(READING, throughput, bridge.clock.now())
        assert bridge.deliver(delivery).fate is Status.DEFERRED
        assert bridge.state_of(key_of(event)) == EffectState.UNKNOWN
        bridge.letters()
    bridge.throughputs.put(READING, 10_000, bridge.clock.now())
    assert bridge.deliver(delivery).fate is Status.RELAYED
    assert len(shelf.items[NAME]) == 1
    assert bridge.object(f"receipts/labels/{NAME}.json")["sha256"] == hashlib.sha256(ONE).hexdigest()
