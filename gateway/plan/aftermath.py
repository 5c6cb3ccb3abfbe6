"""What becomes of reminders nobody answered: the next try, the other channel, a task; and the end of the ladder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from gateway.care.notices import (
    CALLBACK_NUMBER,
    RIDE,
    WRONG_PERSON,
    hand_to_staff,
    is_outside_ladder,
    plan_notice,
)
from gateway.care.tasks import open_task
from gateway.kit.ids import new_id
from gateway.plan.due import GiveUp, NextChannel, NextTry, ReminderFacts, after_no_answer
from gateway.plan.ladder import Ladder, load_ladder
from gateway.plan.reach import NOBODY, reach_of
from gateway.plan.window import Window
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.conversations import Outcome, Reply
from gateway.records.people import Person
from gateway.records.status import (
    LIVE_APPOINTMENTS,
    OPEN_REMINDERS,
    AppointmentStatus,
    AttemptStatus,
    Channel,
    ReminderStatus,
    TaskKind,
    TaskStatus,
    may_move,
)
from gateway.records.work import Task

OTHER_CHANNEL: Final = "other_channel"  # why a reminder ended that another one took over from
VISIT_STEP: Final = "visit"  # a visit that no step of the ladder led to
_NOT_SENT: Final = (AttemptStatus.QUEUED, AttemptStatus.CANCELLED)
_RANG: Final = (AttemptStatus.NO_ANSWER, AttemptStatus.BUSY, AttemptStatus.MACHINE)  # they may wonder who it was
_REACHED: Final = (AttemptStatus.DELIVERED, AttemptStatus.COMPLETED)
_LOOK_BACK: Final = timedelta(days=3)  # calls farther back cannot lie in a half-day that is still to come
_GRACE: Final = timedelta(hours=1)  # a call that rings when its reminder expires may still be answered
_NEAR: Final = timedelta(hours=36)
_FORGOTTEN: Final = timedelta(days=14)
_CHUNK: Final = 500  # SQLite binds a limited number of values
_PLANNED: Final = sa.text("reminder.status = 'planned'")
_SENT: Final = sa.text("reminder.status = 'sent'")
"""Literal, as in the indexes of those: SQLite takes them for nothing else."""
_BY_ANY: Final = col(Reminder.channel).in_(list(Channel))  # the index begins with it


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one pass closed, and the tasks it opened for appointments nobody was reached for."""

    expired: int = 0
    unanswered: int = 0
    tasks: int = 0


def escalate(db: Session, reminder: Reminder, *, ladder: Ladder, window: Window, now: datetime) -> str:
    """Decide what follows an attempt that ended without an answer, or a reminder that failed, and write it.

    Returns "retry" (the reminder is planned again), "sms" or "voice" (a new reminder by that channel), "task" (given
    up: staff have a task, and a volunteer a visit where the village is known and time allows; where it rang in vain, a
    text says who called) or "closed" (nothing to do any more: answered, moved, a visit; or the step goes out as a text
    and a call, and the other one is still to come or to be answered).
    """
    appointment = db.get(Appointment, reminder.appointment) if reminder.appointment else None
    is_open = reminder.status in (*OPEN_REMINDERS, ReminderStatus.FAILED)
    if appointment is None or appointment.status not in LIVE_APPOINTMENTS or not is_open:
        return "closed"
    if reminder.channel is Channel.VISIT:
        return "closed"
    tries = _tries(db, reminder)
    facts = _facts(db, reminder, tries, now)
    decision = after_no_answer(facts, [at for at, _ in tries], now, ladder, window)
    match decision:
        case NextTry(at):
            reminder.status, reminder.next_try_at, reminder.reason = ReminderStatus.PLANNED, at, "no_answer"
            db.add(reminder)
            return "retry"
        case NextChannel(channel, at):
            _close(db, reminder, OTHER_CHANNEL)
            db.add(_follow_up(reminder, channel, at, reminder.expires_at))
            return channel.value
        case GiveUp() if _has_partner(db, reminder):
            _close(db, reminder, OTHER_CHANNEL)  # the text and the call of one step: the other is still to be answered
            return "closed"
        case GiveUp():
            _close(db, reminder, "gave_up")
            if _rang_in_vain(reminder, tries) and not (_is_texted(db, reminder) or _cannot_read(db, reminder.person)):
                soon, quiet = window.next_open(now), ladder.quiet_before_start
                plan_notice(db, appointment, CALLBACK_NUMBER, now=soon, quiet=quiet)
            _hand_over(db, reminder, appointment, ladder, window, now)
            return "task"


