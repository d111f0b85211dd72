"""Runs the bundle on this machine: `python -m local --help`."""

from local.aws.runner import main

raise SystemExit(main())
