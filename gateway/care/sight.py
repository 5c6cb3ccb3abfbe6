"""Whom the staff of one site may see: their own people, and everybody who has or had an appointment there."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.people import in_chunks
from gateway.records.agreements import Appointment
from gateway.records.people import Person


def seen_from(db: Db, people: Iterable[str], site: str) -> set[str]:
    """Return those of these ids that staff bound to `site` may see; a page asks the same of one person."""
    found: set[str] = set()
    for chunk in in_chunks(people):
        theirs = select(Person.id).where(col(Person.id).in_(chunk), col(Person.site) == site)
        there = select(Appointment.person).where(col(Appointment.person).in_(chunk), col(Appointment.site) == site)
        found.update(db.exec(theirs))
        found.update(db.exec(there))
    return found
