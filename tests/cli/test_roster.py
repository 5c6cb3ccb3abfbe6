"""`gateway roster check` and `load`, as a clerk types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlmodel import func, select

from gateway.records.database import Database
from gateway.records.people import Person
from gateway.wiring import data_dir
from tests.cli.conftest import Gateway
from tests.support.engines import url_of

SAMPLE = data_dir("templates") / "sample"
HEADER = (
    "hospital_number,name,surname,birth_date,phone,language,site_code,vaccine,dose,appointment_date,appointment_time"
)
GOOD = "69-1,สมชาย,ใจดี,01/02/2500,0812345678,th,11111,influenza,1,03/08/2569,09:00"
BAD = "69-2,สมศรี,ใจงาม,01/02/2500,0812345679,th,11111,influenza,1,45/08/2569,09:00"


@pytest.fixture
def roster(gateway: Gateway, tmp_path: Path) -> Path:
    """One good row and one bad, for a stored site with a morning of seats; it is July."""
    for noun in ("sites", "sessions"):
        file = tmp_path / f"{noun}.csv"
        file.write_text(gateway(noun, "load", "--template").stdout, encoding="utf-8")
        assert gateway(noun, "load", str(file)).exit_code == 0
    file = tmp_path / "roster.csv"
    file.write_text(f"{HEADER}\n{GOOD}\n{BAD}\n", encoding="utf-8")
    return file


@pytest.fixture(autouse=True)
def july(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files above are of August 2026, whatever day it is here."""
    from gateway.kit.clock import RealClock
    from tests.support.world import NINE

    monkeypatch.setattr(RealClock, "now", lambda self: NINE.replace(month=7))


def people(tmp_path: Path) -> int:
    database = Database(url_of(tmp_path / "gateway.db"))
    with database.reading() as db:
        count = db.exec(select(func.count()).select_from(Person)).one()
    database.close()
    return count


def test_check_names_row_column_code_and_writes_nothing(gateway: Gateway, roster: Path, tmp_path: Path) -> None:
    found = gateway("roster", "check", str(roster), "--json")
    document = json.loads(found.stdout)
    assert found.exit_code == 1
    assert (document["rows"], document["accepted"], document["rejected"]) == (2, 1, 1)
    (error,) = [issue for issue in document["issues"] if issue["row"] == 3]
    assert set(error) >= {"row", "column", "code", "message"}
    assert error["column"] == "appointment_date"
    assert people(tmp_path) == 0


def test_a_file_without_faults_is_checked_with_0(gateway: Gateway, roster: Path) -> None:
    roster.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    found = gateway("roster", "check", str(roster))
    assert (found.exit_code, "1 accepted, 0 rejected" in found.stdout) == (0, True)


def test_load_asks_and_where_nobody_can_answer_writes_nothing(gateway: Gateway, roster: Path, tmp_path: Path) -> None:
    found = gateway("roster", "load", str(roster))
    assert found.exit_code == 1
    assert "--yes" in found.stderr
    assert people(tmp_path) == 0


def test_load_stores_the_good_rows_and_gives_the_others_back(gateway: Gateway, roster: Path, tmp_path: Path) -> None:
    found = gateway("roster", "load", str(roster), "--yes")
    assert found.exit_code == 0
    assert "new 1, changed 0, unchanged 0" in found.stdout
    assert people(tmp_path) == 1
    back = (tmp_path / "roster.rejected.csv").read_text(encoding="utf-8-sig")
    assert "69-2" in back
    assert "69-1" not in back


def test_the_same_file_twice_changes_nothing(gateway: Gateway, roster: Path, tmp_path: Path) -> None:
    gateway("roster", "load", str(roster), "--yes")
    again = gateway("roster", "load", str(roster), "--yes", "--json")
    assert again.exit_code == 0
    document = json.loads(again.stdout)
    assert document["rows"] == document["accepted"] + document["rejected"]
    assert people(tmp_path) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "soon"),
        ("--from", "2026-08-04", "--to", "2026-08-03"),
        ("--default-time", "noon"),
    ],
)
def test_a_mistyped_option_ends_with_2(gateway: Gateway, roster: Path, words: tuple[str, ...]) -> None:
    found = gateway("roster", "check", str(roster), *words)
    assert (found.exit_code, found.stdout) == (2, "")


def test_a_site_nobody_knows_is_refused(gateway: Gateway, roster: Path) -> None:
    found = gateway("roster", "check", str(roster), "--site", "99999")
    assert found.exit_code == 1
    assert "--site" in found.stderr


@pytest.mark.parametrize("content", [b"", bytes(range(256)) * 8, b"a,b,c\n1,2,3\n"])
def test_what_is_no_roster_is_refused_with_the_same_document(gateway: Gateway, roster: Path, content: bytes) -> None:
    roster.write_bytes(content)
    found = gateway("roster", "check", str(roster), "--json")
    document = json.loads(found.stdout)
    assert found.exit_code == 1
    assert document["accepted"] == 0
    assert document["issues"]


def test_output_shows_no_name_and_no_number(gateway: Gateway, roster: Path) -> None:
    for words in (("check",), ("check", "--json"), ("load", "--yes")):
        found = gateway("roster", words[0], str(roster), *words[1:])
        for secret in ("ใจดี", "ใจงาม", "0812345678", "0812345679", "812345678", "69-1", "สมชาย"):
            assert secret not in found.stdout + found.stderr, (words, secret)


def test_a_number_abroad_is_warned_about_by_the_countries_of_the_settings(
    gateway: Gateway, roster: Path, tmp_path: Path
) -> None:
    roster.write_text(f"{HEADER}\n{GOOD.replace('0812345678', '+856 20 5555 1234')}\n", encoding="utf-8")
    document = json.loads(gateway("roster", "check", str(roster), "--json").stdout)
    assert [issue["code"] for issue in document["issues"]] == ["phone_country_not_allowed"]


def test_rows_that_find_no_seat_are_named_before_the_question(gateway: Gateway, roster: Path) -> None:
    rows = [GOOD.replace("69-1", f"70-{n}").replace("ใจดี", f"ใจดี{n}") for n in range(32)]  # the morning has 20 seats
    roster.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    found = gateway("roster", "load", str(roster))
    assert found.exit_code == 1
    assert "12 of them find no seat or are double:" in found.stderr
    assert "line 22 [session_full]" in found.stderr
    assert found.stderr.count("[session_full]") == 10
    assert "and 2 more" in found.stderr


def test_the_template_is_a_roster_that_is_accepted_as_it_is(gateway: Gateway, roster: Path) -> None:
    printed = gateway("roster", "template")
    assert printed.exit_code == 0
    roster.write_text(printed.stdout, encoding="utf-8")
    assert gateway("roster", "check", str(roster)).exit_code == 0
