"""Who did what, and when: for administrators, newest first."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from gateway.kit.phones import mask
from gateway.records.staffing import Audit, Role, Staff
from gateway.staff.looking_back import COMMAND_LINE, Wanted, everybody, find_deeds, known_verbs
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor

PATH: Final = "/console/audit"
MOST_PAGES: Final = 10_000
_NUMBER: Final = re.compile(r"(?<!\w)\+?\d{9,15}(?!\w)")
_PEOPLES: Final = frozenset({"person", "appointment", "task"})


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the page; `before` and `after` are JSON to be read, empty where there is nothing to see."""

    at: datetime
    who: str
    verb: str
    kind: str
    person: str | None
    subject: str
    is_undone: bool
    before: str
    after: str


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """One page, filtered by its address."""

    @routes.get("/audit")
    def audit(request: Request, visitor: Visitor = Depends(desk.gate.page(Role.ADMIN))) -> Response:
        wanted = _wanted(request.query_params)
        with desk.database.reading() as db:
            rows, has_older = find_deeds(db, wanted)
            people, verbs = everybody(db), known_verbs(db)
        names = {staff.id: staff.name for staff in people}
        return desk.pages.show(
            visitor,
            "audit.html",
            deeds=[_deed(visitor, row, names) for row in rows],
            wanted=wanted,
            people=[(COMMAND_LINE, visitor.t("audit.command_line")), *((one.id, _whole_name(one)) for one in people)],
            verbs=sorted(((verb, verb_words(visitor, verb)) for verb in verbs), key=lambda pair: pair[1]),
            newer=_link(wanted, wanted.page - 1) if wanted.page > 1 else "",
            older=_link(wanted, wanted.page + 1) if has_older else "",
            is_filtered=bool(wanted.staff or wanted.verb or wanted.day or wanted.page > 1),
        )


def verb_words(visitor: Visitor, verb: str) -> str:
    """A deed in words; one that nobody has named yet by the word it is stored under."""
    for key in (f"actions.verb.{verb}", f"audit.verb.{verb}"):
        if visitor.words.phrase(key) is not None:
            return visitor.t(key)
    return verb.replace("_", " ")


def _wanted(query: Mapping[str, str]) -> Wanted:
    """What cannot be understood is left out, and the filters on the page show that it was."""
    page = query.get("page", "1")
    return Wanted(
        staff=query.get("staff", "")[:32],
        verb=query.get("verb", "")[:32],
        day=_day(query.get("day", "")),
        with_views=query.get("views") == "1",
        page=min(int(page), MOST_PAGES) if re.fullmatch(r"[1-9][0-9]{0,5}", page) else 1,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"20\d\d-\d\d-\d\d", text) else None
    except ValueError:
        return None


def _link(wanted: Wanted, page: int) -> str:
    query: dict[str, Any] = {"staff": wanted.staff, "verb": wanted.verb, "day": wanted.day}
    query |= {"views": "1" if wanted.with_views else "", "page": page}
    return f"{PATH}?{urlencode({name: value for name, value in query.items() if value})}"


def _deed(visitor: Visitor, row: Audit, names: Mapping[str, str]) -> Deed:
    kind = f"audit.kind.{row.kind}"
    return Deed(
        at=row.at,
        who=names.get(row.staff, row.staff) if row.staff else visitor.t("audit.command_line"),
        verb=verb_words(visitor, row.verb),
        kind=visitor.t(kind) if visitor.words.phrase(kind) else row.kind,
        person=row.person or (row.subject if row.kind == "person" else None),
        subject="" if row.kind in _PEOPLES else names.get(row.subject, row.subject),
        is_undone=row.undone_at is not None,
        before=_readable(row.before),
        after=_readable(row.after),
    )


def _readable(values: Mapping[str, Any]) -> str:
    """JSON by lines, its telephone numbers masked: nobody dials from here."""
    if not values:
        return ""
    return _NUMBER.sub(lambda found: mask(found[0]), json.dumps(values, ensure_ascii=False, indent=2))


def _whole_name(staff: Staff) -> str:
    return staff.name if staff.name == staff.email else f"{staff.name} ({staff.email})"
