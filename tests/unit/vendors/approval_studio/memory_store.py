"""A token store in memory."""

from __future__ import annotations

from datetime import timedelta

from proofbridge.vendors.approval_studio.tokens import Token
from tests.unit.vendors.manual_clock import START


class MemoryStore:
    """Remembers every token put."""

    def __init__(self, token: Token | None = None) -> None:
        self.token = token
        self.put_tokens: list[Token] = []

    @classmethod
    def with_token(cls, value: str) -> MemoryStore:
        return cls(Token(value, START + timedelta(hours=2)))

    def get(self) -> Token | None:
        return self.token

    def put(self, token: Token) -> None:
        self.token = token
        self.put_tokens.append(token)
