"""Telephone numbers as clerks write them, turned into E.164, and masked before anyone else sees them.

Cleaning rules and their reasons: facts/thailand.md §2 (tried with libphonenumber 9.0.43).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from gateway.kit.digits import to_ascii_digits

HOME_REGION: Final = "TH"
"""Numbers without "+" are Thai: 012345678 would be a Cambodian mobile, but no clerk means that."""


class LineType(StrEnum):
    """What kind of line a number is, as far as its digits tell."""

    MOBILE = "mobile"  # takes texts and calls
    LANDLINE = "landline"  # calls only; a text to it is paid for and lost
    VOIP = "voip"  # 060 numbers: calls only
    OTHER = "other"  # valid, but toll-free, shared-cost or of an unknown kind


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A valid number in E.164 ("+66812345678") and the kind of line it is."""

    e164: str
    line_type: LineType

    @property
    def can_text(self) -> bool:
        """Whether a text may be sent there: mobiles only."""
        return self.line_type is LineType.MOBILE

    def __repr__(self) -> str:
        """Masked, because a repr ends in logs and tracebacks."""
        return f"PhoneNumber({mask(self.e164)!r}, {self.line_type.value})"


class PhoneError(ValueError):
    """A cell holds no usable number; `code` is stable, the message never holds the number.

    Codes: phone_empty, phone_is_excel_number, phone_short_code, phone_not_valid, phone_range.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_LINE_TYPES: Final = {
    PhoneNumberType.MOBILE: LineType.MOBILE,
    # The USA and Canada do not tell mobiles from landlines by their digits; we do not text there on a guess.
    PhoneNumberType.FIXED_LINE_OR_MOBILE: LineType.OTHER,
    PhoneNumberType.FIXED_LINE: LineType.LANDLINE,
    PhoneNumberType.VOIP: LineType.VOIP,
}
_ORDINARY: Final = frozenset(
    {*_LINE_TYPES, PhoneNumberType.TOLL_FREE, PhoneNumberType.UAN}  # a hospital may be reached at such a number
)
_NO_COUNTRY: Final = frozenset({"001", "ZZ"})  # satellites, and international numbers of every price
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff'\"`]")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u00ad]")
_SEPARATORS: Final = re.compile(r"[,/;|\n\r\u3001\uff0c]|\s(?:และ|หรือ|or|and)\s")
_EXTENSION: Final = re.compile(r"(?:ต่อ|กด|ext(?:ension)?\.?|x|#)\s*[:.]?\s*\d+.*$", re.IGNORECASE)
_LABEL: Final = re.compile(r"^(?:โทร|เบอร์|tel|t)[.:]*(?=[\d+(])", re.IGNORECASE)
_EXCEL: Final = re.compile(r"^[\d.]+e\+?\d+$", re.IGNORECASE)
_RANGE_DASH: Final = re.compile(r"^(?P<first>.*\d)\s*[-~]\s*(?P<last>\d{1,4})$")
_RANGE_WORD: Final = re.compile(r"^(?P<first>.*\d)\s*(?:ถึง|to)\s*\d+$", re.IGNORECASE)
_NOTE_BEFORE: Final = re.compile(r"^[^\d+(]+[\s:.](?=[\d+(])")
_NOTE_BEHIND: Final = re.compile(r"\s*(?:\([^\d)]*\)?|[^\W\d_][^\d]*)$")
_NO_NUMBER: Final = re.compile(r"^(?:[-._]*|ไม่มี.*|ไม่ทราบ|n/?a|no|none|nil|null)$", re.IGNORECASE)
_ALLOWED: Final = re.compile(r"^\+?[\d\s().\-]+$")
# Nearly every cell of a Thai list is one of these two. libphonenumber takes 0.1 ms to say so, and a province's list has
# 600,000 rows; a test holds both against it over every prefix.
_MOBILE: Final = "(?:[89][0-9]|6[1-6])[ -]?[0-9]{3}[ -]?[0-9]{4}"
_LANDLINE: Final = "(?:2[ -]?[0-9]{3}[ -]?[0-9]{4}|(?:3[2-9]|4[2-5]|5[2-6]|7[3-7])[ -]?[0-9]{3}[ -]?[0-9]{3})"
PLAIN_THAI: Final = rf"(?:0|\+66[ -]?)(?:{_MOBILE}|{_LANDLINE})"
"""What `plain_thai` reads, as a pattern without groups."""
_PLAIN_MOBILE: Final = re.compile(rf"(?:0|\+66[ -]?)({_MOBILE})")
_PLAIN_LANDLINE: Final = re.compile(rf"(?:0|\+66[ -]?)({_LANDLINE})")


def parse_phones(raw: str) -> list[PhoneNumber]:
    """Return the numbers of a cell in the order they are written, each once.

    Several numbers may be separated by comma, slash, semicolon, bar, line break or "หรือ"; an extension is dropped;
    a range such as 02-234-5678-9 gives its first number. Numbers without "+" are Thai. A part that is not a
    number is passed over when another part is one. Raises PhoneError when none is, with the first part's reason.
    """
    plain = plain_thai(raw)
    if plain is not None:
        return [plain]
    return _numbers_in(raw)


def plain_thai(raw: str) -> PhoneNumber | None:
    """The number of a cell that holds one Thai mobile or landline in a usual form and nothing else; else None.

    Only a shorter way to what `parse_phones` says of such a cell: whatever is not plain is left to it.
    """
    if match := _PLAIN_MOBILE.fullmatch(raw):
        return PhoneNumber("+66" + _bare(match[1]), LineType.MOBILE)
    if match := _PLAIN_LANDLINE.fullmatch(raw):
        return PhoneNumber("+66" + _bare(match[1]), LineType.LANDLINE)
    return None


def is_plain_thai(raw: str) -> bool:
    """Whether `plain_thai` knows the number of a cell."""
    return _PLAIN_MOBILE.fullmatch(raw) is not None or _PLAIN_LANDLINE.fullmatch(raw) is not None


def _bare(digits: str) -> str:
    return digits.replace("-", "").replace(" ", "")


def _numbers_in(raw: str) -> list[PhoneNumber]:
    """What `parse_phones` gives, by libphonenumber alone."""
    found: dict[str, PhoneNumber] = {}
    first_error: PhoneError | None = None
    for part in _parts(raw):
        try:
            number = _parse_one(part)
        except PhoneError as error:
            first_error = first_error or error
            continue
        found.setdefault(number.e164, number)
    if found:
        return list(found.values())
    raise first_error or PhoneError("phone_empty", "no telephone number given")


def parse_phone(raw: str) -> PhoneNumber:
    """Return the first number of a cell; raises PhoneError as `parse_phones` does."""
    return parse_phones(raw)[0]


def e164_of(raw: str) -> str:
    """The first number of a cell in E.164, "" where there is none."""
    try:
        return parse_phone(raw).e164
    except PhoneError:
        return ""


def mask(e164: str) -> str:
    """Return a number fit for logs and screens: "+66 8• ••• •678" for +66812345678.

    Keeps the country code, the first national digit and the last three; hides all else. Takes any text without
    raising: what is no number keeps at most its last three digits when it has at least eight.
    """
    digits = "".join(char for char in to_ascii_digits(str(e164)) if char in "0123456789")
    country = _country_code("+" + digits) if str(e164).strip().startswith("+") else None
    if country is None:
        return "•••" + (digits[-3:] if len(digits) >= 8 else "")
    national = digits[len(country) :]
    if len(national) < 7:  # too short to show four digits of it
        return f"+{country} •••"
    hidden = national[0] + "•" * (len(national) - 4) + national[-3:]
    return f"+{country} {_group(hidden)}"


def country_of(e164: str) -> str:
    """Return the ISO region of a number in E.164 ("TH"), or "ZZ" when it belongs to none."""
    if is_plain_thai(e164):
        return HOME_REGION
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(e164)) or "ZZ"
    except NumberParseException:
        return "ZZ"


def may_be_rung(e164: str) -> bool:
    """Whether a call there costs what a call costs: no premium-rate, shared-cost, satellite or unknown number.

    Somebody who earns by each minute of 1900 numbers would else have us pay them, by a call or by a row of a list.
    """
    if is_plain_thai(e164):
        return True
    try:
        parsed = phonenumbers.parse(e164)
    except NumberParseException:
        return False
    is_earthly = phonenumbers.region_code_for_country_code(parsed.country_code or 0) not in _NO_COUNTRY
    return is_earthly and phonenumbers.number_type(parsed) in _ORDINARY


def _parts(raw: str) -> Iterator[str]:
    text = _DASHES.sub("-", _INVISIBLE.sub("", to_ascii_digits(raw))).replace("\uff0b", "+")
    for part in _SEPARATORS.split(text):
        words = part.split()
        if len(words) > 1 and all(len(re.findall(r"[0-9]", word)) >= 9 for word in words):
            yield from words  # two whole numbers with only a space between them
        elif words:
            yield " ".join(words)


def _parse_one(part: str) -> PhoneNumber:
    if _EXCEL.match(part):
        raise PhoneError("phone_is_excel_number", "a spreadsheet shortened this number; format the column as text")
    if _NO_NUMBER.match(part):
        raise PhoneError("phone_empty", "no telephone number given")
    text = _EXTENSION.sub("", _LABEL.sub("", _NOTE_BEFORE.sub("", part)))
    text = _NOTE_BEHIND.sub("", text).strip()
    if not re.search("[0-9]", text):
        raise PhoneError("phone_not_valid", "this is not a telephone number")
    number = _valid(text) or _valid(_first_of_range(text))
    if number is not None:
        return number
    raise _refusal(text)


def _refusal(text: str) -> PhoneError:
    digits = re.sub(r"\D", "", text)
    if len(digits) <= 4:
        return PhoneError("phone_short_code", "this is a short service number; nobody can be reminded there")
    if _first_of_range(text):
        return PhoneError("phone_range", "this looks like a range of numbers, but its first number is not valid")
    return PhoneError("phone_not_valid", "this is not a valid telephone number")


def _first_of_range(text: str) -> str:
    match = _RANGE_DASH.match(text) or _RANGE_WORD.match(text)
    return match["first"] if match else ""


def _valid(text: str) -> PhoneNumber | None:
    text = re.sub(r"\.0+$", "", text)  # a number column read as float
    if not _ALLOWED.match(text):
        return None
    for candidate in _candidates(re.sub(r"[^\d+]", "", text)):
        try:
            parsed = phonenumbers.parse(candidate, HOME_REGION)
        except NumberParseException:
            continue
        # Not is_possible_number: 071 numbers are "possible" and ring nowhere.
        if phonenumbers.is_valid_number(parsed):
            return _number(parsed)
    return None


def _candidates(digits: str) -> Iterator[str]:
    # libphonenumber reads 006 as a Thai international prefix, so 0066... would land on Wallis and Futuna (+681).
    if digits.startswith("0066"):
        yield "+" + digits[2:]
        return
    if digits.startswith("00") and len(digits) > 10:
        yield "+" + digits[2:]
    yield digits


def _number(parsed: phonenumbers.PhoneNumber) -> PhoneNumber:
    kind = _LINE_TYPES.get(phonenumbers.number_type(parsed), LineType.OTHER)
    return PhoneNumber(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), kind)


def _country_code(text: str) -> str | None:
    for length in (1, 2, 3):
        code = text[1 : 1 + length]
        if len(code) == length and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return code
    return None


def _group(national: str) -> str:
    """Group as Thai mobiles are read, "8• ••• •678": the last four, then threes, the rest in front."""
    groups = [national[-4:]]
    rest = national[:-4]
    while len(rest) > 3:
        groups.append(rest[-3:])
        rest = rest[:-3]
    return " ".join([rest, *reversed(groups)]).strip()
