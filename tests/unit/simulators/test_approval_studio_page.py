from __future__ import annotations

import requests

from tests.unit.simulators.calls import TIMEOUT_SECONDS, Caller

PROJECT = "PRJARTWORK"


def page(studio: Caller) -> str:
    answer = requests.get(studio.origin + "/", timeout=TIMEOUT_SECONDS)
    assert answer.status_code == 200
    return answer.text


def click(studio: Caller, act: str, **form: str) -> None:
    url = f"{studio.origin}/_control/act/{act}"
    answer = requests.post(url, data=form, allow_redirects=False, timeout=TIMEOUT_SECONDS)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/"), answer.text


def review(studio: Caller, name: str = "label.pdf") -> tuple[str, str]:
    files = {"File": (name, b"%PDF")}
    upload = studio.call("POST", "/asset/upload", data={"ProjectUID": PROJECT}, files=files)
    asset = upload["result"]["assetUID"]
    body = {
        "projectUID": PROJECT,
        "email": "client@brand.test",
        "assetUIDs": [asset],
        "dueDate": "2031-01-02",
    }
    return asset, studio.call("POST", "/task/review_asset_ext", json=body)["result"]["taskUID"]


def test_page_offers_what_a_reviewer_can_do_when_there_is_an_asset(studio: Caller) -> None:
    assert "Project Artwork" in page(studio)
    assert "nowhere" in page(studio)
    asset, task = review(studio, "<label>.pdf")
    shown = page(studio)
    assert "&lt;label&gt;.pdf" in shown
    assert f'id="{asset}"' in shown
    for act in ("approve", "reject", "annotate", "set-due", "set-state", "rename", "delete-asset"):
        assert f'formaction="/_control/act/{act}"' in shown
    assert '<option value="client@brand.test"' in shown
    studio.act("approve", task=task, comment="Fine")
    shown = page(studio)
    assert "Fine" in shown
    assert 'formaction="/_control/act/approve"' not in shown


def test_page_offers_to_end_the_processing_when_an_asset_waits_for_it(studio: Caller) -> None:
    studio.settings(processing_seconds=600)
    files = {"File": ("label.pdf", b"%PDF")}
    upload = studio.call("POST", "/asset/upload", data={"ProjectUID": PROJECT}, files=files)["result"]
    assert 'formaction="/_control/act/fail-processing"' in page(studio)
    click(studio, "finish-processing", asset=upload["assetUID"])
    assert 'formaction="/_control/act/fail-processing"' not in page(studio)


def test_buttons_do_what_they_say_when_a_browser_posts_them(studio: Caller) -> None:
    asset, task = review(studio)
    click(studio, "set-due", task=task, due="2031-02-03")
    assert studio.call("GET", f"/task?TaskUID={task}")["result"]["dueDate"] == "2031-02-03"
    click(studio, "set-due", project=PROJECT, due="2031-02-03T04:05")
    click(studio, "annotate", asset=asset, comment="Logo", by="USROWNER")
    click(studio, "reject", asset=asset, by="client@brand.test", comment="")
    (project,) = studio.call("GET", "/project")["result"]
    assert project["dueDate"] == "2031-02-03T04:05:00.000000"
    assert project["reviewStatus"]["rejectedCount"] == 1
    click(studio, "set-due", project=PROJECT, due="")
    click(studio, "rename", project=PROJECT, name="Other")
    click(studio, "set-state", project=PROJECT, state="OnHold")
    (project,) = studio.call("GET", "/project")["result"]
    assert (project["name"], project["state"], project["dueDate"]) == ("Other", "OnHold", None)
    click(studio, "delete-asset", asset=asset)
    studio.call("GET", f"/asset?AssetUID={asset}", 404)
    studio.act("set-due", 400, project=PROJECT, task=task)


def test_upload_task_is_completed_when_its_button_is_pressed(studio: Caller) -> None:
    asset, _ = review(studio)
    body = {"projectUID": PROJECT, "userUID": "USRREV", "assetUID": asset}
    task = studio.call("POST", "/task/asset_upload", json=body)["result"]["taskUID"]
    assert 'formaction="/_control/act/complete"' in page(studio)
    click(studio, "complete", task=task)
    assert studio.call("GET", f"/task?TaskUID={task}")["result"]["status"] == "Completed"
