"""Who hangs up while they are still sending: nobody is there to be answered, and nothing of it is a fault of ours."""

from __future__ import annotations

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send


class Departed:
    """Lets a request end quietly when its sender left before it was whole: a phone in a tunnel is no crash."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            return
