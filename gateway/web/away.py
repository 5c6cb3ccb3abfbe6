"""What a page says while the database does not do what it is asked: 503, and a sentence, rather than an error."""

from __future__ import annotations

import logging
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.records.away import is_away

log = logging.getLogger(__name__)

STATUS: Final = 503
SAID: Final = (
    "ขณะนี้ระบบอ่านหรือบันทึกข้อมูลไม่ได้ สิ่งที่เพิ่งส่งมายังไม่ได้บันทึก โปรดลองใหม่ในอีกสักครู่\n"
    "The records cannot be read or written at the moment. What was just sent is not stored: try again in a while.\n"
)
RETRY_AFTER: Final = "10"  # seconds


class Away:
    """Answers 503 where the database failed before anything of the answer was sent; every other error passes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        has_begun = False

        async def sends(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, sends)
        except Exception as error:  # whatever came through; all but one kind goes on
            if scope["type"] != "http" or has_begun or not is_away(error):
                raise
            log.error("the database did not do what a request asked: %s", type(error).__name__)
            answer = PlainTextResponse(SAID, STATUS, headers={"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"})
            await answer(scope, receive, send)
