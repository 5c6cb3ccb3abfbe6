"""Takes in what people did, once each, and says who a phone may belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.care.consent import DENIED
from gateway.care.notices import QUESTIONS
from gateway.kit.answers import Answer
from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.conversations import Reply
from gateway.records.people import Consent, ConsentEvent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.status import LIVE_APPOINTMENTS, AttemptStatus, Channel, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.replies.sms import needs_reading

LATELY: Final = timedelta(days=14)  # the notice goes out 7 days ahead; a week more for those who look late
UNKNOWN_ROLE: Final = ""
_NEVER_LEFT: Final = (AttemptStatus.QUEUED, AttemptStatus.FAILED, AttemptStatus.CANCELLED)
_RAW_LENGTH: Final = 1600  # the column, and the longest text a carrier hands over


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who uses the phone, and what they may be answering; without `attempt` they were not contacted lately."""

    person: Person
    appointment: Appointment
    reminder: Reminder | None
    attempt: Attempt | None


def record_reply(
    db: Session,
    *,
    phone_id: int,
    channel: Channel,
    raw: str,
    answer: Answer,
    now: datetime,
    attempt: str | None = None,
    call: str | None = None,
    turn_no: int | None = None,
    carrier_msg_id: str | None = None,
    person: str | None = None,
    appointment: str | None = None,
    by_role: str | None = None,
    by_person: str | None = None,
) -> tuple[Reply, bool]:
    """Keep what a person did about an appointment, and say whether it is new: posted again, it returns the first.

    One key or text may answer for several of a household: a reply for each appointment, each of them once. `raw` is
    kept as it came (its first 1600 letters). Who answered is looked up (`answering`) where `by_role` is not given.
    """
    known = _known(db, call, turn_no, carrier_msg_id, appointment)
    if known is not None:
        return known, False
    if by_role is None:
        by_role, by_person = answering(db, phone_id, person)
    reply = Reply(
        attempt=attempt,
        call=call,
        turn_no=turn_no,
        carrier_msg_id=carrier_msg_id,
        phone=phone_id,
        person=person,
        appointment=appointment,
        by_role=by_role,
        by_person=by_person,
        channel=channel,
        raw=raw[:_RAW_LENGTH],
        answer=answer,
        at=now,
    )
    return _insert(db, reply)


def answering(db: Session, phone: int, person: str | None) -> tuple[str, str | None]:
    """Who answers on this phone for `person`: whose phone it is seen from them, and the one person who owns it.

    The role is "own", "household", "carer" or "vhv", or `UNKNOWN_ROLE` for a phone that is not theirs and a reply about
    nobody. The owner is None where it is the person themselves, and where nobody or more than one owns the phone: a
    husband's number in his wife's row makes two, and which of them held it is not known. Nor is it somebody of whom was
    said on this phone that they are not there.
    """
    link = db.get(PersonPhone, (person, phone)) if person is not None else None
    denied = select(ConsentEvent.person).where(col(ConsentEvent.phone) == phone, col(ConsentEvent.source) == DENIED)
    is_denied = sa.and_(col(Person.id).in_(denied), col(PersonPhone.voice) == Consent.STOP)
    owners = db.exec(
        select(Person.id)
        .join(PersonPhone, col(PersonPhone.person) == col(Person.id))
        .where(col(PersonPhone.phone) == phone, col(PersonPhone.role) == PhoneRole.OWN)
        .where(col(Person.merged_into).is_(None), col(Person.died_on).is_(None), sa.not_(is_denied))
        .limit(2)
    ).all()
    owner = owners[0] if len(owners) == 1 and owners[0] != person else None
    return (link.role.value if link is not None else UNKNOWN_ROLE), owner


def who_may_this_be(
    db: Session, phone_id: int, *, now: datetime, contacted_within: timedelta | None = LATELY
) -> list[Candidate]:
    """The live appointments from today on of the people on this phone who were contacted on it lately, soonest first.

    `contacted_within` None also names those not contacted, as for somebody who calls the clinic's number of their own
    accord. A volunteer using a phone is not its patient; a parked phone is nobody's.
    """
    phone = db.get(Phone, phone_id)
    if phone is None or phone.parked_at is not None:
        return []
    rows = db.exec(
        select(Person, Appointment)
        .join(PersonPhone, col(PersonPhone.person) == col(Person.id))
        .join(Appointment, col(Appointment.person) == col(Person.id))
        .where(
            col(PersonPhone.phone) == phone_id,
            col(PersonPhone.role) != PhoneRole.VHV,
            col(Person.died_on).is_(None),
            col(Person.merged_into).is_(None),
            col(Appointment.status).in_(LIVE_APPOINTMENTS),
            col(Appointment.starts_at) >= at_bangkok(bangkok_day(now), time(0)),
        )
        .order_by(col(Appointment.starts_at), col(Person.id))
    ).all()
    contacts = _last_contacts(db, phone_id, since=None if contacted_within is None else now - contacted_within)
    found = [Candidate(person, one, *contacts.get(one.id, (None, None))) for person, one in rows]
    return found if contacted_within is None else [one for one in found if one.attempt is not None]


