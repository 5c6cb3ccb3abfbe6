"""Planning in plain Python, row by row: the slow reference that `gateway.plan.planner` is held against.

It writes nothing, and says what is to be written: `planned_slowly`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.care.notices import ANSWER_STEP
from gateway.care.tasks import Result
from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.plan.aftermath import VISIT_STEP
from gateway.plan.due import AppointmentFacts, PlannedReminder, reminders_for
from gateway.plan.ladder import Ladder, PersonFacts
from gateway.plan.planner import HORIZON_DAYS
from gateway.plan.priority import priority_of
from gateway.plan.reach import NOBODY, Reach, age_on, reach_of, reads, understands
from gateway.plan.window import Window
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import Person
from gateway.records.status import AppointmentStatus, Channel, ReminderStatus, TaskKind
from gateway.records.work import Task

_OVER: Final = (ReminderStatus.ANSWERED, ReminderStatus.SUPPRESSED)
_HOPELESS: Final = (TaskKind.UNREACHED, TaskKind.NO_PROMPT)


class _Row(NamedTuple):
    appointment: str
    starts_at: datetime
    source: str
    site: str
    person: str
    born: date | None
    language: str
    reads_script: bool | None
    preferred: Channel | None
    village: str
    target_group: str


@dataclass(frozen=True, slots=True)
class _Rules:
    ladder: Ladder
    window: Window
    now: datetime
    horizon: datetime
    speakable: frozenset[str]
    textable: frozenset[str]

    @property
    def timed_steps(self) -> list[str]:
        return [step.name for step in self.ladder.steps if step.hour is not None]

    @property
    def at_once_steps(self) -> list[str]:
        return [step.name for step in self.ladder.steps if step.hour is None]


@dataclass(slots=True)
class _Sheet:
    """What is to be written, in the order it was thought of."""

    reminders: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)


def planned_slowly(
    db: Session,
    ladder: Ladder,
    window: Window,
    *,
    now: datetime,
    speakable: frozenset[str],
    textable: frozenset[str],
    horizon_days: int = HORIZON_DAYS,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the reminders and the tasks that planning is to write, each as a mapping without its id."""
    horizon = at_bangkok(bangkok_day(now) + timedelta(days=horizon_days + 1), time(0, 0))
    rules = _Rules(ladder, window, now, horizon, speakable, textable)
    wanted = _wanted(rules)
    rows = [_Row(*row) for row in db.exec(_candidates(wanted))]
    reach = reach_of(db, select(Appointment.person).where(*wanted).scalar_subquery())
    done = _steps_done(db, wanted)
    hopeless, visited = _in_tasks(db, wanted), _visited(db)
    sheet = _Sheet()
    for row in rows:
        is_visited = row.appointment in visited
        known = reach.get(row.person, NOBODY)
        _plan_one(row, known, done[row.appointment], row.appointment in hopeless, is_visited, rules, sheet)
    return sheet.reminders, sheet.tasks


def _plan_one(
    row: _Row,
    reach: Reach,
    already: Collection[str],
    is_in_task: bool,
    is_visited: bool,
    rules: _Rules,
    sheet: _Sheet,
) -> None:
    person = _person_facts(row, reach, rules)
    problem = _problem(row, reach, person)
    if problem is None:
        facts = AppointmentFacts(row.appointment, row.starts_at, row.source)
        found = reminders_for(facts, person, rules.ladder, rules.window, rules.now, already)
        found = [one for one in found if not _is_told_already(one, already)]
        # Far ahead only what goes out at once is planned: phones and languages change until the rest is due.
        soon = found if row.starts_at < rules.horizon else [one for one in found if one.step in rules.at_once_steps]
        sheet.reminders.extend(_reminder(row, one) for one in soon)
        if found or already:
            return
        problem = (TaskKind.UNREACHED, "too_late")
    if is_in_task:
        return
    sheet.tasks.append(_task(row, *problem, rules.now))
    if problem[1] != "opted_out" and not is_visited and _is_time_for_visit(row, rules):
        sheet.reminders.append(_reminder(row, _visit(row, rules)))


def _is_told_already(planned: PlannedReminder, already: Collection[str]) -> bool:
    """Who gets a text that the day was changed needs no second text with the same day; a call says more than a text."""
    is_notice = planned.purpose == "notice" and planned.channel is Channel.SMS
    return is_notice and ANSWER_STEP in already


def _person_facts(row: _Row, reach: Reach, rules: _Rules) -> PersonFacts:
    return PersonFacts(
        can_text=reach.can_text and understands(row.language, rules.textable),
        can_call=reach.can_call and understands(row.language, rules.speakable),
        age=age_on(row.born, bangkok_day(row.starts_at)),
        reads=reads(row.language, row.reads_script),
        preferred=row.preferred,
        has_landline=reach.has_landline,
    )


