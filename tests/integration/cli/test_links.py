"""`proofbridge link`, `unlink`, `links` and `drift`: what is one proof, and whether its items agree."""

from __future__ import annotations

import pytest

from local.simulators import Simulator
from proofbridge.domain.items import ItemKind, ItemRef, Observation, ReviewStatus, Vendor
from tests.integration.bridge import Bridge
from tests.integration.cli.happenings import aws_calls, parked
from tests.unit.cli.commands import read, run


@pytest.fixture
def parameters(good2go_server: Simulator, goodday_server: Simulator) -> dict[str, str]:
    """The stack knows where the simulators are."""
    return {
        "Stage": "test",
        "Good2GoBaseUrl": good2go_server.url,
        "GoodDayBaseUrl": goodday_server.url,
    }


def job_and_task(live: Bridge) -> tuple[str, str]:
    live.start_proof()
    return str(live.ref_at(Vendor.GOOD2GO)), str(live.ref_at(Vendor.GOODDAY))


def task_status(live: Bridge) -> str:
    name: str = live.goodday.task()["status"]["name"]
    return name


def test_what_was_decided_before_is_carried_over_when_items_are_linked(live: Bridge) -> None:
    job, task = job_and_task(live)
    proof = live.proof_id
    assert read("unlink", task) == {"item": task, "proof": proof, "removed": True}
    live.good2go.act("approve", job=job.split("#")[2], comment="Lovely.")
    live.read_job()
    for event in live.received():
        live.process(event)

    linked = read("link", job, task.replace("#", ":"))

    assert linked == {"proof": proof, "items": sorted([job, task]), "added": [task]}
    live.settle()
    assert task_status(live) == "Done"


def test_nothing_happens_when_linked_or_unlinked_twice(live: Bridge) -> None:
    job, task = job_and_task(live)
    assert read("link", task, job)["added"] == []
    read("unlink", task)
    assert read("unlink", task) == {"item": task, "proof": None, "removed": False}
    assert read("links", job)["proofs"] == [{"proof": read("links")["proofs"][0]["proof"], "items": [job]}]


def test_items_never_seen_become_a_proof_when_they_are_linked(live: Bridge) -> None:
    job, task = job_and_task(live)
    for ref in (job, task):
        read("unlink", ref)
        key = {"pk": {"S": f"ITEM#{ref}"}, "sk": {"S": "ITEM"}}
        live.cloud.dynamodb.delete_item(TableName="state", Key=key)
    live.good2go.act("approve", job=job.split("#")[2])

    linked = read("link", job, task)

    assert linked["added"] == [job, task]
    live.settle()
    assert task_status(live) == "Done"


def test_one_line_says_so_when_a_proof_would_have_two_jobs(live: Bridge) -> None:
    job, _ = job_and_task(live)
    other = ItemRef(Vendor.GOOD2GO, ItemKind.JOB, "other")
    live.note(Observation(other, live.clock.now(), status=ReviewStatus.IN_REVIEW))
    live.settle()

    ran = run("link", job, str(other), "--json")

    assert ran.status == 1
    assert "both would have a good2go job" in ran.error["why"]


@pytest.mark.parametrize("item", ["nonsense", "good2go#task#1", "approval-studio#X"])
def test_usage_error_is_given_when_an_item_is_none(item: str, live: Bridge) -> None:
    assert live
    ran = run("unlink", item, "--json")
    assert ran.status == 2
    assert item in ran.error["what"]


def test_drift_names_what_was_refused_and_repairs_it_when_told_to(live: Bridge) -> None:
    parked(live)
    task = str(live.ref_at(Vendor.GOODDAY))

    with aws_calls() as called:
        (found,) = read("drift")["drift"]

    assert "Scan" not in called
    assert (found["item"], found["field"]) == (task, "status")
    assert (found["wanted"], found["why"]) == ("completed", "parked")
    assert "422" in found["reason"]
    repaired = read("drift", "--repair")
    assert repaired["repaired"] == [task]
    assert repaired["actions"][0].startswith("repair|")
    live.settle()
    assert task_status(live) == "Done"
    assert read("drift")["drift"] == []
    assert "No drift" in run("drift").screen


def test_drift_tells_what_nobody_has_seen_and_then_what_no_route_carries(live: Bridge) -> None:
    job, task = job_and_task(live)
    live.good2go.act("approve", job=job.split("#")[2], comment="Lovely.")
    live.read_job()
    live.settle()
    live.advance(minutes=5)
    live.goodday.act("set-status", task=task.split("#")[2], status="STREV")

    (unseen,) = read("drift", task)["drift"]
    assert (unseen["shows"], unseen["wanted"], unseen["why"]) == ("in_review", "completed", "unseen")
    read("drift", "--repair")
    live.settle()

    (left,) = read("drift")["drift"]
    assert (left["shows"], left["why"]) == ("in_review", "superseded")
    assert read("drift", "--repair")["repaired"] == []


def test_drift_tells_of_the_others_when_a_vendor_refuses_the_credentials(live: Bridge) -> None:
    job, task = job_and_task(live)
    live.relay(live.drop(b"%PDF 2", "winter-ale.pdf"))
    live.settle()
    live.good2go.act("approve", job=job.split("#")[2])
    live.goodday.settings(token="gd-new-token")
    before = len(live.goodday.requests())

    found = read("drift")["drift"]

    assert len(live.goodday.requests()) == before + 1, "the second task is not asked for"
    unreadable = [each for each in found if each["why"] == "unreadable"]
    assert task in {each["item"] for each in unreadable}
    assert len(unreadable) == 2
    assert all("401" in each["reason"] for each in unreadable)
    (unseen,) = (each for each in found if each["why"] == "unseen")
    assert (unseen["item"], unseen["shows"]) == (job, "approved")
    assert "GoodDay task" in run("drift").screen


def test_drift_tells_of_an_item_that_is_gone_and_repair_notes_it(live: Bridge) -> None:
    job, task = job_and_task(live)
    live.goodday.act("delete", task=task.split("#")[2])

    (gone,) = read("drift", job)["drift"]
    assert (gone["item"], gone["field"], gone["why"]) == (task, "deleted", "unseen")
    read("drift", "--repair")
    live.settle()
    stored = live.items.get(ItemRef.parse(task))
    assert stored is not None
    assert stored.observation.deleted
    assert read("drift")["drift"] == []


def test_item_stays_out_of_its_proof_when_it_is_unlinked_twice_and_seen_again(live: Bridge) -> None:
    job, task = job_and_task(live)
    read("unlink", task)
    assert run("unlink", task).screen.endswith("was linked to nothing.\n")
    assert read("drift")["drift"] == []
    ran = run("drift", task, "--json")
    assert (ran.status, ran.error["what"]) == (1, f"{task} is in no proof")
    ran = run("link", job, job, "--json")
    assert (ran.status, "itself" in ran.error["why"]) == (1, True)
    ran = run("link", job, "goodday#task#NOSUCH", "--json")
    assert ran.status == 1
    assert "goodday has no task NOSUCH" in str(ran.error)
