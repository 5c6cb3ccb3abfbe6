"""Give invented people their appointments, and the sites the sessions that hold them: 3 to 14 August 2026."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from invent import Dice, Invented

MONDAY = date(2026, 8, 3)
SATURDAY = date(2026, 8, 8)
HOLIDAY = date(2026, 8, 12)  # Mother's Day
# More on the 5th: the demo's clock begins on the morning of the 3rd, when those of the 5th are reminded.
PEOPLE_BY_DAY = {3: 50, 4: 45, 5: 90, 6: 60, 7: 55, 8: 25, 10: 70, 11: 60, 13: 60, 14: 45}

HOURS = {
    "morning": ("08:30", "12:00", ("08:30", "09:00", "09:30", "10:00", "10:30", "11:00")),
    "afternoon": ("13:00", "16:00", ("13:00", "13:30", "14:00", "14:30", "15:00")),
}
# Weekdays (Monday 0) and halves of the day on which a vaccine is given; influenza whenever the site is open.
GIVEN_ON: Mapping[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "influenza": ((0, 1, 2, 3, 4), ("morning", "afternoon")),
    "hepatitis_b": ((1, 3), ("morning", "afternoon")),
    "hpv": ((2, 4), ("afternoon",)),
    "covid19_az": ((0, 2), ("morning",)),
}
COMES_FOR: Mapping[str, Mapping[str, float]] = {
    "elder": {"influenza": 90, "covid19_az": 10},
    "chronic": {"influenza": 60, "hepatitis_b": 30, "covid19_az": 10},
    "worker": {"hepatitis_b": 70, "influenza": 30},
    "pregnant": {"influenza": 1},
    "pupil": {"hpv": 1},
    "migrant": {"hepatitis_b": 45, "influenza": 30, "covid19_az": 25},
    "stateless": {"hepatitis_b": 55, "influenza": 45},
}
STAGES = {"first": 5, "second": 4, "falls_due": 4}


@dataclass
class Offer:
    """A session: seats of one vaccine, at one site, on one half of a day."""

    site: str
    vaccine: str
    day: date
    part: str
    capacity: int
    booked: int = 0

    @property
    def has_room(self) -> bool:
        """Whether another may be booked, leaving a third of the seats for those who move."""
        return self.booked * 3 < self.capacity * 2


def offers(sites: list[Mapping[str, Any]]) -> list[Offer]:
    """Return the sessions of the fortnight, empty."""
    return [offer for site in sites for vaccine in site["vaccines"] for offer in _of_vaccine(site, vaccine)]


def _of_vaccine(site: Mapping[str, Any], vaccine: str) -> Iterator[Offer]:
    weekdays, parts = GIVEN_ON[vaccine]
    seats = 24 if vaccine != "influenza" else 18 if site["people"] > 45 else 14
    for day in (MONDAY + timedelta(days=n) for n in range(12)):
        on_saturday = day == SATURDAY and site["saturdays"] and vaccine == "influenza"
        if day != HOLIDAY and (day.weekday() in weekdays or on_saturday):
            for part in parts[:1] if on_saturday else parts:
                yield Offer(site["code"], vaccine, day, part, seats)


def book(people: list[Invented], sessions: list[Offer], dice: Dice) -> None:
    """Give everyone an appointment, or a first dose and none; fill a few sessions to the last seat."""
    for person in people:
        vaccine = dice.weigh(COMES_FOR[person.kind])
        if vaccine not in person.site["vaccines"] and vaccine != "hepatitis_b":
            vaccine = "influenza"
        stage = "first" if vaccine == "influenza" else dice.weigh(STAGES)
        if stage == "falls_due" or vaccine not in person.site["vaccines"]:
            _give_first_dose(person, vaccine, _falls_due(vaccine, dice))
        else:
            _appoint(person, vaccine, 2 if stage == "second" else 1, sessions, dice)
    for session in sessions[5::29]:
        session.capacity = max(session.booked, 1)


def _falls_due(vaccine: str, dice: Dice) -> date:
    days = {"hepatitis_b": (4, 5, 6, 7, 10, 11), "hpv": (5, 6, 9, 10, 11), "covid19_az": (4, 5, 6, 7, 10)}[vaccine]
    return date(2026, 8, dice.pick(days))


def _give_first_dose(person: Invented, vaccine: str, second: date) -> None:
    person.last_vaccine, person.last_dose, person.last_day = vaccine, 1, _dose_before(vaccine, second)


def _dose_before(vaccine: str, second: date) -> date:
    """Return the day of a first dose whose second falls due on `second`: 28 days, six months, eleven weeks."""
    if vaccine == "hpv":
        return second.replace(month=second.month - 6)
    return second - timedelta(days=28 if vaccine == "hepatitis_b" else 77)


def _appoint(person: Invented, vaccine: str, dose: int, sessions: list[Offer], dice: Dice) -> None:
    possible = [o for o in sessions if o.site == person.site["code"] and o.vaccine == vaccine and o.has_room]
    days = {day: share for day, share in PEOPLE_BY_DAY.items() if any(o.day.day == day for o in possible)}
    day = dice.weigh(days)
    session = dice.pick([offer for offer in possible if offer.day.day == day])
    session.booked += 1
    person.vaccine, person.dose, person.day = vaccine, dose, session.day
    person.time = dice.pick(HOURS[session.part][2])
    if dose == 2:
        _give_first_dose(person, vaccine, session.day - timedelta(days=dice.pick((0, 1, 2))))
