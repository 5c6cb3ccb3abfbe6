"""Style sheets and scripts of the pages: addressed with a mark of their content, so that they may be kept for long."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

KEEP = "public, max-age=604800"


class Static(StaticFiles):
    """The files of one folder; nothing in it is about a person, so nobody is asked who they are."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file at `path`, with leave to keep it; raises HTTPException 404."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = KEEP
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
