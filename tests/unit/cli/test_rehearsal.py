"""Rehearsals: the real gateways and clients, and a stand-in that writes down what they ask."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from proofbridge.config.loader import VendorSettings
from proofbridge.domain.actions import Action, observe
from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.vendors.catalogue import CATALOGUE, ActionName
from proofbridge_cli.rehearsal import Rehearsal
from proofbridge_cli.stand_ins import stand_in
from tests.unit.observations import JOB, TASK
from tests.unit.valid_params import VALID

SETTINGS = VendorSettings.model_validate(
    {
        "goodday": {"statuses": {"completed": ["STDONE"]}},
        "robohead": {"commands": {"add_comment": "review.AddReviewComment"}},
        "email": {"sender": "proofs@printshop.test"},
    }
)
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


def test_what_is_read_is_said_to_be_made_up(rehearsal: Rehearsal) -> None:
    wanted = action(ActionName.GOOD2GO_NOTIFY, **VALID[ActionName.GOOD2GO_NOTIFY])

    rehearsed = rehearsal.calls_of(wanted, JOB)

    assert [call.method for call in rehearsed.calls] == ["GET", "GET", "PUT"]
    assert rehearsed.calls[-1].path.endswith("/tasks/1/notify")
    assert rehearsed.note == "what is read is made up here: an open proof with one reviewer"


def test_form_is_shown_as_its_fields(rehearsal: Rehearsal) -> None:
    wanted = action(ActionName.ROBOHEAD_SET_STATUS, status="approved")

    (*_, call) = rehearsal.calls_of(wanted, ITEMS[Vendor.ROBOHEAD]).calls

    assert call.body == {"reviewId": "17", "reviewStatus": "3"}


def test_reason_is_shown_when_the_action_would_be_parked(rehearsal: Rehearsal) -> None:
    rehearsed = rehearsal.calls_of(action(ActionName.GOODDAY_SET_STATUS, status="expired"), TASK)

    assert rehearsed.calls == ()
    assert "config/vendors.toml names no GoodDay status for expired" in str(rehearsed.note)


@pytest.mark.parametrize("name", sorted(name for name, kind in CATALOGUE.items() if kind.routable))
def test_every_routable_action_is_rehearsed_down_to_its_write(name: ActionName, rehearsal: Rehearsal) -> None:
    wanted = action(name, **VALID[name])

    rehearsed = rehearsal.calls_of(wanted, stand_in(wanted))

    assert any(call.method in {"POST", "PUT"} and call.body for call in rehearsed.calls), rehearsed
    assert rehearsed.note in {None, "what is read is made up here: an open proof with one reviewer"}


def test_action_is_shown_as_held_when_nothing_would_be_done(rehearsal: Rehearsal) -> None:
    params = {**VALID[ActionName.GOOD2GO_NOTIFY], "due_at": "2026-03-02"}

    rehearsed = rehearsal.calls_of(action(ActionName.GOOD2GO_NOTIFY, **params), JOB)

    assert rehearsed.note == "it would be held: its due date has moved"


def test_email_without_a_sender_is_shown_as_parked() -> None:
    with Rehearsal(VendorSettings()) as rehearsal:
        rehearsed = rehearsal.calls_of(action(ActionName.EMAIL_SEND, **VALID[ActionName.EMAIL_SEND]), None)

    assert rehearsed.calls == ()
    assert str(rehearsed.note).startswith("it would be parked: sender: config/vendors.toml names none")


def test_nothing_is_left_behind_when_a_rehearsal_ends() -> None:
    before = threading.active_count()
    with Rehearsal(SETTINGS) as rehearsal:
        rehearsal.calls_of(observe(JOB, "e1"), JOB)

    assert threading.active_count() == before
