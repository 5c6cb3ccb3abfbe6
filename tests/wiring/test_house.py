"""The house is built from settings, a room when it is first asked for, and refuses what would reach people unawares."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from gateway.kit.clock import RealClock, SteppedClock
from gateway.records import migrations
from gateway.records.group_commit import IsClosed
from gateway.records.house import Counter
from gateway.settings import Settings
from gateway.wiring import House, MovedClockError, data_dir
from gateway.wiring.house import sandbox_account
from tests.support.engines import url_of
from tests.support.processes import ROOT, environment
from tests.support.world import NINE

TWILIO = {
    "carrier": "twilio",
    "twilio_account_sid": "AC1",
    "twilio_auth_token": "secret",
    "twilio_voice_from": "+6620000001",
    "twilio_sms_from": "Clinic",
    "public_url": "https://gateway.example",
}
Build = Callable[..., House]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    built: list[House] = []

    def make(clock: SteppedClock | None = None, **settings: object) -> House:
        values = {"database_url": url_of(tmp_path / "x.db"), "audio_dir": tmp_path / "audio", **settings}
        built.append(House(Settings(**values), clock=clock))
        return built[-1]

    yield make
    for house in built:
        house.close()


def test_on_the_sandbox_nobody_is_reached_and_drafts_and_placeholders_will_do(build: Build) -> None:
    house = build()
    assert not house.carrier.reaches_people
    assert house.speech.may_use_drafts
    assert house.speech.may_use_placeholders
    assert "th" in house.speech.speakable()


def test_twilio_itself_reaches_people_so_drafts_are_refused(build: Build) -> None:
    house = build(**TWILIO)
    assert house.carrier.reaches_people
    assert not house.speech.may_use_drafts
    assert not house.speech.may_use_placeholders
    assert not house.sender.live


def test_twilio_on_loopback_reaches_nobody_and_works_at_a_moved_clock(build: Build) -> None:
    house = build(SteppedClock(NINE), **TWILIO, twilio_base_url="http://127.0.0.1:9")
    assert not house.carrier.reaches_people
    assert house.speech.may_use_drafts
    assert house.sender.clock.now() == NINE


def test_who_reaches_people_refuses_a_moved_clock(build: Build) -> None:
    with pytest.raises(MovedClockError):
        build(SteppedClock(NINE), **TWILIO).carrier  # noqa: B018  # connecting is what refuses


def test_every_room_goes_by_the_houses_one_clock(build: Build) -> None:
    house = build(SteppedClock(NINE))
    for room in (house.sender, house.reconciler, house.desk):
        assert room.clock is house.clock
    assert isinstance(build().clock, RealClock)


def test_the_settings_reach_the_rooms_they_are_for(build: Build) -> None:
    rates = {"lines": 3, "calls_per_second": 0.5, "sms_per_second": 2.0, "daily_budget": 9.0}
    hours = {"window_opens": "10:00", "window_closes": "11:00", "extra_holidays": "2026-08-04"}
    house = build(**rates, **hours, countries="TH,LA", hotline_number="054000901")
    limits = house.sender.limits
    assert (limits.lines, limits.calls_per_second, limits.sms_per_second, limits.daily_budget) == (3, 0.5, 2.0, 9.0)
    assert house.rules.countries == {"TH", "LA"}
    assert not house.window.is_open(NINE)
    assert house.window.next_open(NINE) == NINE.replace(hour=3)
    assert not house.window.is_open_day(NINE.date().replace(day=4))
    assert house.speech.hotline == "054000901"


def test_the_hotlines_settings_reach_who_answers_and_who_calls_back(build: Build) -> None:
    hours = {"hotline_hours": "Mon-Fri 09:00-12:00", "extra_holidays": "2026-08-04"}
    house = build(hotline_lines=2, hotline_calls_per_hour=3, **hours)
    assert house.desk.hotline is house.callbacks.hotline
    assert (house.hotline.lines, house.hotline.calls_per_hour) == (2, 3)
    assert house.hotline.hours.is_open(NINE)
    assert not house.hotline.hours.is_open(NINE + timedelta(days=1))
    assert not house.hotline.hours.is_open(NINE + timedelta(hours=3))


def test_the_sandboxs_account_follows_from_the_seed_and_is_nobodys(build: Build) -> None:
    one, same, other = (sandbox_account(Settings(seed=seed)) for seed in ("a", "a", "b"))
    assert one == same != other
    assert one[0].startswith("AC")
    assert len(one[0]) == 34


def test_closing_a_house_builds_nothing(build: Build) -> None:
    house = build()
    house.close()
    assert "database" not in house.__dict__


def test_a_chosen_folder_comes_before_what_is_shipped(tmp_path: Path) -> None:
    assert data_dir("templates", tmp_path) == tmp_path
    assert data_dir("templates").name == "templates"
    with pytest.raises(FileNotFoundError, match=r"GATEWAY_TEMPLATES_DIR: the folder .*missing was not found"):
        data_dir("templates", tmp_path / "missing")
    with pytest.raises(FileNotFoundError, match="GATEWAY_NOTHING_DIR"):
        data_dir("nothing")


def test_a_command_that_asks_no_carrier_loads_neither_its_library_nor_the_sandbox(tmp_path: Path) -> None:
    script = (
        "import sys; from gateway.cli.commands import app; from gateway.cli.context import house; house().languages;"
        "print([name for name in ('twilio', 'gateway.sandbox', 'gtts', 'alembic.command') if name in sys.modules])"
    )
    env = environment(tmp_path)
    subprocess.run(
        [sys.executable, "-m", "gateway", "db", "upgrade"], env=env, cwd=ROOT, check=True, capture_output=True
    )
    found = subprocess.run(
        [sys.executable, "-c", script], env=env, cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert found.stdout.strip() == "[]"


def test_closing_the_house_writes_what_carriers_told_us_before_it_gives_the_database_back(build: Build) -> None:
    house, held, wrote = build(), threading.Event(), list[bool]()
    migrations.upgrade(house.database)

    def slowly(db: Session) -> None:
        held.wait(5)
        db.add(Counter(name="told", n=1))
        wrote.append(True)

    told = house.writes.submit(slowly)
    threading.Timer(0.05, held.set).start()
    house.close()
    assert told.done()
    assert wrote == [True]
    with house.database.reading() as db:
        assert db.get_one(Counter, "told").n == 1
    with pytest.raises(IsClosed):
        house.writes.submit(slowly)
