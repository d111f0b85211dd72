"""`proofbridge config`: sentences that say what the configuration does, and trials of events on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from proofbridge.config.routes import Then
from proofbridge.domain.changes import ChangeKind, diff
from proofbridge.domain.cloud_events import cloud_event
from proofbridge.domain.items import ReviewStatus
from proofbridge.domain.proofs import VENDOR_NAMES
from proofbridge.vendors.catalogue import CATALOGUE, ActionName
from proofbridge_cli.action_sentences import action_clause
from tests.unit.cli.commands import read, run
from tests.unit.config_samples import DESTINATION, REMINDER, ROUTE, VENDORS
from tests.unit.observations import JOB, START, seen
from tests.unit.valid_params import VALID

ROOT = Path(__file__).parents[3]
CONFIG = str(ROOT / "config")


def write(folder: Path, **files: str) -> str:
    """Write configuration files; returns their folder."""
    for name, text in {"vendors": VENDORS, **files}.items():
        (folder / f"{name}.toml").write_text(text)
    return str(folder)


def sentence(folder: Path, kind: str, text: str) -> str:
    (entry,) = read("config", "check", "--config", write(folder, **{kind: text}))[kind]
    found: str = entry["sentence"]
    return found


def route(when: str, then: str = 'action = "goodday.set_status", status = "in_review"') -> str:
    return f'[[routes]]\nname = "r"\nwhen = {{ vendor = "good2go", {when} }}\nthen = [{{ {then} }}]\n'


# -- check


def test_repositorys_own_configuration_is_explained_in_full() -> None:
    told = read("config", "check", "--config", CONFIG)
    screen = run("config", "check", "--config", CONFIG).screen

    assert told["routes"][0] == {
        "name": "approval-closes-task",
        "sentence": "When a Good2Go job, an Approval Studio asset or a RoboHead review gets the status "
        "approved or approved with changes, the proof's GoodDay task is set to completed, saying "
        "“{change.by}: {change.to_words}, version {item.version} of {item.name}{change.quoted_comment}”.",
    }
    for entry in (*told["routes"], *told["destinations"], *told["reminders"]):
        assert entry["name"] in screen
    assert screen.rstrip().endswith("is all good.")


@pytest.mark.parametrize(
    ("when", "then", "says"),
    [
        (
            'change = "version"',
            'action = "goodday.comment", message = "Look."',
            "gets a new version, {task} gets the comment “Look.”",
        ),
        (
            'change = "status", from = "approved", to = "rejected"',
            'action = "goodday.set_status", status = "changes_requested"',
            "gets the status rejected and was approved, {task} is set to changes requested.",
        ),
        (
            'change = "name", condition = "contains(item.name, \'label\')"',
            'action = "goodday.set_status", status = "in_review"',
            "is renamed and contains(item.name, 'label') holds, {task} is set to in review.",
        ),
    ],
)
def test_route_is_explained_in_a_sentence(when: str, then: str, says: str, tmp_path: Path) -> None:
    expected = "When a Good2Go job " + says.format(task="the proof's GoodDay task")

    assert sentence(tmp_path, "routes", route(when, then)) == expected


CLAUSES: dict[ActionName, str] = {
    ActionName.GOOD2GO_REMIND_REVIEWERS: "all who have not decided on {it} are told “Version 2 is here.”",
    ActionName.GOOD2GO_SET_STATUS: "{it} is set to completed, saying “Printed.”",
    ActionName.GOOD2GO_SET_DUE_DATE: "{it} becomes due 2026-03-02T09:00:00.000Z",
    ActionName.GOOD2GO_LABEL: "{it} is labelled “At the press”",
    ActionName.GOOD2GO_SEND_UPDATE: "{it} is labelled “Send for review” and those concerned are told",
    ActionName.GOOD2GO_ASSIGN: "{it} is assigned to designer@studio.test, who is told, saying “Yours.”",
    ActionName.GOOD2GO_LOCK: "{it} is locked",
    ActionName.GOOD2GO_ADD_REMINDER: "Good2Go itself reminds of {it} 2 hours before it is due",
    ActionName.STUDIO_SET_PROJECT_STATE: "{it} is put on hold",
    ActionName.STUDIO_SET_DUE_DATE: "{it} becomes due 2026-03-02",
    ActionName.STUDIO_CREATE_REVIEW_TASK: "a@b.test are asked to review {it}, saying “Please review.”",
    ActionName.GOODDAY_CREATE_TASK: "a task “Proof” is made in GoodDay project PRJART, saying “See”",
    ActionName.GOODDAY_SET_STATUS: "{it} is set to completed, saying “Done”",
    ActionName.GOODDAY_COMMENT: "{it} gets the comment “Look”",
    ActionName.GOODDAY_REPLY: "{it} goes to USRDSG, who has to act on it, saying “Your turn.”",
    ActionName.GOODDAY_UPDATE: "{it} gets the deadline 2026-03-02 and the priority 9",
    ActionName.ROBOHEAD_SET_STATUS: "{it} is set to approved",
    ActionName.ROBOHEAD_SET_DUE_DATE: "{it} becomes due 2026-03-02T09:00:00.000Z",
    ActionName.ROBOHEAD_COMMENT: "{it} gets the comment “Look”",
    ActionName.EMAIL_SEND: "an e-mail “Approved” goes to boss@studio.test, saying “It is.”",
    ActionName.BUS_PUBLISH: "the event studio.proof.approved is published on the bus with name summer-ale",
}


@pytest.mark.parametrize("name", sorted(name for name, kind in CATALOGUE.items() if kind.routable))
def test_every_action_is_explained_in_a_clause_of_its_own(name: ActionName) -> None:
    kind = CATALOGUE[name]
    assert kind.vendor is not None
    it = f"the proof's {VENDOR_NAMES[kind.vendor]} {kind.target}"
    then = Then.model_validate({"action": str(name), **VALID[name]})

    assert action_clause(then) == CLAUSES[name].format(it=it)


@pytest.mark.parametrize(
    ("then", "clause"),
    [
        ({"action": "good2go.set_status", "status": "{change.to}"}, "job is set to the same status"),
        ({"action": "good2go.lock", "locked": False}, "job is unlocked"),
        ({"action": "good2go.set_due_date", "due_at": ""}, "job loses its due date"),
        ({"action": "goodday.update", "deadline": "", "title": "T"}, "task gets no deadline and the title T"),
        (
            {"action": "goodday.reply", "message": "M"},
            "goes to whom it is assigned to, who has to act on it, saying “M”",
        ),
        (
            {"action": "good2go.add_reminder", "quantity": 0, "unit": "none", "comparator": "equal"},
            "Good2Go itself reminds of the proof's Good2Go job when it is due",
        ),
    ],
)
def test_what_is_left_out_or_taken_away_is_explained(then: dict[str, Any], clause: str) -> None:
    assert action_clause(Then.model_validate(then)).endswith(clause)


@pytest.mark.parametrize("kind", ChangeKind)
def test_every_kind_of_change_can_be_explained(kind: ChangeKind, tmp_path: Path) -> None:
    assert sentence(tmp_path, "routes", route(f'change = "{kind}"')).startswith("When a Good2Go job ")


def test_destination_is_explained_in_a_sentence(tmp_path: Path) -> None:
    text = DESTINATION + 'reviewers = ["b@brand.test"]\ndue = "+1 days 17:00 Europe/Berlin"\n'

    assert sentence(tmp_path, "destinations", text) == (
        "A file put under drop/labels/ becomes a proof at Good2Go for customer@brand.test and b@brand.test, "
        "due 1 day later at 17:00 Europe/Berlin."
    )
    assert "at Good2Go, called “{file.folder}”, for customer" in sentence(
        tmp_path, "destinations", text + 'name = "{file.folder}"\n'
    )


@pytest.mark.parametrize(
    ("offset", "when"),
    [
        ("0", "when it is due"),
        ("-4 h", "4 hours before its due date"),
        ("+1 d", "1 day after its due date"),
        ("every 2 workdays up to 3", "2, 4 and 6 workdays after its due date"),
    ],
)
def test_reminder_is_explained_in_a_sentence(offset: str, when: str, tmp_path: Path) -> None:
    text = REMINDER.replace('offsets = "0"', f'offsets = "{offset}"')

    told = sentence(tmp_path, "reminders", text)
    assert "Who has not decided on an open Good2Go job is reminded by Good2Go's own e-mail" in told
    assert f"e-mail, {when}, once each: “" in told


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("", "The items of all vendors whose names hold the same (?P<reference>ORD-[0-9]+) are one proof."),
        (
            'vendors = ["good2go", "goodday"]\nkinds = ["job"]\n',
            "The jobs of Good2Go, GoodDay whose names hold the same (?P<reference>ORD-[0-9]+) are one proof.",
        ),
    ],
)
def test_link_is_explained_in_a_sentence(more: str, says: str, tmp_path: Path) -> None:
    text = f"[[links]]\nname = \"order\"\npattern = '(?P<reference>ORD-[0-9]+)'\n{more}"

    assert sentence(tmp_path, "links", text) == says


def test_authority_is_explained_for_each_field_that_has_one(tmp_path: Path) -> None:
    text = 'status = ["good2go", "robohead"]\n'

    told = read("config", "check", "--config", write(tmp_path, authority=text))

    says = "A proof's status is decided at Good2Go and RoboHead; where it changes elsewhere it is set back."
    assert told["fields"] == [{"name": "status", "sentence": says}]


def test_reminder_is_explained_with_its_escalation_and_its_times(tmp_path: Path) -> None:
    text = REMINDER.replace('"good2go"', '"robohead"').replace('"0"', '["-2 workdays", "0"]') + (
        """
