"""What the template promises of the receivers: their routes, what they may do, and what may be set."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.infra.stack_template import functions, parameters, resources

RECEIVERS = {
    "ReceiveGood2GoFunction": ("/webhooks/good2go", "Good2GoSecret"),
    "ReceiveApprovalStudioFunction": ("/webhooks/approval-studio", "ApprovalStudioSecret"),
    "ReceiveSignalFunction": ("/webhooks/signal/{source}", "SignalSecret"),
}


def test_every_function_with_a_route_is_a_receiver() -> None:
    routed = {
        name
        for name, function in functions().items()
        if any(event["Type"] == "HttpApi" for event in function.get("Events", {}).values())
    }

    assert routed == set(RECEIVERS)


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, (path, _) in RECEIVERS.items()])
def test_receiver_takes_posts_on_its_path(name: str, path: str) -> None:
    (event,) = functions()[name]["Events"].values()

    assert event["Properties"] == {"ApiId": {"Ref": "HttpApi"}, "Method": "POST", "Path": path}


@pytest.mark.parametrize("name", RECEIVERS)
def test_receiver_starts_without_third_party_packages(name: str) -> None:
    assert functions()[name]["Layers"] == [{"Ref": "ProofbridgeLayer"}]


@pytest.mark.parametrize(("name", "secret"), [(name, secret) for name, (_, secret) in RECEIVERS.items()])
def test_receiver_may_put_events_read_its_secret_and_log(name: str, secret: str) -> None:
    role = resources()[functions()[name]["Role"]["GetAtt"][0]]["Properties"]
    allowed: list[dict[str, Any]] = role["Policies"][0]["PolicyDocument"]["Statement"]

    assert [(s["Action"], s["Resource"]) for s in allowed] == [
        (["logs:CreateLogStream", "logs:PutLogEvents"], {"GetAtt": [_log_group(name), "Arn"]}),
        ("dynamodb:PutItem", {"GetAtt": ["InboxTable", "Arn"]}),
        ("secretsmanager:GetSecretValue", {"Ref": secret}),
    ]
    assert functions()[name]["Environment"]["Variables"]["SECRET_ID"] == {"Ref": secret}


def _log_group(name: str) -> str:
    return str(functions()[name]["LoggingConfig"]["LogGroup"]["Ref"])


def accepts(parameter: str, value: str) -> bool:
    return re.fullmatch(parameters()[parameter]["AllowedPattern"], value) is not None


@pytest.mark.parametrize(
    "value", ["", "192.0.2.0/24", "192.0.2.1,198.51.100.0/24", "2001:db8::/32, ::ffff:192.0.2.1"]
)
def test_source_ranges_can_be_set(value: str) -> None:
    assert accepts("Good2GoSourceRanges", value)


@pytest.mark.parametrize("value", ["good2go.test", "192.0.2.0/24,", ",", "192.0.2.0/24 198.51.100.1", "*"])
def test_source_ranges_are_refused_at_deployment_when_they_are_none(value: str) -> None:
    assert not accepts("Good2GoSourceRanges", value)


@pytest.mark.parametrize("value", ["", "id", "data.event.id", "event-id"])
def test_event_id_path_can_be_set(value: str) -> None:
    assert accepts("Good2GoEventIdPath", value)


@pytest.mark.parametrize("value", [".", "a.", ".a", "a..b"])
def test_event_id_path_is_refused_at_deployment_when_it_has_gaps(value: str) -> None:
    assert not accepts("Good2GoEventIdPath", value)
