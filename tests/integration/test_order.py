"""The versions of one file reach their vendor each once, in the order in which they were dropped."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from proofbridge.domain.files.messages import UploadMessage
from proofbridge.domain.items import Vendor
from proofbridge.uploads.ordering import LOST_AFTER
from proofbridge.uploads.outcomes import Outcome, Status
from tests.integration.bridge import Bridge
from tests.integration.cloud import Call, KilledError
from tests.integration.shelf import Shelf
from tests.integration.test_intake import tags

NAME = "summer-ale.pdf"
ONE, TWO, THREE = VERSIONS = (b"%PDF one", b"%PDF number two", b"%PDF no 3")
ORDERS = sorted(itertools.permutations(range(3)))
MAX_ROUNDS = 40


def hashes(files: Iterable[bytes]) -> list[str]:
    """What a vendor is to hold."""
    return [hashlib.sha256(data).hexdigest() for data in files]


def handed_on(bridge: Bridge, *events: dict[str, Any]) -> list[UploadMessage]:
    """Take events in; return what was handed on."""
    for event in events:
        bridge.take_in(event)
    return queued(bridge)


def queued(bridge: Bridge) -> list[UploadMessage]:
    """Take what waits in the vendor's queue, however long it is kept back there."""
    return [UploadMessage.from_message(letter.body) for letter in bridge.letters()]


def run(bridge: Bridge, deliveries: list[UploadMessage]) -> list[Outcome]:
    """Deliver all, and then what waits, again and again until nothing does."""
    outcomes: list[Outcome] = []
    while deliveries:
        assert len(outcomes) < MAX_ROUNDS, outcomes
        outcomes += [bridge.deliver(delivery) for delivery in deliveries]
        deliveries = queued(bridge)
    return outcomes


def states(bridge: Bridge, events: Iterable[dict[str, Any]]) -> list[str]:
    """The states that the dropped versions are tagged with."""
    return [tags(bridge, event)["proofbridge-state"] for event in events]


@pytest.mark.parametrize(
    "orders",
    [
        pytest.param([((1, 2, 0), (2, 1, 0))], id="one"),
        pytest.param(list(itertools.product(ORDERS, ORDERS)), id="all", marks=pytest.mark.soak),
    ],
)
def test_versions_arrive_in_order_when_events_and_deliveries_are_mixed_and_repeated(
    bridge: Bridge, shelf: Shelf, orders: list[tuple[tuple[int, ...], tuple[int, ...]]]
) -> None:
    for number, (taken, order) in enumerate(orders):
        name = f"label-{number}.pdf"
        events = [bridge.drop(data, name) for data in VERSIONS]
        deliveries = handed_on(bridge, *(events[each] for each in taken))
        deliveries.sort(key=lambda delivery: delivery.drop.sequencer)
        repeated = handed_on(bridge, *events)
        outcomes = run(bridge, [*(deliveries[each] for each in order), *repeated, deliveries[order[1]]])
        assert shelf.items[name] == hashes(VERSIONS), (taken, order)
        assert [each.fate for each in outcomes].count(Status.RELAYED) == 3
        assert states(bridge, events) == ["relayed"] * 3


def test_versions_that_wait_go_in_order_when_the_first_is_done(bridge: Bridge, shelf: Shelf) -> None:
    """1 is under way while 2 and 3 come, and 3 is then delivered before 2."""
    one, two, three = handed_on(bridge, *(bridge.drop(data) for data in VERSIONS))
    now = bridge.clock.now()
    place = f"{one.drop.bucket}/{one.drop.key}", Vendor.GOOD2GO
    until = now + timedelta(seconds=960)
    assert bridge.relays.claim(place, one.drop, now, until).is_ours
    assert [bridge.deliver(each).fate for each in (two, three)] == [Status.DEFERRED] * 2
    bridge.relays.release(place, until, one.drop, in_doubt=False, ended=False)
    assert bridge.deliver(one).fate is Status.RELAYED
    waiting = queued(bridge)
    third = bridge.deliver(waiting[1])
    assert third.fate is Status.DEFERRED
    assert two.drop.version_id in str(third.reason)
    assert bridge.deliver(waiting[0]).fate is Status.RELAYED
    assert [each.fate for each in run(bridge, queued(bridge))] == [Status.RELAYED]
    assert shelf.items[NAME] == hashes(VERSIONS)


def test_version_waits_for_one_that_an_outage_keeps(bridge: Bridge, shelf: Shelf) -> None:
    one, two, three = handed_on(bridge, *(bridge.drop(data) for data in VERSIONS))
    bridge.deliver(one)
    shelf.is_down = True
    assert bridge.deliver(two).fate is Status.DEFERRED
    shelf.is_down = False
    assert bridge.deliver(three).fate is Status.DEFERRED
    assert [each.fate for each in run(bridge, queued(bridge))] == [Status.RELAYED] * 2
    assert shelf.items[NAME] == hashes(VERSIONS)


