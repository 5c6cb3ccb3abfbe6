"""What a day carries: calls times their length by the lines, through the hours of the day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dispatch.allowance import Limits
from gateway.dispatch.forecast import Due, Expected, Forecast, Limit, Means, forecast
from gateway.dispatch.forecast_rows import CALL_SECONDS, LEAST_KNOWN, DayForecast, expected_calls, forecast_day
from gateway.kit.clock import at_bangkok
from gateway.records.contacts import Attempt, AttemptItem, Receipt
from gateway.records.house import Gate
from gateway.records.status import AttemptStatus, Channel
from tests.support import rooms
from tests.support.world import MONDAY, NINE, World

HALF_PAST_SEVEN = at_bangkok(MONDAY, time(19, 30))
WINDOW = (NINE, HALF_PAST_SEVEN)
TUESDAY = MONDAY + timedelta(days=1)


def at(hour: int, minute: int = 0) -> datetime:
    return at_bangkok(MONDAY, time(hour, minute))


def of(n: float, lines: int | None = 10, *, rate: float = 5.0, each: float = 63.0, **more: Any) -> Forecast:
    due = more.pop("due", [Due(NINE, n, elders=n * 0.45, texted=n * 0.5)])
    paid, window = more.pop("paid", float("inf")), more.pop("window", WINDOW)
    expected = Expected(each, again=more.pop("again", 0.0), people=more.pop("people", 1.0))
    return forecast(MONDAY, window, due, Means(rate, lines, paid), expected, **more)


def test_ten_lines_carry_six_thousand_of_twelve_thousand_calls_and_twenty_are_needed() -> None:
    found = of(12_000)
    assert (found.total, found.carried, found.limit, found.needed) == (12_000, 6_000, Limit.LINES, 20)
    assert (found.elders, found.rest, found.texted, found.are_elders_carried) == (5_400, 6_600, 6_000, True)


def test_the_lines_that_are_needed_are_enough_and_one_less_is_not() -> None:
    assert of(12_000, 20).is_enough
    assert not of(12_000, 19).is_enough


def test_calls_a_second_may_be_what_lacks() -> None:
    found = of(12_000, 1000, rate=0.2)
    assert (found.carried, found.limit) == (7_560, Limit.RATE)
    assert of(12_000, 1000, rate=found.needed).is_enough
    assert not of(12_000, 1000, rate=found.needed - 0.1).is_enough


def test_money_may_be_what_lacks() -> None:
    found = of(1_200, paid=500)
    assert (found.carried, found.limit, found.needed) == (500, Limit.MONEY, 1_200)


def test_on_a_holiday_nothing_is_carried_and_lines_do_not_help() -> None:
    found = of(300, window=None)
    assert (found.carried, found.limit, found.needed, found.seconds) == (0, Limit.CLOSED, 0, 0)


def test_nothing_planned_is_enough() -> None:
    assert (of(0).is_enough, of(0).limit) == (True, Limit.NONE)


def test_a_line_carries_nothing_before_anything_is_due() -> None:
    late = of(0, due=[Due(at(18, 30), 1_000)])
    assert late.carried == int(10 * 3600 / 63)
    assert (late.limit, late.needed) == (Limit.LINES, 18)


def test_what_falls_due_when_the_window_is_over_is_a_matter_of_time() -> None:
    assert of(0, due=[Due(at(21), 10)]).limit is Limit.TIME


def test_the_mornings_second_tries_come_in_the_evening_and_count() -> None:
    found = of(1_200, again=0.4, again_at=(at(13), at(17, 30)))
    assert (found.total, found.again, found.is_enough) == (1_680, 480, True)
    assert sum(hour.due for hour in found.hours if hour.at == at(17, 30)) == pytest.approx(480)


def test_what_nobody_took_in_the_afternoon_is_tried_again_on_another_day() -> None:
    assert of(0, due=[Due(at(14), 100)], again=0.4, again_at=(at(13), at(17, 30))).again == 0


def test_one_call_may_be_about_a_household() -> None:
    assert of(1_200, people=1.2).total == 1_000


def test_texts_need_no_line_and_are_counted_in_parts() -> None:
    found = of(200_000, None, rate=10, each=2.0)
    assert (found.carried, found.limit, found.needed) == (189_000, Limit.RATE, 10.6)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 630), st.integers(0, 900)), max_size=12),
    st.integers(1, 40),
    st.floats(0.05, 5.0),
    st.floats(20.0, 200.0),
    st.floats(0.0, 1.0),
)
def test_no_more_is_carried_than_planned_than_lines_and_rate_allow_and_what_is_needed_is_enough(
    due: list[tuple[int, int]], lines: int, rate: float, each: float, again: float
) -> None:
    plans = [Due(NINE + timedelta(minutes=minute), n) for minute, n in due]
    found = of(0, lines, rate=rate, each=each, due=plans, again=again, again_at=(at(13), at(17, 30)))
    assert found.carried <= found.total
    assert found.carried <= found.seconds * min(lines / each, rate) + 1
    assert sum(hour.carried for hour in found.hours) + found.hours[-1].waiting == pytest.approx(found.total, abs=1)
    if found.limit is Limit.LINES:
        more = of(0, int(found.needed), rate=1e6, each=each, due=plans, again=again, again_at=(at(13), at(17, 30)))
        assert more.is_enough


# From rows


def tomorrow(world: World, **more: Any) -> DayForecast:
    limits = Limits(lines=1, calls_per_second=1, sms_per_second=10, daily_budget=more.pop("budget", None))
    with world.database.reading() as db:
        return forecast_day(
            db, more.pop("day", TUESDAY), rules=rooms.rules(world), limits=limits,
            textable=more.pop("textable", frozenset({"th"})), now=more.pop("now", world.clock.now()),
        )  # fmt: skip


def planned(world: World, channel: Channel = Channel.VOICE, *, days: int = 1, hour: int = 10, **person: Any) -> None:
    when = at_bangkok(MONDAY + timedelta(days=days), time(hour))
    appointment = world.appointment(world.person(**person), days=days + 2)
    world.reminder(appointment, channel, due_at=when, next_try_at=when)


def test_the_days_reminders_are_counted_with_the_elders_and_who_can_be_texted_instead(world: World) -> None:
    planned(world, birth_date=date(1950, 1, 1))
    planned(world, birth_date=date(2000, 1, 1))
    planned(world, birth_date=date(2000, 1, 1), phone="+6653211123")  # a landline
    planned(world, birth_date=None, language="my")
    planned(world, days=2)
    planned(world, Channel.SMS)
    found = tomorrow(world)
    assert (found.calls.total, found.calls.again, found.texts.total) == (6, 2, 1)
    assert (found.calls.elders, found.calls.texted) == (1, 1)
    assert found.calls.expected == Expected(CALL_SECONDS, again=0.5)
    assert found.is_enough


def test_what_is_overdue_waits_for_the_first_day_it_may_go_out(world: World) -> None:
    planned(world, days=0, hour=9)
    assert tomorrow(world, day=MONDAY).calls.total > 0
    assert tomorrow(world, now=at(20)).calls.total > 0


def test_the_eve_of_a_holiday_with_nothing_due_is_quiet(world: World) -> None:
    eve, holiday = 8, date(2026, 8, 12)  # the Queen Mother's birthday
    planned(world, days=eve)
    found = tomorrow(world, day=holiday, now=at_bangkok(holiday - timedelta(days=1), time(9)))
    assert (found.calls.total, found.texts.total, found.is_enough) == (0, 0, True)


@pytest.mark.parametrize("now", [time(8), time(13, 35), time(20)])
def test_each_planned_reminder_is_counted_on_one_day(world: World, now: time) -> None:
    days = [0, 0, 1, 2, 9, 9, 10, 14]  # the tenth is a holiday
    for n in days:
        planned(world, days=n, hour=14)
    coming = [
        tomorrow(world, day=MONDAY + timedelta(days=n), now=at_bangkok(MONDAY, now)).calls for n in range(15)
    ]  # fmt: skip
    counted = [one.total - one.again for one in coming]
    late = now.hour == 20
    assert counted == [0 if late else 2, 3 if late else 1, 1, *[0] * 6, 2, 1, 0, 0, 0, 1]
    assert sum(counted) == len(days)


def test_what_is_overdue_on_the_eve_of_a_holiday_is_of_the_day_after_it(world: World) -> None:
    planned(world, days=8, hour=10)
    late = at_bangkok(date(2026, 8, 11), time(20))
    found = [tomorrow(world, day=date(2026, 8, n), now=late).calls.total for n in (11, 12, 13)]
    assert found[:2] == [0, 0]
    assert found[2] > 0


def test_a_day_off_is_another_matter_than_a_day_that_is_over(world: World) -> None:
    planned(world, days=9)
    planned(world, days=10, hour=21)
    assert tomorrow(world, day=date(2026, 8, 12)).calls.limit is Limit.CLOSED
    later = at_bangkok(date(2026, 8, 13), time(20))
    assert tomorrow(world, day=date(2026, 8, 13), now=later).calls.limit is Limit.OVER


def test_within_a_day_calls_are_due_by_the_clock_and_none_before_its_hour(world: World) -> None:
    planned(world, days=0, hour=17)
    hours = tomorrow(world, day=MONDAY, now=at(13, 35)).calls.hours
    assert [hour.at for hour in hours[:3]] == [at(13, 35), at(13, 45), at(14)]
    assert next(hour.at for hour in hours if hour.due) == at(17)
    assert hours[-1].at == at(19, 15)


def test_what_is_of_no_use_any_more_by_then_is_not_counted(world: World) -> None:
    when = at(10)
    world.reminder(world.appointment(world.person()), Channel.VOICE, next_try_at=when, expires_at=at(19))
    assert tomorrow(world).calls.total == 0
    assert tomorrow(world, day=MONDAY).calls.total > 0


def test_a_call_is_as_long_as_the_last_days_calls_held_their_lines(world: World) -> None:
    reminder = world.due()
    rows: list[Any] = []
    for n in range(LEAST_KNOWN):
        begun = NINE - timedelta(days=2, minutes=n)
        attempt = Attempt(phone=1, channel=Channel.VOICE, status=AttemptStatus.COMPLETED, created_at=begun,
                          submitted_at=begun, carrier="memory", carrier_id=f"CA{n}")  # fmt: skip
        item = AttemptItem(attempt=attempt.id, reminder=reminder.id, person=reminder.person, live=False)
        heard = [
            Receipt(attempt=attempt.id, carrier="memory", carrier_id=f"CA{n}", status=status, seq=seq,
                    at=begun + timedelta(seconds=seconds))
            for seq, (status, seconds) in enumerate([("ringing", 2), ("completed", 40), ("completed", 900)])
        ]  # fmt: skip
        rows += [attempt, item, *heard]
    world.add(*rows)
    with world.database.reading() as db:
        found = expected_calls(db, now=NINE)
    assert (found.each, found.known, found.people) == (40.0, LEAST_KNOWN, 1.0)


def test_texts_are_paid_first_and_what_is_left_pays_for_calls(world: World) -> None:
    for _ in range(3):
        planned(world, hour=18)
    planned(world, Channel.SMS)
    found = tomorrow(world, budget=0.30)  # a text of two parts at 0.025, calls at 0.10
    assert (found.calls.carried, found.calls.limit) == (2, Limit.MONEY)
    assert (found.texts.is_enough, found.cost) == (True, 0.35)


def test_money_spent_today_is_not_there_for_today_and_is_there_for_tomorrow(world: World) -> None:
    for day in (0, 1):
        planned(world, days=day, hour=18)
    world.add(Gate(name="budget", spent=0.95, day=MONDAY))
    assert tomorrow(world, day=MONDAY, budget=1.0).calls.limit is Limit.MONEY
    assert tomorrow(world, budget=1.0).calls.is_enough
