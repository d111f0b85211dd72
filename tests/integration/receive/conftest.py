from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from tests.integration.receive.deployed import Deployed, deployed, make_aws


@pytest.fixture
def receivers() -> Iterator[Deployed]:
    """The receivers on AWS in memory."""
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="us-east-1")
        make_aws(dynamodb, boto3.client("secretsmanager", region_name="us-east-1"))
        with deployed(dynamodb) as running:
            yield running
