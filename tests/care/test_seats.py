"""Seats for many at once, as a roster takes them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.care.booking import (
    SessionFull,
    find_offers,
    give_back_seat,
    hold_only,
    move,
    seat_of,
    take_seat,
    take_seats,
)
from gateway.records.places import Session

DAY = date(2026, 11, 25)


def test_many_seats_are_the_same_as_one_after_another(house):
    together, apart = house.session(DAY), house.session(DAY + timedelta(days=1))
    many = [house.appointment(house.person(), together) for _ in range(4)]
    single = [take_seat(house.db, house.appointment(house.person(), apart)) for _ in range(4)]

    take_seats(house.db, many)

    seats = [seat_of(house.db, one.id) for one in many]
    assert [seat.ticket for seat in seats] == [seat.ticket for seat in single]
    assert [seat.come_at for seat in seats] == [seat.come_at - timedelta(days=1) for seat in single]
    assert (together.taken, apart.taken) == (4, 4)


def test_many_seats_fill_the_holes_of_the_queue(house):
    session = house.session(DAY)
    first = [house.appointment(house.person(), session) for _ in range(3)]
    take_seats(house.db, first)
    give_back_seat(house.db, first[1].id)

    more = [house.appointment(house.person(), session) for _ in range(2)]
    take_seats(house.db, more)

    assert [seat_of(house.db, one.id).ticket for one in more] == [2, 4]


def test_more_than_are_left_are_refused_whole(house):
    session = house.session(DAY, capacity=2)
    with pytest.raises(SessionFull):
        take_seats(house.db, [house.appointment(house.person(), session) for _ in range(3)])
    assert session.taken == 0


def test_who_was_given_no_hour_comes_at_the_tickets(house):
    session = house.session(DAY, capacity=6)
    named = house.appointment(house.person(), session, starts_at=session.starts_at + timedelta(minutes=15))
    unnamed = [house.appointment(house.person(), session) for _ in range(2)]
    take_seats(house.db, [unnamed[0], named, unnamed[1]], spread={one.id for one in unnamed})
    minutes = [(one.starts_at - session.starts_at) // timedelta(minutes=1) for one in (unnamed[0], named, unnamed[1])]
    assert minutes == [0, 15, 60]
    assert all(seat_of(house.db, one.id).come_at == one.starts_at for one in (*unnamed, named))


def test_callers_are_offered_the_hour_of_the_seat_they_hold_and_get_no_other(house):
    session = house.session(DAY, capacity=3)
    moving = [house.appointment(house.person(), house.session(DAY - timedelta(days=1))) for _ in range(1)]
    moving.append(house.appointment(house.person(), house.db.get_one(Session, moving[0].session)))
    offered = []
    for call, one in zip("ab", moving, strict=True):
        (offer,) = find_offers(house.db, one, now=house.now, call=call).offers
        assert hold_only(house.db, [offer.session], call, now=house.now) == (session.id,)
        assert find_offers(house.db, one, now=house.now, call=call).offers == (offer,)
        offered.append(offer.starts_at)
    fresh = [
        move(house.db, one.id, session.id, now=house.now, call=call)
        for call, one in reversed(list(zip("ab", moving, strict=True)))
    ]
    assert [one.starts_at for one in reversed(fresh)] == offered
    assert offered == [session.starts_at, session.starts_at + timedelta(hours=1)]
    assert [seat_of(house.db, one.id).ticket for one in reversed(fresh)] == [1, 2]


def test_a_hold_lasts_ten_minutes_and_its_late_caller_gets_only_what_is_still_free(house):
    here, target = house.session(DAY - timedelta(days=1)), house.session(DAY, capacity=1)
    late, quick = [house.appointment(house.person(), here) for _ in range(2)]
    hold_only(house.db, [target.id], "late", now=house.now)
    assert hold_only(house.db, [target.id], "quick", now=house.now + timedelta(minutes=9)) == ()
    after = house.now + timedelta(minutes=10)
    assert hold_only(house.db, [target.id], "quick", now=after) == (target.id,)
    with pytest.raises(SessionFull):
        move(house.db, late.id, target.id, now=after, call="late")
    assert move(house.db, quick.id, target.id, now=after, call="quick").session == target.id
    assert house.seats_counted_right()


def test_a_hold_that_is_over_is_still_taken_by_its_caller_while_nobody_else_wants_the_seat(house):
    one = house.appointment(house.person(), house.session(DAY - timedelta(days=1)))
    target = house.session(DAY, capacity=1)
    hold_only(house.db, [target.id], "late", now=house.now)
    fresh = move(house.db, one.id, target.id, now=house.now + timedelta(minutes=11), call="late")
    assert seat_of(house.db, fresh.id).ticket == 1
    assert house.seats_counted_right()
