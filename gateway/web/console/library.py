"""The home of words: how far each language is, and what waits for a second person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from gateway.dispatch.standing import Standing, for_people, people_by_language, standing
from gateway.dispatch.wordlist import SoundState, TextState, Word, word_list
from gateway.records.wordings import AssetKind
from gateway.staff.approving import waiting
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor
from gateway.web.console.library_names import PATH, Decided, for_templates, grouped, just_decided, names
from gateway.web.console.library_queue import line_for, unanswered, waiting_of
from gateway.web.console.trouble import Missing

PAGE: Final = 50
"""Waiting things on one page."""
LONGEST_SEARCH: Final = 120
STATES: Final = ("unwritten", "draft", "waiting", "returned", "approved", "unspoken", "stale", "heard")
"""What a list of words can be narrowed to."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list is narrowed to; "" is everything."""

    state: str = ""
    what: str = ""
    typed: str = ""

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not (self.state or self.what or self.typed)


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The home of words, and a language's own page; what is searched for travels in a form."""

    @routes.get("/words")
    def home(request: Request, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        return desk.pages.show(visitor, "library.html", **_home(desk, visitor, request.query_params))

    @routes.get("/words/{language}")
    def language_page(language: str, request: Request, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        return _language(desk, visitor, language, _narrowed(request.query_params))

    @routes.post("/words/{language}")
    def search(language: str, posted: Posted = Depends(desk.gate.form())) -> Response:
        return _language(desk, posted.visitor, language, _narrowed(posted.fields))


def _home(desk: ConsoleDesk, visitor: Visitor, asked: Mapping[str, str]) -> dict[str, Any]:
    speech, live = desk.speech, for_people(desk.speech)
    wanted, kind = asked.get("language", ""), asked.get("kind", "")
    language = wanted if wanted in desk.languages.codes else ""
    kinds = (AssetKind(kind),) if kind in set(AssetKind) else tuple(AssetKind)
    shown_languages = (language,) if language else desk.languages.codes
    with desk.database.reading() as db:
        people = people_by_language(db, site=visitor.site)
        lists = {code: word_list(db, speech, code) for code in desk.languages.codes}
        drafts = [one for one in waiting(db, language or None) if one.kind in kinds]
        page = turned(asked.get("page", ""), len(drafts))
        shown = drafts[(page - 1) * PAGE : page * PAGE]
        entries = waiting_of(db, shown, visitor.id, lists)
        named, was = names(desk, visitor, db), just_decided(db, visitor)
        ended = _ended(desk, db, visitor, was, lists) if was else None
    groups = [unanswered(speech, code, lists[code]) for code in shown_languages if AssetKind.TEXT in kinds]
    return {
        **for_templates(named),
        "standings": [standing(speech, lists[code], live, people.get(code, 0)) for code in lists],
        "unanswered": [one for one in groups if one.keys],
        "was": was,
        "ended": ended,
        "entries": entries,
        "total": len(drafts),
        "language": language,
        "kind": kind if len(kinds) == 1 else "",
        "page": page,
        "pages": max(1, -(-len(drafts) // PAGE)),
        "address": lambda **changes: _address({"language": language, "kind": kind, **changes}),
        "reach": reach,
    }


def _ended(
    desk: ConsoleDesk, db: Session, visitor: Visitor, was: Decided, lists: Mapping[str, list[Word]]
) -> str | None:
    """After the last decision: whether nothing waits for this visitor "at all", or nothing "here", of that language."""
    left = {code for code, words in lists.items() if line_for(db, desk.speech, visitor.id, code, words)}
    if not left:
        return "at_all"
    return None if was.language in left else "here"


def reach(one: Standing) -> str:
    """Whether people of this language can be reached now, and how: a word for the badge."""
    if one.is_called:
        return "both" if one.is_texted else "calls"
    if one.is_texted:
        return "texts"
    if one.is_texted_now and one.texted_in == one.language:
        return "some"
    return "instead" if one.called_in or one.is_texted_now else "nobody"


def turned(asked: str, total: int) -> int:
    """The page that is asked for, within those there are."""
    page = int(asked) if re.fullmatch(r"[0-9]{1,4}", asked) else 1
    return max(1, min(page, -(-total // PAGE)))


def _address(values: Mapping[str, object]) -> str:
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{PATH}?{query}#waiting" if query else f"{PATH}#waiting"


def _narrowed(asked: Mapping[str, str]) -> Narrowed:
    """What cannot be understood is left out, and the form shows that it was."""
    state, what = asked.get("state", ""), asked.get("what", "")
    return Narrowed(
        state=state if state in STATES else "",
        what=what if what in ("messages", "phrases") else "",
        typed=asked.get("typed", "").strip()[:LONGEST_SEARCH],
    )


def _language(desk: ConsoleDesk, visitor: Visitor, language: str, asked: Narrowed) -> Response:
    if language not in desk.languages.codes:
        raise Missing("library.missing.language", back=PATH)
    with desk.database.reading() as db:
        people = people_by_language(db, site=visitor.site).get(language, 0)
        words = word_list(db, desk.speech, language)
        thai = {} if language == "th" else {word.key: word.body for word in word_list(db, desk.speech, "th")}
        named = names(desk, visitor, db)
    found = [word for word in words if is_wanted(word, asked, thai.get(word.key, ""))]
    return desk.pages.show(
        visitor,
        "library_language.html",
        **for_templates(named),
        language=language,
        entry=desk.languages.get(language),
        standing=standing(desk.speech, words, for_people(desk.speech), people),
        groups=grouped(visitor, found),
        found=len(found),
        total=len(words),
        states=STATES,
        asked=asked,
    )


def is_wanted(word: Word, asked: Narrowed, thai: str = "") -> bool:
    """Whether a word is among those asked for; what was typed is looked for in key, words, Thai and translation."""
    if asked.what and word.is_message is not (asked.what == "messages"):
        return False
    if asked.state and not _is_in(word, asked.state):
        return False
    sought = asked.typed.casefold()
    return not sought or any(sought in text.casefold() for text in (word.key, word.body, thai, word.back))


def _is_in(word: Word, state: str) -> bool:
    if state == "waiting":
        return word.text is TextState.WAITING or word.sound is SoundState.WAITING
    if state == "returned":
        return word.text in (TextState.RETURNED, TextState.BROKEN)
    if state == "unspoken":
        return bool(word.body) and word.sound is SoundState.UNSPOKEN
    if state == "heard":
        return word.sound in (SoundState.RECORDED, SoundState.SYNTHESISED)
    return state in (word.text.value, word.sound.value if word.sound else "")
