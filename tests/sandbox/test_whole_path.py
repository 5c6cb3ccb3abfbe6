"""SDK, REST, loop, real HTTP, webhook and back: everything at once, on sockets of this machine."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import uvicorn
from fastapi import FastAPI, Request, Response
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from gateway.kit.clock import DemoClock
from gateway.sandbox.fetching import HttpFetcher
from gateway.sandbox.handsets import Handset
from gateway.sandbox.loop import NetworkLoop
from gateway.sandbox.network import PhoneNetwork
from gateway.sandbox.rest import sandbox_app

ACCOUNT, TOKEN, NUMBER = "AC" + "2" * 32, "token", "+66812345678"
ASK = '<Response><Gather numDigits="1" action="/turn/1"><Say>press 1</Say></Gather></Response>'


def webhooks(heard: list[tuple[str, str, bool]]) -> FastAPI:
    app = FastAPI()

    @app.post("/{path:path}")
    async def hook(path: str, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        genuine = RequestValidator(TOKEN).validate(str(request.url), form, request.headers["X-Twilio-Signature"])
        heard.append((path, str(form.get("Digits") or form["CallStatus"]), genuine))
        return Response(ASK if path == "answer" else "<Response/>", media_type="text/xml")

    return app


def serve(app: FastAPI) -> tuple[uvicorn.Server, threading.Thread, str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    return server, thread, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"


def test_a_call_made_by_the_sdk_asks_presses_and_reports_with_valid_signatures() -> None:
    heard: list[tuple[str, str, bool]] = []
    fetcher = HttpFetcher()
    clock = DemoClock(datetime(2026, 6, 1, 2, tzinfo=UTC), speed=500)
    network = PhoneNetwork(clock, fetcher, 1, [Handset(NUMBER, habits="always_answers_1")], ACCOUNT, TOKEN)
    app = webhooks(heard)
    app.mount("/sandbox", sandbox_app(network))
    app.router.routes.reverse()  # the mount before the catch-all
    server, thread, base = serve(app)
    loop = NetworkLoop(network, clock)
    loop.start()
    try:
        client = Client(ACCOUNT, TOKEN, http_client=TwilioHttpClient(timeout=30, pool_connections=False))
        client.api.base_url = f"{base}/sandbox"
        callback = f"{base}/status#rc=3&rp=all"
        client.calls.create(to=NUMBER, from_="+6620000000", url=f"{base}/answer", status_callback=callback)
        end = time.monotonic() + 60  # a guard against hanging, not an expectation of speed
        while not (len(heard) >= 3 and network.is_idle) and time.monotonic() < end:
            time.sleep(0.02)
    finally:
        loop.stop()
        server.should_exit = True
        thread.join(5)
        fetcher.close()
    assert heard == [("answer", "in-progress", True), ("turn/1", "1", True), ("status", "completed", True)]