def _problem(row: _Row, reach: Reach, person: PersonFacts) -> tuple[TaskKind, str] | None:
    """Why nobody can be contacted by telephone, or None."""
    if not reach.is_reachable:
        return TaskKind.UNREACHED, "opted_out" if reach.has_stopped else "no_phone"
    if not (person.can_text or person.can_call):
        text = "the phone takes no texts" if not reach.can_text else f"nothing to write in {row.language}"
        return TaskKind.NO_PROMPT, f"nothing to say in {row.language}, and {text}"
    if row.preferred is Channel.VISIT and row.village:
        return TaskKind.UNREACHED, "wants_visits"
    return None


def _is_time_for_visit(row: _Row, rules: _Rules) -> bool:
    return bool(row.village) and row.starts_at - rules.window.next_open(rules.now) >= rules.ladder.visit_least


def _visit(row: _Row, rules: _Rules) -> PlannedReminder:
    last = row.starts_at - rules.ladder.quiet_before_start
    return PlannedReminder("reminder", VISIT_STEP, Channel.VISIT, rules.window.next_open(rules.now), last)


def _reminder(row: _Row, planned: PlannedReminder) -> dict[str, Any]:
    return {
        "appointment": row.appointment,
        "person": row.person,
        "purpose": planned.purpose,
        "step": planned.step,
        "channel": planned.channel,
        "due_at": planned.due_at,
        "next_try_at": planned.due_at,
        "tries": 0,
        "expires_at": planned.expires_at,
        "priority": priority_of(row.target_group, age_on(row.born, bangkok_day(row.starts_at))),
        "status": ReminderStatus.PLANNED,
        "error_count": 0,
    }


def _task(row: _Row, kind: TaskKind, detail: str, now: datetime) -> dict[str, Any]:
    return {
        "kind": kind,
        "subject": row.appointment,
        "person": row.person,
        "site": row.site,
        "village": row.village or None,
        "detail": detail,
        "created_at": now,
    }


def _wanted(rules: _Rules) -> tuple[sa.ColumnElement[bool], ...]:
    """Booked, ahead, and not planned yet; a ladder that an answer or a stop has ended is not begun again (law 4)."""
    mine = col(Reminder.appointment) == col(Appointment.id)
    timed = sa.exists().where(mine, col(Reminder.step).in_(rules.timed_steps)).correlate(Appointment)
    over = sa.exists().where(mine, col(Reminder.status).in_(_OVER)).correlate(Appointment)
    begun = sa.exists().where(mine).correlate(Appointment)
    sources = [step.only_source for step in rules.ladder.steps if step.hour is None]
    near = sa.and_(col(Appointment.starts_at) < rules.horizon, ~timed, ~over)
    told_at_once = sa.and_(col(Appointment.source).in_(sources), ~begun)
    return (
        col(Appointment.status) == AppointmentStatus.BOOKED,
        col(Appointment.starts_at) > rules.now,
        sa.or_(near, told_at_once),
    )


def _candidates(wanted: Sequence[sa.ColumnElement[bool]]) -> Any:
    columns: list[Any] = [
        Appointment.id, Appointment.starts_at, Appointment.source, Appointment.site, Person.id, Person.birth_date,
        Person.language, Person.reads_script, Person.preferred_channel, Person.village,
        Person.target_group,
    ]  # fmt: skip
    return (
        sa.select(*columns)
        .join(Person, col(Person.id) == col(Appointment.person))
        .where(*wanted, col(Person.died_on).is_(None), col(Person.merged_into).is_(None))
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    )


def _steps_done(db: Session, wanted: Sequence[sa.ColumnElement[bool]]) -> dict[str, set[str]]:
    done: dict[str, set[str]] = defaultdict(set)
    statement = select(Reminder.appointment, Reminder.step).where(
        col(Reminder.appointment).in_(select(Appointment.id).where(*wanted)), col(Reminder.channel) != Channel.VISIT
    )
    for appointment, step in db.exec(statement):
        done[appointment or ""].add(step)
    return done


def _in_tasks(db: Session, wanted: Sequence[sa.ColumnElement[bool]]) -> set[str]:
    """Whom staff have on their list or dealt with; one that a corrected language closed nobody has dealt with."""
    statement = select(Task.subject).where(
        col(Task.kind).in_(_HOPELESS),
        col(Task.subject).in_(select(Appointment.id).where(*wanted)),
        col(Task.result) != Result.LANGUAGE_CORRECTED.value,
    )
    return set(db.exec(statement))


def _visited(db: Session) -> set[str | None]:
    return set(db.exec(select(Reminder.appointment).where(col(Reminder.channel) == Channel.VISIT)))
