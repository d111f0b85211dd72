"""GoodDay's gateway against the simulator: what a task is in our words, and what is written in whose name."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from proofbridge.domain.actions import Action
from proofbridge.domain.items import ItemKind, ItemRef, ReviewStatus, Vendor
from proofbridge.vendors.catalogue import ActionName
from proofbridge.vendors.errors import InvalidRequestError, NotFoundError
from proofbridge.vendors.gateway import Gateway, Lookup
from tests.integration.bridge import Bridge
from tests.integration.listing import listed
from tests.unit.observations import TASK

CREATE = Action(
    key="k-create",
    name=ActionName.GOODDAY_CREATE_TASK,
    vendor=Vendor.GOODDAY,
    params={
        "project": "PRJART",
        "title": "Proof: ale",
        "message": "See there.",
        "assignee": "USRDSG",
        "task_type": "TTPRF",
        "deadline": "2099-03-05",
    },
)


@pytest.fixture
def gateway(bridge: Bridge) -> Gateway:
    return bridge.connections.gateway(Vendor.GOODDAY, bridge.deadline())


@pytest.fixture
def task(gateway: Gateway) -> ItemRef:
    effect = gateway.perform(CREATE, None)
    assert effect.observation is not None
    return effect.observation.ref


def comment(key: str = "k-comment", message: str = "Look.") -> Action:
    return dataclasses.replace(CREATE, key=key, name=ActionName.GOODDAY_COMMENT, params={"message": message})


def status(value: str, message: str | None = None, key: str = "k-status") -> Action:
    params: dict[str, Any] = {"status": value} | ({} if message is None else {"message": message})
    return dataclasses.replace(CREATE, key=key, name=ActionName.GOODDAY_SET_STATUS, params=params)


# -- writing


def test_task_is_made_in_our_users_name_with_all_that_was_asked_for(bridge: Bridge, gateway: Gateway) -> None:
    effect = gateway.perform(CREATE, None)
    made = bridge.goodday.task()
    assert (made["name"], made["project_id"], made["created_by"]) == ("Proof: ale", "PRJART", "USRBRG")
    assert (made["assigned_to"], made["task_type_id"], made["deadline"]) == ("USRDSG", "TTPRF", "2099-03-05")
    assert made["messages"][0]["text"] == f"See there.\n({CREATE.marker})"
    assert effect.observation is not None
    assert effect.observation.ref == ItemRef(Vendor.GOODDAY, ItemKind.TASK, made["id"])
    seen = gateway.observe(effect.observation.ref)
    assert (effect.observation.assignee, effect.observation.due_at) == (seen.assignee, seen.due_at)
    assert {"status", "vendor_status", "updated_at"} <= set(effect.observation.silent_on)


def test_task_is_made_when_only_the_least_was_asked_for(bridge: Bridge, gateway: Gateway) -> None:
    least = {name: CREATE.params[name] for name in ("project", "title", "message")}
    gateway.perform(dataclasses.replace(CREATE, params=least), None)
    made = bridge.goodday.task()
    assert (made["assigned_to"], made["deadline"]) == (None, None)


def reply(person: str | None = None, key: str = "k-reply") -> Action:
    params = {"message": "Your turn."} | ({} if person is None else {"person": person})
    return dataclasses.replace(CREATE, key=key, name=ActionName.GOODDAY_REPLY, params=params)


def update(**params: Any) -> Action:
    return dataclasses.replace(CREATE, key="k-update", name=ActionName.GOODDAY_UPDATE, params=params)


@pytest.mark.parametrize(("person", "required"), [("USRMGR", "USRMGR"), (None, "USRDSG")])
def test_next_to_act_is_who_is_named_and_else_who_has_the_task(
    bridge: Bridge, gateway: Gateway, task: ItemRef, person: str | None, required: str
) -> None:
    gateway.perform(reply(person), task)
    (made,) = bridge.goodday.effects("reply")
    assert (made["action_required"], made["by"]) == (required, "USRBRG")
    assert made["message"] == f"Your turn.\n({reply().marker})"


def test_reply_is_a_comment_when_nobody_is_named_and_nobody_has_the_task(
    bridge: Bridge, gateway: Gateway
) -> None:
    params = {name: value for name, value in CREATE.params.items() if name != "assignee"}
    made = gateway.perform(dataclasses.replace(CREATE, params=params), None).observation
    assert made is not None
    gateway.perform(reply(), made.ref)
    assert bridge.goodday.effects("reply") == []
    (said,) = bridge.goodday.effects("comment")
    assert said["message"] == f"Your turn.\n({reply().marker})"


@pytest.mark.parametrize(
    ("params", "changes"),
    [
        (
            {"start": "2099-03-01", "end": "2099-03-04", "deadline": "2099-03-08"},
            {"start_date": "2099-03-01", "end_date": "2099-03-04", "deadline": "2099-03-08"},
        ),
        ({"deadline": "2099-03-08T23:00:00.000Z"}, {"deadline": "2099-03-08"}),
        ({"start": "", "end": "", "deadline": ""}, {"start_date": None, "end_date": None, "deadline": None}),
        (
            {"priority": 100, "progress": 0, "estimate": 90},
            {"priority": "100", "progress": "0", "estimate": "90"},
        ),
        ({"title": "Proof: stout"}, {"title": "Proof: stout"}),
    ],
)
def test_task_is_changed_in_what_is_given_and_in_nothing_else(
    bridge: Bridge, gateway: Gateway, task: ItemRef, params: dict[str, Any], changes: dict[str, Any]
) -> None:
    before = gateway.observe(task)
    told = gateway.perform(update(**params), task).observation
    (made,) = bridge.goodday.effects("update_task")
    assert made["changes"] == changes
    after = gateway.observe(task)
    if told is None:
        assert (after.name, after.due_at) == (before.name, before.due_at)
        return
    known = {"name", "due_at"} - set(told.silent_on)
    assert {name: getattr(told, name) for name in known} == {name: getattr(after, name) for name in known}
    assert {"name": "title", "due_at": "deadline"}.keys() & known == {
        ours for ours, theirs in (("name", "title"), ("due_at", "deadline")) if theirs in params
    }


@pytest.mark.parametrize("message", [None, "Approved."])
def test_status_is_the_first_that_means_it(
    bridge: Bridge, gateway: Gateway, task: ItemRef, message: str | None
) -> None:
    action = status("completed", message)
    effect = gateway.perform(action, task)
    (made,) = bridge.goodday.effects("update_status")
    said = None if message is None else f"Approved.\n({action.marker})"
    assert (made["status"], made["by"], made["message"]) == ("STDONE", "USRBRG", said)
    assert effect.observation is not None
    assert effect.observation.status is ReviewStatus.COMPLETED
    assert "name" in effect.observation.silent_on


def test_status_is_refused_before_the_call_when_the_configuration_has_none(
    bridge: Bridge, gateway: Gateway, task: ItemRef
) -> None:
    before = len(bridge.goodday.requests())
    with pytest.raises(
        InvalidRequestError, match=r"config/vendors\.toml names no GoodDay status for rejected"
    ):
        gateway.perform(status("rejected"), task)
    assert len(bridge.goodday.requests()) == before


def test_comment_carries_our_marker(bridge: Bridge, gateway: Gateway, task: ItemRef) -> None:
    gateway.perform(comment(), task)
    assert bridge.goodday.task()["messages"][-1]["text"] == f"Look.\n({comment().marker})"


@pytest.mark.parametrize("action", [comment(), status("completed"), reply(), update(progress=50)])
def test_error_comes_through_when_there_is_no_such_task(gateway: Gateway, action: Action) -> None:
    with pytest.raises(NotFoundError):
        gateway.perform(action, TASK)


@pytest.mark.parametrize(
    ("action", "target"),
    [
        (comment(), None),
        (status("completed"), None),
        (CREATE, TASK),
        (dataclasses.replace(CREATE, name=ActionName.GOOD2GO_NOTIFY), TASK),
    ],
)
def test_what_goodday_can_not_do_is_an_error(
    gateway: Gateway, action: Action, target: ItemRef | None
) -> None:
    with pytest.raises(ValueError, match="GoodDay can't"):
        gateway.perform(action, target)


def test_what_goodday_has_no_trace_of_is_not_looked_for(gateway: Gateway, task: ItemRef) -> None:
    with pytest.raises(ValueError, match=r"GoodDay can't look for goodday\.update"):
        gateway.find(update(progress=50), task, datetime.now(UTC))


# -- reading


def test_task_is_shown_in_our_words(bridge: Bridge, gateway: Gateway, task: ItemRef) -> None:
    bridge.goodday.act("set-status", task=task.id, status="STCHG")
    seen = gateway.observe(task)
    assert (seen.ref, seen.name, seen.assignee) == (task, "Proof: ale", "USRDSG")
    assert (seen.status, seen.vendor_status) == (ReviewStatus.CHANGES_REQUESTED, "Changes requested")
    assert seen.due_at == datetime(2099, 3, 5, tzinfo=UTC)
    assert seen.updated_at is not None
    assert seen.updated_at.microsecond % 1000 == 0
    assert (seen.deleted, seen.silent_on) == (False, ())


def test_task_is_deleted_when_it_is_gone(bridge: Bridge, gateway: Gateway, task: ItemRef) -> None:
    bridge.goodday.act("delete", task=task.id)
    assert gateway.observe(task).deleted


def test_tasks_of_the_watched_projects_are_listed_by_their_activity(bridge: Bridge, gateway: Gateway) -> None:
    refs = []
    for number, project in enumerate(["PRJART", "PRJART", "PRJARC"]):
        params = {**CREATE.params, "project": project}
        effect = gateway.perform(dataclasses.replace(CREATE, key=f"k{number}", params=params), None)
        assert effect.observation is not None
        refs.append(effect.observation.ref)
        bridge.goodday.advance(60)
    bridge.goodday.act("set-status", task=refs[0].id, status="STDONE")
    assert [seen.ref for seen in listed(gateway)] == [refs[1], refs[0]]
    recently = datetime.now(UTC) + timedelta(seconds=150)
    assert [seen.ref for seen in listed(gateway, recently)] == [refs[0]]


# -- finding


def test_effects_are_found_by_our_marker_and_by_no_other(
    bridge: Bridge, gateway: Gateway, task: ItemRef
) -> None:
    since = datetime.now(UTC)
    for action in (comment(), reply(), status("completed", "Done.")):
        assert gateway.find(action, task, since) is Lookup.ABSENT
        gateway.perform(action, task)
        assert gateway.find(action, task, since) is not Lookup.ABSENT
        other = dataclasses.replace(action, key="another")
        assert gateway.find(other, task, since) is Lookup.ABSENT
    assert bridge.goodday.violations() == []


def test_bare_status_is_found_by_what_the_task_has(gateway: Gateway, task: ItemRef) -> None:
    since = datetime.now(UTC)
    assert gateway.find(status("completed"), task, since) is Lookup.ABSENT
    gateway.perform(status("completed"), task)
    assert gateway.find(status("completed"), task, since) is not Lookup.ABSENT
    assert gateway.find(status("cancelled"), task, since) is Lookup.ABSENT


def test_task_is_found_when_it_was_made_since_and_is_closed_by_now(
    bridge: Bridge, gateway: Gateway, task: ItemRef
) -> None:
    bridge.goodday.act("set-status", task=task.id, status="STDONE")
    found = gateway.find(CREATE, None, datetime.now(UTC))
    assert not isinstance(found, Lookup)
    assert found.observation is not None
    assert found.observation.ref == task
    assert gateway.find(CREATE, None, datetime.now(UTC) + timedelta(hours=1)) is Lookup.ABSENT
    assert gateway.find(dataclasses.replace(CREATE, key="other"), None, datetime.now(UTC)) is Lookup.ABSENT
