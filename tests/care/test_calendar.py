"""The month an appointment may be moved in."""

from __future__ import annotations

from datetime import date, time, timedelta

from gateway.care.calendar import month_of
from gateway.care.regimens import load_regimens
from gateway.kit.clock import at_bangkok
from gateway.records.places import Closure, Part
from tests.care.conftest import NOW
from tests.care.desk import TODAY, case, day

REGIMENS = load_regimens()
HOLIDAYS = frozenset({date(2026, 12, 7)})


def calendar(house, one, *, first: date = TODAY, site: str = "10714", **more):
    return month_of(house.db, one.appointment, first=first, site=site, now=NOW, regimens=REGIMENS, **more)


def on(month, wanted: date):
    return next(found for week in month.weeks for found in week if found.day == wanted)


def test_a_month_is_whole_weeks_from_monday_to_sunday(house):
    month = calendar(house, case(house), first=date(2026, 11, 15))
    days = [found.day for week in month.weeks for found in week]
    assert days == [date(2026, 10, 26) + timedelta(days=n) for n in range(42)]
    assert {len(week) for week in month.weeks} == {7}
    assert all(week[0].day.weekday() == 0 for week in month.weeks)
    assert (month.previous, month.next) == (None, date(2026, 12, 1))
    assert on(month, day(0)).is_today
    assert not on(month, date(2026, 10, 26)).inside


def test_months_go_on_over_the_year_and_back_to_the_present_one(house):
    one = case(house)
    assert calendar(house, one, first=date(2026, 12, 9)).next == date(2027, 1, 1)
    assert calendar(house, one, first=date(2027, 1, 9)).previous == date(2026, 12, 1)


def test_each_session_says_how_many_seats_are_left(house):
    one = case(house)
    one.other.taken = 3
    (choice,) = on(calendar(house, one), day(3)).choices
    assert (choice.part, choice.free, choice.seats, choice.obstacle) == (Part.MORNING, 2, 5, "")


def test_why_a_session_cannot_be_chosen_is_a_word(house):
    one = case(house)
    full = house.session(day(4), vaccine="influenza", capacity=0)
    closed = house.session(day(5), vaccine="influenza")
    closed.closed_at = NOW
    half = house.session(day(6), vaccine="influenza", part=Part.AFTERNOON)
    house.add(Closure(site="10714", day=day(6), part="afternoon"))
    begun = house.session(day(0), vaccine="influenza")
    house.session(day(7), vaccine="rabies")
    house.add(Closure(site="10714", day=day(7), part=""))
    month = calendar(house, one, holidays=HOLIDAYS)
    words = {choice.session: choice.obstacle for week in month.weeks for found in week for choice in found.choices}
    assert words == {
        one.session.id: "present", one.other.id: "", full.id: "full", closed.id: "closed", half.id: "closed",
        begun.id: "begun",
    }  # fmt: skip
    assert on(month, day(7)).note == "closed"
    assert on(month, day(2)).is_present


def test_a_holiday_is_named_and_a_session_on_it_can_still_be_chosen(house):
    one = case(house)
    session = house.session(date(2026, 12, 7), vaccine="influenza")
    found = on(calendar(house, one, first=date(2026, 12, 1), holidays=HOLIDAYS), date(2026, 12, 7))
    assert found.note == "holiday"
    assert [(choice.session, choice.obstacle) for choice in found.choices] == [(session.id, "")]


def test_days_outside_the_interval_are_too_early_or_later_than_recommended(house):
    one = case(house, ahead=10, vaccine="hepatitis_b", dose=2)
    house.dose(one.person, day(-25), regimen="hepatitis_b")
    early = house.session(day(2), vaccine="hepatitis_b")
    late = house.session(day(90), vaccine="hepatitis_b")
    month = calendar(house, one)
    assert [choice.obstacle for choice in on(month, day(2)).choices] == ["too_early"], early
    (choice,) = on(calendar(house, one, first=late.day), late.day).choices
    assert (choice.obstacle, choice.warnings) == ("", ("late",))


def test_a_day_sooner_than_the_present_one_is_no_delay_however_late_the_course_is(house):
    one = case(house, ahead=10, vaccine="hepatitis_b", dose=2)
    house.dose(one.person, day(-300), regimen="hepatitis_b")
    house.session(day(5), vaccine="hepatitis_b")
    month = calendar(house, one)
    assert on(month, day(5)).choices[0].warnings == ()
    assert on(calendar(house, one, first=day(11)), day(11)).choices[0].warnings == ("late",)


def test_a_later_dose_already_booked_ends_the_calendar(house):
    one = case(house, ahead=2, vaccine="hepatitis_b")
    house.appointment(one.person, house.session(day(40), vaccine="hepatitis_b"), dose_no=2)
    house.session(day(20), vaccine="hepatitis_b")
    month = calendar(house, one, first=day(20))
    assert [choice.obstacle for choice in on(month, day(20)).choices] == ["too_late"]


def test_other_sites_of_the_district_can_be_chosen_and_no_others(house):
    one = case(house)
    house.site("20000", tambon="อื่น")
    house.site("90000", district="ไกล")
    there = house.session(day(3), vaccine="influenza", site="20000")
    month = calendar(house, one, site="20000")
    assert [site.code for site in month.sites] == ["10714", "20000"]
    assert [choice.session for choice in on(month, day(3)).choices] == [there.id]
    assert calendar(house, one, site="90000").site == "10714"


def test_the_next_day_with_a_seat_is_named(house):
    one = case(house)
    one.other.capacity = 0
    far = house.session(date(2027, 2, 3), vaccine="influenza")
    assert calendar(house, one).next_free == far.day
    assert calendar(house, one, first=date(2027, 3, 1)).next_free is None


def test_a_narrow_screen_gets_the_days_that_say_something(house):
    one = case(house)
    assert [found.day for found in calendar(house, one).days] == [day(0), one.session.day, one.other.day]


def test_an_appointment_without_a_session_is_offered_its_regimens(house):
    one = case(house)
    loose = house.appointment(one.person, None, regimen="influenza", course=2, starts_at=at_bangkok(day(9), time(9)))
    one.appointment = loose
    assert on(calendar(house, one), day(3)).choices[0].session == one.other.id
