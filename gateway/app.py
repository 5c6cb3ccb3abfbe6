"""The ASGI application: the carrier's webhooks, audio, health and, with the sandbox, its telephone network."""

from __future__ import annotations

import os
from collections.abc import Callable

from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from gateway.settings import CarrierName, load_settings
from gateway.web import audio, console, health, webhooks
from gateway.web.again import Again
from gateway.web.away import Away
from gateway.web.console.forecast import Panel
from gateway.web.console.guard import guard
from gateway.web.doors import Gateway
from gateway.web.static import Static
from gateway.wiring import SANDBOX, House


def create_app(
    house: House, *, with_network: bool | None = None, next_morning: Callable[[], bool] | None = None
) -> FastAPI:
    """Put the routes together. `with_network` mounts the sandbox and its page; by default where it is the carrier.

    `next_morning` moves the demo's clock to the next morning on which something is due (None: nobody may).
    """
    app = Gateway(title="Tamnat", docs_url=None, redoc_url=None)
    app.add_middleware(Again)  # innermost: what limits and headers a request stands around all its tries
    app.add_middleware(Away)
    carriers = webhooks.router(house.desk, house.writes)
    app.include_router(carriers)
    app.open_doors(carriers.routes)
    app.include_router(audio.router(house.clips))
    app.include_router(health.router(house.database, Panel(house.console).figures))
    console.install(app, house.console)
    app.mount("/static", Static(house.templates_dir / "static"), name="static")

    @app.get("/", include_in_schema=False)
    def start() -> RedirectResponse:
        return RedirectResponse("/console", 303)

    if house.settings.carrier is CarrierName.SANDBOX if with_network is None else with_network:
        from gateway.sandbox.rest import sandbox_app
        from gateway.wiring.handsets_page import page_parts

        parts = page_parts(house, guard=guard(house.console), next_morning=next_morning)
        app.mount(SANDBOX, sandbox_app(house.network, page=parts))
    return app


def application() -> FastAPI:
    """Build the app from the environment, for `uvicorn --factory gateway.app:application`."""
    os.environ.setdefault("TZ", "UTC")
    return create_app(House(load_settings()))
