"""What a deed changed about a person, row by row: enough to take it back, and to see whether it still stands.

Only ids, states and days are kept, no number, name or text: the record of deeds is read by administrators.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from sqlmodel import Session, SQLModel, col, or_, select

from gateway.records.agreements import Appointment, Dose
from gateway.records.contacts import Reminder
from gateway.records.people import Person, PersonPhone
from gateway.records.places import Seat
from gateway.records.staffing import Note
from gateway.records.work import Ride, Task, Visit

Row = dict[str, Any]
State = dict[str, dict[str, Row]]
"""Table -> key of the row -> column -> plain value."""
Change = dict[str, dict[str, Row | None]]
"""As State, but only what differs; None where the row was not there."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "person": ("language", "reads_script", "died_on"),
    "person_phone": ("role", "rank", "sms", "voice"),
    "appointment": ("status", "site", "session", "starts_at", "confirmed_by_reply", "confirmed_by_staff"),
    "seat": ("session", "ticket", "come_at", "arrived_at"),
    "dose": ("regimen", "course", "number", "product", "given_on"),
    "reminder": ("status", "reason"),
    "task": ("status", "result", "done_by", "subject", "site"),
    "ride": ("status", "pick_up_at", "arranged_at", "arranged_by"),
    "visit": ("status",),
    "note": ("withdrawn_at",),
}


def state_of(db: Session, person: str) -> State:
    """Everything about a person that a deed may change, as it is now."""
    db.flush()
    appointments = select(Appointment.id).where(col(Appointment.person) == person)
    reminders = select(Reminder.id).where(col(Reminder.person) == person)
    about = or_(col(Task.person) == person, col(Task.subject).in_(appointments))
    found: tuple[tuple[str, str, Sequence[SQLModel]], ...] = (
        ("person", "id", db.exec(select(Person).where(col(Person.id) == person)).all()),
        ("person_phone", "phone", db.exec(select(PersonPhone).where(col(PersonPhone.person) == person)).all()),
        ("appointment", "id", db.exec(select(Appointment).where(col(Appointment.person) == person)).all()),
        ("seat", "appointment", db.exec(select(Seat).where(col(Seat.appointment).in_(appointments))).all()),
        ("dose", "id", db.exec(select(Dose).where(col(Dose.person) == person)).all()),
        ("reminder", "id", db.exec(select(Reminder).where(col(Reminder.person) == person)).all()),
        ("task", "id", db.exec(select(Task).where(about)).all()),
        ("ride", "id", db.exec(select(Ride).where(col(Ride.person) == person)).all()),
        ("visit", "id", db.exec(select(Visit).where(col(Visit.reminder).in_(reminders))).all()),
        ("note", "id", db.exec(select(Note).where(col(Note.person) == person)).all()),
    )
    return {
        table: {str(getattr(row, key)): {name: plain(getattr(row, name)) for name in COLUMNS[table]} for row in rows}
        for table, key, rows in found
    }


def difference(earlier: State, later: State) -> tuple[Change, Change]:
    """What changed between two states of one person, as it was and as it became."""
    before: Change = {}
    after: Change = {}
    for table in COLUMNS:
        for key in earlier[table].keys() | later[table].keys():
            was, became = earlier[table].get(key), later[table].get(key)
            if was == became:
                continue
            names = [name for name in COLUMNS[table] if was is None or became is None or was[name] != became[name]]
            before.setdefault(table, {})[key] = None if was is None else {name: was[name] for name in names}
            after.setdefault(table, {})[key] = None if became is None else {name: became[name] for name in names}
    return before, after


def still_stands(state: State, after: Change, tables: Iterable[str]) -> bool:
    """Whether what a deed left in `tables` is still so."""
    return all(_agrees(state[table].get(key), left) for table in tables for key, left in after.get(table, {}).items())


def plain(value: Any) -> Any:
    """A column's value as JSON holds it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _agrees(present: Row | None, left: Row | None) -> bool:
    if present is None or left is None:
        return present is left
    return all(present[name] == value for name, value in left.items())