def test_version_goes_on_when_the_one_before_it_was_refused(bridge: Bridge, shelf: Shelf) -> None:
    shelf.refuses = set(hashes([TWO]))
    events = [bridge.drop(data) for data in VERSIONS]
    one, two, three = handed_on(bridge, *events)
    run(bridge, [three, two, one])
    assert shelf.items[NAME] == hashes([ONE, THREE])
    assert states(bridge, events) == ["relayed", "refused", "relayed"]
    assert bridge.deliver(two).fate is Status.DUPLICATE


def test_version_goes_on_when_the_one_before_it_fits_its_destination_no_more(
    bridge: Bridge, shelf: Shelf
) -> None:
    """Of such a file not even the place is known."""
    two, three = handed_on(bridge, bridge.drop(TWO), bridge.drop(THREE))
    config = bridge.config
    bridge.destine(prefix="posters")
    assert bridge.deliver(two).fate is Status.REFUSED
    bridge.config = config
    assert bridge.deliver(three).fate is Status.RELAYED
    assert shelf.items[NAME] == hashes([THREE])


def test_same_bytes_are_sent_once_when_the_second_version_has_those_of_the_first(
    bridge: Bridge, shelf: Shelf
) -> None:
    events = [bridge.drop(data) for data in (ONE, ONE, THREE)]
    run(bridge, handed_on(bridge, *events)[::-1])
    assert shelf.items[NAME] == hashes([ONE, THREE])
    assert states(bridge, events) == ["relayed", "unchanged", "relayed"]


def test_version_goes_on_after_a_while_when_the_message_of_the_one_before_it_is_lost(
    bridge: Bridge, shelf: Shelf
) -> None:
    one, two, three = handed_on(bridge, *(bridge.drop(data) for data in VERSIONS))
    run(bridge, [one])
    assert bridge.deliver(three).fate is Status.DEFERRED
    (three,) = queued(bridge)
    bridge.clock.advance(seconds=LOST_AFTER.total_seconds() - 60)
    assert bridge.deliver(three).fate is Status.DEFERRED
    (three,) = queued(bridge)
    bridge.clock.advance(minutes=2)
    assert bridge.deliver(three).fate is Status.RELAYED
    assert bridge.deliver(two).fate is Status.OUTDATED, "it was found again"
    assert shelf.items[NAME] == hashes([ONE, THREE])


def test_lost_version_is_waited_for_from_its_last_sign_of_life(bridge: Bridge, shelf: Shelf) -> None:
    """It waited for the vendor, and then its message was lost."""
    two, three = handed_on(bridge, bridge.drop(TWO), bridge.drop(THREE))
    shelf.is_down = True
    bridge.clock.advance(hours=6)
    assert bridge.deliver(two).fate is Status.DEFERRED
    queued(bridge)
    shelf.is_down = False
    bridge.clock.advance(seconds=LOST_AFTER.total_seconds() - 3 * 3600)
    assert bridge.deliver(three).fate is Status.DEFERRED
    bridge.clock.advance(hours=4)
    assert [each.fate for each in run(bridge, queued(bridge))] == [Status.RELAYED]
    assert shelf.items[NAME] == hashes([THREE])


def test_older_version_is_left_out_when_it_first_comes_after_a_newer_one_was_relayed(
    bridge: Bridge, shelf: Shelf
) -> None:
    older, newer = bridge.drop(ONE), bridge.drop(TWO)
    run(bridge, handed_on(bridge, newer))
    assert [each.fate for each in run(bridge, handed_on(bridge, older, newer))] == [
        Status.OUTDATED,
        Status.DUPLICATE,
    ]
    assert [each.fate for each in run(bridge, handed_on(bridge, older))] == [Status.DUPLICATE]
    assert shelf.items[NAME] == hashes([TWO])
    assert states(bridge, [older, newer]) == ["outdated", "relayed"]


def test_version_in_doubt_waits_for_none_that_came_late(bridge: Bridge, shelf: Shelf) -> None:
    """An older one that is taken in while nobody knows whether the newer arrived would wait for it, too."""
    older, newer = bridge.drop(ONE), bridge.drop(TWO)
    (second,) = handed_on(bridge, newer)
    bridge.cloud.fail_where(
        lambda call: call.key.startswith("DROP#") and "sha256" in str(call.params), KilledError()
    )
    with pytest.raises(KilledError):
        bridge.deliver(second)
    bridge.cloud.revive()
    assert shelf.items[NAME] == hashes([TWO])
    (first,) = handed_on(bridge, older)
    bridge.clock.advance(hours=1)
    assert bridge.deliver(first).fate is Status.DEFERRED
    assert bridge.deliver(second).fate is Status.RELAYED
    assert [each.fate for each in run(bridge, queued(bridge))] == [Status.OUTDATED]
    assert shelf.items[NAME] == hashes([TWO])


