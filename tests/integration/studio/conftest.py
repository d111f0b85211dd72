"""A proof at the simulated Approval Studio, and the Performer that acts on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from proofbridge.domain.items import ItemKind, ItemRef
from proofbridge.vendors.approval_studio.client import ApprovalStudio
from proofbridge.vendors.approval_studio.gateway import ApprovalStudioGateway
from proofbridge.vendors.approval_studio.inputs import ProjectCreate
from proofbridge.vendors.multipart import BytesSource
from tests.contract.quick_clock import QuickClock
from tests.integration.cloud import Cloud
from tests.integration.desk import Desk
from tests.integration.site import Site
from tests.integration.studio.asked import STUDIO
from tests.integration.ticking import TickingClock


@pytest.fixture
def client(studio: Site) -> Iterator[ApprovalStudio]:
    with ApprovalStudio(
        base_url=studio.url,
        username="studio@proofbridge.test",
        password="local-studio-password",
        clock=QuickClock().clock,
    ) as client:
        yield client


@pytest.fixture
def gateway(client: ApprovalStudio, clock: TickingClock) -> ApprovalStudioGateway:
    return ApprovalStudioGateway(client, clock.now)


@pytest.fixture
def desk(tables: Cloud, clock: TickingClock, gateway: ApprovalStudioGateway) -> Desk:
    return Desk(tables, clock, gateway)


@pytest.fixture
def project(client: ApprovalStudio) -> str:
    """A project of which everything is said."""
    return client.projects.create(
        ProjectCreate(
            project_name="Label",
            project_owners_uids=["USROWNER"],
            customer="Brewery",
            revision="2",
            description="Summer",
            tags=["beer"],
        )
    ).project_uid


@pytest.fixture
def asset(client: ApprovalStudio, desk: Desk, project: str, gateway: ApprovalStudioGateway) -> ItemRef:
    """A proof of which the asset alone is known."""
    uid = client.assets.upload(project, BytesSource(b"%PDF"), "ale.pdf").asset_uid
    seen = gateway.observe(ItemRef(STUDIO, ItemKind.ASSET, uid))
    return desk.track(seen)
