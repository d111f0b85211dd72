"""The options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from proofbridge.stores.ledger import EffectState

_WHERE: Final = "Where"

Stack = Annotated[
    str | None,
    typer.Option(
        "--stack", metavar="NAME", help="The stack.", show_default="samconfig.toml's", rich_help_panel=_WHERE
    ),
]
Local = Annotated[
    bool, typer.Option("--local", help="Local AWS, as `make local` runs it.", rich_help_panel=_WHERE)
]
PortOffset = Annotated[
    int, typer.Option("--port-offset", metavar="N", help="Of local AWS's ports.", rich_help_panel=_WHERE)
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="WHEN", help="Since 2h or 3d ago, or a moment such as 2026-11-01."),
]
OPEN: Final = (EffectState.PARKED, EffectState.UNKNOWN, EffectState.WAITING, EffectState.STARTED)
"""The states of effects that are not settled."""
Effects = Annotated[
    EffectState | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help=f"In one state: {', '.join(EffectState)}. If left out: {', '.join(OPEN)}.",
    ),
]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000, help="How many at most.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
ConfigDir = Annotated[Path, typer.Option("--config", metavar="DIR", help="The configuration's folder.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done; do nothing.")]

CONFIG: Final = Path("config")
