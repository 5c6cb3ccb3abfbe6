"""The attempts to reach a person, with the carrier's every word and the calls turn by turn; and what they sent us.

Everything is found by an index: by the person's reminders, their telephones and their replies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from gateway.records import conversations
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Receipt, Reminder
from gateway.records.conversations import Outcome, Reply, TextQuestion, Turn
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.status import Channel
from gateway.reports.people_search import is_seen_from
from gateway.reports.story_events import (
    Answerer,
    Attempted,
    Call,
    Carried,
    Event,
    HeardTurn,
    Phrase,
    Replied,
    Text,
    TurnAnswer,
    Word,
)


def attempts_of(db: Session, person: str, site: str | None = None) -> tuple[list[Event], set[str]]:
    """Return the person's texts and calls, and the ids of the reminders that these carried.

    `site`: only people whom its staff see are named beside them; None: everybody.

    A text that came in is left to `replies_of`; a call that came in is told here, answered or not.
    """
    reading = _read(db, person, site)
    events: list[Event] = [_told(reading, attempt) for attempt in reading.attempts]
    return events, {reminder.id for carried in reading.reminders.values() for reminder in carried}


def replies_of(db: Session, person: str, site: str | None = None) -> Iterator[Event]:
    """What came back outside a call, and texts of which it is not known who of the phone's people wrote them."""
    replies = _replies(db, person)
    names = names_of(db, {reply.by_person for reply in replies if reply.by_person}, site)
    effects = _effects(db, [reply.id for reply in replies])
    numbers = _numbers(db, {reply.phone for reply in replies})
    languages = _languages(db, [reply.attempt for reply in replies if reply.attempt])
    for reply in replies:
        if reply.call is None:
            yield Replied(
                at=reply.at,
                key=reply.id,
                channel=reply.channel,
                raw=reply.raw,
                answer=reply.answer,
                effects=effects[reply.id],
                number=numbers.get(reply.phone, ""),
                language=languages.get(reply.attempt or "", ""),
                is_theirs=reply.person == person,
                by=_answerer(reply, names),
            )


@dataclass(slots=True)
class _Reading:
    """A person's attempts and the rows about them, by attempt."""

    attempts: Sequence[Attempt]
    numbers: Mapping[int, str]
    items: Mapping[str, list[AttemptItem]]
    reminders: Mapping[str, list[Reminder]]
    receipts: Mapping[str, list[Receipt]]
    turns: Mapping[str, tuple[HeardTurn, ...]]
    person: str
    names: Mapping[str, str]  # of the others, by id
    last: Mapping[str, str] = field(default_factory=dict)  # reminder -> its last attempt


def _read(db: Session, person: str, site: str | None) -> _Reading:
    found = _attempts(db, person)
    ids = [attempt.id for attempt in found]
    items, reminders = _items(db, ids), _reminders(db, ids, person)
    receipts: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in db.exec(select(Receipt).where(col(Receipt.attempt).in_(ids)).order_by(col(Receipt.at))):
        receipts[receipt.attempt or ""].append(receipt)
    alone = _phones_alone(db, person)
    attempts = [attempt for attempt in found if _is_told(attempt, items[attempt.id], person, alone)]
    last = {reminder.id: attempt.id for attempt in attempts for reminder in reminders[attempt.id]}
    numbers = _numbers(db, {attempt.phone for attempt in attempts})
    others = {item.person for carried in items.values() for item in carried if item.person != person}
    names, turns = names_of(db, others, site), _calls(db, ids, person, site)
    return _Reading(attempts, numbers, items, reminders, receipts, turns, person, names, last)


def _attempts(db: Session, person: str) -> list[Attempt]:
    """What went out for their reminders, and whatever came from their telephones, the first first."""
    sent = (
        select(AttemptItem.attempt)
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(col(Reminder.person) == person)
    )
    own = select(PersonPhone.phone).where(col(PersonPhone.person) == person, col(PersonPhone.role) != PhoneRole.VHV)
    answered = select(Reply.attempt).where(col(Reply.person) == person)
    came = select(Attempt.id).where(col(Attempt.phone).in_(own), col(Attempt.direction) == Direction.IN)
    asked = select(AttemptItem.attempt).where(col(AttemptItem.reminder).in_(_asked_back(db, person)))
    wanted = sent.union(came, answered.where(col(Reply.attempt).is_not(None)), asked)
    query = select(Attempt).where(col(Attempt.id).in_(wanted))
    return list(db.exec(query.order_by(col(Attempt.created_at), col(Attempt.id))))


