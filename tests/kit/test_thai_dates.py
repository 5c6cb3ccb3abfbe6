"""Dates and times of both eras."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.digits import in_script
from gateway.kit.thai_dates import DateError, parse_date, parse_time, write_thai_date

TODAY = date(2026, 7, 20)
SUNDAY = date(2026, 7, 26)
days = st.dates(min_value=date(1900, 1, 1), max_value=date(2050, 12, 31))
MONTHS_IN_ORDER = "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม"
THAI_MONTHS = dict(enumerate(re.split(" ", MONTHS_IN_ORDER), 1))


@pytest.mark.parametrize(
    "raw",
    [
        "2026-07-26",
        "2569-07-26",
        "2026/07/26",
        "26/7/2569",
        "26/07/2026",
        "26-07-69",
        "26.7.69",
        "26 / 7 / 2569",
        "๒๖/๗/๒๕๖๙",
        "26 ก.ค. 2569",
        "26 กค 69",
        "26กค69",
        "26-ก.ค.-69",
        "26\u00a0กรกฎาคม\u00a02569",
        "26 กรกฏาคม 2569",
        "26 กรกฎาคม พ.ศ. 2569",
        "วันอาทิตย์ที่ 26 กรกฎาคม พ.ศ. 2569",
        "วันที่ 26 กรกฎาคม 2569",
        "อา. 26 ก.ค. 69",
        "26 ก.ค. ค.ศ. 2026",
        "26 Jul 2026",
        "26-Jul-26",
        "26 July 2569 BE",
        "Sun, 26th July 2026",
        "July 26, 2026",
        "20260726",
        "25690726",
        "20260726.0",
        "20260726093000",
        "2026-07-26 00:00:00",
        "2569-07-26T09:30:00",
        "2026-07-25T20:00:00Z",
        "26/7/2569 09:30",
        "26 ก.ค. 69 เวลา 09.30 น.",
    ],
)
def test_every_spelling_names_the_same_day(raw: str) -> None:
    assert parse_date(raw, today=TODAY) == SUNDAY


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "date_empty"),
        ("-", "date_empty"),
        ("tomorrow", "date_not_readable"),
        ("26 ก.ค.", "date_not_readable"),
        ("26 กกกก 2569", "date_not_readable"),
        ("26 7", "date_not_readable"),
        ("31/4/2569", "date_not_real"),
        ("07/26/2026", "date_not_real"),
        ("29/2/2568", "date_not_real"),
        ("26/7/00", "date_year_ambiguous"),
        ("26/7/12", "date_year_ambiguous"),
        ("26/7/35", "date_year_ambiguous"),
        ("26/7/2400", "date_out_of_range"),
        ("26/7/2169", "date_out_of_range"),
        ("46229", "date_is_excel_number"),
        ("จ. 26 ก.ค. 69", "date_weekday_wrong"),
    ],
)
def test_what_is_no_day_is_refused_with_a_stable_code(raw: str, code: str) -> None:
    with pytest.raises(DateError) as refused:
        parse_date(raw, today=TODAY)
    assert refused.value.code == code


def test_the_leap_day_is_checked_after_conversion() -> None:
    assert parse_date("29/2/2567", today=TODAY) == date(2024, 2, 29)


def test_an_era_word_settles_a_short_year() -> None:
    assert parse_date("1 ม.ค. พ.ศ. 05", today=TODAY) == date(1962, 1, 1)


def test_short_years_from_forty_on_are_buddhist() -> None:
    assert parse_date("1/5/40", today=TODAY).year == 1997
    assert parse_date("1/5/99", today=TODAY).year == 2056


@given(days)
def test_a_buddhist_date_in_thai_digits_reads_back(day: date) -> None:
    written = in_script(f"{day.day}/{day.month}/{day.year + 543}", "thai")
    assert parse_date(written, today=TODAY) == day


@given(days)
def test_iso_packed_and_named_dates_read_back(day: date) -> None:
    named = f"{day.day} {THAI_MONTHS[day.month]} {day.year + 543}"
    for written in (day.isoformat(), f"{day:%Y%m%d}", f"{day:%d %B %Y}", f"{day:%a %d %b %Y}", named):
        assert parse_date(written, today=TODAY) == day


def test_short_thai_dates_of_two_years_read_back() -> None:
    for offset in range(731):
        day = date(2026, 1, 1) + timedelta(days=offset)
        assert parse_date(write_thai_date(day), today=TODAY) == day


def test_a_day_is_written_short_in_the_buddhist_era() -> None:
    assert write_thai_date(SUNDAY) == "อา. 26 ก.ค. 69"


@given(st.text(max_size=25) | st.from_regex(r"[0-9 /.\-a-z,]{0,20}", fullmatch=True))
def test_any_cell_is_a_day_or_a_date_error(raw: str) -> None:
    try:
        outcome = str(parse_date(raw, today=TODAY).year)
    except DateError as error:
        outcome = error.code
    assert outcome.startswith("date_") or 1880 <= int(outcome) <= 2056


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("09.00 น.", time(9)),
        ("9:00", time(9)),
        ("0930", time(9, 30)),
        ("930", time(9, 30)),
        ("13.30", time(13, 30)),
        ("๐๙.๐๐", time(9)),
        ("เวลา 09.00 น.", time(9)),
        ("09:00:00", time(9)),
        ("1900-01-01 09:00:00", time(9)),
        ("9.3", time(9, 30)),
        ("0.375", time(9)),
        ("9", time(9)),
        ("1:30 pm", time(13, 30)),
        ("12:05 AM", time(0, 5)),
        ("09.00-12.00 น.", time(9)),
        ("09.00 – 12.00 น.", time(9)),
    ],
)
def test_every_spelling_names_its_time(raw: str, expected: time) -> None:
    assert parse_time(raw) == expected


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "time_empty"),
        ("-", "time_empty"),
        ("เช้า", "time_not_readable"),
        ("9.5", "time_not_readable"),
        ("2026-07-26", "time_not_readable"),
        ("24.00", "time_not_real"),
        ("9.60", "time_not_real"),
        ("13:30 pm", "time_not_real"),
    ],
)
def test_what_is_no_time_is_refused_with_a_stable_code(raw: str, code: str) -> None:
    with pytest.raises(DateError) as refused:
        parse_time(raw)
    assert refused.value.code == code


@given(st.times().map(lambda moment: moment.replace(second=0, microsecond=0)))
def test_a_thai_time_reads_back(moment: time) -> None:
    assert parse_time(in_script(f"{moment:%H.%M} น.", "thai")) == moment


@given(st.text(max_size=15) | st.from_regex(r"[0-9 :.\-apmน]{0,12}", fullmatch=True))
def test_any_cell_is_a_time_or_a_date_error(raw: str) -> None:
    try:
        outcome = f"{parse_time(raw):time_%H%M}"
    except DateError as error:
        outcome = error.code
    assert outcome.startswith("time_")
