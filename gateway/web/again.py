"""A request whose unit of work met a quicker one is played again, before anything of it was answered.

On PostgreSQL units of work run side by side, and of two that got in each other's way the later one ends with Conflict,
having changed nothing. Nobody at a page should hear of that. On SQLite it never happens.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.records.database import TRIES, Conflict, another_try, met_same_key, pause

MOST_KEPT: Final = 2 * 1024 * 1024
"""Bytes of a body that are kept for another try; a file that is larger is not played again."""


class Again:
    """Plays a request again on Conflict, `tries` times in all; the last Conflict is raised."""

    def __init__(self, app: ASGIApp, *, tries: int = TRIES) -> None:
        self._app, self._tries = app, tries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        heard, said = _Heard(receive), _Said(send)
        met = 0
        for tried in range(1, self._tries + 1):
            try:
                # A copy: what routes write into it belongs to one try.
                with another_try(met):
                    await self._app(_copied(scope), heard.from_the_start(), said)
                return
            except Conflict as error:
                met += met_same_key(error)
                if said.has_begun or heard.is_too_long or tried == self._tries:
                    raise
            await asyncio.sleep(pause(tried))


class _Heard:
    """The body as it came, to be heard again."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: list[Message] = []
        self._length = 0

    @property
    def is_too_long(self) -> bool:
        return self._length > MOST_KEPT

    def from_the_start(self) -> Receive:
        """What an app asks for the next part of the request."""
        ahead = iter(list(self._kept))

        async def receive() -> Message:
            return next(ahead, None) or await self._next()

        return receive

    async def _next(self) -> Message:
        message = await self._receive()
        self._length += len(message.get("body", b""))
        if message["type"] == "http.request" and not self.is_too_long:
            self._kept.append(message)
        return message


class _Said:
    """What was answered, handed on; an answer that has begun cannot be taken back."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        self.has_begun = True
        await self._send(message)


def _copied(scope: Scope) -> Scope:
    return {**scope, "state": dict(scope["state"])} if "state" in scope else dict(scope)
