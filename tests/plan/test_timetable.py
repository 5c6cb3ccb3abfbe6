"""When the steps of a ladder are due, the same for all who come at one time; and each appointment's place in it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.ids import new_id
from gateway.plan.ladder import load_ladder
from gateway.plan.timetable import PLACES, place_of, place_sql, timetable
from gateway.plan.window import Window
from gateway.records.database import Database
from tests.support.engines import empty_url

LADDER = load_ladder()
WINDOWS = st.sampled_from(
    [LADDER.window(time(opens), time(closes, 30)) for opens, closes in ((9, 19), (8, 17), (6, 21))]
)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC))
PLACE = st.integers(0, PLACES - 1)
AHEAD = st.timedeltas(timedelta(0), timedelta(days=12))


def bangkok(text: str) -> datetime:
    return datetime.fromisoformat(text + "+07:00")


@given(INSTANTS, AHEAD, st.sampled_from(["roster", "second_dose"]), WINDOWS, PLACE)
def test_whatever_the_place_steps_keep_to_the_window_and_to_their_half_days(
    starts: datetime, ahead: timedelta, source: str, window: Window, place: int
) -> None:
    found = timetable(starts, source, LADDER, window, starts - ahead)
    for one in found:
        assert window.half_day(one.due.at(place)) == window.half_day(one.due.begins)
        assert window.is_open(one.due.at(place))
        assert one.end.at(place) - one.due.at(place) >= LADDER.least_room
        if one.both:
            text, call = one.both.text.at(place), one.both.call.at(place)
            assert one.due.begins <= text <= one.due.at(place)
            assert call - text >= LADDER.after_text_least
            assert window.is_open(call)
            assert one.end.at(place) - call >= LADDER.least_room


def test_before_an_early_appointment_a_text_and_its_call_both_come_in_what_is_left_of_the_evening() -> None:
    window = LADDER.window(time(9), time(19, 30))
    both = timetable(bangkok("2026-12-01T08:30"), "roster", LADDER, window, bangkok("2026-11-22T08:00"))[-1].both
    assert both is not None
    assert (both.text.begins, both.text.ends) == (bangkok("2026-11-30T17:30"), bangkok("2026-11-30T18:30"))
    assert (both.call.begins, both.call.ends) == (bangkok("2026-11-30T18:30"), bangkok("2026-11-30T19:30"))


def test_random_identifiers_are_spread_evenly() -> None:
    places = sorted(place_of(new_id()) for _ in range(4000))
    assert all(abs(place / PLACES - number / 4000) < 0.05 for number, place in enumerate(places))


def test_the_engine_finds_the_same_place(tmp_path: Path) -> None:
    database = Database(empty_url(tmp_path / "place.db"))
    statement = sa.text("SELECT " + place_sql("CAST(:id AS VARCHAR)", is_sqlite=database.is_sqlite))
    ids = st.uuids().map(lambda one: one.hex) | st.text("0123456789abcdefgAZ-ก", max_size=8)
    with database.reading() as db:

        @given(ids)
        def check(one: str) -> None:
            assert db.execute(statement, {"id": one}).scalar() == place_of(one)

        check()
    database.close()
