"""Where things are: the repository and what local AWS keeps in it (nothing of it is committed)."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".local"
