"""Who cannot be contacted by telephone: a task for staff, and a visit where a village is known and time allows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.care.tasks import Result
from gateway.kit.clock import bangkok_day
from gateway.kit.ids import new_id
from gateway.plan.aftermath import VISIT_STEP
from gateway.plan.candidates import KIND, PLANNING
from gateway.plan.priority import priority_of
from gateway.plan.reach import NOBODY, Reach, age_on, reach_of, understands
from gateway.plan.rules import PlanReport, Rules
from gateway.plan.writing import TIMES
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import Person
from gateway.records.status import Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task

OPTED_OUT: Final = "opted_out"
_HOPELESS: Final = (TaskKind.UNREACHED, TaskKind.NO_PROMPT)


class _Who(NamedTuple):
    """An appointment, and of its person what staff and volunteers go by."""

    appointment: str
    starts_at: datetime
    site: str
    person: str
    born: date | None
    language: str
    preferred: Channel | None
    village: str
    target_group: str


def hand_over(db: Session, rules: Rules) -> PlanReport:
    """Write a task for each appointment in `planning` without a row in `plan_time`, and its visit; once each.

    Whom staff have on their list, or dealt with, is not put there again.
    """
    left = _left()
    rows = [_Who(*row) for row in db.execute(_facts().where(col(Appointment.id).in_(left)))]
    if not rows:
        return PlanReport()
    people = sa.select(col(Appointment.person)).where(col(Appointment.id).in_(left)).scalar_subquery()
    reach = reach_of(db, people)
    visited = set(db.exec(select(Reminder.appointment).where(_is_visit(), col(Reminder.appointment).in_(left))))
    tasks, visits = [], []
    for who in rows:
        kind, detail = problem_of(who.language, who.preferred, who.village, reach.get(who.person, NOBODY), rules)
        tasks.append(_task(who, kind, detail, rules.now))
        if detail != OPTED_OUT and who.appointment not in visited and _is_time_for_visit(who, rules):
            visits.append(_visit(who, rules))
    db.exec(sa.insert(Task), params=tasks)
    if visits:
        db.exec(sa.insert(Reminder), params=visits)
    return PlanReport(tasks=len(tasks), visits=len(visits))


def problem_of(
    language: str, preferred: Channel | None, village: str, reach: Reach, rules: Rules
) -> tuple[TaskKind, str]:
    """Return why nobody can be contacted by telephone: no phone, no words, no wish for it; else it is too late."""
    if not reach.is_reachable:
        return TaskKind.UNREACHED, OPTED_OUT if reach.has_stopped else "no_phone"
    is_texted = reach.can_text and understands(language, rules.textable)
    if not (is_texted or (reach.can_call and understands(language, rules.speakable))):
        text = "the phone takes no texts" if not reach.can_text else f"nothing to write in {language}"
        return TaskKind.NO_PROMPT, f"nothing to say in {language}, and {text}"
    if preferred is Channel.VISIT and village:
        return TaskKind.UNREACHED, "wants_visits"
    return TaskKind.UNREACHED, "too_late"


def _left() -> Any:
    """The appointments nothing was planned for; one that a corrected language closed nobody has dealt with."""
    dealt_with = sa.select(col(Task.subject)).where(
        col(Task.kind).in_(_HOPELESS), col(Task.result) != Result.LANGUAGE_CORRECTED.value
    )
    here, there = PLANNING.c, TIMES.c
    is_planned = sa.exists().where(*(here[name] == there[name] for name in KIND))
    return sa.select(here.appointment).where(~is_planned, here.appointment.not_in(dealt_with))


def _facts() -> sa.Select[Any]:
    columns: list[Any] = [
        Appointment.id, Appointment.starts_at, Appointment.site, Person.id, Person.birth_date, Person.language,
        Person.preferred_channel, Person.village, Person.target_group,
    ]  # fmt: skip
    together: sa.Select[Any] = (
        sa.select(*columns).select_from(Appointment).join(Person, col(Person.id) == col(Appointment.person))
    )
    return together.order_by(col(Appointment.starts_at), col(Appointment.id))


def _is_visit() -> sa.ColumnElement[bool]:
    return col(Reminder.channel) == Channel.VISIT


def _is_time_for_visit(who: _Who, rules: Rules) -> bool:
    return bool(who.village) and who.starts_at - rules.window.next_open(rules.now) >= rules.ladder.visit_least


def _visit(who: _Who, rules: Rules) -> dict[str, Any]:
    at = rules.window.next_open(rules.now)
    return {
        "id": new_id(),
        "appointment": who.appointment,
        "person": who.person,
        "purpose": "reminder",
        "step": VISIT_STEP,
        "channel": Channel.VISIT,
        "due_at": at,
        "next_try_at": at,
        "tries": 0,
        "expires_at": who.starts_at - rules.ladder.quiet_before_start,
        "priority": priority_of(who.target_group, age_on(who.born, bangkok_day(who.starts_at))),
        "status": ReminderStatus.PLANNED,
        "error_count": 0,
    }


def _task(who: _Who, kind: TaskKind, detail: str, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": kind,
        "subject": who.appointment,
        "person": who.person,
        "site": who.site,
        "village": who.village or None,
        "detail": detail,
        "status": TaskStatus.OPEN,
        "created_at": now,
    }
