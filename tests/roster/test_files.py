"""What the clerk reads before saying yes, and what comes back to be corrected."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from gateway.care.regimens import load_regimens
from gateway.kit.clock import at_bangkok
from gateway.kit.sheets import as_text
from gateway.records.database import Database
from gateway.records.places import Part, Session, Site
from gateway.roster.check import check_roster
from gateway.roster.files import rules_for, understood, write_rejected
from gateway.roster.readers.csv import read_csv
from gateway.roster.rows import CheckResult, CheckRules
from tests.support.engines import opened

NOW = datetime(2026, 7, 20, 2, 0, tzinfo=UTC)
Check = Callable[..., CheckResult]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = opened(tmp_path / "rules.db")
    yield database
    database.close()


def test_rejected_rows_come_back_with_their_columns_and_the_reason(check: Check, tmp_path: Path) -> None:
    result = check({}, {"dose": "หลาย", "vaccine": "x"})
    path = write_rejected(tmp_path / "นัด.csv", result)
    assert path == tmp_path / "นัด.rejected.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == [*result.header, "problem"]
    assert (len(rows), rows[0]["dose"]) == (1, "หลาย")
    assert "dose: " in rows[0]["problem"]
    assert "vaccine: " in rows[0]["problem"]


def test_a_corrected_file_of_rejected_rows_is_taken_without_a_word(
    check: Check, rules: Callable[..., CheckRules], tmp_path: Path
) -> None:
    path = write_rejected(tmp_path / "a.csv", check({"dose": "หลาย"}))
    assert path is not None
    corrected = path.read_bytes().replace("หลาย,".encode(), b"2,")
    again = check_roster(read_csv(corrected), rules())
    assert (again.accepted, again.issues) == (1, [])


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://x","y")', "@SUM(1)", "-2+3", "+1", "\n=1", "'=1", "\t=1", "'สมชาย", "=1,2"]
)
@pytest.mark.parametrize("phone", ["+66 81 234 5678", "+66812345678", "-5"])
def test_no_rejected_cell_is_a_formula_and_the_file_comes_back_as_it_was(
    check: Check, rules: Callable[..., CheckRules], tmp_path: Path, name: str, phone: str
) -> None:
    # What a sheet marked is read without the mark, in the first file as in the one that comes back.
    result = check({"dose": "หลาย", "name": as_text(name), "phone": as_text(phone)})
    path = write_rejected(tmp_path / "a.csv", result)
    assert path is not None
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n")]
    again = check_roster(read_csv(path.read_bytes()), rules())
    assert [row.cells[: len(result.header)] for row in again.rejected_rows] == [
        row.cells for row in result.rejected_rows
    ]
    assert {name, phone} <= set(again.rejected_rows[0].cells)


def test_a_header_is_no_formula_either(rules: Callable[..., CheckRules], tmp_path: Path) -> None:
    result = check_roster(read_csv("name,=1+1,dose\nสม,x,y\n".encode()), rules())
    path = write_rejected(tmp_path / "a.csv", result)
    assert path is not None
    assert "name,'=1+1,dose" in path.read_text(encoding="utf-8-sig")


def test_nothing_is_written_when_nothing_was_rejected(check: Check, tmp_path: Path) -> None:
    assert write_rejected(tmp_path / "a.csv", check({})) is None
    assert list(tmp_path.iterdir()) == []


def test_the_folder_at_hand_serves_when_the_files_own_cannot_be_written(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert write_rejected(tmp_path / "gone" / "a.csv", check({"dose": "x"})) == tmp_path / "a.rejected.csv"


def test_what_the_clerk_sees_hides_names_and_numbers(check: Check) -> None:
    rows = understood(check(*[{"dose": str(number)} for number in range(1, 9)]))
    assert len(rows) == 5
    text = " ".join(rows[0].values())
    assert "สมชาย" not in text
    assert "81234" not in text
    assert rows[0]["appointment"] == "จ. 27 ก.ค. 69 09:00"


def test_without_stored_sites_their_codes_are_not_checked_and_said_so(database: Database, check: Check) -> None:
    result = check({"site_code": "77777"}, sites=None)
    assert rules_for(database, now=NOW, recognise_language=str, regimens=load_regimens()).sites is None
    assert [issue.code for issue in result.issues] == ["sites_not_loaded"]
    assert result.accepted == 1


def test_the_rules_know_when_a_days_sessions_begin(database: Database) -> None:
    day = date(2026, 7, 27)
    with database.unit_of_work() as db:
        db.add(Site(code="11111", name="ก"))
        db.flush()
        for part, hour in ((Part.AFTERNOON, 13), (Part.MORNING, 8)):
            starts, ends = at_bangkok(day, time(hour)), at_bangkok(day, time(hour + 3))
            db.add(
                Session(
                    id=part.value,
                    site="11111",
                    vaccine="hpv",
                    day=day,
                    part=part,
                    starts_at=starts,
                    ends_at=ends,
                    capacity=1,
                )
            )
    found = rules_for(database, now=NOW, recognise_language=str, regimens=load_regimens())
    assert found.sites == {"11111"}
    assert found.session_starts == {("11111", "hpv", day): (time(8), time(13))}
    assert found.holds("11111", "hpv")
    assert found.opening == {"11111": (time(8, 30), time(16, 30))}
