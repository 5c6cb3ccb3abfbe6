"""Seats and holds: the arithmetic that never sells a seat twice.

`session.taken` counts the rows of `seat`, bookings and holds alike, and goes up only by a conditional UPDATE whose row
count is looked at: of 100 callers on the last 10 seats, 10 succeed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.records.agreements import Appointment
from gateway.records.places import Seat, Session

HOLD_LASTS: Final = timedelta(minutes=10)
"""A lost hang-up keeps seats from others no longer than this."""
_STEP: Final = timedelta(minutes=15)  # people are asked to come at quarters of an hour


class SessionFull(Exception):
    """No seat is left in this session, or it is over or closed."""


def take_seat(db: Db, appointment: Appointment, *, spread: bool = False) -> Seat:
    """Book a seat in the appointment's session with the next ticket; a seat it has there already is returned as it is.

    The person is asked to come at the appointment's hour; with `spread` it is we who choose that hour, by the ticket,
    and it becomes the appointment's. A seat it has in another session is freed. Raises SessionFull when none is left,
    and then nothing was changed; ValueError when the appointment names no session.
    """
    if appointment.session is None:
        raise ValueError("an appointment without a session has no seat to take")
    db.add(appointment)
    db.flush()
    known = seat_of(db, appointment.id)
    if known is not None and known.session == appointment.session:
        return known
    _count_one(db, appointment.session)
    if known is not None:
        _remove(db, known)
    seat = Seat(session=appointment.session, appointment=appointment.id)
    return _write_ticket(db, seat, appointment, spread=spread)


def take_seats(db: Db, appointments: Sequence[Appointment], *, spread: Collection[str] = ()) -> None:
    """Book a seat for each of many stored appointments that have none, with a few queries a session.

    Tickets are given in the order of the hours, and in theirs where those are the same: who has number 3 comes before
    number 4.

    Those whose id is in `spread` were given no hour: they come at their ticket's. Everybody else's hour stands, the
    session's first minute too: it is written on a slip of paper at home, and a text must not contradict it. A
    province's roster is 50,000 rows: one at a time they kept every other writer waiting for minutes. Raises
    SessionFull when a session has too few seats left for its share.
    """
    for session_id in dict.fromkeys(one.session for one in appointments if one.session is not None):
        coming = [one for one in appointments if one.session == session_id]
        _count(db, session_id, len(coming))
        session = db.get_one(Session, session_id)
        for appointment, ticket in _in_line(session, coming, spread, _free_tickets(db, session_id)):
            if appointment.id in spread:
                appointment.starts_at = _spread_hour(session, ticket)
            hour = appointment.starts_at
            db.add(Seat(session=session_id, appointment=appointment.id, ticket=ticket, come_at=hour))
    db.flush()


def _in_line(
    session: Session, coming: Sequence[Appointment], spread: Collection[str], tickets: Iterator[int]
) -> Iterator[tuple[Appointment, int]]:
    """Each with a ticket: who was given an hour in the order of the hours, the others where a ticket's hour is free."""
    dated = deque(sorted((one for one in coming if one.id not in spread), key=lambda one: one.starts_at))
    anytime = deque(one for one in coming if one.id in spread)
    for _ in range(len(coming)):
        ticket = next(tickets)
        is_their_turn = bool(dated) and (not anytime or dated[0].starts_at <= _spread_hour(session, ticket))
        yield (dated if is_their_turn else anytime).popleft(), ticket


def turn_hold_into_seat(db: Db, appointment: Appointment, call_id: str) -> Seat | None:
    """Book the seat that `call_id` holds in the appointment's session, at its hour; None when it holds none there."""
    held = _held_seat(db, appointment.session or "", call_id)
    if held is None:
        return None
    db.add(appointment)
    db.flush()
    held.appointment, held.call, held.held_until = appointment.id, None, None
    appointment.starts_at = held.come_at or appointment.starts_at
    return _write_ticket(db, held, appointment)


def seat_of(db: Db, appointment_id: str) -> Seat | None:
    """The seat booked for an appointment."""
    return db.exec(select(Seat).where(col(Seat.appointment) == appointment_id)).first()


def give_back_seat(db: Db, appointment_id: str) -> bool:
    """Free the seat of an appointment; False when it had none."""
    seat = seat_of(db, appointment_id)
    return seat is not None and _remove(db, seat)


def hold(db: Db, session_id: str, call_id: str, *, until: datetime) -> bool:
    """Keep a seat for a call until `until` (aware); False when none is left. Holding again only prolongs it.

    Its ticket and hour are kept with it: the hour that is offered is the hour of the appointment.
    """
    held = _held_seat(db, session_id, call_id)
    if held is not None:
        held.held_until = until
        db.flush()
        return True
    try:
        _count_one(db, session_id)
    except SessionFull:
        return False
    ticket = next(_free_tickets(db, session_id))
    hour = _spread_hour(db.get_one(Session, session_id), ticket)
    db.add(Seat(session=session_id, call=call_id, held_until=until, ticket=ticket, come_at=hour))
    db.flush()
    return True


def hour_offered(db: Db, session: Session, *, now: datetime, call_id: str | None = None) -> datetime:
    """When who takes the next seat of a session is to come: at the hour `call_id` holds already, or the next ticket's.

    Holds that are over by `now` (aware) count for nothing.
    """
    held = _held_seat(db, session.id, call_id) if call_id else None
    if held is not None and held.come_at is not None and held.held_until is not None and held.held_until > now:
        return held.come_at
    return _spread_hour(session, next(_free_tickets(db, session.id, now=now)))


