"""Who has a say in what: authority.toml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from proofbridge.config.model import ConfigModel
from proofbridge.domain.changes import ChangeKind
from proofbridge.domain.items import Vendor

_Vendors = Annotated[
    tuple[Literal["good2go", "approval-studio", "goodday", "robohead"], ...], Field(min_length=1)
]


class Authority(ConfigModel):
    """For each field, the vendors that have a say in it; all of them where it is left out."""

    status: _Vendors | None = None
    due_date: _Vendors | None = None
    name: _Vendors | None = None

    def has_say(self, vendor: Vendor, kind: ChangeKind) -> bool:
        """Whether a change of this kind counts at this vendor."""
        vendors: _Vendors | None = getattr(self, kind, None)
        return vendors is None or vendor in vendors
