"""What staff are offered to do for a person."""

from __future__ import annotations

from datetime import timedelta

from gateway.care import at_the_desk
from gateway.care.desk_view import actions_for
from gateway.care.regimens import load_regimens
from gateway.records.people import Consent, PersonPhone, PhoneRole
from gateway.records.status import AppointmentStatus
from tests.care.conftest import NOW
from tests.care.desk import SOMEL, case, day

REGIMENS = load_regimens()


def view(house, one, *, now=NOW):
    return actions_for(house.db, one.person.id, now=now, regimens=REGIMENS)


def test_before_the_day_one_may_confirm_but_not_say_that_they_came(house):
    (found,) = view(house, case(house)).appointments
    assert (found.may_confirm, found.may_come, found.may_miss, found.is_live) == (True, False, False, True)


def test_from_the_hour_on_one_may_say_that_they_came_or_did_not(house):
    one = case(house)
    (found,) = view(house, one, now=one.appointment.starts_at).appointments
    assert (found.may_confirm, found.may_come, found.may_miss) == (True, True, True)
    (found,) = view(house, one, now=one.appointment.starts_at + timedelta(days=1)).appointments
    assert (found.may_confirm, found.may_come, found.may_miss) == (False, True, True)


def test_what_is_confirmed_is_not_confirmed_again(house):
    one = case(house)
    one.appointment.status = AppointmentStatus.CONFIRMED
    assert not view(house, one).appointments[0].may_confirm


def test_who_came_may_have_the_dose_written_down_until_it_is(house):
    one = case(house, ahead=0)
    at_the_desk.came(house.db, one.appointment.id, staff=SOMEL, now=NOW)
    (found,) = view(house, one).appointments
    assert not found.is_live
    assert found.products[0] == ("influenza", "ไข้หวัดใหญ่", "Influenza")
    at_the_desk.vaccinated(house.db, one.appointment.id, product="influenza", given_on=day(0), staff=SOMEL, now=NOW)
    assert view(house, one).appointments == ()


def test_who_came_long_ago_is_no_longer_offered(house):
    one = case(house, ahead=0)
    at_the_desk.came(house.db, one.appointment.id, staff=SOMEL, now=NOW)
    assert view(house, one, now=NOW + timedelta(days=40)).appointments == ()


def test_the_soonest_stands_first(house):
    one = case(house, ahead=5)
    sooner = house.appointment(one.person, house.session(day(1), vaccine="td"))
    assert [found.id for found in view(house, one).appointments] == [sooner.id, one.appointment.id]


def test_for_the_dead_there_is_only_a_note_and_for_the_merged_nothing(house):
    one, two = case(house), case(house, vaccine="td")
    one.person.died_on = day(-1)
    two.person.merged_into = one.person.id
    dead, merged = view(house, one), view(house, two)
    assert (dead.is_open, dead.may_note, dead.appointments) == (False, True, ())
    assert (merged.is_open, merged.may_note) == (False, False)


def test_contact_is_stopped_where_it_is_allowed_and_resumed_where_it_was_stopped(house):
    one = case(house)
    assert (view(house, one).may_stop, view(house, one).may_resume) == (True, False)
    link = house.db.get_one(PersonPhone, (one.person.id, one.phone.id))
    link.sms = Consent.STOP
    assert (view(house, one).may_stop, view(house, one).may_resume) == (True, True)
    link.voice = Consent.STOP
    assert (view(house, one).may_stop, view(house, one).may_resume) == (False, True)


def test_a_volunteer_s_phone_is_not_the_person_s_to_correct(house):
    one = case(house)
    house.phone(one.person, role=PhoneRole.VHV)
    assert [phone.id for phone in view(house, one).phones] == [one.phone.id]


def test_a_number_set_aside_says_so(house):
    one = case(house)
    one.phone.parked_at = NOW
    assert view(house, one).phones[0].known == ("parked",)