def _asked_back(db: Session, person: str) -> list[str]:
    """The questions we texted back to a phone of several, of which they are one: whom, or what, was meant."""
    own = select(PersonPhone.phone).where(col(PersonPhone.person) == person, col(PersonPhone.role) != PhoneRole.VHV)
    mine = set(db.exec(select(Appointment.id).where(col(Appointment.person) == person)))
    questions = db.exec(select(TextQuestion).where(col(TextQuestion.phone).in_(own))).all()
    return [one.reminder for one in questions if one.reminder and mine & _all_of(one)]


def _all_of(question: TextQuestion) -> set[str]:
    return {appointment for choice in question.people for appointment in choice}


def _is_told(attempt: Attempt, items: Sequence[AttemptItem], person: str, alone: Collection[int]) -> bool:
    """An inbound text is told as the reply it is; a call from a shared phone belongs to whom it was about.

    One that was about nobody's day is theirs only where nobody else uses the phone (`alone`).
    """
    if attempt.direction is Direction.OUT:
        return True
    is_theirs = any(item.person == person for item in items) if items else attempt.phone in alone
    return attempt.channel is Channel.VOICE and is_theirs


def _phones_alone(db: Session, person: str) -> set[int]:
    """The phones that only they use, of those alive; a parked one is somebody else's by what was said of it."""
    mine = select(PersonPhone.phone).where(col(PersonPhone.person) == person, col(PersonPhone.role) != PhoneRole.VHV)
    shared = (
        select(PersonPhone.phone)
        .join(Person, col(Person.id) == col(PersonPhone.person))
        .where(col(PersonPhone.person) != person, col(PersonPhone.role) != PhoneRole.VHV)
        .where(col(Person.died_on).is_(None), col(Person.merged_into).is_(None))
    )
    usable = select(Phone.id).where(col(Phone.id).in_(mine), col(Phone.parked_at).is_(None))
    return {phone for phone in db.exec(usable.where(col(Phone.id).not_in(shared))) if phone is not None}


def _told(reading: _Reading, attempt: Attempt) -> Attempted:
    about: dict[str, Any] = {
        "at": attempt.created_at,
        "key": attempt.id,
        "direction": attempt.direction,
        "channel": attempt.channel,
        "status": attempt.status,
        "reason": attempt.reason or "",
        "number": reading.numbers.get(attempt.phone, ""),
        "language": attempt.language,
        "parts": attempt.segments,
        "cost": attempt.cost,
        "currency": attempt.currency or "",
        "people": len({item.person for item in reading.items[attempt.id]}),
        "is_in_doubt": attempt.in_doubt_at is not None,
        "reminders": tuple(_carried(reading, attempt, one) for one in reading.reminders[attempt.id]),
        "words": tuple(Word(one.at, one.status) for one in reading.receipts[attempt.id]),
        "others": tuple(_others(reading, attempt)),
    }
    if attempt.channel is Channel.SMS:
        return Text(**about, body=attempt.body)
    return Call(**about, turns=reading.turns.get(attempt.id, ()))


def _others(reading: _Reading, attempt: Attempt) -> list[tuple[str, str]]:
    found = dict.fromkeys(item.person for item in reading.items[attempt.id] if item.person != reading.person)
    return [(one, reading.names[one]) for one in found if one in reading.names]


def _carried(reading: _Reading, attempt: Attempt, reminder: Reminder) -> Carried:
    is_over = reading.last[reminder.id] == attempt.id
    return Carried(reminder.purpose, reminder.step, reminder.status, reminder.reason or "", is_over)


def _items(db: Session, attempts: Sequence[str]) -> Mapping[str, list[AttemptItem]]:
    found: dict[str, list[AttemptItem]] = defaultdict(list)
    for item in db.exec(select(AttemptItem).where(col(AttemptItem.attempt).in_(attempts))):
        found[item.attempt].append(item)
    return found


def _reminders(db: Session, attempts: Sequence[str], person: str) -> Mapping[str, list[Reminder]]:
    found: dict[str, list[Reminder]] = defaultdict(list)
    query = (
        select(AttemptItem.attempt, Reminder)
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(col(AttemptItem.attempt).in_(attempts))
        .where((col(Reminder.person) == person) | col(Reminder.id).in_(_asked_back(db, person)))
        .order_by(col(AttemptItem.position))
    )
    for attempt, reminder in db.exec(query):
        found[attempt].append(reminder)
    return found


