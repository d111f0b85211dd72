"""Secrets: read once in a while, and never told by an error."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proofbridge.stores.secrets import SecretError, Secrets, webhook_credentials
from tests.integration.cloud import Cloud

NAME = "proofbridge/test/good2go"
HIDDEN = "sesame-7f3a"


class Stopwatch:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.seconds


@pytest.fixture
def cloud(tables: Cloud) -> Cloud:
    return tables


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def secrets(cloud: Cloud, stopwatch: Stopwatch) -> Secrets:
    return Secrets(lambda: cloud.secretsmanager, 300, clock=stopwatch)


def put(cloud: Cloud, value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        cloud.secretsmanager.create_secret(Name=NAME, SecretString=text)
    except cloud.secretsmanager.exceptions.ResourceExistsException:
        cloud.secretsmanager.put_secret_value(SecretId=NAME, SecretString=text)


def test_secret_is_read_once_when_it_is_asked_for_often(
    secrets: Secrets, cloud: Cloud, stopwatch: Stopwatch
) -> None:
    put(cloud, {"token": "one"})
    with cloud.counted() as calls:
        assert secrets.text(NAME, "token") == "one"
        put(cloud, {"token": "two"})
        stopwatch.seconds += 299.9
        assert secrets.text(NAME, "token") == "one"
    assert calls.count("GetSecretValue") == 1


def test_secret_is_read_again_when_it_was_kept_long_enough(
    secrets: Secrets, cloud: Cloud, stopwatch: Stopwatch
) -> None:
    put(cloud, {"token": "one"})
    assert secrets.text(NAME, "token") == "one"
    put(cloud, {"token": "two"})
    stopwatch.seconds += 300
    assert secrets.text(NAME, "token") == "two"


def test_secret_is_read_again_when_it_was_to_be_forgotten(secrets: Secrets, cloud: Cloud) -> None:
    secrets.forget(NAME)
    put(cloud, {"token": "one"})
    assert secrets.text(NAME, "token") == "one"
    put(cloud, {"token": "two"})
    secrets.forget(NAME)
    assert secrets.text(NAME, "token") == "two"


def test_client_is_made_only_when_a_secret_is_needed(cloud: Cloud) -> None:
    made: list[int] = []

    def make() -> Any:
        made.append(1)
        return cloud.secretsmanager

    put(cloud, {"token": "one"})
    secrets = Secrets(make, 0)
    assert made == []
    for _ in range(3):
        secrets.get(NAME)
    assert made == [1]


def test_wrong_secret_is_read_again_when_it_was_put_right(secrets: Secrets, cloud: Cloud) -> None:
    put(cloud, "nonsense")
    with pytest.raises(SecretError):
        secrets.get(NAME)
    put(cloud, {"token": "one"})
    assert secrets.text(NAME, "token") == "one"


@pytest.mark.parametrize(
    "value", [HIDDEN, f'"{HIDDEN}"', f'["{HIDDEN}"]', "7", "null", "true", f'{{"token": "{HIDDEN}"', "{} {}"]
)
def test_secret_refused_without_telling_it_when_it_is_no_object(
    secrets: Secrets, cloud: Cloud, value: str
) -> None:
    put(cloud, value)
    with pytest.raises(SecretError, match=f"{NAME} is not a JSON object") as caught:
        secrets.get(NAME)
    expect_nothing_told(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"other": HIDDEN},
        {"token": None},
        {"token": ""},
        {"token": 7},
        {"token": [HIDDEN]},
        {"Token": HIDDEN},
    ],
)
def test_secret_refused_without_telling_it_when_it_lacks_the_text(
    secrets: Secrets, cloud: Cloud, value: dict[str, Any]
) -> None:
    put(cloud, value)
    with pytest.raises(SecretError, match=f"{NAME} lacks 'token'") as caught:
        secrets.text(NAME, "token")
    expect_nothing_told(caught.value)


def test_secret_refused_when_there_is_none(secrets: Secrets, cloud: Cloud) -> None:
    with pytest.raises(SecretError, match=f"{NAME} has no value"):
        secrets.get(NAME)
    cloud.secretsmanager.create_secret(Name=NAME, SecretBinary=HIDDEN.encode())
    with pytest.raises(SecretError, match=f"{NAME} has no value"):
        secrets.get(NAME)


def test_credentials_are_all_pairs_when_there_are_several(secrets: Secrets, cloud: Cloud) -> None:
    pairs = [{"username": "a", "password": "b"}, {"username": "c", "password": "d", "since": "May"}]
    put(cloud, {"webhooks": pairs})
    assert webhook_credentials(secrets, NAME) == [("a", "b"), ("c", "d")]


@pytest.mark.parametrize(
    "webhooks",
    [
        None,
        [],
        {},
        HIDDEN,
        7,
        {"username": "a", "password": HIDDEN},
        [HIDDEN],
        [7],
        [None],
        [[HIDDEN, HIDDEN]],
        [{"username": "a"}],
        [{"password": HIDDEN}],
        [{"username": "", "password": HIDDEN}],
        [{"username": "a", "password": ""}],
        [{"username": "a", "password": None}],
        [{"username": "a", "password": 7}],
        [{"username": ["a"], "password": HIDDEN}],
        [{"username": "a", "password": "b"}, {"username": HIDDEN}],
        [{"username": "a", "password": "b"}, HIDDEN],
    ],
)
def test_credentials_refused_without_telling_them_when_they_are_malformed(
    secrets: Secrets, cloud: Cloud, webhooks: Any
) -> None:
    put(cloud, {"webhooks": webhooks})
    with pytest.raises(SecretError, match=r"'webhooks'") as caught:
        webhook_credentials(secrets, NAME)
    expect_nothing_told(caught.value)


def expect_nothing_told(error: BaseException) -> None:
    """A secret must not stand in an error, nor in the errors that are printed with it."""
    told: BaseException | None = error
    while told is not None:
        assert HIDDEN not in str(told)
        told = None if told.__suppress_context__ else told.__context__
