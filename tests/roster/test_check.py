"""Faults of single cells, and that no row gets lost between accepted and rejected."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.kit.identity import IdKind
from gateway.records.status import Channel
from gateway.roster.check import check_roster
from gateway.roster.issues import load_sentences
from gateway.roster.readers.csv import read_csv
from gateway.roster.rows import CheckResult, CheckRules
from tests.roster.conftest import GOOD, as_file

Check = Callable[..., CheckResult]
Codes = Callable[[CheckResult], list[tuple[int, str, str, str]]]


def test_a_good_row_is_understood_whole(check: Check) -> None:
    result = check({})
    row = result.accepted_rows[0]
    assert (result.rows, result.accepted, result.rejected, result.issues) == (1, 1, 0, [])
    assert row.line == 2
    assert row.person.identity is not None
    assert row.person.identity.kind is IdKind.THAI_CID
    assert [said.number.e164 for said in row.person.phones] == ["+66812345678"]
    assert row.wish is not None
    assert row.wish.starts_at == datetime(2026, 7, 27, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"appointment_date": "31/02/2570"}, "appointment_date", "date_not_real"),
        ({"appointment_date": "พรุ่งนี้"}, "appointment_date", "date_not_readable"),
        ({"appointment_date": "01/07/2559"}, "appointment_date", "appointment_long_past"),
        ({"appointment_date": "27/07/2579"}, "appointment_date", "appointment_far"),
        ({"appointment_date": ""}, "appointment_date", "row_says_nothing"),
        ({"appointment_time": "25.00"}, "appointment_time", "time_not_real"),
        ({"appointment_time": ""}, "appointment_time", "time_missing"),
        ({"vaccine": "ยาแก้ไอ"}, "vaccine", "vaccine_unknown"),
        ({"vaccine": ""}, "vaccine", "vaccine_missing"),
        ({"dose": "หลาย"}, "dose", "dose_not_valid"),
        ({"dose": "0"}, "dose", "dose_not_valid"),
        ({"site_code": "99999"}, "site_code", "site_unknown"),
        ({"site_code": ""}, "site_code", "site_missing"),
        ({"birth_date": "01/01/2580"}, "birth_date", "birth_date_future"),
        ({"birth_date": "01/01/2430"}, "birth_date", "birth_date_too_old"),
        ({"birth_date": "31/04/2500"}, "birth_date", "date_not_real"),
        ({"id_number": "", "name": "", "surname": ""}, "name", "person_missing"),
        ({"last_dose": "1", "last_dose_date": "01/08/2569"}, "last_dose_date", "last_dose_future"),
        (
            {"vaccine": "hepatitis_b", "last_dose": "1", "last_dose_date": "1/5/2569"},
            "dose",
            "dose_already_given",
        ),
    ],
)
def test_an_error_keeps_its_row_out_and_names_the_cell(
    check: Check, codes: Codes, change: dict[str, str], column: str, code: str
) -> None:
    result = check(change)
    assert (2, column, code, "error") in codes(result)
    assert (result.rows, result.accepted, result.rejected) == (1, 0, 1)


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"id_number": "1101700207031"}, "id_number", "id_check_digit"),
        ({"id_number": "1.1017E+12"}, "id_number", "id_not_usable"),
        ({"appointment_date": "01/07/2569"}, "appointment_date", "appointment_past"),
        ({"appointment_date": "20/07/2569", "appointment_time": "08:30"}, "appointment_time", "appointment_past"),
        ({"phone": "0812345"}, "phone", "phone_not_valid"),
        ({"phone": "1669"}, "phone", "phone_short_code"),
        ({"phone": ""}, "phone", "phone_missing"),
        ({"phone": "ไม่มี"}, "phone", "phone_missing"),
        ({"language": "คลิงออน"}, "language", "language_unknown"),
        ({"channel": "นกพิราบ"}, "channel", "channel_unknown"),
        ({"dose": ""}, "dose", "dose_assumed"),
        ({"name": "", "surname": ""}, "name", "name_missing"),
        ({"birth_date": "2480"}, "birth_date", "birth_date_partial"),
        ({"last_dose": "1"}, "last_dose_date", "last_dose_incomplete"),
    ],
)
def test_a_warning_loses_nobody(check: Check, codes: Codes, change: dict[str, str], column: str, code: str) -> None:
    result = check(change)
    assert codes(result) == [(2, column, code, "warning")]
    assert (result.accepted, result.warnings) == (1, 1)


@pytest.mark.parametrize(
    "number", ["0123456789016", "0089012345677", "๑๑๐๑๗๐๐๒๐๗๐๓๐", "1-1017-00207-03-0", "AB1234567"]
)
def test_identities_of_every_class_pass_without_a_word(check: Check, number: str) -> None:
    assert check({"id_number": number}).issues == []


@pytest.mark.parametrize("raw", ["27/07/2569", "27 ก.ค. 2569", "๒๗ กรกฎาคม ๒๕๖๙", "2026-07-27", "25690727"])
def test_a_day_is_read_in_either_era(check: Check, raw: str) -> None:
    wish = check({"appointment_date": raw}).accepted_rows[0].wish
    assert wish is not None
    assert wish.starts_at == datetime(2026, 7, 27, 2, 0, tzinfo=UTC)


def test_several_numbers_in_a_cell_are_all_kept_and_the_household_is_told_apart(check: Check) -> None:
    person = check({"phone": "081-234-5678, 089 876 5432", "household_phone": "0-3417-1200"}).accepted_rows[0].person
    assert [(said.number.e164, said.household) for said in person.phones] == [
        ("+66812345678", False),
        ("+66898765432", False),
        ("+6634171200", True),
    ]


def test_a_household_phone_alone_is_no_missing_phone(check: Check) -> None:
    assert check({"phone": "", "household_phone": "034-171200"}).issues == []


@pytest.mark.parametrize(("raw", "channel"), [("SMS", Channel.SMS), ("โทร", Channel.VOICE), ("ข้อความ", Channel.SMS)])
def test_the_channel_is_read_in_thai_and_english(check: Check, raw: str, channel: Channel) -> None:
    assert check({"channel": raw}).accepted_rows[0].person.preferred_channel is channel


def test_a_missing_time_comes_from_the_option_then_from_the_session(check: Check) -> None:
    by_option = check({"appointment_time": ""}, default_time=time(10, 30)).accepted_rows[0].wish
    starts = {("11111", "influenza", date(2026, 7, 27)): (time(13),)}
    by_session = check({"appointment_time": ""}, session_starts=starts).accepted_rows[0].wish
    assert by_option is not None
    assert by_session is not None
    assert (by_option.starts_at.hour, by_session.starts_at.hour) == (3, 6)


def test_the_site_named_by_the_operator_fills_empty_cells_and_refuses_others(check: Check, codes: Codes) -> None:
    result = check({"site_code": ""}, {"site_code": "123", "id_number": ""}, site="11111")
    assert result.accepted_rows[0].person.site == "11111"
    assert codes(result) == [(3, "site_code", "site_outside_scope", "error")]


def test_zeros_a_spreadsheet_lost_from_a_site_code_are_put_back(check: Check) -> None:
    assert check({"site_code": "123"}).accepted_rows[0].person.site == "00123"


def test_days_outside_the_scope_are_refused(check: Check, codes: Codes) -> None:
    result = check({}, scope_from=date(2026, 7, 28), scope_to=date(2026, 7, 30))
    assert codes(result) == [(2, "appointment_date", "outside_scope", "error")]


def test_the_second_row_of_a_person_for_the_same_dose_names_the_first(check: Check, codes: Codes) -> None:
    result = check({}, {"dose": "2"}, {"phone": "089-876-5432"})
    assert codes(result) == [(4, "", "duplicate_row", "error")]
    assert "2" in result.issues[0].message_en


def test_a_row_may_hold_a_given_dose_alone(check: Check) -> None:
    row = check(
        {"appointment_date": "", "last_vaccine": "HPV", "last_dose": "๑", "last_dose_date": "1 พ.ค. 2569"}
    ).accepted_rows[0]
    assert row.wish is None
    assert row.given is not None
    assert (row.given.number, row.given.given_on) == (1, date(2026, 5, 1))


def test_every_fault_of_a_row_is_named_at_once(check: Check, codes: Codes) -> None:
    result = check({"vaccine": "x", "dose": "x", "appointment_date": "x", "site_code": "x", "phone": "x"})
    assert {code for _, _, code, _ in codes(result)} >= {
        "vaccine_unknown",
        "dose_not_valid",
        "date_not_readable",
        "site_unknown",
        "phone_not_valid",
    }


def test_torn_rows_are_rejected_with_their_line(rules: Callable[..., CheckRules], codes: Codes) -> None:
    data = b"name,vaccine,appointment_date\nA,influenza\nB,influenza,27/07/2569,x\n"
    result = check_roster(read_csv(data), rules(site="11111", default_time=time(9)))
    assert [(row, code) for row, _, code, level in codes(result) if level == "error"] == [
        (2, "cells_too_few"),
        (3, "cells_too_many"),
    ]


def test_a_header_that_cannot_be_used_rejects_every_row_with_one_issue(
    rules: Callable[..., CheckRules], codes: Codes
) -> None:
    result = check_roster(read_csv(b"name,phone\nA,1\nB,2\n"), rules())
    assert (result.rows, result.accepted, result.rejected) == (2, 0, 2)
    assert [(row, column) for row, column, code, _ in codes(result) if code == "column_missing"] == [
        (1, "appointment_date"),
        (1, "vaccine"),
    ]


def test_no_issue_repeats_a_number_or_a_name(check: Check) -> None:
    result = check(
        {
            "id_number": "1101700207031",
            "phone": "0812345",
            "vaccine": "0812345678",
            "site_code": "1101700207031",
            "appointment_date": "0812345678",
            "language": "081-234-5678",
        }
    )
    text = " ".join(issue.message for issue in result.issues)
    assert not re.search(r"\d{7}|\d{3}-\d{3}", text)
    assert "สมชาย" not in text


def test_the_document_for_machines_has_exactly_the_agreed_keys(check: Check) -> None:
    document = check({}, {"phone": "x", "dose": "2"}).as_json()
    assert list(document) == ["rows", "accepted", "rejected", "warnings", "issues"]
    assert list(document["issues"][0]) == ["row", "column", "code", "message"]
    assert " / " in document["issues"][0]["message"]
    assert document["warnings"] == 1


def test_every_sentence_exists_in_thai_and_english() -> None:
    for code, entry in load_sentences().items():
        assert re.search("[ก-๙]", entry["th"]), code
        assert set(re.findall(r"\{(\w+)\}", entry["th"])) == set(re.findall(r"\{(\w+)\}", entry["en"])), code


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["id_number", "phone", "dose", "vaccine", "appointment_date", "appointment_time", "name"]),
            st.text(alphabet='0123456789/-. กขสมชายA"\n,', max_size=14),
            max_size=4,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_rows_are_accepted_plus_rejected_whatever_the_cells_hold(check: Check, changes: list[dict[str, Any]]) -> None:
    result = check(*changes)
    errors = {issue.row for issue in result.issues if issue.is_error}
    assert result.rows == len(changes)
    assert {row.line for row in result.rejected_rows} == errors
    assert len(result.mentions) <= result.rejected


@pytest.mark.parametrize("column", ["vaccine", "language", "channel", "dose", "site_code", "appointment_time"])
def test_a_name_that_slipped_into_another_column_is_not_repeated(check: Check, column: str) -> None:
    messages = " ".join(f"{one.column} {one.message}" for one in check({column: "สมศรีกานดา"}).issues)
    assert "สมศ" not in messages
    assert "สม•••" in messages


def test_a_file_without_its_header_repeats_no_name(rules: Callable[..., CheckRules]) -> None:
    rows = as_file(GOOD, GOOD).split(b"\n", 1)[1]
    result = check_roster(read_csv(rows), rules())
    assert [one.code for one in result.issues if one.is_error] == ["header_missing"]
    nearly = check_roster(read_csv(b"phone\n" + b"x\n"), rules())
    slipped = check_roster(read_csv("phone,สมชายใจดี\n1,2\n".encode()), rules())
    shown = " ".join(f"{one.column} {one.message}" for one in [*result.issues, *nearly.issues, *slipped.issues])
    assert "สมช" not in shown


MONDAY_MORNING = {("11111", "influenza", date(2026, 7, 27)): (time(8, 30),)}
HELD = frozenset({("11111", "influenza")})


@pytest.mark.parametrize(
    ("cell", "codes_expected"),
    [
        ({}, []),
        ({"appointment_time": "13.30"}, ["no_session"]),
        ({"appointment_date": "28/07/2569"}, ["no_session"]),
        ({"vaccine": "hpv"}, []),  # this site holds no sessions of it at all: it books without seats
    ],
)
def test_an_appointment_outside_every_session_is_warned_about(
    check: Check, cell: dict[str, str], codes_expected: list[str]
) -> None:
    result = check(cell, session_starts=MONDAY_MORNING, held=HELD)
    assert [one.code for one in result.issues] == codes_expected
    assert result.accepted == 1


@pytest.mark.parametrize(("hour", "outside"), [("08.00", True), ("08.30", False), ("16.00", True), ("15.59", False)])
def test_an_hour_outside_the_sites_opening_is_warned_about(check: Check, hour: str, outside: bool) -> None:
    result = check({"appointment_time": hour}, opening={"11111": (time(8, 30), time(16))})
    assert [one.code for one in result.issues] == ["outside_opening_hours"] * outside
    assert result.accepted == 1


def test_a_missing_time_is_not_guessed_where_there_are_several_sessions(check: Check) -> None:
    both = {("11111", "influenza", date(2026, 7, 27)): (time(8, 30), time(13))}
    result = check({"appointment_time": ""}, session_starts=both, held=HELD)
    assert [(one.column, one.code) for one in result.issues] == [("appointment_time", "time_several_sessions")]
    assert "several sessions that day" in result.issues[0].message_en


def test_a_number_of_a_country_that_may_not_be_contacted_is_warned_about_and_kept(check: Check) -> None:
    abroad = {"phone": "+856 20 5555 1234"}
    result = check(abroad, countries=frozenset({"TH"}))
    assert [(one.column, one.code) for one in result.issues] == [("phone", "phone_country_not_allowed")]
    assert len(result.accepted_rows[0].person.phones) == 1
    assert check(abroad, countries=frozenset({"TH", "LA"})).issues == []
    assert check({}, countries=frozenset({"TH"})).issues == []


@pytest.mark.parametrize(
    ("raw", "hour"), [("9 โมง", 9), ("๙ โมงเช้า", 9), ("11โมง", 11), ("บ่าย 2 โมง", 14), ("บ่ายโมง", 13)]
)
def test_an_hour_is_read_as_clerks_say_it(check: Check, raw: str, hour: int) -> None:
    wish = check({"appointment_time": raw}).accepted_rows[0].wish
    assert wish is not None
    assert wish.starts_at.hour == hour - 7


@pytest.mark.parametrize("raw", ["2 โมง", "2 ทุ่ม", "บ่าย 6 โมง"])
def test_an_hour_that_may_mean_two_is_refused(check: Check, raw: str) -> None:
    assert [one.column for one in check({"appointment_time": raw}).issues] == ["appointment_time"]


@pytest.mark.parametrize("raw", ["เข็มที่สอง", "เข็ม 2", "2nd", "สอง", "2nd dose", "เข็มที่ ๒"])
def test_a_dose_is_read_in_words(check: Check, raw: str) -> None:
    assert check({"dose": raw}).accepted_rows[0].subject == ("influenza", 2)


def test_a_booster_is_refused_with_what_to_write(check: Check) -> None:
    assert [one.code for one in check({"dose": "เข็มกระตุ้น"}).issues] == ["dose_is_booster"]


def test_a_title_above_the_header_is_passed_over(rules: Callable[..., CheckRules]) -> None:
    titled = "รายชื่อผู้รับวัคซีน\nอำเภอเมือง,,\n".encode() + as_file(GOOD)
    result = check_roster(read_csv(titled), rules())
    assert [(one.row, one.code, one.severity.value) for one in result.issues] == [(0, "lines_above_header", "warning")]
    assert [row.line for row in result.accepted_rows] == [4]
