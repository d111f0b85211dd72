"""Takes one webhook many times in a warm process, without the AWS call, and tells the CPU time of it."""

import importlib
import json
import time
from typing import Any

_CALLS = 200
_STORED = {"ResponseMetadata": {"RequestId": "warm"}}


class _NoAws:
    """Stands in for the DynamoDB client."""

    def put_item(self, **_: Any) -> dict[str, Any]:
        """Store nothing."""
        return _STORED


def lambda_handler(event: Any, context: Any) -> list[float]:
    """Return the CPU microseconds per accepted webhook, once per batch.

    `event`: the receiver's package, API Gateway's event, the secret, and how many batches.
    """
    receiver = importlib.import_module(f"{event['receiver']}.handler")
    receiver._inbox._client = _NoAws()
    receiver._secrets._cached = {"warm": (time.monotonic(), event["secret"])}
    webhook = event["webhook"]
    answer = receiver.lambda_handler(webhook, context)
    if answer["statusCode"] != 200 or json.loads(answer["body"]) != {"message": "accepted"}:
        raise ValueError(f"not accepted: {answer}")
    batches = []
    for _ in range(event["batches"]):
        began = time.process_time_ns()
        for _ in range(_CALLS):
            receiver.lambda_handler(webhook, context)
        batches.append((time.process_time_ns() - began) / _CALLS / 1000)
    return batches
