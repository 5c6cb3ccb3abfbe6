"""What every deed at the desk begins and ends with: is it possible, and what did it change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from gateway.care.changes import State, difference, state_of
from gateway.care.heard import HEARD, heard_so_far
from gateway.care.ladder_stop import stop_ladder
from gateway.records.agreements import Appointment
from gateway.records.people import Person
from gateway.records.staffing import Audit, Staff
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus, may_move
from gateway.staff.audit import UNDO_FOR, write_audit


class NotPossible(Exception):
    """A deed that cannot be done as things stand; nothing was changed. `key` and `values` find and fill its words."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing a member of staff does for a person; `now` is business time."""

    db: Session
    person: Person
    staff: str
    now: datetime
    start: State

    def stop_ladder(self, appointment: str, verb: str) -> None:
        """Nobody is contacted about this appointment any more (law 4)."""
        stop_ladder(self.db, appointment, reason=f"staff: {verb}", now=self.now)

    def keep(self, verb: str, *, appointment: str | None = None, **said: Any) -> Audit:
        """Write down what was done, with all that undoing needs; `said`: plain values that staff gave with it."""
        before, after = difference(self.start, state_of(self.db, self.person.id))
        kind, subject = ("appointment", appointment) if appointment else ("person", self.person.id)
        return write_audit(
            self.db,
            staff=self.staff,
            verb=verb,
            kind=kind,
            subject=subject,
            person=self.person.id,
            before={**before, HEARD: heard_so_far(self.db)},
            after={**after, "said": said} if said else after,
            now=self.now,
            undo_for=UNDO_FOR,
        )


def begin(db: Session, person_id: str, *, staff: str, now: datetime, even_dead: bool = False) -> Deed:
    """Begin a deed for a person. Raises NotPossible when they are unknown, merged into another or dead."""
    person = db.get(Person, person_id, populate_existing=True, with_for_update=True)
    if person is None:
        raise NotPossible("no_person")
    if person.merged_into is not None:
        raise NotPossible("person_merged")
    if person.died_on is not None and not even_dead:
        raise NotPossible("person_dead")
    return Deed(db, person, staff, now, state_of(db, person_id))


def begin_about(
    db: Session,
    appointment_id: str,
    version: int | None,
    *,
    staff: str,
    now: datetime,
    statuses: tuple[AppointmentStatus, ...] = LIVE_APPOINTMENTS,
) -> tuple[Deed, Appointment]:
    """Begin a deed about an appointment as `version` (None: any) of it stood on the page that was looked at.

    Raises NotPossible when somebody changed it since, or it is in none of `statuses` any more.
    """
    appointment = db.get(Appointment, appointment_id, populate_existing=True, with_for_update=True)
    if appointment is None:
        raise NotPossible("no_appointment")
    deed = begin(db, appointment.person, staff=staff, now=now)
    if version is not None and version != appointment.version:
        who = _last_hand(db, appointment.id)
        raise NotPossible("changed_by", who=who) if who else NotPossible("changed")
    if appointment.status not in statuses:
        raise NotPossible("not_live")
    return deed, appointment


def set_status(deed: Deed, appointment: Appointment, wanted: AppointmentStatus) -> None:
    """Bring an appointment to another state; pages that show the old one are stale from here on."""
    if not may_move(appointment.status, wanted):
        raise NotPossible("not_live")
    appointment.status, appointment.version = wanted, appointment.version + 1
    deed.db.add(appointment)
    deed.db.flush()


def _last_hand(db: Session, appointment: str) -> str | None:
    """Who of the staff last did something with an appointment, as colleagues know them."""
    statement = (
        select(Staff)
        .join(Audit, col(Audit.staff) == col(Staff.id))
        .where(col(Audit.kind) == "appointment", col(Audit.subject) == appointment)
        .order_by(col(Audit.at).desc())
    )
    staff = db.exec(statement).first()
    return staff.name or staff.email.split("@")[0] if staff else None
