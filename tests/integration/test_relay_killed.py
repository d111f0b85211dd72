"""Functions killed at each of their calls while a file meets its end: what is said of it then agrees."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from proofbridge.domain.files.drops import FileDrop
from proofbridge.domain.files.messages import UploadMessage, drop_key
from proofbridge.domain.items import Vendor
from proofbridge.domain.waiting import Waited
from proofbridge.stores.ledger import EffectState
from proofbridge.uploads.outcomes import Status
from proofbridge.uploads.transfer import READING
from tests.integration.bridge import Bridge
from tests.integration.cloud import BUCKET, Call, KilledError
from tests.integration.shelf import Shelf
from tests.integration.test_intake import tags

T = TypeVar("T")

OLD, NEW = b"o" * 900, b"n" * 900
COMES_BACK_AFTER = timedelta(minutes=95)
"""After so long a queue delivers the message of a killed function again."""


class Scene:
    """A file that is to meet its end, again and again under other names."""

    def __init__(self, bridge: Bridge, shelf: Shelf) -> None:
        self.bridge = bridge
        self.shelf = shelf
        self.event: dict[str, Any] = {}
        self._numbers = itertools.count()
        self._name = ""

    def drop(self, data: bytes = NEW, *, anew: bool = True) -> dict[str, Any]:
        """Drop the file, or a further version of it."""
        if anew:
            self._name = f"label-{next(self._numbers)}.pdf"
        self.event = self.bridge.drop(data, self._name)
        return self.event

    def handed_on(self, data: bytes = NEW, *, anew: bool = True) -> UploadMessage:
        """Drop it, and take it in."""
        self.bridge.take_in(self.drop(data, anew=anew))
        (letter,) = self.bridge.letters()
        return UploadMessage.from_message(letter.body)

    def after(self, data: bytes) -> UploadMessage:
        """Drop it after another version, which is relayed."""
        assert self.bridge.deliver(self.handed_on(data)).fate is Status.RELAYED
        return self.handed_on(anew=False)

    def waited_too_long(self, delivery: UploadMessage) -> UploadMessage:
        """Have the vendor's gate closed for longer than a file has patience."""
        now = self.bridge.clock.now()
        self.bridge.gates.close(Vendor.GOOD2GO, now + timedelta(days=99))
        return dataclasses.replace(delivery, waited=Waited(9, now - timedelta(days=4)))

    def killed_at_each_call(
        self, prepare: Callable[[Scene], T], work: Callable[[T], object]
    ) -> Iterator[tuple[int, T]]:
        """Have work killed at its first call, then at its second and so on; each time it is done again.

        At last it is done undisturbed. What was prepared for it each time is yielded.
        """
        for number in itertools.count():
            prepared = prepare(self)
            self.bridge.cloud.fail_where(_nth(number), KilledError())
            try:
                work(prepared)
            except KilledError:
                self.bridge.cloud.revive()
                self.bridge.clock.advance(seconds=COMES_BACK_AFTER.total_seconds())
                work(prepared)
                yield number, prepared
            else:
                self.bridge.cloud.faults.clear()
                yield number, prepared
                return


def _nth(number: int) -> Callable[[Call], bool]:
    calls = itertools.count()
    return lambda _: next(calls) == number


def refused_by_the_vendor(scene: Scene) -> UploadMessage:
    scene.shelf.refuses = {hashlib.sha256(NEW).hexdigest()}
    return scene.handed_on()


def removed(scene: Scene) -> UploadMessage:
    delivery = scene.handed_on()
    drop = delivery.drop
    scene.bridge.cloud.s3.delete_object(Bucket=BUCKET, Key=drop.key, VersionId=drop.version_id)
    return delivery


def too_large_to_be_compared(scene: Scene) -> UploadMessage:
    scene.bridge.throughputs.put(READING, 1, scene.bridge.clock.now())
    return scene.after(OLD)


def waited_too_long(scene: Scene) -> UploadMessage:
    return scene.waited_too_long(scene.handed_on())


