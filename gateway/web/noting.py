"""What a call notes as rows: a reply for each appointment it answers for, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlmodel import Session, col, select

from gateway.calls.flow import CallState, Note
from gateway.calls.steps import Because
from gateway.care.tasks import WANTS_ANOTHER_DAY, close_task
from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call, Reply
from gateway.records.status import Channel, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.replies.inbox import record_reply
from gateway.replies.outcomes import MUST_NOT_WAIT, apply
from gateway.web.another_day import newest
from gateway.web.desk import Desk
from gateway.web.turns import MOVES

_WISHES: Final[Mapping[str, str]] = {
    Because.NO_SEAT: f"{WANTS_ANOTHER_DAY}; no seat was free",
    Because.NEITHER: f"{WANTS_ANOTHER_DAY}; none of the days offered suited",
    Because.NO_CHOICE: f"{WANTS_ANOTHER_DAY}; chose none of the days offered",
    Because.SEVERAL: f"{WANTS_ANOTHER_DAY}; for several appointments at once",
    Because.CHANGES: f"{WANTS_ANOTHER_DAY}; changed their mind again and again",
    Because.MUST_NOT_WAIT: MUST_NOT_WAIT,
}
"""What staff read where a call ended with the wish for another day, though its key says "call me back" or "staff"."""


def note(desk: Desk, db: Session, call: Call, number: int, digits: str, state: CallState, noted: Note) -> None:
    """Let an answer take effect for each appointment it is about; posted again, it counts once.

    Where a day was chosen the move itself was the answer: noted once more about the new day, it would ask for another.
    """
    moves = moves_of(call)
    about = [newest(one, moves) for one in noted.appointments or _what_the_call_is_about(state)]
    if noted.answer is Answer.MOVE and any(one in moves.values() for one in about):
        return
    if noted.answer is Answer.STAFF and noted.detail == Because.REACHED:
        _nobody_need_call(desk, db, call, about)
        return
    for one in about or [""]:
        reply, is_new = record(desk, db, call, number, digits, noted.answer, db.get(Appointment, one) if one else None)
        if is_new:
            named, wish = _is_of_several(state, noted), _WISHES.get(noted.detail, "")
            apply(db, reply, now=desk.clock.now(), regimens=desk.regimens, is_named=named, wish=wish)


def record(
    desk: Desk, db: Session, call: Call, number: int, digits: str, answer: Answer, appointment: Appointment | None
) -> tuple[Reply, bool]:
    """The reply of this turn about this appointment, and whether it is new; who answered is looked up with it."""
    attempt = db.get(Attempt, call.attempt)
    return record_reply(
        db,
        phone_id=attempt.phone if attempt else 0,
        channel=Channel.VOICE,
        raw=digits[:32],
        answer=answer,
        now=desk.clock.now(),
        attempt=call.attempt,
        call=call.id,
        turn_no=number,
        person=appointment.person if appointment else call.person,
        appointment=appointment.id if appointment else None,
    )


def moves_of(call: Call) -> dict[str, str]:
    """The appointments this call moved, each with the new one."""
    return moves_of_state(call.state)


def moves_of_state(state: Mapping[str, Any]) -> dict[str, str]:
    """As `moves_of`, of the state in a call's row."""
    moves = state.get(MOVES)
    return dict(moves) if isinstance(moves, dict) else {}


def _is_of_several(state: CallState, noted: Note) -> bool:
    """Whether it is said of some of a household, not of all of it; whom the call speaks of next is in `state`."""
    everybody = {one for subject in state.facts.subjects for one in subject.appointments}
    return bool(noted.appointments) and bool(everybody - set(noted.appointments))


def _what_the_call_is_about(state: CallState) -> Sequence[str]:
    return (state.facts.appointment,) if state.facts.appointment else ()


def _nobody_need_call(desk: Desk, db: Session, call: Call, about: Sequence[str]) -> None:
    """They spoke with staff: the call-back this call asked for is done; one that was asked for before is not."""
    mine = (col(Task.kind) == TaskKind.CALLBACK, col(Task.status) == TaskStatus.OPEN)
    since = (col(Task.subject).in_(about), col(Task.created_at) >= call.opened_at)
    for task in db.exec(select(Task).where(*mine, *since)).all():
        close_task(db, task, now=desk.clock.now())
