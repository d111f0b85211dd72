from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from proofbridge.config.loader import ConfigError, load_config
from tests.unit.config_samples import DESTINATION, REMINDER, ROUTE, VENDORS

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write config files by their names; returns the folder."""

    def write_files(**files: str) -> Path:
        for name, text in files.items():
            (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write_files


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(folder)
    return str(caught.value).splitlines()


def then(action: str) -> str:
    """Return a route with another action; its quotation mark at the beginning is there already."""
    return ROUTE.replace('goodday.set_status", status = "completed"', action)


REFUSED: list[tuple[str, str, list[str]]] = [
    # files
    (
        "settings",
        "x = 1",
        [
            "unknown file",
            "vendors.toml, authority.toml, destinations.toml",
            "people.toml, links.toml",
        ],
    ),
    ("routes", "[[routes]", ["not TOML", "line 1"]),
    ("routes", "x = '\udce9'", ["not TOML", "utf-8"]),
    ("routes", "name = 'x'", ["unknown key 'name'", "allowed: routes (as [[routes]])"]),
    (
        "destinations",
        "[destinations]\nprefix = 'x'",
        ["destinations must be a list of tables", "[[destinations]]"],
    ),
    ("reminders", "reminders = 7", ["reminders must be a list of tables", "[[reminders]]"]),
    # vendors
    (
        "vendors",
        "[good3go]",
        [
            "unknown key 'good3go'",
            "allowed: approval-studio, email, good2go, goodday",
            "did you mean 'good2go'?",
        ],
    ),
    (
        "vendors",
        '[email]\nsender = "Proofs <proofs@studio.test>"',
        ["vendors.email.sender", "one e-mail address"],
    ),
    (
        "vendors",
        '[approval-studio]\nupload_part = "file"',
        ["vendors.approval-studio.upload_part", "'File' or 'attachment'", "not 'file'"],
    ),
    ("vendors", '[email]\nfrom = "a@b.test"', ["vendors.email", "unknown key 'from'", "allowed: sender"]),
    (
        "vendors",
        '[robohead.commands]\nsay = "review.Say"',
        ["vendors.robohead.commands.say", "'add_comment'", "not 'say'"],
    ),
    (
        "vendors",
        '[robohead.commands]\nadd_comment = "AddReviewComment"',
        ["vendors.robohead.commands.add_comment", "not 'AddReviewComment'"],
    ),
    (
        "vendors",
        "[robohead.comparators.words]\nis = 1",
        ["vendors.robohead.comparators.words", "'text'", "not 'words'"],
    ),
    (
        "routes",
        then('email.send", to = ["a@b.test"], subject = "S", message = "M"'),
        ["routes[0].then[0]", "'approval'", "email.send", "[email] sender", "Amazon SES"],
    ),
    (
        "routes",
        then('robohead.comment", message = "M"'),
        ["routes[0].then[0]", "'approval'", "robohead.comment", "[robohead.commands] add_comment"],
    ),
    (
        "vendors",
        "[good2go]\nfetchback = true",
        ["vendors.good2go", "unknown key 'fetchback'", "allowed: fetch_back", "did you mean 'fetch_back'?"],
    ),
    ("vendors", "[good2go]\nfetch_back = 'often'", ["vendors.good2go.fetch_back", "boolean", "'often'"]),
    ("vendors", "[goodday]\nprojects = 'PRJART'", ["vendors.goodday.projects", "tuple", "'PRJART'"]),
    (
        "vendors",
        "[goodday.statuses]\ndone = ['ST1']",
        ["vendors.goodday.statuses.done", "'not_started'", "'completed'"],
    ),
    ("vendors", "[goodday.statuses]\ncompleted = []", ["vendors.goodday.statuses.completed", "at least 1"]),
    (
        "vendors",
        "[goodday.statuses]\ncompleted = ['ST1']\ncancelled = ['ST2', 'ST1']",
        ["vendors.goodday", "status id 'ST1' stands for completed and cancelled"],
    ),
    # destinations
    (
        "destinations",
        DESTINATION.replace("prefix", "prefx"),
        [
            "destinations[0]",
            "unknown key 'prefx'",
            "allowed: after, approval-studio, days_off,",
            "did you mean 'prefix'?",
        ],
    ),
    ("destinations", DESTINATION.replace('prefix = "labels"', ""), ["destinations[0].prefix", "required"]),
    (
        "destinations",
        DESTINATION.replace("labels", "/labels"),
        ["destinations[0].prefix", "pattern", "'/labels'"],
    ),
    ("destinations", DESTINATION.replace("labels", "labels/"), ["destinations[0].prefix", "pattern"]),
    ("destinations", DESTINATION.replace("labels", "labels//x"), ["destinations[0].prefix", "pattern"]),
    (
        "destinations",
        DESTINATION.replace("good2go", "goodday"),
        ["destinations[0]", "'goodday' takes no files", "good2go, approval-studio, robohead"],
    ),
    (
        "destinations",
        DESTINATION.replace("customer@brand.test", "customer"),
        ["destinations[0].good2go.recipient", "'customer' is no e-mail address"],
    ),
    (
        "destinations",
        DESTINATION + 'reviewers = ["a@b.test", "a@b"]',
        ["destinations[0].good2go.reviewers[1]", "'a@b' is no e-mail address"],
    ),
    (
        "destinations",
        DESTINATION + 'folder = "Proofs"',
        ["destinations[0].good2go.folder", "pattern", "'Proofs'"],
    ),
    (
        "destinations",
        DESTINATION + 'due = "in 3 days"',
        ["destinations[0].due", "'in 3 days' is no due rule", "+3 workdays 17:00 Europe/Berlin"],
    ),
    (
        "destinations",
        DESTINATION + 'due = "+3 days 17:00 Europe/Bremen"',
        ["destinations[0].due", "'Europe/Bremen' is no time zone"],
    ),
    (
        "destinations",
        DESTINATION + 'message = "{item.name}"',
        [
            "destinations[0]",
            "drop/labels/: message: {item.name} is unknown",
            "allowed: file.dropped, file.folder, file.name, file.stem, file.version",
        ],
    ),
    (
        "destinations",
        DESTINATION + 'message = "{file.name"',
        ["destinations[0]", "message", "{{ and }} for braces"],
    ),
    ("destinations", DESTINATION + 'message = ""', ["destinations[0].message", "at least 1 character"]),
    (
        "destinations",
        DESTINATION + '[destinations.tracking]\nvendor = "good2go"\nproject = "P"',
        ["destinations[0].tracking.vendor", "'goodday'"],
    ),
    (
        "destinations",
        DESTINATION + '[destinations.tracking]\nvendor = "goodday"\nproject = "P"\ntitle = "{proof.url}"',
        ["destinations[0]", "tracking.title: {proof.url} is unknown"],
    ),
    (
        "destinations",
        DESTINATION + '[destinations.tracking]\nvendor = "goodday"\nproject = "P"\nmessage = "{proof.price}"',
        ["destinations[0]", "tracking.message: {proof.price} is unknown", "proof.url"],
    ),
    (
        "destinations",
        DESTINATION + '[destinations.tracking]\nvendor = "goodday"\nproject = "P"\nasignee = "U"',
        ["destinations[0].tracking", "unknown key 'asignee'", "did you mean 'assignee'?"],
    ),
    # routes
    (
        "routes",
        ROUTE.replace("name =", "nane ="),
        ["routes[0]", "unknown key 'nane'", "allowed: name, then, when", "did you mean 'name'?"],
    ),
    (
        "routes",
        ROUTE.replace('vendor = "good2go"', 'vendor = "good3go"'),
        ["routes[0].when.vendor", "'good2go'", "'goodday'", "'good3go'"],
    ),
    (
        "routes",
        ROUTE.replace('change = "status"', 'change = "colour"'),
        ["routes[0].when.change", "'created'", "'due_date'", "'colour'"],
    ),
    (
        "routes",
        ROUTE.replace('to = "approved"', 'to = ["approved", "aproved"]'),
        ["routes[0].when", "'aproved' is no status", "approved_with_changes"],
    ),
    ("routes", ROUTE.replace('to = "approved"', 'from = "open"'), ["routes[0].when", "'open' is no status"]),
    (
        "routes",
        ROUTE.replace("to = ", "after = "),
        ["routes[0].when", "unknown key 'after'", "allowed: change, condition, from, kind, to, vendor"],
    ),
    (
        "routes",
        ROUTE.replace('to = "approved"', 'condition = "item.version >"'),
        ["routes[0].when.condition", "is no JMESPath expression"],
    ),
    (
        "routes",
        ROUTE.replace('to = "approved"', 'condition = ""'),
        ["routes[0].when.condition", "is no JMESPath expression"],
    ),
    (
        "routes",
        ROUTE.replace('to = "approved"', 'condition = "item.version && has(item.name)"'),
        ["routes[0].when.condition", "no function 'has'", "contains"],
    ),
    (
        "routes",
        ROUTE.replace('to = "approved"', 'condition = "item.version || length(item.name, item.url)"'),
        ["routes[0].when.condition", "length() takes 1 arguments, not 2"],
    ),
    (
        "routes",
        ROUTE.replace('to = "approved"', 'condition = "contains(item.name)"'),
        ["routes[0].when.condition", "contains() takes 2 arguments, not 1"],
    ),
    (
        "routes",
        ROUTE.replace("goodday.set_status", "goodday.explode"),
        [
            "routes[0].then[0]",
            "action 'goodday.explode' is unknown",
            "allowed: good2go.remind_reviewers, good2go.set_status",
        ],
    ),
    (
        "routes",
        ROUTE.replace("goodday.set_status", "good2go.notify"),
        ["routes[0].then[0]", "action 'good2go.notify' is unknown"],
    ),
    (
        "routes",
        ROUTE.replace('vendor = "good2go"', 'vendor = "good2go", kind = "task"'),
        ["routes[0].when", "good2go has no task", "allowed: job"],
    ),
    (
        "routes",
        ROUTE.replace('vendor = "good2go"', 'vendor = "aws"'),
        ["routes[0].when.vendor", "'robohead'", "'aws'"],
    ),
    (
        "routes",
        ROUTE.replace(
            'goodday.set_status", status = "completed"',
            'email.send", to = ["a@b.test", "{change.who}"], subject = "S", message = "M"',
        ),
        ["routes[0].then[0]", "{change.who} is unknown"],
    ),
    (
        "routes",
        ROUTE.replace(
            'goodday.set_status", status = "completed"', 'bus.publish", type = "t", data = { who = "{who}" }'
        ),
        ["routes[0].then[0]", "{who} is unknown"],
    ),
    (
        "routes",
        then('goodday.update", deadline = "soon"'),
        ["routes[0].then[0]", "deadline"],
    ),
    (
        "routes",
        ROUTE.replace(
            'goodday.set_status", status = "completed"', 'goodday.update", priority = "{item.version}"'
        ),
        ["routes[0].then[0]", "priority", "integer"],
    ),
    (
        "routes",
        then('goodday.update"'),
        ["routes[0].then[0]", "needs at least one of: deadline"],
    ),
    ("routes", ROUTE.replace("action =", "actoin ="), ["routes[0].then[0]", "action None is unknown"]),
    (
        "routes",
        ROUTE.replace('"completed"', '"done"'),
        ["routes[0].then[0]", "status", "'completed'", "not 'done'"],
    ),
    (
        "routes",
        ROUTE.replace("status = ", "state = "),
        ["routes[0].then[0]", "unknown key 'state'", "goodday.set_status allows: message, status"],
    ),
    ("routes", ROUTE.replace(', status = "completed"', ""), ["routes[0].then[0]", "status: Field required"]),
    (
        "routes",
        ROUTE.replace('"completed"', '"completed", message = "{change.who}"'),
        ["routes[0].then[0]", "{change.who} is unknown", "change.by"],
    ),
    (
        "routes",
        ROUTE.replace('then = [{ action = "goodday.set_status", status = "completed" }]', "then = []"),
        ["routes[0].then", "at least 1"],
    ),
    (
        "routes",
        ROUTE.replace('then = [{ action = "goodday.set_status", status = "completed" }]', "then = ['x']"),
        ["routes[0].then[0]"],
    ),
]


@pytest.mark.parametrize(("name", "text", "said"), REFUSED)
def test_configuration_refused_when_something_is_wrong(
    tmp_path: Path, name: str, text: str, said: list[str]
) -> None:
    path = tmp_path / f"{name}.toml"
    if name != "vendors":
        (tmp_path / "vendors.toml").write_text(VENDORS)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    (problem,) = problems_of(tmp_path)
    assert problem.startswith(f"{path}: ")
    for words in said:
        assert words in problem


@pytest.mark.parametrize(
    ("name", "text", "entry"),
    [("destinations", DESTINATION, "labels"), ("routes", ROUTE, "approval"), ("reminders", REMINDER, "due")],
)
def test_configuration_refused_when_two_have_one_name(write: Write, name: str, text: str, entry: str) -> None:
    folder = write(vendors=VENDORS, **{name: text + text + text})
    assert problems_of(folder) == [
        f"{folder / name}.toml: {entry!r} stands twice; each needs a name of its own"
    ]


def test_every_problem_is_named_when_several_files_are_wrong(write: Write) -> None:
    folder = write(
        colours="x = 1",
        reminders="[[reminders",
        vendors="[good2go]\nfetch_back = 3.5\n[robohead]",
        routes=ROUTE.replace('"approved"', '"aproved"') + ROUTE.replace("goodday.", "goodyear."),
        destinations=DESTINATION.replace("customer@", "@"),
    )
    problems = problems_of(folder)
    named = [re.match(rf"{re.escape(str(folder))}/(\w+)\.toml: ", problem) for problem in problems]
    assert sorted(match[1] for match in named if match) == [
        "colours",
        "destinations",
        "reminders",
        "routes",
        "routes",
        "vendors",
    ]
    assert all(named)


def test_configuration_refused_when_there_is_none(tmp_path: Path) -> None:
    assert "no configuration here" in problems_of(tmp_path)[0]
    assert "no configuration here" in problems_of(tmp_path / "missing")[0]


# -- what can't be had


def mirror(status: str, when: str = 'change = "status"', action: str = "good2go.set_status") -> str:
    """Return a route from GoodDay that sets a status."""
    return (
        f'[[routes]]\nname = "mirror"\nwhen = {{ vendor = "goodday", {when} }}\n'
        f'then = [{{ action = "{action}", status = "{status}" }}]\n'
    )


UNMET = [
    (
        ROUTE.replace('"completed"', '"rejected"'),
        [
            "routes[0].then[0]: route 'approval': goodday.set_status can't set rejected",
            "vendors.toml names no GoodDay status for it",
            'add to [goodday.statuses]: rejected = ["…"]',
        ],
    ),
    (mirror("cancelled"), ["route 'mirror'", "can't set cancelled", "it takes: approved, approved_with"]),
    (mirror("expired", action="robohead.set_status"), ["can't set expired: robohead has no such status"]),
    (mirror("{change.to}"), ["can't set cancelled: good2go has no such status"]),
    (
        mirror("{change.to}", 'change = "status", to = ["completed", "cancelled"]'),
        ["can't set cancelled: good2go has no such status"],
    ),
    (
        mirror("{change.to}", 'change = "name"'),
        ["a status of ours or, for a change of status, '{change"],
    ),
    (mirror("{change.by}"), ["'{change.to}', not '{change.by}'"]),
]


@pytest.mark.parametrize(("routes", "said"), UNMET)
def test_configuration_refused_when_a_route_asks_for_what_can_not_be_had(
    write: Write, routes: str, said: list[str]
) -> None:
    folder = write(vendors=VENDORS, routes=routes)
    (problem,) = problems_of(folder)
    assert problem.startswith(f"{folder / 'routes.toml'}: routes[0].then[0]: route ")
    for words in said:
        assert words in problem


def test_every_status_that_lacks_is_named_when_a_table_is_empty(write: Write) -> None:
    routes = mirror("{change.to}", action="goodday.set_status").replace('"goodday", ', '"robohead", ')
    problems = problems_of(write(vendors="", routes=routes))
    assert [re.findall(r"can't set (\w+):", problem) for problem in problems] == [
        ["approved"],
        ["approved_with_changes"],
        ["completed"],
        ["in_review"],
        ["not_started"],
        ["rejected"],
    ]


@pytest.mark.parametrize(
    "routes",
    [
        mirror("{change.to}", 'change = "status", to = ["completed", "in_review"]'),
        mirror("{change.to}", action="goodday.set_status", when='change = "status", to = "cancelled"'),
        mirror("completed", 'change = "name"', "robohead.set_status"),
    ],
)
def test_configuration_accepted_when_every_status_can_be_had(write: Write, routes: str) -> None:
    assert len(load_config(write(vendors=VENDORS, routes=routes)).routes) == 1


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("routes", then('goodday.comment", message = "{change.who}"'), "route 'approval': {change.who} is"),
        (
            "routes",
            ROUTE.replace('"approved"', '"aproved"'),
            "when: route 'approval': 'aproved' is",
        ),
        ("routes", ROUTE.replace('"approval"', "7"), "routes[0].name: Input should be"),
        ("reminders", REMINDER.replace('"good2go"', '"good3go"'), "reminders[0].vendor: reminder 'due': "),
    ],
)
def test_problem_names_the_route_or_the_reminder(write: Write, name: str, text: str, named: str) -> None:
    assert any(named in problem for problem in problems_of(write(vendors=VENDORS, **{name: text})))