def test_place_is_let_go_when_it_was_claimed_for_a_version_of_which_nothing_was_begun(
    bridge: Bridge, shelf: Shelf
) -> None:
    """The function was killed just then, and its message is lost."""
    older = bridge.drop(ONE)
    (two,) = handed_on(bridge, bridge.drop(TWO))
    bridge.cloud.kill_at("UpdateItem", "EFFECT#upload")
    with pytest.raises(KilledError):
        bridge.deliver(two)
    bridge.cloud.revive()
    (one,) = handed_on(bridge, older)
    assert bridge.deliver(one).fate is Status.DEFERRED
    bridge.clock.advance(minutes=17)
    assert [each.fate for each in run(bridge, queued(bridge))] == [Status.DEFERRED, Status.RELAYED]
    assert shelf.items[NAME] == hashes([ONE])


def test_gate_that_opens_for_one_is_left_to_a_file_whose_turn_it_is(bridge: Bridge, shelf: Shelf) -> None:
    two, three = handed_on(bridge, bridge.drop(TWO), bridge.drop(THREE))
    bridge.gates.close(Vendor.GOOD2GO, bridge.clock.now(), probed=True)
    bridge.clock.advance(seconds=1)
    assert bridge.deliver(three).fate is Status.DEFERRED
    assert bridge.deliver(two).fate is Status.RELAYED
    assert shelf.items[NAME] == hashes([TWO])


def test_file_in_doubt_stays_so_when_a_gate_opens_for_another_first(bridge: Bridge, shelf: Shelf) -> None:
    two, three = handed_on(bridge, bridge.drop(TWO), bridge.drop(THREE))
    bridge.cloud.fail_where(
        lambda call: call.key.startswith("DROP#") and "sha256" in str(call.params), KilledError()
    )
    with pytest.raises(KilledError):
        bridge.deliver(two)
    bridge.cloud.revive()
    bridge.clock.advance(hours=1)
    bridge.gates.close(Vendor.GOOD2GO, bridge.clock.now(), probed=True)
    bridge.clock.advance(seconds=1)
    bridge.cloud.fail_where(_takes_the_probe, _too_late(bridge))
    assert bridge.deliver(two).fate is Status.DEFERRED
    bridge.cloud.revive()
    assert bridge.deliver(three).fate is Status.DEFERRED
    assert [each.fate for each in run(bridge, queued(bridge))] == [Status.RELAYED, Status.RELAYED]
    assert shelf.items[NAME] == hashes([TWO, THREE])


def _takes_the_probe(call: Call) -> bool:
    return call.operation == "UpdateItem" and call.key.startswith("GATE#")


def _too_late(bridge: Bridge) -> Exception:
    error = bridge.cloud.dynamodb.exceptions.ConditionalCheckFailedException
    return error({"Error": {"Code": "ConditionalCheckFailedException"}}, "UpdateItem")


def test_drops_of_new_proofs_wait_for_no_other(bridge: Bridge, shelf: Shelf) -> None:
    bridge.destine(tracking=None, version="new")
    with bridge.cloud.counted() as calls:
        _, second = handed_on(bridge, bridge.drop(ONE), bridge.drop(TWO))
    assert calls.count("UpdateItem") == 2, "the ledger is told of each"
    assert bridge.deliver(second).fate is Status.RELAYED
    assert shelf.items[NAME] == hashes([TWO])


def test_revisions_wait_for_earlier_ones_that_are_still_to_come(bridge: Bridge, shelf: Shelf) -> None:
    bridge.destine(tracking=None, pattern="{customer}_{revision}.pdf", version="revision")
    names = ("acme_v9.pdf", "acme_v10.pdf", "acme_v2.pdf")
    deliveries = handed_on(bridge, *(bridge.drop(b"x" * 9 + name.encode(), name) for name in names))
    run(bridge, deliveries)
    (held,) = shelf.items.values()
    assert held == hashes(b"x" * 9 + name.encode() for name in ("acme_v2.pdf", "acme_v9.pdf", "acme_v10.pdf"))


@pytest.mark.usefixtures("shelf")
def test_a_versions_turn_costs_three_calls(bridge: Bridge) -> None:
    """The place is claimed and read in one call, and noted and let go in one."""
    with bridge.cloud.counted() as taken:
        (one,) = handed_on(bridge, bridge.drop(ONE))
    assert sorted(taken) == sorted(
        ["PutObject", "HeadObject", "GetObject", "UpdateItem", "SendMessage", "GetItem", "UpdateItem"]
    )
    first = len(bridge.cloud.calls)
    bridge.deliver(one)
    place = [each.operation for each in bridge.cloud.calls[first:] if each.key.startswith("DROP#")]
    assert place == ["UpdateItem", "UpdateItem"]
