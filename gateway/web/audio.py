"""Clips, by the hash of their content: what a URL names never changes, so it may be kept for ever."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from gateway.voice.assets import ClipStore

FOR_EVER: Final = "public, max-age=31536000, immutable"
_RANGE: Final = re.compile(r"bytes\s*=[\s\d,-]*\d[\s\d,-]*", re.IGNORECASE)


def router(clips: ClipStore) -> APIRouter:
    """The one route for audio. Clips carry no names, so it asks nobody who they are."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/audio/{sha256}.wav", methods=["GET", "HEAD"])
    def clip(sha256: str, request: Request) -> Response:
        path = clips.path(sha256)
        if path is None:
            raise HTTPException(404, "there is no such clip", {"Cache-Control": "no-store"})
        headers = {"Cache-Control": FOR_EVER, "ETag": f'"{sha256}"', "X-Content-Type-Options": "nosniff"}
        if _has_it(request.headers.get("if-none-match", ""), sha256):
            return Response(status_code=304, headers=headers)
        if not _RANGE.fullmatch(request.headers.get("range", "bytes=0-")):
            _forget_range(request)
        return _Clip(path, media_type="audio/wav", headers=headers)

    return routes


class _Clip(FileResponse):
    """A clip, or one part of it: who asks for several parts at once gets the whole, as anybody may be given."""

    max_ranges = 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; what is wrong with a request is said for this once, and kept nowhere."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= HTTPStatus.BAD_REQUEST:
                MutableHeaders(scope=message)["Cache-Control"] = "no-store"
            await send(message)

        await super().__call__(scope, receive, sent)


def _has_it(if_none_match: str, sha256: str) -> bool:
    """Whether who asks holds these very bytes already (RFC 9110 §13.1.2)."""
    marks = {mark.strip().removeprefix("W/") for mark in if_none_match.split(",")}
    return "*" in marks or f'"{sha256}"' in marks


def _forget_range(request: Request) -> None:
    """A range in no unit that we know is passed over, not refused (RFC 9110 §14.2)."""
    request.scope["headers"] = [header for header in request.scope["headers"] if header[0] != b"range"]
