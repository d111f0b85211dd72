"""What is written beside a file's record: its receipt, or what was wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from proofbridge.domain.files.drops import FileDrop
from proofbridge.domain.files.messages import ProcessingHandle
from proofbridge.domain.items import Observation, Vendor, moment_text


def error_report(
    drop: FileDrop, problem: str, remedy: str, now: datetime, vendor: Vendor | None = None
) -> str:
    """Return the JSON that lies under errors/ for a file that could not be relayed."""
    return _text(
        {
            "file": drop.key,
            "version_id": drop.version_id,
            **({} if vendor is None else {"vendor": vendor}),
            "at": moment_text(now),
            "problem": problem,
            "what_to_do": remedy,
        }
    )


def receipt(
    drop: FileDrop, arrival: ProcessingHandle, seen: Observation, proof_id: str, now: datetime
) -> str:
    """Return the JSON that lies under receipts/ for a file that stands at its vendor.

    `seconds` are those from the drop until then.
    """
    return _text(
        {
            "file": drop.key,
            "version_id": drop.version_id,
            "sha256": arrival.sha256,
            "bytes": drop.size_bytes,
            "vendor": arrival.ref.vendor,
            "item": arrival.ref.id,
            "version": arrival.version,
            "url": seen.url,
            "proof": proof_id,
            "attempts": arrival.attempts,
            "seconds": round((now - drop.dropped_at).total_seconds(), 3),
            "dropped_at": moment_text(drop.dropped_at),
            "relayed_at": moment_text(now),
        }
    )


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)
