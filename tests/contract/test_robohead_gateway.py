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
    made = new_review(robohead)
    act(robohead_simulator, "approve", review=made, by=REVIEWER)
    shown_at = robohead_simulator.clock.now()  # without its zone, on the account's own clock
    gateway = RoboHeadGateway(robohead, robohead_simulator.clock.now)
    for hours_behind, seen in ((-14, True), (0, True), (5, True), (11.9, True), (13, False)):
        since = shown_at + timedelta(hours=hours_behind)
        assert [found.ref.id for found in gateway.changed_since(since)] == [str(made)] * seen
