"""How the house is doing, what calls for somebody and what to do about it; and the switch that stops everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from gateway.dispatch.allowance import LINE_IS_LOST_AFTER
from gateway.dispatch.standing import approved_messages, called_languages
from gateway.records.house import Switch
from gateway.records.staffing import Role
from gateway.reports.pulse import PAUSE, Allowance, Pulse, Waiting, pause_switch, pulse
from gateway.reports.symptoms import Connection, symptoms
from gateway.staff.audit import write_audit
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor
from gateway.web.console.trouble import Forbidden, Refused

PATH: Final = "/console/health"
LONGEST_TEXT: Final = 3  # parts, as dispatch reckons before it knows
_AGES: Final = (("days", timedelta(days=1)), ("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1)))
WORKLISTS: Final = {
    "poison": "/console/worklists?kind=poison",
    "unmatched": "/console/worklists?kind=unmatched",
    "in_doubt_tasks": "/console/worklists?kind=in_doubt",
    "no_prompt": "/console/worklists?kind=no_prompt",
}
"""Where a symptom's work waits."""


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The page, its changing part alone, and the switch."""

    @routes.get("/health")
    def page(visitor: Visitor = Depends(desk.gate.page())) -> Response:
        return desk.pages.show(visitor, "health.html", path=PATH, may_pause=may_pause(visitor),
                               is_of_one_site=is_of_one_site(visitor), **_shown(desk, visitor))  # fmt: skip

    @routes.get("/health/pulse")
    def live(request: Request, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        return desk.pages.live(visitor, request, "health_pulse.html", **_shown(desk, visitor))

    @routes.post("/health/pause")
    def pause(posted: Posted = Depends(desk.gate.form(Role.MANAGER))) -> Response:
        return desk.gate.once(posted, lambda db: _switch(desk, db, posted, on=True))

    @routes.post("/health/resume")
    def resume(posted: Posted = Depends(desk.gate.form(Role.MANAGER))) -> Response:
        return desk.gate.once(posted, lambda db: _switch(desk, db, posted, on=False))


def _switch(desk: ConsoleDesk, db: Session, posted: Posted, *, on: bool) -> str:
    """Turn it; where somebody was quicker, say who: two people must not pause and resume past each other."""
    visitor, now, before = posted.visitor, desk.clock.now(), pause_switch(db)
    if not may_pause(visitor):
        raise Forbidden("health.switch.one_site", back=PATH)
    if before.is_on == on:
        raise Refused(f"health.switch.already_{'on' if on else 'off'}", back=PATH, who=who_turned(visitor, before.by))
    switch = db.get(Switch, PAUSE) or Switch(name=PAUSE, at=now)
    switch.is_on, switch.staff, switch.at = on, visitor.id, now
    db.add(switch)
    write_audit(db, staff=visitor.id, verb="sending_paused" if on else "sending_resumed", kind="switch", subject=PAUSE,
                before={"is_on": before.is_on}, after={"is_on": on}, now=now)  # fmt: skip
    return PATH


def may_pause(visitor: Visitor) -> bool:
    """Whether they may turn the switch, which stops every site: not who answers for one, but for administrators."""
    return visitor.may(Role.ADMIN) or (visitor.may(Role.MANAGER) and visitor.site is None)


def is_of_one_site(visitor: Visitor) -> bool:
    """Whether it is only their site that keeps them from it."""
    return visitor.may(Role.MANAGER) and not may_pause(visitor)


def who_turned(visitor: Visitor, by: str) -> str:
    """Who turned the switch last; nobody's name is known at the command line."""
    return by or visitor.t("health.switch.command_line")


def _shown(desk: ConsoleDesk, visitor: Visitor) -> dict[str, Any]:
    found = _pulse(desk)
    words, may_use_drafts = _words(desk), desk.speech.may_use_drafts
    has_words = may_use_drafts or bool(words["approved"] or words["called"])
    connection = Connection(desk.carrier_name, desk.reaches_people, desk.live, has_words)
    return {
        "pulse": found,
        "connection": connection,
        "on_sandbox": desk.on_sandbox,
        "symptoms": symptoms(found, connection),
        "worklists": WORKLISTS,
        "words": words,
        "may_use_drafts": may_use_drafts,
        "ages": ("minute", "ten_minutes", "hour", "older"),
        "waiting_in_all": _in_all(found),
        "ago": lambda age: say_age(visitor, age),
        "who": lambda by: who_turned(visitor, by),
    }


def _words(desk: ConsoleDesk) -> dict[str, int]:
    """How many texts, and calls in how many languages, may reach people."""
    texts, approved = approved_messages(desk.speech)
    return {"texts": texts, "approved": approved, "languages": len(desk.languages.codes),
            "called": called_languages(desk.speech)}  # fmt: skip


def _pulse(desk: ConsoleDesk) -> Pulse:
    limits, rules = desk.limits, desk.rules
    dearest = max(rules.cost_per_call, rules.cost_per_segment * LONGEST_TEXT)
    allowance = Allowance(limits.lines, limits.calls_per_second, limits.sms_per_second, limits.daily_budget, dearest,
                          LINE_IS_LOST_AFTER)  # fmt: skip
    with desk.database.reading() as db:
        return pulse(db, window=rules.window, allowance=allowance, now=desk.clock.now(), real_now=datetime.now(UTC))


def _in_all(found: Pulse) -> dict[str, int]:
    fields = ("minute", "ten_minutes", "hour", "older", "total")
    return {name: sum(_count(one, name) for one in found.waiting) for name in fields}


def _count(waiting: Waiting, name: str) -> int:
    return int(getattr(waiting, name))


def say_age(visitor: Visitor, age: timedelta) -> str:
    """How long ago, in the largest unit that fits."""
    for name, unit in _AGES:
        if age >= unit:
            return visitor.t(f"health.ago.{name}", n=age // unit)
    return visitor.t("health.ago.seconds", n=int(age.total_seconds()))
