"""Checks a configuration with the layers' own code; run like a function, by `python -I -S check_config.py`.

Arguments: the directories to import from, joined by the path separator; the directory of the configuration.
Exit status 2 and the message on stdout when it is refused. The module stands alone: the repository and .venv
are not importable here, so a dependency that the layers lack shows, too.
"""

import os
import sys
from pathlib import Path

directories, folder = sys.argv[1:3]
sys.path[:0] = directories.split(os.pathsep)
from proofbridge.config.loader import ConfigError, load_config  # noqa: E402 - the path must come first

try:
    load_config(Path(folder))
except ConfigError as error:
    print(error)
    sys.exit(2)
