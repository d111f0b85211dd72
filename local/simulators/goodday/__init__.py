"""GoodDay, simulated: project tasks (API 2.0)."""

from local.simulators.goodday.vendor import GoodDay

__all__ = ["GoodDay"]
