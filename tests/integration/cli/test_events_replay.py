"""`proofbridge events replay`: a new execution under a key of its own, or nothing at all for a dry run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from proofbridge.domain.items import Vendor
from proofbridge.stores.inbox import Event, EventState, Source
from tests.integration.bridge import Bridge
from tests.integration.cli.conftest import ROOT
from tests.integration.cli.happenings import decide, decided, everything, observation_of, parked
from tests.unit.cli.commands import read, run
from tests.unit.observations import JOB


def replay(*arguments: str) -> dict[str, Any]:
    """Replay one event; returns what is told of it."""
    told: dict[str, Any]
    (told,) = read("events", "replay", *arguments)["replays"]
    return told


def queued(live: Bridge) -> int:
    return sum(len(live.letters(vendor)) for vendor in Vendor)


# -- what follows


def test_changes_are_carried_over_once_more_when_an_observation_is_replayed(live: Bridge) -> None:
    observation = observation_of(live, decided(live))
    first = live.goodday.effects("update_status")

    told = replay(observation.key)
    live.settle()

    (action,) = told["actions"]
    assert told["way"] == "route"
    assert action["key"].startswith(f"replay|{told['id']}|route|")
    assert live.state_of(action["key"]) == "done"
    assert len(live.goodday.effects("update_status")) == len(first) + 1
    assert f"(Proofbridge {action['id']})" in live.goodday.task()["messages"][-1]["text"]


def test_replay_is_done_each_time_when_it_is_asked_for_twice(live: Bridge) -> None:
    observation = observation_of(live, decided(live))
    before = len(live.goodday.effects("update_status"))

    keys = {str(replay(observation.key)["actions"][0]["key"]) for _ in range(2)}
    live.settle()

    assert len(keys) == 2
    assert len(live.goodday.effects("update_status")) == before + 2


def test_action_of_an_earlier_replay_is_not_done_as_well_when_the_event_is_replayed_again(
    live: Bridge,
) -> None:
    observation = parked(live)
    live.goodday.fault("update_status", "status", status=422)
    (first,) = replay(observation.key)["actions"]
    live.settle()
    assert live.state_of(first["key"]) == "parked"

    (second,) = replay(observation.key)["actions"]
    live.settle()

    assert second["in_place_of"]["key"] == first["key"]
    assert (live.state_of(first["key"]), live.state_of(second["key"])) == ("held", "done")
    assert read("actions", "list")["actions"] == []


def test_event_is_replayed_once_when_it_is_named_twice(live: Bridge) -> None:
    observation = parked(live)

    told = read("events", "replay", observation.key, observation.id)["replays"]
    live.settle()

    assert [each["event"] for each in told] == [observation.key]
    assert len(live.goodday.effects("update_status")) == 1


def test_item_is_read_again_when_a_webhook_that_was_only_a_hint_is_replayed(live: Bridge) -> None:
    event = decided(live)
    before = len(live.good2go.requests())

    told = replay(event.key)
    live.settle()

    assert told["way"] == "observe"
    assert len(live.good2go.requests()) > before
    (again,) = read("events", "show", event.key)["event"]["replays"]
    assert again["id"] == told["id"]
    assert [(action["name"], action["outcome"], action["reason"]) for action in again["actions"]] == [
        ("observe", "done", "nothing new")
    ]


def test_what_a_lost_observation_would_have_led_to_happens_when_its_webhook_is_replayed(live: Bridge) -> None:
    live.start_proof()
    event = decide(live, "approve")
    live.process(event)
    assert len(live.letters(Vendor.GOOD2GO)) == 1  # taken out of the queue, and lost

    replay(event.key)
    live.settle()

    assert live.goodday.task()["status"]["name"] == "Done"
    (observed,) = read("events", "show", event.key)["observations"]
    assert observed["actions"][0]["outcome"] == "done"


def test_parked_action_is_done_and_no_longer_open_when_its_event_is_replayed(live: Bridge) -> None:
    observation = parked(live)
    (open_before,) = read("actions", "list")["actions"]

    told = replay(observation.key)
    live.settle()

    (action,) = told["actions"]
    assert action["in_place_of"] == {
        "id": open_before["id"], "key": open_before["key"], "outcome": "parked"
    }  # fmt: skip
    assert live.goodday.task()["status"]["name"] == "Done"
    assert len(live.goodday.effects("update_status")) == 1
    assert read("actions", "list")["actions"] == []
    before = read("actions", "show", open_before["key"])
    assert (before["outcome"], before["reason"]) == ("held", f"replayed as {told['id']}")


def test_action_that_waits_is_not_done_as_well_when_its_event_is_replayed(live: Bridge) -> None:
    live.start_proof()
    live.goodday.fault("update_status", "drop_before")
    event = decide(live, "approve")
    for _ in range(2):
        for waiting in live.received():
            live.process(waiting)
        for action in live.actions(Vendor.GOOD2GO):
            live.perform(action)
    (action,) = live.actions(Vendor.GOODDAY)
    live.perform(action)
    waits = live.actions(Vendor.GOODDAY)
    assert live.state_of(action.key) in {"waiting", "unknown"}

    replay(observation_of(live, event).key)
    live.settle()
    for late in waits:
        live.perform(late)

    assert len(live.goodday.effects("update_status")) == 1


def test_new_route_is_followed_when_the_configuration_has_changed(live: Bridge, tmp_path: Path) -> None:
    observation = observation_of(live, decided(live))
    for file in (ROOT / "config").glob("*.toml"):
        text = file.read_text().replace('status = "completed"', 'status = "cancelled"')
        (tmp_path / file.name).write_text(text)

    (action,) = replay(observation.key, "--config", str(tmp_path))["actions"]
    live.settle()

    assert action["params"]["status"] == "cancelled"
    assert live.goodday.task()["status"]["name"] == "Cancelled"


def test_words_are_those_of_then_when_an_item_has_moved_on(live: Bridge) -> None:
    observation = observation_of(live, decided(live, "approve", "As it is."))
    job = live.good2go.job()
    live.good2go.act("rename", job=job["guid"], by="owner@printshop.test", name="other.pdf")
    live.settle()

    (action,) = replay(observation.key, "--dry-run")["actions"]

    assert "summer-ale.pdf: “As it is.”" in action["params"]["message"]


@pytest.mark.parametrize("state", [EventState.PARKED, EventState.FAILED, EventState.RECEIVED])
def test_event_is_put_back_on_its_way_when_it_was_never_processed(state: EventState, live: Bridge) -> None:
    live.start_proof()
    event = decide(live, "approve")
    if state is not EventState.RECEIVED:
        live.inbox.fail(event, state, "RuntimeError: something broke")

    told = replay(event.key)

    assert told["way"] == "process"
    assert [waiting.tries for waiting in live.received() if waiting.id == event.id] == [0]
    live.settle()
    assert live.goodday.task()["status"]["name"] == "Done"
    shown = read("events", "show", event.key)["event"]
    assert (shown["state"], shown["reason"]) == ("processed", None)
    assert [each["id"] for each in shown["replays"]] == [told["id"]]


def test_list_tells_of_replays_when_there_were_some(live: Bridge) -> None:
    event = decided(live)
    for _ in range(2):
        replay(event.key)

    assert "(replayed 2 times)" in " ".join(run("events", "list").screen.split())


# -- dry runs


def test_nothing_is_queued_written_or_asked_when_it_is_a_dry_run(live: Bridge) -> None:
    event = decided(live)
    observation = observation_of(live, event)
    before = everything(live)

    told = read("events", "replay", event.key, observation.key, "--dry-run")

    assert told["dry_run"] is True
    assert queued(live) == 0
    assert everything(live) == before


def test_vendor_calls_are_shown_in_the_vendors_words_when_it_is_a_dry_run(live: Bridge) -> None:
    observation = observation_of(live, decided(live, "approve", "Print it!"))
    task = live.goodday.task()

    (action,) = replay(observation.key, "--dry-run")["actions"]
    screen = run("events", "replay", observation.key, "--dry-run").screen

    (call,) = action["calls"]
    assert (call["method"], call["path"]) == ("PUT", f"/2.0/task/{task['id']}/status")
    assert set(call["body"]) == {"statusId", "message", "userId"}
    assert call["body"]["statusId"] == "STDONE"
    assert "approved, version 1 of summer-ale.pdf: “Print it!”" in call["body"]["message"]
    assert f"PUT /2.0/task/{task['id']}/status" in screen
    assert '"statusId": "STDONE"' in screen
    assert screen.rstrip().endswith("Nothing was queued.")


def test_no_secret_is_shown_when_it_is_a_dry_run(live: Bridge) -> None:
    observation = observation_of(live, decided(live))

    screen = run("events", "replay", observation.key, "--dry-run", "--json").screen

    assert "gd-local-token" not in screen
    assert "USRBRG" not in screen


def test_dry_run_says_so_when_a_newer_change_has_replaced_the_cause(live: Bridge) -> None:
    observation = observation_of(live, decided(live, "approve"))
    decide(live, "request-changes", "Less sun.")
    live.settle()

    (action,) = replay(observation.key, "--dry-run")["actions"]

    assert action["calls"] == []
    assert "newer change" in action["note"]


def test_dry_run_shows_what_would_follow_when_an_event_was_never_processed(live: Bridge) -> None:
    live.start_proof()
    event = decide(live, "approve")
    live.inbox.fail(event, EventState.PARKED, "RuntimeError: something broke")

    (action,) = replay(event.key, "--dry-run")["actions"]

    assert action["name"] == "observe"
    assert {call["method"] for call in action["calls"]} == {"GET"}
    assert action["note"] == "what follows depends on the answer"
    assert live.received() == []


# -- what can't be replayed


def test_nothing_is_replayed_when_one_of_several_events_can_not_be(live: Bridge) -> None:
    event = decided(live)
    before = everything(live)

    ran = run("events", "replay", event.key, "good2go#job#nobody#e1")

    assert ran.status == 1
    assert queued(live) == 0
    assert everything(live) == before


def test_replay_is_refused_when_nothing_followed_from_the_event(live: Bridge) -> None:
    live.start_proof()
    (link,) = [image for image in live.cloud.records("inbox") if image["source"]["S"] == "link"]

    ran = run("events", "replay", f"{link['item']['S']}#{link['event']['S']}")

    assert ran.status == 1
    assert "said nothing new" in ran.errors


@pytest.mark.parametrize(
    "item", ["good2go#unknown", "approval-studio#test"], ids=["in quarantine", "a webhook's test"]
)
def test_replay_is_refused_when_the_event_names_no_item(item: str, live: Bridge) -> None:
    event = Event(item, "e001", Source.WEBHOOK, live.clock.now(), "{}", EventState.QUARANTINED, "not JSON")
    live.inbox.put(event)

    ran = run("events", "replay", event.key)

    assert ran.status == 1
    assert "names no item" in ran.errors


def test_replay_is_refused_when_the_event_is_still_not_understood(live: Bridge) -> None:
    event = Event(str(JOB), "e001", Source.WEBHOOK, live.clock.now(), "{}")
    live.inbox.put(event)
    live.process(event)

    ran = run("events", "replay", event.key)

    assert ran.status == 1
    assert "is not understood" in ran.errors


def test_replay_is_refused_when_the_configuration_is_wrong(live: Bridge, tmp_path: Path) -> None:
    event = decided(live)
    (tmp_path / "routes.toml").write_text("[[routes]]\nnaem = 'x'\n")

    ran = run("events", "replay", event.key, "--config", str(tmp_path), "--json")

    assert ran.status == 1
    assert "naem" in ran.error["why"]
    assert queued(live) == 0


def test_event_says_what_it_did_not_show_as_it_is_now_when_it_was_partial(live: Bridge) -> None:
    """An upload's answer shows no reviewers; the words of its replay take what is known of them."""
    live.start_proof()
    live.relay(live.drop(b"%PDF version 2"))
    live.settle()
    (version,) = [
        image for image in live.cloud.records("inbox") if '"version"' in image.get("changes", {}).get("S", "")
    ]

    actions = replay(f"{version['item']['S']}#{version['event']['S']}", "--dry-run")["actions"]
    said = {action["name"]: action["params"].get("message", "") for action in actions}

    assert "Version 2 of summer-ale.pdf" in said["goodday.comment"]


def test_proof_that_has_no_task_yet_is_waited_for_when_an_event_is_replayed(live: Bridge) -> None:
    observation = observation_of(live, decided(live))
    proof = live.items.get(observation.ref)
    assert proof is not None
    task = f"goodday#task#{live.goodday.task()['id']}"
    live.cloud.dynamodb.delete_item(
        TableName="state", Key={"pk": {"S": f"PROOF#{proof.proof_id}"}, "sk": {"S": task}}
    )

    (action,) = replay(observation.key, "--dry-run")["actions"]

    assert action["note"] == "it would wait: the proof has no goodday task yet"