def _calls(db: Session, attempts: Sequence[str], person: str, site: str | None) -> dict[str, tuple[HeardTurn, ...]]:
    calls = {call.id: call.attempt for call in db.exec(_calls_for(attempts))}
    turns = db.exec(select(Turn).where(col(Turn.call).in_(calls)).order_by(col(Turn.call), col(Turn.turn_no))).all()
    replies: dict[tuple[str | None, int | None], list[Reply]] = defaultdict(list)
    for one in _replies_in(db, attempts):
        replies[one.call, one.turn_no].append(one)
    every = [reply for each in replies.values() for reply in each]
    effects = _effects(db, [reply.id for reply in every])
    people = {one for reply in every for one in (reply.person, reply.by_person) if one and one != person}
    names = names_of(db, people, site)
    heard: dict[str, list[HeardTurn]] = defaultdict(list)
    for turn in turns:
        answers = _answers(replies[turn.call, turn.turn_no], person, names, effects)
        heard[calls[turn.call]].append(_turn(turn, answers))
    return {attempt: tuple(said) for attempt, said in heard.items()}


def _calls_for(attempts: Sequence[str]) -> Any:
    return select(conversations.Call).where(col(conversations.Call.attempt).in_(attempts))


def _answers(
    replies: Sequence[Reply], person: str, names: Mapping[str, str], effects: Mapping[str, tuple[str, ...]]
) -> list[TurnAnswer]:
    """One for each person a key answered for, however many of their appointments; the story's own person first."""
    found: dict[str, TurnAnswer] = {}
    for reply in sorted(replies, key=lambda one: (one.person != person, one.person or "", one.appointment or "")):
        who, before = reply.person or "", found.get(reply.person or "")
        both = tuple(dict.fromkeys((*(before.effects if before else ()), *effects[reply.id])))
        by = _answerer(reply, names)
        found[who] = TurnAnswer(who, names.get(who, ""), reply.answer, both, who in ("", person), by)
    return list(found.values())


def _answerer(reply: Reply, names: Mapping[str, str]) -> Answerer | None:
    """Nobody is named where it was their own phone."""
    by = reply.by_person if reply.by_person in names else None
    if reply.by_role == PhoneRole.OWN and by is None:
        return None
    return Answerer(reply.by_role, by or "", names.get(by or "", ""))


def names_of(db: Session, people: Collection[str], site: str | None) -> dict[str, str]:
    """Names by id, of those whom staff of `site` (None: of all) may see."""
    found = db.exec(select(Person).where(col(Person.id).in_(people))).all()
    return {
        one.id: " ".join(part for part in (one.title, one.name, one.surname) if part)
        for one in found
        if is_seen_from(db, one, site)
    }


def _turn(turn: Turn, answers: Sequence[TurnAnswer]) -> HeardTurn:
    phrases = tuple(
        Phrase(one.get("prompt", ""), one.get("text", ""), one.get("clip", ""), one.get("back", ""))
        for one in turn.heard
    )
    is_plain = len(answers) == 1 and answers[0].is_theirs and answers[0].by is None
    return HeardTurn(
        number=turn.turn_no,
        at=turn.at,
        digits=turn.digits,
        meaning=answers[0].meaning if answers else None,
        effects=answers[0].effects if answers else (),
        phrases=phrases,
        answers=() if is_plain else tuple(answers),
    )


def _replies_in(db: Session, attempts: Sequence[str]) -> Iterable[Reply]:
    in_calls = select(Reply).where(col(Reply.attempt).in_(attempts), col(Reply.call).is_not(None))
    return db.exec(in_calls).all()


def _replies(db: Session, person: str) -> list[Reply]:
    """Their own, and those from their telephones that are nobody's for certain."""
    own = db.exec(select(Reply).where(col(Reply.person) == person)).all()
    phones = select(PersonPhone.phone).where(col(PersonPhone.person) == person, col(PersonPhone.role) != PhoneRole.VHV)
    unclear = db.exec(
        select(Reply)
        .join(Attempt, col(Attempt.id) == col(Reply.attempt))
        .where(col(Attempt.phone).in_(phones), col(Attempt.direction) == Direction.IN, col(Reply.person).is_(None))
    ).all()
    return [*own, *unclear]


def _effects(db: Session, replies: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for one in db.exec(select(Outcome).where(col(Outcome.reply).in_(replies)).order_by(col(Outcome.id))):
        found[one.reply] = (*found[one.reply], one.effect)
    return found


def _numbers(db: Session, phones: set[int]) -> Mapping[int, str]:
    return {one.id: one.e164 for one in db.exec(select(Phone).where(col(Phone.id).in_(phones))) if one.id}


def _languages(db: Session, attempts: Sequence[str]) -> Mapping[str, str]:
    return dict(db.exec(select(Attempt.id, Attempt.language).where(col(Attempt.id).in_(attempts))).all())
