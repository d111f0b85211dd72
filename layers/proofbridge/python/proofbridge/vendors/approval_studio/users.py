"""Users: the people who can own projects and be given tasks."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from proofbridge.vendors.reading import Many

from . import operations as op
from .area import Area
from .models import Envelope, User

_USERS: Final = TypeAdapter(Envelope[Many[User]])


class Users(Area):
    """Approval Studio's users (outside)."""

    def list(self) -> tuple[User, ...]:
        """Return the users."""
        return self._api.read(op.LIST_USERS, _USERS)
