"""Strict, stateful simulators of the vendors. They share no code with Proofbridge, so neither hides the
other's mistakes.

    with serve("good2go", token="t") as simulator:
        requests.get(simulator.url + "/api/v1/jobs", headers={"Authorization": "Bearer t"})
"""  # noqa: D205

from local.simulators.simulator import Simulator, serve

__all__ = ["Simulator", "serve"]
