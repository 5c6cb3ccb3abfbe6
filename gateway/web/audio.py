"""Clips, by the hash of their content: what a URL names never changes, so it may be kept for ever."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from gateway.voice.assets import ClipStore
from gateway.voice.slow import slowly
from gateway.voice.wav import AudioError

log = logging.getLogger(__name__)

FOR_EVER: Final = "public, max-age=31536000, immutable"
_RANGE: Final = re.compile(r"bytes\s*=[\s\d,-]*\d[\s\d,-]*", re.IGNORECASE)


def router(clips: ClipStore) -> APIRouter:
    """The routes for audio. Clips carry no names, so they ask nobody who they are."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/audio/{sha256}.wav", methods=["GET", "HEAD"])
    def clip(sha256: str, request: Request) -> Response:
        path = clips.path(sha256)
        if path is None:
            raise HTTPException(404, "there is no such clip", {"Cache-Control": "no-store"})
        return _given(request, path, sha256)

    @routes.api_route("/audio/slow/{sha256}.wav", methods=["GET", "HEAD"])
    def slow_clip(sha256: str, request: Request) -> Response:
        path = clips.path(sha256)
        if path is None:
            raise HTTPException(404, "there is no such clip", {"Cache-Control": "no-store"})
        try:
            return _given(request, slowly(path), f"slow-{sha256}")
        except (AudioError, OSError) as error:  # heard at the usual pace rather than not at all
            log.error("the clip %s cannot be slowed down: %s", sha256, type(error).__name__)
            return _Clip(path, media_type="audio/wav", headers={"Cache-Control": "no-store"})

    return routes


def _given(request: Request, path: Path, mark: str) -> Response:
    """A sound that never changes; `mark` names its very bytes."""
    headers = {"Cache-Control": FOR_EVER, "ETag": f'"{mark}"', "X-Content-Type-Options": "nosniff"}
    if _has_it(request.headers.get("if-none-match", ""), mark):
        return Response(status_code=304, headers=headers)
    if not _RANGE.fullmatch(request.headers.get("range", "bytes=0-")):
        _forget_range(request)
    return _Clip(path, media_type="audio/wav", headers=headers)


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


def _has_it(if_none_match: str, mark: str) -> bool:
    """Whether who asks holds these very bytes already (RFC 9110 §13.1.2)."""
    marks = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in marks or f'"{mark}"' in marks


def _forget_range(request: Request) -> None:
    """A range in no unit that we know is passed over, not refused (RFC 9110 §14.2)."""
    request.scope["headers"] = [header for header in request.scope["headers"] if header[0] != b"range"]
