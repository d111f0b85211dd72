"""`proofbridge webhooks`: one registration however often it is asked for, and a secret that nobody sees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.simulators import Simulator, serve
from tests.integration.cli.conftest import HTTP_API
from tests.integration.cloud import Cloud
from tests.integration.site import Site
from tests.unit.cli.commands import Ran, read, run

OWN_URL = f"{HTTP_API}/webhooks/approval-studio"
SECRET_ID = "proofbridge/test/approval-studio"
HELD = {"username": "studio@proofbridge.test", "password": "local-studio-password", "note": "kept"}


@pytest.fixture(scope="session")
def studio_server() -> Iterator[Simulator]:
    with serve("approval-studio", port=0) as simulator:
        yield simulator


@pytest.fixture
def studio(studio_server: Simulator, cloud: Cloud, stack: str) -> Iterator[Site]:
    """An Approval Studio without webhooks, and a stack that knows where it is and how to log in."""
    assert stack
    cloud.secretsmanager.create_secret(Name=SECRET_ID, SecretString=json.dumps(HELD))
    studio_server.reset()
    site = Site(studio_server.url)
    yield site
    assert site.violations() == []
    site.close()


@pytest.fixture
def parameters(studio_server: Simulator) -> dict[str, str]:
    return {"Stage": "test", "ApprovalStudioBaseUrl": studio_server.url}


def held(cloud: Cloud) -> dict[str, Any]:
    """What is in Secrets Manager."""
    found: dict[str, Any] = json.loads(
        cloud.secretsmanager.get_secret_value(SecretId=SECRET_ID)["SecretString"]
    )
    return found


def webhooks(studio: Site) -> list[dict[str, Any]]:
    """What Approval Studio holds, secrets included."""
    found = studio._see("state")["webhooks"]
    return [webhook for webhook in found if webhook["until_at"] is None]


def shows(ran: Ran, secret: str) -> bool:
    return secret in ran.screen or secret in ran.errors


def test_stack_is_registered_and_its_secret_put_when_it_was_not_yet(studio: Site, cloud: Cloud) -> None:
    ran = run("webhooks", "register")

    (webhook,) = webhooks(studio)
    assert ran.status == 0
    assert webhook["url"] == OWN_URL
    assert held(cloud) == {**HELD, "webhook_secrets": [webhook["secret"]]}
    assert not shows(ran, webhook["secret"])


def test_nothing_more_happens_when_it_is_registered_a_second_time(studio: Site, cloud: Cloud) -> None:
    first = read("webhooks", "register")
    before = held(cloud)

    second = read("webhooks", "register")

    assert (first["registered_now"], first["secret_put_now"]) == (True, True)
    assert (second["registered_now"], second["secret_put_now"]) == (False, False)
    assert second["webhook"] == first["webhook"]
    assert len(studio.effects("create_webhook")) == 1
    assert held(cloud) == before


def test_secret_is_put_when_registering_had_been_killed_half_way(studio: Site, cloud: Cloud) -> None:
    read("webhooks", "register")
    cloud.secretsmanager.put_secret_value(SecretId=SECRET_ID, SecretString=json.dumps(HELD))

    told = read("webhooks", "register")

    (webhook,) = webhooks(studio)
    assert (told["registered_now"], told["secret_put_now"]) == (False, True)
    assert held(cloud)["webhook_secrets"] == [webhook["secret"]]


def test_there_is_one_registration_when_the_vendors_answer_was_lost(studio: Site, cloud: Cloud) -> None:
    studio.fault("create_webhook", "drop_after")

    told = read("webhooks", "register")

    (webhook,) = webhooks(studio)
    assert told["webhook"]["uid"] == webhook["uid"]
    assert held(cloud)["webhook_secrets"] == [webhook["secret"]]


def test_previous_secret_is_kept_and_no_third_when_others_are_registered(studio: Site, cloud: Cloud) -> None:
    for path in ("one", "two", "three"):
        read("webhooks", "register", "--url", f"https://proofs.example.test/{path}")

    secrets = {webhook["url"].rpartition("/")[2]: webhook["secret"] for webhook in webhooks(studio)}
    assert held(cloud)["webhook_secrets"] == [secrets["three"], secrets["two"]]


def test_list_tells_which_secrets_are_known_and_shows_none(studio: Site, cloud: Cloud) -> None:
    read("webhooks", "register", "--url", "https://elsewhere.example.test/hook")
    cloud.secretsmanager.put_secret_value(SecretId=SECRET_ID, SecretString=json.dumps(HELD))
    read("webhooks", "register")

    ran, told = run("webhooks", "list"), read("webhooks", "list")["webhooks"]

    assert {(each["url"], each["secret_known"], each["this_stack"]) for each in told} == {
        (OWN_URL, True, True),
        ("https://elsewhere.example.test/hook", False, False),
    }
    assert set(told[0]) == {"uid", "url", "created_at", "secret_known", "this_stack"}
    assert not any(shows(ran, webhook["secret"]) for webhook in webhooks(studio))
    assert not any(webhook["secret"] in json.dumps(told) for webhook in webhooks(studio))
    assert "this stack" in ran.screen


def test_password_in_an_address_is_not_shown_when_it_is_registered_and_listed(studio: Site) -> None:
    address = "https://printer:its-password@proofs.example.test/hook"

    ran = [
        run("webhooks", "register", "--url", address),
        run("webhooks", "list"),
        run("webhooks", "list", "--json"),
    ]

    assert [webhook["url"] for webhook in webhooks(studio)] == [address]
    assert [each.status for each in ran] == [0, 0, 0]
    assert not any(shows(each, "its-password") for each in ran)
    assert "https://…@proofs.example.test/hook is registered" in ran[0].screen


def test_list_says_how_to_register_when_there_is_none(studio: Site) -> None:
    assert studio
    assert "proofbridge webhooks register" in run("webhooks", "list").screen


def test_vendor_sends_a_test_when_it_is_told_to(studio: Site) -> None:
    uid = read("webhooks", "register")["webhook"]["uid"]

    told = read("webhooks", "test")

    assert told["test_sent"] is True
    assert [effect["item"] for effect in studio.effects("test_webhook")] == [uid]


@pytest.mark.parametrize("by", ["nothing", "uid", "url"])
def test_webhook_is_gone_and_its_secret_still_taken_when_it_is_removed(
    by: str, studio: Site, cloud: Cloud
) -> None:
    row = read("webhooks", "register")["webhook"]
    before = held(cloud)

    told = read("webhooks", "remove", *({"uid": [row["uid"]], "url": [row["url"]]}.get(by, [])))

    assert told["removed"] is True
    assert webhooks(studio) == []
    assert held(cloud) == before


@pytest.mark.parametrize("command", ["test", "remove"])
def test_one_line_says_so_when_there_is_no_such_webhook(command: str, studio: Site) -> None:
    ran = run("webhooks", command, "NOBODY")

    assert (ran.status, ran.screen) == (1, "")
    assert "there is no webhook NOBODY" in ran.errors
    assert studio.effects() == []


def test_nothing_is_made_when_the_secret_has_no_credentials(studio: Site, cloud: Cloud) -> None:
    cloud.secretsmanager.put_secret_value(SecretId=SECRET_ID, SecretString="{}")

    ran = run("webhooks", "register")

    assert ran.status == 1
    assert f"the secret {SECRET_ID} lacks 'username'" in ran.errors
    assert studio.requests() == []


def test_password_is_not_shown_when_the_vendor_refuses_it(studio: Site, cloud: Cloud) -> None:
    wrong = {**HELD, "password": "a-wrong-password"}
    cloud.secretsmanager.put_secret_value(SecretId=SECRET_ID, SecretString=json.dumps(wrong))

    ran = run("webhooks", "list")

    assert ran.status == 1
    assert "the credentials were refused" in ran.errors
    assert len(ran.errors.splitlines()) == 1
    assert not shows(ran, "a-wrong-password")
    assert studio.effects() == []


@pytest.mark.parametrize(
    "options", [["--url", "proofs.example.test"], ["--base-url", "https://host/path"]], ids=" ".join
)
def test_usage_error_is_given_when_an_address_is_none(options: list[str], studio: Site) -> None:
    ran = run("webhooks", "register", *options)

    assert ran.status == 2
    assert studio.requests() == []


def test_other_origin_is_asked_when_it_is_given(studio: Site) -> None:
    ran = run("webhooks", "list", "--base-url", "http://127.0.0.1:9", "--json")

    assert ran.status == 1
    assert "http://127.0.0.1:9" in ran.error["why"]
    assert studio.requests() == []
