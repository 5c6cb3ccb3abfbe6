"""`gateway doctor`, `pause` and `resume`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway import cli
from gateway.cli import context
from gateway.records.database import Database
from gateway.records.house import Switch
from gateway.voice.assets import ClipSource
from gateway.voice.prompts import Prompt
from gateway.voice.wav import placeholder
from tests.cli.conftest import Gateway
from tests.support.engines import IS_SQLITE, url_of

LIVE = {
    "CARRIER": "twilio",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "secret-token",
    "TWILIO_VOICE_FROM": "+6620000001",
    "TWILIO_SMS_FROM": "Clinic",
    "LIVE": "true",
    "PUBLIC_URL": "https://gateway.example",
    "HOTLINE_NUMBER": "054000901",
}
WELL = {"database", "audio folder", "clips", "texts", "voices", "carrier", "hotline", "pause switch"}


def findings(gateway: Gateway, **settings: str) -> dict[str, str]:
    """What each look found, from a document whose parts agree with one another and with the exit code."""
    found = gateway("doctor", "--json", **settings)
    document: dict[str, Any] = json.loads(found.stdout)
    is_well = document.pop("ok")
    assert found.exit_code == (0 if is_well else 1)
    assert is_well is all(one["ok"] for one in document.values())
    assert all(one["ok"] is not bool(one["problem"]) for one in document.values())
    return {name: one["problem"] for name, one in document.items()}


@pytest.fixture(autouse=True)
def made(gateway: Gateway) -> None:
    """A database, empty."""
    gateway("db", "upgrade")


def test_where_there_is_a_database_all_is_well(gateway: Gateway) -> None:
    found = gateway("doctor")
    assert found.exit_code == 0
    assert [line.split(maxsplit=1)[0] for line in found.stdout.splitlines()] == ["ok"] * len(WELL)


def test_json_is_one_document_with_an_entry_for_each_look(gateway: Gateway) -> None:
    assert findings(gateway) == dict.fromkeys(WELL, "")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"LIVE": "false"}, "GATEWAY_LIVE is off: nothing is sent"),
        ({"PUBLIC_URL": "http://gateway.example"}, "GATEWAY_PUBLIC_URL must begin with https://"),
        ({"HOTLINE_NUMBER": ""}, "GATEWAY_HOTLINE_NUMBER is not set"),
    ],
)
def test_what_a_live_carrier_lacks_is_said(gateway: Gateway, settings: dict[str, str], said: str) -> None:
    assert said in findings(gateway, **(LIVE | settings))["carrier"]


def test_hours_of_the_hotline_in_which_nobody_can_be_called_back_are_said(gateway: Gateway) -> None:
    assert (
        "nobody who calls in vain is called back" in findings(gateway, HOTLINE_HOURS="Mon-Sat 20:00-24:00")["hotline"]
    )


def test_only_drafts_are_no_words_for_real_people(gateway: Gateway) -> None:
    found = findings(gateway, **LIVE)
    assert found["carrier"] == ""
    assert found["texts"].startswith("every text is a draft")
    assert found["voices"].startswith("every script is a draft")


def test_the_doctor_shows_no_secret(gateway: Gateway) -> None:
    found = gateway("doctor", **LIVE)
    assert "secret-token" not in found.stdout + found.stderr


def test_a_folder_that_cannot_be_written_is_found(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert findings(gateway, AUDIO_DIR=str(tmp_path / "file"))["audio folder"]


def test_clips_that_are_missing_or_damaged_are_counted_and_named(gateway: Gateway, tmp_path: Path) -> None:
    gateway("doctor")
    clips = context.house().clips
    for number, key in enumerate(["bye", "safety", "greet.reminder"] + [f"day.{day}" for day in range(1, 12)]):
        kept = clips.keep("nod", Prompt(key, key), placeholder(1, key), ClipSource.RECORDING, "kham")
        file = tmp_path / "audio" / f"{kept.sha256}.wav"
        if number == 1:
            file.write_bytes(b"")
        elif number == 2:
            file.unlink()
    assert findings(gateway)["clips"].startswith(
        "1 of 14 missing: nod greet.reminder; 1 of 14 damaged: nod safety: restore GATEWAY_AUDIO_DIR"
    )
    for file in (tmp_path / "audio").glob("*.wav"):
        file.unlink()
    assert "14 of 14 missing: nod bye, nod day.1, " in findings(gateway)["clips"]
    assert " and 4 more: restore" in findings(gateway)["clips"]


@pytest.mark.sqlite_file
def test_a_broken_database_is_found_and_the_rest_looked_at_all_the_same(gateway: Gateway, tmp_path: Path) -> None:
    for file in tmp_path.glob("gateway.db*"):
        file.unlink()
    (tmp_path / "gateway.db").write_bytes(b"Dear diary, " * 100)
    found = findings(gateway)
    assert "not a database" in found["database"]
    assert "not a database" in found["texts"]  # what was edited and approved stands there
    assert found["audio folder"] == found["carrier"] == ""


def test_a_database_of_another_version_is_found(gateway: Gateway, tmp_path: Path) -> None:
    gateway("db", "upgrade")
    database = Database(url_of(tmp_path / "gateway.db"))
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    database.close()
    assert "needs" in findings(gateway)["database"]


def test_a_database_of_a_newer_version_is_not_said_to_need_an_upgrade(gateway: Gateway, tmp_path: Path) -> None:
    database = Database(url_of(tmp_path / "gateway.db"))
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    said = [findings(gateway)["database"], gateway("db", "check").stderr, gateway("work").stderr]
    assert all("newer than this program" in one and "upgrade" not in one for one in said)


@pytest.fixture
def only_reads(tmp_path: Path) -> Iterator[None]:
    """A standby, or a file system that was mounted to read."""

    def refuse_to_write(connection: Any, _: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    if IS_SQLITE:
        sa.event.listen(sa.Engine, "connect", refuse_to_write)
        yield
        sa.event.remove(sa.Engine, "connect", refuse_to_write)
        return
    database = Database(url_of(tmp_path / "gateway.db"))
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{database.url.database}" SET default_transaction_read_only = on')
    database.close()
    yield


@pytest.mark.usefixtures("only_reads")
def test_the_doctor_says_that_a_database_only_reads(gateway: Gateway) -> None:
    found = findings(gateway)
    assert found["database"] == "the database cannot be written: nothing goes out"
    assert found["pause switch"] == ""


@pytest.mark.usefixtures("only_reads")
@pytest.mark.parametrize("words", [("pause",), ("users", "add", "a@b.example", "--name", "A", "--role", "admin")])
def test_a_command_that_writes_where_a_database_only_reads_ends_with_a_line(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    del gateway  # it sets the stage; here the command is typed as a user does
    monkeypatch.setattr(sys, "argv", ["gateway", *words])
    context.settings.cache_clear()
    with pytest.raises(SystemExit) as ended:
        cli._run()
    said = capsys.readouterr().err
    assert (ended.value.code, len(said.splitlines())) == (1, 1)
    assert said.startswith("the database does not do what was asked: ")


def switch(tmp_path: Path) -> bool:
    database = Database(url_of(tmp_path / "gateway.db"))
    with database.reading() as db:
        row = db.get(Switch, "pause")
        is_on = row is not None and row.is_on
    database.close()
    return is_on


def test_pause_and_resume_turn_one_switch_however_often_they_are_said(gateway: Gateway, tmp_path: Path) -> None:
    for word, is_on in (("pause", True), ("pause", True), ("resume", False), ("resume", False), ("pause", True)):
        found = gateway(word)
        assert (found.exit_code, found.stdout) == (0, "")
        assert found.stderr.startswith(word)
        assert switch(tmp_path) is is_on


def test_the_doctor_says_when_everything_is_paused(gateway: Gateway) -> None:
    gateway("pause")
    assert findings(gateway)["pause switch"] == "everything is paused: `gateway resume`"
