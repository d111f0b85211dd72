"""Counts as CloudWatch metrics, in the embedded metric format: one JSON line on standard output.

Powertools' Metrics would do the same, but importing it costs a receiver a good part of its start.
"""

import json
import os
import sys
import time


def count(metric: str, value: int = 1, **dimensions: str) -> None:
    """Write one count, by its dimensions and, for alarms, over all of them."""
    line = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": "Proofbridge",
                    "Dimensions": [["stage"], ["stage", *dimensions]] if dimensions else [["stage"]],
                    "Metrics": [{"Name": metric, "Unit": "Count"}],
                }
            ],
        },
        "stage": os.environ.get("STAGE", "none"),
        **dimensions,
        metric: value,
    }
    sys.stdout.write(json.dumps(line) + "\n")
