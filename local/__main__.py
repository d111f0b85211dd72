"""Runs the bundle on this machine: `python -m local --help`."""

import os
import sys

from local.aws.runner import main

status = main()
sys.stdout.flush()
sys.stderr.flush()
# Everything has ended by now; taking the interpreter down in good order would cost another second.
os._exit(status)
