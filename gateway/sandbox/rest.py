"""Twilio's REST for Messages, Calls and Recordings, as its SDK sends it; mounted under /sandbox."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import Callable
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from gateway.sandbox.directory import PageParts
from gateway.sandbox.errors import RestError, not_authenticated, not_found, throttled
from gateway.sandbox.faults import Fault, Faults
from gateway.sandbox.forms import PostedForm
from gateway.sandbox.network import PhoneNetwork
from gateway.sandbox.owner import Resource
from gateway.sandbox.page import HandsetsPage
from gateway.sandbox.resources import API_VERSION

PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000

Create = Callable[[PostedForm], Resource]


class LostResponse(Response):
    """An answer that breaks off in the middle: its sender believes to have been understood, its reader is in doubt."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise more than is sent; the server then closes the connection."""
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"4096")]})
        await send({"type": "http.response.body", "body": b'{"sid": "', "more_body": True})


def sandbox_app(network: PhoneNetwork, faults: Faults | None = None, *, page: PageParts | None = None) -> FastAPI:
    """Return the REST of `network`: `client.api.base_url = "http://127.0.0.1:PORT/sandbox"` when mounted there.

    Every answer other than a resource is Twilio's error JSON. `faults` are for tests. With `page` the phones are
    shown at the root as well, for people, who need no token.
    """

    def only_the_owner(request: Request) -> None:
        if not _is_owner(network, request):
            raise not_authenticated()

    app = FastAPI(title="Sandbox telephone network", openapi_url=None, dependencies=[Depends(only_the_owner)])
    desk = _Desk(network, faults or Faults())
    account = f"/{API_VERSION}/Accounts/{{account_sid}}"
    app.add_api_route(f"{account}/Messages.json", desk.create_message, methods=["POST"])
    app.add_api_route(f"{account}/Messages.json", desk.list_messages, methods=["GET"])
    app.add_api_route(f"{account}/Messages/{{sid}}.json", desk.fetch_message, methods=["GET"])
    app.add_api_route(f"{account}/Messages/{{sid}}.json", desk.update_message, methods=["POST"])
    app.add_api_route(f"{account}/Calls.json", desk.create_call, methods=["POST"])
    app.add_api_route(f"{account}/Calls.json", desk.list_calls, methods=["GET"])
    app.add_api_route(f"{account}/Calls/{{sid}}.json", desk.fetch_call, methods=["GET"])
    app.add_api_route(f"{account}/Calls/{{sid}}.json", desk.update_call, methods=["POST"])
    app.add_api_route(f"{account}/Recordings/{{sid}}.json", desk.fetch_recording, methods=["GET"])
    app.add_api_route(f"{account}/Recordings/{{sid}}.json", desk.delete_recording, methods=["DELETE"])
    app.add_api_route(f"{account}/Recordings/{{sid}}.wav", desk.fetch_sound, methods=["GET"])
    if page is not None:
        app.router.routes.extend(HandsetsPage(network, page).routes())
    app.add_exception_handler(RestError, _refuse)
    app.add_exception_handler(404, _unknown_path)
    return app


