"""The first password: made once, said once, kept nowhere."""

from __future__ import annotations

import json
import re
import signal
import threading
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.cli.first_account import FIRST, tell_console
from gateway.records.database import Database
from gateway.records.staffing import Audit, Role, Staff
from gateway.settings import Settings
from gateway.staff.passwords import is_right
from gateway.wiring import House
from tests.support.engines import url_of
from tests.support.processes import Command
from tests.support.world import World

HERE = "http://127.0.0.1:8000"
PASSWORD = re.compile(r"password (([a-z2-9]{4}-){2}[a-z2-9]{4})")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def house(world: World, **settings: object) -> House:
    return House(Settings(database_url=str(world.database.url), **settings))  # type: ignore[arg-type]


def told(world: World, capsys: pytest.CaptureFixture[str], **settings: object) -> str:
    built = house(world, **settings)
    tell_console(built, HERE, with_handsets=True)
    built.close()
    heard = capsys.readouterr()
    assert heard.out == ""
    return heard.err


def test_the_first_start_makes_an_administrator_and_says_the_password(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    said = told(world, capsys)
    found = PASSWORD.search(said)
    assert found
    [staff] = world.all(Staff)
    assert (staff.email, staff.role, staff.site) == (FIRST, Role.ADMIN, None)
    assert is_right(staff.password_hash, found[1])
    assert f"console: {HERE}/console  sign in as admin@localhost" in said
    assert f"gateway users reset {FIRST} gives another" in said
    assert f"handsets: {HERE}/sandbox" in said


def test_later_starts_say_only_where_it_is(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    told(world, capsys)
    assert told(world, capsys).splitlines() == [f"console: {HERE}/console", f"handsets: {HERE}/sandbox"]
    assert len(world.all(Staff)) == 1


def test_where_somebody_has_an_account_none_is_made(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.add(Staff(email="a@b", role=Role.STAFF, password_hash="x", created_at=world.clock.now()))
    assert "password" not in told(world, capsys)
    assert len(world.all(Staff)) == 1


def test_no_password_is_kept_in_the_record_of_deeds(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    found = PASSWORD.search(told(world, capsys))
    assert found
    [deed] = world.all(Audit)
    assert (deed.verb, deed.staff) == ("account_added", None)
    assert found[1] not in json.dumps([deed.before, deed.after])


def test_where_logs_are_collected_no_password_is_made_or_said(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(world, capsys, log_format="json")
    assert not PASSWORD.search(said)
    assert "gateway users add" in said
    assert world.all(Staff) == []


def test_behind_a_carrier_that_reaches_people_the_public_address_is_said(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    said = told(
        world, capsys, carrier="twilio", twilio_account_sid="AC1", twilio_auth_token="secret", twilio_sms_from="Clinic",
        twilio_voice_from="+6620000001", public_url="https://tamnat.hospital.example",
    )  # fmt: skip
    assert "console: https://tamnat.hospital.example/console" in said
    assert PASSWORD.search(said)
    assert "handsets" not in said


def test_two_that_start_at_once_make_one_account(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    together = threading.Barrier(4)

    def start() -> None:
        built = house(world)
        together.wait(20)
        tell_console(built, HERE)
        built.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(PASSWORD.findall(capsys.readouterr().err)) == 1
    assert len(world.all(Staff)) == 1


def test_a_process_says_it_on_its_terminal_once(tmp_path: Path) -> None:
    said = []
    for _ in range(2):
        command = Command(tmp_path, "serve", "--port", "0")
        try:
            command.wait_for("Ctrl-C stops", within=60)
            code, _ = command.stop(signal.SIGTERM, within=60)
        finally:
            command.kill()
        assert code in (0, 130)
        said.append(command.text)
    database = Database(url_of(tmp_path / "gateway.db"))
    with database.reading() as db:
        staff = db.exec(select(Staff)).one()
    database.close()
    found = PASSWORD.search(said[0])
    assert found
    assert is_right(staff.password_hash, found[1])
    assert "password" not in said[1]
    assert re.search(r"console: http://127\.0\.0\.1:\d+/console", said[1])
    assert all(found[1] not in file.read_bytes().decode("latin-1") for file in tmp_path.rglob("*") if file.is_file())