def sweep(db: Session, *, now: datetime, ladder: Ladder | None = None, since: datetime | None = None) -> SweepReport:
    """Close what is over: never sent becomes expired, sent becomes unanswered; nobody reached becomes a task.

    `ladder` gives the quiet time before an appointment (default: the shipped one). `since` is when the pass before was:
    then only those are looked at whose time has come since, and those whose reminders are closed by this pass. The
    rest (what somebody else closed, or made for today) waits for a pass without it, which looks at all of two weeks.
    """
    late = col(Reminder.expires_at) <= now
    closed = _set(db, sa.and_(_PLANNED, _BY_ANY, late), ReminderStatus.EXPIRED, "too_late")
    if since is None:  # those of a process that died become sent (dispatch/reconcile.py), and are closed as such
        closed += _set(db, sa.and_(late, col(Reminder.status) == ReminderStatus.CLAIMED), ReminderStatus.EXPIRED,
                       "too_late")  # fmt: skip
    expired = len(closed)
    on_the_way = sa.exists().where(col(AttemptItem.reminder) == col(Reminder.id), col(AttemptItem.live))
    over = sa.or_(~on_the_way.correlate(Reminder), col(Reminder.expires_at) <= now - _GRACE)
    sent = sa.and_(_SENT, late, over)
    tasks = 0
    if db.exec(select(Reminder.id).where(sent).limit(1)).first() is not None:
        tasks = _hand_over_unheard(db, sent, now)
        closed += _set(db, sent, ReminderStatus.UNANSWERED, "no_answer")
    tasks += _close_ladders(db, now, ladder or load_ladder(), since, closed)
    return SweepReport(expired, len(closed) - expired, tasks)


def _tries(db: Session, reminder: Reminder) -> list[tuple[datetime, AttemptStatus]]:
    """This reminder's attempts that went out, the earliest first; a line that was never dialled is no try."""
    statement = (
        select(Attempt.created_at, Attempt.status, Attempt.reason)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .where(col(AttemptItem.reminder) == reminder.id, col(Attempt.status).not_in(_NOT_SENT))
        .order_by(col(Attempt.created_at), col(Attempt.id))
    )
    return [(at, AttemptStatus(status)) for at, status, reason in db.exec(statement) if reason != "not_sent"]


def _facts(
    db: Session, reminder: Reminder, tries: Sequence[tuple[datetime, AttemptStatus]], now: datetime
) -> ReminderFacts:
    reach = reach_of(db, [reminder.person]).get(reminder.person, NOBODY)
    used = db.exec(
        select(Reminder.channel).where(
            col(Reminder.appointment) == reminder.appointment,
            col(Reminder.purpose) == reminder.purpose,
            col(Reminder.step) == reminder.step,
        )
    )
    last, has_failed = tries[-1][1] if tries else None, reminder.status is ReminderStatus.FAILED
    return ReminderFacts(
        appointment=reminder.appointment or reminder.id,
        channel=reminder.channel,
        expires_at=reminder.expires_at,
        can_text=reach.can_text and (has_failed or not _cannot_read(db, reminder.person)),
        can_call=reach.can_call,
        used=frozenset({reminder.channel, *used}),
        called=_calls_to(db, reminder.person, now),
        has_failed=has_failed,
        is_passing=last in (AttemptStatus.UNDELIVERED, AttemptStatus.FAILED),
    )


def _cannot_read(db: Session, person_id: str) -> bool:
    """Whether a text is of no use to them: they get one only where no call is possible at all."""
    person = db.get(Person, person_id)
    return person is not None and person.reads_script is False


def _calls_to(db: Session, person: str, now: datetime) -> tuple[datetime, ...]:
    statement = (
        select(Attempt.created_at)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .where(col(AttemptItem.person) == person, col(Attempt.created_at) > now - _LOOK_BACK)
        .where(col(Attempt.channel) == Channel.VOICE, col(Attempt.direction) == Direction.OUT)
        .where(col(Attempt.status).not_in(_NOT_SENT))
        .order_by(col(Attempt.created_at))
    )
    return tuple(db.exec(statement))


