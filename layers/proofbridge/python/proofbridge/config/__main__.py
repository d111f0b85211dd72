"""Check the configuration of a folder: `python -m proofbridge.config DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

from proofbridge.config.loader import ConfigError, load_config


def main(arguments: list[str]) -> int:
    """Check the configuration of a folder; say what is wrong with it, or what it holds."""
    if len(arguments) != 1:
        print("usage: python -m proofbridge.config DIR", file=sys.stderr)
        return 2
    try:
        config = load_config(Path(arguments[0]))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{arguments[0]}: {len(config.destinations)} destinations, {len(config.routes)} routes, "
        f"{len(config.reminders)} reminders: all good"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
