"""A person's whole story, from rows: what was agreed, every attempt, what came back, what came of it, who did what.

Newest day first, and within a day from morning to evening: who is on the telephone with somebody wants to know what
happened last, and then to read that day as it went. Nothing is left out (law 11) but that a page was looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import groupby
from typing import Final

from sqlmodel import Session, col, select

from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.records import agreements
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import ConsentEvent, PersonPhone, Phone
from gateway.records.places import Site
from gateway.records.staffing import Audit, Note, Staff
from gateway.records.status import ReminderStatus, TaskStatus
from gateway.records.work import Task, Visit
from gateway.reports.story_contacts import attempts_of, replies_of
from gateway.reports.story_events import (
    Booked,
    ConsentChanged,
    Dose,
    Event,
    Kind,
    Moved,
    Noted,
    Parked,
    Place,
    Planned,
    StaffActed,
    TaskDone,
    TaskOpened,
    Visited,
)

LOOKS: Final = frozenset({"viewed", "listened", "number_shown"})
UNDONE: Final = "undone"
_TELLS: Final = {
    Kind.MOVED: ("moved",),
    Kind.CONSENT: ("stopped", "resumed"),
    Kind.TASK_DONE: ("task_done",),
    Kind.NOTE: ("noted",),
}
"""Deeds at the console that a row of the same instant tells better."""
_EARLIEST: Final = date(1900, 1, 1)
"""Where an older day stands among the others: the first days of the calendar are no instant in UTC."""
_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}
_NEEDLESS: Final = (ReminderStatus.SUPPRESSED, ReminderStatus.CANCELLED)


def story(db: Session, person: str, site: str | None = None) -> list[Event]:
    """Everything that happened to a person (by id) and is to come, in order of time; empty for an id nobody has.

    `site`: others of their household are named only where its staff see them; None: everybody is.
    """
    staff = _staff_names(db)
    attempts, carried = attempts_of(db, person, site)
    rows: list[Event] = [
        *_appointments(db, person, staff),
        *_doses(db, person),
        *_reminders(db, person, carried),
        *attempts,
        *replies_of(db, person, site),
        *_consents(db, person, staff),
        *_parked(db, person),
        *_tasks(db, person, staff),
        *_notes(db, person, staff),
    ]
    events = [*rows, *_acts(db, person, staff, rows)]
    return sorted(events, key=lambda event: (event.at, _ORDER[event.kind], event.key))


def to_come(events: Iterable[Event], now: datetime) -> list[Event]:
    """What lies ahead of `now`, the next first."""
    return [event for event in events if event.at > now and not is_called_off(event)]


def called_off(events: Iterable[Event]) -> list[Event]:
    """Reminders that became needless before they went out, by when they would have gone.

    They stand beside the days: when they were called off is not kept, and on the day they were due nothing happened.
    """
    return [event for event in events if is_called_off(event)]


def is_called_off(event: Event) -> bool:
    """Whether this is a reminder that nobody was sent, because it was no longer needed."""
    return isinstance(event, Planned) and event.status in _NEEDLESS


def by_day(events: Iterable[Event], now: datetime) -> list[tuple[date, list[Event]]]:
    """What happened up to `now`, by Bangkok day: the newest day first, each day in the order it went."""
    past = [event for event in events if event.at <= now and not is_called_off(event)]
    days = [(day, list(group)) for day, group in groupby(past, key=lambda event: bangkok_day(event.at))]
    return days[::-1]


def _staff_names(db: Session) -> Mapping[str, str]:
    return {one.id: one.name or one.email for one in db.exec(select(Staff))}


def _appointments(db: Session, person: str, staff: Mapping[str, str]) -> Iterator[Event]:
    mine = db.exec(select(Appointment).where(col(Appointment.person) == person)).all()
    known = {one.id: one for one in mine}
    sites = {one.code: one for one in db.exec(select(Site).where(col(Site.code).in_({one.site for one in mine})))}
    movers = _movers(db, person, staff)
    for one in mine:
        place = _place(one, sites)
        if one.moved_from is None:
            yield Booked(one.created_at, one.id, place, one.regimen, one.dose_no, one.source, one.status)
            continue
        before = known.get(one.moved_from)
        yield Moved(
            at=one.created_at,
            key=one.id,
            before=_place(before, sites) if before else None,
            after=place,
            by_person=one.confirmed_by_reply is not None,
            staff=movers.get((one.moved_from, one.created_at), ""),
            status=one.status,
        )


def _movers(db: Session, person: str, staff: Mapping[str, str]) -> dict[tuple[str, datetime], str]:
    """Who at the console did something to an appointment, by that appointment and instant."""
    acts = db.exec(select(Audit).where(col(Audit.person) == person, col(Audit.kind) == "appointment"))
    return {(act.subject, act.at): staff.get(act.staff or "", "") for act in acts}


def _place(one: Appointment, sites: Mapping[str, Site]) -> Place:
    site = sites.get(one.site)
    return Place(one.starts_at, one.site, site.name if site else one.site, site.name_en if site else "")


def _doses(db: Session, person: str) -> Iterator[Event]:
    for one in db.exec(select(agreements.Dose).where(col(agreements.Dose.person) == person)):
        at = at_bangkok(max(one.given_on, _EARLIEST), time())  # a mistyped year is shown, and must not end the page
        yield Dose(at, f"dose{one.id}", one.given_on, one.regimen, one.number, one.product)


def _reminders(db: Session, person: str, carried: set[str]) -> Iterator[Event]:
    """Reminders that no attempt tells of, and those still to come; and the visits that some became."""
    mine = db.exec(select(Reminder).where(col(Reminder.person) == person)).all()
    visits = {one.reminder: one for one in db.exec(select(Visit).where(col(Visit.reminder).in_([r.id for r in mine])))}
    for one in mine:
        visit = visits.get(one.id)
        if visit is not None:
            yield Visited(visit.created_at, one.id, visit.status, visit.result or "")
        elif one.id not in carried or one.status is ReminderStatus.PLANNED:
            yield Planned(
                at=_when(one),
                key=one.id,
                channel=one.channel,
                purpose=one.purpose,
                step=one.step,
                status=one.status,
                reason=one.reason or "",
                tries=one.tries,
            )


def _when(reminder: Reminder) -> datetime:
    """When it is to go out, was given up, or would have gone."""
    if reminder.status is ReminderStatus.PLANNED:
        return reminder.next_try_at
    return reminder.expires_at if reminder.status is ReminderStatus.EXPIRED else reminder.due_at


def _consents(db: Session, person: str, staff: Mapping[str, str]) -> Iterator[Event]:
    query = select(ConsentEvent, Phone).join(Phone, col(Phone.id) == col(ConsentEvent.phone))
    for one, phone in db.exec(query.where(col(ConsentEvent.person) == person)):
        name = staff.get(one.staff or "", "")
        yield ConsentChanged(one.at, f"consent{one.id}", one.kind, one.channel, phone.e164, one.source, name)


def _parked(db: Session, person: str) -> Iterator[Event]:
    query = select(Phone).join(PersonPhone, col(PersonPhone.phone) == col(Phone.id))
    for one in db.exec(query.where(col(PersonPhone.person) == person)):
        if one.parked_at is not None:
            yield Parked(one.parked_at, f"parked{one.id}", one.e164, one.parked_reason or "")


def _tasks(db: Session, person: str, staff: Mapping[str, str]) -> Iterator[Event]:
    for one in db.exec(select(Task).where(col(Task.person) == person)):
        is_open = one.status is TaskStatus.OPEN
        yield TaskOpened(one.created_at, one.id, one.kind, one.detail, staff.get(one.assignee or "", ""), is_open)
        if one.done_at is not None and not is_open:
            yield TaskDone(one.done_at, f"{one.id}.done", one.kind, one.result, staff.get(one.done_by or "", ""))


def _acts(db: Session, person: str, staff: Mapping[str, str], rows: Sequence[Event]) -> Iterator[Event]:
    acts = db.exec(select(Audit).where(col(Audit.person) == person)).all()
    for one in _untold(acts, rows):
        name = staff.get(one.staff or "", "")
        yield StaffActed(one.at, one.id, one.verb, one.kind, name, one.before, one.after, one.undone_at is not None)


def _untold(acts: Sequence[Audit], rows: Sequence[Event]) -> Iterator[Audit]:
    """What the rows do not tell by themselves; what was taken back is told, and struck out.

    Looking is no part of the story: it would grow each time it is read.
    """
    told = {(verb, row.at) for row in rows for verb in _TELLS.get(row.kind, ())}
    known = {act.id for act in acts}
    for act in acts:
        undoes = act.verb == UNDONE and act.before.get("audit") in known
        if act.verb not in LOOKS and not undoes and (act.undone_at is not None or (act.verb, act.at) not in told):
            yield act


def _notes(db: Session, person: str, staff: Mapping[str, str]) -> Iterator[Event]:
    for one in db.exec(select(Note).where(col(Note.person) == person)):
        yield Noted(one.at, one.id, one.text, staff.get(one.staff or "", ""), one.withdrawn_at is not None)
