from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, NoRegionError

from proofbridge.config.loader import ConfigError
from proofbridge.events.replay import CantReplayError
from proofbridge.recovery.retry import CantRetryError
from proofbridge.stores.secrets import SecretError
from proofbridge.vendors.errors import AuthenticationError
from proofbridge_cli.errors import CommandError, explained


def refusal(code: str, message: str = "You may not.") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ConfigError("config/a.toml: one\nconfig/b.toml: two"), "config/a.toml: one; config/b.toml: two"),
        (CantReplayError("it said nothing new"), "it said nothing new"),
        (CantRetryError("it is done"), "it is done"),
        (SecretError("the secret x lacks 'y'"), "the secret x lacks 'y'"),
        (
            AuthenticationError("no", vendor="approval-studio", operation="webhooks.list", status=401),
            "approval-studio webhooks.list failed: the credentials were refused (HTTP 401): no",
        ),
        (
            refusal("AccessDenied"),
            "AWS refused DescribeStacks: You may not. Use credentials",
        ),
        (refusal("ExpiredToken"), "Log in again."),
        (refusal("Throttling", "Rate\nexceeded"), "Rate exceeded"),
        (NoCredentialsError(), "Log in"),
        (NoRegionError(), "AWS_REGION"),
        (EndpointConnectionError(endpoint_url="https://x.test"), "https://x.test"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_foreseen_error_is_one_line_of_what_why_and_what_to_do(error: Exception, says: str) -> None:
    found = explained(error)

    assert found is not None
    assert says in str(found)
    assert "\n" not in str(found)
    assert all(found.to_dict()["error"].values())
    assert found.status == 1


def test_error_that_was_not_foreseen_is_left_alone() -> None:
    assert explained(RuntimeError("a fault of ours")) is None


def test_command_error_is_kept_as_it_is() -> None:
    error = CommandError("what", "why", "Do this.", status=2)

    assert explained(error) is error
    assert str(error) == "what: why. Do this."
