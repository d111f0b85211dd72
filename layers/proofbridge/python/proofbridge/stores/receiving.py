"""The AWS clients of a receiver: quick to start, and quick to give up, since the sender waits.

Made by botocore itself, since importing boto3 would only add to the cold start. At worst, with every attempt
timing out, both together take less than three seconds; then the sender is told to try again.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader

from proofbridge.stores.secrets import SecretError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

FAILURES: Final = (BotoCoreError, ClientError, SecretError)
"""What keeps a webhook from being stored, through no fault of its own."""

# Retrying in the legacy mode: its delays are known beforehand, and no answer of the service can stretch them.
_PUT: Final[dict[str, Any]] = {
    "connect_timeout": 0.3,
    "read_timeout": 0.65,
    "retries": {"mode": "legacy", "total_max_attempts": 2},
}
_READ_SECRET: Final[dict[str, Any]] = {
    "connect_timeout": 0.3,
    "read_timeout": 0.7,
    "retries": {"mode": "legacy", "total_max_attempts": 1},
}


class _Loader(Loader):
    """Names our services, where botocore would look through the folders of all four hundred, twice."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - botocore's signature
        return ["dynamodb", "secretsmanager"]


@functools.cache
def _session() -> botocore.session.Session:
    session = botocore.session.get_session()
    session.register_component("data_loader", _Loader())
    return session


def dynamodb() -> DynamoDBClient:
    """Make the client for the put. A second attempt covers a connection that was closed while idle."""
    return cast("DynamoDBClient", _session().create_client("dynamodb", config=Config(**_PUT)))


def secretsmanager() -> SecretsManagerClient:
    """Make the client for the secrets."""
    client = _session().create_client("secretsmanager", config=Config(**_READ_SECRET))
    return cast("SecretsManagerClient", client)