to = "assignee"
channel = "goodday.comment"
digest = true
project = ["12", "13"]
condition = "item.version > `1`"
message = { en = "Please decide.", de = "Bitte entscheiden." }
quiet_hours = "19:00-08:00"
only_on_workdays = true
zone = "Europe/Berlin"
holidays = "DE"

[[reminders.escalation]]
after = 2
wait = "+1 workday"
to = "USRMGR"
channel = "goodday.reply"
message = "Late."
priority = 9
"""
    )
    assert sentence(tmp_path, "reminders", text) == (
        "Whom an open RoboHead review in project 12 or 13 for which item.version > `1` holds is given to is "
        "reminded in a comment on the proof's GoodDay task, in one message about all, 2 workdays before its "
        "due date and when it is due, once each: “Please decide.” (also in de). If it is not decided 1 "
        "workday after 2 reminders, the proof's GoodDay task gets priority 9, and USRMGR is told on the "
        "proof's GoodDay task, as the one who has to act: “Late.” Nobody is reminded between 19:00 and "
        "08:00 or on days off (holidays of DE), by the time of Europe/Berlin, or as people.toml says of "
        "the person."
    )


def test_reminder_is_explained_when_the_vendor_sends_it(tmp_path: Path) -> None:
    told = sentence(tmp_path, "reminders", REMINDER.replace('"0"', '"-4 h"') + 'mode = "vendor"\n')
    assert told == "Good2Go itself is told to remind of an open Good2Go job 4 hours before its due date."


def test_all_that_is_wrong_is_named_when_the_configuration_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, routes=ROUTE.replace("approved", "aproved"), reminders="[[reminders]]\n")

    ran = run("config", "check", "--config", folder, "--json")

    assert (ran.status, ran.screen) == (1, "")
    assert "aproved" in ran.error["why"]
    assert "reminders.toml" in ran.error["why"]


# -- try


def trial(tmp_path: Path, event: Any, *options: str) -> Any:
    file = tmp_path / "event.json"
    file.write_text(event if isinstance(event, str) else json.dumps(event))
    return read("config", "try", str(file), "--config", CONFIG, *options)


def fired(told: Any) -> list[str]:
    return [route["name"] for route in told["routes"] if route["fires"]]


def test_route_fires_with_its_calls_when_an_observation_shows_a_decision(tmp_path: Path) -> None:
    told = trial(tmp_path, seen(status=ReviewStatus.APPROVED, decided_by="a@brand.test").to_dict())

    assert fired(told) == ["approval-closes-task"]
    (action,) = told["routes"][0]["actions"]
    (call,) = action["calls"]
    assert (call["method"], call["path"]) == ("PUT", "/2.0/task/the-proofs-task/status")
    assert call["body"]["statusId"] == "STDONE"
    assert call["body"]["message"].startswith("a@brand.test: approved")
    assert told["read_first"] is None


def test_only_the_difference_fires_when_the_state_before_is_given(tmp_path: Path) -> None:
    before = seen(0, status=ReviewStatus.APPROVED)
    after = seen(1, status=ReviewStatus.APPROVED, version=2)

    told = trial(tmp_path, {"before": before.to_dict(), "after": after.to_dict()})

    assert [change["kind"] for change in told["changes"]] == ["version"]
    assert fired(told) == ["new-version-back-in-review", "new-version-tells-reviewers"]


EXAMPLES = {
    "good2go_approved": {"approval-closes-task": ["PUT /2.0/task/the-proofs-task/status"]},
    "good2go_changes_requested": {
        "changes-reopen-task": [
            "PUT /2.0/task/the-proofs-task/status",
            "POST /2.0/task/the-proofs-task/reply",
        ]
    },
    "good2go_new_version": {
        "new-version-back-in-review": [
            "PUT /2.0/task/the-proofs-task/status",
            "POST /2.0/task/the-proofs-task/comment",
        ],
        "new-version-tells-reviewers": [
            "POST /api/v1/jobs/00000000-0000-4000-8000-000000000000/notifications"
        ],
    },
    "approval_studio_rejected": {
        "changes-reopen-task": [
            "PUT /2.0/task/the-proofs-task/status",
            "POST /2.0/task/the-proofs-task/reply",
        ]
    },
    "goodday_cancelled": {"cancelled-task-holds-project": ["PUT /api/v1/project/state"]},
    "goodday_due_date": {},
    "robohead_approved": {"approval-closes-task": ["PUT /2.0/task/the-proofs-task/status"]},
}


def test_every_example_is_tried() -> None:
    assert {path.stem for path in (ROOT / "events/changes").glob("*.json")} == EXAMPLES.keys()


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_example_fires_the_routes_that_ship(name: str, tmp_path: Path) -> None:
    told = trial(tmp_path, (ROOT / f"events/changes/{name}.json").read_text())

    writes = {
        route["name"]: [
            f"{call['method']} {call['path']}"
            for action in route["actions"]
            for call in action["calls"]
            if call["method"] != "GET"
        ]
        for route in told["routes"]
        if route["fires"]
    }
    assert writes == EXAMPLES[name]


def test_nothing_fires_when_nothing_changes(tmp_path: Path) -> None:
    same = seen().to_dict()

    told = trial(tmp_path, {"before": same, "after": same})

    assert (told["changes"], fired(told)) == ([], [])


def test_change_from_the_bus_fires_what_it_fired(tmp_path: Path) -> None:
    observed = seen(status=ReviewStatus.REJECTED)
    difference = diff(None, observed)
    assert difference is not None
    (_, status) = difference.changes

    told = trial(tmp_path, cloud_event(status, observed, "PB1", START))

    assert [change["after"] for change in told["changes"]] == ["rejected"]
    assert fired(told) == ["changes-reopen-task"]


def test_webhook_is_read_back_first_when_it_is_only_a_hint(tmp_path: Path) -> None:
    api_event = json.loads((ROOT / "events/receive_good2go.json").read_text())

    whole, body_alone = trial(tmp_path, api_event), trial(tmp_path, api_event["body"])

    assert whole == body_alone
    assert whole["read_first"] == str(JOB)
    assert fired(whole) == ["approval-closes-task"]


@pytest.mark.parametrize("name", ["receive_approval_studio", "receive_signal"])
def test_all_depends_on_the_vendor_when_an_event_names_only_its_item(name: str, tmp_path: Path) -> None:
    told = trial(tmp_path, (ROOT / f"events/{name}.json").read_text())

    assert told["read_first"] is not None
    assert (told["item"], told["changes"], fired(told)) == (None, [], [])


def test_screen_tells_what_fires_and_what_does_not(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(seen(status=ReviewStatus.APPROVED).to_dict()))

    screen = run("config", "try", str(file), "--config", CONFIG).screen

    assert "→ GoodDay: set status to completed  by approval-closes-task" in screen
    assert "PUT /2.0/task/the-proofs-task/status" in screen
    assert "Not for: changes-reopen-task, new-version-back-in-review, new-version-tells-reviewers" in screen


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "[]", "{}", '{"ref": "nonsense"}', '{"job": {}}', '{"specversion": "1.0"}', '{"ref": 1}'],
)
def test_usage_error_says_what_an_event_is_when_it_is_none(text: str, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(text)

    ran = run("config", "try", str(file), "--config", CONFIG)

    assert (ran.status, ran.screen) == (2, "")
    assert len(ran.errors.splitlines()) == 1
    assert "Give an observation" in ran.errors


def test_usage_error_is_given_when_the_file_is_not_there(tmp_path: Path) -> None:
    assert run("config", "try", str(tmp_path / "none.json"), "--config", CONFIG).status == 2
