"""The console's door: who is asking, in which language, whether they may, and whether a form is theirs and new."""

from __future__ import annotations

import hmac
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from gateway.records.away import is_away
from gateway.records.database import Conflict, Database
from gateway.records.staffing import Role, Staff, StaffSession
from gateway.staff import forms, sessions
from gateway.web.console.trouble import Forbidden, Refused, SignedOut, StaleForm
from gateway.web.console.words import LANGUAGES, Words

log = logging.getLogger(__name__)

COOKIE: Final = "tamnat_session"
LANGUAGE_COOKIE: Final = "tamnat_language"
RANK: Final = {role: rank for rank, role in enumerate(Role)}
TOKENS: Final = frozenset({"csrf", "once"})
OURS: Final = ("/console", "/sandbox")
LARGEST_FIELD: Final = 256 * 1024
"""Bytes as they travel, as many as a whole form may have: who knows how long a text may be says that it is too long."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in member of staff and the page they asked for."""

    staff: Staff
    session: StaffSession
    language: str
    request: Request
    words: Words

    @property
    def id(self) -> str:
        """Of the account."""
        return self.staff.id

    @property
    def role(self) -> Role:
        """What they may do."""
        return self.staff.role

    @property
    def site(self) -> str | None:
        """The only site they see; None: all."""
        return self.staff.site

    def may(self, role: Role) -> bool:
        """Whether they may do what `role` may."""
        return RANK[self.role] >= RANK[role]

    def t(self, key: str, /, **values: object) -> str:
        """The phrase of `key` in their language."""
        return self.words.text(self.language, key, **values)


@dataclass(frozen=True, slots=True)
class Posted:
    """A form that was sent by somebody who is signed in and saw it here."""

    visitor: Visitor
    fields: Mapping[str, str]
    files: Mapping[str, UploadFile]
    every: Mapping[str, tuple[str, ...]]  # all values of fields that may be given more than once


class Gate:
    """Lets people in. `key` is what session tokens are hashed with, `secure` says that we are reached by https."""

    def __init__(self, database: Database, words: Words, *, key: bytes, secure: bool) -> None:
        self.database, self.words, self.key, self.secure = database, words, key, secure

    def page(self, role: Role = Role.STAFF) -> Callable[[Request], Visitor]:
        """A dependency for pages: who is signed in. Raises SignedOut or Forbidden, which become pages.

        Written `visitor: Visitor = Depends(desk.gate.page())`: within Annotated[…] the framework looks for `desk` among
        the module's names and does not find it.
        """

        def enter(request: Request) -> Visitor:
            return self._admit(request, role, None)

        return enter

    def form(self, role: Role = Role.STAFF) -> Callable[[Request], AsyncIterator[Posted]]:
        """A dependency for forms: what was sent, once it is sure that it was sent from a page of ours."""

        async def read(request: Request) -> AsyncIterator[Posted]:
            require_same_site(request)
            form = await read_form(request)
            try:
                yield await run_in_threadpool(self._posted, request, role, form)
            finally:
                await form.close()  # an uploaded file lies on the disk until then

        return read

    def visitor(self, request: Request, *, is_use: bool = True) -> Visitor | None:
        """Who is signed in, if anybody is; for pages that anybody may see.

        It counts as a use of the session (`is_use`), but for what an open page asks by itself: a computer somebody
        walked away from would otherwise stay signed in for as long as the page is open.
        """
        now = datetime.now(UTC)
        with self.database.reading() as db:
            found = sessions.find_session(db, request.cookies.get(COOKIE, ""), key=self.key, at=now)
        if found is None:
            return None
        if is_use and not is_live(request) and sessions.needs_touch(found.session, now):
            self._touch(found.session, now)
        return Visitor(found.staff, found.session, language_of(request), request, self.words)

    def _touch(self, session: StaffSession, now: datetime) -> None:
        """A page is shown also while a long load keeps the database busy; the next page tries again."""
        try:
            with self.database.unit_of_work() as db:
                sessions.touch(db, session.id, now)
        except (SQLAlchemyError, Conflict) as error:
            if not isinstance(error, Conflict) and not is_away(error):
                raise
            log.warning("the use of a session could not be noted: the database is busy, or only reads")

    def once(self, posted: Posted, work: Callable[[Session], str]) -> Response:
        """Do `work` in one unit of work and show the path it returns; the same form sent again only shows it."""
        form = posted.fields.get("once", "")
        if not form:
            raise Refused("common.trouble.stale_form", back=posted.visitor.request.url.path)
        with self.database.unit_of_work() as db:
            word = f"{posted.visitor.request.url.path}:{form}"  # on another path it is another form
            location = forms.do_once(db, word, posted.visitor.id, work, at=datetime.now(UTC))
        return RedirectResponse(location, 303)

    def require_token(self, visitor: Visitor, token: str) -> None:
        """Refuse a form that was not made for this session."""
        if not _is_same(token, visitor.session.csrf):
            raise Refused("common.trouble.stale_form", back=referring_path(visitor.request))

    def _admit(self, request: Request, role: Role, form: FormData | None) -> Visitor:
        visitor = self.visitor(request)
        if visitor is None:
            raise _signed_out(request, form)
        request.state.visitor = visitor
        if not visitor.may(role):
            raise Forbidden("common.trouble.role", role=visitor.t(f"common.role.{role.value}"))
        return visitor

    def _posted(self, request: Request, role: Role, form: FormData) -> Posted:
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        files = {name: value for name, value in form.items() if isinstance(value, UploadFile)}
        every = {name: tuple(v for v in form.getlist(name) if isinstance(v, str)) for name in texts}
        visitor = self._admit(request, role, form)
        if not _is_same(texts.get("csrf", ""), visitor.session.csrf):
            was = _signed_out(request, form)
            raise StaleForm(referring_path(request), was.path, was.fields or (), had_file=was.had_file)
        return Posted(visitor, texts, files, every)