def last_asked(db: Session, phone_id: int, *, now: datetime) -> Appointment | None:
    """The last appointment of before today that this phone was contacted about lately, where all were one person's."""
    contacts = _last_contacts(db, phone_id, since=now - LATELY)
    asked = (
        select(Appointment)
        .where(col(Appointment.id).in_(contacts), col(Appointment.starts_at) < at_bangkok(bangkok_day(now), time(0)))
        .order_by(col(Appointment.starts_at).desc(), col(Appointment.id))
    )
    found = db.exec(asked).all()
    return found[0] if len({one.person for one in found}) == 1 else None


def is_read_already(db: Session, kind: TaskKind, reply: Reply) -> bool:
    """Whether staff have a text like this one before them: sixty of a phone that mean nothing are one piece of work.

    Like it is a text of the same phone, about the same, with the same answer. Where that one was only a slip and this
    one says more, the task is about this one from now on.
    """
    like = (
        select(Task, Reply)
        .join(Reply, col(Reply.id) == col(Task.subject))
        .where(col(Task.kind) == kind, col(Task.status) == TaskStatus.OPEN, col(Reply.id) != reply.id)
        .where(col(Reply.phone) == reply.phone, col(Reply.answer) == reply.answer, col(Reply.channel) == Channel.SMS)
        .where(col(Reply.appointment).is_not_distinct_from(reply.appointment))
        .where(col(Reply.person).is_not_distinct_from(reply.person))
    )
    found = db.exec(like).first()
    if reply.channel is not Channel.SMS or found is None:
        return False
    task, other = found
    if needs_reading(reply.raw) and not needs_reading(other.raw):
        task.subject = reply.id
        db.add(task)
        db.flush()
    return True


def texts_of(db: Session, phone: int, *, since: datetime) -> int:
    """How many texts of this phone were taken in after `since`."""
    mine = (col(Reply.phone) == phone, col(Reply.channel) == Channel.SMS, col(Reply.at) > since)
    return db.exec(select(sa.func.count(sa.distinct(col(Reply.carrier_msg_id)))).where(*mine)).one()


def is_text_known(db: Session, carrier_msg_id: str) -> bool:
    """Whether a text was taken in before: carriers hand one over again when our answer was slow."""
    return db.exec(select(Reply.id).where(col(Reply.carrier_msg_id) == carrier_msg_id)).first() is not None


def _known(
    db: Session, call: str | None, turn_no: int | None, carrier_msg_id: str | None, appointment: str | None
) -> Reply | None:
    same: list[sa.ColumnElement[bool]] = []
    if call is not None and turn_no is not None:
        same.append(sa.and_(col(Reply.call) == call, col(Reply.turn_no) == turn_no))
    if carrier_msg_id is not None:
        same.append(col(Reply.carrier_msg_id) == carrier_msg_id)
    if not same:
        return None
    about = col(Reply.appointment).is_(None) if appointment is None else col(Reply.appointment) == appointment
    return db.exec(select(Reply).where(sa.or_(*same), about)).first()


def _insert(db: Session, reply: Reply) -> tuple[Reply, bool]:
    try:
        with db.begin_nested():
            db.add(reply)
    except sa.exc.IntegrityError:  # two webhooks for one turn at the same moment, where writers run side by side
        first = _known(db, reply.call, reply.turn_no, reply.carrier_msg_id, reply.appointment)
        if first is None:
            raise
        return first, False
    return reply, True


def _last_contacts(db: Session, phone_id: int, *, since: datetime | None) -> dict[str, tuple[Reminder, Attempt]]:
    """The newest attempt to the phone for each appointment, with the reminder it carried."""
    wanted = (
        select(Attempt, Reminder)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(
            col(Attempt.phone) == phone_id,
            col(Attempt.direction) == Direction.OUT,
            col(Attempt.status).not_in(_NEVER_LEFT),
            col(Reminder.purpose).not_in(QUESTIONS),  # what we ask back about is the reminder before it
        )
        .order_by(col(Attempt.created_at), col(Attempt.id))
    )
    if since is not None:
        wanted = wanted.where(col(Attempt.created_at) >= since)
    return {reminder.appointment: (reminder, attempt) for attempt, reminder in db.exec(wanted) if reminder.appointment}
