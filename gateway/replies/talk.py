"""How far the conversation by text with one phone is: read from what we sent and asked, and kept for the next text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from gateway.care.notices import (
    OPTIONS,
    QUESTIONS,
    WHICH_ANSWER,
    WHICH_PERSON,
    is_outside_ladder,
    plan_question,
    said_of_several,
)
from gateway.care.tasks import open_task
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.conversations import Reply, TextQuestion
from gateway.records.status import AttemptStatus, Channel, ReminderStatus, TaskKind, may_move
from gateway.records.work import Task
from gateway.replies.asking import AskBack, Place, Talk
from gateway.replies.inbox import LATELY, Candidate

FORGOTTEN_AFTER: Final = timedelta(days=3)  # an answer to an older question would be a guess
MOST_IN_A_DAY: Final = 4  # questions to one phone; two machines must not write to each other for ever
_TOGETHER: Final = timedelta(days=1)
_PATIENCE: Final = timedelta(hours=1)  # at least, before staff read what was asked back
_BEFORE_THE_DAY: Final = timedelta(days=1)
_NEVER_LEFT: Final = (AttemptStatus.QUEUED, AttemptStatus.FAILED, AttemptStatus.CANCELLED)

People = tuple[tuple[str, ...], ...]
"""Appointments, by the number before a name."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the next text from a phone belongs to; `question` is ours that still waits for an answer."""

    people: People
    talk: Talk
    question: TextQuestion | None = None


def conversation_on(db: Session, phone: int, candidates: Sequence[Candidate], *, now: datetime) -> Conversation:
    """What was said last on this phone: a list, a question of ours, or one person's text, which gives no list.

    `candidates` are those who may be meant where there is no list, soonest first (`who_may_this_be`).
    """
    last = _last_ladder_text(db, phone, now)
    question = _last_question(db, phone, None if last is None else last.created_at, now)
    if question is not None:
        people = tuple(tuple(one) for one in question.people)
        if question.closed_at is not None:
            return Conversation(people, Talk(len(people), Place.LIST))
        place = Place.WHAT if question.chosen else Place.WHO
        return Conversation(people, Talk(len(people), place, tuple(question.chosen), question.answer), question)
    listed = _people_in(db, last) if last is not None and not _came_with_another(db, last) else ()
    if len(listed) > 1:
        return Conversation(listed, Talk(len(listed), Place.LIST), open_question(db, phone))
    people = people_of(candidates)
    return Conversation(people, Talk(len(people), Place.KEYS), open_question(db, phone))


def people_of(candidates: Sequence[Candidate]) -> People:
    """The candidates person by person, each with the appointments of the first visit they may mean."""
    found: dict[str, list[Appointment]] = {}
    for one in candidates:
        mine = found.setdefault(one.person.id, [])
        if not mine or _is_one_visit(mine[0], one.appointment):
            mine.append(one.appointment)
    return tuple(tuple(one.id for one in mine) for mine in found.values())


def whose_alone(db: Session, phone: int, candidates: Sequence[Candidate], *, now: datetime) -> list[Candidate]:
    """The candidates of the one person who alone is meant on this phone, for the day of their last text; or none.

    That is who alone uses it, or who alone was texted on it lately: an answer by text is an answer to a text. One
    answer is for all that one visit does.
    """
    texted = [one for one in candidates if one.attempt is not None and one.attempt.channel is Channel.SMS]
    if len({one.person.id for one in candidates}) == 1:
        mine = list(candidates)
    elif len({one.person.id for one in texted}) == 1:
        mine = texted
    else:
        return []
    last = _last_ladder_text(db, phone, now)
    asked = {one for person in _people_in(db, last) for one in person} if last is not None else set()
    about = next((one for one in mine if one.appointment.id in asked), mine[0]).appointment
    return [one for one in mine if _is_one_visit(one.appointment, about)]


def _is_one_visit(one: Appointment, other: Appointment) -> bool:
    return one.site == other.site and bangkok_day(one.starts_at) == bangkok_day(other.starts_at)


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


def ask_back(db: Session, reply: Reply, people: People, ask: AskBack, *, now: datetime) -> TextQuestion | None:
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
        if _purpose(db, question) != OPTIONS and (is_over or _is_pressing(db, question, now)):  # those staff have
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
    return reminder.status in never and not _went_out(db, question)


def _last_ladder_text(db: Session, phone: int, now: datetime) -> Attempt | None:
    """The last text of a ladder to this phone; what follows an answer gives no list and asks nothing."""
    sent = (
        select(Attempt, Reminder.step)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(col(Attempt.phone) == phone, col(Attempt.channel) == Channel.SMS)
        .where(col(Attempt.direction) == Direction.OUT, col(Attempt.status).not_in(_NEVER_LEFT))
        .where(col(Attempt.created_at) >= now - LATELY)
        .order_by(col(Attempt.created_at).desc(), col(Attempt.id))
    )
    return next((attempt for attempt, step in db.exec(sent) if not is_outside_ladder(step)), None)


def _came_with_another(db: Session, last: Attempt) -> bool:
    """Whether a text about others went to the phone within a day before: a "1" may answer either of the two."""
    before = (
        select(Attempt, Reminder.step)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(col(Attempt.phone) == last.phone, col(Attempt.channel) == Channel.SMS, col(Attempt.id) != last.id)
        .where(col(Attempt.direction) == Direction.OUT, col(Attempt.status).not_in(_NEVER_LEFT))
        .where(col(Attempt.created_at) <= last.created_at, col(Attempt.created_at) > last.created_at - _TOGETHER)
    )
    listed = _people_in(db, last)
    return any(_people_in(db, one) != listed for one, step in db.exec(before).all() if not is_outside_ladder(step))


def _people_in(db: Session, attempt: Attempt) -> People:
    """The appointments of a text, in the order in which it lists the people."""
    mine = select(AttemptItem).where(col(AttemptItem.attempt) == attempt.id).order_by(col(AttemptItem.position))
    listed: dict[str, list[str]] = {}
    for item in db.exec(mine):
        if item.appointment is not None:
            listed.setdefault(item.person, []).append(item.appointment)
    return tuple(tuple(one) for one in listed.values())


def _last_question(db: Session, phone: int, after: datetime | None, now: datetime) -> TextQuestion | None:
    """The newest of our questions about several people that went out, unless a text of a ladder came after it."""
    mine = (
        select(TextQuestion)
        .where(col(TextQuestion.phone) == phone, col(TextQuestion.asked_at) > now - FORGOTTEN_AFTER)
        .order_by(col(TextQuestion.asked_at).desc(), col(TextQuestion.id))
    )
    for question in db.exec(mine):
        if after is not None and question.asked_at < after:
            return None
        if _purpose(db, question) in (WHICH_PERSON, WHICH_ANSWER) and _went_out(db, question):
            return question
    return None


def _purpose(db: Session, question: TextQuestion) -> str:
    reminder = db.get(Reminder, question.reminder) if question.reminder else None
    return reminder.purpose if reminder is not None and reminder.purpose in QUESTIONS else ""


def _went_out(db: Session, question: TextQuestion) -> bool:
    """Whether the question can have been read: what waits for the morning was not."""
    sent = (
        select(Attempt.id)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .where(col(AttemptItem.reminder) == question.reminder, col(Attempt.status).not_in(_NEVER_LEFT))
    )
    return question.reminder is not None and db.exec(sent).first() is not None
