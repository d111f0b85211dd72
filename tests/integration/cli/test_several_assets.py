"""An Approval Studio event about several assets: each is read once, also in a replay."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from local.simulators import serve
from proofbridge.domain.items import ItemKind, ItemRef, Vendor
from proofbridge.runtime.environment import Endpoint
from proofbridge.stores.inbox import Event
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from tests.contract.approval_studio_calls import new_asset, new_review
from tests.integration.bridge import Bridge
from tests.integration.site import Site
from tests.unit.cli.commands import read, run
from tests.unit.receive.webhooks import NOW, receiver, request

SECRET = {"username": "studio@proofbridge.test", "password": "local-studio-password"}


@pytest.fixture
def site(live: Bridge) -> Iterator[Site]:
    """Approval Studio, which the bridge is connected to."""
    with serve("approval-studio", port=0) as simulator:
        secret_id = "proofbridge/test/approval-studio"
        live.endpoints[Vendor.APPROVAL_STUDIO] = Endpoint(simulator.url, secret_id)
        live.cloud.secretsmanager.create_secret(Name=secret_id, SecretString=json.dumps(SECRET))
        live.connections = live.connect()
        site = Site(simulator.url)
        yield site
        site.close()
        live.close()


@pytest.fixture
def assets(site: Site) -> list[ItemRef]:
    """Two assets that one task asks to review, and that the reviewer has approved."""
    with ApprovalStudio(
        base_url=site.url, username=SECRET["username"], password=SECRET["password"]
    ) as client:
        uids = [new_asset(client, name=name) for name in ("Front.pdf", "Back.pdf")]
        new_review(client, *uids)
    site.act("approve", asset=uids[0])
    return [ItemRef(Vendor.APPROVAL_STUDIO, ItemKind.ASSET, uid) for uid in uids]


@pytest.fixture
def event(live: Bridge, assets: list[ItemRef]) -> Event:
    """The task's webhook, received and not processed yet; it names one asset twice."""
    uids = [ref.id for ref in assets]
    data = {"ProjectUID": "PRJARTWORK", "TaskUID": "TSK1", "AssetUID": uids[0], "AssetUIDs": uids}
    body = json.dumps({"EventId": "several", "EventType": "task.approved", "Data": data})
    sent = request("approval_studio", body=body)
    message = receiver("approval_studio").read(sent, json.loads(body))
    event = Event(message.item, str(message.event_id), receiver("approval_studio").source, NOW, body)
    assert live.inbox.put(event)
    return event


def reads(site: Site) -> list[str]:
    return [each["query"].removeprefix("AssetUID=") for each in site.requests("get_asset")]


def test_each_asset_is_read_once_when_an_event_names_several(
    live: Bridge, site: Site, assets: list[ItemRef], event: Event
) -> None:
    live.settle()

    assert sorted(reads(site)) == sorted(ref.id for ref in assets)
    stored = [live.items.get(ref) for ref in assets]
    assert [each and each.observation.status for each in stored] == ["approved"] * 2
    story = read("events", "show", event.key)
    assert [action["target"] for action in story["event"]["actions"]] == [str(ref) for ref in assets]
    assert {action["event"] for action in story["event"]["actions"]} == {event.key}
    assert {each["item"] for each in story["observations"]} == {str(ref) for ref in assets}
    assert {each["cause"] for each in story["observations"]} == {event.key}


def test_story_is_the_same_when_it_is_asked_for_by_another_assets_observation(
    live: Bridge, assets: list[ItemRef], event: Event
) -> None:
    live.settle()

    (other,) = read("events", "list", "--item", str(assets[1]))["events"]
    story, screen = read("events", "show", other["key"]), run("events", "show", other["key"]).screen

    assert story["event"]["key"] == event.key
    assert {each["item"] for each in story["observations"]} == {str(ref) for ref in assets}
    assert f"read Approval Studio asset {assets[1].id[:8]} again  done" in screen
    assert screen.count(f"Approval Studio asset {assets[1].id[:8]}") == 2


def test_each_asset_is_read_once_more_when_the_event_is_replayed(
    live: Bridge, site: Site, assets: list[ItemRef], event: Event
) -> None:
    live.settle()
    before = len(reads(site))

    (rehearsed,) = read("events", "replay", event.key, "--dry-run")["replays"]
    (told,) = read("events", "replay", event.key)["replays"]
    live.settle()

    targets = [str(ref) for ref in assets]
    assert [action["target"] for action in rehearsed["actions"]] == targets
    assert [action["target"] for action in told["actions"]] == targets
    assert sorted(reads(site)[before:]) == sorted(ref.id for ref in assets)
    (replay,) = read("events", "show", event.key)["event"]["replays"]
    assert [(each["outcome"], each["reason"]) for each in replay["actions"]] == [("done", "nothing new")] * 2


def test_each_asset_is_read_once_when_the_event_is_put_back_before_it_was_processed(
    live: Bridge, site: Site, assets: list[ItemRef], event: Event
) -> None:
    (told,) = read("events", "replay", event.key)["replays"]
    live.settle()

    assert told["way"] == "process"
    assert [action["target"] for action in told["actions"]] == [str(ref) for ref in assets]
    assert sorted(reads(site)) == sorted(ref.id for ref in assets)
