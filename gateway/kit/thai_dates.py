"""Dates and times as Thai clerks write them, Buddhist or common era, into Python's and back.

Rules and their reasons: facts/thailand.md §3 and §4 (Excel, 43-file). Nothing here guesses between two readings:
a date that could mean two days is refused, because a wrong day sends an elder to a closed clinic.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import lru_cache
from typing import Final

from gateway.kit.clock import bangkok_day
from gateway.kit.digits import to_ascii_digits

BUDDHIST_OFFSET: Final = 543
"""Years between the eras since 1941, when Thailand moved its new year to 1 January."""
FIRST_BUDDHIST_YEAR: Final = 2400
"""From here on a year is Buddhist: a typed 26/7/2569 becomes the year 2569 even in Excel's own date cells."""
EARLIEST_YEAR: Final = 1880
YEARS_AHEAD: Final = 30

SHORT_WEEKDAYS: Final = ("จ.", "อ.", "พ.", "พฤ.", "ศ.", "ส.", "อา.")
SHORT_MONTHS: Final = (
    "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.",
)  # fmt: skip


class DateError(ValueError):
    """A cell holds no usable date or time; `code` is stable, the message says what to do.

    Codes: date_empty, date_not_readable, date_not_real, date_year_ambiguous, date_out_of_range,
    date_weekday_wrong, date_is_excel_number, time_empty, time_not_readable, time_not_real.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_MONTH_NAMES: Final = (
    ("มกราคม", "มกรา", "มค", "january", "jan"),
    ("กุมภาพันธ์", "กุมภา", "กพ", "february", "feb"),
    ("มีนาคม", "มีนา", "มีค", "march", "mar"),
    ("เมษายน", "เมษา", "เมย", "april", "apr"),
    ("พฤษภาคม", "พฤษภา", "พค", "may"),
    ("มิถุนายน", "มิถุนา", "มิย", "june", "jun"),
    ("กรกฎาคม", "กรกฏาคม", "กรกฎา", "กรกฏา", "กค", "july", "jul"),
    ("สิงหาคม", "สิงหา", "สค", "august", "aug"),
    ("กันยายน", "กันยา", "กย", "september", "sept", "sep"),
    ("ตุลาคม", "ตุลา", "ตค", "october", "oct"),
    ("พฤศจิกายน", "พฤศจิกา", "พย", "november", "nov"),
    ("ธันวาคม", "ธันวา", "ธค", "december", "dec"),
)
_WEEKDAY_NAMES: Final = (
    ("จันทร์", "จ", "monday", "mon"),
    ("อังคาร", "อ", "tuesday", "tues", "tue"),
    ("พุธ", "พ", "wednesday", "wed"),
    ("พฤหัสบดี", "พฤหัส", "พฤ", "thursday", "thurs", "thu"),
    ("ศุกร์", "ศ", "friday", "fri"),
    ("เสาร์", "ส", "saturday", "sat"),
    ("อาทิตย์", "อา", "sunday", "sun"),
)
_MONTHS: Final = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
_WEEKDAYS: Final = {name: number for number, names in enumerate(_WEEKDAY_NAMES) for name in names}

_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff']")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\uff0d]")
_BUDDHIST_WORD: Final = re.compile(r"พ\.?\s?ศ\.?|\bb\.?e\b\.?")
_COMMON_WORD: Final = re.compile(r"ค\.\s?ศ\.|(?<!\S)คศ|\b(?:a\.?d|c\.?e)\b\.?")
_TIME_BEHIND: Final = re.compile(r"(?:t|\s+(?:เวลา\s*)?)\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\.\d+)?\s*(?:น\.?)?$")
_INSTANT: Final = re.compile(r"^\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}\S*(?:z|[+-]\d{2}:?\d{2})$")
_YEAR_FIRST: Final = re.compile(r"^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})$")
_PACKED: Final = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\d{6})?$")
_DAY_FIRST: Final = re.compile(r"^(?P<weekday>[^\d]*)(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})$")
_NAMED: Final = re.compile(r"^(?P<weekday>[^\d]*)(\d{1,2})(?:st|nd|rd|th)?(?P<month>[^\d]*[^\W\d][^\d]*)(\d{4}|\d{2})$")
_MONTH_FIRST: Final = re.compile(r"^(?P<words>[^\d]+)(\d{1,2})(?:st|nd|rd|th)?\s*[, ]\s*(\d{4})$")
_SERIAL: Final = re.compile(r"^\d{5,6}(?:\.\d+)?$")
_UNTIL: Final = r"(?:\s*(?:-|ถึง)\s*\d{1,2}(?:[:.]?\d{2})?\s*(?:น\.?)?)?$"
_BEHIND: Final = r"(?:\s*(?P<half>[ap])\.?m\.?)?\s*(?:น(?:\.|าฬิกา)?)?" + _UNTIL
_CLOCK: Final = re.compile(r"^(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}|[03](?!\d)))?(?:[:.]\d{2}(?:\.\d+)?)?" + _BEHIND)
_PACKED_CLOCK: Final = re.compile(r"^(?P<hour>\d{1,2})(?P<minute>\d{2})" + _BEHIND)


@lru_cache(maxsize=4096)  # a list of a year's appointments names a few hundred days a thousand times each
def parse_date(raw: str, *, today: date) -> date:
    """Return the day a cell names, in the common era.

    Day comes before month, unless the year comes first or the month is a word (Thai or English). A year from 2400 on is
    Buddhist; of two digits, 40-99 mean 2540-2599 and 13-39 the common year only when it is near `today` (Bangkok);
    others are refused. A weekday in front must fit. Raises DateError.
    """
    text = _tidy(raw)
    if not text or text.strip("-. ") in ("", "ไม่มี", "none", "n/a", "null"):
        raise DateError("date_empty", "no date given")
    if _INSTANT.match(text):
        return _sensible(_instant_day(text, today), today)
    text, buddhist = _without_era(_TIME_BEHIND.sub("", text))
    if _SERIAL.match(text):
        raise DateError("date_is_excel_number", "a spreadsheet turned this date into a number; write it as 26/07/2569")
    weekday, day, month, year = _fields(text)
    found = _real(_year(year, today, buddhist), month, day)
    if weekday is not None and found.weekday() != weekday:
        raise DateError("date_weekday_wrong", "the weekday does not fit the date; one of the two is mistyped")
    return _sensible(found, today)


@lru_cache(maxsize=1024)
def parse_time(raw: str) -> time:
    """Return the time of day a cell names: "09.00 น.", "9:00", "0930", "1:30 pm", the first of "09.00-12.00 น.".

    24 hours, no zone. Raises DateError with a time_... code.
    """
    text = re.sub(r"^\d{4}-\d{2}-\d{2}[t ]", "", _tidy(raw)).removeprefix("เวลา").strip()
    if not text.strip("-"):
        raise DateError("time_empty", "no time given")
    if re.match(r"^0\.\d{3,}$", text):  # a spreadsheet's fraction of a day
        minutes = round(float(text) * 24 * 60) % (24 * 60)
        return time(minutes // 60, minutes % 60)
    match = _CLOCK.match(text) or _PACKED_CLOCK.match(text)
    if match is None:
        raise DateError("time_not_readable", "this is not a time; write it as 09.00")
    hour, minute, half = int(match["hour"]), _minute(match["minute"]), match["half"]
    if (half and not 1 <= hour <= 12) or hour > 23 or minute > 59:
        raise DateError("time_not_real", "there is no such time of day")
    return time(hour % 12 + (12 if half == "p" else 0) if half else hour, minute)


def write_thai_date(day: date) -> str:
    """Return a day as short Thai text in the Buddhist era: "อา. 26 ก.ค. 69"."""
    year = (day.year + BUDDHIST_OFFSET) % 100
    return f"{SHORT_WEEKDAYS[day.weekday()]} {day.day} {SHORT_MONTHS[day.month - 1]} {year:02d}"


def _tidy(raw: str) -> str:
    text = _DASHES.sub("-", _INVISIBLE.sub("", to_ascii_digits(raw)))
    # The sara am of some old keyboards comes in two pieces, and a float column adds ".0".
    return re.sub(r"^(\d{5,})\.0+$", r"\1", " ".join(text.split()).lower())


def _minute(text: str | None) -> int:
    if text is None:
        return 0
    return int(text.ljust(2, "0"))  # 9.3 is 9.30 in a number column, which drops the last zero


def _instant_day(text: str, today: date) -> date:
    try:
        instant = datetime.fromisoformat(f"{_year(text[:4], today, None):04d}{text[4:].upper()}")
    except ValueError as error:
        raise DateError("date_not_real", "there is no such day") from error
    return bangkok_day(instant)


def _without_era(text: str) -> tuple[str, bool | None]:
    for pattern, buddhist in ((_BUDDHIST_WORD, True), (_COMMON_WORD, False)):
        if pattern.search(text):
            return " ".join(pattern.sub(" ", text, count=1).split()), buddhist
    return text, None


def _fields(text: str) -> tuple[int | None, int, int, str]:
    """Return weekday (Monday 0, or None), day, month and the year as written."""
    if match := _YEAR_FIRST.match(text) or _PACKED.match(text):
        return None, int(match[3]), int(match[2]), match[1]
    if match := _DAY_FIRST.match(text):
        return _weekday(match["weekday"]), int(match[2]), int(match[3]), match[4]
    if match := _NAMED.match(text):
        return _weekday(match["weekday"]), int(match[2]), _month(match["month"]), match[4]
    if match := _MONTH_FIRST.match(text):
        before, _, month = match["words"].strip(" ,").rpartition(" ")
        return _weekday(before), int(match[2]), _month(month), match[3]
    raise _unreadable()


def _unreadable() -> DateError:
    return DateError("date_not_readable", "this is not a date; write it as 26/07/2569 or 26 ก.ค. 2569")


def _letters(text: str) -> str:
    return re.sub(r"[\s.,/\-()]", "", text)


def _weekday(text: str) -> int | None:
    word = _letters(text).removeprefix("วัน").removesuffix("ที่")
    if not word:
        return None
    if word not in _WEEKDAYS:
        raise _unreadable()
    return _WEEKDAYS[word]


def _month(text: str) -> int:
    word = _letters(text).removeprefix("เดือน")
    if word not in _MONTHS:
        raise _unreadable()
    return _MONTHS[word]


def _year(text: str, today: date, buddhist: bool | None) -> int:
    written = int(text)
    if len(text) == 2:
        return _short_year(written, today, buddhist)
    if buddhist is None:
        buddhist = written >= FIRST_BUDDHIST_YEAR
    return written - BUDDHIST_OFFSET if buddhist else written


def _short_year(written: int, today: date, buddhist: bool | None) -> int:
    if buddhist or (buddhist is None and written >= 40):
        return 2500 + written - BUDDHIST_OFFSET
    if buddhist is False or (written > 12 and abs(2000 + written - today.year) <= 2):
        return 2000 + written
    raise DateError("date_year_ambiguous", "this year could be Buddhist or common era; write all four digits")


def _real(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)  # after conversion: 29 Feb 2567 is real, 29 Feb 2568 is not
    except ValueError as error:
        raise DateError("date_not_real", "there is no such day; the day comes first, then the month") from error


def _sensible(found: date, today: date) -> date:
    if EARLIEST_YEAR <= found.year <= today.year + YEARS_AHEAD:
        return found
    raise DateError("date_out_of_range", "this year is too far away; check its four digits")
