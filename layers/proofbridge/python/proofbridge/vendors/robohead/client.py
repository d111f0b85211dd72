"""The RoboHead client.

with RoboHead(base_url="https://acme.robohead.com", api_key="…") as robohead:
    for review in robohead.reviews.list([ReviewNameFilter(comparator=Comparison.IS, value="Label")]):
        print(review.review_name, review.status)
"""

from __future__ import annotations

from typing import Unpack

from proofbridge.vendors.client import VendorClient
from proofbridge.vendors.http import ApiSettings, VendorApi
from proofbridge.vendors.operation import header_token

from .failures import read_failure, read_message
from .files import Files
from .operations import Operations
from .options import ComparatorIds, Comparators, Lists, Users
from .reviews import Comments, Reviews
from .settings import Commands


class RoboHead(VendorClient[VendorApi]):
    """RoboHead's reviews, complete. `base_url` is the account's origin, `https://ACCOUNT.robohead.com`.

    The documentation at hand describes values, filters and two JSON forms, but no call. So it is assumed:
    the names in `settings.Commands`; reads as GET with a query, writes as POST with a form; the parameters'
    names of a review (see `inputs`); `reviewId` for which review; lists under `List`, paged by `page` (from
    1), `start` (from 0) and `limit`; filters repeated in step; moments without a zone in UTC and days as
    mm/dd/yyyy; message keys that say their kind (see `failures`); the shapes named in `models`. Calls raise
    VendorError and nothing else; a wrong `base_url` or `api_key` is a ValueError.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        commands: Commands | None = None,
        **settings: Unpack[ApiSettings],
    ) -> None:
        secret = header_token(api_key, "the RoboHead API key")
        self._commands = commands or Commands()
        self._operations = Operations(self._commands)
        self._comparator_ids: ComparatorIds = dict(self._commands.comparator_ids)
        self._bind(
            VendorApi(
                "robohead",
                base_url,
                headers=lambda: {"X-API-Key": secret},
                secrets=lambda: (secret,),
                read_message=read_message,
                read_failure=read_failure,
                **settings,
            )
        )

    def _make_areas(self, api: VendorApi) -> None:
        self.comparators = Comparators(api, self._operations, self._comparator_ids)
        self.reviews = Reviews(api, self._operations, self.comparators)
        self.comments = Comments(api, self._operations, self.comparators)
        self.files = Files(api, self._operations, self._commands.upload_file.name)
        self.lists = Lists(api, self._operations)
        self.users = Users(api, self._operations)
