"""POST /webhooks/good2go."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from proofbridge.environment import read_environment
from proofbridge.receive import RefusedError, answer, receive_good2go, request_from_api, unavailable
from proofbridge.stores.inbox import Inbox
from proofbridge.stores.secrets import SecretError, Secrets, webhook_credentials


@dataclass(frozen=True)
class _Environment:
    inbox_table: str
    secret_id: str
    secret_cache_seconds: int


# Good2Go waits for the answer, so neither call may take long: a 503 makes it try again.
_QUICK = Config(connect_timeout=0.5, read_timeout=1, retries={"total_max_attempts": 2})
_environment = read_environment(_Environment, os.environ)
_inbox = Inbox(boto3.client("dynamodb", config=_QUICK), _environment.inbox_table)
_secrets = Secrets(lambda: boto3.client("secretsmanager", config=_QUICK), _environment.secret_cache_seconds)


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001
    """Take one webhook."""
    try:
        credentials = webhook_credentials(_secrets, _environment.secret_id)
        response = receive_good2go(request_from_api(event), credentials, _inbox, datetime.now(UTC))
    except RefusedError as refused:
        response = refused.response
    except (BotoCoreError, ClientError, SecretError) as error:
        response = unavailable(error)
    return answer(response)
