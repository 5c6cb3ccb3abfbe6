"""Identity numbers of every class of facts/thailand.md §1; all are invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.digits import in_script
from gateway.kit.identity import Identity, IdKind, check_digit, classify_identity


def registry_number(first_twelve: str) -> str:
    return first_twelve + str(check_digit(first_twelve))


def classified(raw: str) -> Identity:
    identity = classify_identity(raw)
    assert identity is not None
    return identity


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("1101700207030", IdKind.THAI_CID),
        ("0123456789016", IdKind.OTHER_0),
        ("0089012345677", IdKind.MIGRANT_00),
        (registry_number("052010012345"), IdKind.OTHER_0),
        (registry_number("05201" + "89" + "12345"), IdKind.STATELESS_0_89),
        (registry_number("652010012345"), IdKind.ALIEN_6),
        (registry_number("752010012345"), IdKind.ALIEN_7),
        (registry_number("852010012345"), IdKind.ALIEN_8),
        (registry_number("912345678901"), IdKind.THAI_CID),
    ],
)
def test_a_registry_number_belongs_to_its_class(number: str, kind: IdKind) -> None:
    assert classified(number) == Identity(kind, number, True)


@pytest.mark.parametrize(
    "raw",
    ["1-1017-00207-03-0", "๑๑๐๑๗๐๐๒๐๗๐๓๐", "1101700207030.0", " 1 1017 00207 03 0", "1\u00a01017\u00a000207–03-0"],
)
def test_every_spelling_of_a_number_is_the_same_number(raw: str) -> None:
    assert classified(raw) == Identity(IdKind.THAI_CID, "1101700207030", True)


def test_zeros_lost_in_a_spreadsheet_are_put_back_when_the_check_digit_fits() -> None:
    assert classified("89012345677").value == "0089012345677"


def test_zeros_are_not_put_back_when_the_check_digit_does_not_fit() -> None:
    assert classified("89012345678") == Identity(IdKind.UNVERIFIED, "89012345678", None)


def test_a_number_that_kept_its_zero_has_lost_none() -> None:
    assert classified("089012345677").kind is IdKind.UNVERIFIED


def test_a_wrong_check_digit_is_kept_as_unverified() -> None:
    assert classified("1101700207031") == Identity(IdKind.UNVERIFIED, "1101700207031", False)


@pytest.mark.parametrize("raw", ["AA1234567", "md 123456", "N01234567"])
def test_letters_and_digits_are_a_passport(raw: str) -> None:
    assert classified(raw) == Identity(IdKind.PASSPORT, raw.replace(" ", "").upper(), None)


@pytest.mark.parametrize("raw", ["", " \u00a0", "-", "ไม่มี", "0000000000000", "9999999999999", "1.1017E+12"])
def test_what_many_people_would_share_is_no_identity(raw: str) -> None:
    assert classify_identity(raw) is None


@given(st.text())
def test_classifying_never_raises(raw: str) -> None:
    identity = classify_identity(raw)
    assert identity is None or identity.value


@given(st.text(alphabet="0123456789", min_size=12, max_size=12), st.integers(min_value=1, max_value=9))
def test_every_other_last_digit_is_caught(first_twelve: str, shift: int) -> None:
    right = check_digit(first_twelve)
    wrong = first_twelve + str((right + shift) % 10)
    identity = classify_identity(wrong)
    assert identity is None or identity.check_digit_ok is False


@given(st.text(alphabet="0123456789", min_size=12, max_size=12))
def test_a_number_in_thai_digits_is_the_same_number(first_twelve: str) -> None:
    number = registry_number(first_twelve)
    assert classify_identity(in_script(number, "thai")) == classify_identity(number)


@pytest.mark.parametrize("wrong", ["", "12345678901", "12345678901x", "๑๒๓๔๕๖๗๘๙๐๑๒"])
def test_a_check_digit_needs_twelve_digits(wrong: str) -> None:
    with pytest.raises(ValueError, match="twelve"):
        check_digit(wrong)


def test_the_repr_of_an_identity_hides_the_number() -> None:
    assert "11017002070" not in repr(classified("1101700207030"))
