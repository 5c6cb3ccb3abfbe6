"""Signing in and out, the language of the pages, and the way back to what somebody was doing."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.datastructures import FormData

from gateway.records.staffing import Role
from gateway.staff import sessions
from gateway.staff.audit import write_audit
from gateway.staff.signing_in import Opened, TurnedAway, sign_in
from gateway.web.console import studio
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import (
    COOKIE,
    LANGUAGE_COOKIE,
    Visitor,
    is_live,
    language_of,
    local_path,
    read_form,
    referring_path,
    require_same_site,
)  # fmt: skip
from gateway.web.console.kept import LARGEST, Kept, pack, unpack
from gateway.web.console.trouble import SignedOut, StaleForm
from gateway.web.console.words import LANGUAGES

SIGN_IN: Final = "/console/sign-in"
YEAR: Final = 365 * 24 * 3600  # seconds
LANGUAGE_CHOICE: Final = "language"


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """Sign-in, sign-out and the choice of a language: the only pages for somebody who is not signed in."""

    @routes.get("/sign-in")
    def form(request: Request, next: str = "", ended: str = "") -> Response:  # noqa: A002  # its name in links
        onward, visitor = local_path(next), desk.gate.visitor(request)
        if visitor is not None:
            return RedirectResponse(_open_to(visitor, onward), 303)
        return _page(desk, language_of(request), next=onward, is_ended=bool(ended))

    @routes.post("/sign-in")
    def enter(request: Request, sent: Annotated[FormData, Depends(_own_form)]) -> Response:
        if _text(sent, LANGUAGE_CHOICE) in LANGUAGES:
            return _in_another_language(desk, sent)
        return _try(desk, request, sent)

    @routes.post("/sign-out")
    def leave(request: Request, sent: Annotated[FormData, Depends(_own_form)]) -> Response:
        visitor = desk.gate.visitor(request)
        if visitor is not None:
            desk.gate.require_token(visitor, _text(sent, "csrf"))
            _close(desk, visitor)
        answer = RedirectResponse(SIGN_IN, 303)
        answer.delete_cookie(COOKIE, path="/", secure=desk.gate.secure, httponly=True, samesite="lax")
        return answer

    @routes.get("/language")
    def language_page(language: str = "") -> Response:
        return _speak(desk, RedirectResponse("/console", 303), language)

    @routes.post("/language")
    def choose_language(request: Request, sent: Annotated[FormData, Depends(_own_form)]) -> Response:
        onward = referring_path(request)
        return _speak(desk, RedirectResponse(onward, 303), _text(sent, LANGUAGE_CHOICE))


def signed_out(desk: ConsoleDesk, error: SignedOut) -> Response:
    """Lead somebody whose session is over to sign-in, with what they were sending, or tell a page that follows."""
    request, language = error.request, language_of(error.request)
    if is_live(request):
        return PlainTextResponse(desk.pages.words.text(language, "sign_in.ended"), 401)
    was_here = bool(request.cookies.get(COOKIE))
    if error.fields is None:
        query = {"next": error.path} | ({"ended": "1"} if was_here else {})
        return RedirectResponse(f"{SIGN_IN}?{urlencode(query)}", 303)
    kept = pack(error.path, error.fields)
    return _page(
        desk, language, status=401, next=referring_path(request), kept=kept, is_ended=was_here,
        is_lost=not kept, had_file=error.had_file,
    )  # fmt: skip


def stale(desk: ConsoleDesk, visitor: Visitor, error: StaleForm) -> Response | None:
    """Show a form that was opened before its sender signed in anew; None where it is too long to be shown again."""
    kept = unpack(pack(error.to, error.fields))
    if kept is None:
        return None
    return _show_kept(desk, visitor, kept, error.back, had_file=error.had_file, status=error.status)


async def _own_form(request: Request) -> AsyncIterator[FormData]:
    require_same_site(request)
    form = await read_form(request, largest_field=4 * LARGEST)  # a letter may travel as nine
    try:
        yield form
    finally:
        await form.close()


def _try(desk: ConsoleDesk, request: Request, sent: FormData) -> Response:
    email, password = _text(sent, "email"), _text(sent, "password")
    if not email.strip() or not password:
        return _again(desk, request, sent, 422, "sign_in.empty")
    address = request.client.host if request.client else ""  # X-Forwarded-For counts from GATEWAY_TRUSTED_PROXIES only
    now = datetime.now(UTC)
    answer = sign_in(desk.database, email, password, address=address, key=desk.gate.key, at=now)
    if isinstance(answer, TurnedAway):
        return _turned_away(desk, request, sent, answer.wait)
    with desk.database.unit_of_work() as db:
        write_audit(db, staff=answer.staff.id, verb="signed_in", kind="staff", subject=answer.staff.id,
                    now=desk.clock.now())  # fmt: skip
    return _welcome(desk, request, sent, answer)


def _turned_away(desk: ConsoleDesk, request: Request, sent: FormData, wait: timedelta | None) -> Response:
    if wait is None:
        return _again(desk, request, sent, 401, "sign_in.wrong")
    page = _again(desk, request, sent, 429, "sign_in.wait", n=math.ceil(wait / timedelta(minutes=1)))
    page.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return page


def _welcome(desk: ConsoleDesk, request: Request, sent: FormData, opened: Opened) -> Response:
    """Go on to the page that was asked for, or show what was kept. The token is new: none that was there is taken."""
    visitor = Visitor(opened.staff, opened.session, language_of(request), request, desk.gate.words)
    onward, kept = _open_to(visitor, local_path(_text(sent, "next"))), unpack(_text(sent, "kept"))
    answer: Response = RedirectResponse(onward, 303)
    if kept is not None:
        answer = _show_kept(desk, visitor, kept, onward, had_file=_text(sent, "had_file") == "1")
    old = desk.gate.visitor(request)
    if old is not None:
        _close(desk, old)
    answer.set_cookie(COOKIE, opened.token, path="/", secure=desk.gate.secure, httponly=True, samesite="lax")
    return answer


def _open_to(visitor: Visitor, onward: str) -> str:
    """Where they go on: a speaker who was led here from a page of the staff's would be met by a refusal there."""
    is_of_studio = f"{onward.partition('?')[0]}/".startswith(f"{studio.PATH}/")
    return onward if visitor.may(Role.STAFF) or is_of_studio else studio.PATH


