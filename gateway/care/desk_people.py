"""What staff do about a person: died, contact stopped and begun again, a note, another language, whether they read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, select

from gateway.care import rides
from gateway.care.booking import give_back_seat
from gateway.care.consent import may_contact, record_start, record_stop
from gateway.care.desk_days import check_past_day
from gateway.care.desk_work import Deed, NotPossible, begin, set_status
from gateway.care.ladder_stop import stop_person
from gateway.care.tasks import Result, close_task
from gateway.languages.table import LanguageTable, load_languages
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import Consent, PersonPhone, Phone, PhoneRole
from gateway.records.staffing import Audit, Note
from gateway.records.status import (
    LIVE_APPOINTMENTS,
    OPEN_REMINDERS,
    AppointmentStatus,
    Channel,
    ReminderStatus,
    TaskKind,
    TaskStatus,
)
from gateway.records.work import Task

LONGEST_NOTE: Final = 2000
_TELEPHONE: Final = (Channel.SMS, Channel.VOICE)
_MEANS_CONTACT: Final = (TaskKind.CALLBACK, TaskKind.RIDE, TaskKind.UNREACHED, TaskKind.NO_SEAT, TaskKind.NO_PROMPT)


def died(db: Session, person_id: str, *, day: date, staff: str, now: datetime) -> Audit:
    """They died on a Bangkok day: nobody of the house is contacted about them again, their seats are free.

    Their appointments ahead are cancelled without a text, and work that would mean a call to the family is closed.
    """
    deed = begin(db, person_id, staff=staff, now=now)
    check_past_day(day, deed.person, now=now)
    deed.person.died_on = day
    db.add(deed.person)
    stop_person(db, person_id, reason="staff: died", now=now)
    for appointment in _live(db, person_id):
        set_status(deed, appointment, AppointmentStatus.CANCELLED)
        give_back_seat(db, appointment.id)
        deed.stop_ladder(appointment.id, "died")
        rides.end(db, appointment.id, now=now)
    for task in _tasks_of_contact(db, person_id):
        close_task(db, task, now=now)
    return deed.keep("died")


def stopped(
    db: Session,
    person_id: str,
    *,
    phone: int | None = None,
    channel: Channel | None = None,
    staff: str,
    now: datetime,
) -> Audit:
    """They do not want to be contacted on a phone (None: on all) by a channel (None: by every one).

    Once no phone and channel is left, what is planned for them is stopped as well.
    """
    deed = begin(db, person_id, staff=staff, now=now)
    for link, channels in _links_to_change(deed, phone, channel, Consent.ALLOW):
        for one in channels:
            event = record_stop(db, person_id, link.phone, channel=one, source="staff", now=now)
            event.staff = staff
    if not can_be_reached(db, deed):
        stop_person(db, person_id, reason="staff: stopped", now=now)
    return deed.keep("stopped", phone=phone, channel=channel.value if channel else None)


def resumed(
    db: Session,
    person_id: str,
    *,
    phone: int | None = None,
    channel: Channel | None = None,
    staff: str,
    now: datetime,
) -> Audit:
    """They agree again to be contacted. Ladders that were stopped stay so; those of later appointments begin."""
    deed = begin(db, person_id, staff=staff, now=now)
    for link, channels in _links_to_change(deed, phone, channel, Consent.STOP):
        for one in channels:
            event = record_start(db, person_id, link.phone, channel=one, source="staff", now=now)
            event.staff = staff
    db.flush()
    return deed.keep("resumed", phone=phone, channel=channel.value if channel else None)


def noted(db: Session, person_id: str, text: str, *, staff: str, now: datetime) -> Audit:
    """Keep what staff wrote about a person, at most 2,000 letters."""
    deed = begin(db, person_id, staff=staff, now=now, even_dead=True)
    words = text.replace("\r\n", "\n").strip()
    if not words:
        raise NotPossible("note_empty")
    if len(words) > LONGEST_NOTE:
        raise NotPossible("note_long", n=len(words), most=LONGEST_NOTE)
    db.add(Note(person=person_id, staff=staff, text=words, at=now))
    return deed.keep("noted")


def language_corrected(
    db: Session,
    person_id: str,
    language: str,
    *,
    reads: bool | None = None,
    languages: LanguageTable | None = None,
    staff: str,
    now: datetime,
) -> Audit:
    """They speak another language; `reads`: whether they read its script, None when that is not known.

    Reminders follow by themselves: their words are made when they go out. Staff need not tell any more what will be
    said in that language; a task whose ladder is over stays theirs.
    """
    deed = begin(db, person_id, staff=staff, now=now)
    if language not in (languages or load_languages()).codes:
        raise NotPossible("language_unknown")
    if (language, reads) == (deed.person.language, deed.person.reads_script):
        raise NotPossible("language_same")
    deed.person.language, deed.person.reads_script = language, reads
    db.add(deed.person)
    for task in _settled_by_language(db, person_id):
        task.result, task.done_by = Result.LANGUAGE_CORRECTED.value, staff
        close_task(db, task, now=now)
    return deed.keep("language_corrected")


def reading_noted(db: Session, person_id: str, reads: bool | None, *, staff: str, now: datetime) -> Audit:
    """Whether they read their language's script, None for not known: who does not is called rather than texted."""
    deed = begin(db, person_id, staff=staff, now=now)
    if reads is deed.person.reads_script:
        raise NotPossible("reading_same")
    deed.person.reads_script = reads
    db.add(deed.person)
    return deed.keep("reading_noted")


