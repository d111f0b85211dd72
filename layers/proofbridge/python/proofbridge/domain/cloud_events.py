"""Events for others: each is published as a CloudEvent 1.0 on an EventBridge bus of the customer's own.

`docs/events.md` and `docs/schemas/change-v1.json` say what is in them.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from proofbridge.domain.changes import Change
from proofbridge.domain.items import Observation, moment_text

if TYPE_CHECKING:
    from proofbridge.domain.actions import Action
    from proofbridge.vendors.catalogue import PublishParams

TYPE_PREFIX: Final = "dev.proofbridge.change."
SCHEMA: Final = "https://proofbridge.dev/schemas/change-v1.json"


def cloud_event(change: Change, item: Observation, proof_id: str | None, at: datetime) -> dict[str, Any]:
    """Return a change as a CloudEvent in its JSON format.

    `id` is the change's: who receives one twice knows it by that. `time` is the vendor's own moment of the
    update where it has one.
    """
    return {
        "specversion": "1.0",
        "id": change.id,
        "source": f"/proofbridge/{change.ref.vendor}",
        "type": f"{TYPE_PREFIX}{change.kind}",
        "subject": str(change.ref),
        "time": moment_text(item.updated_at or at),
        "datacontenttype": "application/json",
        "dataschema": SCHEMA,
        "data": {
            "kind": str(change.kind),
            "before": change.before,
            "after": change.after,
            "proof": proof_id,
            "item": item.to_dict(),
        },
    }


def own_event(action: Action, params: PublishParams, at: datetime) -> dict[str, Any]:
    """Return what a route publishes as a CloudEvent in its JSON format.

    `id` is the action's, however often it is published. `subject` is the item whose change was the cause.
    """
    event = {
        "specversion": "1.0",
        "id": hashlib.sha256(action.key.encode()).hexdigest()[:32],
        "source": "/proofbridge/routes",
        "type": params.type,
        "subject": action.cause.ref,
        "time": moment_text(at),
        "datacontenttype": "application/json",
        "data": dict(params.data),
    }
    return {name: value for name, value in event.items() if value is not None}
