"""Reminder policies are refused when they can't work, by what is wrong and what would be right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from proofbridge.config.loader import ConfigError, load_config
from proofbridge.config.reminders.channels import CHANNELS, Channel
from proofbridge.config.reminders.policies import Reminder
from tests.unit.config_samples import REMINDER

Write = Callable[..., Path]
SENDER = '[email]\nsender = "proofs@studio.test"\n'
PEOPLE = '[[people]]\nname = "Mona"\nemail = "mona@studio.test"\ngoodday = "USRMGR"\n'
ESCALATION = REMINDER + "[[reminders.escalation]]\n"
STUDIO = REMINDER.replace('"good2go"', '"approval-studio"')
BY_VENDOR = REMINDER + 'mode = "vendor"\n'


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(**files: str) -> Path:
        for name, text in files.items():
            (tmp_path / f"{name}.toml").write_text(text)
        return tmp_path

    return write


REFUSED: list[tuple[str, list[str]]] = [
    (REMINDER.replace('"0"', '"-4 hours"'), ["reminders[0].offsets", "'-4 hours' is no offset", "'-4 h'"]),
    (REMINDER.replace('"0"', "[]"), ["reminders[0].offsets"]),
    (REMINDER.replace('"0"', '["+1 d", "every 1 d up to 2"]'), ["'+1 d' stands twice"]),
    (REMINDER.replace('"0"', '"every 0 d up to 2"'), ["not every 0"]),
    (REMINDER.replace('"0"', '"every 1 d up to 61"'), ["1 to 60 times"]),
    (REMINDER.replace('"0"', '"+300 workdays"'), ["too far from the due date: at most 250 workdays"]),
    (
        REMINDER + 'message = "{proof.name}"',
        ["reminders[0].message", "{proof.name} is unknown; allowed: item."],
    ),
    (REMINDER + 'message = { de = "{x}" }', ["reminders[0].message", "{x} is unknown"]),
    (REMINDER + "message = {}", ["reminders[0].message", "needs a text"]),
    (REMINDER + 'digest_message = "{item.name}"', ["{item.name} is unknown; allowed: person.name"]),
    (REMINDER + "ofset = '1'", ["reminders[0]", "unknown key 'ofset'", "did you mean 'offsets'?"]),
    (REMINDER + "condition = 'item.'", ["reminders[0].condition", "is no JMESPath expression"]),
    (REMINDER + 'zone = "Berlin"', ["reminders[0].zone", "'Berlin' is no time zone"]),
    (REMINDER + 'workdays = ["monday"]', ["'monday' is no day; allowed: mon, tue"]),
    (REMINDER + "workdays = []", ["needs at least one day"]),
    (REMINDER + 'holidays = "XX"', ["no holidays are known of 'XX'"]),
    (REMINDER + 'holidays = "DE-NY"', ["DE has no 'NY'", "DE-BY"]),
    (REMINDER + 'quiet_hours = "19-8"', ["'19-8' are no quiet hours; write them as '19:00-08:00'"]),
    (REMINDER + 'quiet_hours = "08:00-08:00"', ["not all day long"]),
    # channels
    (REMINDER + 'channel = "sms"', ["good2go knows no channel 'sms'", "good2go.notify, goodday.comment"]),
    (
        STUDIO + 'channel = "good2go.notify"',
        ["approval-studio has no 'good2go.notify'", "can use: goodday.comment, goodday.reply, email"],
    ),
    (STUDIO, ["channel is missing", "can use: goodday.comment, goodday.reply, email"]),
    (
        REMINDER + "digest = true",
        ["good2go.notify is about one proof; digests can use: email, goodday.comment"],
    ),
    (REMINDER + 'to = "assignee"', ["good2go.notify reaches reviewers only", "goodday.reply"]),
    (REMINDER + 'to = "Mona"', ["'Mona' has no e-mail address, as good2go.notify needs"]),
    (REMINDER + 'channel = "email"\nto = "Mona"', ["'Mona' has no e-mail address", "people.toml"]),
    (REMINDER + 'channel = "goodday.reply"\nto = "a@b.test"', ["'a@b.test' has no GoodDay user id"]),
    (
        REMINDER + '[[reminders.escalation]]\nlate = "0"\nto = "Mona Manger"\nchannel = "goodday.reply"',
        ["'Mona Manger' has no GoodDay user id", "name it in people.toml"],
    ),
    # escalation
    (ESCALATION + 'to = "USRMGR"', ["escalation[0]", "needs either after", "or late"]),
    (ESCALATION + "after = 1\nlate = '+1 d'\npriority = 9", ["needs either after"]),
    (ESCALATION + "after = 1", ["needs to (who is told) or priority"]),
    (ESCALATION + 'after = 1\nto = "USRMGR"', ["needs a channel"]),
    (ESCALATION + "after = 2\npriority = 9", ["after 2 reminders, of which there are 1"]),
    (ESCALATION + "after = 1\npriority = 11", ["must be 1 to 10, 50 (blocker) or 100"]),
    (ESCALATION + "late = '+1 d'\nwait = '+1 d'\npriority = 9", ["wait goes with after"]),
    (ESCALATION + "after = 1\nwait = '-1 d'\npriority = 9", ["is before the reminder"]),
    (ESCALATION + "late = 'every 1 d up to 3'\npriority = 9", ["is several; one is wanted"]),
    (
        ESCALATION + 'late = "+1 d"\nto = "a@b.test"\nchannel = "good2go.call"',
        ["good2go knows no channel 'good2go.call'"],
    ),
    # the vendor's own reminders
    (STUDIO + 'mode = "vendor"', ["approval-studio sends no reminders by itself", "goodday.comment"]),
    (BY_VENDOR + 'message = "Hello"\nto = "a@b.test"', ["message, to: with mode 'vendor' Good2Go decides"]),
    (
        BY_VENDOR.replace('"0"', '"-200 d"'),
        ["'-200 d' is farther from the due date than Good2Go can be told"],
    ),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_policy_is_refused_when_it_can_not_work(write: Write, text: str, said: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(reminders=text, vendors=SENDER))
    for part in ["reminders.toml", *said]:
        assert part in str(caught.value)


def test_email_is_refused_when_there_is_no_sender(write: Write) -> None:
    folder = write(reminders=STUDIO + 'channel = "email"\nto = "a@b.test"')
    with pytest.raises(ConfigError, match=r"needs a setting in vendors.toml: \[email\] sender"):
        load_config(folder)


def test_people_are_refused_when_two_share_an_id(write: Write) -> None:
    with pytest.raises(ConfigError, match="'USRMGR' stands twice"):
        load_config(write(people=PEOPLE + PEOPLE.replace("ona", "ono")))


@pytest.mark.parametrize("vendor", sorted(CHANNELS))
def test_every_channel_of_a_vendor_is_accepted_when_the_person_has_all_addresses(
    write: Write, vendor: str
) -> None:
    policies = "".join(
        REMINDER.replace('"good2go"', f'"{vendor}"').replace('"due"', f'"{channel}"')
        + f'channel = "{channel}"\nto = "Mona"\n'
        for channel in CHANNELS[vendor]  # type: ignore[index] # vendors are texts
    )
    config = load_config(write(reminders=policies, vendors=SENDER, people=PEOPLE))
    assert {str(each.chosen_channel) for each in config.reminders} == set(CHANNELS[vendor])  # type: ignore[index]


def test_reviewers_are_notified_by_good2go_when_a_policy_says_no_more() -> None:
    policy = Reminder.model_validate({"name": "due", "vendor": "good2go", "offsets": "0"})
    assert (policy.to, policy.chosen_channel, policy.mode) == (
        "open_reviewers",
        Channel.NOTIFY,
        "proofbridge",
    )


def test_persons_own_calendar_counts_unless_the_policy_goes_by_its_own(write: Write) -> None:
    own = 'zone = "Asia/Tokyo"\nholidays = "JP"\nquiet_hours = "18:00-09:00"\nworkdays = ["sun"]\n'
    config = load_config(
        write(
            people=PEOPLE + own + "days_off = [2026-12-24]",
            reminders=REMINDER
            + 'zone = "Europe/Berlin"\n'
            + REMINDER.replace('"due"', '"2"')
            + "zone_of = 'policy'",
        )
    )
    (mona,) = config.people
    persons, policys = (policy.calendar_for(mona) for policy in config.reminders)
    assert (persons.zone.key, persons.workdays, persons.quiet is None) == (
        "Asia/Tokyo",
        frozenset({6}),
        False,
    )
    assert not persons.is_workday(mona.days_off[0])
    assert (policys.zone.key, policys.quiet) == ("UTC", None)
    assert config.reminders[0].calendar_for(None).zone.key == "Europe/Berlin"
