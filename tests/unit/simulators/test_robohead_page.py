from __future__ import annotations

import requests

from tests.unit.simulators.calls import TIMEOUT_SECONDS, Caller
from tests.unit.simulators.test_robohead_reviews import full, get


def page(robohead: Caller) -> str:
    answer = requests.get(robohead.origin + "/", timeout=TIMEOUT_SECONDS)
    assert answer.status_code == 200
    return answer.text


def test_page_offers_what_a_reviewer_can_do_when_a_review_runs(robohead: Caller) -> None:
    assert "None yet" in page(robohead)
    review_id = full(robohead, reviewName="<Label>")
    shown = page(robohead)
    assert "&lt;Label&gt;" in shown
    for act in ("approve", "approve-with-changes", "reject", "comment", "set-status", "set-due", "delete"):
        assert f'formaction="/_control/act/{act}"' in shown
    for user in (102, 103):
        robohead.act("approve", review=review_id, by=user, comment="Fine")
    shown = page(robohead)
    assert "Fine" in shown
    assert 'formaction="/_control/act/approve"' not in shown
    full(robohead, reviewType="1")
    assert 'formaction="/_control/act/finish"' in page(robohead)


def test_buttons_do_what_they_say_when_a_browser_posts_them(robohead: Caller) -> None:
    review_id = str(full(robohead, autocompleteOption="4"))
    forms = [
        ("approve", {"by": "102", "comment": ""}),
        ("approve-with-changes", {"by": "103", "comment": "Logo"}),
        ("set-due", {"due": "2031-04-05"}),
        ("rename", {"name": "Other"}),
        ("set-status", {"status": "5"}),
    ]
    for act, form in forms:
        url = f"{robohead.origin}/_control/act/{act}"
        answer = requests.post(
            url, data={"review": review_id, **form}, allow_redirects=False, timeout=TIMEOUT_SECONDS
        )
        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), answer.text
    review = get(robohead, int(review_id))
    assert (review["reviewName"], review["endDate"], review["reviewStatus"]) == ("Other", "04/05/2031", 5)
    assert review["reviewItems"][0]["versionStatus"] == 4
    assert review["numComments"] == 1
