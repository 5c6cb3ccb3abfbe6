"""A deed taken back within a minute of real time: exactly what it changed, and only while that still stands.

What the world did meanwhile is not undone: a call that was asked to end stays so, a consent's history only grows, and
an appointment's version counts on, so that pages of before stay stale. What the person said since is never undone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel import Session, select

from gateway.care.changes import Change, state_of, still_stands
from gateway.care.desk_rides import WITH
from gateway.care.desk_work import NotPossible
from gateway.care.heard import HEARD, was_heard_since
from gateway.care.restoring import RESTORERS, Undoing
from gateway.care.tasks import ALSO, TaskStands, reopen
from gateway.records.agreements import Appointment
from gateway.records.people import Person
from gateway.records.staffing import Audit, Role, Staff
from gateway.records.work import Task
from gateway.staff.audit import may_be_undone, write_audit

VERBS: Final = frozenset({
    "confirmed", "moved", "cancelled", "came", "missed", "vaccinated", "died", "stopped", "resumed", "noted",
    "phone_corrected", "phone_added", "language_corrected", "reading_noted",
    "arrived", "not_arrived", "ride_asked", "ride_arranged", "ride_cancelled",
})  # fmt: skip
TASK_DONE: Final = "task_done"
_MUST_STAND: Final = ("person", "person_phone", "appointment", "seat", "dose", "note")


def undo(db: Session, audit_id: str, *, staff: str, now: datetime, real_now: datetime) -> Audit:
    """Take back the deed of an audit row, by who did it or a manager; `now` is business time, `real_now` real.

    Raises NotPossible, with nothing changed, when it is too late, done already, or no longer stands as it was left.
    """
    audit = _open_audit(db, audit_id, staff=staff, real_now=real_now)
    if audit.verb == TASK_DONE:
        with db.begin_nested():  # what was done with its result may be refused
            _reopen(db, audit, staff=staff, now=now, real_now=real_now)
    else:
        with db.begin_nested():  # what one form did for several is taken back for all of them, or for none
            _take_back_all(db, audit, staff=staff, now=now, real_now=real_now)
    audit.undone_at, audit.undone_by = real_now, staff
    db.add(audit)
    return write_audit(
        db,
        staff=staff,
        verb="undone",
        kind=audit.kind,
        subject=audit.subject,
        person=audit.person,
        before={"audit": audit.id, "verb": audit.verb},
        now=now,
    )


def _open_audit(db: Session, audit_id: str, *, staff: str, real_now: datetime) -> Audit:
    audit = db.exec(select(Audit).where(Audit.id == audit_id).with_for_update()).first()
    if audit is None or audit.verb not in VERBS | {TASK_DONE}:
        raise NotPossible("undo_unknown")
    if audit.undone_at is not None:
        raise NotPossible("undo_done")
    if audit.staff != staff and not _is_manager(db, staff):
        raise NotPossible("undo_not_yours")
    if not may_be_undone(audit, by=audit.staff or "", at=real_now):
        raise NotPossible("undo_too_late")
    return audit


def _is_manager(db: Session, staff: str) -> bool:
    account = db.get(Staff, staff)
    return account is not None and account.role in (Role.MANAGER, Role.ADMIN)


def _take_back(work: Undoing) -> None:
    audit, db = work.audit, work.db
    _require_living(work)
    if audit.verb != "noted" and was_heard_since(db, audit):
        raise NotPossible("undo_changed")
    if not still_stands(state_of(db, work.person), _changes(audit.after), _MUST_STAND):
        raise NotPossible("undo_changed")
    before = _changes(audit.before)
    with db.begin_nested():  # all of it or nothing
        for table, restore in RESTORERS:
            for key, row in before.get(table, {}).items():
                restore(work, key, row)
            db.flush()
        _make_pages_stale(work, before)


def _take_back_all(db: Session, audit: Audit, *, staff: str, now: datetime, real_now: datetime) -> None:
    _take_back(Undoing(db, audit, staff, now))
    for key in reversed(audit.after.get(WITH, [])):
        other = db.get_one(Audit, str(key))
        _take_back(Undoing(db, other, staff, now))
        other.undone_at, other.undone_by = real_now, staff
        db.add(other)


def _make_pages_stale(work: Undoing, before: Change) -> None:
    """Also where the appointment's own row was not put back, as when only its dose was."""
    audit = work.audit
    appointment = work.db.get(Appointment, audit.subject) if audit.kind == "appointment" else None
    if appointment is not None and appointment.id not in before.get("appointment", {}):
        appointment.version += 1
        work.db.add(appointment)


def _require_living(work: Undoing) -> None:
    """Nothing is begun again for somebody who was merged, or who died since; the news itself may be taken back."""
    person = work.db.get(Person, work.person)
    if person is None or person.merged_into is not None:
        raise NotPossible("person_merged")
    if person.died_on is not None and work.audit.verb not in ("died", "noted"):
        raise NotPossible("person_dead")


def _changes(stored: Change) -> Change:
    return {table: rows for table, rows in stored.items() if table not in ("said", HEARD, WITH)}


def _reopen(db: Session, audit: Audit, *, staff: str, now: datetime, real_now: datetime) -> None:
    """Open the task again, and take back what was done with its result."""
    task = db.get(Task, audit.subject, populate_existing=True)
    if task is None or task.result != audit.after.get("result") or task.done_by != audit.staff:
        raise NotPossible("undo_changed")
    try:
        reopen(db, task, staff=staff, now=now)
    except TaskStands as error:
        raise NotPossible("undo_changed") from error
    also = db.get(Audit, str(audit.after.get(ALSO, "")))
    if also is not None and also.undone_at is None:
        _take_back(Undoing(db, also, staff, now))
        also.undone_at, also.undone_by = real_now, staff
        db.add(also)
