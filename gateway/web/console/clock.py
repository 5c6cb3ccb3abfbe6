"""The demo's clock in the band above every page: it runs faster than the one on the wall, and jumps."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The band's live part; only demonstrations show it."""

    @routes.get("/clock")
    def clock(visitor: Visitor = Depends(desk.gate.page())) -> Response:
        return desk.pages.live(visitor, visitor.request, "clock.html")
