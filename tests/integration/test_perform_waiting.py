"""Vendors that want no calls, can't be reached, or refuse the credentials: what has to wait, waits."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from proofbridge.actions.perform import Status
from proofbridge.domain.actions import Action, observe
from proofbridge.domain.items import Vendor
from proofbridge.stores.ledger import EffectState
from tests.integration.bridge import SECRETS, Bridge
from tests.integration.test_perform import comment, reminder, said, set_status

NOWHERE = "http://127.0.0.1:9"
"""The discard port: nobody listens there."""


def calls(bridge: Bridge, vendor: Vendor) -> int:
    """How often a vendor was called."""
    return len((bridge.goodday if vendor is Vendor.GOODDAY else bridge.good2go).requests())


def again(bridge: Bridge, vendor: Vendor = Vendor.GOODDAY) -> Action:
    """Return the one action that waits in a vendor's queue."""
    (letter,) = bridge.letters(vendor)
    return letter.action


# -- too many calls


def test_vendor_is_left_alone_as_long_as_it_says_when_it_limits_calls(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.goodday.fault("comment", "status", status=429, retry_after="3600")
    now = bridge.clock.now()
    assert bridge.perform(comment(bridge)).fate is Status.DEFERRED
    closed_until = bridge.gates.closed_until(Vendor.GOODDAY, now)
    assert closed_until is not None
    assert abs(closed_until - now - timedelta(hours=1)) < timedelta(seconds=30)
    assert bridge.state_of("k-comment") == EffectState.WAITING
    (letter,) = bridge.letters(Vendor.GOODDAY)
    assert letter.delay_seconds == 900, "SQS keeps nothing back for longer"
    assert said(bridge) == []


def test_other_actions_wait_without_a_call_when_the_gate_is_closed(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.gates.close(Vendor.GOODDAY, bridge.clock.now() + timedelta(minutes=10))
    before = calls(bridge, Vendor.GOODDAY)
    for action in (comment(bridge), set_status(bridge), observe(bridge.ref_at(Vendor.GOODDAY), "ping")):
        assert bridge.perform(action).fate is Status.DEFERRED
        assert bridge.state_of(action.key) == EffectState.WAITING
    assert calls(bridge, Vendor.GOODDAY) == before
    delays = [letter.delay_seconds for letter in bridge.letters(Vendor.GOODDAY)]
    # Each in its turn: they come in this order, and not all at once.
    assert all(590 <= delay <= 604 for delay in delays)
    assert delays == sorted(delays)
    assert delays[-1] - delays[0] in {1, 2}
    assert len(delays) == 3


def test_other_vendors_are_called_when_one_wants_no_calls(bridge: Bridge) -> None:
    bridge.start_proof()
    bridge.gates.close(Vendor.GOODDAY, bridge.clock.now() + timedelta(minutes=10))
    assert bridge.perform(reminder(bridge)).fate is Status.DONE
    assert len(bridge.good2go.effects("notify_task")) == 1


def test_action_is_done_once_when_the_gate_opens(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.gates.close(Vendor.GOODDAY, bridge.clock.now() + timedelta(minutes=10))
    bridge.perform(comment(bridge))
    waiting = again(bridge)
    bridge.advance(minutes=11)
    assert bridge.perform(waiting).fate is Status.DONE
    assert bridge.perform(waiting).fate is Status.DUPLICATE
    assert len(said(bridge)) == 1


def test_patience_is_counted_from_the_first_wait(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.gates.close(Vendor.GOODDAY, bridge.clock.now() + timedelta(days=9))
    action = comment(bridge)
    fates = []
    for _ in range(6):
        fates.append(bridge.perform(action).fate)
        letters = bridge.letters(Vendor.GOODDAY)
        if not letters:
            break
        action = letters[0].action
        bridge.clock.advance(hours=20)
    assert fates == [Status.DEFERRED] * 4 + [Status.PARKED]
    assert bridge.state_of("k-comment") == EffectState.PARKED


# -- no connection


@pytest.mark.parametrize("ask", [comment, set_status])
def test_action_waits_and_is_done_later_when_nobody_listens(bridge: Bridge, ask: object) -> None:
    bridge.start_task()
    action = set_status(bridge) if ask is set_status else comment(bridge)
    up, bridge.connections = bridge.connections, bridge.connect(goodday=NOWHERE)
    bridge.patience_seconds = 0.2
    assert bridge.perform(action).fate is Status.DEFERRED
    assert bridge.state_of(action.key) == EffectState.WAITING
    assert bridge.gates.closed_until(Vendor.GOODDAY, bridge.clock.now()) is None
    bridge.connections, bridge.patience_seconds = up, 5
    assert bridge.perform(again(bridge)).fate is Status.DONE
    assert len(bridge.goodday.effects()) == 2, "the task, and what was to be done about it"


def test_waits_grow_when_nobody_listens_again_and_again(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.connections = bridge.connect(goodday=NOWHERE)
    bridge.patience_seconds = 0.1
    action, delays = comment(bridge), []
    for _ in range(4):
        bridge.perform(action)
        (letter,) = bridge.letters(Vendor.GOODDAY)
        delays.append(letter.delay_seconds)
        action = letter.action
    assert delays == [5, 10, 20, 40]


def test_observation_waits_and_is_made_later_when_nobody_listens(bridge: Bridge) -> None:
    guid = bridge.start_proof()
    bridge.good2go.act("approve", job=guid)
    up, bridge.connections = bridge.connections, bridge.connect(good2go=NOWHERE)
    bridge.patience_seconds = 0.2
    assert bridge.perform(observe(bridge.ref_at(Vendor.GOOD2GO), "webhook-1")).fate is Status.DEFERRED
    assert bridge.received() == []
    bridge.connections, bridge.patience_seconds = up, 5
    assert bridge.perform(again(bridge, Vendor.GOOD2GO)).fate is Status.DONE
    assert len(bridge.received()) == 1


def test_observation_is_parked_when_it_has_waited_for_more_than_three_days(bridge: Bridge) -> None:
    bridge.start_proof()
    action = observe(bridge.ref_at(Vendor.GOOD2GO), "webhook-1")
    old = dataclasses.replace(action, waited=action.waited.again(bridge.clock.now()))
    bridge.clock.advance(days=3, minutes=1)
    bridge.gates.close(Vendor.GOOD2GO, bridge.clock.now() + timedelta(minutes=10))
    assert bridge.perform(old).fate is Status.PARKED
    assert bridge.state_of(action.key) == EffectState.PARKED


# -- credentials


def test_action_is_done_with_the_new_token_when_the_old_one_is_refused(bridge: Bridge) -> None:
    bridge.start_task()
    bridge.goodday.settings(token="gd-new-token")
    bridge.put_secret(Vendor.GOODDAY, {**SECRETS[Vendor.GOODDAY], "token": "gd-new-token"})
    with bridge.cloud.counted() as made:
        assert bridge.perform(comment(bridge)).fate is Status.DONE
    assert made.count("GetSecretValue") == 1
    assert len(said(bridge)) == 1
    assert bridge.gates.closed_until(Vendor.GOODDAY, bridge.clock.now()) is None


@pytest.mark.parametrize("ask", ["comment", "observe"])
def test_vendor_is_left_alone_for_a_while_when_no_token_is_accepted(
    bridge: Bridge, capsys: pytest.CaptureFixture[str], ask: str
) -> None:
    bridge.start_task()
    bridge.goodday.settings(token="gd-new-token")
    before = calls(bridge, Vendor.GOODDAY)
    action = comment(bridge) if ask == "comment" else observe(bridge.ref_at(Vendor.GOODDAY), "ping")
    with bridge.cloud.counted() as made:
        outcome = bridge.perform(action)
    assert outcome.fate is Status.DEFERRED
    assert made.count("GetSecretValue") == 1, "the secret is read again once"
    assert calls(bridge, Vendor.GOODDAY) == before + 1, "it holds no other token"
    now = bridge.clock.now()
    closed_until = bridge.gates.closed_until(Vendor.GOODDAY, now)
    assert closed_until is not None
    assert timedelta(minutes=4) < closed_until - now <= timedelta(minutes=5)
    assert bridge.state_of(action.key) == EffectState.WAITING
    assert '"CredentialsRefused": 1' in capsys.readouterr().out
    # Put right by hand, and the pause over: done.
    bridge.put_secret(Vendor.GOODDAY, {**SECRETS[Vendor.GOODDAY], "token": "gd-new-token"})
    bridge.clock.advance(minutes=6)
    assert bridge.perform(again(bridge)).fate is Status.DONE


@pytest.mark.parametrize(
    "secret",
    [{}, {"token": "gd-local-token"}, {"token": "", "user_id": "USRBRG"}, {"token": "a\nb", "user_id": "U"}],
)
def test_action_waits_when_the_secret_is_not_what_it_has_to_be(
    bridge: Bridge, secret: dict[str, str]
) -> None:
    bridge.start_task()
    bridge.put_secret(Vendor.GOODDAY, secret)
    bridge.connections = bridge.connect()
    bridge.connections.renew(Vendor.GOODDAY)
    before = calls(bridge, Vendor.GOODDAY)
    outcome = bridge.perform(comment(bridge))
    assert outcome.fate is Status.DEFERRED
    assert outcome.reason is not None
    assert "credentials" in outcome.reason
    assert "a\nb" not in outcome.reason
    assert calls(bridge, Vendor.GOODDAY) == before
    assert bridge.state_of("k-comment") == EffectState.WAITING
    bridge.put_secret(Vendor.GOODDAY, SECRETS[Vendor.GOODDAY])
    bridge.clock.advance(minutes=6)
    assert bridge.perform(again(bridge)).fate is Status.DONE
