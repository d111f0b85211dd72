"""Changes for others: each is published as a CloudEvent 1.0 on an EventBridge bus of the customer's own.

`docs/events.md` and `docs/schemas/change-v1.json` say what is in them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from proofbridge.changes import Change
from proofbridge.items import Observation, moment_text

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