def waited_too_long_in_doubt(scene: Scene) -> UploadMessage:
    delivery = scene.handed_on()
    now = scene.bridge.clock.now()
    place = f"{delivery.drop.bucket}/{delivery.drop.key}", delivery.vendor
    assert scene.bridge.relays.claim(place, delivery.drop, now, now).is_ours
    scene.bridge.ledger.begin(delivery.key, delivery.to_message(), now, timedelta())
    return scene.waited_too_long(delivery)


def without_a_destination(scene: Scene) -> UploadMessage:
    scene.bridge.destine(tracking=None)
    delivery = scene.handed_on()
    scene.bridge.destine(prefix="posters")
    return delivery


def not_processed(scene: Scene) -> UploadMessage:
    scene.shelf.refuses, scene.shelf.processes = {hashlib.sha256(NEW).hexdigest()}, True
    assert scene.bridge.deliver(scene.handed_on()).fate is Status.RELAYED
    (letter,) = scene.bridge.letters()
    return UploadMessage.from_message(letter.body)


def unchanged(scene: Scene) -> UploadMessage:
    return scene.after(NEW)


def outdated(scene: Scene) -> UploadMessage:
    older = scene.drop()
    assert scene.bridge.deliver(scene.handed_on(OLD, anew=False)).fate is Status.RELAYED
    scene.bridge.take_in(older)
    scene.event = older
    (letter,) = scene.bridge.letters()
    return UploadMessage.from_message(letter.body)


@pytest.mark.parametrize(
    ("operation", "key", "message"),
    [("PutObject", "errors/", ""), ("UpdateItem", "EFFECT#", "unclear")],
)
def test_refusal_is_told_again_when_it_is_killed_before_its_end(
    bridge: Bridge, shelf: Shelf, operation: str, key: str, message: str
) -> None:
    scene = Scene(bridge, shelf)
    delivery = refused_by_the_vendor(scene)
    bridge.cloud.kill_at(operation, key, message=message)
    with pytest.raises(KilledError):
        bridge.deliver(delivery)
    bridge.cloud.revive()
    bridge.clock.advance(seconds=COMES_BACK_AFTER.total_seconds())
    assert bridge.deliver(delivery).fate is Status.REFUSED
    expect_refused(scene, delivery, EffectState.PARKED)
    assert bridge.deliver(delivery).fate is Status.DUPLICATE


REFUSALS = [
    (refused_by_the_vendor, EffectState.PARKED),
    (waited_too_long_in_doubt, EffectState.PARKED),
    (not_processed, EffectState.PARKED),
    (waited_too_long, EffectState.PARKED),
    (removed, EffectState.HELD),
    (too_large_to_be_compared, EffectState.PARKED),
    (without_a_destination, EffectState.PARKED),
]


@pytest.mark.soak
@pytest.mark.parametrize(("prepare", "state"), REFUSALS, ids=lambda each: getattr(each, "__name__", ""))
def test_report_tag_and_ledger_agree_when_a_refusal_is_killed(
    bridge: Bridge, shelf: Shelf, prepare: Callable[[Scene], UploadMessage], state: EffectState
) -> None:
    scene = Scene(bridge, shelf)
    for _, delivery in scene.killed_at_each_call(prepare, bridge.deliver):
        drop = delivery.drop
        expect_refused(scene, delivery, state)
        if prepare is not removed:
            assert tags(bridge, scene.event)["proofbridge-state"] == "refused"
        if prepare is not without_a_destination:
            place = bridge.cloud.record(f"DROP#{drop.bucket}/{drop.key}", Vendor.GOOD2GO)
            assert "in_doubt" not in place, "others would wait for it"
        held = shelf.items.get(drop.name, [])
        assert held.count(hashlib.sha256(NEW).hexdigest()) == (prepare is not_processed)


def expect_refused(scene: Scene, delivery: UploadMessage, state: EffectState) -> None:
    """The ledger, errors/ and what is known of the file say the same, and nothing waits."""
    bridge, drop = scene.bridge, delivery.drop
    entry = bridge.ledger.get(delivery.key)
    assert entry is not None
    report = bridge.object(f"errors/labels/{drop.name}.json")
    assert (report["problem"], report["version_id"]) == (entry.reason, drop.version_id)
    assert entry.state is state
    assert bridge.files.states(drop.bucket, drop.key, drop.version_id) == {Vendor.GOOD2GO: "refused"}
    assert bridge.letters() == []