def _close(db: Session, reminder: Reminder, reason: str) -> None:
    """Sent becomes unanswered; what could not be sent has failed, and keeps its own reason."""
    for wanted in (ReminderStatus.UNANSWERED, ReminderStatus.FAILED):
        if may_move(reminder.status, wanted):
            reminder.status, reminder.reason = wanted, reason
            db.add(reminder)
            return


def _follow_up(reminder: Reminder, channel: Channel, at: datetime, expires_at: datetime) -> Reminder:
    return Reminder(
        appointment=reminder.appointment,
        person=reminder.person,
        purpose=reminder.purpose,
        step=reminder.step,
        channel=channel,
        due_at=at,
        next_try_at=at,
        expires_at=expires_at,
        priority=reminder.priority,  # the same person, the same turn
    )


def _hand_over(
    db: Session, reminder: Reminder, appointment: Appointment, ladder: Ladder, window: Window, now: datetime
) -> None:
    """A task for staff; and a visit, once for an appointment, where there is a village and time to walk there."""
    person = db.get(Person, reminder.person)
    village = person.village if person else ""
    last = appointment.starts_at - ladder.quiet_before_start
    if is_outside_ladder(reminder.step):  # staff must know what to tell: the driver comes whether they know or not
        hand_to_staff(db, reminder, now=now)
        last = reminder.expires_at
    else:
        _open_unreached(db, reminder, appointment, village, now)
    at = window.next_open(now)
    if not village or last - at < ladder.visit_least - ladder.quiet_before_start or _has_visit(db, appointment.id):
        return
    db.add(_follow_up(reminder, Channel.VISIT, at, last))
    db.flush()


def _open_unreached(db: Session, reminder: Reminder, appointment: Appointment, village: str, now: datetime) -> None:
    open_task(
        db,
        TaskKind.UNREACHED,
        appointment.id,
        person=reminder.person,
        site=appointment.site,
        village=village or None,
        detail=f"{reminder.step}: nobody reached by {reminder.channel.value}",
        now=now,
    )


def _rang_in_vain(reminder: Reminder, tries: Sequence[tuple[datetime, AttemptStatus]]) -> bool:
    return reminder.channel is Channel.VOICE and bool(tries) and tries[-1][1] in _RANG


def _is_texted(db: Session, reminder: Reminder) -> bool:
    """Whether a text of the same step is going out or went out: it gives the number to call back, too."""
    texts = select(Reminder.status, Reminder.reason).where(
        col(Reminder.appointment) == reminder.appointment,
        col(Reminder.step) == reminder.step,
        col(Reminder.channel) == Channel.SMS,
    )
    went = (*OPEN_REMINDERS, ReminderStatus.ANSWERED, ReminderStatus.UNANSWERED)
    return any(status in went and reason != OTHER_CHANNEL for status, reason in db.exec(texts))


def _has_partner(db: Session, reminder: Reminder) -> bool:
    """Whether the same step goes out by the other channel, too, and is not over."""
    return db.exec(_of_step(reminder).where(col(Reminder.status).in_(OPEN_REMINDERS))).first() is not None


def _of_step(reminder: Reminder) -> SelectOfScalar[str]:
    """The ids of the other reminders by telephone of this one's step."""
    return select(Reminder.id).where(
        col(Reminder.appointment) == reminder.appointment,
        col(Reminder.purpose) == reminder.purpose,
        col(Reminder.step) == reminder.step,
        col(Reminder.id) != reminder.id,
        col(Reminder.channel).in_((Channel.SMS, Channel.VOICE)),
    )


def _has_visit(db: Session, appointment: str) -> bool:
    statement = select(Reminder.id).where(
        col(Reminder.appointment) == appointment, col(Reminder.channel) == Channel.VISIT
    )
    return db.exec(statement).first() is not None


def _set(db: Session, which: sa.ColumnElement[bool], status: ReminderStatus, reason: str) -> list[str | None]:
    """Move these reminders; return the appointment of each."""
    update = sa.update(Reminder).where(which).values(status=status, reason=reason).returning(col(Reminder.appointment))
    return list(db.execute(update.execution_options(synchronize_session="fetch")).scalars())


