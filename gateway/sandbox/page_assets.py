"""The style sheet, script and pictures of the page of handsets, from the folder that all pages share."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from starlette.responses import PlainTextResponse, Response

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
NAMES = ("handsets.css", "handsets.js", "icon.svg")


class Assets:
    """The files this page needs, and no others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def address(self, name: str) -> str:
        """Where a file is, marked with its content so that a new one is fetched at once; relative to the page."""
        return f"static/{name}?{_mark(self._read(name))}"

    def answer(self, name: str, known: str = "") -> Response:
        """Return the file called `name`, 304 when its ETag is `known`, 404 when the page has none of that name."""
        if name not in NAMES or not (self._folder / name).is_file():
            return PlainTextResponse("There is no such file here.", HTTPStatus.NOT_FOUND)
        body = self._read(name)
        headers = {"ETag": f'"{_mark(body)}"', "Cache-Control": "no-cache"}
        if known == headers["ETag"]:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(body, media_type=TYPES[Path(name).suffix], headers=headers)

    def _read(self, name: str) -> bytes:
        return (self._folder / name).read_bytes()


@lru_cache(maxsize=16)
def _mark(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
