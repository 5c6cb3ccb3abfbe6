"""What is offered for another day: own site first, halves of the day, later days, and what the course allows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.care import booking
from gateway.care.booking import Offers, find_offers
from gateway.records.places import Closure, Part

TODAY = date(2026, 11, 23)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


@pytest.fixture
def waiting(house):
    """Somebody with an appointment in two days' morning."""
    return house.appointment(house.person(), house.session(day(2)))


def ids(found: Offers) -> list[str]:
    return [one.session for one in found.offers]


def fill(house, session, call: str = "", *, minutes: int = 5) -> None:
    """Take every seat; with `call` the last one is only held."""
    for _ in range(session.capacity - bool(call)):
        booking.take_seat(house.db, house.appointment(house.person(), session))
    if call:
        booking.hold(house.db, session.id, call, until=house.now + timedelta(minutes=minutes))


def test_two_are_offered_and_more_lie_behind_them(house, waiting):
    third, fourth, fifth = (house.session(day(number)) for number in (3, 4, 5))

    found = find_offers(house.db, waiting, now=house.now)
    later = find_offers(house.db, waiting, now=house.now, after=found.offers[-1].starts_at)

    assert (ids(found), found.has_later) == ([third.id, fourth.id], True)
    assert (ids(later), later.has_later) == ([fifth.id], False)
    assert find_offers(house.db, waiting, now=house.now, after=fifth.starts_at) == Offers()


def test_the_halves_of_the_day_are_named_whatever_half_is_asked_for(house, waiting):
    house.session(day(3))
    afternoon = house.session(day(3), part=Part.AFTERNOON)
    found = find_offers(house.db, waiting, now=house.now, part="afternoon")
    assert ids(found) == [afternoon.id]
    assert found.parts == ("morning", "afternoon")
    assert not found.has_later


def test_a_half_of_the_day_that_is_full_is_not_named(house, waiting):
    house.session(day(3))
    fill(house, house.session(day(3), part=Part.AFTERNOON, capacity=1))
    assert find_offers(house.db, waiting, now=house.now).parts == ("morning",)


def test_the_own_sites_later_day_comes_before_a_sooner_one_elsewhere(house, waiting):
    house.site("20001")
    sooner, own = house.session(day(3), site="20001"), house.session(day(9))
    found = find_offers(house.db, waiting, now=house.now)
    assert [(one.session, one.site) for one in found.offers] == [(own.id, "10714"), (sooner.id, "20001")]


def test_where_the_own_site_is_full_the_nearest_of_the_district_is_offered(house, waiting):
    house.site("20001", tambon="บ่อแฮ้ว")
    house.site("20002", tambon="เวียง")
    house.site("20003", district="เกาะคา")
    fill(house, house.session(day(3), capacity=1))
    house.session(day(3), site="20003")
    far, near = house.session(day(3), site="20001"), house.session(day(5), site="20002", part=Part.AFTERNOON)
    found = find_offers(house.db, waiting, now=house.now)
    assert ids(found) == [near.id, far.id]
    assert found.parts == ("morning", "afternoon")


def test_a_seat_the_call_holds_is_free_to_it_and_to_nobody_else(house, waiting):
    full = house.session(day(3), capacity=2)
    fill(house, full, "mine")
    assert ids(find_offers(house.db, waiting, now=house.now, call="mine")) == [full.id]
    assert find_offers(house.db, waiting, now=house.now, call="other") == Offers()
    assert find_offers(house.db, waiting, now=house.now) == Offers()


def test_a_seat_held_too_long_is_offered_again_and_can_be_held(house, waiting):
    full = house.session(day(3), capacity=2)
    fill(house, full, "cut off", minutes=0)
    assert ids(find_offers(house.db, waiting, now=house.now)) == [full.id]
    assert booking.hold_only(house.db, [full.id], "mine", now=house.now) == (full.id,)
    assert house.seats_counted_right()


def test_nothing_is_offered_on_closed_days_and_holidays(house, waiting):
    house.session(day(3))
    house.add(Closure(site="10714", day=day(3)))
    house.session(day(4)).closed_at = house.now
    house.session(day(5))
    open_day = house.session(day(6))
    assert ids(find_offers(house.db, waiting, now=house.now, holidays=[day(5)])) == [open_day.id]


def test_a_second_dose_is_not_offered_before_its_minimum_at_any_site(house):
    house.site("20001")
    person = house.person()
    house.dose(person, day(-12), regimen="covid19_sv")
    second = house.appointment(person, house.session(day(9), vaccine="covid19_sv"), dose_no=2)
    for number in range(1, 5):
        house.session(day(number), vaccine="covid19_sv", site="20001")
    found = find_offers(house.db, second, now=house.now, count=9)
    assert [one.starts_at.date() for one in found.offers] == [day(2), day(3), day(4)]


def test_a_rabies_dose_is_offered_nothing_by_key(house):
    bitten = house.appointment(house.person(), house.session(day(2), vaccine="rabies"), dose_no=2)
    house.session(day(3), vaccine="rabies")
    assert find_offers(house.db, bitten, now=house.now) == Offers()


def test_the_seat_left_behind_is_offered_to_who_changes_their_mind(house, waiting):
    booking.take_seat(house.db, waiting)
    old, target = waiting.session, house.session(day(3))
    booking.hold_only(house.db, [target.id], "call-1", now=house.now)
    fresh = booking.move(house.db, waiting.id, target.id, now=house.now, call="call-1")
    assert old in ids(find_offers(house.db, fresh, now=house.now))


def test_only_what_is_asked_for_is_held_and_what_cannot_be_is_left_out(house):
    first, second, third = (house.session(day(number), capacity=1) for number in (3, 4, 5))
    booking.hold(house.db, third.id, "other", until=house.now + booking.HOLD_LASTS)
    booking.hold_only(house.db, [first.id], "mine", now=house.now)
    assert booking.hold_only(house.db, [second.id, third.id], "mine", now=house.now) == (second.id,)
    assert [one.taken for one in (first, second, third)] == [0, 1, 1]


def test_of_other_sites_only_those_that_can_be_named_are_offered_and_counted(house, waiting):
    house.site("20001")
    house.site("20002")
    nameless, named = house.session(day(3), site="20001"), house.session(day(4), site="20002")
    house.session(day(9), site="20001")
    everywhere = find_offers(house.db, waiting, now=house.now)
    found = find_offers(house.db, waiting, now=house.now, elsewhere=["20002"])
    assert len(everywhere.offers) == 2
    assert nameless.id in ids(everywhere)
    assert ids(found) == [named.id]
    assert not found.has_later
