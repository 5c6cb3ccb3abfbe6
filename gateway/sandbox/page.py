"""The page of handsets and what it asks: below /sandbox, beside Twilio's REST and apart from it.

Everything here is for a browser at this machine; a request that is not gets 403 and a sentence. Answers are JSON,
complaints are `{"error": sentence}` in the language of the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.kit.clock import DemoClock
from gateway.sandbox.directory import PageParts
from gateway.sandbox.guards import SECURITY_HEADERS, is_for_this_machine, is_from_this_page
from gateway.sandbox.hands import Armed
from gateway.sandbox.network import PhoneNetwork
from gateway.sandbox.page_assets import Assets
from gateway.sandbox.page_words import COOKIE, LANGUAGES, PageWords, language_of
from gateway.sandbox.showing import Look, Wall
from gateway.sandbox.visits import Complaint, Visits

FOREIGN_HOST = (
    "This page is for this machine only: open it as http://127.0.0.1 or http://localhost, with the same port.\n"
    "หน้านี้ใช้ได้เฉพาะในเครื่องนี้ โปรดเปิดด้วย http://127.0.0.1 หรือ http://localhost\n"
)
FOREIGN_PAGE = "Another site may not press keys here.\n"
MOST_SHOWN = 600
MOST_BYTES = 8_000
A_YEAR = 365 * 86_400
_VISITOR = re.compile(r"[0-9a-f]{16,64}")

Endpoint = Callable[[Request], Awaitable[Response]]
Posted = dict[str, str]


class HandsetsPage:
    """The endpoints."""

    def __init__(self, network: PhoneNetwork, parts: PageParts) -> None:
        self._network = network
        self._parts = parts
        directory = parts.directory
        self._wall = Wall(network, directory)
        self._visits = Visits(
            network,
            self._wall,
            sms_number=directory.sms_number,
            voice_number=directory.voice_number,
            next_morning=parts.next_morning,
        )
        self._words = PageWords(parts.templates / "sandbox" / "words.toml")
        self._assets = Assets(parts.templates / "static")
        loader = FileSystemLoader(parts.templates / "sandbox")
        self._pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        self._acts: dict[str, Callable[[str, str, Posted], None]] = {
            "take": lambda visitor, number, _: self._visits.take(visitor, number),
            "release": lambda visitor, number, _: self._visits.release(visitor, number),
            "answer": lambda visitor, number, _: self._visits.answer(visitor, number),
            "decline": lambda visitor, number, _: self._visits.decline(visitor, number),
            "press": lambda visitor, number, form: self._visits.press(visitor, number, form.get("keys", "")),
            "speak": lambda visitor, number, _: self._visits.speak(visitor, number),
            "staff": lambda visitor, number, form: self._visits.let_staff(visitor, number, form.get("picks_up", "")),
            "hangup": lambda visitor, number, _: self._visits.hang_up(visitor, number),
            "text": lambda visitor, number, form: self._visits.text(visitor, number, form.get("body", "")),
            "call": lambda visitor, number, _: self._visits.call(visitor, number),
        }
        self._clock_acts: dict[str, Callable[[Posted], None]] = {
            "pause": lambda _: self._visits.pause(),
            "resume": lambda _: self._visits.resume(),
            "speed": lambda form: self._visits.speed(_figure(form.get("speed", ""))),
            "morning": lambda _: self._visits.morning(),
        }

    def routes(self) -> list[Route]:
        """The routes of the page, relative to where the sandbox is mounted."""
        return [
            self._route("/", self.show, "GET"),
            self._route("/state", self.state, "GET"),
            self._route("/static/{name}", self.asset, "GET"),
            self._route("/language", self.language, "POST"),
            self._route("/arm", self.arm, "POST"),
            self._route("/disarm", self.disarm, "POST"),
            self._route("/handsets/{key}/{act}", self.handset, "POST"),
            self._route("/clock/{act}", self.clock, "POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET /sandbox/: the page itself."""
        language = language_of(request)
        words = self._words.of(language)
        if self._parts.renew is not None:
            self._wall.directory = await run_in_threadpool(self._parts.renew)
        directory = self._wall.directory
        html = self._pages.get_template("page.html").render(
            lang=language,
            t=words.__getitem__,
            words=words,
            languages=[(code, directory.languages.get(code)) for code in self._wall.languages()],
            sites=[(code, directory.sites.get(code)) for code in self._wall.sites()],
            names={code: [name.own or code, getattr(name, language)] for code, name in directory.languages.items()},
            site_names={code: getattr(name, language) for code, name in directory.sites.items()},
            asset=self._assets.address,
            has_clock=isinstance(self._network.clock, DemoClock),
            has_morning=self._visits.moves_mornings,
            has_hotline=self._visits.has_hotline,
            plays_own_audio=self._parts.plays_own_audio,
        )
        return Response(html, media_type="text/html", headers={"Cache-Control": "no-store", "Vary": "Cookie"})

    async def state(self, request: Request) -> Response:
        """GET /sandbox/state: what is to be seen; next to nothing when that is what was seen last (`known`)."""
        asked = request.query_params
        shown = _figure(asked.get("shown", "12"))
        look = Look(
            visitor=_visitor(asked.get("visitor", "")),
            language=asked.get("language", "")[:16],
            site=asked.get("site", "")[:32],
            whose=asked.get("whose", "")[:16],
            shown=int(min(MOST_SHOWN, max(1, shown))),
            featured=asked.get("featured", "")[:40],
        )
        self._network.hands.see(look.visitor)
        tag = f'"{self._wall.tag(look)}"'
        headers = {"ETag": tag, "Cache-Control": "no-store"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        # Browsers count a 304 they did not ask for themselves as a failed request: the page asks in the address.
        if asked.get("known", "") == tag.strip('"'):
            return JSONResponse({"unchanged": True}, headers=headers)
        return JSONResponse(self._wall.state(look) | {"version": tag.strip('"')}, headers=headers)

    async def asset(self, request: Request) -> Response:
        """GET /sandbox/static/{name}"""
        return self._assets.answer(request.path_params["name"], request.headers.get("if-none-match", ""))

    async def language(self, request: Request) -> Response:
        """POST /sandbox/language: Thai or English from now on, on every page of the house."""
        chosen = (await read_posted(request)).get("language", "")
        if chosen not in LANGUAGES:
            raise Complaint(400, "error.bad_request")
        answer = Response(status_code=HTTPStatus.NO_CONTENT)
        answer.set_cookie(COOKIE, chosen, max_age=A_YEAR, samesite="lax", path="/")
        return answer

    async def arm(self, request: Request) -> Response:
        """POST /sandbox/arm: let the next call ring here."""
        form = await read_posted(request)
        wish = Armed(form.get("language", ""), form.get("site", ""), form.get("whose", ""))
        self._visits.arm(_visitor(form.get("visitor", "")), wish)
        return _done()

    async def disarm(self, request: Request) -> Response:
        """POST /sandbox/disarm: do not."""
        self._visits.disarm(_visitor((await read_posted(request)).get("visitor", "")))
        return _done()

    async def handset(self, request: Request) -> Response:
        """POST /sandbox/handsets/{key}/{act}"""
        act = self._acts.get(request.path_params["act"])
        if act is None:
            raise Complaint(404, "error.bad_request")
        form = await read_posted(request)
        act(_visitor(form.get("visitor", "")), self._visits.number(request.path_params["key"]), form)
        return _done()

    async def clock(self, request: Request) -> Response:
        """POST /sandbox/clock/{act}; moving to another morning asks the database, and does not hold up the rest."""
        act = self._clock_acts.get(request.path_params["act"])
        if act is None:
            raise Complaint(404, "error.bad_request")
        await run_in_threadpool(act, await read_posted(request))
        return _done()

    def _route(self, path: str, endpoint: Endpoint, method: str) -> Route:
        async def guarded(request: Request) -> Response:
            response = await self._answer(request, endpoint)
            for name, value in SECURITY_HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return Route(path, guarded, methods=[method], include_in_schema=False)

    async def _answer(self, request: Request, endpoint: Endpoint) -> Response:
        if not is_for_this_machine(request):
            return PlainTextResponse(FOREIGN_HOST, HTTPStatus.FORBIDDEN)
        if request.method == "POST" and not is_from_this_page(request):
            return PlainTextResponse(FOREIGN_PAGE, HTTPStatus.FORBIDDEN)
        if self._parts.guard is not None:
            refused = await run_in_threadpool(self._parts.guard, request)
            if refused is not None:
                return refused
        try:
            return await endpoint(request)
        except Complaint as complaint:
            sentence = self._words.of(language_of(request))[complaint.word]
            return JSONResponse({"error": sentence}, complaint.status)


async def read_posted(request: Request) -> Posted:
    """Read a JSON object of texts; raises Complaint. Only JSON: no form of another site can send it unasked."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Complaint(400, "error.bad_request")
    try:
        found = json.loads(await _body(request))
    except (ValueError, RecursionError) as error:  # brackets within brackets, as far down as there is room for
        raise Complaint(400, "error.bad_request") from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Complaint(400, "error.bad_request")
    return found


async def _body(request: Request) -> bytes:
    """What was sent, read no further than may be sent; raises Complaint."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Complaint(400, "error.long_text")
    return bytes(body)


def _visitor(text: str) -> str:
    if not _VISITOR.fullmatch(text):
        raise Complaint(400, "error.bad_request")
    return text


def _figure(text: str) -> float:
    try:
        return float(text) if len(text) < 12 and float(text) == float(text) else 0.0
    except ValueError as error:
        raise Complaint(400, "error.bad_request") from error


def _done() -> Response:
    return JSONResponse({})
