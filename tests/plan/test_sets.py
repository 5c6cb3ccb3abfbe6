"""Planning set by set writes what planning in plain Python, row by row, would write: tests/plan/reference.py."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from gateway.care.notices import ANSWER_STEP
from gateway.kit.ids import new_id
from gateway.kit.phones import LineType
from gateway.plan.ladder import Ladder, load_ladder
from gateway.plan.planner import PlanReport, plan
from gateway.plan.window import Window
from gateway.records.contacts import Reminder
from gateway.records.people import Consent, PhoneRole
from gateway.records.status import AppointmentStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from tests.plan.reference import planned_slowly

Fixture = Any  # tests/plan/conftest.py: World
LADDER = load_ladder()
NOW = datetime.fromisoformat("2026-11-22T09:17:23.123456+07:00")
_REMINDER = ("appointment", "person", "purpose", "step", "channel", "due_at", "next_try_at", "tries", "expires_at",
             "priority", "status", "error_count")  # fmt: skip
_TASK = ("kind", "subject", "person", "site", "village", "detail", "created_at")


def _phone(chance: Random) -> dict[str, Any]:
    return {
        "line": chance.choice([LineType.MOBILE, LineType.MOBILE, *LineType]),
        "role": chance.choice([PhoneRole.OWN, PhoneRole.OWN, *PhoneRole]),
        "rank": chance.randrange(3),
        "sms": chance.choice([Consent.ALLOW, Consent.ALLOW, Consent.STOP]),
        "voice": chance.choice([Consent.ALLOW, Consent.ALLOW, Consent.STOP]),
        "is_parked": chance.random() < 0.1,
    }


def _person(chance: Random) -> dict[str, Any]:
    born = [None, date(1966, 11, 30), date(1966, 12, 1), date(1968, 2, 29), date(2026, 12, 24)]
    born += [date(chance.randrange(1930, 2020), chance.randrange(1, 13), chance.randrange(1, 29)) for _ in range(5)]
    return {
        "language": chance.choice(["th", "nod", "my", "km", "mfa", "xx"]),
        "birth_date": chance.choice(born),
        "reads_script": chance.choice([None, True, False]),
        "preferred_channel": chance.choice([None, None, None, *Channel]),
        "village": chance.choice(["", "Ban Test"]),
        "target_group": chance.choice(["", "ผู้สูงอายุ", "Chronic", "หญิงตั้งครรภ์"]),
        "died_on": date(2026, 11, 1) if chance.random() < 0.05 else None,
    }


def _before(chance: Random) -> dict[str, Any]:
    """A reminder planned before."""
    step = chance.choice(
        ["notice", "reminder", "second_dose", "second_dose", ANSWER_STEP, ANSWER_STEP, "visit", "answer:1"]
    )
    return {
        "step": step,
        "purpose": step,
        "channel": Channel.VISIT if step == "visit" else chance.choice([Channel.SMS, Channel.VOICE]),
        "status": chance.choice([ReminderStatus.PLANNED, ReminderStatus.EXPIRED, ReminderStatus.ANSWERED]),
    }


def _ladder(chance: Random) -> Ladder:
    """The shipped ladder, or another that a health officer may make of it."""
    steps = list(LADDER.steps)
    if chance.random() < 0.5:
        return LADDER
    for place, step in enumerate(steps):
        values: dict[str, Any] = {"channel": chance.choice([None, None, Channel.SMS, Channel.VOICE])}
        if step.hour is not None:
            values["hour"] = chance.choice([step.hour, time(12, 15), time(18, 30)])
        steps[place] = _changed(step, **values)
    return _changed(LADDER, steps=tuple(steps), spread=chance.choice([LADDER.spread, timedelta(hours=3)]))


def _changed(one: Any, **values: Any) -> Any:
    return type(one)(**{name: getattr(one, name) for name in one.__slots__} | values)


def _given(world: Fixture, chance: Random) -> None:
    """An appointment of somebody, and what there may be of it already."""
    person = world.person(**_person(chance))
    for _ in range(chance.choice([0, 1, 1, 2, 2, 3])):
        phone = _phone(chance)
        made = world.phone(person, phone["line"], **{name: phone[name] for name in ("role", "rank", "sms", "voice")})
        made.parked_at = NOW if phone["is_parked"] else None
    # Hours in quarters, so that some come at one time.
    starts = NOW.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=15 * chance.randrange(-4, 25 * 96))
    source = chance.choice(["roster", "second_dose", "moved"])
    status = AppointmentStatus.CONFIRMED if chance.random() < 0.1 else AppointmentStatus.BOOKED
    one = world.appointment(f"{starts:%Y-%m-%dT%H:%M}", person, id=new_id(), source=source, status=status)
    if chance.random() < 0.3:
        world.reminder(one, **_before(chance))
    if chance.random() < 0.2:
        kind = chance.choice([TaskKind.UNREACHED, TaskKind.NO_PROMPT, TaskKind.CALLBACK])
        result = chance.choice(["", "language_corrected"])
        task = Task(kind=kind, subject=one.id, result=result, created_at=NOW)
        task.status = TaskStatus.DONE if result else TaskStatus.OPEN
        world.db.add(task)


def _rows(db: Session, known: set[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows that are not among those known, without their ids."""
    db.expire_all()
    reminders = [one for one in db.exec(select(Reminder)) if one.id not in known]
    tasks = [one for one in db.exec(select(Task)) if one.id not in known]
    return (
        [{name: getattr(one, name) for name in _REMINDER} for one in reminders],
        [{name: getattr(one, name) for name in _TASK} for one in tasks],
    )


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def _ids(db: Session) -> set[str]:
    db.flush()
    return {*db.exec(select(Reminder.id)), *db.exec(select(Task.id))}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, phases=[Phase.generate])
@given(st.integers(0, 2**64))
def test_every_row_is_that_of_the_slow_reference(world: Fixture, seed: int) -> None:
    chance = Random(seed)
    ladder = _ladder(chance)
    window = ladder.window(time(chance.choice([6, 9])), time(chance.choice([19, 21])))
    rules: dict[str, Any] = {
        "speakable": chance.choice([frozenset(), frozenset({"th", "my"}), frozenset({"my", "km", "th", "xx"})]),
        "textable": chance.choice([frozenset({"th", "my"}), frozenset({"th", "km"})]),
        "horizon_days": chance.choice([3, 14, 30]),
    }
    point = world.db.begin_nested()
    try:
        for _ in range(120):
            _given(world, chance)
        for now in (NOW, NOW + timedelta(days=4)):
            _compare(world.db, ladder, window, rules | {"now": now})
            assert plan(world.db, ladder, window, **rules, now=now) == PlanReport()  # and again nothing
    finally:
        point.rollback()
        world.db.expunge_all()


def _compare(db: Session, ladder: Ladder, window: Window, rules: dict[str, Any]) -> None:
    known = _ids(db)
    reminders, tasks = planned_slowly(db, ladder, window, **rules)
    report = plan(db, ladder, window, **rules)
    written = _rows(db, known)
    assert _sorted(written[0]) == _sorted(reminders)
    assert _sorted(written[1]) == _sorted(tasks)
    visits = sum(row["channel"] is Channel.VISIT for row in reminders)
    assert (report.planned, report.visits, report.tasks) == (len(reminders) - visits, visits, len(tasks))
