"""Closing a session: what it would come to, the questions asked twice, and what was done.

There is no undo: the texts go out with the next pass. So the page asks for the number of people, typed, and for a yes.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Depends, Response
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.closing import NotClosed, Policy, Preview, Telling, Why, close_session, preview_closing
from gateway.kit.digits import to_ascii_digits
from gateway.records.places import Session, Site
from gateway.records.staffing import Audit, Role
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor
from gateway.web.console.today import site_name, vaccine_name
from gateway.web.console.trouble import Missing, Refused, Trouble

REASONS: Final = ("staff_ill", "no_vaccine", "road_closed", "other")
TODAY: Final = "/console/today"


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The question, the deed, and what came of it; for managers."""

    @routes.get("/sessions/{session}/close")
    def question(session: str, visitor: Visitor = Depends(desk.gate.page(Role.MANAGER))) -> Response:
        now = desk.clock.now()
        try:
            with desk.database.reading() as db:
                seen = preview_closing(
                    db, session, now=now, regimens=desk.regimens, telling=_telling(desk, now), site=visitor.site
                )
        except NotClosed as error:
            raise _explained(error, session) from error
        return desk.pages.show(
            visitor,
            "closing.html",
            seen=seen,
            policies=_worth_choosing(seen),
            reasons=REASONS,
            same_day=any(to.day == seen.session.day for look in seen.outlooks.values() for to, _ in look.targets),
            texts_from=None if desk.rules.window.is_open(now) else desk.rules.window.next_open(now),
            **_names(desk, visitor),
        )

    @routes.post("/sessions/{session}/close")
    def deed(session: str, posted: Posted = Depends(desk.gate.form(Role.MANAGER))) -> Response:
        policy, reason, people = _read(posted, session)
        now = desk.clock.now()

        def work(db: Db) -> str:
            close_session(
                db, session, reason=reason, policy=policy, expected=people, staff=posted.visitor.id, now=now,
                regimens=desk.regimens, telling=_telling(desk, now), site=posted.visitor.site,
            )  # fmt: skip
            return f"{_page(session)}/closed"

        try:
            return desk.gate.once(posted, work)
        except NotClosed as error:
            raise _explained(error, session) from error

    @routes.get("/sessions/{session}/closed")
    def result(session: str, visitor: Visitor = Depends(desk.gate.page(Role.MANAGER))) -> Response:
        with desk.database.reading() as db:
            row, done = db.get(Session, session), _done(db, session)
            site = db.get(Site, row.site) if row else None
        if row is None or site is None or done is None or visitor.site not in (None, row.site):
            raise Missing("closing.not_closed", back=TODAY)
        return desk.pages.show(visitor, "closing_done.html", row=row, site=site, done_at=done.at, did=done.after,
                               **_names(desk, visitor))  # fmt: skip


def _worth_choosing(seen: Preview) -> list[Policy]:
    """Every policy but the one that would do the same as another."""
    is_same = seen.outlooks[Policy.MOVE] == seen.outlooks[Policy.MOVE_NEAR]
    return [policy for policy in Policy if not (is_same and policy is Policy.MOVE_NEAR)]


def _page(session: str) -> str:
    return f"/console/sessions/{session}"


def _telling(desk: ConsoleDesk, now: datetime) -> Telling:
    return Telling(desk.speech.textable(), desk.rules.window.next_open(now))


def _names(desk: ConsoleDesk, visitor: Visitor) -> dict[str, Any]:
    return {
        "site_name": lambda site: site_name(site, visitor.language),
        "vaccine": lambda code: vaccine_name(desk, code, visitor.language),
    }


def _read(posted: Posted, session: str) -> tuple[Policy, str, int]:
    """What was chosen and typed; raises Refused with what is missing."""
    back = f"{_page(session)}/close"
    fields = posted.fields
    policy, reason = fields.get("policy", ""), fields.get("reason", "")
    if policy not in list(Policy):
        raise Refused("closing.choose", back=back)
    if reason not in REASONS:
        raise Refused("closing.give_reason", back=back)
    seen, typed = _count(fields.get("seen", "")), _count(fields.get("people", ""))
    if seen is None or typed != seen:
        raise Refused("closing.typed", back=back, n=0 if seen is None else seen)
    return Policy(policy), reason, seen


def _count(text: str) -> int | None:
    """A number as people type it, in digits of any script; None for anything else."""
    digits = to_ascii_digits(text).strip()
    return int(digits) if re.fullmatch(r"[0-9]{1,5}", digits) else None


def _explained(error: NotClosed, session: str) -> Trouble:
    match error.why:
        case Why.UNKNOWN:
            return Missing("sheets.no_such_session", back=TODAY)
        case Why.CHANGED:
            return Refused("closing.changed", back=f"{_page(session)}/close", n=error.people)
        case Why.CLOSED | Why.BEGUN:
            return Refused(f"closing.{error.why.value}", back=_page(session))


def _done(db: Db, session: str) -> Audit | None:
    statement = select(Audit).where(
        col(Audit.kind) == "session", col(Audit.subject) == session, col(Audit.verb) == "closed"
    )
    return db.exec(statement.order_by(col(Audit.at).desc())).first()
