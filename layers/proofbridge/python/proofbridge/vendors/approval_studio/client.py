"""The Approval Studio client.

with ApprovalStudio(username="…", password="…") as studio:
    asset = studio.assets.upload(project_uid, FileSource("label.pdf"), "label.pdf")
    studio.tasks.review(ReviewTaskCreate(project_uid=project_uid, user_uid="…", asset_uids=[asset.asset_uid]))
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Unpack

from proofbridge.vendors.client import VendorClient
from proofbridge.vendors.deadline import SYSTEM_CLOCK
from proofbridge.vendors.http import ApiSettings, VendorApi
from proofbridge.vendors.writing import is_text

from .account import Users, Webhooks
from .api import StudioApi
from .dialect import Dialect
from .files import Annotations, Assets, RefDocs
from .projects import Projects
from .refusals import ERROR_BY_STATUS, read_message
from .tasks import Tasks
from .tokens import LIFE, RENEWED_BEFORE_END, Tokens, TokenStore

DEFAULT_BASE_URL: Final = "https://api.approval.studio"


class ApprovalStudio(VendorClient[StudioApi]):
    """Approval Studio's API v1, complete. `base_url` is an origin; the paths are added here.

    It logs in by itself, at its first call. All threads share one token, and with a `token_store` all
    processes do. `dialect` settles what the documentation leaves open about requests; the models' docstrings
    say what is assumed of answers. Calls raise VendorError and nothing else (but what a `token_store`
    raises); a wrong `base_url`, `username`, `password` or `token_life` is a ValueError.
    """

    def __init__(
        self,
        *,
        username: str,
        password: str,
        base_url: str = DEFAULT_BASE_URL,
        token_store: TokenStore | None = None,
        token_life: timedelta = LIFE,
        dialect: Dialect | None = None,
        **settings: Unpack[ApiSettings],
    ) -> None:
        for name, value in (("username", username), ("password", password)):
            if not value or not is_text(value):
                raise ValueError(f"the Approval Studio {name} must be text and not empty")
        if token_life <= RENEWED_BEFORE_END:
            raise ValueError(f"token_life must be longer than {RENEWED_BEFORE_END}, the time for renewing it")
        clock = settings.get("clock", SYSTEM_CLOCK)
        tokens = Tokens(username, password, store=token_store, life=token_life, clock=clock)
        api = VendorApi(
            "approval-studio",
            base_url,
            headers=dict,
            secrets=tokens.secrets,
            read_message=read_message,
            error_by_status=ERROR_BY_STATUS,
            **settings,
        )
        self._bind(StudioApi(api, tokens, dialect or Dialect()))

    def _make_areas(self, api: StudioApi) -> None:
        self.projects = Projects(api)
        self.assets = Assets(api)
        self.tasks = Tasks(api)
        self.annotations = Annotations(api)
        self.ref_docs = RefDocs(api)
        self.webhooks = Webhooks(api)
        self.users = Users(api)
