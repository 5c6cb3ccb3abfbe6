"""Telephones corrected and added at the desk."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from gateway.care import desk_phones as desk
from gateway.care.consent import record_stop
from gateway.care.desk_work import NotPossible
from gateway.records.people import CarrierBlock, Consent, PersonPhone, Phone, PhoneRole
from gateway.records.status import AttemptStatus, Channel, ReminderStatus
from tests.care.conftest import NOW
from tests.care.desk import SOMEL, case

BY = {"staff": SOMEL, "now": NOW}
NEW = "089-999 0001"


def expect_refusal(key: str):
    return pytest.raises(NotPossible, match=f"^{key}$")


def links(house, person) -> dict[str, PersonPhone]:
    found = house.db.exec(
        select(Phone, PersonPhone)
        .join(PersonPhone, col(PersonPhone.phone) == col(Phone.id))
        .where(col(PersonPhone.person) == person.id)
    )
    return {phone.e164: link for phone, link in found}


def test_a_corrected_number_takes_the_place_of_the_old_one_for_this_person_alone(house):
    one = case(house)
    neighbour = house.person()
    house.add(PersonPhone(person=neighbour.id, phone=one.phone.id, role=PhoneRole.HOUSEHOLD, rank=1))
    links(house, one.person)[one.phone.e164].rank = 3

    audit = desk.phone_corrected(house.db, one.person.id, one.phone.id, NEW, role=PhoneRole.CARER, **BY)

    (number, link) = links(house, one.person).popitem()
    assert (number, link.role, link.rank) == ("+66899990001", PhoneRole.CARER, 3)
    assert list(links(house, neighbour)) == [one.phone.e164]
    assert one.reminder.status is ReminderStatus.PLANNED
    assert "9999" not in str(audit.before) + str(audit.after), "the record of deeds holds no number"


def test_a_stop_follows_the_person_to_the_corrected_number(house):
    one = case(house)
    record_stop(house.db, one.person.id, one.phone.id, channel=Channel.VOICE, source="test", now=NOW)
    desk.phone_corrected(house.db, one.person.id, one.phone.id, NEW, **BY)
    link = links(house, one.person)["+66899990001"]
    assert (link.sms, link.voice) == (Consent.ALLOW, Consent.STOP)


def test_a_call_on_its_way_to_the_old_number_is_asked_to_end_unless_it_is_for_others_too(house):
    one, other = case(house), case(house, vaccine="td")
    alone = house.attempt(one.phone, one.reminder, status=AttemptStatus.SUBMITTED)
    desk.phone_corrected(house.db, one.person.id, one.phone.id, NEW, **BY)
    assert alone.cancel_requested_at == NOW

    house.add(PersonPhone(person=one.person.id, phone=other.phone.id, role=PhoneRole.HOUSEHOLD, rank=1))
    both = house.attempt(other.phone, house.reminder(one.appointment, step="x"), other.reminder)
    desk.phone_corrected(house.db, one.person.id, other.phone.id, "0899990002", **BY)
    assert both.cancel_requested_at is None


def test_an_added_number_is_tried_last_and_keeps_a_stop_that_holds_everywhere(house):
    one = case(house)
    record_stop(house.db, one.person.id, one.phone.id, channel=Channel.SMS, source="test", now=NOW)
    desk.phone_added(house.db, one.person.id, NEW, role=PhoneRole.HOUSEHOLD, **BY)
    link = links(house, one.person)["+66899990001"]
    assert (link.rank, link.role, link.sms, link.voice) == (1, PhoneRole.HOUSEHOLD, Consent.STOP, Consent.ALLOW)


def test_a_number_known_to_be_another_s_or_refused_by_the_carrier_says_so(house):
    one = case(house)
    known = house.phone(house.person())
    known.parked_at, known.parked_reason = NOW, "wrong_person"
    house.add(CarrierBlock(phone=known.id, sender="Tamnat", code="21610", at=NOW))
    audit = desk.phone_added(house.db, one.person.id, known.e164, **BY)
    assert audit.after["said"]["known"] == ["parked", "blocked"]
    landline = desk.phone_added(house.db, one.person.id, "054 230 100", **BY)
    assert landline.after["said"]["known"] == ["no_texts"]
    assert known.parked_at == NOW, "adding it does not unpark it"


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("", "phone_empty"),
        ("ไม่มี", "phone_empty"),
        ("12", "phone_not_valid"),
        ("0812", "phone_not_valid"),
        ("<script>", "phone_not_valid"),
        ("0899990001, 0899990002", "phone_several"),
    ],
)
def test_what_is_no_number_is_refused(house, raw, key):
    one = case(house)
    with expect_refusal(key):
        desk.phone_added(house.db, one.person.id, raw, **BY)
    with expect_refusal(key):
        desk.phone_corrected(house.db, one.person.id, one.phone.id, raw, **BY)
    assert list(links(house, one.person)) == [one.phone.e164]


def test_a_volunteer_s_own_number_is_never_taken_for_the_patient_s(house):
    one = case(house)
    volunteers = house.phone(house.person(), role=PhoneRole.VHV)
    with expect_refusal("phone_vhv"):
        desk.phone_added(house.db, one.person.id, volunteers.e164, **BY)
    with expect_refusal("phone_role"):
        desk.phone_added(house.db, one.person.id, NEW, role=PhoneRole.VHV, **BY)


def test_a_number_they_have_already_and_one_that_is_not_theirs(house):
    one = case(house)
    with expect_refusal("phone_known"):
        desk.phone_corrected(house.db, one.person.id, one.phone.id, one.phone.e164, **BY)
    with expect_refusal("phone_not_theirs"):
        desk.phone_corrected(house.db, one.person.id, house.phone(house.person()).id, NEW, **BY)


def test_a_number_on_which_stop_was_typed_is_not_texted_for_somebody_to_whom_it_is_given_later(house):
    one, neighbour = case(house), case(house, vaccine="td")
    record_stop(house.db, neighbour.person.id, neighbour.phone.id, source="reply by sms", now=NOW)
    desk.phone_added(house.db, one.person.id, neighbour.phone.e164, role=PhoneRole.HOUSEHOLD, **BY)
    link = links(house, one.person)[neighbour.phone.e164]
    assert (link.sms, link.voice) == (Consent.STOP, Consent.STOP)
