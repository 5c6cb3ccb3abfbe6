"""Who may be contacted where, and the record of every change."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import select

from gateway.care.consent import may_contact, phones_for, record_start, record_stop
from gateway.kit.phones import LineType
from gateway.records.people import Consent, ConsentEvent, ConsentKind, PersonPhone, PhoneRole
from gateway.records.status import Channel


def link_of(house, person, phone) -> PersonPhone:
    return house.db.get_one(PersonPhone, (person.id, phone.id))


def test_an_own_mobile_takes_calls_and_texts(house):
    person = house.person()
    phone = house.phone(person)

    assert may_contact(person, link_of(house, person, phone), phone, Channel.SMS)
    assert may_contact(person, link_of(house, person, phone), phone, Channel.VOICE)


@pytest.mark.parametrize("line", [LineType.LANDLINE, LineType.VOIP, LineType.OTHER])
def test_other_lines_take_calls_only(house, line):
    person = house.person()
    phone = house.phone(person, line=line)

    assert not may_contact(person, link_of(house, person, phone), phone, Channel.SMS)
    assert may_contact(person, link_of(house, person, phone), phone, Channel.VOICE)


def test_a_volunteers_own_phone_is_never_taken_for_the_patients(house):
    person = house.person()
    phone = house.phone(person, role=PhoneRole.VHV)

    assert not may_contact(person, link_of(house, person, phone), phone, Channel.VOICE)
    assert phones_for(house.db, person.id) == []


def test_a_parked_phone_is_not_used(house):
    person = house.person()
    phone = house.phone(person)
    phone.parked_at = house.now

    assert not may_contact(person, link_of(house, person, phone), phone, Channel.VOICE)
    assert phones_for(house.db, person.id) == []


@pytest.mark.parametrize("ended", [{"died_on": date(2026, 11, 1)}, {"merged_into": "another"}])
def test_who_died_or_was_merged_is_not_contacted_by_any_channel(house, ended):
    person = house.person()
    phone = house.phone(person)
    link = link_of(house, person, phone)
    for name, value in ended.items():
        object.__setattr__(person, name, value)

    assert not any(may_contact(person, link, phone, channel) for channel in Channel)
    house.db.expire(person)


def test_a_stop_on_one_channel_leaves_the_other(house):
    person = house.person()
    phone = house.phone(person)

    record_stop(house.db, person.id, phone.id, channel=Channel.SMS, source="text", now=house.now)

    link = link_of(house, person, phone)
    assert (link.sms, link.voice) == (Consent.STOP, Consent.ALLOW)
    assert not may_contact(person, link, phone, Channel.SMS)
    assert may_contact(person, link, phone, Channel.VISIT)


def test_a_stop_holds_for_that_person_only(house):
    one, other = house.person(), house.person()
    phone = house.phone(one, other)

    record_stop(house.db, one.id, phone.id, source="call", now=house.now)

    assert not may_contact(one, link_of(house, one, phone), phone, Channel.VOICE)
    assert may_contact(other, link_of(house, other, phone), phone, Channel.VOICE)


def test_stop_and_start_are_both_kept(house):
    person = house.person()
    phone = house.phone(person)

    record_stop(house.db, person.id, phone.id, source="text", now=house.now)
    record_start(house.db, person.id, phone.id, source="staff", now=house.now)

    kinds = [event.kind for event in house.db.exec(select(ConsentEvent))]
    assert kinds == [ConsentKind.STOP, ConsentKind.START]
    assert may_contact(person, link_of(house, person, phone), phone, Channel.SMS)


def test_phones_come_in_the_order_they_are_tried(house):
    person = house.person()
    second, first = house.phone(person), house.phone(person, role=PhoneRole.HOUSEHOLD)
    link_of(house, person, second).rank = 1
    house.db.flush()

    assert [phone.id for _, phone in phones_for(house.db, person.id)] == [first.id, second.id]
