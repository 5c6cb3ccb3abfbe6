"""The carrier's routes as plain ASGI: a request is read, its signature looked at, its work written with that of others.

What a framework does for a page (forms, dependencies, models of an answer) costs more than all of that together. The
routes are in the app like any other, so that the test that every route is signed sees them.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.carriers.port import CallbackRequest, Rendered
from gateway.records.away import is_away
from gateway.records.database import Conflict
from gateway.records.group_commit import GroupCommit, IsClosed, TooBusy
from gateway.web.desk import Desk
from gateway.web.forged import count_forged

log = logging.getLogger(__name__)

LONGEST: Final = 64 * 1024  # bytes; the longest text of 1600 letters takes a quarter of it
MOST_FIELDS: Final = 1000
FORM: Final = "application/x-www-form-urlencoded"
Work = Callable[[CallbackRequest, Mapping[str, str]], Awaitable[Rendered]]


class TooLarge(Exception):
    """A body longer than any carrier's."""


@dataclass(frozen=True, slots=True)
class Door:
    """One route: `work` is given what the carrier signed, and the parameters of the path."""

    desk: Desk
    writes: GroupCommit
    work: Work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            status, answer = await self._answer(scope, receive)
        except ClientDisconnect:  # nobody is there to be answered, and half a body is no forgery
            return
        except TooLarge:
            status, answer = 413, _told("no carrier sends that much\n")
        except (TooBusy, IsClosed, Conflict):
            status, answer = 503, _told("too busy: ask again in a moment\n")
        except Exception as error:  # whatever it was: an answer at once, or the carrier waits and gives up
            log.exception("a carrier's request could not be answered")
            status, answer = 500, _told("this failed here; ask again later\n")
            if is_away(error):
                status, answer = 503, _told("nothing can be stored at the moment: ask again\n")
        await _send(send, status, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, Rendered]:
        callback = callback_of(scope, await body_of(receive), self.desk.public_url)
        if not self.desk.reader.verify(callback):
            await self.writes.do(count_forged)
            return 403, _told("the signature does not fit: check the auth token and GATEWAY_PUBLIC_URL\n")
        return 200, await self.work(callback, scope["path_params"])


class Gateway(FastAPI):
    """An app whose doors are found first, before all that is there for pages."""

    def open_doors(self, routes: list[BaseRoute]) -> None:
        """Look for these routes' doors first; call it when they are in the app as well."""
        self._doors: dict[str, tuple[str, ASGIApp]] = {}
        for route in routes:
            if isinstance(route, Route) and isinstance(route.app, Door):
                folder, _, last = route.path.rpartition("/")
                if last.startswith("{"):
                    self._doors[folder] = last.strip("{}"), route.app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or whatever else a server asks of an app."""
        if scope["type"] == "http" and scope["method"] == "POST":
            folder, _, last = scope["path"].rpartition("/")
            found = self._doors.get(folder)
            if found is not None and last:
                name, door = found
                scope["path_params"] = {name: last}
                await door(scope, receive, send)
                return
        await super().__call__(scope, receive, send)


def callback_of(scope: Scope, body: bytes, public_url: str) -> CallbackRequest:
    """The request as its sender wrote it.

    The URL is put together from PUBLIC_URL and the raw path and query: behind a proxy the host and scheme we see are
    not those that were signed. Blank values and their order are kept: the signature covers them.
    """
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").split("?")[0]
    query = scope.get("query_string", b"").decode("latin-1")
    is_form = headers.get("content-type", "").lower().startswith(FORM)  # RFC 9110 §8.3.1: in any case of letters
    form = form_of(body) if is_form else []
    url = f"{public_url}{path}?{query}" if query else f"{public_url}{path}"
    return CallbackRequest(scope["method"], url, headers, form, body)


def form_of(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form in their order, blank ones, too; as the standard library reads them, in half the time."""
    text = body.decode("utf-8", "replace")
    if text.count("&") >= MOST_FIELDS:
        return []  # nobody signs that; it is refused as unsigned
    fields = []
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if name or value or "=" in pair:
            fields.append((_plain_text(name), _plain_text(value)))
    return fields


def _plain_text(quoted: str) -> str:
    text = quoted.replace("+", " ") if "+" in quoted else quoted
    return unquote(text, errors="replace") if "%" in text else text


async def body_of(receive: Receive) -> bytes:
    """The body, up to LONGEST: it is read before anybody can tell who sent it. Raises ClientDisconnect."""
    body, is_more = b"", True
    while is_more and len(body) <= LONGEST:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
    if len(body) > LONGEST:
        raise TooLarge
    return body


def _told(text: str) -> Rendered:
    return Rendered("text/plain", text)


async def _send(send: Send, status: int, answer: Rendered) -> None:
    body = answer.body.encode()
    charset = "; charset=utf-8" if answer.content_type.startswith("text/") else ""
    headers = [
        (b"content-type", f"{answer.content_type}{charset}".encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),  # as on every answer of the house
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
