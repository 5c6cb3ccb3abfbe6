"""`gateway run` as a visitor meets it: a text and a call within the minute, an orderly end, and the next morning."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from gateway.cli import demo
from gateway.kit.clock import DemoClock, at_bangkok, bangkok_day, bangkok_time
from gateway.records.contacts import Attempt
from gateway.records.database import Database
from gateway.records.house import DemoTime
from gateway.records.people import Person, Phone
from gateway.settings import Settings
from gateway.wiring import House
from tests.cli.conftest import Gateway
from tests.support.engines import exists, url_of
from tests.support.processes import Command

TWILIO = {
    "CARRIER": "twilio",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "secret",
    "TWILIO_VOICE_FROM": "+6620000001",
    "TWILIO_SMS_FROM": "Clinic",
}
LINE = re.compile(r"\d\d:\d\d [☎✉⌂] \+\d+ [\d• ]+ · [a-z]{2,3} · \S.*")


@dataclass
class Visit:
    """One run: what it said, how it ended, and what was stored by then."""

    lines: list[tuple[float, str]]
    code: int
    took_to_stop: float
    stored: datetime
    people: int
    attempts: int
    numbers: list[str]

    @property
    def feed(self) -> list[str]:
        return [line for _, line in self.lines if LINE.fullmatch(line)]

    def seconds_to(self, phrase: str) -> float:
        """Real seconds from the first line to the first with this phrase."""
        return next(at for at, line in self.lines if phrase in line) - self.lines[0][0]


def visit(folder: Path, number: signal.Signals) -> Visit:
    command = Command(folder, "run", "--sample", "--port", "0")
    try:
        command.wait_for("✉", "☎", within=60)
        if "delivered" not in command.text:
            command.wait_for("delivered", within=30)
        if not re.search("pressed|answered, no key", command.text):
            command.wait_for("pressed", within=30)
        code, took = command.stop(number)
    finally:
        command.kill()
    assert not command.went_out.exists(), command.went_out.read_text()
    database = Database(url_of(folder / "gateway.db"))
    with database.reading() as db:
        stored = db.exec(select(DemoTime.demo_now)).one()
        people, attempts = (db.exec(select(func.count()).select_from(kind)).one() for kind in (Person, Attempt))
        numbers = list(db.exec(select(Phone.e164)))
    database.close()
    return Visit(command.lines, code, took, stored, people, attempts, numbers)


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> list[Visit]:
    """A first run, ended by Ctrl-C, and a second, ended by SIGTERM."""
    folder = tmp_path_factory.mktemp("run")
    return [visit(folder, signal.SIGINT), visit(folder, signal.SIGTERM)]


def test_the_first_line_comes_quickly_and_says_where(visits: list[Visit]) -> None:
    for one in visits:
        at, line = one.lines[0]
        assert re.fullmatch(r"Tamnat on http://127\.0\.0\.1:\d+", line)
        assert at < 15  # seconds; one on a quiet machine


def test_within_a_minute_a_text_is_delivered_and_a_call_answered(visits: list[Visit]) -> None:
    for one in visits:
        assert one.seconds_to("delivered") < 60
        answered = next(line for line in one.feed if re.search("pressed|answered, no key", line))
        assert one.seconds_to(answered) < 60


def test_the_feed_has_one_form_and_a_heading_for_its_day(visits: list[Visit]) -> None:
    first = [line for _, line in visits[0].lines]
    begin = first.index("── Monday 3 August 2026 ──")
    for line in first[begin + 1 :]:
        assert LINE.fullmatch(line) or line == "stopped; everything is kept"


def test_the_feed_is_in_the_order_of_time(visits: list[Visit]) -> None:
    for one in visits:
        assert [line[:5] for line in one.feed] == sorted(line[:5] for line in one.feed)


def test_a_signal_ends_it_in_order_and_soon(visits: list[Visit]) -> None:
    for one in visits:
        assert one.code in (0, 130)
        assert one.took_to_stop < 15  # seconds; two or three on a quiet machine
        assert one.lines[-1][1] == "stopped; everything is kept"
        assert "Traceback" not in "\n".join(line for _, line in one.lines)


def test_the_second_run_keeps_the_data_and_the_clock_and_starts_at_once(visits: list[Visit]) -> None:
    first, second = visits
    assert second.people == first.people == 600
    assert second.attempts > first.attempts
    assert second.seconds_to("Ctrl-C stops") < 10
    assert "Loading" not in second.lines[1][1]
    began = next(line for _, line in second.lines if "Ctrl-C stops" in line)
    assert re.fullmatch(r"It is \w+ \d+ August 2026, \d\d:\d\d in Bangkok\. Ctrl-C stops\.", began)
    assert second.stored > first.stored
    assert second.stored - first.stored < timedelta(hours=3)


def test_no_whole_number_is_shown(visits: list[Visit]) -> None:
    for one in visits:
        said = "\n".join(line for _, line in one.lines)
        assert [number for number in one.numbers if number in said or "0" + number[3:] in said] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_starts_ends_it_without_a_traceback(tmp_path: Path, number: signal.Signals) -> None:
    command = Command(tmp_path, "run", "--sample", "--port", "0")
    try:
        command.wait_for("Loading", within=20)
        code, took = command.stop(number)
    finally:
        command.kill()
    assert code in (0, 130)
    assert took < 10  # a busy machine; on a quiet one it is under one
    assert "Traceback" not in command.text


def test_a_run_cut_off_while_loading_the_sample_can_be_run_again(tmp_path: Path) -> None:
    command = Command(tmp_path, "run", "--sample", "--port", "0")
    try:
        command.wait_for("Loading", within=20)
    finally:
        command.kill()
    again = Command(tmp_path, "run", "--sample", "--port", "0")
    try:
        again.wait_for("Ctrl-C stops", within=30)
        again.stop()
    finally:
        again.kill()
    assert "Nobody is on record" not in again.text


def test_a_taken_port_is_one_line_on_stderr(gateway: Gateway) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        found = gateway("run", "--port", str(taken.getsockname()[1]))
    assert found.exit_code == 1
    assert found.stdout == ""
    assert re.fullmatch(r"port \d+ is taken: .*\n", found.stderr)


@pytest.mark.sqlite_file
def test_a_database_that_cannot_be_used_is_the_only_line(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "gateway.db").write_bytes(b"Dear diary, " * 100)
    found = gateway("run", "--port", "0")
    assert (found.exit_code, found.stdout, len(found.stderr.splitlines())) == (1, "", 1)
    assert "not a database" in found.stderr


def test_an_address_that_is_not_ours_is_said_not_to_be_had(gateway: Gateway) -> None:
    found = gateway("run", "--host", "192.0.2.1", "--port", "0")
    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr.startswith("--host: cannot listen on 192.0.2.1")


@pytest.mark.parametrize("words", [("--from", "2026-08-03T09:00"), ("--speed", "20")])
def test_a_carrier_that_reaches_people_refuses_a_moved_clock(gateway: Gateway, words: tuple[str, ...]) -> None:
    found = gateway("run", "--port", "0", *words, **TWILIO)
    assert found.exit_code == 1
    assert "--from and --speed refused" in found.stderr
    assert "reaches people" in found.stderr


@pytest.mark.parametrize(
    "words", [("--from", "2026-13-01"), ("--from", "tomorrow"), ("--speed", "0"), ("--port", "x"), ("--port", "70000")]
)
def test_misuse_ends_with_2_before_anything_is_done(gateway: Gateway, tmp_path: Path, words: tuple[str, ...]) -> None:
    found = gateway("run", *words)
    assert found.exit_code == 2
    assert words[0] in found.stderr
    assert "Tamnat on" not in found.stderr
    assert not exists(tmp_path / "gateway.db")


@pytest.fixture
def house(sample: Path) -> Iterator[House]:
    """The sample by a demo clock that stands still: nothing here waits."""
    house = House(Settings(database_url=url_of(sample)), clock=DemoClock(demo_begin(sample), speed=1e-9))
    yield house
    house.close()


def demo_begin(file: Path) -> datetime:
    database = Database(url_of(file))
    with database.reading() as db:
        begin = db.exec(select(DemoTime.demo_now)).one()
    database.close()
    return begin


def at(house: House, hour: time, days: int = 0) -> DemoClock:
    clock = house.clock
    assert isinstance(clock, DemoClock)
    clock.jump_to(at_bangkok(bangkok_day(clock.now()) + timedelta(days=days), hour))
    return clock


def test_in_the_evening_the_demo_moves_on_to_the_next_morning_with_something_due(house: House) -> None:
    clock = at(house, time(20, 0))
    demo.move_to_busy_time(house, clock)
    assert bangkok_time(clock.now()).isoformat()[:19] == "2026-08-04T08:59:30"


def test_where_something_is_due_now_the_demo_stays(house: House) -> None:
    clock = at(house, time(10, 0))
    demo.move_to_busy_time(house, clock)
    assert bangkok_time(clock.now()).isoformat()[:16] == "2026-08-03T10:00"


def test_dull_hours_are_skipped_up_to_shortly_before_what_comes(house: House) -> None:
    clock = at(house, time(20, 0))
    demo.Ticks(house).plan()
    assert demo.skip_dull_hours(house, clock)
    assert bangkok_time(clock.now()).isoformat()[:19] == "2026-08-04T08:59:30"
    assert not demo.skip_dull_hours(house, clock)


def test_when_no_appointment_lies_ahead_nothing_will_happen_and_the_clock_stays(house: House) -> None:
    clock = at(house, time(9, 0), days=60)
    with house.database.unit_of_work() as db:
        for row in db.exec(select(demo.Reminder)).all():
            db.delete(row)
    before = clock.now()
    demo.move_to_busy_time(house, clock)
    assert demo.next_happening(house, clock.now()) is None
    assert not demo.skip_dull_hours(house, clock)
    assert clock.now() - before < timedelta(seconds=1)


def test_appointments_beyond_what_is_planned_are_reached_a_day_at_a_time(house: House) -> None:
    clock = house.clock
    assert demo.next_happening(house, clock.now()) == at_bangkok(bangkok_day(clock.now()) + timedelta(days=1), time(8))


def test_the_demos_time_is_kept_and_found_again(house: House) -> None:
    at(house, time(14, 0))
    demo.keep_time(house, 20.0)
    assert demo.stored_time(house) == pytest.approx(house.clock.now(), abs=timedelta(seconds=1))


def test_the_sample_begins_just_before_a_window_opens(house: House) -> None:
    with house.database.reading() as db:
        assert db.exec(select(func.count()).where(col(Person.sample))).one() == 600
    assert bangkok_time(house.clock.now()).strftime("%A %H:%M") == "Monday 08:58"
