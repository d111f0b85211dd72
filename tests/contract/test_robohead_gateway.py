"""RoboHead's gateway against its simulator."""

from __future__ import annotations

from datetime import timedelta

from local.simulators import Simulator
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.gateway import RoboHeadGateway
from tests.contract.proofs import act
from tests.contract.robohead_calls import REVIEWER, new_review


def test_change_is_seen_when_the_account_is_in_a_zone_behind_utc(
    robohead: RoboHead, robohead_simulator: Simulator
) -> None:
    """No moment leaves a review out: they come without their zone, on the account's own clock."""
    made = new_review(robohead)
    act(robohead_simulator, "approve", review=made, by=REVIEWER)
    gateway = RoboHeadGateway(robohead, robohead_simulator.clock.now)
    later = robohead_simulator.clock.now() + timedelta(hours=13)
    (page,) = gateway.changed_since(later)
    assert [found.ref.id for found in page.observations] == [str(made)]
