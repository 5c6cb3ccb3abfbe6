"""The hotline's page: lines, hours, who waits in which order, and no whole number."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from gateway.care.hotline_waits import BUSY, CLOSED, HotlineRules, wait_in_line
from gateway.kit.clock import at_bangkok
from gateway.kit.opening_hours import read_hours
from gateway.kit.phones import LineType
from gateway.records.contacts import Attempt, Direction
from gateway.records.house import Counter
from gateway.records.people import Phone
from gateway.records.status import AttemptStatus, Channel, WaitStatus
from gateway.reports import hotline as counted
from gateway.web.callers import TOO_OFTEN
from gateway.web.console.hotline import opening_week
from tests.support.world import MONDAY
from tests.web.console.conftest import Console
from tests.web.console.test_today import text_of

PATH = "/console/hotline"


def calls_us(
    console: Console, number: str, status: AttemptStatus = AttemptStatus.COMPLETED, reason: str | None = None,
    at: datetime | None = None,
) -> Phone:  # fmt: skip
    phone = Phone(e164=number, line_type=LineType.MOBILE)
    console.world.add(phone)
    console.world.add(
        Attempt(direction=Direction.IN, phone=phone.id or 0, channel=Channel.VOICE, status=status, reason=reason,
                language="my", created_at=at or console.world.clock.now())
    )  # fmt: skip
    return phone


def waits(console: Console, number: str, reason: str, since: datetime) -> None:
    phone = calls_us(console, number, reason=reason, at=since)
    with console.world.database.unit_of_work() as db:
        wait_in_line(db, phone.id or 0, language="th", reason=reason, now=since)


def test_it_says_how_many_lines_are_taken_and_when_it_is_open(console: Console) -> None:
    calls_us(console, "+66812340001", AttemptStatus.IN_PROGRESS)
    calls_us(console, "+66812340002")
    words = text_of(console.get(PATH).text)
    for said in ("1 of 10 lines", "9 free", "Open", "Mon–Sat 08:00–24:00", "Sun closed", "Nobody waits"):
        assert said in words


def test_by_night_it_is_closed_and_says_until_when(console: Console) -> None:
    console.world.clock.advance_to(at_bangkok(MONDAY + timedelta(days=1), time(2)))
    words = text_of(console.get(PATH).text)
    assert "Closed opens Tue 4 Aug 2026 08:00" in words


def test_all_lines_taken_is_said_in_red(console: Console) -> None:
    for n in range(10):
        calls_us(console, f"+6681234{n:04}", AttemptStatus.IN_PROGRESS)
    assert "All taken: who calls now is called back" in text_of(console.get(PATH).text)


def test_who_waits_stands_in_order_with_since_when_and_tries_and_no_whole_number(console: Console) -> None:
    now = console.world.clock.now()
    waits(console, "+66812340022", BUSY, now - timedelta(minutes=5))
    waits(console, "+66812340011", CLOSED, now - timedelta(hours=2))
    html = console.get(PATH).text
    words = text_of(html)
    assert "2 wait to be called back" in words
    assert words.index("011") < words.index("022")
    assert "2 h" in words
    for number in ("812340022", "812340011", "81-234-0022"):
        assert number not in html


def test_the_days_figures_and_the_last_calls(console: Console) -> None:
    now = console.world.clock.now()
    calls_us(console, "+66812340001")
    calls_us(console, "+66812340002", reason=BUSY)
    calls_us(console, "+66812340003", at=now - timedelta(days=1))
    console.world.add(Counter(name=TOO_OFTEN, n=3))
    words = text_of(console.get(PATH).text)
    assert "Calls 2 Answered 1 All lines taken 1" in words
    assert "3 calls came from numbers that had called too often" in words
    assert "မြန်မာ" in words
    assert "Unknown" in words


def test_the_part_that_follows_is_the_same_and_unchanged_while_nothing_happens(console: Console) -> None:
    first = console.get(f"{PATH}/now")
    again = console.get(f"{PATH}/now", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    waits(console, "+66812340022", BUSY, console.world.clock.now())
    assert "1 waits to be called back" in text_of(console.get(f"{PATH}/now").text)


def test_health_and_the_lists_lead_here(console: Console) -> None:
    for page in ("/console/health", "/console/worklists?kind=message", "/console/worklists?kind=register"):
        assert f'href="{PATH}"' in console.get(page).text


def test_days_with_the_same_hours_are_said_together() -> None:
    rules = HotlineRules(10, read_hours("Mon-Fri 08:00-12:00, Mon-Fri 13:00-24:00, Sat 09:00-12:00"))
    assert opening_week(rules) == [(0, 4, "08:00–12:00, 13:00–24:00"), (5, 5, "09:00–12:00"), (6, 6, "")]


def test_the_page_counts_what_the_web_counts() -> None:
    assert counted.TOO_OFTEN == TOO_OFTEN
    assert set(WaitStatus) == {"waiting", "calling", "done", "given_up"}
