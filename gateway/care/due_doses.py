"""Which doses given call for another one that nobody has booked: one query, whatever the number of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.regimens import Regimen, Regimens, Window
from gateway.care.schedule import repeat_window, window_of
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment, Dose
from gateway.records.people import Consent, Person, PersonPhone, Phone, PhoneRole

_CHUNK = 500  # SQLite binds a limited number of values


@dataclass(frozen=True, slots=True)
class DueDose:
    """A dose to be booked; `dose` is the row of the one given before it. `site` None: no clinic is known."""

    dose: int
    person: str
    regimen: str
    course: int
    number: int
    vaccines: tuple[str, ...]  # of the sessions where it may be given
    site: str | None
    village: str
    window: Window


def find_due_doses(db: Db, regimens: Regimens, *, now: datetime, after: int = 0) -> list[DueDose]:
    """The doses that follow those given, the soonest recommended first; of rows after a number only.

    Left out: who has any later appointment of the series, also a cancelled one (what a person gave up is not booked
    again); who has the later dose; who died, was merged, or stopped every phone; boosters; repeats still far away.
    """
    rows = list(db.exec(_query(regimens, after)))
    history = _history(db, [dose.person for dose, _, _ in rows])
    today = bangkok_day(now)
    due = [_due(regimens, dose, person, site, history, today) for dose, person, site in rows]
    # One dose written down under two names of its series calls for one dose, not for two.
    once = {(one.person, regimens.series_of(one.regimen), one.course, one.number): one for one in due if one}
    return sorted(once.values(), key=lambda one: (one.window.recommended, one.dose))


_History = Mapping[tuple[str, str, int], Mapping[int, date]]


def _due(
    regimens: Regimens, dose: Dose, person: Person, site: str | None, history: _History, today: date
) -> DueDose | None:
    regimen = regimens[dose.regimen]
    following = regimen.rules_for(dose.number + 1)
    number, course = dose.number + 1, dose.course
    if following:
        window = window_of(following, history[dose.person, dose.regimen, dose.course])
    else:
        window, number, course = _repeat(regimen, dose, today), 1, dose.course + 1
    if window is None or dose.id is None:
        return None
    return DueDose(
        dose=dose.id,
        person=dose.person,
        regimen=dose.regimen,
        course=course,
        number=number,
        vaccines=regimen.session_vaccines(number),
        site=person.site or site,
        village=person.village,
        window=window,
    )


def _repeat(regimen: Regimen, dose: Dose, today: date) -> Window | None:
    if regimen.repeat is None:
        return None
    # No clinic has sessions a year ahead: asking now would hand everyone to staff.
    soon = regimen.repeat.ahead.after(today)
    window = repeat_window(regimen.repeat, dose.given_on)
    return window if window.earliest <= soon else None


def _history(db: Db, people: list[str]) -> dict[tuple[str, str, int], dict[int, date]]:
    """Days of doses given, by person, regimen and course; for the rules that count from an earlier dose."""
    found: dict[tuple[str, str, int], dict[int, date]] = {}
    unique = sorted(set(people))
    for begin in range(0, len(unique), _CHUNK):
        for dose in db.exec(select(Dose).where(col(Dose.person).in_(unique[begin : begin + _CHUNK]))):
            found.setdefault((dose.person, dose.regimen, dose.course), {})[dose.number] = dose.given_on
    return found


def _query(regimens: Regimens, after: int) -> Any:
    """Doses that call for another, with their person and the site of the appointment they were given at."""
    at_site = (
        select(Appointment.site)
        .where(
            col(Appointment.person) == col(Dose.person),
            col(Appointment.regimen) == col(Dose.regimen),
            col(Appointment.course) == col(Dose.course),
            col(Appointment.dose_no) == col(Dose.number),
        )
        .order_by(col(Appointment.starts_at).desc())
        .limit(1)
        .correlate(Dose)
        .scalar_subquery()
    )
    return (
        select(Dose, Person, at_site)
        .join(Person, col(Person.id) == col(Dose.person))
        .where(col(Dose.id) > after)
        .where(
            sa.or_(_calls_for_next(regimens.values()), _calls_for_repeat(regimens.values())),
            col(Person.died_on).is_(None),
            col(Person.merged_into).is_(None),
            ~_stopped_every_phone(),
        )
    )


def _calls_for_next(regimens: Iterable[Regimen]) -> sa.ColumnElement[bool]:
    """A dose with another one behind it in its series, of which nothing is known yet."""
    wanted = [
        sa.and_(col(Dose.regimen) == regimen.code, col(Dose.number) == rule.number - 1)
        for regimen in regimens
        for rule in regimen.doses
        if rule.after_dose == rule.number - 1 and not rule.booster
    ]
    later, booked = aliased(Dose), aliased(Appointment)
    series = {regimen.code: regimen.series for regimen in regimens}
    given = sa.exists().where(
        col(later.person) == col(Dose.person),
        _series(later.regimen, series) == _series(Dose.regimen, series),
        col(later.course) == col(Dose.course),
        col(later.number) > col(Dose.number),
    )
    appointed = sa.exists().where(
        col(booked.person) == col(Dose.person),
        _series(booked.regimen, series) == _series(Dose.regimen, series),
        col(booked.course) == col(Dose.course),
        col(booked.dose_no) > col(Dose.number),
    )
    return sa.and_(sa.or_(sa.false(), *wanted), ~given, ~appointed)


def _calls_for_repeat(regimens: Iterable[Regimen]) -> sa.ColumnElement[bool]:
    """The last dose of a course that is begun anew after a time, with nothing given or booked since."""
    wanted = [
        sa.and_(col(Dose.regimen) == regimen.code, col(Dose.number) == regimen.last_number)
        for regimen in regimens
        if regimen.repeat is not None
    ]
    later, booked = aliased(Dose), aliased(Appointment)
    given = sa.exists().where(
        col(later.person) == col(Dose.person),
        col(later.regimen) == col(Dose.regimen),
        sa.or_(col(later.given_on) > col(Dose.given_on), col(later.course) > col(Dose.course)),
    )
    appointed = sa.exists().where(
        col(booked.person) == col(Dose.person),
        col(booked.regimen) == col(Dose.regimen),
        sa.or_(sa.func.date(col(booked.starts_at)) > col(Dose.given_on), col(booked.course) > col(Dose.course)),
    )
    return sa.and_(sa.or_(sa.false(), *wanted), ~given, ~appointed)


def _series(code: Any, series: Mapping[str, str]) -> sa.ColumnElement[str]:
    return sa.case(dict(series), value=code, else_=code)


def _stopped_every_phone() -> sa.ColumnElement[bool]:
    """Said stop, and no phone is left that may be used. Who never had a phone is visited, and is not left out."""
    said_stop = sa.exists().where(
        col(PersonPhone.person) == col(Person.id),
        col(PersonPhone.sms) == Consent.STOP,
        col(PersonPhone.voice) == Consent.STOP,
    )
    usable = sa.exists().where(
        col(PersonPhone.person) == col(Person.id),
        col(PersonPhone.phone) == col(Phone.id),
        col(PersonPhone.role) != PhoneRole.VHV,
        col(Phone.parked_at).is_(None),
        sa.or_(col(PersonPhone.sms) == Consent.ALLOW, col(PersonPhone.voice) == Consent.ALLOW),
    )
    return sa.and_(said_stop, ~usable)
