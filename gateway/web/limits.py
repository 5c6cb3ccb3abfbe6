"""How large what is sent to us may be: counted as it comes, so that 200 MB fill neither memory nor disk.

What is too large is read to its end and thrown away before it is answered: a browser whose connection is cut while it
sends shows "connection reset", and nobody learns why.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_DRAINED: Final = 1024 * 1024 * 1024
"""Bytes; who sends still more is cut off."""

_LONGEST_FIGURE: Final = 18  # digits; more of them say "very much" just as well

Explain = Callable[[Request, int], Awaitable[Response]]


class TooLarge(Exception):
    """More came than is taken at this address."""


class BodyLimit:
    """Refuses bodies over a limit: `limits` are (path prefix, bytes), the first that fits counts; others are let by.

    `explain(request, limit)` makes the answer.
    """

    def __init__(self, app: ASGIApp, limits: Sequence[tuple[str, int]], explain: Explain) -> None:
        self._app, self._limits, self._explain = app, limits, explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within its limit."""
        limit = self._limit(scope)
        if limit is None:
            await self._app(scope, receive, send)
            return
        counted = _Counted(receive, send, limit)
        if _announced(scope) > limit:
            counted.is_over = True
        else:
            await self._try(scope, counted)
        if counted.is_over and not counted.has_answered:
            await counted.drain()
            response = await self._explain(Request(scope), limit)
            await response(scope, receive, send)

    def _limit(self, scope: Scope) -> int | None:
        if scope["type"] != "http" or scope["method"] not in ("POST", "PUT", "PATCH"):
            return None
        return next((limit for prefix, limit in self._limits if scope["path"].startswith(prefix)), None)

    async def _try(self, scope: Scope, counted: _Counted) -> None:
        try:
            await self._app(scope, counted.receive, counted.send)
        except Exception:
            if not counted.is_over:  # what the reader of the form made of our own TooLarge ends here
                raise


class _Counted:
    """One request: counts what comes in, and keeps back what is answered once it was too much."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._limit = receive, send, limit
        self._count = 0
        self._is_whole = False
        self.is_over = self.has_answered = False

    async def receive(self) -> Message:
        """Hand on the next part; raises TooLarge at the one that is too much."""
        message = await self._next()
        if self._count > self._limit:
            self.is_over = True
            raise TooLarge
        return message

    async def send(self, message: Message) -> None:
        """Hand on an answer, unless ours will take its place."""
        if self.is_over and not self.has_answered:
            return
        self.has_answered = True
        await self._send(message)

    async def drain(self) -> None:
        """Read what is still coming, and keep nothing of it."""
        while not self._is_whole and self._count <= MOST_DRAINED:
            await self._next()

    async def _next(self) -> Message:
        message = await self._receive()
        self._count += len(message.get("body", b""))
        self._is_whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message


def _announced(scope: Scope) -> int:
    """The length the sender promises; 0 where it does not say, or says nonsense."""
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(value[:_LONGEST_FIGURE]) if value.isdigit() else 0
