"""How the stack is found, and what is said when it is not."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import boto3
import pytest

from proofbridge.domain.items import Vendor
from proofbridge_cli.errors import CommandError
from proofbridge_cli.stack import open_stack
from tests.infra.stack_template import resources
from tests.integration.bridge import Bridge
from tests.integration.cloud import QUEUES, REGION, Cloud
from tests.unit.cli.commands import read, run


def deploy(name: str, template: dict[str, object]) -> None:
    cloudformation = boto3.client("cloudformation", region_name=REGION)
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    cloudformation.close()


def test_another_stack_is_used_when_it_is_named(live: Bridge) -> None:
    assert live
    outputs = {"InboxTableName": {"Value": "no-such-table"}}
    deploy("other", {"Resources": {"Anything": {"Type": "AWS::SQS::Queue"}}, "Outputs": outputs})

    ran = run("events", "list", "--stack", "other")

    assert ran.status == 1
    assert "not found" in ran.errors.lower()
    assert read("events", "list")["events"] == []


def test_name_comes_from_samconfig_when_the_folder_has_one(
    live: Bridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert live
    (tmp_path / "samconfig.toml").write_text('[default.deploy.parameters]\nstack_name = "mine"\n')
    monkeypatch.chdir(tmp_path)

    ran = run("events", "list")

    assert ran.status == 1
    assert "there is no stack 'mine'" in ran.errors


def test_resources_are_found_by_their_logical_ids_when_they_are_no_outputs(cloud: Cloud) -> None:
    """As every vendor's queue of the template has to be."""
    wanted = {f"{name}ActionsQueue" for name in ("Good2Go", "ApprovalStudio", "GoodDay", "RoboHead", "Aws")}
    assert wanted <= set(resources())
    deploy("bare", {"Resources": {name: {"Type": "AWS::SQS::Queue"} for name in wanted}})

    with open_stack("bare") as found:
        queues = found.queues(*QUEUES)

    assert cloud
    urls = queues._urls
    assert {vendor: "ActionsQueue" in url for vendor, url in urls.items()} == dict.fromkeys(Vendor, True)


def test_what_is_missing_is_named_when_the_stack_is_an_old_one(cloud: Cloud) -> None:
    assert cloud
    deploy("bare", {"Resources": {"Anything": {"Type": "AWS::SQS::Queue"}}})

    ran = run("events", "list", "--stack", "bare", "--json")

    assert ran.status == 1
    assert "InboxTable" in ran.error["why"]
    assert "--stack" in ran.error["what_to_do"]


def test_one_line_says_how_to_start_it_when_local_aws_does_not_run() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with (
        pytest.raises(CommandError, match="make local") as caught,
        open_stack("proofbridge", local=True, port_offset=port - 5000),
    ):
        pass

    assert f"http://127.0.0.1:{port}" in caught.value.why


def test_one_line_says_what_to_do_when_there_are_no_credentials(
    stack: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patched:  # moto wants its own credentials back at the end
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patched.delenv(name, raising=False)
        patched.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patched.setenv(name, str(tmp_path / "none"))
        ran = run("events", "list", "--stack", stack)

    assert ran.status == 1
    assert "Log in" in ran.errors
    assert len(ran.errors.splitlines()) == 1


def test_one_line_says_what_to_do_when_there_is_no_region(
    stack: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    ran = run("events", "list", "--stack", stack)

    assert ran.status == 1
    assert "AWS_REGION" in ran.errors


@pytest.mark.parametrize(
    "arguments",
    [["events"], ["events", "lsit"], ["events", "list", "--limit", "0"], ["events", "show"], ["nonsense"]],
    ids=" ".join,
)
def test_usage_error_is_one_line_with_status_2_when_the_command_makes_no_sense(arguments: list[str]) -> None:
    ran = run(*arguments)

    assert (ran.status, ran.screen) == (2, "")
    assert len(ran.errors.splitlines()) == 1
    assert "--help" in ran.errors
    assert run(*arguments, "--json").error["what"] == "the command line makes no sense"


def test_usage_error_is_given_when_ports_are_moved_of_what_is_not_local() -> None:
    ran = run("events", "list", "--port-offset", "100")

    assert ran.status == 2
    assert "--local" in ran.errors


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, "127.0.0.1"), ("a.test,b.test", "a.test,b.test,127.0.0.1"), ("127.0.0.1", "127.0.0.1")],
)
def test_no_proxy_is_asked_for_what_is_on_this_machine(
    given: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", given or "")

    run("--help")

    assert (os.environ["no_proxy"], os.environ["NO_PROXY"]) == (expected, expected)


def test_help_is_shown_when_nothing_is_asked_for() -> None:
    ran = run()

    assert ran.status == 0
    for group in ("events", "actions", "webhooks", "config"):
        assert group in ran.screen
