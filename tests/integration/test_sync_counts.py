"""What a poll costs: it grows with what changed, not with what there is."""

from __future__ import annotations

import uuid
from collections import Counter

import pytest

from local.simulators import Simulator
from proofbridge.domain.items import Vendor
from proofbridge.polling.sync import Ending, Swept
from proofbridge.stores.cursors import Progress
from proofbridge.vendors.deadline import Deadline
from tests.integration.bridge import Bridge
from tests.integration.crowds import crowd, store_all
from tests.integration.site import Site

MANY = {
    Vendor.GOOD2GO: 10_000,
    Vendor.GOODDAY: 10_000,
    # Stored as well, and moto takes seconds to read an index of ten thousand.
    Vendor.APPROVAL_STUDIO: 10_000,
    Vendor.ROBOHEAD: 10_000,
}
LISTS = {
    Vendor.GOOD2GO: "list_jobs",
    Vendor.APPROVAL_STUDIO: "list_projects",
    Vendor.GOODDAY: "list_project_tasks",
    Vendor.ROBOHEAD: "list_reviews",
}

UNFILTERED = (Vendor.APPROVAL_STUDIO, Vendor.ROBOHEAD)
"""Their lists know no moments."""


@pytest.fixture(params=sorted(LISTS))
def vendor(request: pytest.FixtureRequest) -> Vendor:
    return Vendor(request.param)


@pytest.fixture
def site(vendor: Vendor, bridge: Bridge, request: pytest.FixtureRequest) -> Site:
    """The vendor with thousands of items, all known up to now.

    They are stored where they are held against what is stored. Elsewhere one that was would be taken for new.
    """
    name = {"approval-studio": "studio"}.get(vendor, str(vendor))
    site: Site = request.getfixturevalue(name)
    simulator: Simulator = request.getfixturevalue(f"{name}_server")
    if vendor not in bridge.endpoints:
        bridge.join(vendor, site)
    crowd(simulator, vendor, MANY[vendor])
    if vendor in UNFILTERED:
        assert store_all(bridge.connections.gateway(vendor, Deadline.after(60))) >= MANY[vendor]
    bridge.cursors.put(vendor, Progress(bridge.clock.now()))
    return site


def test_nothing_but_changes_is_asked_for_and_only_the_cursor_written_when_thousands_stayed(
    vendor: Vendor, site: Site, bridge: Bridge
) -> None:
    bridge.advance(hours=1)
    before = len(site.requests())
    with bridge.cloud.counted() as calls:
        swept = bridge.sync(vendor)
    asked = [each["operation"] for each in site.requests()[before:]]
    assert asked == [LISTS[vendor]]
    assert (swept.noted, swept.ending) == (0, Ending.THROUGH)
    counted = Counter(calls)
    assert counted.pop("PutItem") == 1, "the cursor"
    assert counted.pop("GetItem") == 2, "the cursor and the gate"
    counted.pop("GetSecretValue", None)
    # What no filter knows is held against the index of prints, in answers of 1 MB of whole items each.
    assert set(counted) == ({"Query"} if vendor in UNFILTERED else set())
    assert counted["Query"] <= 6
    assert bridge.received() == []


@pytest.mark.parametrize("vendor", [Vendor.GOOD2GO], indirect=True)
def test_cost_grows_with_changes_when_some_items_changed(vendor: Vendor, site: Site, bridge: Bridge) -> None:
    site.settings(per_page=10)
    changed = [str(uuid.UUID(int=number)) for number in range(1, 26)]
    for guid in changed:
        site.advance(2)
        site.act("request-changes", job=guid, webhook="silent")
    before = len(site.requests())
    with bridge.cloud.counted() as calls:
        assert bridge.sync(vendor) == Swept(25, 25)
    asked = Counter(each["operation"] for each in site.requests()[before:])
    # 25 changes on pages of 10 are three, and each page begins with the end of the one before.
    assert asked["list_jobs"] <= 3 + 1
    assert asked["get_job"] == len(changed)
    assert Counter(calls)["PutItem"] == len(changed) + 1, "each change into the Inbox, and the cursor"
    assert Counter(calls)["BatchGetItem"] == asked["list_jobs"]
