"""Our questions about texts: when one may be asked, what becomes of it, and when staff have it instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from gateway.care.notices import OPTIONS, QUESTIONS, plan_question, said_of_several
from gateway.care.tasks import open_task
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import Reply, TextQuestion
from gateway.records.status import AttemptStatus, ReminderStatus, TaskKind, may_move
from gateway.records.work import Task
from gateway.replies.asking import AskBack

FORGOTTEN_AFTER: Final = timedelta(days=3)  # an answer to an older question would be a guess
MOST_IN_A_DAY: Final = 4  # questions to one phone; two machines must not write to each other for ever
NEVER_LEFT: Final = (AttemptStatus.QUEUED, AttemptStatus.FAILED, AttemptStatus.CANCELLED)
_PATIENCE: Final = timedelta(hours=1)  # at least, before staff read what was asked back
_BEFORE_THE_DAY: Final = timedelta(days=1)


def open_question(db: Session, phone: int) -> TextQuestion | None:
    """Our question to this phone that nobody has answered yet; there is at most one."""
    mine = (col(TextQuestion.phone) == phone, col(TextQuestion.closed_at).is_(None))
    return db.exec(select(TextQuestion).where(*mine)).first()


def may_ask(db: Session, phone: int, ask: AskBack, *, now: datetime) -> bool:
    """Whether a question may go to this phone now.

    What was not understood at all is asked back once in three days; the rest is bounded by the day.
    """
    asked = select(func.count()).select_from(TextQuestion).where(col(TextQuestion.phone) == phone)
    if not ask.chosen and ask.answer is None:
        return db.exec(asked.where(col(TextQuestion.asked_at) > now - FORGOTTEN_AFTER)).one() == 0
    return db.exec(asked.where(col(TextQuestion.asked_at) > now - timedelta(days=1))).one() < MOST_IN_A_DAY


def ask_back(
    db: Session, reply: Reply, people: Sequence[Sequence[str]], ask: AskBack, *, now: datetime
) -> TextQuestion | None:
    """Write down what we ask about this reply and plan the text; None, and nothing is written, where none may go."""
    question = TextQuestion(
        phone=reply.phone,
        reply=reply.id,
        people=[list(one) for one in people],
        chosen=list(ask.chosen),
        answer=ask.answer,
        asked_at=now,
    )
    with db.begin_nested() as point:
        db.add(question)
        db.flush()
        if plan_question(db, question, ask.purpose, now=now) is None:
            point.rollback()
            return None
    return question


def settle(db: Session, question: TextQuestion, *, now: datetime) -> None:
    """Our question was answered, or is not wanted any more: it waits no longer, and does not go out."""
    question.closed_at = now
    reminder = db.get(Reminder, question.reminder) if question.reminder else None
    if reminder is not None:
        is_out = reminder.status is ReminderStatus.SENT
        wanted = ReminderStatus.ANSWERED if is_out else ReminderStatus.SUPPRESSED
        if may_move(reminder.status, wanted):
            reminder.status, reminder.reason = wanted, None if is_out else "answered"
    db.flush()


def leave_to_staff(db: Session, question: TextQuestion, *, now: datetime) -> None:
    """Nobody answered our question, or it went nowhere: staff read the text that made us ask."""
    settle(db, question, now=now)
    _open_task(db, question, now)


def leave_old_to_staff(db: Session, *, now: datetime) -> int:
    """Hand over the questions nobody answered in time, and those that never went out; returns how many.

    In time is within three days, and until the day before the first of the appointments. An answer that comes while
    staff have it still counts, until the question is forgotten.
    """
    handed = 0
    for question in db.exec(select(TextQuestion).where(col(TextQuestion.closed_at).is_(None))).all():
        is_over = question.asked_at <= now - FORGOTTEN_AFTER or _went_nowhere(db, question)
        if is_over:
            settle(db, question, now=now)
        if purpose_of(db, question) != OPTIONS and (is_over or _is_pressing(db, question, now)):  # those staff have
            handed += _open_task(db, question, now)
    return handed


def _open_task(db: Session, question: TextQuestion, now: datetime) -> bool:
    """Once for a question; what staff finished does not come back."""
    known = select(Task.id).where(col(Task.kind) == TaskKind.QUESTION, col(Task.subject) == question.reply)
    if db.exec(known).first() is not None:
        return False
    first = _appointments_of(db, question)[:1]
    open_task(
        db,
        TaskKind.QUESTION,
        question.reply,
        person=first[0].person if first else None,
        site=first[0].site if first else None,
        detail=said_of_several(question.people, question.chosen, question.answer),
        now=now,
    )
    return True


def _is_pressing(db: Session, question: TextQuestion, now: datetime) -> bool:
    soonest = min((one.starts_at for one in _appointments_of(db, question)), default=now)
    return now >= max(question.asked_at + _PATIENCE, soonest - _BEFORE_THE_DAY)


def _appointments_of(db: Session, question: TextQuestion) -> list[Appointment]:
    found = (db.get(Appointment, one) for person in question.people for one in person)
    return [one for one in found if one is not None]


def _went_nowhere(db: Session, question: TextQuestion) -> bool:
    reminder = db.get(Reminder, question.reminder) if question.reminder else None
    if reminder is None:
        return True
    never = (ReminderStatus.EXPIRED, ReminderStatus.FAILED, ReminderStatus.CANCELLED, ReminderStatus.SUPPRESSED)
    return reminder.status in never and not went_out(db, question)


def purpose_of(db: Session, question: TextQuestion) -> str:
    """Which of `QUESTIONS` it is; "" for one whose text is gone."""
    reminder = db.get(Reminder, question.reminder) if question.reminder else None
    return reminder.purpose if reminder is not None and reminder.purpose in QUESTIONS else ""


def went_out(db: Session, question: TextQuestion) -> bool:
    """Whether the question can have been read: what waits for the morning was not."""
    sent = (
        select(Attempt.id)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .where(col(AttemptItem.reminder) == question.reminder, col(Attempt.status).not_in(NEVER_LEFT))
    )
    return question.reminder is not None and db.exec(sent).first() is not None