def hold_only(db: Db, sessions: Sequence[str], call_id: str, *, now: datetime) -> tuple[str, ...]:
    """Keep a seat in each of these sessions, and in no other, for a call; return those in which one is held now.

    For HOLD_LASTS from `now` (aware). Seats held too long by calls that were cut off are freed first.
    """
    release_expired(db, now)
    _remove_all(db, [seat for seat in _held_by(db, call_id) if seat.session not in sessions])
    return tuple(one for one in sessions if hold(db, one, call_id, until=now + HOLD_LASTS))


def holds_seat(db: Db, session_id: str, call_id: str) -> bool:
    """Whether a call holds a seat in a session."""
    return _held_seat(db, session_id, call_id) is not None


def release_holds(db: Db, call_id: str, *, keep: str | None = None) -> int:
    """Free what a call holds, except in the session `keep`; return how many."""
    return _remove_all(db, [seat for seat in _held_by(db, call_id) if seat.session != keep])


def release_session(db: Db, session_id: str) -> int:
    """Free every hold in a session that closes: a call that has just offered it finds it gone; return how many."""
    held = db.exec(select(Seat).where(col(Seat.session) == session_id, col(Seat.call).is_not(None))).all()
    return _remove_all(db, held)


def release_expired(db: Db, now: datetime) -> int:
    """Free the holds that ended by `now` (aware), as after a call that was cut off; return how many."""
    late = select(Seat).where(col(Seat.call).is_not(None), col(Seat.held_until) <= now)
    late = late.order_by(col(Seat.held_until), col(Seat.id))  # the index of held seats; by id alone it reads all
    return _remove_all(db, db.exec(late).all())


def has_free_seat(db: Db, session_id: str) -> bool:
    """Whether a seat can be taken at this moment; none can in a session that staff closed."""
    session = db.get(Session, session_id, populate_existing=True)
    return session is not None and session.closed_at is None and session.taken < session.capacity


def _held_seat(db: Db, session_id: str, call_id: str) -> Seat | None:
    return db.exec(select(Seat).where(col(Seat.session) == session_id, col(Seat.call) == call_id)).first()


def _held_by(db: Db, call_id: str) -> Sequence[Seat]:
    return db.exec(select(Seat).where(col(Seat.call) == call_id).order_by(col(Seat.id))).all()


def _count_one(db: Db, session_id: str) -> None:
    _count(db, session_id, 1)


def _count(db: Db, session_id: str, seats: int) -> None:
    """Raise SessionFull unless so many more seats could be counted; whoever takes one comes through here."""
    db.flush()
    counted = db.exec(
        sa.update(Session)
        .where(col(Session.id) == session_id, col(Session.closed_at).is_(None))
        .where(col(Session.taken) + seats <= col(Session.capacity))
        .values(taken=col(Session.taken) + seats)
        .execution_options(synchronize_session=False)
    )
    _forget(db, session_id)
    if counted.rowcount != 1:
        raise SessionFull(f"session {session_id} has no seat left")


def _remove_all(db: Db, seats: Sequence[Seat]) -> int:
    return sum(_remove(db, seat) for seat in seats)


def _remove(db: Db, seat: Seat) -> bool:
    # Two may free the same seat at once: only the one that deleted the row may count it down.
    db.flush()
    gone = db.exec(sa.delete(Seat).where(col(Seat.id) == seat.id).execution_options(synchronize_session=False))
    db.expunge(seat)
    if gone.rowcount != 1:
        return False
    db.exec(
        sa.update(Session)
        .where(col(Session.id) == seat.session)
        .values(taken=col(Session.taken) - 1)
        .execution_options(synchronize_session=False)
    )
    _forget(db, seat.session)
    return True


def _forget(db: Db, session_id: str) -> None:
    """Have a session that is in memory read again when next looked at: its `taken` changed below the ORM."""
    known = db.identity_map.get(db.identity_key(Session, session_id))
    if known is not None:
        db.expire(known, ["taken"])


def _write_ticket(db: Db, seat: Seat, appointment: Appointment, *, spread: bool = False) -> Seat:
    """Number a seat and say when to come: one hour, the same on the nurse's list as in every text and call."""
    if seat.ticket is None:
        seat.ticket = next(_free_tickets(db, seat.session))
    if spread:
        appointment.starts_at = _spread_hour(db.get_one(Session, seat.session), seat.ticket)
        db.add(appointment)
    seat.come_at = appointment.starts_at
    db.add(seat)
    db.flush()
    return seat


def _free_tickets(db: Db, session_id: str, *, now: datetime | None = None) -> Iterator[int]:
    """The numbers nobody has, smallest first: a ticket given back is used again, so that the queue has no holes.

    With `now`, those of holds that are over by then are nobody's.
    """
    given = select(Seat.ticket).where(col(Seat.session) == session_id, col(Seat.ticket).is_not(None))
    if now is not None:
        given = given.where(sa.or_(col(Seat.call).is_(None), col(Seat.held_until) > now))
    used = set(db.exec(given).all())
    return (number for number in count(1) if number not in used)


def _spread_hour(session: Session, ticket: int) -> datetime:
    """When a ticket's holder should come, so that a morning's people do not all stand there at its first minute."""
    share = (min(ticket, session.capacity) - 1) / max(session.capacity, 1)
    quarters = int((session.ends_at - session.starts_at) * share / _STEP)
    return session.starts_at + quarters * _STEP
