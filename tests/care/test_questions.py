"""Texts that ask back: to whom they may go, and what becomes of those that cannot."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from gateway.care.consent import record_stop
from gateway.care.notices import OPTIONS, WHICH_PERSON, hand_to_staff, is_outside_ladder, plan_notice, plan_question
from gateway.kit.answers import Answer
from gateway.kit.phones import LineType
from gateway.records.conversations import TextQuestion
from gateway.records.people import PhoneRole
from gateway.records.status import Channel, TaskKind
from gateway.records.work import Task


def asked(house, phone, *appointments, **more) -> TextQuestion:
    reply = house.reply(phone, Answer.UNCLEAR, channel=Channel.SMS)
    people = [[one.id] for one in appointments]
    return house.add(TextQuestion(phone=phone.id, reply=reply.id, people=people, asked_at=house.now, **more))


@pytest.fixture
def two(house):
    people = house.person(), house.person()
    return (*[house.appointment(one) for one in people], house.phone(*people))


@pytest.mark.parametrize("step", ["answer", "answer:0a1b2c3d"])
def test_what_follows_an_answer_is_no_step_of_the_ladder(step):
    assert is_outside_ladder(step)
    assert not is_outside_ladder("answering")
    assert not is_outside_ladder("reminder")


def test_a_question_is_about_the_first_of_those_it_asks_about_and_short_lived(house, two):
    first, second, phone = two
    question = asked(house, phone, first, second)

    planned = plan_question(house.db, question, WHICH_PERSON, now=house.now)

    assert (planned.appointment, planned.purpose, planned.channel) == (first.id, WHICH_PERSON, Channel.SMS)
    assert planned.expires_at == house.now + timedelta(hours=18)
    assert question.reminder == planned.id


def test_a_question_about_somebody_chosen_hangs_on_them(house, two):
    first, second, phone = two
    assert (
        plan_question(house.db, asked(house, phone, first, second, chosen=[2]), OPTIONS, now=house.now).appointment
        == second.id
    )


def test_a_second_question_about_one_appointment_stands_beside_the_first_and_beside_its_yes(house, two):
    first, _, phone = two
    one = asked(house, phone, first)
    steps = [plan_question(house.db, one, OPTIONS, now=house.now).step]
    one.closed_at = house.now
    house.db.flush()
    steps += [plan_question(house.db, asked(house, phone, first), OPTIONS, now=house.now).step]
    steps += [plan_notice(house.db, first, "confirmed", now=house.now).step]

    assert len(set(steps)) == 3
    assert all(is_outside_ladder(step) for step in steps)


def test_who_stopped_this_phone_is_not_asked_back_on_it(house, two):
    first, second, phone = two
    record_stop(house.db, first.person, phone.id, source="test", now=house.now)
    question = asked(house, phone, first, second)

    assert plan_question(house.db, question, WHICH_PERSON, now=house.now).appointment == second.id
    record_stop(house.db, second.person, phone.id, source="test", now=house.now)
    assert plan_question(house.db, question, WHICH_PERSON, now=house.now) is None


@pytest.mark.parametrize("why", ["parked", "landline", "volunteer"])
def test_a_number_that_may_not_be_texted_is_asked_nothing(house, why):
    person = house.person()
    role = PhoneRole.VHV if why == "volunteer" else PhoneRole.OWN
    phone = house.phone(person, role=role, line=LineType.LANDLINE if why == "landline" else LineType.MOBILE)
    phone.parked_at = house.now if why == "parked" else None
    question = asked(house, phone, house.appointment(person))

    assert plan_question(house.db, question, OPTIONS, now=house.now) is None
    assert question.reminder is None


def test_a_question_that_did_not_arrive_is_read_by_staff_once(house, two):
    first, second, phone = two
    question = asked(house, phone, first, second)
    planned = plan_question(house.db, question, WHICH_PERSON, now=house.now)

    for _ in range(2):
        hand_to_staff(house.db, planned, now=house.now)

    [task] = house.db.exec(select(Task)).all()
    assert (task.kind, task.subject, task.site) == (TaskKind.QUESTION, question.reply, first.site)
    assert question.closed_at == house.now
