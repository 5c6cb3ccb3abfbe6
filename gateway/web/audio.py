"""Clips, by the hash of their content: what a URL names never changes, so it may be kept for ever."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response

from gateway.voice.assets import ClipStore

FOR_EVER = "public, max-age=31536000, immutable"


def router(clips: ClipStore) -> APIRouter:
    """The one route for audio. Clips carry no names, so it asks nobody who they are."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/audio/{sha256}.wav")
    def clip(sha256: str) -> Response:
        data = clips.read(sha256)
        if data is None:
            raise HTTPException(404, "there is no such clip")
        return Response(data, media_type="audio/wav", headers={"Cache-Control": FOR_EVER, "ETag": f'"{sha256}"'})

    return routes
