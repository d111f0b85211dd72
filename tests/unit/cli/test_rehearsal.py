"""Rehearsals: the real gateways and clients, and a stand-in that writes down what they ask."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from proofbridge.actions import Action, observe
from proofbridge.catalogue import CATALOGUE, ActionName
from proofbridge.config import GoodDaySettings, VendorSettings
from proofbridge.items import ItemKind, ItemRef, ReviewStatus, Vendor
from proofbridge_cli.rehearsal import Rehearsal
from tests.unit.observations import JOB, TASK
from tests.unit.valid_params import VALID

SETTINGS = VendorSettings(goodday=GoodDaySettings(statuses={ReviewStatus.COMPLETED: ("STDONE",)}))
ITEMS = {
    Vendor.GOOD2GO: JOB,
    Vendor.APPROVAL_STUDIO: ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.ASSET, "AST1"),
    Vendor.GOODDAY: TASK,
    Vendor.ROBOHEAD: ItemRef(Vendor.ROBOHEAD, ItemKind.REVIEW, "17"),
}


@pytest.fixture
def rehearsal() -> Iterator[Rehearsal]:
    with Rehearsal(SETTINGS) as rehearsal:
        yield rehearsal


def action(name: ActionName, **params: Any) -> Action:
    vendor = CATALOGUE[name].vendor
    assert vendor is not None
    return Action("key", name, vendor, params)


def test_write_is_shown_as_it_would_be_sent(rehearsal: Rehearsal) -> None:
    wanted = action(ActionName.GOODDAY_SET_STATUS, status="completed", message="Done.")

    rehearsed = rehearsal.calls_of(wanted, TASK)

    (call,) = rehearsed.calls
    assert rehearsed.note is None
    assert (call.method, call.path) == ("PUT", f"/2.0/task/{TASK.id}/status")
    assert call.body == {
        "statusId": "STDONE",
        "message": f"Done.\n({wanted.marker})",
        "userId": "goodday-user_id",
    }


def test_calls_of_each_action_are_its_own_when_several_are_rehearsed(rehearsal: Rehearsal) -> None:
    first = rehearsal.calls_of(action(ActionName.GOODDAY_COMMENT, message="One."), TASK)
    second = rehearsal.calls_of(action(ActionName.GOODDAY_COMMENT, message="Two."), TASK)

    assert ["One." in str(first.calls), "Two." in str(first.calls)] == [True, False]
    assert ["One." in str(second.calls), "Two." in str(second.calls)] == [False, True]


@pytest.mark.parametrize("vendor", sorted(ITEMS))
def test_item_of_every_vendor_is_asked_for_when_its_reading_is_rehearsed(
    vendor: Vendor, rehearsal: Rehearsal
) -> None:
    ref = ITEMS[vendor]

    rehearsed = rehearsal.calls_of(observe(ref, "e1"), ref)

    (call, *_) = rehearsed.calls
    assert ref.id in call.path or ref.id in str(call.body)
    assert "login" not in call.path
    assert rehearsed.note == "what follows depends on the answer"


def test_reminder_is_said_to_depend_on_what_is_found(rehearsal: Rehearsal) -> None:
    wanted = action(ActionName.GOOD2GO_NOTIFY, person="a@brand.test", due_at="2026-01-01", message="Due.")

    rehearsed = rehearsal.calls_of(wanted, JOB)

    assert [call.method for call in rehearsed.calls] == ["GET"]
    assert rehearsed.note == "what follows depends on the answer"


def test_reason_is_shown_when_the_action_would_be_parked(rehearsal: Rehearsal) -> None:
    rehearsed = rehearsal.calls_of(action(ActionName.GOODDAY_SET_STATUS, status="expired"), TASK)

    assert rehearsed.calls == ()
    assert "config/vendors.toml names no GoodDay status for expired" in str(rehearsed.note)


def test_every_routable_action_can_be_rehearsed(rehearsal: Rehearsal) -> None:
    for name in (ActionName.GOODDAY_SET_STATUS, ActionName.GOODDAY_COMMENT):
        assert rehearsal.calls_of(action(name, **VALID[name]), TASK).calls, name


def test_nothing_is_left_behind_when_a_rehearsal_ends() -> None:
    before = threading.active_count()
    with Rehearsal(SETTINGS) as rehearsal:
        rehearsal.calls_of(observe(JOB, "e1"), JOB)

    assert threading.active_count() == before
