"""Serves one vendor until SIGTERM or SIGINT: `python -m local.simulators good2go --port 9001`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from local.simulators.simulator import serve
from local.simulators.validation import reason_of
from local.simulators.vendors import NAMES, vendor_type


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status.

    Every setting of the vendor is an option: `--webhook-url URL`; what is no text is written as JSON.
    """
    parser = argparse.ArgumentParser(prog="python -m local.simulators", description=__doc__)
    vendors = parser.add_subparsers(dest="vendor", required=True)
    for name in NAMES:
        vendor = vendors.add_parser(name, help=vendor_type(name).title)
        vendor.add_argument("--port", type=int, default=0, help="0 takes a free one")
        for setting in vendor_type(name).settings_model.model_fields:
            vendor.add_argument("--" + setting.replace("_", "-"), dest=setting, default=argparse.SUPPRESS)
    options = vars(parser.parse_args(arguments))
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    name, port = options.pop("vendor"), options.pop("port")
    model = vendor_type(name).settings_model
    settings = {key: _value(model.model_fields[key].annotation, text) for key, text in options.items()}
    try:
        with serve(name, port=port, **settings) as simulator:
            print(json.dumps({"ready": True, "vendor": name, "url": simulator.url}), flush=True)
            stopped.wait()
    except ValidationError as error:
        print(f"wrong setting: {reason_of(error)}", file=sys.stderr)
        return 2
    return 0


def _value(annotation: Any, text: str) -> Any:
    if annotation in {str, str | None}:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


if __name__ == "__main__":
    sys.exit(main())
