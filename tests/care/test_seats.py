"""Seats for many at once, as a roster takes them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.care.booking import SessionFull, give_back_seat, seat_of, take_seat, take_seats

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
