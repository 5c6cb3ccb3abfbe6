"""What callers leave for staff: a message spoken after the tone, a number keyed to be put on the list.

The sound lies at the carrier until `dispatch.messages` has fetched it. Whatever was spoken is kept, also when the line
broke before anybody could say that it is: an elder who explained for a minute why she cannot come has told us.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from gateway.calls.flow import CallState
from gateway.calls.saving import state_from_json
from gateway.care.tasks import open_task
from gateway.carriers.port import CallEvent
from gateway.dispatch.messages import task_of_the_wish
from gateway.kit.identity import classify_identity
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call, Registration, VoiceMessage
from gateway.records.status import MessageKind, TakeStatus, TaskKind
from gateway.records.work import Task
from gateway.web.desk import Desk
from gateway.web.staff_line import site_of
from gateway.web.whose_call import people_on

ID_LENGTH: Final = 13
IN_WORDS: Final[dict[MessageKind, str]] = {
    MessageKind.STAFF: "left a spoken message: wanted to speak with staff",
    MessageKind.QUESTION: "left a spoken message: a question or a complaint",
    MessageKind.REGISTER: "would like to be put on the list, and left a name and a village as a recording",
}
"""What a task says of a message, for staff; no name and no number."""
REGISTERED: Final = "keyed a 13-digit number and would like to be put on the list"


def keep_spoken(desk: Desk, db: Session, call: Call, number: int, state: CallState, event: CallEvent) -> bool:
    """Note what was just recorded at this turn; False where nothing was."""
    attempt = db.get(Attempt, call.attempt)
    if event.recording is None or attempt is None:
        return False
    known = select(VoiceMessage.id).where(col(VoiceMessage.call) == call.id, col(VoiceMessage.turn_no) == number)
    if db.exec(known).first() is not None:
        return True
    now = desk.clock.now()
    message = VoiceMessage(
        call=call.id,
        turn_no=number,
        phone=attempt.phone,
        person=_person(db, call, attempt, state),
        kind=_kind(state.message),
        language=state.facts.language,
        recording=event.recording,
        seconds=event.recording_seconds,
        status=TakeStatus.SPOKEN,
        next_try_at=now,
        at=now,
    )
    db.add(message)
    db.flush()
    return True


def keep_message(desk: Desk, db: Session, call: Call, state: CallState, kind: str) -> None:
    """Give what was spoken last to staff; where the phone was put down unheard, there may be nothing."""
    mine = (col(VoiceMessage.call) == call.id, col(VoiceMessage.status) == TakeStatus.SPOKEN)
    message = db.exec(select(VoiceMessage).where(*mine).order_by(col(VoiceMessage.turn_no).desc())).first()
    if message is None:
        return
    message.kind, message.status = _kind(kind), TakeStatus.KEPT
    give_to_staff(db, message, site=site_of(db, call, state.facts), now=desk.clock.now())


def give_to_staff(db: Session, message: VoiceMessage, *, site: str, now: datetime) -> Task:
    """The task of a message: that of what its speaker keyed before, else one of its own."""
    task = task_of_the_wish(db, message) or open_task(
        db,
        TaskKind.REGISTER if message.kind is MessageKind.REGISTER else TaskKind.MESSAGE,
        message.id,
        person=message.person,
        site=site or None,
        detail=IN_WORDS[message.kind],
        now=now,
    )
    message.task = task.id
    db.add(message)
    db.flush()
    return task


def keep_late(desk: Desk, db: Session, call: Call, number: int, event: CallEvent) -> None:
    """What was spoken last, where the news of the call's end came first."""
    state = state_from_json(call.state)
    if state.message and keep_spoken(desk, db, call, number, state, event):
        keep_message(desk, db, call, state, state.message)


def keep_number(desk: Desk, db: Session, call: Call, state: CallState, digits: str) -> bool:
    """Put somebody on the list by the number they keyed, once a call; False where it is none of thirteen digits.

    A wrong check digit is kept as it is: staff look up who it may be, and a typing error loses nobody.
    """
    identity, attempt = classify_identity(digits), db.get(Attempt, call.attempt)
    if attempt is None or identity is None or len(digits) != ID_LENGTH or not (digits.isascii() and digits.isdigit()):
        return False
    now = desk.clock.now()
    known = db.exec(select(Registration).where(col(Registration.call) == call.id)).first()
    row = known or Registration(call=call.id, phone=attempt.phone, id_kind="", id_value="", at=now)
    row.id_kind, row.id_value = identity.kind.value, identity.value
    db.add(row)
    db.flush()
    site, person = site_of(db, call, state.facts) or None, _person(db, call, attempt, state)
    row.task = open_task(db, TaskKind.REGISTER, row.id, person=person, site=site, detail=REGISTERED, now=now).id
    db.add(row)
    db.flush()
    return True


def _kind(word: str) -> MessageKind:
    return MessageKind(word) if word in set(MessageKind) else MessageKind.STAFF


def _person(db: Session, call: Call, attempt: Attempt, state: CallState) -> str | None:
    """Whom the call speaks of, else who uses the phone, where that is one: who spoke, nobody knows; staff hear it."""
    facts = state.facts
    chosen = {facts.subjects[at].person for at in state.chosen}
    if facts.subjects:
        return chosen.pop() if len(chosen) == 1 else None
    users = people_on(db, attempt.phone)
    return facts.person or call.person or (users[0].id if len(users) == 1 else None)
