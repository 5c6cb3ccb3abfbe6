"""The sample's files: made from a seed, whole, and of nobody who exists."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import phonenumbers
import pytest

from gateway.care.regimens import load_regimens
from gateway.kit.clock import BANGKOK
from gateway.kit.identity import classify_identity
from gateway.kit.phones import PhoneError, parse_phones
from gateway.kit.thai_dates import parse_date
from gateway.languages.table import load_languages
from gateway.roster.check import check_roster
from gateway.roster.columns import load_columns
from gateway.roster.readers.csv import read_csv_file
from gateway.roster.rows import CheckRules
from gateway.sandbox.profiles import profile

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "templates" / "sample"
FILES = ("sites.csv", "sessions.csv", "roster.csv", "handsets.csv")
LOADED_ON = date(2026, 7, 24)


def read(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_roster() -> list[dict[str, str]]:
    columns = load_columns("roster")
    return [{columns.canonical(header) or header: cell for header, cell in row.items()} for row in read("roster.csv")]


ROSTER = read_roster()


def days_of(rows: list[dict[str, str]], column: str) -> list[date]:
    return [parse_date(row[column], today=LOADED_ON) for row in rows if row[column]]


def meant(vaccine: str) -> str | None:
    return load_regimens().recognise(vaccine)


def phones_of(row: dict[str, str]) -> set[str]:
    found = set()
    for cell in (row["phone"], row["household_phone"]):
        try:
            found |= {number.e164 for number in parse_phones(cell)}
        except PhoneError:
            continue
    return found


def test_made_again_the_files_are_the_same_byte_for_byte(tmp_path: Path) -> None:
    script = ROOT / "docs" / "sample" / "make_sample.py"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7", "TZ": "America/Los_Angeles"}
    subprocess.run([sys.executable, str(script), "--into", str(tmp_path)], check=True, env=environment)
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == {
        name: (SAMPLE / name).read_bytes() for name in FILES
    }


def test_there_are_six_hundred_people_at_twelve_sites_in_five_areas() -> None:
    sites = read("sites.csv")
    assert (len(ROSTER), len(sites)) == (600, 12)
    zone_10 = {"อุบลราชธานี", "ศรีสะเกษ"}
    assert {site["province"] for site in sites} == {"ลำปาง", "ลำพูน", "สมุทรสาคร", "สงขลา"} | zone_10
    assert {row["site_code"] for row in ROSTER} == {site["code"] for site in sites}


@pytest.mark.parametrize("name", ["sites", "sessions", "roster"])
def test_every_header_is_one_the_commands_know(name: str) -> None:
    columns = load_columns(name)
    found = [columns.canonical(header) for header in read(f"{name}.csv")[0]]
    assert sorted(found, key=str) == sorted(columns.names)


def test_every_vaccine_is_a_regimen() -> None:
    written = {row[column] for row in ROSTER for column in ("vaccine", "last_vaccine") if row[column]}
    assert {meant(vaccine) for vaccine in written} == {"influenza", "hepatitis_b", "hpv", "covid19_az"}


def test_every_appointment_lies_in_a_session_that_has_its_seat() -> None:
    seats = {
        (row["site_code"], row["vaccine"], row["day"], row["part"]): int(row["capacity"])
        for row in read("sessions.csv")
    }
    booked: Counter[tuple[str, str | None, str, str]] = Counter()
    for row in ROSTER:
        if row["appointment_date"]:
            day = parse_date(row["appointment_date"], today=LOADED_ON).isoformat()
            part = "morning" if row["appointment_time"] < "12" else "afternoon"
            booked[row["site_code"], meant(row["vaccine"]), day, part] += 1
    assert {key for key, people in booked.items() if people > seats.get(key, 0)} == set()


def test_appointments_lie_in_the_fortnight_and_not_on_its_holiday() -> None:
    days = set(days_of(ROSTER, "appointment_date"))
    assert min(days) == date(2026, 8, 3)
    assert max(days) == date(2026, 8, 14)
    assert not days & {date(2026, 8, 9), date(2026, 8, 12)}


def test_some_sixty_people_wait_for_a_second_dose_and_a_few_find_no_session() -> None:
    waiting = [row for row in ROSTER if not row["appointment_date"]]
    assert 50 <= len(waiting) <= 80
    assert {meant(row["last_vaccine"]) for row in waiting} == {"hepatitis_b", "hpv", "covid19_az"}
    offered = {(row["site_code"], row["vaccine"]) for row in read("sessions.csv")}
    nowhere = [row for row in waiting if (row["site_code"], meant(row["last_vaccine"])) not in offered]
    assert 1 <= len(nowhere) <= 5


def test_every_language_of_the_brief_is_spoken_and_known() -> None:
    spoken = {row["language"] for row in ROSTER}
    assert spoken == {"th", "nod", "tts", "sou", "my", "km", "lo", "vi", "mnw", "shn", "ksw"}
    assert spoken <= set(load_languages().codes)


def test_identities_are_of_every_class_and_of_a_registration_office_that_does_not_exist() -> None:
    written = [row["id_number"] for row in ROSTER if row["id_number"]]
    found = [identity for identity in map(classify_identity, written) if identity is not None]
    kinds = Counter(identity.kind.value for identity in found)
    assert set(kinds) == {
        "thai_cid", "stateless_0_89", "migrant_00", "alien_6", "alien_7", "alien_8", "passport", "unverified"
    }  # fmt: skip
    assert 2 <= kinds["unverified"] <= 9
    assert all(re.match(r"[0-9]9999|00999|ZZ", identity.value) for identity in found)
    assert len({identity.value for identity in found}) == len(found)
    assert any(not row["id_number"] and row["hospital_number"] for row in ROSTER)


def test_every_number_is_valid_in_form_and_of_a_block_nobody_has() -> None:
    numbers = set().union(*(phones_of(row) for row in ROSTER))
    staff = {number.e164 for site in read("sites.csv") for number in parse_phones(site["staff_phone"])}
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in numbers | staff)
    assert all(re.fullmatch(r"\+66(80000\d{4}|(34|45|53|54|74)000\d{3})", number) for number in numbers | staff)
    assert not numbers & staff


def test_phones_are_shared_missing_wrong_and_of_both_kinds() -> None:
    people_by_phone = Counter(number for row in ROSTER for number in phones_of(row))
    assert sum(people > 1 for people in people_by_phone.values()) >= 40
    unreachable = [row for row in ROSTER if not phones_of(row)]
    assert 20 <= len(unreachable) <= 60
    assert 3 <= sum(bool(row["phone"]) for row in unreachable) <= 8
    landlines = {number for number in people_by_phone if not number.startswith("+668")}
    assert len(landlines) >= 30


def test_every_phone_has_one_handset_with_habits_the_sandbox_knows() -> None:
    handsets = read("handsets.csv")
    numbers = [handset["number"] for handset in handsets]
    assert len(numbers) == len(set(numbers))
    assert set().union(*(phones_of(row) for row in ROSTER)) <= set(numbers)
    assert all(profile(handset["habits"]) for handset in handsets)


def test_the_first_people_of_the_roster_answer_for_sure() -> None:
    habits = {handset["number"]: handset["habits"] for handset in read("handsets.csv")}
    first = [habits[number] for row in ROSTER[:16] for number in phones_of(row) if number.startswith("+668")]
    assert first == ["always_answers_1"] * 16


def test_the_roster_is_accepted_whole_with_a_few_warnings_of_known_kinds() -> None:
    rules = CheckRules(
        now=datetime(2026, 7, 24, 15, 0, tzinfo=BANGKOK),
        recognise_language=load_languages().recognise,
        regimens=load_regimens(),
        sites={site["code"] for site in read("sites.csv")},
    )
    checked = check_roster(read_csv_file(SAMPLE / "roster.csv"), rules)
    codes = Counter(issue.code for issue in checked.issues)
    assert (checked.accepted, checked.rejected) == (600, 0)
    assert set(codes) == {"phone_missing", "phone_not_valid", "phone_range", "phone_short_code", "id_check_digit"}
    assert codes.total() <= 60


def test_families_are_called_together_when_the_demo_begins() -> None:
    """One of five, and of two and three: one phone each, all on the first Monday's morning, never in its last hour."""
    monday = [row for row in ROSTER if days_of([row], "appointment_date") == [date(2026, 8, 3)]]
    shared: dict[str, list[dict[str, str]]] = {}
    for row in monday:
        if row["channel"] == "voice" and "10:30" <= row["appointment_time"][:5].replace(".", ":") < "12:00":
            for number in phones_of(row):
                shared.setdefault(number, []).append(row)
    habits = {handset["number"]: handset["habits"] for handset in read("handsets.csv")}
    families = {
        number: rows for number, rows in shared.items() if len(rows) > 1 and habits[number].startswith("family")
    }
    assert sorted(len(rows) for rows in families.values()) == [2, 2, 3, 5]
    for rows in families.values():
        assert len({row["language"] for row in rows}) == len({row["site_code"] for row in rows}) == 1
        assert len({row["name"] for row in rows}) == len({row["appointment_time"] for row in rows}) == len(rows)


def test_a_borrowed_phone_is_on_no_record() -> None:
    (borrowed,) = [handset["number"] for handset in read("handsets.csv") if handset["habits"] == "borrowed"]
    assert phonenumbers.is_valid_number(phonenumbers.parse(borrowed))
    assert borrowed not in set().union(*(phones_of(row) for row in ROSTER))
