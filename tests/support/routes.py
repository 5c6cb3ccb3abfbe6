"""Every route of an application, whatever it was put together from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles


def routes(of: Any, before: str = "") -> Iterator[tuple[str, Route]]:
    """Every route with its whole path: those of included routers and mounted apps, too; folders of files are none."""
    for route in of.routes:
        if isinstance(route, Mount) and isinstance(route.app, StaticFiles):
            continue
        if isinstance(route, Mount):
            yield from routes(route.app, before + route.path)
        elif hasattr(route, "original_router"):  # how FastAPI keeps what was included
            yield from routes(route.original_router, before + route.include_context.prefix)
        else:
            assert isinstance(route, Route), f"a new kind of route, which nobody has looked at: {route}"
            yield before + route.path, route


def calls(path: str, route: Route) -> Iterator[tuple[str, str]]:
    """A request for each method of a route, its parameters filled in."""
    for method in sorted(route.methods or {"GET"}):
        yield method, re.sub(r"\{[a-z_0-9]+\}", "0" * 32, path) + ("?turn=1" if "/turn/" in path else "")
