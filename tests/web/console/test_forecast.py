"""Whether the lines are enough: a sentence on the board, the arithmetic on a page of its own."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from gateway.dispatch.forecast import Due, Expected, Means, forecast
from gateway.dispatch.forecast_rows import DayForecast
from gateway.kit.clock import at_bangkok
from gateway.records.contacts import Reminder
from gateway.records.status import Channel
from gateway.web.console import forecast as page
from tests.support.world import MONDAY
from tests.web.console.conftest import Console
from tests.web.console.test_today import text_of

PATH = "/console/forecast"
TOMORROW = MONDAY + timedelta(days=1)


def planned(console: Console, n: int, *, hour: time = time(19), day: date = TOMORROW, **person: object) -> None:
    """So many calls due at an hour of tomorrow, to the same person."""
    world, when = console.world, at_bangkok(day, hour)
    appointment = world.appointment(world.person(**person), days=3)
    world.add(*(
        Reminder(appointment=appointment.id, person=appointment.person, purpose="reminder", step=f"s{at}",
                 channel=Channel.VOICE, due_at=when, next_try_at=when, expires_at=when + timedelta(hours=1))
        for at in range(n)
    ))  # fmt: skip


def of_the_issue() -> DayForecast:
    window = (at_bangkok(TOMORROW, time(9)), at_bangkok(TOMORROW, time(19, 30)))
    due = [Due(window[0], 12_000, 5_400, 6_000)]
    calls = forecast(TOMORROW, window, due, Means(5.0, 10), Expected(63.0, known=900))
    return DayForecast(TOMORROW, calls, forecast(TOMORROW, window, [], Means(10.0), Expected(2.0)), 1200.0, None)


def test_the_board_says_in_one_sentence_what_the_lines_carry_and_what_would_do(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "read", lambda *_: of_the_issue())
    words = text_of(console.get("/console/today").text)
    assert (
        "10 lines carry 6,000 of 12,000 calls tomorrow; 20 are needed, or 5,400 elders first and SMS for the rest."
        in words
    )


def test_in_thai_it_says_the_same(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "read", lambda *_: of_the_issue())
    words = text_of(console.get(f"{PATH}?day={TOMORROW}", headers={"Accept-Language": "th"}).text)
    assert "มี 10 สาย โทรได้ 6,000 จาก 12,000 สายพรุ่งนี้ ต้องมี 20 สาย หรือโทรหาผู้สูงอายุ 5,400 คนก่อน" in words


def test_with_nothing_planned_the_board_says_nothing_of_lines(console: Console) -> None:
    assert "carry" not in text_of(console.get("/console/today").text)


def test_enough_is_said_quietly(console: Console) -> None:
    planned(console, 3, hour=time(14))
    answer = console.get("/console/today").text
    assert "10 lines carry all 3 calls tomorrow." in text_of(answer)
    assert "notice warn" not in answer


def test_the_page_shows_the_arithmetic_and_what_can_be_done(console: Console) -> None:
    planned(console, 400, birth_date=date(1950, 1, 1))
    words = text_of(console.get(f"{PATH}?day={TOMORROW}").text)
    carried = 10 * 30 * 60 // 63
    assert f"10 lines carry {carried} of 400 calls tomorrow; 14 are needed, or the {carried} most urgent first" in words
    for said in ("One call holds a line 63.0 s assumed", "Hours 09:00–19:30 (10.5 h)", "Elders among them 400",
                 "Nothing is changed by itself", "GATEWAY_LINES", "To the rosters"):  # fmt: skip
        assert said in words


def test_hour_by_hour_it_says_what_falls_due_and_what_still_waits(console: Console) -> None:
    planned(console, 400)
    words = text_of(console.get(f"{PATH}?day={TOMORROW}").text)
    assert "09:00 0 0 0" in words
    assert "19:00 400 286 114" in words


def test_a_day_off_is_said_to_be_one(console: Console) -> None:
    day = date(2026, 8, 12)  # the Queen Mother's birthday
    planned(console, 2, day=day)
    said = text_of(console.get(f"{PATH}?day={day}").text)
    assert "A day off, nobody may be contacted" in said
    assert "none of 2 calls is placed" in said


def test_a_day_whose_hours_are_over_is_said_to_be_over(console: Console) -> None:
    planned(console, 2, day=MONDAY, hour=time(21))
    console.world.clock.advance_to(at_bangkok(MONDAY, time(20)))
    assert "Nobody may be contacted any more today: none of 2 calls is placed" in text_of(console.get(PATH).text)


def test_the_hours_of_a_day_that_has_begun_are_those_of_the_clock(console: Console) -> None:
    planned(console, 3, day=MONDAY, hour=time(17))
    console.world.clock.advance_to(at_bangkok(MONDAY, time(13, 35)))
    words = text_of(console.get(PATH).text)
    for said in ("13:00 0 0 0", "14:00 0 0 0", "17:00 3 3 0"):
        assert said in words


@pytest.mark.parametrize("day", ["yesterday", "2026-08-02", "2026-09-30", "2026-13-01"])
def test_a_day_that_cannot_be_reckoned_is_refused_in_words(console: Console, day: str) -> None:
    answer = console.client.get(f"{PATH}?day={day}")
    assert answer.status_code == 409
    assert "Only today and the 14 days after it" in text_of(answer.text)


def test_a_monitor_sees_what_is_planned_and_what_is_carried(console: Console) -> None:
    planned(console, 400)
    figures = console.get("/metrics").text
    assert 'tamnat_forecast_calls{day="tomorrow",what="planned"} 400' in figures
    assert 'tamnat_forecast_calls{day="tomorrow",what="carried"} 285' in figures
    assert 'tamnat_forecast_texts{day="today",what="planned"} 0' in figures
