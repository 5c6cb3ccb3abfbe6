"""What an answer does: each effect once, however often the answer is posted.

Only a key, a text or staff confirm (law 5); any answer stops the rest of the appointment's ladder (law 4); an answer
about an appointment that is gone changes nothing and is shown to staff (law 11).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from gateway.care import booking, rides
from gateway.care.regimens import Regimens, load_regimens
from gateway.care.tasks import WANTS_ANOTHER_DAY, Result, close_task, open_task_about, write_result
from gateway.kit.answers import Answer
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.conversations import Outcome, Reply
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus, Channel, TaskKind, may_move
from gateway.replies import phone_effects
from gateway.replies.scene import Scene, outcomes_of

__all__ = ["MUST_NOT_WAIT", "apply", "apply_move", "outcomes_of"]

MUST_NOT_WAIT: Final = f"{WANTS_ANOTHER_DAY}, but this course must not be postponed: call at once"


def apply(
    db: Session,
    reply: Reply,
    *,
    now: datetime,
    regimens: Regimens | None = None,
    is_named: bool = False,
    wish: str = "",
    with_ride: bool = False,
) -> list[Outcome]:
    """Let a reply take effect and return its outcomes; a reply already applied returns those it had.

    `is_named`: it is for somebody who was chosen out of several on this phone, in a call or by a text, so that a stop
    or "not this person" holds for them alone. `wish`: they want another day, and why staff find it (a task's detail): a
    yes of before does not stand beside that. `with_ride`: the yes asks for a ride in the same breath.
    """
    done = outcomes_of(db, reply.id)
    if done:
        return done
    scene = Scene(db, reply, now, regimens or load_regimens(), is_named, wish, with_ride)
    if reply.answer in _ABOUT_THE_PHONE:
        _ABOUT_THE_PHONE[reply.answer](scene)
    elif reply.answer in _ABOUT_THE_APPOINTMENT:
        _about_the_appointment(scene)
    else:
        _not_an_answer(scene)
    return outcomes_of(db, reply.id)


def apply_move(
    db: Session, reply: Reply, session_id: str, *, call: str | None, now: datetime, regimens: Regimens | None = None
) -> Appointment | None:
    """Move the reply's appointment to the session the person chose; None when that was not possible (staff are told).

    Posted again, it returns the appointment that was made the first time.
    """
    if any(one.effect == "moved" for one in outcomes_of(db, reply.id)):
        return _successor(db, reply.appointment)
    scene = Scene(db, reply, now, regimens or load_regimens())
    appointment = _live_appointment(scene)
    if appointment is None:
        return None
    if not scene.may_move_by_key(appointment):
        scene.stop_ladder(appointment)
        _move_asked(scene, appointment)
        return None
    return _move(scene, appointment, session_id, call)


def _move(scene: Scene, appointment: Appointment, session_id: str, call: str | None) -> Appointment | None:
    try:
        fresh = booking.move(
            scene.db,
            appointment.id,
            session_id,
            now=scene.now,
            call=call,
            confirmed_by_reply=scene.reply.id,
            answered_reminder=scene.answered_reminder(),
        )
    except booking.SessionFull:
        scene.stop_ladder(appointment)
        scene.open_task(TaskKind.CALLBACK, appointment, f"{WANTS_ANOTHER_DAY}; the seat was gone")
        scene.note("seat_lost", appointment)
        return None
    _close_wish(scene, appointment)
    scene.note("moved", appointment)
    return fresh


def _about_the_appointment(scene: Scene) -> None:
    appointment = _live_appointment(scene)
    if appointment is None:
        return
    scene.stop_ladder(appointment)
    if scene.wish:
        _move_asked(scene, appointment)
    else:
        _ABOUT_THE_APPOINTMENT[scene.reply.answer](scene, appointment)


def _live_appointment(scene: Scene) -> Appointment | None:
    """The appointment the reply is about, if it still stands; else staff are told and nothing is changed."""
    reply = scene.reply
    said = f"{reply.answer.value} by {reply.channel.value}"
    if reply.appointment is None:
        scene.open_task(TaskKind.UNMATCHED, None, f"{said}, about no appointment we know")
        scene.note("unmatched")
        return None
    found = scene.db.get(Appointment, reply.appointment, populate_existing=True, with_for_update=True)
    if found is not None and _stands(found, scene.now):
        return found
    is_late = found is not None and found.status in LIVE_APPOINTMENTS
    detail = f"{said}, after the day of the appointment" if is_late else f"{said}, but the appointment no longer stands"
    scene.open_task(TaskKind.QUESTION, found, detail, subject=reply.id)
    scene.note("stale", found)
    return None


def _stands(appointment: Appointment, now: datetime) -> bool:
    return appointment.status in LIVE_APPOINTMENTS and bangkok_day(appointment.starts_at) >= bangkok_day(now)


def _coming(scene: Scene, appointment: Appointment) -> None:
    if may_move(appointment.status, AppointmentStatus.CONFIRMED):
        appointment.status, appointment.confirmed_by_reply = AppointmentStatus.CONFIRMED, scene.reply.id
        appointment.version += 1
        scene.db.flush()
    elif appointment.confirmed_by_reply is None:
        # Staff had the yes first. Their own yes is kept beside it, and pages of before are stale.
        appointment.confirmed_by_reply = scene.reply.id
        appointment.version += 1
        scene.db.flush()
    scene.note("confirmed", appointment)
    _close_what_texts_asked(scene, appointment)
    if scene.with_ride:
        _ride(scene, appointment)


def _move_asked(scene: Scene, appointment: Appointment) -> None:
    _take_back_the_yes(scene, appointment)
    detail = (scene.wish or WANTS_ANOTHER_DAY) if scene.may_move_by_key(appointment) else MUST_NOT_WAIT
    scene.open_task(TaskKind.CALLBACK, appointment, detail)
    scene.note("wants_another_day", appointment)


def _take_back_the_yes(scene: Scene, appointment: Appointment) -> None:
    """Who said yes and then asks for another day is not coming on this one: the seat stays, the yes does not."""
    if may_move(appointment.status, AppointmentStatus.BOOKED):
        appointment.status = AppointmentStatus.BOOKED
        appointment.confirmed_by_reply = appointment.confirmed_by_staff = None
        appointment.version += 1
        scene.db.flush()


def _call_back(scene: Scene, appointment: Appointment) -> None:
    # By text the same words say "call me" and "I cannot come": after those nobody is counted as coming.
    if scene.reply.channel is Channel.SMS:
        _take_back_the_yes(scene, appointment)
    _hand_to_staff(TaskKind.CALLBACK, "callback", _ASKS_TO_BE_CALLED)(scene, appointment)


def _hand_to_staff(kind: TaskKind, effect: str, detail: str) -> Callable[[Scene, Appointment], None]:
    def effect_on(scene: Scene, appointment: Appointment) -> None:
        scene.open_task(kind, appointment, detail)
        scene.note(effect, appointment)

    return effect_on


def _ride(scene: Scene, appointment: Appointment) -> None:
    rides.ask(scene.db, appointment, reply=scene.reply.id, now=scene.now)
    scene.note("ride", appointment)


def _close_wish(scene: Scene, appointment: Appointment) -> None:
    """The other day was found after all; a request to be called back for another reason stays open."""
    task = open_task_about(scene.db, TaskKind.CALLBACK, appointment.id)
    if task is not None and task.detail.startswith(WANTS_ANOTHER_DAY):
        close_task(scene.db, task, now=scene.now)


def _close_what_texts_asked(scene: Scene, appointment: Appointment) -> None:
    """Who texts "2" and then "1" comes after all. What a call or staff asked for, and what somebody took up, stays."""
    if scene.reply.channel is not Channel.SMS:
        return
    for kind, answers, details in _SETTLED_BY_A_YES:
        task = open_task_about(scene.db, kind, appointment.id)
        if task is None or task.assignee is not None or task.detail not in details:
            continue
        asked = select(Reply.channel, Reply.phone).where(
            col(Reply.appointment) == appointment.id, col(Reply.answer).in_(answers), col(Reply.id) != scene.reply.id
        )
        if set(scene.db.exec(asked)) == {(Channel.SMS, scene.reply.phone)}:
            task.result = write_result(Result.COMING)
            close_task(scene.db, task, now=scene.now)


def _successor(db: Session, appointment_id: str | None) -> Appointment | None:
    return db.exec(select(Appointment).where(col(Appointment.moved_from) == appointment_id)).first()


def _not_an_answer(scene: Scene) -> None:
    """Again, slower, another language, or not understood: in a call it passes; a text waits for staff to read it."""
    about = scene.appointment()
    if scene.reply.channel is not Channel.SMS:
        scene.note("none", about)
        return
    detail = f"a text we could not act on ({scene.reply.answer.value})"
    scene.open_task(TaskKind.QUESTION, about, detail, subject=scene.reply.id)
    scene.note("question", about)


_ASKS_TO_BE_CALLED: Final = "asks to be called back"
_GIVEN_ALREADY: Final = "says this dose was given already"
_SETTLED_BY_A_YES: Final = (
    (
        TaskKind.CALLBACK,
        (Answer.MOVE, Answer.CALLBACK, Answer.STAFF),
        (WANTS_ANOTHER_DAY, MUST_NOT_WAIT, _ASKS_TO_BE_CALLED),
    ),
    (TaskKind.QUESTION, (Answer.ALREADY_VACCINATED,), (_GIVEN_ALREADY,)),
)
"""Tasks that a text opened, the answers that open them, and their details."""
_ABOUT_THE_APPOINTMENT: Final[dict[Answer, Callable[[Scene, Appointment], None]]] = {
    Answer.COMING: _coming,
    Answer.MOVE: _move_asked,
    Answer.CALLBACK: _call_back,
    Answer.RIDE: _ride,
    Answer.ALREADY_VACCINATED: _hand_to_staff(TaskKind.QUESTION, "already_vaccinated", _GIVEN_ALREADY),
    Answer.STAFF: _hand_to_staff(TaskKind.CALLBACK, "staff", "asks for a person at the clinic"),
}
_ABOUT_THE_PHONE: Final[dict[Answer, Callable[[Scene], None]]] = {
    Answer.STOP: phone_effects.stop,
    Answer.WRONG_PERSON: phone_effects.wrong_person,
}
