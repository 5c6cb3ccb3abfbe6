"""How far the conversation by text with one phone is: read from what we sent and asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from gateway.care.notices import WHICH_ANSWER, WHICH_PERSON, is_outside_ladder
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.conversations import TextQuestion
from gateway.records.status import Channel
from gateway.replies.asking import Place, Talk
from gateway.replies.inbox import LATELY, Candidate
from gateway.replies.questions import FORGOTTEN_AFTER, NEVER_LEFT, open_question, purpose_of, went_out

_TOGETHER: Final = timedelta(days=1)

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


def _last_ladder_text(db: Session, phone: int, now: datetime) -> Attempt | None:
    """The last text of a ladder to this phone; what follows an answer gives no list and asks nothing."""
    sent = (
        select(Attempt, Reminder.step)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(col(Attempt.phone) == phone, col(Attempt.channel) == Channel.SMS)
        .where(col(Attempt.direction) == Direction.OUT, col(Attempt.status).not_in(NEVER_LEFT))
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
        .where(col(Attempt.direction) == Direction.OUT, col(Attempt.status).not_in(NEVER_LEFT))
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
        if purpose_of(db, question) in (WHICH_PERSON, WHICH_ANSWER) and went_out(db, question):
            return question
    return None
