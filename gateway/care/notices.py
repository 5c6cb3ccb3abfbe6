"""Texts that tell of something that happened: "your appointment is now on …". They stand outside the ladder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import chain
from typing import Final

from sqlmodel import Session, col, select

from gateway.care.tasks import open_task
from gateway.kit.answers import Answer
from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.kit.phones import LineType
from gateway.records.agreements import Appointment, Dose
from gateway.records.contacts import Reminder
from gateway.records.conversations import TextQuestion
from gateway.records.people import Consent, PersonPhone, Phone, PhoneRole
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus, Channel, ReminderStatus, TaskKind

ANSWER_STEP = "answer"
MOVED = "moved"  # the purpose of a text that says the new day
CANCELLED = "cancelled"  # and of one that tells people not to come
MISSED = "missed"  # and of one to those who did not come: how to get another day
CALLBACK_NUMBER = "callback_number"  # and of one that says who rang in vain, and the number to call back
WRONG_PERSON = "wrong_person"  # and of an apology to whoever has the number that was taken for a patient's
WHICH_PERSON = "which_person"  # and of a question: whom of this phone did they mean?
WHICH_ANSWER = "which_answer"  # and of the other: what do they want?
OPTIONS = "options"  # and of one that was not understood: this can be answered
RIDE = "ride"  # and of one, or a call, that says who fetches them, and when
QUESTIONS: Final = frozenset({WHICH_PERSON, WHICH_ANSWER, OPTIONS})
"""Purposes of texts that ask back about a text."""

AFTERWARDS: Final = frozenset({MISSED, WRONG_PERSON, *QUESTIONS})
"""Purposes of texts that remind nobody: they count for no appointment as contact."""

_NEWS: Final = frozenset({MOVED, CANCELLED, RIDE, *AFTERWARDS})
# Who sets out for an hour that is no more has to hear of it, however late. Every other text spares people on the way.
_WENT: Final = (ReminderStatus.CLAIMED, ReminderStatus.SENT, ReminderStatus.ANSWERED, ReminderStatus.UNANSWERED)

# What staff must tell where we could not, while the appointment is one of these.
_UNTOLD: Final = {
    MOVED: ((AppointmentStatus.BOOKED,), "tell them: the day was changed, and the text did not reach them"),
    RIDE: (LIVE_APPOINTMENTS, "tell them: a ride is arranged, and the news did not reach them"),
}

_MORNING: Final = time(9)
_RECALL_LASTS: Final = timedelta(days=7)  # over a run of holidays; a week late they are called, not texted
_APOLOGY_LASTS: Final = timedelta(days=2)
_QUESTION_LASTS: Final = timedelta(hours=18)  # what is texted in the evening is asked back in the morning


def is_outside_ladder(step: str) -> bool:
    """Whether a reminder of this step follows an answer (ADR 9): its failing starts no calls.

    Several may follow for one appointment: each question has a step of its own, "answer:" and 8 digits.
    """
    return step.partition(":")[0] == ANSWER_STEP


def is_still_true(purpose: str, status: AppointmentStatus) -> bool:
    """Whether a reminder may still go out: one that says "cancelled" or "missed" only then, an apology whatever became
    of the appointment, every other while the day stands."""
    if purpose == WRONG_PERSON:
        return True
    only = {CANCELLED: AppointmentStatus.CANCELLED, MISSED: AppointmentStatus.MISSED}.get(purpose)
    return status is only if only else status in LIVE_APPOINTMENTS


def is_overtaken(db: Session, purpose: str, appointment: Appointment) -> bool:
    """Whether who missed this appointment has another day for it by now, or had the dose: they need no recall."""
    if purpose != MISSED:
        return False
    mine = (col(Appointment.person) == appointment.person, col(Appointment.regimen) == appointment.regimen)
    again = select(Appointment.id).where(
        *mine, col(Appointment.status).in_(LIVE_APPOINTMENTS), col(Appointment.starts_at) > appointment.starts_at
    )
    had = select(Dose.id).where(
        col(Dose.person) == appointment.person,
        col(Dose.regimen) == appointment.regimen,
        col(Dose.course) == appointment.course,
        col(Dose.number) >= appointment.dose_no,
    )
    return db.exec(again).first() is not None or db.exec(had).first() is not None


def is_told_already(db: Session, reminder: Reminder, appointment: Appointment) -> bool:
    """Whether they were told of another day they missed at the same clinic: the text names the day, and no vaccine.

    Two appointments of one morning made two texts with the same words to the same person.
    """
    if reminder.purpose != MISSED:
        return False
    begin = at_bangkok(bangkok_day(appointment.starts_at), time(0))
    statement = (
        select(Reminder.id)
        .join(Appointment, col(Appointment.id) == col(Reminder.appointment))
        .where(col(Reminder.person) == reminder.person, col(Reminder.id) != reminder.id)
        .where(col(Reminder.purpose) == MISSED, col(Reminder.status).in_(_WENT))
        .where(col(Appointment.site) == appointment.site)
        .where(col(Appointment.starts_at) >= begin, col(Appointment.starts_at) < begin + timedelta(days=1))
    )
    return db.exec(statement).first() is not None


def is_too_near(reminder: Reminder, appointment: Appointment, quiet: timedelta, *, now: datetime) -> bool:
    """Whether the appointment begins within `quiet`, when nobody is reminded any more; news goes out all the same."""
    return reminder.purpose not in _NEWS and now >= appointment.starts_at - quiet


def plan_notice(
    db: Session, appointment: Appointment, purpose: str, *, now: datetime, quiet: timedelta = timedelta(0)
) -> Reminder | None:
    """Plan a text about what they just agreed, or their clinic changed; None without a phone that takes texts.

    Once for an appointment and purpose; it expires `quiet` before the appointment begins. None when that is over.
    """
    expires_at = appointment.starts_at - quiet
    if now >= expires_at or not _takes_texts(db, appointment.person):
        return None
    return _plan(db, appointment, purpose, due_at=now, expires_at=expires_at)


def plan_recall(db: Session, appointment: Appointment, *, now: datetime) -> Reminder | None:
    """Plan the text to somebody who did not come, for a morning after the day they missed; as `plan_notice` otherwise.

    Recalls of people who missed their day are worth most (facts/evidence.md). Theirs waits for the next open morning:
    the evening of the missed day is too soon, and the dispatcher holds it over a holiday.
    """
    if not _takes_texts(db, appointment.person):
        return None
    after = max(bangkok_day(appointment.starts_at) + timedelta(days=1), bangkok_day(now))
    due_at = at_bangkok(after, _MORNING)
    if due_at < now:
        due_at = at_bangkok(after + timedelta(days=1), _MORNING)
    return _plan(db, appointment, MISSED, due_at=due_at, expires_at=due_at + _RECALL_LASTS)


def plan_apology(db: Session, phone: Phone, people: Sequence[str], *, now: datetime) -> Reminder | None:
    """Plan the one text that may still go to a number parked at `now` because it is no patient's; None when it may not.

    `people` are those it was taken for. The text names nobody and no appointment: theirs only says whose clinic it was.
    A landline takes no text, and who told us to stop is left in peace.
    """
    if phone.parked_reason != WRONG_PERSON or phone.line_type is not LineType.MOBILE or is_left_alone(db, phone):
        return None
    about = _latest_appointment(db, people)
    if about is None:
        return None
    return _plan(db, about, WRONG_PERSON, due_at=now, expires_at=now + _APOLOGY_LASTS)


def plan_question(db: Session, question: TextQuestion, purpose: str, *, now: datetime) -> Reminder | None:
    """Plan the text that asks back; `purpose` is one of `QUESTIONS`. None where this phone may get none.

    It is about an appointment of the first of the question's people who may be texted there, goes to the question's
    phone and to no other, and is of no use half a day later.
    """
    phone = db.get(Phone, question.phone)
    about = _first_who_takes_texts(db, question) if phone is not None and phone.parked_at is None else None
    if about is None or phone is None or phone.line_type is not LineType.MOBILE:
        return None
    step = f"{ANSWER_STEP}:{question.id[-8:]}"  # never the bare step: that one keeps the planner from its first text
    reminder = _write(db, about, purpose, step, due_at=now, expires_at=now + _QUESTION_LASTS)
    question.reminder = reminder.id
    db.add(question)
    db.flush()
    return reminder


def said_of_several(people: Sequence[Sequence[str]], chosen: Sequence[int], answer: Answer | None) -> str:
    """What staff are told of a text from a phone of several: what it says, and of which appointments it may be."""
    meant = [people[number - 1] for number in chosen if 0 < number <= len(people)] or people
    ids = list(chain.from_iterable(meant))
    what = answer or Answer.UNCLEAR
    return f"{what.value} by text, from one phone for {len(ids)} appointments: {' '.join(ids)}"


def is_left_alone(db: Session, phone: Phone) -> bool:
    """Whether nobody on this phone is told sorry: somebody told us to stop, or it is a volunteer's for anybody.

    A volunteer's number was parked for one neighbour, and their own clinic wrote that it would never call it again.
    """
    spared = (col(PersonPhone.role) == PhoneRole.VHV) | (col(PersonPhone.sms) == Consent.STOP)
    return db.exec(select(PersonPhone.phone).where(col(PersonPhone.phone) == phone.id, spared)).first() is not None


def may_apologise(reminder: Reminder, link: PersonPhone, phone: Phone) -> bool:
    """Whether this apology is meant for this phone: the number that was parked the moment it was planned, no other."""
    return (
        reminder.purpose == WRONG_PERSON
        and phone.parked_reason == WRONG_PERSON
        and phone.parked_at == reminder.due_at
        and phone.line_type is LineType.MOBILE
        and link.role is not PhoneRole.VHV
        and link.sms is Consent.ALLOW
    )


def hand_to_staff(db: Session, reminder: Reminder, *, now: datetime) -> None:
    """Have staff tell what a text could not: a day that was changed for somebody, who would come on the old one.

    Who chose the day themselves knows it; who was told not to come has a call-back since the session was closed. A text
    that we could not even ask back about is read by staff. Who is fetched must know when to stand at the road.
    """
    if reminder.purpose in QUESTIONS:
        _leave_to_staff(db, reminder, now=now)
        return
    appointment = db.get(Appointment, reminder.appointment) if reminder.appointment else None
    untold = _UNTOLD.get(reminder.purpose)
    if untold is None or appointment is None or appointment.status not in untold[0]:
        return
    open_task(
        db,
        TaskKind.CALLBACK,
        appointment.id,
        person=appointment.person,
        site=appointment.site,
        detail=untold[1],
        now=now,
    )


def _plan(
    db: Session, appointment: Appointment, purpose: str, *, due_at: datetime, expires_at: datetime
) -> Reminder | None:
    """Write it, once for an appointment and purpose."""
    if _is_planned(db, appointment.id, purpose):
        return None
    return _write(db, appointment, purpose, ANSWER_STEP, due_at=due_at, expires_at=expires_at)


def _write(
    db: Session, appointment: Appointment, purpose: str, step: str, *, due_at: datetime, expires_at: datetime
) -> Reminder:
    reminder = Reminder(
        appointment=appointment.id,
        person=appointment.person,
        purpose=purpose,
        step=step,
        channel=Channel.SMS,
        due_at=due_at,
        next_try_at=due_at,
        expires_at=expires_at,
    )
    db.add(reminder)
    db.flush()
    return reminder


def _first_who_takes_texts(db: Session, question: TextQuestion) -> Appointment | None:
    """The appointment a question hangs on, of the chosen first; nothing is written about who stopped this phone."""
    chosen = [question.people[number - 1] for number in question.chosen if 0 < number <= len(question.people)]
    for appointment_id in chain.from_iterable(chosen or question.people):
        found = db.get(Appointment, appointment_id)
        link = db.get(PersonPhone, (found.person, question.phone)) if found is not None else None
        if link is not None and link.sms is Consent.ALLOW and link.role is not PhoneRole.VHV:
            return found
    return None


def _leave_to_staff(db: Session, reminder: Reminder, *, now: datetime) -> None:
    question = db.exec(select(TextQuestion).where(col(TextQuestion.reminder) == reminder.id)).first()
    if question is None or question.closed_at is not None:
        return
    question.closed_at = now
    appointment = db.get(Appointment, reminder.appointment) if reminder.appointment else None
    open_task(
        db,
        TaskKind.QUESTION,
        question.reply,
        person=reminder.person,
        site=appointment.site if appointment is not None else None,
        detail=said_of_several(question.people, question.chosen, question.answer),
        now=now,
    )


def _latest_appointment(db: Session, people: Sequence[str]) -> Appointment | None:
    newest = (col(Appointment.starts_at).desc(), col(Appointment.id))
    return db.exec(select(Appointment).where(col(Appointment.person).in_(people)).order_by(*newest)).first()


def _takes_texts(db: Session, person: str) -> bool:
    statement = (
        select(Phone.line_type)
        .join(PersonPhone, col(PersonPhone.phone) == col(Phone.id))
        .where(col(PersonPhone.person) == person, col(PersonPhone.sms) == Consent.ALLOW)
        .where(col(Phone.parked_at).is_(None))
    )
    return any(line == LineType.MOBILE for line in db.exec(statement).all())


def _is_planned(db: Session, appointment: str, purpose: str) -> bool:
    statement = select(Reminder.id).where(
        col(Reminder.appointment) == appointment, col(Reminder.purpose) == purpose, col(Reminder.step) == ANSWER_STEP
    )
    return db.exec(statement).first() is not None