def is_live(request: Request) -> bool:
    """Whether an open page asks for news, and nobody's hand."""
    return request.headers.get("x-live") == "1"


def language_of(request: Request) -> str:
    """Thai or English: what was chosen here, else what the browser prefers, else Thai."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for wanted in request.headers.get("accept-language", "").lower().split(","):
        if wanted.strip()[:2] in LANGUAGES:
            return wanted.strip()[:2]
    return LANGUAGES[0]


def require_same_site(request: Request) -> None:
    """Refuse a form that another site's page sends in the name of somebody who is signed in here."""
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Refused("common.trouble.foreign_form")


def local_path(wanted: str, otherwise: str = "/console") -> str:
    """`wanted` if it is a path of ours, so that a link to sign-in leads nobody elsewhere."""
    path = wanted.partition("?")[0]
    is_ours = path in OURS or path.startswith(tuple(f"{own}/" for own in OURS))
    is_plain = "\\" not in wanted and ".." not in path and all(char.isprintable() for char in wanted)
    return wanted if is_ours and is_plain else otherwise


def referring_path(request: Request) -> str:
    """The page of ours that a form was sent from."""
    referer = urlsplit(request.headers.get("referer", ""))
    return local_path(f"{referer.path}?{referer.query}" if referer.query else referer.path)


async def read_form(request: Request, *, largest_field: int = LARGEST_FIELD) -> FormData:
    """What was sent, one file at most; `largest_field` in bytes as they travel. Raises Refused where it is no form."""
    try:
        return await request.form(max_files=1, max_fields=300, max_part_size=largest_field)
    except HTTPException as error:  # what the form reader says of a body that is no form
        raise Refused("common.trouble.unreadable_form", back=referring_path(request)) from error


def _is_same(given: str, expected: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())


def _asked_for(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return local_path(f"{request.url.path}{query}")


def _signed_out(request: Request, form: FormData | None) -> SignedOut:
    if form is None:
        return SignedOut(request, _asked_for(request))
    texts = tuple((name, value) for name, value in form.multi_items() if isinstance(value, str))
    had_file = any(isinstance(value, UploadFile) and bool(value.filename) for value in form.values())
    return SignedOut(request, _asked_for(request), texts, had_file=had_file)
