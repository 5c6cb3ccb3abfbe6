"""Telephone numbers in every spelling of facts/thailand.md §2; all numbers are invented."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.digits import ZEROS, in_script
from gateway.kit.phones import (
    LineType,
    PhoneError,
    PhoneNumber,
    country_of,
    e164_of,
    mask,
    may_be_rung,
    parse_phone,
    parse_phones,
)

MOBILE = "+66812345678"
BANGKOK_LINE = "+6622345678"
SAMUT_SAKHON_LINE = "+6634171200"


@pytest.mark.parametrize(
    "raw",
    [
        "0812345678",
        "081-234-5678",
        "081 234 5678",
        "081.234.5678",
        "๐๘๑๒๓๔๕๖๗๘",
        "812345678",
        "812345678.0",
        "66812345678",
        "66812345678.0",
        "+66812345678",
        "+660812345678",
        "+66 (0) 81 234 5678",
        "0066812345678",
        "001 66 812345678",
        "081\u00a0234\u00a05678",
        "081–234—5678",
        "\u200b081-234-5678\ufeff",
        "'0812345678",
        "tel:+66812345678",
        "โทร. 081 234 5678",
        "โทร081-2345678",
        "081-234-5678 (ลูกสาว)",
        "ลูกสาว: 081-234-5678",
        "081-234-5678 ลูกสาว",
    ],
)
def test_every_spelling_of_a_mobile_is_one_number(raw: str) -> None:
    assert parse_phones(raw) == [PhoneNumber(MOBILE, LineType.MOBILE)]


@pytest.mark.parametrize("raw", ["034171200", "0-3417-1200", "0 – 3417 – 1200", "034-171200", "034-171200-5"])
def test_every_spelling_of_a_landline_is_one_number(raw: str) -> None:
    assert parse_phones(raw) == [PhoneNumber(SAMUT_SAKHON_LINE, LineType.LANDLINE)]


@pytest.mark.parametrize(
    "raw", ["02-234-5678 ต่อ 12", "02-234-5678 กด 1", "02-234-5678กด1", "02-234-5678 ext 12", "02-234-5678 #12"]
)
def test_an_extension_is_dropped(raw: str) -> None:
    assert parse_phone(raw).e164 == BANGKOK_LINE


@pytest.mark.parametrize("raw", ["02-234-5678-9", "02-234-5678 - 80", "02-234-5678 ถึง 80"])
def test_a_range_gives_its_first_number(raw: str) -> None:
    assert [phone.e164 for phone in parse_phones(raw)] == [BANGKOK_LINE]


@pytest.mark.parametrize("separator", [", ", "/", " ; ", "\n", "\r\n", " หรือ ", " "])
def test_a_cell_may_hold_several_numbers_in_order(separator: str) -> None:
    cell = separator.join(["0823456789", "0812345678"])
    assert [phone.e164 for phone in parse_phones(cell)] == ["+66823456789", MOBILE]


def test_a_number_written_twice_is_one() -> None:
    assert len(parse_phones("0812345678, +66812345678")) == 1


def test_a_broken_number_beside_a_good_one_is_passed_over() -> None:
    assert [phone.e164 for phone in parse_phones("081234567, 0812345678")] == [MOBILE]


@pytest.mark.parametrize(
    ("raw", "line_type", "can_text"),
    [
        ("0812345678", LineType.MOBILE, True),
        ("0612345678", LineType.MOBILE, True),
        ("034171200", LineType.LANDLINE, False),
        ("0601234567", LineType.VOIP, False),
        ("1800123456", LineType.OTHER, False),
        ("+959450012345", LineType.MOBILE, True),
    ],
)
def test_only_mobiles_can_be_texted(raw: str, line_type: LineType, can_text: bool) -> None:
    phone = parse_phone(raw)
    assert (phone.line_type, phone.can_text) == (line_type, can_text)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "phone_empty"),
        (" \u00a0 ", "phone_empty"),
        ("-", "phone_empty"),
        ("ไม่มี", "phone_empty"),
        ("6.681E+10", "phone_is_excel_number"),
        ("1669", "phone_short_code"),
        ("1422", "phone_short_code"),
        ("191", "phone_short_code"),
        ("081234567", "phone_not_valid"),
        ("0711234567", "phone_not_valid"),
        ("012345678", "phone_not_valid"),
        ("+959123456789", "phone_not_valid"),
        ("lampang", "phone_not_valid"),
        ("01-234-5678-9", "phone_range"),
    ],
)
def test_what_is_no_number_is_refused_with_a_stable_code(raw: str, code: str) -> None:
    with pytest.raises(PhoneError) as refused:
        parse_phones(raw)
    assert refused.value.code == code


@given(st.text(max_size=30) | st.from_regex(r"[0-9+\-/ .()]{0,25}", fullmatch=True))
def test_any_cell_is_read_or_refused_and_the_refusal_holds_no_digits(raw: str) -> None:
    phones, refusal = [], ""
    try:
        phones = parse_phones(raw)
    except PhoneError as error:
        refusal = str(error)
    assert bool(phones) != bool(refusal)
    assert not re.search(r"\d", refusal)
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone.e164)) for phone in phones)


@given(number=st.integers(min_value=800_000_000, max_value=999_999_999), script=st.sampled_from(sorted(ZEROS)))
def test_a_mobile_in_any_script_and_without_its_zero_reads_the_same(number: int, script: str) -> None:
    national = in_script(f"0{number}", script)
    assert parse_phone(national) == parse_phone(str(number)) == parse_phone(f"+66{number}")


def test_a_number_is_masked_to_its_ends() -> None:
    assert mask(MOBILE) == "+66 8• ••• •678"


def test_a_foreign_number_keeps_its_country_code() -> None:
    assert mask("+8562055512345").startswith("+856 2")
    assert mask("+12025550123").startswith("+1 2")


@given(st.text())
def test_masking_never_raises(text: str) -> None:
    assert "•••" in mask(text)


@given(st.from_regex(r"\+?[0-9๐-๙]{8,15}", fullmatch=True))
def test_a_mask_never_shows_more_than_the_country_the_first_and_the_last_three(number: str) -> None:
    assert len(re.findall(r"\d", mask(number))) <= 7
    assert mask(number).count("•") >= 3


def test_what_is_too_short_to_hide_is_hidden_whole() -> None:
    assert mask("1669") == "•••"


def test_the_repr_of_a_number_is_masked() -> None:
    assert "12345" not in repr(parse_phone("0812345678"))


@pytest.mark.parametrize(("e164", "region"), [(MOBILE, "TH"), ("+959450012345", "MM"), ("+999", "ZZ"), ("", "ZZ")])
def test_a_number_knows_its_country(e164: str, region: str) -> None:
    assert country_of(e164) == region


@pytest.mark.parametrize(
    ("e164", "may"),
    [
        (MOBILE, True),
        ("+6654000901", True),
        ("+66600000000", True),  # over the internet
        ("+661800123456", True),  # toll-free: a hospital's
        ("+661900123456", False),
        ("+881612345678", False),  # a satellite's
        ("+19005551234", False),
        ("", False),
    ],
)
def test_a_number_that_costs_more_than_a_call_may_not_be_rung(e164: str, may: bool) -> None:
    assert may_be_rung(e164) is may


def test_a_cell_without_a_number_has_no_e164() -> None:
    assert (e164_of("054-000 901"), e164_of("1669"), e164_of("")) == ("+6654000901", "", "")