def can_be_reached(db: Session, deed: Deed) -> bool:
    """Whether any phone and channel is left for the person."""
    db.flush()
    return any(
        may_contact(deed.person, link, db.get_one(Phone, link.phone), channel)
        for link in _own_links(db, deed.person.id)
        for channel in _TELEPHONE
    )


def _links_to_change(
    deed: Deed, phone: int | None, channel: Channel | None, present: Consent
) -> list[tuple[PersonPhone, list[Channel]]]:
    """The phones meant, each with the channels that now stand at `present`; NotPossible when there are none."""
    if channel is Channel.VISIT:
        raise NotPossible("channel_unknown")
    links = [one for one in _own_links(deed.db, deed.person.id) if phone in (None, one.phone)]
    if not links:
        raise NotPossible("no_phone" if phone is None else "phone_not_theirs")
    wanted = _TELEPHONE if channel is None else (channel,)
    found = [(link, [one for one in wanted if _consent(link, one) is present]) for link in links]
    if not any(channels for _, channels in found):
        raise NotPossible("already_stopped" if present is Consent.ALLOW else "already_allowed")
    return found


def _consent(link: PersonPhone, channel: Channel) -> Consent:
    return link.sms if channel is Channel.SMS else link.voice


def _own_links(db: Session, person: str) -> list[PersonPhone]:
    mine = select(PersonPhone).where(col(PersonPhone.person) == person, col(PersonPhone.role) != PhoneRole.VHV)
    return list(db.exec(mine.order_by(col(PersonPhone.rank), col(PersonPhone.phone))))


def _live(db: Session, person: str) -> list[Appointment]:
    mine = col(Appointment.person) == person
    return list(db.exec(select(Appointment).where(mine, col(Appointment.status).in_(LIVE_APPOINTMENTS))))


def _tasks_of_contact(db: Session, person: str) -> list[Task]:
    mine = (col(Task.person) == person, col(Task.status) == TaskStatus.OPEN, col(Task.kind).in_(_MEANS_CONTACT))
    return list(db.exec(select(Task).where(*mine)))


def _settled_by_language(db: Session, person: str) -> list[Task]:
    """Open tasks of somebody we had no words for, whose appointment's contact goes on or has yet to be planned."""
    mine = (col(Task.person) == person, col(Task.status) == TaskStatus.OPEN, col(Task.kind) == TaskKind.NO_PROMPT)
    return [task for task in db.exec(select(Task).where(*mine)) if _contact_goes_on(db, task.subject)]


def _contact_goes_on(db: Session, appointment: str) -> bool:
    about = list(db.exec(select(Reminder).where(col(Reminder.appointment) == appointment)))
    told = [one.status for one in about if one.channel in _TELEPHONE]
    if told:
        return any(status in OPEN_REMINDERS for status in told)
    return not any(one.status in (ReminderStatus.ANSWERED, ReminderStatus.SUPPRESSED) for one in about)
