"""RoboHead, simulated: reviews of artwork, as far as its documentation and what is known from outside go."""

from local.simulators.robohead.vendor import RoboHead

__all__ = ["RoboHead"]
