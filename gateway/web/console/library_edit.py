"""Writing a text or a phrase anew: tried and faulted before it is kept, a draft afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Depends, Response
from sqlmodel import Session

from gateway.dispatch.wordlist import current_clips, current_edit, current_edits, find_word, shipped_body
from gateway.records.staffing import Role, Staff
from gateway.records.wordings import Approval, Asset, Origin, Part
from gateway.staff import approving
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor
from gateway.web.console.library_checks import cleaned, example, is_for_everybody, problems, spoken_seconds
from gateway.web.console.library_names import for_templates, names
from gateway.web.console.library_people import names_on_record
from gateway.web.console.library_word import Place, find_place, is_writable, keep_deed, text_content
from gateway.web.console.trouble import Refused

MOST_SHOWN: Final = 5000
"""Letters of what was typed that come back in the form: more is a file that was pasted by mistake."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form; `made_from` is the hash of the words it was opened on."""

    body: str
    made_from: str
    problems: tuple[str, ...] = ()
    is_tried: bool = False
    overtaken_by: str | None = None  # who kept other words meanwhile


class Overtaken(Exception):
    """Somebody kept other words after this form was opened; the message is their name."""


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The form, and what it sends: tried, or kept."""

    @routes.get("/words/{language}/{key}/edit")
    def form(language: str, key: str, visitor: Visitor = Depends(desk.gate.page(Role.MANAGER))) -> Response:
        place = _writable(desk, language, key)
        return _show(desk, visitor, place, Typed(place.word.body, place.word.sha256))

    @routes.post("/words/{language}/{key}/edit")
    def keep(language: str, key: str, posted: Posted = Depends(desk.gate.form(Role.MANAGER))) -> Response:
        place, visitor = _writable(desk, language, key), posted.visitor
        body, made_from = cleaned(posted.fields.get("body", "")), posted.fields.get("made_from", "")
        body = body if place.word.is_message else " ".join(body.split())
        found = tuple(problems(visitor, desk.speech, place.word, body, _people(desk, place)))
        is_kept = posted.fields.get("do") == "save"
        if found or not is_kept:
            typed = Typed(body[:MOST_SHOWN], made_from, found, is_tried=True)
            return _show(desk, visitor, place, typed, status=422 if is_kept else 200)
        try:
            return desk.gate.once(posted, lambda db: _keep(desk, db, place, visitor, body, made_from))
        except Overtaken as who:
            now = _writable(desk, language, key)
            typed = Typed(body, now.word.sha256, is_tried=True, overtaken_by=str(who))
            return _show(desk, visitor, now, typed, status=409)


def _writable(desk: ConsoleDesk, language: str, key: str) -> Place:
    with desk.database.reading() as db:
        place = find_place(desk, db, language, key)
    if not is_writable(desk, place):
        raise Refused("library.refused.not_writable", back=place.path)
    return place


def _people(desk: ConsoleDesk, place: Place) -> frozenset[str]:
    """The names that these words may not hold."""
    if not is_for_everybody(place.word):
        return frozenset()
    with desk.database.reading() as db:
        return names_on_record(db)


def _show(desk: ConsoleDesk, visitor: Visitor, place: Place, typed: Typed, *, status: int = 200) -> Response:
    word, code = place.word, place.language.code
    with desk.database.reading() as db:
        thai = None if code == "th" else find_word(db, desk.speech, "th", word.key)
        named = names(desk, visitor, db)
    values: dict[str, Any] = {
        **for_templates(named),
        "word": word,
        "language": code,
        "entry": place.language,
        "typed": typed,
        "thai": thai,
        "example": None if typed.problems else example(desk.speech, word, typed.body),
        "spoken": spoken_seconds(desk.speech, word, typed.body),
        "stale": 0 if word.is_message else len(current_clips(desk.speech, word)),
        "shipped": shipped_body(desk.speech, code, word.key),
        "path": place.path,
    }
    return desk.pages.show(visitor, "library_edit.html", status=status, **values)


def _keep(desk: ConsoleDesk, db: Session, place: Place, visitor: Visitor, body: str, made_from: str) -> str:
    """Keep the words as a draft of this editor's; raises Overtaken, and Refused where nothing changed."""
    word, now = place.word, desk.clock.now()
    shipped = shipped_body(desk.speech, word.language, word.key)
    standing = current_edit(db, word.language, word.key)
    body_now = standing.text if standing else shipped or ("" if word.is_edited else word.body)
    content = text_content(word, body, Origin.EDIT)
    if body == body_now:
        raise Refused("library.refused.same", back=f"{place.path}/edit")
    if made_from != (text_content(word, body_now, Origin.EDIT).sha256 if body_now else ""):
        raise Overtaken(_writer(db, standing) or visitor.t("library.somebody"))
    if body == shipped:
        return f"{place.path}?done={_back_to_shipped(desk, db, place, visitor)}"
    asset = approving.submit(db, content, author=visitor.id, now=now)
    return f"{place.path}?done={keep_deed(desk, db, visitor, 'text_edited', asset)}"


def _back_to_shipped(desk: ConsoleDesk, db: Session, place: Place, visitor: Visitor) -> str:
    edits = current_edits(db, place.language.code, place.word.key)
    for edit in edits:
        approving.retire(db, edit.id, staff=visitor.id, note="", now=desk.clock.now())
    return keep_deed(desk, db, visitor, "text_restored", edits[0])


def _writer(db: Session, asset: Asset | None) -> str:
    """Who answers for an edit, by name."""
    author = db.get(Approval, (asset.id, Part.AUTHOR)) if asset else None
    staff = db.get(Staff, author.staff) if author else None
    return staff.name or staff.email if staff else ""
