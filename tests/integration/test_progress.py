"""How much of a file has been sent: in few steps, for people, and never in the file's way."""

from __future__ import annotations

import random

from botocore.exceptions import ClientError

from proofbridge.uploads.outcomes import Status
from proofbridge.uploads.progress import MIN_STEP_BYTES, STEPS, Progress, TransferPhase
from tests.integration.bridge import Bridge
from tests.integration.test_relay import key_of

MIB = 1024 * 1024


def test_progress_is_noted_ten_times_at_most_whatever_the_size() -> None:
    noted: list[tuple[TransferPhase, int]] = []
    size = 1000 * MIB + 1
    progress = Progress(size, lambda *what: noted.append(what))
    for sent in range(0, size, MIB):
        progress(TransferPhase.SENDING, sent)
    assert 9 <= len(noted) <= STEPS
    assert noted == sorted(noted)


def test_small_files_are_not_worth_a_note() -> None:
    noted: list[tuple[TransferPhase, int]] = []
    progress = Progress(MIN_STEP_BYTES - 1, lambda *what: noted.append(what))
    progress(TransferPhase.SENDING, MIN_STEP_BYTES - 1)
    assert noted == []


def test_progress_begins_anew_when_the_file_does() -> None:
    noted: list[tuple[TransferPhase, int]] = []
    progress = Progress(20 * MIN_STEP_BYTES, lambda *what: noted.append(what))
    for sent in (2, 4, 6, 0, 2):
        progress(TransferPhase.SENDING, sent * MIN_STEP_BYTES)
    assert noted == [(TransferPhase.SENDING, each * MIN_STEP_BYTES) for each in (2, 4, 6, 2)]


def test_what_is_done_with_a_file_is_noted_as_soon_as_it_is_something_else() -> None:
    noted: list[tuple[TransferPhase, int]] = []
    progress = Progress(10 * MIB, lambda *what: noted.append(what))
    done = [
        *((TransferPhase.HASHING, each * MIB) for each in (1, 2, 9, 10)),
        (TransferPhase.FETCHING, 10 * MIB),
        (TransferPhase.SENDING, MIB),
        (TransferPhase.SENDING, 2 * MIB),
    ]
    for doing, done_bytes in done:
        progress(doing, done_bytes)
    assert noted == [done[0], done[2], done[4], done[5]]


def test_large_files_progress_stands_in_the_ledger_in_few_writes(bridge: Bridge) -> None:
    event = bridge.drop(random.Random(5).randbytes(3 * MIN_STEP_BYTES))  # noqa: S311 - any bytes will do
    before = len(bridge.cloud.calls)
    assert bridge.relay(event).fate is Status.RELAYED
    notes = [
        call
        for call in bridge.cloud.calls[before:]
        if call.operation == "UpdateItem" and "done_bytes = :done" in call.params.get("UpdateExpression", "")
    ]
    assert len(notes) == 3
    entry = bridge.ledger.get(key_of(event))
    assert entry is not None
    assert (entry.doing, entry.done_bytes) == (TransferPhase.SENDING, 3 * MIN_STEP_BYTES)


def test_file_is_shown_as_sent_as_soon_as_it_is_when_it_was_hashed_before(bridge: Bridge) -> None:
    bridge.relay(bridge.drop(b"one"))
    event = bridge.drop(b"two")
    assert bridge.relay(event).fate is Status.RELAYED
    entry = bridge.ledger.get(key_of(event))
    assert entry is not None
    assert (entry.doing, entry.done_bytes) == (TransferPhase.SENDING, 3)


def test_file_arrives_when_its_progress_can_not_be_noted(bridge: Bridge) -> None:
    event = bridge.drop(b"x" * MIN_STEP_BYTES)
    denied = ClientError({"Error": {"Code": "ThrottlingException", "Message": "Slow down"}}, "UpdateItem")
    bridge.cloud.fail_where(
        lambda call: call.operation == "UpdateItem" and "done_bytes = :done" in str(call.params), denied
    )
    assert bridge.relay(event).fate is Status.RELAYED
