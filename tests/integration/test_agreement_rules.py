"""The rules by which four systems agree, one at a time: each test fails where its one rule is left out."""

from __future__ import annotations

from datetime import UTC, datetime

from proofbridge.actions.perform import Status
from proofbridge.domain.items import Vendor
from tests.integration.cloud import Cloud
from tests.integration.four_vendors import World, config
from tests.integration.ticking import TickingClock

MONDAY, TUESDAY = (datetime(2027, 1, day, tzinfo=UTC) for day in (11, 12))


def test_the_later_decision_wins_at_all_vendors_when_the_earlier_one_is_heard_of_last(tables: Cloud) -> None:
    """What counts is when it was decided, not when we heard of it: no order of arrival undoes a decision."""
    world = _world(tables)
    world.decide(Vendor.GOOD2GO, "due_at", MONDAY)
    world.decide(Vendor.GOODDAY, "due_at", TUESDAY)

    _hear(world, Vendor.GOODDAY)
    _hear(world, Vendor.GOOD2GO)
    world.come_to_rest()

    assert _due(world) == dict.fromkeys(world.vendors, TUESDAY)
    assert not world.vendors[Vendor.GOODDAY].writes


def test_what_a_lost_write_has_brought_is_no_decision_when_it_is_seen_after_a_newer_one(
    tables: Cloud,
) -> None:
    """RoboHead tells no moment of its updates: what it shows seems to be decided when it is seen."""
    world = _world_with_a_lost_write(tables)
    assert world.vendors[Vendor.ROBOHEAD].due_at == MONDAY

    world.decide(Vendor.GOOD2GO, "due_at", TUESDAY)
    _hear(world, Vendor.GOOD2GO)
    _hear(world, Vendor.ROBOHEAD)
    world.come_to_rest()

    assert _due(world) == dict.fromkeys(world.vendors, TUESDAY)
    assert not world.vendors[Vendor.GOOD2GO].writes


def test_what_a_lost_write_has_brought_is_no_decision_when_the_next_write_is_the_first_to_see_it(
    tables: Cloud,
) -> None:
    """That write is noted too: what the one before it may have brought is still known."""
    world = _world_with_a_lost_write(tables)

    world.decide(Vendor.GOOD2GO, "due_at", TUESDAY)
    _hear(world, Vendor.GOOD2GO)
    assert _perform_at(world, Vendor.ROBOHEAD, TUESDAY) is Status.HELD
    world.come_to_rest()

    assert _due(world) == dict.fromkeys(world.vendors, TUESDAY)
    assert not world.vendors[Vendor.GOOD2GO].writes


def test_a_decision_is_ruled_on_and_not_written_over_when_nobody_has_seen_it_before_our_write(
    tables: Cloud,
) -> None:
    """The write is held, and the decision, which is the later one, goes to everybody."""
    world = _world(tables)
    world.decide(Vendor.GOOD2GO, "due_at", MONDAY)
    _hear(world, Vendor.GOOD2GO)
    world.decide(Vendor.ROBOHEAD, "due_at", TUESDAY)

    assert _perform_at(world, Vendor.ROBOHEAD) is Status.HELD
    assert world.vendors[Vendor.ROBOHEAD].due_at == TUESDAY
    world.come_to_rest()

    assert _due(world) == dict.fromkeys(world.vendors, TUESDAY)
    assert not world.vendors[Vendor.ROBOHEAD].writes


def test_a_change_is_set_back_and_goes_nowhere_when_its_vendor_has_no_say(tables: Cloud) -> None:
    """Those who were not asked hear nothing of it: what was decided with a say stays as it is everywhere."""
    world = _world(tables, {"due_date": ["goodday"]})
    world.decide(Vendor.GOODDAY, "due_at", MONDAY)
    world.come_to_rest()

    world.decide(Vendor.ROBOHEAD, "due_at", TUESDAY)
    world.come_to_rest()

    assert _due(world) == dict.fromkeys(world.vendors, MONDAY)
    assert {vendor: len(each.writes) for vendor, each in world.vendors.items()} == {
        Vendor.GOOD2GO: 1,
        Vendor.APPROVAL_STUDIO: 1,
        Vendor.GOODDAY: 0,
        Vendor.ROBOHEAD: 2,
    }


def test_a_change_goes_nowhere_when_its_vendor_has_no_say_and_nobody_has_decided(tables: Cloud) -> None:
    """There is nothing yet to which it could be set back."""
    world = _world(tables, {"due_date": ["goodday"]})
    world.decide(Vendor.ROBOHEAD, "due_at", TUESDAY)
    world.come_to_rest()

    assert _due(world) == {**dict.fromkeys(world.vendors), Vendor.ROBOHEAD: TUESDAY}
    assert not any(each.writes for each in world.vendors.values())


def _world_with_a_lost_write(tables: Cloud) -> World:
    """Return a world in which RoboHead has taken Good2Go's MONDAY, and the answer was lost."""
    world = _world(tables)
    world.decide(Vendor.GOOD2GO, "due_at", MONDAY)
    _hear(world, Vendor.GOOD2GO)
    world.vendors[Vendor.ROBOHEAD].faults.append("drop_after")
    assert _perform_at(world, Vendor.ROBOHEAD) is Status.DEFERRED
    return world


def _world(tables: Cloud, authority: dict[str, list[str]] | None = None) -> World:
    return World(tables, TickingClock(), config(authority or {}))


def _due(world: World) -> dict[Vendor, datetime | None]:
    return {vendor: each.due_at for vendor, each in world.vendors.items()}


def _hear(world: World, vendor: Vendor) -> None:
    """Look at a vendor's item and rule on what is found; the actions that follow stay queued."""
    world.poll(vendor)
    world.process_all()


def _perform_at(world: World, vendor: Vendor, due: datetime = MONDAY) -> Status | None:
    """Perform the one action that waits for a vendor, to bring it a due date."""
    (place,) = (
        place
        for place, action in enumerate(world.queue.waiting)
        if action.vendor is vendor and str(action.params["due_at"]).startswith(f"{due:%Y-%m-%d}")
    )
    return world.perform(place)
