"""The Good2Go client.

with Good2Go(token="…") as good2go:
    for job in good2go.jobs.list(JobFilter(status=JobStatusFilter.APPROVED)):
        print(job.name, job.due_at)
"""

from __future__ import annotations

from typing import Final, Unpack

from proofbridge.vendors.client import VendorClient
from proofbridge.vendors.http import ApiSettings, VendorApi
from proofbridge.vendors.operation import header_token

from .files import Files
from .jobs import AnalyticsArea, Customers, Jobs, Partners
from .tasks import Notifications, Reminders, Tasks

DEFAULT_BASE_URL: Final = "https://www.review.good2gosoftware.com"


class Good2Go(VendorClient[VendorApi]):
    """Good2Go's API v1, complete. `base_url` is an origin; the paths are added here.

    Assumptions where the documentation is silent: `puid` may come back in a job; several task kinds in a
    query are `kind[]`; reviewers in a form are `reviewers[0][email]`. Calls raise VendorError and nothing
    else; a wrong `base_url` or `token` is a ValueError.
    """

    def __init__(
        self, *, token: str, base_url: str = DEFAULT_BASE_URL, **settings: Unpack[ApiSettings]
    ) -> None:
        secret = header_token(token, "the Good2Go token")
        headers = {"Authorization": f"Bearer {secret}"}
        api = VendorApi("good2go", base_url, headers=lambda: headers, secrets=lambda: (secret,), **settings)
        self._bind(api)

    def _make_areas(self, api: VendorApi) -> None:
        self.jobs = Jobs(api)
        self.customers = Customers(api)
        self.partners = Partners(api)
        self.files = Files(api)
        self.tasks = Tasks(api)
        self.reminders = Reminders(api)
        self.notifications = Notifications(api)
        self.analytics = AnalyticsArea(api)
