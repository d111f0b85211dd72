"""Calls with a live token, answers out of their envelope."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import TypeAdapter

from proofbridge.vendors.deadline import Deadline
from proofbridge.vendors.download import Download
from proofbridge.vendors.errors import AuthenticationError, ConflictError, Happened, InvalidRequestError
from proofbridge.vendors.http import Query, VendorApi
from proofbridge.vendors.multipart import MultipartForm
from proofbridge.vendors.operation import Operation

from .dialect import Dialect
from .models import Envelope
from .tokens import Tokens

T = TypeVar("T")


class StudioApi:
    """Approval Studio's API with a live token: one that is refused is renewed and the call repeated, once."""

    def __init__(self, api: VendorApi, tokens: Tokens, dialect: Dialect) -> None:
        self._api = api
        self._tokens = tokens
        self.dialect = dialect

    def __repr__(self) -> str:
        return f"StudioApi({self.base_url!r})"

    @property
    def base_url(self) -> str:
        """The origin that is called."""
        return self._api.base_url

    def within(self, deadline: Deadline) -> StudioApi:
        """Return this API, on the same connections and token, with every call bound to the one deadline."""
        return StudioApi(self._api.within(deadline), self._tokens, self.dialect)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def read(
        self,
        operation: Operation,
        answer: TypeAdapter[Envelope[T]],
        *,
        query: Query = (),
        json: bytes | None = None,
        form: MultipartForm | None = None,
        item: str | None = None,
    ) -> T:
        """Carry out the operation and return the result in its envelope; every failure is a VendorError."""
        return self._with_token(
            operation,
            lambda api: api.read(operation, answer, query=query, json=json, form=form, item=item),
        ).result

    def do(
        self,
        operation: Operation,
        *,
        query: Query = (),
        json: bytes | None = None,
        item: str | None = None,
        done_before: int | None = None,
    ) -> None:
        """Carry out an operation without a result.

        `done_before` is the status with which the vendor refuses to do it a second time: after an attempt
        whose answer was lost it means that this attempt had done it.
        """
        try:
            self._with_token(operation, lambda api: api.do(operation, query=query, json=json, item=item))
        except ConflictError as error:
            if error.status != done_before or error.happened is Happened.NO:
                raise

    def open(self, operation: Operation, *, query: Query, item: str | None = None) -> Download:
        """Begin a download. Retries end when the answer begins; the caller closes what is returned."""
        return self._with_token(operation, lambda api: api.open(operation, query=query, item=item))

    def invalid(self, operation: Operation, field: str, rule: str) -> InvalidRequestError:
        """Return the error for input that is not worth sending."""
        return self._api.invalid(operation, field, rule)

    def _with_token(self, operation: Operation, call: Callable[[VendorApi], T]) -> T:
        api = self._api.within(self._api.deadline_of(operation))
        token = self._tokens.current(api)
        try:
            return call(api.bearing(token))
        except AuthenticationError:
            token = self._tokens.current(api, refused=token)
        return call(api.bearing(token))
