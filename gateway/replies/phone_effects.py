"""Answers about the phone: stop, and "this is not my phone". They hold whatever became of the appointment."""

from __future__ import annotations

from typing import Final

from sqlmodel import col, select

from gateway.care.consent import DENIED, TYPED, record_stop
from gateway.care.hotline_waits import got_through
from gateway.care.notices import plan_apology
from gateway.care.tasks import close_task, open_task_about
from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.conversations import Reply
from gateway.records.people import PersonPhone, Phone, PhoneRole
from gateway.records.status import Channel, TaskKind
from gateway.replies.scene import Scene

_OF_ONE: Final = "reply by {}, for one person"


def stop(scene: Scene) -> None:
    """Stop this phone by every channel: by text for everyone who uses it, in a call for the person who was asked.

    Whoever typed it did not want this phone to ring, for whomever (ADR 9); "STOP 2" says for whom.
    """
    is_for_all = scene.reply.channel is Channel.SMS and not scene.is_named
    people = _users(scene) if is_for_all else _people_meant(scene)
    for person in people:
        _stop_contact(scene, person, source=TYPED if is_for_all else _OF_ONE.format(scene.reply.channel.value))
        scene.stop_person(person)
    if set(people) >= set(_users(scene)):  # nobody calls back, either, who called the hotline in vain
        got_through(scene.db, scene.reply.phone, now=scene.now)
    if not people:
        scene.open_task(TaskKind.UNMATCHED, None, "stop from a phone nobody here uses")
    scene.note("stopped" if people else "unmatched", scene.appointment())


def wrong_person(scene: Scene) -> None:
    """Never greet this person on this phone again: a stranger would learn a patient's name each time.

    The phone is parked, unless it is somebody else's of the house: one person was chosen out of several on it, or
    another has answered on it. Then one name is wrong, and the others are called and texted as before. A parked phone
    gets one text more, which says sorry and names nobody.
    """
    meant = _people_meant(scene)
    phone = scene.db.get(Phone, scene.reply.phone)
    is_parked_now = False
    if scene.is_named or _others_answered(scene, meant):
        for person in meant:
            _stop_contact(scene, person, source=DENIED)
    elif phone is not None and phone.parked_at is None:
        phone.parked_at, phone.parked_reason = scene.now, "wrong_person"
        is_parked_now = True
    appointment = scene.appointment()
    if appointment is not None:
        scene.stop_ladder(appointment)
        _withdraw_callback(scene, appointment)
    for person in meant:
        if appointment is None:
            scene.stop_person(person)
        subject = appointment.id if appointment and appointment.person == person else f"phone:{person}"
        scene.open_task(TaskKind.MATCH, appointment, "the phone is not this person's", subject=subject, person=person)
    if is_parked_now and phone is not None:  # after the ladders were stopped, or it would be stopped with them
        plan_apology(scene.db, phone, meant, now=scene.now)
    if not meant:
        scene.open_task(TaskKind.UNMATCHED, None, "wrong number, from a phone nobody here uses")
    scene.note("wrong_person", appointment)


def _withdraw_callback(scene: Scene, appointment: Appointment) -> None:
    """Nobody is to ring back a stranger who pressed 3 before they understood whom it was for.

    A call-back that was asked for on another phone of the person, or that staff owe them, stays.
    """
    task = open_task_about(scene.db, TaskKind.CALLBACK, appointment.id)
    wishes = select(Reply.phone).where(
        col(Reply.appointment) == appointment.id, col(Reply.answer).in_((Answer.CALLBACK, Answer.STAFF, Answer.MOVE))
    )
    if task is not None and set(scene.db.exec(wishes)) == {scene.reply.phone}:
        close_task(scene.db, task, now=scene.now)


def _stop_contact(scene: Scene, person: str, *, source: str) -> None:
    record_stop(scene.db, person, scene.reply.phone, source=source, reply=scene.reply.id, now=scene.now)


def _people_meant(scene: Scene) -> list[str]:
    return _users(scene) if scene.reply.person is None else [scene.reply.person]


def _users(scene: Scene) -> list[str]:
    """The people on this phone; a volunteer is not one of them."""
    mine = col(PersonPhone.phone) == scene.reply.phone
    return sorted(scene.db.exec(select(PersonPhone.person).where(mine, col(PersonPhone.role) != PhoneRole.VHV)))


def _others_answered(scene: Scene, meant: list[str]) -> bool:
    others = [person for person in _users(scene) if person not in meant]
    answered = select(Reply.id).where(
        col(Reply.phone) == scene.reply.phone,
        col(Reply.person).in_(others),
        col(Reply.answer).not_in((Answer.WRONG_PERSON, Answer.UNCLEAR)),
    )
    return bool(others) and scene.db.exec(answered).first() is not None
