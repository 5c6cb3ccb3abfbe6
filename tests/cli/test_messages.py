"""`gateway messages`: the texts checked, seen, and counted."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from sqlmodel import select

from gateway import cli, worker
from gateway.records.database import Database
from gateway.records.status import AssetStatus
from gateway.records.wordings import Asset, AssetEvent, AssetKind, AssetSource, Origin
from gateway.settings import Settings
from gateway.wiring import House, data_dir
from gateway.wording.catalogue import CatalogueError, Purpose, sha256_of
from tests.cli.conftest import Gateway, forget
from tests.support.engines import url_of
from tests.support.rooms import shipped_catalogue
from tests.support.world import NINE


def test_the_shipped_texts_are_all_well(gateway: Gateway) -> None:
    found = gateway("messages", "check")
    assert found.exit_code == 0
    assert "texts in en, km, lo, my, " in found.stderr
    assert ": all well; all are drafts" in found.stderr


def test_every_text_over_one_part_is_told_with_what_makes_it_cheaper(gateway: Gateway) -> None:
    lines = gateway("messages", "check").stdout.splitlines()
    told = next(line for line in lines if line.startswith("reminder/th two-way: "))
    assert re.fullmatch(r".*: 3 parts; \d+ characters less make it 2 · with the longest names 3 parts; \d+ .*", told)
    assert not any("4 parts" in line for line in lines)


def test_the_check_can_be_read_by_a_program(gateway: Gateway) -> None:
    found = json.loads(gateway("messages", "check", "--json").stdout)
    assert found["texts"] == found["drafts"] + found["approved"] == len(list(shipped_catalogue()))
    assert (found["approved"], found["findings"]) == (0, [])
    costs = {one["where"]: one for one in found["costs"]}
    assert costs["reminder/th two-way"]["longest"]["parts"] == 3
    assert costs["moved/en one-way"]["usual"] == {"parts": 1, "over": 0}


def test_what_two_people_approved_is_counted(gateway: Gateway, tmp_path: Path) -> None:
    gateway("db", "upgrade")
    body = shipped_catalogue().get(Purpose.MISSED, "th").body
    approve_text(tmp_path / "gateway.db", "th", "sms.missed", body)
    assert ": all well; 1 approved, " in gateway("messages", "check").stderr


def test_an_edit_that_breaks_a_rule_is_named_and_refused(gateway: Gateway, tmp_path: Path) -> None:
    gateway("db", "upgrade")
    approve_text(tmp_path / "gateway.db", "th", "sms.missed", "{clinic}: {name} {day} {phone} โอนเงิน")
    found = gateway("messages", "check")
    assert (found.exit_code, found.stderr) == (1, "missed/th: money_word: เงิน, โอน\n")


def approve_text(file: Path, language: str, key: str, body: str) -> None:
    """As the console would keep it, had two people approved it."""
    database = Database(url_of(file))
    digest = sha256_of(body)
    with database.unit_of_work() as db:
        db.add(
            Asset(kind=AssetKind.TEXT, language=language, key=key, sha256=digest, text=body, text_sha256=digest,
                  source=AssetSource.WRITTEN, status=AssetStatus.APPROVED, origin=Origin.EDIT, submitted_at=NINE)
        )  # fmt: skip
        db.add(AssetEvent(asset=db.exec(select(Asset.id)).one(), verb="approved", at=NINE))
    database.close()


def test_a_text_with_a_link_is_named_and_refused(gateway: Gateway, tmp_path: Path) -> None:
    file = spoiled(tmp_path)
    found = gateway("messages", "check", TEMPLATES_DIR=str(tmp_path / "templates"))
    assert found.exit_code == 1
    assert found.stderr.splitlines() == [f"{file}: link"]
    as_json = gateway("messages", "check", "--json", TEMPLATES_DIR=str(tmp_path / "templates"))
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["findings"][0]["where"] == f"{file}: link"


def test_a_text_with_a_missing_placeholder_is_named_without_a_traceback(gateway: Gateway, tmp_path: Path) -> None:
    shutil.copytree(data_dir("templates"), tmp_path / "templates")
    (tmp_path / "templates/messages/reminder/en.txt").write_text("Come.", encoding="utf-8")
    found = gateway("messages", "check", TEMPLATES_DIR=str(tmp_path / "templates"))
    assert (found.exit_code, len(found.stderr.splitlines())) == (1, 1)
    assert "reminder/en.txt" in found.stderr


@pytest.mark.parametrize("language", ["th", "en", "my", "km", "lo", "vi"])
def test_a_language_can_be_seen_with_every_purpose(gateway: Gateway, language: str) -> None:
    found = gateway("messages", "preview", "--language", language)
    assert found.exit_code == 0
    assert [purpose for purpose in Purpose if f"{purpose.value} · draft" not in found.stdout] == []
    assert "{" not in found.stdout


@pytest.mark.parametrize("language", ["en", "my", "km", "lo", "vi"])
def test_who_does_not_read_thai_is_shown_the_clinics_english_name_as_the_place(gateway: Gateway, language: str) -> None:
    found = gateway("messages", "preview", "--language", language).stdout
    assert "Mae Wang Example Hospital" in found
    assert "the hall" not in found


def test_one_purpose_can_be_asked_for(gateway: Gateway) -> None:
    found = gateway("messages", "preview", "--language", "th", "--purpose", "notice").stdout
    assert (found.count("notice · draft ·"), found.count("call · draft ·"), found.count("· draft ·")) == (1, 1, 2)


@pytest.mark.parametrize(
    "words", [("--language", "xx"), ("--language", "th", "--purpose", "greeting"), (), ("--langauge", "th")]
)
def test_what_there_is_no_text_for_ends_with_2(gateway: Gateway, words: tuple[str, ...]) -> None:
    found = gateway("messages", "preview", *words)
    assert (found.exit_code, found.stdout) == (2, "")


def test_parts_are_counted_as_they_are_charged(gateway: Gateway) -> None:
    counted = json.loads(gateway("messages", "segments", "ก" * 71, "--json").stdout)
    assert (counted["parts"], counted["units"], counted["encoding"]) == (2, 71, "ucs2")
    assert counted["over"] == 1
    assert gateway("messages", "segments", "a" * 160).stdout == "1 part · 160 units of gsm7\n"
    thrice = gateway("messages", "segments", "ก" * 138).stdout
    assert thrice == "3 parts; 4 characters less make it 2 · 138 units of ucs2\n"


@pytest.mark.parametrize("words", [("check", "now"), ("check", "--jsno"), ("segments",), ("segments", "a", "b")])
def test_what_is_no_command_of_texts_ends_with_2(gateway: Gateway, words: tuple[str, ...]) -> None:
    assert gateway("messages", *words).exit_code == 2


@pytest.mark.parametrize("words", [("serve",), ("tick", "--at", "2026-11-23T09:00"), ("run", "--port", "1")])
def test_nothing_starts_with_a_text_that_breaks_a_rule(
    gateway: Gateway,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    gateway("db", "upgrade")
    file = spoiled(tmp_path)
    forget()
    monkeypatch.setenv("GATEWAY_TEMPLATES_DIR", str(tmp_path / "templates"))
    monkeypatch.setattr("sys.argv", ["gateway", *words])
    with pytest.raises(SystemExit) as ended:
        cli._run()
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines()[-1] == f"{file}: link"


def test_no_tick_begins_with_a_text_that_breaks_a_rule(gateway: Gateway, tmp_path: Path) -> None:
    gateway("db", "upgrade")
    file = spoiled(tmp_path)
    house = House(Settings(database_url=url_of(tmp_path / "gateway.db"), templates_dir=tmp_path / "templates"))
    with pytest.raises(CatalogueError, match=f"{file}: link"):
        worker.start(house)
    house.close()


def spoiled(folder: Path) -> Path:
    """The shipped templates, a link in one of them."""
    shutil.copytree(data_dir("templates"), folder / "templates")
    file = folder / "templates/messages/reminder/en.txt"
    file.write_text(file.read_text(encoding="utf-8").rstrip() + " http://bit.ly/x", encoding="utf-8")
    return file
