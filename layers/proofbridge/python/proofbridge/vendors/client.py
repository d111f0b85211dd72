"""What the vendors' clients have in common."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import Generic, Protocol, Self, TypeVar

from proofbridge.vendors.deadline import Deadline


class Api(Protocol):
    """What a client calls by: VendorApi, or a vendor's own layer on it."""

    @property
    def base_url(self) -> str:
        """The origin that is called."""
        ...

    def within(self, deadline: Deadline) -> Self:
        """Return this API, on the same connections, with every call bound to the one deadline."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


AnyApi = TypeVar("AnyApi", bound=Api)


class VendorClient(ABC, Generic[AnyApi]):
    """A client made of areas, each of which has one kind of thing. A context manager that closes it."""

    _api: AnyApi

    @abstractmethod
    def _make_areas(self, api: AnyApi) -> None:
        """Set the areas, all on this API."""

    def _bind(self, api: AnyApi) -> None:
        self._api = api
        self._make_areas(api)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._api.base_url!r})"

    def within(self, deadline: Deadline) -> Self:
        """Return this client, on the same connections, with all its calls bound to one deadline."""
        bound = copy.copy(self)
        bound._bind(self._api.within(deadline))  # noqa: SLF001 - of this very class
        return bound

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
