"""The wire between the house and its carrier, which a story may cut in either direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.wiring import SANDBOX, WEBHOOKS


@dataclass
class Wire:
    """Around the whole application; the network behind it has its own faults (gateway.sandbox.faults)."""

    app: Any
    drops_webhooks: bool = False  # what the carrier would tell us never arrives
    loses_creates: int = 0  # the next so many creates vanish before the network saw them, without an answer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let it through, or not."""
        path = str(scope.get("path", ""))
        if self.drops_webhooks and path.startswith(WEBHOOKS):
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        elif self.loses_creates and scope.get("method") == "POST" and path.startswith(SANDBOX):
            self.loses_creates -= 1
            await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"4096")]})
            await send({"type": "http.response.body", "body": b"", "more_body": True})
        else:
            await self.app(scope, receive, send)
