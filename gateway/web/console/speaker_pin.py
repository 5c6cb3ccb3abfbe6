"""Recording by telephone: a speaker's PIN, the number to call, and what became of what they spoke."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from fastapi import APIRouter, Depends, Response
from sqlmodel import Session, col, select

from gateway.dispatch.clips import reason_in
from gateway.records.staffing import Role
from gateway.records.status import TakeStatus
from gateway.records.wordings import Take
from gateway.staff.audit import write_audit
from gateway.staff.pins import make_pin, pin_of, withdraw_pin
from gateway.voice.phrases import is_optional
from gateway.voice.prompts import Prompt, Script
from gateway.voice.sheet import numbered
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor
from gateway.web.console.studio_parts import words_for
from gateway.web.console.trouble import Refused
from gateway.web.studio_calls import instructor

PATH: Final = "/console/studio/pin"
MOST_TAKES: Final = 60
_SHOWN: Final = (TakeStatus.KEPT, TakeStatus.STORED, TakeStatus.REFUSED)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One take as its speaker sees it; `number` is that on the sheet, 0 where the phrase is no more."""

    at: datetime
    language: str
    number: int
    text: str
    status: str
    reason: str


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The page, a new PIN, and none."""
    enter, send = desk.gate.page(Role.SPEAKER), desk.gate.form(Role.SPEAKER)

    @routes.get("/studio/pin")
    def page(visitor: Visitor = Depends(enter)) -> Response:
        return _page(desk, visitor)

    @routes.post("/studio/pin")
    def make(posted: Posted = Depends(send)) -> Response:
        return _make(desk, posted)

    @routes.post("/studio/pin/withdraw")
    def withdraw(posted: Posted = Depends(send)) -> Response:
        return desk.gate.once(posted, lambda db: _withdraw(db, desk, posted.visitor))


def _make(desk: ConsoleDesk, posted: Posted) -> Response:
    """Show the new PIN on the answer itself: nothing else may hold it, no address and no row."""
    visitor, language = posted.visitor, posted.fields.get("language", "")
    if language not in desk.speech.scripts:
        raise Refused("speaker_pin.trouble.no_language", back=PATH)
    made: list[str] = []
    had: list[bool] = []

    def work(db: Session) -> str:
        had.append(pin_of(db, visitor.id, at=datetime.now(UTC)) is not None)
        made.append(make_pin(db, visitor.id, language, key=desk.gate.key, at=datetime.now(UTC)))
        _audit(db, desk, visitor, "pin_made", language)
        return PATH

    again = desk.gate.once(posted, work)
    return _page(desk, visitor, pin=made[-1], is_instead=had[-1]) if made else again


def _withdraw(db: Session, desk: ConsoleDesk, visitor: Visitor) -> str:
    if withdraw_pin(db, visitor.id):
        _audit(db, desk, visitor, "pin_withdrawn", "")
    return PATH


def _audit(db: Session, desk: ConsoleDesk, visitor: Visitor, verb: str, language: str) -> None:
    after = {"language": language} if language else {}
    now = desk.clock.now()
    write_audit(db, staff=visitor.id, verb=verb, kind="staff", subject=visitor.id, after=after, now=now)


def _page(desk: ConsoleDesk, visitor: Visitor, pin: str = "", *, is_instead: bool = False) -> Response:
    now = datetime.now(UTC)
    with desk.database.reading() as db:
        kept = pin_of(db, visitor.id, at=now)
        takes = _takes(db, desk, visitor)
    scripts = desk.speech.scripts
    return desk.pages.show(
        visitor,
        "speaker_pin.html",
        pin=" ".join((pin[:3], pin[3:])) if pin else "",
        is_instead=is_instead,
        kept=kept,
        days_left=math.ceil((kept.expires_at - now) / timedelta(days=1)) if kept else 0,
        languages=[desk.languages.get(code) for code in desk.languages.codes if code in scripts],
        chosen=kept.language if kept else _language_of(takes),
        hotline=desk.speech.hotline,
        on_sandbox=desk.on_sandbox,
        can_record=instructor(desk.speech) is not None,
        takes=takes,
        looks=_LOOKS,
        sheet=_sheet(desk, kept.language) if kept else (),
    )


def _sheet(desk: ConsoleDesk, language: str) -> Sequence[tuple[int, Prompt]]:
    """The phrases a speaker is asked for, with their numbers; no names: those are not for everybody's eyes."""
    script = desk.speech.scripts.get(language)
    every = numbered(script).items() if script else ()
    return [(number, prompt) for number, prompt in every if not is_optional(str(prompt.key))]


_LOOKS: Final = {"kept": ("info", "clock"), "stored": ("ok", "check"), "refused": ("warn", "alert")}


def _takes(db: Session, desk: ConsoleDesk, visitor: Visitor) -> Sequence[Spoken]:
    """What this speaker kept, the newest first."""
    mine = (col(Take.staff) == visitor.id, col(Take.status).in_(_SHOWN))
    rows = db.exec(select(Take).where(*mine).order_by(col(Take.at).desc(), col(Take.turn_no).desc()).limit(MOST_TAKES))
    numbers = _Numbers(desk)
    return [
        Spoken(row.at, row.language, numbers.of(row), row.text, row.status.value, _reason(desk, visitor, row))
        for row in rows
    ]


class _Numbers:
    """The numbers of phrases on the sheets as they are now."""

    def __init__(self, desk: ConsoleDesk) -> None:
        self._scripts = desk.speech.scripts
        self._known: dict[str, dict[str, int]] = {}

    def of(self, take: Take) -> int:
        """The number of a take's phrase; 0 where there is none any more."""
        if take.language not in self._known:
            script = self._scripts.get(take.language)
            found = numbered(script).items() if script else ()
            self._known[take.language] = {str(prompt.key): number for number, prompt in found}
        return self._known[take.language].get(take.key, 0)


def _reason(desk: ConsoleDesk, visitor: Visitor, take: Take) -> str:
    if not take.reason:
        return ""
    reason, values = reason_in(take.reason)
    key = f"speaker_pin.reason.{reason}"
    if visitor.words.phrase(key) is None:
        return visitor.t("speaker_pin.reason.other")
    script = desk.speech.scripts.get(take.language, Script(take.language))
    return visitor.t(key, **words_for(visitor, script, values))


def _language_of(takes: Sequence[Spoken]) -> str:
    return takes[0].language if takes else ""
