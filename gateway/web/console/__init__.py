"""The staff's pages: who comes, who needs a person, and what happened with each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.records.staffing import Role
from gateway.web.console import (
    actions,
    audit,
    clock,
    closing,
    door,
    forecast,
    health,
    hotline,
    library,
    library_edit,
    library_word,
    moving,
    people,
    person,
    preview,
    rates,
    rides,
    rosters,
    sheets,
    sign_in,
    speaker_pin,
    spoken,
    studio,
    task_page,
    today,
    worklists,
)
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor, language_of
from gateway.web.console.trouble import SignedOut, StaleForm, Trouble
from gateway.web.departed import Departed
from gateway.web.limits import BodyLimit

PREFIX: Final = "/console"
PAGES: Final = (
    actions,
    audit,
    clock,
    closing,
    door,
    forecast,
    health,
    hotline,
    preview,  # before the library: /words/preview is no language's page
    library,
    library_edit,
    library_word,
    moving,
    people,
    person,
    rates,
    rides,
    rosters,
    sheets,
    sign_in,
    speaker_pin,  # before the studio: /studio/pin is no language's page
    spoken,
    studio,
    today,
    worklists,
    task_page,  # behind the lists: /worklists/counts is no task
)
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NO_GUESSING: Final = (b"x-content-type-options", b"nosniff")
NO_MICROPHONE: Final = (b"permissions-policy", b"microphone=(), camera=(), geolocation=()")
HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    NO_GUESSING,
    NO_MICROPHONE,
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
NOT_KEPT: Final = (b"cache-control", b"no-store")
STUDIO_HEADERS: Final = (
    (b"content-security-policy", POLICY.replace("media-src 'self'", "media-src 'self' blob:").encode()),
    (b"permissions-policy", studio.MICROPHONE.encode()),
)
"""Only where phrases are recorded a page may use the microphone, and play what it has just recorded."""


def router(desk: ConsoleDesk) -> APIRouter:
    """Every page, below /console."""
    routes = APIRouter(prefix=PREFIX, include_in_schema=False)

    @routes.get("")
    @routes.get("/")
    def start(request: Request) -> Response:
        visitor = desk.gate.visitor(request)
        is_speaker = visitor is not None and not visitor.may(Role.STAFF)
        return RedirectResponse(studio.PATH if is_speaker else f"{PREFIX}/today", 303)

    for page in PAGES:
        page.add_routes(routes, desk)
    return routes


def install(app: FastAPI, desk: ConsoleDesk) -> None:
    """Put the console into `app`: its pages, and pages for what goes wrong on the way to them."""
    app.include_router(router(desk))
    app.add_exception_handler(Trouble, _explain(desk))
    app.add_exception_handler(SignedOut, _ask_to_sign_in(desk))
    for wrong, key in UNUSUAL.items():
        app.add_exception_handler(wrong, _in_words(desk, key))
    app.add_middleware(BodyLimit, limits=(*studio.BODY_LIMITS, *rosters.BODY_LIMITS), explain=_too_large(desk))
    app.add_middleware(PageHeaders)
    app.add_middleware(Departed)


UNUSUAL: Final[dict[int | type[Exception], str]] = {
    404: "common.trouble.missing",
    405: "common.trouble.missing",
    RequestValidationError: "common.trouble.bad_address",
    Exception: "common.trouble.broken",
}
STATUS: Final[dict[type[Exception], int]] = {RequestValidationError: 400}
Handler = Callable[[Request, Exception], Awaitable[Response]]


def _explain(desk: ConsoleDesk) -> Handler:
    async def explain(request: Request, error: Exception) -> Response:
        assert isinstance(error, Trouble)  # noqa: S101  # it is registered for nothing else
        return await run_in_threadpool(_say_trouble, desk, request, error)

    return explain


def _say_trouble(desk: ConsoleDesk, request: Request, error: Trouble) -> Response:
    if isinstance(error, StaleForm) and (shown := sign_in.stale(desk, request.state.visitor, error)) is not None:
        return shown
    return _trouble(desk, request, error.key, error.back, error.status, **error.values)


def _ask_to_sign_in(desk: ConsoleDesk) -> Handler:
    async def ask(request: Request, error: Exception) -> Response:
        assert isinstance(error, SignedOut)  # noqa: S101  # it is registered for nothing else
        return sign_in.signed_out(desk, error)

    return ask


def _in_words(desk: ConsoleDesk, key: str) -> Handler:
    """What the framework would say in JSON becomes a page below /console, and stays what it was elsewhere."""

    async def explain(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else STATUS.get(type(error), 500)
        if not request.url.path.startswith(PREFIX):
            detail = error.detail if isinstance(error, HTTPException) else HTTPStatus(status).phrase
            page: Response = JSONResponse({"detail": detail}, status)
        else:
            page = await run_in_threadpool(lambda: _trouble(desk, request, key, PREFIX, status))
        # What the error says itself, as which ways of asking there are; and nobody is to keep a mistake.
        page.headers.update({"Cache-Control": "no-store", **(getattr(error, "headers", None) or {})})
        # An error of ours is answered above our own middleware.
        page.raw_headers.extend(_headers(request.url.path, page.raw_headers))
        return page

    return explain


def _too_large(desk: ConsoleDesk) -> Callable[[Request, int], Awaitable[Response]]:
    async def explain(request: Request, limit: int) -> Response:
        path = request.url.path
        key, back = (studio if path.startswith(studio.PATH) else rosters).too_large(path)
        megabytes = limit // rosters.MEGABYTE
        return await run_in_threadpool(lambda: _trouble(desk, request, key, back, 413, mb=megabytes))

    return explain


def _trouble(desk: ConsoleDesk, request: Request, key: str, back: str, status: int, **values: object) -> Response:
    visitor: Visitor | None = getattr(request.state, "visitor", None) or desk.gate.visitor(request)
    language = visitor.language if visitor else language_of(request)
    sentence = desk.pages.words.text(language, key, **values)
    if visitor is None:
        return desk.pages.outside(language, "trouble.html", status=status, sentence=sentence, back=back)
    return desk.pages.show(visitor, "trouble.html", status=status, sentence=sentence, back=back)


class PageHeaders:
    """Adds what every answer says to the browser, not to guess what it is; and what every page of the console says.

    That is: load nothing from elsewhere, keep nothing, be shown in no frame.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add what the answer does not say itself."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_headers(scope["path"], message["headers"])]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _headers(path: str, present: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """What is missing among those `present`."""
    known = {name.lower() for name, _ in present}
    if not path.startswith(PREFIX):
        wanted = dict([NO_GUESSING, NO_MICROPHONE])
    else:
        wanted = dict([*HEADERS, NOT_KEPT, *(STUDIO_HEADERS if path.startswith(studio.PATH) else ())])
    return [header for header in wanted.items() if header[0] not in known]
