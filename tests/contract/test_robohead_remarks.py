from __future__ import annotations

import pytest

from local.simulators import Simulator
from proofbridge.vendors.errors import InvalidRequestError
from proofbridge.vendors.robohead.client import RoboHead
from proofbridge.vendors.robohead.settings import Commands
from tests.contract.approval_studio_calls import control
from tests.contract.conftest import ROBOHEAD_KEY
from tests.contract.quick_clock import QuickClock
from tests.contract.robohead_calls import OWNER, new_review


def test_comment_is_added_when_a_command_is_named_for_it(
    robohead: RoboHead, robohead_simulator: Simulator, quick_clock: QuickClock
) -> None:
    review = new_review(robohead)
    control(robohead_simulator, "settings", commands={"add_comment": "Say"})
    talking = RoboHead(
        base_url=robohead_simulator.url,
        api_key=ROBOHEAD_KEY,
        commands=Commands.named({"add_comment": "review.Say"}, {}),
        clock=quick_clock.clock,
    )
    with talking:
        talking.comments.add(review, "Bigger, please.")
    (said,) = robohead.comments.list(review)
    assert (said.comment, said.author) == ("Bigger, please.", str(OWNER))


def test_comment_is_refused_before_the_call_when_no_command_is_named_for_it(robohead: RoboHead) -> None:
    with pytest.raises(InvalidRequestError, match="names no command"):
        robohead.comments.add(1, "Bigger, please.")


@pytest.mark.parametrize("text", ["", " \n"])
def test_comment_is_refused_before_the_call_when_it_says_nothing(text: str) -> None:
    commands = Commands.named({"add_comment": "review.Say"}, {})
    with (
        RoboHead(base_url="http://127.0.0.1:9", api_key="k", commands=commands) as robohead,
        pytest.raises(InvalidRequestError, match="not empty"),
    ):
        robohead.comments.add(1, text)