def _show_kept(
    desk: ConsoleDesk, visitor: Visitor, kept: Kept, onward: str, *, had_file: bool, status: int = 200
) -> Response:
    lines = [(_label(visitor, name), value) for name, value in kept.fields if value]
    return desk.pages.show(
        visitor, "kept.html", status=status, kept=kept, lines=lines, onward=onward, had_file=had_file
    )


def _label(visitor: Visitor, name: str) -> str:
    """What a field is called; one without words by its name in the form."""
    key = f"sign_in.field.{name}"
    return visitor.t(key) if visitor.words.phrase(key) is not None else name


def _again(desk: ConsoleDesk, request: Request, sent: FormData, status: int, problem: str, **values: Any) -> Response:
    language = language_of(request)
    sentence = desk.pages.words.text(language, problem, **values)
    return _filled(desk, language, sent, status=status, problem=sentence, is_wrong=status != 429)


def _in_another_language(desk: ConsoleDesk, sent: FormData) -> Response:
    """The same page, nothing of it lost."""
    language = _text(sent, LANGUAGE_CHOICE)
    return _speak(desk, _filled(desk, language, sent), language)


def _filled(desk: ConsoleDesk, language: str, sent: FormData, **more: Any) -> Response:
    kept = _text(sent, "kept") if unpack(_text(sent, "kept")) else ""
    return _page(
        desk, language, next=local_path(_text(sent, "next")), kept=kept, email=_text(sent, "email")[:254],
        had_file=_text(sent, "had_file") == "1", is_ended=bool(kept), **more,
    )  # fmt: skip


def _page(desk: ConsoleDesk, language: str, *, status: int = 200, **values: Any) -> Response:
    nothing: dict[str, Any] = {
        "next": "/console", "kept": "", "email": "", "problem": "", "is_wrong": False, "is_ended": False,
        "is_lost": False, "had_file": False,
    }  # fmt: skip
    return desk.pages.outside(language, "sign_in.html", status=status, **nothing | values)


def _close(desk: ConsoleDesk, visitor: Visitor) -> None:
    with desk.database.unit_of_work() as db:
        sessions.close_session(db, visitor.session.id)
        write_audit(db, staff=visitor.id, verb="signed_out", kind="staff", subject=visitor.id, now=desk.clock.now())


def _speak(desk: ConsoleDesk, answer: Response, language: str) -> Response:
    if language in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE, language, max_age=YEAR, path="/", secure=desk.gate.secure, httponly=True, samesite="lax"
        )
    return answer


def _text(sent: FormData, name: str) -> str:
    value = sent.get(name, "")
    return value if isinstance(value, str) else ""
