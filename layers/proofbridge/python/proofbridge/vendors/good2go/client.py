"""The Good2Go client.

with Good2Go(token="…") as good2go:
    for job in good2go.jobs.list(JobFilter(status=JobStatusFilter.APPROVED)):
        print(job.name, job.due_at)
"""

from __future__ import annotations

from typing import Final

from proofbridge.vendors.client import VendorClient
from proofbridge.vendors.deadline import SYSTEM_CLOCK, Clock
from proofbridge.vendors.http import VendorApi
from proofbridge.vendors.operation import RetryPolicy, Timeouts, header_token

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
        self,
        *,
        token: str,
        base_url: str = DEFAULT_BASE_URL,
        timeouts: Timeouts | None = None,
        retries: RetryPolicy | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        secret = header_token(token, "the Good2Go token")
        self._bind(
            VendorApi(
                "good2go",
                base_url,
                headers=lambda: {"Authorization": f"Bearer {secret}"},
                secrets=lambda: (secret,),
                timeouts=timeouts,
                retries=retries,
                clock=clock,
            )
        )

    def _make_areas(self, api: VendorApi) -> None:
        self.jobs = Jobs(api)
        self.customers = Customers(api)
        self.partners = Partners(api)
        self.files = Files(api)
        self.tasks = Tasks(api)
        self.reminders = Reminders(api)
        self.notifications = Notifications(api)
        self.analytics = AnalyticsArea(api)