def _hand_over_unheard(db: Session, over: sa.ColumnElement[bool], now: datetime) -> int:
    """Nobody picked up, then the text stayed unanswered, and the day is near: a person on the staff must try.

    Earlier than that the ladder itself tries again. The task closes by itself when an answer comes after all.
    """
    call = aliased(Reminder)
    rang = sa.exists().where(
        col(call.appointment) == col(Reminder.appointment),
        col(call.step) == col(Reminder.step),
        col(call.channel) == Channel.VOICE,
        col(call.reason) == OTHER_CHANNEL,
    )
    found = db.exec(
        select(Appointment, Person)
        .join(Reminder, col(Reminder.appointment) == col(Appointment.id))
        .join(Person, col(Person.id) == col(Appointment.person))
        .where(over, rang, col(Reminder.channel) == Channel.SMS, col(Appointment.status) == AppointmentStatus.BOOKED)
        .where(col(Reminder.purpose) != RIDE)  # that text asks for no answer
        .where(col(Appointment.starts_at) > now, col(Appointment.starts_at) <= now + _NEAR)
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    ).all()
    for appointment, person in found:
        open_task(
            db,
            TaskKind.UNREACHED,
            appointment.id,
            person=person.id,
            site=appointment.site,
            village=person.village or None,
            detail="nobody picked up, and the text was not answered",
            now=now,
        )
    return len(found)


def _close_ladders(
    db: Session, now: datetime, ladder: Ladder, since: datetime | None, closed: Iterable[str | None]
) -> int:
    """Open a task for every appointment whose ladder is over and that nobody was reached for."""
    quiet = ladder.quiet_before_start
    begins = col(Appointment.starts_at)
    lately = begins > (now - _FORGOTTEN if since is None else since + quiet)
    places = list(db.exec(_nobody_reached(now, now + quiet).where(lately)))
    if since is not None:
        ids = sorted({one for one in closed if one} - {one for one, *_ in places})
        for start in range(0, len(ids), _CHUNK):
            mine = col(Appointment.id).in_(ids[start : start + _CHUNK])
            places += db.exec(_nobody_reached(now, now + quiet).where(mine, begins > now - _FORGOTTEN))
    found = [
        {
            "id": new_id(),
            "kind": TaskKind.UNREACHED,
            "subject": appointment,
            "person": person,
            "site": site,
            "village": village or None,
            "detail": "end of the ladder: nobody reached",
            "status": TaskStatus.OPEN,
            "created_at": now,
        }
        for appointment, site, person, village in places
    ]
    if found:  # in bulk: after an outage these are thousands
        db.exec(sa.insert(Task), params=found)
    return len(found)


def _nobody_reached(now: datetime, until: datetime) -> Select[str, str, str, str]:
    """Appointments that are about to begin, with site, person and village, about which nothing more can happen."""
    mine = col(Reminder.appointment) == col(Appointment.id)
    begun = (*OPEN_REMINDERS, ReminderStatus.ANSWERED)
    going_on = sa.exists().where(mine, col(Reminder.status).in_(begun)).correlate(Appointment)
    replied = sa.exists().where(col(Reply.appointment) == col(Appointment.id)).correlate(Appointment)
    answered = sa.exists().where(col(Outcome.appointment) == col(Appointment.id)).correlate(Appointment)
    in_task = sa.exists().where(col(Task.subject) == col(Appointment.id)).correlate(Appointment)
    by_item, by_reminder = _carried(col(AttemptItem.appointment) == col(Appointment.id)), _carried(mine)
    return (
        select(Appointment.id, Appointment.site, Person.id, Person.village)
        .join(Person, col(Person.id) == col(Appointment.person))
        .where(col(Appointment.status) == AppointmentStatus.BOOKED)
        .where(col(Appointment.starts_at) <= until)
        .where(col(Appointment.created_at) < col(Appointment.starts_at))  # not a record of what was before our time
        .where(col(Person.died_on).is_(None), col(Person.merged_into).is_(None))
        .where(~going_on, ~in_task, ~by_item, ~by_reminder, ~replied, ~answered)
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    )


def _carried(to: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether an attempt that was for an appointment, by its item or by its reminder, reached them.

    Asked for each of the two by itself: with OR between them the engine reads all attempts, once an appointment.
    """
    return (
        select(Attempt.id)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .outerjoin(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(to, col(Attempt.status).in_(_REACHED), col(Attempt.direction) == Direction.OUT)
        .where(sa.or_(col(Reminder.id).is_(None), col(Reminder.purpose) != WRONG_PERSON))  # that one reached a stranger
        .correlate(Appointment)
        .exists()
    )