class _Desk:
    """The endpoints; `network` never blocks, so that they may run on the event loop."""

    def __init__(self, network: PhoneNetwork, faults: Faults) -> None:
        self._network = network
        self._faults = faults

    async def create_message(self, request: Request) -> Response:
        """POST Messages.json."""
        return await self._create(request, self._network.create_message)

    async def create_call(self, request: Request) -> Response:
        """POST Calls.json."""
        return await self._create(request, self._network.create_call)

    async def list_messages(self, request: Request) -> Response:
        """GET Messages.json?To=&From=&PageSize="""
        asked = request.query_params
        return _page(request, "messages", self._network.list_messages(asked.get("To", ""), asked.get("From", "")))

    async def list_calls(self, request: Request) -> Response:
        """GET Calls.json?To=&From=&Status=&PageSize="""
        asked = request.query_params
        found = self._network.list_calls(asked.get("To", ""), asked.get("From", ""), asked.get("Status", ""))
        return _page(request, "calls", found)

    async def fetch_message(self, sid: str) -> Response:
        """GET Messages/{sid}.json"""
        return JSONResponse(self._network.get_message(sid))

    async def fetch_call(self, sid: str) -> Response:
        """GET Calls/{sid}.json"""
        return JSONResponse(self._network.get_call(sid))

    async def fetch_recording(self, sid: str) -> Response:
        """GET Recordings/{sid}.json"""
        return JSONResponse(self._network.get_recording(sid))

    async def fetch_sound(self, sid: str) -> Response:
        """GET Recordings/{sid}.wav; a minute of it takes a moment to make."""
        return Response(await run_in_threadpool(self._network.get_sound, sid), media_type="audio/x-wav")

    async def delete_recording(self, sid: str) -> Response:
        """DELETE Recordings/{sid}.json"""
        self._network.delete_recording(sid)
        return Response(status_code=204)

    async def update_message(self, sid: str, request: Request) -> Response:
        """POST Messages/{sid}.json"""
        return JSONResponse(self._network.update_message(sid, PostedForm.of(await request.body())))

    async def update_call(self, sid: str, request: Request) -> Response:
        """POST Calls/{sid}.json"""
        return JSONResponse(self._network.update_call(sid, PostedForm.of(await request.body())))

    async def _create(self, request: Request, create: Create) -> Response:
        form = PostedForm.of(await request.body())
        fault = self._faults.next_create()
        if fault is Fault.THROTTLED:
            raise throttled()
        resource = create(form)
        await asyncio.sleep(self._faults.hang_seconds)
        if fault is Fault.DROPPED:
            return LostResponse()
        if fault is Fault.SERVER_ERROR:
            raise RestError(500, 20500, "Internal Server Error")
        return JSONResponse(resource, status_code=201)


def _is_owner(network: PhoneNetwork, request: Request) -> bool:
    """Check the account in the path and HTTP basic authentication with its sid and token."""
    account = network.account
    if f"/Accounts/{account.sid}/" not in request.url.path:
        return False
    scheme, _, packed = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(packed, validate=True)
    except binascii.Error:
        return False
    return hmac.compare_digest(given, f"{account.sid}:{account.auth_token}".encode())


def _page(request: Request, name: str, found: list[Resource]) -> Response:
    """Cut `found` into Twilio's pages; a page's number and size are read leniently, as they only come from the SDK."""
    size = min(MAX_PAGE_SIZE, max(1, _whole(request, "PageSize", PAGE_SIZE)))
    number = max(0, _whole(request, "Page", 0))
    first, last = number * size, number * size + size
    return JSONResponse(
        {
            name: found[first:last],
            "page": number,
            "page_size": size,
            "start": first,
            "end": max(first, min(last, len(found)) - 1),
            "uri": _page_uri(request, size, number),
            "first_page_uri": _page_uri(request, size, 0),
            "previous_page_uri": _page_uri(request, size, number - 1) if number else None,
            "next_page_uri": _page_uri(request, size, number + 1) if last < len(found) else None,
        }
    )


def _page_uri(request: Request, size: int, number: int) -> str:
    """Return the address of a page as Twilio gives it: from the version on, whatever the mount."""
    path = request.url.path
    asked = {key: value for key, value in request.query_params.items() if key not in ("Page", "PageSize")}
    query = urlencode(asked | {"PageSize": str(size), "Page": str(number)})
    return f"{path[path.index('/' + API_VERSION) :]}?{query}"


def _whole(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else default


def _error(error: RestError) -> Response:
    return JSONResponse(error.body(), status_code=error.status)


async def _refuse(request: Request, error: Exception) -> Response:
    return _error(error if isinstance(error, RestError) else not_found())


async def _unknown_path(request: Request, error: Exception) -> Response:
    return _error(not_found())
