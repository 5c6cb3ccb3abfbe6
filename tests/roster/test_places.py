"""Sites and sessions from files; both may be loaded again. All places are invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.care.regimens import load_regimens
from gateway.kit.clock import at_bangkok
from gateway.records.database import Database
from gateway.records.places import Part, Session, Site
from gateway.roster.places import SESSION_TEMPLATE, SITE_TEMPLATE, PlacesReport, load_sessions, load_sites
from gateway.roster.readers.csv import read_csv
from tests.support.engines import opened

SITES = "code,name,opens\n11111,โรงพยาบาลตัวอย่าง,08.30\n00123,รพ.สต.ตัวอย่าง,\n"
HEADER = "site_code,vaccine,day,part,starts_at,ends_at,capacity\n"
MORNING = "11111,influenza,03/08/2569,เช้า,08.30,12.00,20\n"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = opened(tmp_path / "places.db")
    yield database
    database.close()


def sites(database: Database, text: str, *, accepted_only: bool = False) -> PlacesReport:
    return load_sites(database, read_csv(text.encode()), accepted_only=accepted_only)


def sessions(database: Database, rows: str) -> PlacesReport:
    table = read_csv((HEADER + rows).encode())
    return load_sessions(database, table, regimens=load_regimens(), today=date(2026, 7, 20))


def faults(report: PlacesReport) -> list[tuple[int, str, str]]:
    return [(issue.row, issue.column, issue.code) for issue in report.issues]


def test_sites_are_stored_and_a_second_load_changes_nothing(database: Database) -> None:
    assert sites(database, SITES).created == 2
    assert sites(database, SITES).unchanged == 2
    with database.reading() as db:
        assert db.get_one(Site, "11111").opens == "08:30"
        assert db.get_one(Site, "00123").opens == "08:30"  # what the file leaves open keeps its default


def test_a_site_that_changed_is_changed_and_an_empty_cell_erases_nothing(database: Database) -> None:
    sites(database, "code,name,place\n11111,ก,หอประชุม\n")
    assert sites(database, "code,name,place\n11111,ข,\n").changed == 1
    with database.reading() as db:
        site = db.get_one(Site, "11111")
    assert (site.name, site.place) == ("ข", "หอประชุม")


def test_faulty_sites_are_refused_one_by_one(database: Database) -> None:
    report = sites(database, "code,name\n,ก\n1/1,ข\n22222,\n33333,ค\n33333,ง\n", accepted_only=True)
    assert [found for found in faults(report) if found[2] != "staff_phone_missing"] == [
        (2, "code", "value_missing"),
        (3, "code", "code_not_valid"),
        (4, "name", "value_missing"),
        (6, "", "line_twice"),
    ]
    assert (report.created, report.rejected) == (1, 4)


def test_the_templates_can_be_loaded_as_they_are(database: Database) -> None:
    assert faults(sites(database, SITE_TEMPLATE)) == []
    table = read_csv(SESSION_TEMPLATE.encode())
    report = load_sessions(database, table, regimens=load_regimens(), today=date(2026, 7, 20))
    assert (report.created, report.issues) == (2, [])


def test_a_session_is_stored_by_thai_date_and_part(database: Database) -> None:
    sites(database, SITES)
    assert sessions(database, MORNING).created == 1
    with database.reading() as db:
        session = db.exec(select(Session)).one()
    assert (session.id, session.part) == ("11111-influenza-2026-08-03-morning", Part.MORNING)
    assert session.starts_at == at_bangkok(date(2026, 8, 3), time(8, 30))
    assert sessions(database, MORNING).unchanged == 1


def test_a_capacity_below_the_seats_taken_is_refused_and_zero_closes_an_empty_session(database: Database) -> None:
    sites(database, SITES)
    sessions(database, MORNING)
    with database.unit_of_work() as db:
        db.exec(select(Session)).one().taken = 3
    report = sessions(database, MORNING.replace(",20", ",2"))
    assert faults(report) == [(2, "capacity", "capacity_below_taken")]
    assert "3" in report.issues[0].message_en
    assert sessions(database, MORNING.replace(",20", ",3")).changed == 1
    assert sessions(
        database, MORNING.replace("08.30,12.00", "13.00,16.00").replace("เช้า", "").replace(",20", ",0")
    ).created


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("99999,influenza,03/08/2569,,08.30,12.00,20", "site_code", "site_unknown"),
        ("11111,ยาแก้ไอ,03/08/2569,,08.30,12.00,20", "vaccine", "vaccine_unknown"),
        ("11111,influenza,31/02/2569,,08.30,12.00,20", "day", "date_not_real"),
        ("11111,influenza,03/08/2569,กลางคืน,08.30,12.00,20", "part", "part_unknown"),
        ("11111,influenza,03/08/2569,บ่าย,08.30,12.00,20", "part", "part_wrong"),
        ("11111,influenza,03/08/2569,,12.00,08.30,20", "ends_at", "ends_before_start"),
        ("11111,influenza,03/08/2569,,08.30,12.00,-1", "capacity", "capacity_not_valid"),
        ("11111,influenza,03/08/2569,,08.30,12.00,", "capacity", "value_missing"),
    ],
)
def test_a_faulty_session_is_refused_by_cell(database: Database, row: str, column: str, code: str) -> None:
    sites(database, SITES)
    report = sessions(database, row + "\n")
    assert faults(report) == [(2, column, code)]
    assert (report.accepted, report.rejected) == (0, 1)


def test_the_document_counts_rows_as_a_roster_does(database: Database) -> None:
    document = sites(database, SITES + "4/4,x,\n").as_json()
    assert (document["rows"], document["accepted"], document["rejected"]) == (3, 2, 1)


def test_one_refused_row_keeps_the_whole_file_out_unless_the_others_are_asked_for(database: Database) -> None:
    text = "code,name,tel\n11111,ก,054-000-901\n22222,,054-000-902\n"
    report = sites(database, text)
    assert (report.stored, report.accepted, report.rejected) == (0, 1, 1)
    assert report.as_json()["rows"] == 2
    with database.reading() as db:
        assert db.exec(select(Site)).all() == []
    assert sites(database, text, accepted_only=True).stored == 1


def test_sessions_are_stored_all_or_none_as_well(database: Database) -> None:
    sites(database, SITES)
    report = sessions(database, MORNING + MORNING.replace("เช้า", "บ่าย"))
    assert (report.stored, report.accepted, report.rejected) == (0, 1, 1)
    with database.reading() as db:
        assert db.exec(select(Session)).all() == []


@pytest.mark.parametrize("header", ["เบอร์โทรศัพท์", "โทรศัพท์", "phone", "Tel.", "หมายเลขโทรศัพท์", "staff_phone"])
def test_a_sites_telephone_is_found_whatever_its_column_is_called(database: Database, header: str) -> None:
    assert sites(database, f"code,name,{header}\n11111,ก,054-000-901\n").issues == []
    with database.reading() as db:
        assert db.get_one(Site, "11111").staff_phone == "054-000-901"


def test_a_site_without_a_telephone_is_warned_about_until_one_is_stored(database: Database) -> None:
    assert faults(sites(database, "code,name\n11111,ก\n")) == [(2, "staff_phone", "staff_phone_missing")]
    sites(database, "code,name,tel\n11111,ก,054-000-901\n")
    assert faults(sites(database, "code,name\n11111,ก\n")) == []
