"""The short way for plain Thai numbers says what libphonenumber says, or says nothing."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit import phones
from gateway.kit.phones import PhoneError, country_of, may_be_rung, plain_thai

TAILS = ("0000000", "1234567", "9999999", "5550123")
FORMS = (
    "{0}{1}{2}",
    "{0}-{1}-{2}",
    "{0} {1} {2}",
    "{0}-{1}{2}",
    "{0}{1}-{2}",
    "{0}  {1}{2}",
    "{0}.{1}.{2}",
    "({0}){1}{2}",
)
HOSTILE = (
    "", "0", "+66", "081-234-567", "081-234-56789", "0812345678 ", " 0812345678", "0812345678\n", "๐๘๑๒๓๔๕๖๗๘",
    "０８１２３４５６７８", "٠٨١٢٣٤٥٦٧٨", "081²345678", "081-234-5678/9", "02-234-5678-9", "0812345678,0898765432",
    "+660812345678", "+66 081 234 5678", "0066812345678", "66812345678", "+66-81-234-5678", "+66 81 234 5678",
    "081--234-5678", "081- 234-5678", "-0812345678", "0812345678-", "0812345678.0", "'0812345678", "8.12346E+08",
    "0812345678 ต่อ 12", "0\u200b812345678", "081\u2011234\u20115678", "0671123456", "0671900000", "0600000000",
    "0640000000", "071234567", "071-123-456", "1669", "1900123456", "1800123456", "+856201234567", "+12025550123",
)  # fmt: skip


def _slowly(raw: str) -> object:
    """What libphonenumber alone says of a cell."""
    try:
        return phones._numbers_in(raw)
    except PhoneError as error:
        return error.code


def _agrees(raw: str) -> bool:
    plain = plain_thai(raw)
    return plain is None or _slowly(raw) == [plain]


@pytest.mark.parametrize("first", range(10))
def test_every_prefix_of_four_digits_in_every_form_is_what_libphonenumber_says(first: int) -> None:
    for prefix in range(first * 1000, first * 1000 + 1000, 7):
        for length in (8, 9, 10):
            digits = f"0{prefix:04d}{TAILS[prefix % 4]}"[: length + 1]
            for form in FORMS[prefix % 3 :: 3]:
                assert _agrees(form.format(digits[:3], digits[3:6], digits[6:])), digits


def test_every_prefix_of_three_digits_agrees_at_home_and_from_abroad() -> None:
    for prefix in range(1000):
        for tail in TAILS[prefix % 2 :: 2]:
            for length in (8, 9):
                national = f"{prefix:03d}{tail}"[:length]
                assert _agrees(f"0{national}"), national
                assert _agrees(f"+66{national}"), national


@pytest.mark.parametrize("raw", HOSTILE)
def test_what_is_written_in_a_strange_way_is_never_read_otherwise(raw: str) -> None:
    assert _agrees(raw)


@given(st.text(alphabet="0123456789+- ().๐๘/,\n\u200bxต", max_size=16))
def test_no_text_is_plain_that_libphonenumber_reads_otherwise(raw: str) -> None:
    assert _agrees(raw)


@pytest.mark.parametrize(
    ("raw", "e164"),
    [("080-000-0886", "+66800000886"), ("0612345678", "+66612345678"), ("02-234-5678", "+6622345678"),
     ("053 123 456", "+6653123456"), ("+66 81 234 5678", "+66812345678"), ("076123456", "+6676123456")],
)  # fmt: skip
def test_the_usual_forms_are_plain(raw: str, e164: str) -> None:
    plain = plain_thai(raw)

    assert plain is not None
    assert plain.e164 == e164


def test_a_plain_number_is_of_thailand_and_may_be_rung() -> None:
    for prefix in range(1000):
        number = plain_thai(f"+66{prefix:03d}123456"[: 12 if prefix >= 600 else 11])
        if number is None:
            continue
        parsed = phonenumbers.parse(number.e164)
        assert phonenumbers.region_code_for_number(parsed) == "TH" == country_of(number.e164)
        assert phonenumbers.number_type(parsed) in phones._ORDINARY
        assert may_be_rung(number.e164)
