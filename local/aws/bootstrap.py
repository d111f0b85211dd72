"""The first thing that runs in a function's process, started with `python -I -S`: nothing else is importable.

Arguments: the directories to import from, in Lambda's order, joined by the path separator; the handler.
The module stands alone on purpose: the repository and .venv are not importable here.
"""

import os
import runpy
import sys

directories, handler = sys.argv[1:3]
sys.path[:0] = directories.split(os.pathsep)
sys.argv[:] = ["awslambdaric", handler]
runpy.run_module("awslambdaric", run_name="__main__")
