"""What people did is kept once, and a phone's people are found."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import select

from gateway.kit.answers import Answer
from gateway.records.contacts import AttemptItem, Direction
from gateway.records.conversations import Call, Reply
from gateway.records.people import PersonPhone, PhoneRole
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus
from gateway.replies.inbox import UNKNOWN_ROLE, answering, is_text_known, record_reply, who_may_this_be

TODAY = date(2026, 11, 23)


def said(house, phone, **more):
    values = {"channel": Channel.VOICE, "raw": "1", "answer": Answer.COMING, "now": house.now, **more}
    return record_reply(house.db, phone_id=phone.id, **values)


def call_on(house, phone) -> str:
    return house.add(Call(attempt=house.attempt(phone).id, carrier_sid="CA1", flow="x", opened_at=house.now)).id


def test_a_turn_posted_twice_is_one_reply(house):
    phone = house.phone(house.person())
    call = call_on(house, phone)

    first, is_new = said(house, phone, call=call, turn_no=1)
    again, is_new_again = said(house, phone, call=call, turn_no=1, answer=Answer.MOVE)

    assert (is_new, is_new_again) == (True, False)
    assert again is first
    assert first.answer is Answer.COMING


def test_the_next_turn_is_another_reply(house):
    phone = house.phone(house.person())
    call = call_on(house, phone)
    said(house, phone, call=call, turn_no=1)

    assert said(house, phone, call=call, turn_no=2)[1]


def test_a_text_handed_over_twice_is_one_reply(house):
    phone = house.phone(house.person())
    said(house, phone, channel=Channel.SMS, carrier_msg_id="SM1")

    assert not said(house, phone, channel=Channel.SMS, carrier_msg_id="SM1")[1]
    assert said(house, phone, channel=Channel.SMS, carrier_msg_id="SM2")[1]
    assert len(house.db.exec(select(Reply)).all()) == 2


def test_one_key_is_a_reply_for_each_appointment_and_each_of_them_once(house):
    person = house.person()
    phone = house.phone(person)
    call = call_on(house, phone)
    mine = [house.appointment(person), house.appointment(person, dose_no=2)]

    twice = [said(house, phone, call=call, turn_no=1, person=person.id, appointment=a.id) for a in [*mine, *mine]]

    assert [is_new for _, is_new in twice] == [True, True, False, False]
    assert [reply.appointment for reply, _ in twice[:2]] == [a.id for a in mine]


def test_one_text_is_a_reply_for_each_appointment_and_known_by_its_number(house):
    person = house.person()
    phone = house.phone(person)
    mine = [house.appointment(person), house.appointment(person, dose_no=2)]
    assert not is_text_known(house.db, "SM1")

    for one in mine:
        assert said(house, phone, channel=Channel.SMS, carrier_msg_id="SM1", appointment=one.id)[1]

    assert is_text_known(house.db, "SM1")
    assert len(house.db.exec(select(Reply)).all()) == 2


def test_the_reply_says_who_answered_for_whom(house):
    daughter, mother = house.person(), house.person()
    phone = house.phone(daughter)
    house.add(PersonPhone(person=mother.id, phone=phone.id, role=PhoneRole.CARER))

    reply, _ = said(house, phone, person=mother.id)

    assert (reply.by_role, reply.by_person) == ("carer", daughter.id)
    assert answering(house.db, phone.id, daughter.id) == ("own", None)
    assert answering(house.db, phone.id, None) == (UNKNOWN_ROLE, daughter.id)


def test_where_two_call_a_phone_their_own_it_is_not_known_who_held_it(house):
    husband, wife = house.person(), house.person()
    phone = house.phone(husband, wife)

    assert answering(house.db, phone.id, wife.id) == ("own", None)
    assert answering(house.db, phone.id, None) == (UNKNOWN_ROLE, None)


def test_the_dead_and_the_merged_own_no_phone(house):
    wife, widow = house.person(died_on=TODAY), house.person()
    phone = house.phone(wife)
    house.add(PersonPhone(person=widow.id, phone=phone.id, role=PhoneRole.HOUSEHOLD))

    assert answering(house.db, phone.id, widow.id) == ("household", None)


def test_replies_without_a_turn_or_message_are_each_their_own(house):
    phone = house.phone(house.person())

    assert said(house, phone)[1]
    assert said(house, phone)[1]


def test_a_very_long_text_is_kept_to_its_column(house):
    assert len(said(house, house.phone(house.person()), raw="ก" * 5000)[0].raw) == 1600


def contacted(house, person, phone, session=None, **more):
    appointment = house.appointment(person, session, **more)
    reminder = house.reminder(appointment, ReminderStatus.SENT)
    return appointment, reminder, house.attempt(phone, reminder)


def test_the_people_contacted_on_a_phone_come_soonest_first(house):
    later, sooner = house.person(), house.person()
    phone = house.phone(later, sooner)
    second = contacted(house, later, phone, starts_at=house.now + timedelta(days=5))
    first = contacted(house, sooner, phone)

    found = who_may_this_be(house.db, phone.id, now=house.now)

    assert [(one.appointment, one.reminder, one.attempt) for one in found] == [first, second]


def test_the_newest_attempt_is_the_one_answered(house):
    person = house.person()
    phone = house.phone(person)
    _, reminder, old = contacted(house, person, phone)
    old.status = AttemptStatus.NO_ANSWER
    for item in house.db.exec(select(AttemptItem)):
        item.live = False
    newest = house.attempt(phone, reminder, created_at=house.now + timedelta(hours=1))

    assert [one.attempt for one in who_may_this_be(house.db, phone.id, now=house.now)] == [newest]


def test_who_was_not_contacted_lately_is_named_only_when_asked_for(house):
    person = house.person()
    phone = house.phone(person)
    appointment = house.appointment(person)
    old = house.reminder(appointment, ReminderStatus.SENT)
    house.attempt(phone, old, created_at=house.now - timedelta(days=30))

    assert who_may_this_be(house.db, phone.id, now=house.now) == []
    found = who_may_this_be(house.db, phone.id, now=house.now, contacted_within=None)
    assert [one.appointment for one in found] == [appointment]


@pytest.mark.parametrize("status", [AttemptStatus.QUEUED, AttemptStatus.FAILED, AttemptStatus.CANCELLED])
def test_an_attempt_that_never_left_is_no_contact(house, status):
    person = house.person()
    phone = house.phone(person)
    reminder = house.reminder(house.appointment(person))
    house.attempt(phone, reminder, status=status)

    assert who_may_this_be(house.db, phone.id, now=house.now) == []


def test_a_call_that_came_in_is_no_contact_of_ours(house):
    person = house.person()
    phone = house.phone(person)
    house.attempt(phone, house.reminder(house.appointment(person)), direction=Direction.IN)

    assert who_may_this_be(house.db, phone.id, now=house.now) == []


def test_an_appointment_of_this_morning_still_counts_but_yesterdays_does_not(house):
    person = house.person()
    phone = house.phone(person)
    this_morning, *_ = contacted(house, person, phone, starts_at=house.now - timedelta(hours=1))
    contacted(house, person, phone, starts_at=house.now - timedelta(days=1), dose_no=2)

    found = who_may_this_be(house.db, phone.id, now=house.now)

    assert [one.appointment for one in found] == [this_morning]


@pytest.mark.parametrize("status", [AppointmentStatus.MOVED, AppointmentStatus.CANCELLED, AppointmentStatus.KEPT])
def test_an_appointment_that_is_over_is_not_meant(house, status):
    person = house.person()
    phone = house.phone(person)
    contacted(house, person, phone, status=status)

    assert who_may_this_be(house.db, phone.id, now=house.now) == []


def test_a_volunteers_phone_speaks_for_nobody(house):
    person = house.person()
    phone = house.phone(person, role=PhoneRole.VHV)
    contacted(house, person, phone)

    assert who_may_this_be(house.db, phone.id, now=house.now, contacted_within=None) == []


def test_the_dead_and_a_parked_phone_are_not_answering(house):
    person = house.person(died_on=TODAY)
    phone = house.phone(person)
    contacted(house, person, phone)
    living = house.person()
    parked = house.phone(living)
    contacted(house, living, parked)
    parked.parked_at = house.now

    assert who_may_this_be(house.db, phone.id, now=house.now) == []
    assert who_may_this_be(house.db, parked.id, now=house.now) == []
