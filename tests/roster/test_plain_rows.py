"""The short way for rows without fault says of a file what the long way says, however the file is broken."""

from __future__ import annotations

import random
from datetime import date, time

import pytest

from gateway.care.regimens import load_regimens
from gateway.kit.clock import at_bangkok
from gateway.kit.identity import check_digit, classify_identity
from gateway.languages.table import load_languages
from gateway.roster import plain_rows
from gateway.roster.check import check_roster
from gateway.roster.readers.csv import read_csv
from gateway.roster.rows import CheckResult, CheckRules
from gateway.roster.table import Table

NOW = at_bangkok(date(2026, 7, 24), time(8))
HEADER = (
    "hospital_number", "id_number", "title", "name", "surname", "birth_date", "phone", "household_phone", "language",
    "channel", "village", "province", "remark", "site_code", "vaccine", "dose", "appointment_date", "appointment_time",
    "last_vaccine", "last_dose", "last_dose_date",
)  # fmt: skip
STRANGE = (
    "", " ", "-", "ไม่มี", "ไม่ทราบ", "n/a", "none", "nan", "x" * 41, "ก" * 130, "'=1+1", '"a,b"', '"two\nlines"', '"open',
    "๐๘๑๒๓๔๕๖๗๘", "081-234-5678", "0812345678/0898765432", "02-234-5678", "1669", "+85620555123", "0671900000",
    "3100600445635", "1234567890123", "0000000000000", "3-1006-00445-63-5", "AB123456", "29/02/2569", "31/12/2570",
    "01/01/2400", "15/06/2449", "15/06/2450", "15/06/2568", "03/08/2569", "3/8/69", "2026-08-03", "01/01/2600",
    "00/00/2500", "09:00", "25:00", "9 โมง", "พม่า", "klingon", "sms", "fax", "influenza", "hpv", "นม", "1", "2",
    "13", "booster",
    "S01", "s01", "S99", "é", "\u200b", "ก\u0e4d\u0e32", ";", "\t",
)  # fmt: skip


def _identity(n: int) -> str:
    twelve = f"31006{n:07d}"
    return f"{twelve}{check_digit(twelve)}"


def _good(n: int, dice: random.Random) -> list[str]:
    given = dice.random() < 0.3
    return [
        f"HN{n}", _identity(n), "นาง", dice.choice(("บัวคำ", "Somchai", "เมตตา")), "ใจดี",
        dice.choice(("21/02/2499", "1/2/2499", "")),
        dice.choice(("080-000-1234", "0800001235", "053-123-456")), dice.choice(("", "0800009999")),
        dice.choice(("th", "nod", "พม่า", "")), dice.choice(("", "sms", "โทร")), "บ้านหนอง", "ลำปาง", "x", "S01",
        "hepatitis_b" if given else "influenza", "2" if given else "1", "03/08/2569", "09:00",
        *(("hepatitis_b", "1", "01/02/2569") if given else ("", "", "")),
    ]  # fmt: skip


def _file(seed: int, delimiter: str = ",") -> bytes:
    """Sixty rows: most are good, some have one strange cell, some are double, short, long or empty."""
    dice = random.Random(seed)
    lines = [delimiter.join(HEADER)]
    for n in range(60):
        cells = _good(n if dice.random() < 0.9 else n // 2, dice)
        if dice.random() < 0.5:
            cells[dice.randrange(len(cells))] = dice.choice(STRANGE)
        change = dice.random()
        if change < 0.03:
            cells = cells[:-3]
        elif change < 0.06:
            cells += ["", ""]
        elif change < 0.08:
            cells += ["more"]
        lines.append("" if change > 0.98 else delimiter.join(cells))
    return "\n".join(lines).encode()


def _rules(**more: object) -> CheckRules:
    sites = {"sites": frozenset({"S01", "S02"}), "opening": {"S01": (time(8, 30), time(16, 30))}, "countries": ("TH",)}
    recognise = load_languages().recognise
    return CheckRules(now=NOW, recognise_language=recognise, regimens=load_regimens(), **(sites | more))  # type: ignore[arg-type]


def _long_way(table: Table, rules: CheckRules) -> CheckResult:
    """Rows in a list were never lines of a text: every one is read cell by cell."""
    return check_roster(Table(table.header, table.header_line, list(table.rows)), rules)


def _said(result: CheckResult) -> tuple[object, ...]:
    return list(result.accepted_rows), result.rejected_rows, result.issues, result.mentions, dict(result.originals)


@pytest.mark.parametrize("seed", range(40))
def test_both_ways_say_the_same_of_a_broken_file(seed: int) -> None:
    delimiter = ",;\t|"[seed % 4]
    table = read_csv(_file(seed, delimiter))
    scope = {"site": "S01", "scope_from": date(2026, 8, 1), "scope_to": date(2026, 8, 31)} if seed % 3 == 0 else {}

    assert _said(check_roster(table, _rules(**scope))) == _said(_long_way(table, _rules(**scope)))


@pytest.mark.parametrize("cell", STRANGE)
def test_a_strange_cell_in_any_column_is_told_as_ever(cell: str) -> None:
    dice = random.Random(1)
    rows = []
    for at in range(len(HEADER)):
        cells = _good(at, dice)
        cells[at] = cell
        rows.append(",".join(cells))
    table = read_csv("\n".join([",".join(HEADER), *rows]).encode())

    assert _said(check_roster(table, _rules())) == _said(_long_way(table, _rules()))


def test_most_rows_of_a_good_file_go_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(2)
    rows = [",".join(_good(n, dice)) for n in range(50)]
    table = read_csv("\n".join([",".join(HEADER), *rows]).encode())
    asked: list[int] = []
    plain = plain_rows.PlainRows.lines
    monkeypatch.setattr(
        plain_rows.PlainRows, "lines", lambda *a: (asked.append(1) if key else None or key for key in plain(*a))
    )

    check_roster(table, _rules())

    assert len(asked) == 50


def test_a_file_that_no_columns_of_people_fit_has_no_plain_rows() -> None:
    table = read_csv(
        "name,vaccine,appointment_date,appointment_time,site_code\nบัวคำ,influenza,03/08/2569,09:00,S01\n".encode()
    )

    assert _said(check_roster(table, _rules())) == _said(_long_way(table, _rules()))


def test_where_numbers_of_thailand_are_not_contacted_every_row_is_warned_of() -> None:
    table = read_csv(_file(1))
    rules = _rules(countries=("LA",))

    assert _said(check_roster(table, rules)) == _said(_long_way(table, rules))


def test_the_tables_of_check_digits_know_what_the_rule_says() -> None:
    first, second, third, last = plain_rows._sums()
    dice = random.Random(3)
    for _ in range(2000):
        twelve = f"{dice.randrange(10**12):012d}"
        total = first[twelve[:4]] + second[twelve[4:8]] + third[twelve[8:]]
        assert last[total] == str(check_digit(twelve))


@pytest.mark.parametrize("digit", "0123456789")
def test_no_number_of_one_digit_only_is_somebodys(digit: str) -> None:
    assert str(check_digit(digit * 12)) != digit
    assert classify_identity(digit * 13) is None
