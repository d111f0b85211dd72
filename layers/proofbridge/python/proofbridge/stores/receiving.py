"""The AWS clients of a receiver: quick to start, and quick to give up, since the sender waits.

Made by botocore itself, since importing boto3 would only add to the cold start. At worst both calls together
take less than three seconds; then the sender is told to try again.
"""

from __future__ import annotations

import functools
import queue
import threading
from typing import TYPE_CHECKING, Any, Final, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError
from botocore.loaders import Loader

from proofbridge.stores.inbox import NotStoredError
from proofbridge.stores.secrets import SecretError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

FAILURES: Final = (BotoCoreError, ClientError, SecretError, NotStoredError)
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

PUT_SECONDS: Final = 1.9
READ_SECRET_SECONDS: Final = 1.0
"""How long each call may take with all its attempts."""


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
    client = cast("DynamoDBClient", _session().create_client("dynamodb", config=Config(**_PUT)))
    _give_up_after(PUT_SECONDS, client, "put_item")
    return client


def secretsmanager() -> SecretsManagerClient:
    """Make the client for the secrets."""
    client = _session().create_client("secretsmanager", config=Config(**_READ_SECRET))
    _give_up_after(READ_SECRET_SECONDS, client, "get_secret_value")
    return cast("SecretsManagerClient", client)


def _give_up_after(seconds: float, client: Any, operation: str) -> None:
    """Have an operation of the client end in time, also where botocore's timeouts don't reach.

    They limit each wait for the next byte, not an answer that drips in, nor the look-up of a host's name. The
    call is left to itself then: a put that is done after all is a duplicate when the sender tries again.
    """
    call = getattr(client, operation)

    def call_in_time(**parameters: Any) -> Any:
        outcome: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

        def run() -> None:
            try:
                outcome.put((call(**parameters), None))
            except BaseException as error:  # noqa: BLE001 - raised again below
                outcome.put((None, error))

        threading.Thread(target=run, daemon=True).start()
        try:
            answer, error = outcome.get(timeout=seconds)
        except queue.Empty:
            raise ReadTimeoutError(endpoint_url=client.meta.endpoint_url) from None
        if error is not None:
            raise error
        return answer

    setattr(client, operation, call_in_time)