@pytest.mark.soak
@pytest.mark.parametrize("prepare", [unchanged, outdated])
def test_tag_and_ledger_agree_when_a_file_that_is_not_sent_is_killed(
    bridge: Bridge, shelf: Shelf, prepare: Callable[[Scene], UploadMessage]
) -> None:
    scene = Scene(bridge, shelf)
    for number, delivery in scene.killed_at_each_call(prepare, bridge.deliver):
        entry = bridge.ledger.get(delivery.key)
        assert entry is not None, number
        assert (entry.state, bool(entry.reason)) == (EffectState.HELD, True), number
        assert tags(bridge, scene.event)["proofbridge-state"] == prepare.__name__, number
        assert len(shelf.items[delivery.drop.name]) == 1


def first_version(scene: Scene) -> UploadMessage:
    return scene.handed_on()


def next_version(scene: Scene) -> UploadMessage:
    return scene.after(OLD)


def processed(scene: Scene) -> UploadMessage:
    scene.shelf.processes = True
    assert scene.bridge.deliver(scene.handed_on()).fate is Status.RELAYED
    (letter,) = scene.bridge.letters()
    return UploadMessage.from_message(letter.body)


@pytest.mark.soak
@pytest.mark.parametrize("prepare", [first_version, next_version, processed])
def test_receipt_tag_and_ledger_agree_when_a_file_that_arrives_is_killed(
    bridge: Bridge, shelf: Shelf, prepare: Callable[[Scene], UploadMessage]
) -> None:
    scene = Scene(bridge, shelf)
    for number, delivery in scene.killed_at_each_call(prepare, bridge.deliver):
        drop, held = delivery.drop, shelf.items[delivery.drop.name]
        assert held == [hashlib.sha256(data).hexdigest() for data in (OLD, NEW)[2 - len(held) :]], number
        receipt = bridge.object(f"receipts/labels/{drop.name}.json")
        told = receipt["version"], receipt["sha256"], receipt["version_id"]
        assert told == (len(held), held[-1], drop.version_id), number
        assert bridge.state_of(delivery.key) == EffectState.DONE, number
        assert tags(bridge, scene.event)["proofbridge-state"] == "relayed", number
        place = bridge.cloud.record(f"DROP#{drop.bucket}/{drop.key}", Vendor.GOOD2GO)
        assert not [name for name in place if name == "in_doubt" or name.startswith("expects")], number
        assert bridge.letters() == []


def no_place(scene: Scene) -> dict[str, Any]:
    scene.bridge.destine(prefix="posters")
    return scene.drop()


def empty(scene: Scene) -> dict[str, Any]:
    return scene.drop(b"")


def wrong_sidecar(scene: Scene) -> dict[str, Any]:
    event = scene.drop()
    key = f"{event['detail']['object']['key']}.json"
    scene.bridge.cloud.s3.put_object(Bucket=BUCKET, Key=key, Body=b'{"due": "some day"}')
    return event


@pytest.mark.soak
@pytest.mark.parametrize(
    ("prepare", "state", "tag"),
    [
        (wrong_sidecar, EffectState.WAITING, "waiting"),
        (no_place, EffectState.PARKED, "refused"),
        (empty, EffectState.PARKED, "refused"),
    ],
)
def test_report_tag_and_ledger_agree_when_the_taking_in_is_killed(
    bridge: Bridge, shelf: Shelf, prepare: Callable[[Scene], dict[str, Any]], state: EffectState, tag: str
) -> None:
    scene = Scene(bridge, shelf)

    for number, _ in scene.killed_at_each_call(prepare, bridge.take_in):
        drop = FileDrop.from_event(scene.event)
        entry = bridge.ledger.get(drop_key(drop))
        assert entry is not None, number
        assert bridge.object(f"errors/labels/{drop.name}.json")["problem"] == entry.reason, number
        assert (entry.state, tags(bridge, scene.event)["proofbridge-state"]) == (state, tag), number
        waits = bridge.files.waiting(drop.bucket, drop.key)
        assert len(waits) == (state is EffectState.WAITING)
        assert bridge.letters() == []
