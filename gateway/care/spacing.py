"""How early and how late an appointment may lie, seen from the doses before and after it in the same course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from gateway.care.regimens import DoseRule, Regimens
from gateway.care.schedule import window_of
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment, Dose
from gateway.records.status import LIVE_APPOINTMENTS


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first and the last Bangkok day an appointment may be moved to, inclusive; None where nothing binds it."""

    earliest: date | None = None
    latest: date | None = None

    def allow(self, day: date) -> bool:
        """Whether `day` lies inside."""
        return (self.earliest is None or day >= self.earliest) and (self.latest is None or day <= self.latest)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A dose given, or an appointment still ahead."""

    regimen: str
    number: int
    day: date


def bounds_of(db: Session, appointment: Appointment, regimens: Regimens) -> Bounds:
    """The days this appointment may lie on: never before the minimum after an earlier dose, given or booked, and
    never so late that a later dose already booked would come too early."""
    placed = _placed(db, appointment, regimens)
    regimen, number = appointment.regimen, appointment.dose_no
    before = [one for one in placed if one.number < number]
    after = [one for one in placed if one.number > number]
    earliest = [
        rule.minimum.after(one.day)
        for one in before
        for rule in _rules(regimens, before, regimen, number)
        if rule.after_dose == one.number
    ]
    latest = [
        _last_day_before(rule, one.day)
        for one in after
        for rule in regimens.rules_between(regimen, one.regimen, one.number)
        if rule.after_dose == number
    ]
    return Bounds(max(earliest, default=None), min(latest, default=None))


def recommended_end(db: Session, appointment: Appointment, regimens: Regimens) -> date | None:
    """The last day of the interval recommended after the dose before, given or booked; None where there is none."""
    before = [one for one in _placed(db, appointment, regimens) if one.number < appointment.dose_no]
    rules = _rules(regimens, before, appointment.regimen, appointment.dose_no)
    window = window_of(rules, {one.number: one.day for one in before})
    return None if window is None or window.latest == date.max else window.latest


def _rules(regimens: Regimens, before: Sequence[_Placed], regimen: str, number: int) -> tuple[DoseRule, ...]:
    previous = next((one.regimen for one in before if one.number == number - 1), regimen)
    return regimens.rules_between(previous, regimen, number)


def _last_day_before(rule: DoseRule, later: date) -> date:
    # Months have no inverse: start from the rough answer and step back until the minimum is kept.
    day = later - timedelta(days=rule.min_days) + timedelta(days=3)
    while rule.minimum.after(day) > later:
        day -= timedelta(days=1)
    return day


def _placed(db: Session, appointment: Appointment, regimens: Regimens) -> list[_Placed]:
    codes = regimens.in_series(regimens.series_of(appointment.regimen))
    given = db.exec(
        select(Dose).where(
            col(Dose.person) == appointment.person,
            col(Dose.regimen).in_(codes),
            col(Dose.course) == appointment.course,
        )
    )
    booked = db.exec(
        select(Appointment).where(
            col(Appointment.person) == appointment.person,
            col(Appointment.regimen).in_(codes),
            col(Appointment.course) == appointment.course,
            col(Appointment.id) != appointment.id,
            col(Appointment.status).in_(LIVE_APPOINTMENTS),
        )
    )
    doses = [_Placed(dose.regimen, dose.number, dose.given_on) for dose in given]
    return doses + [_Placed(one.regimen, one.dose_no, bangkok_day(one.starts_at)) for one in booked]
