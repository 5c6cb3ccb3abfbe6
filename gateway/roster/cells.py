"""One row's cells, read one after another, with a note of whatever is wrong with each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, time
from typing import Final

from gateway.kit.digits import to_ascii_digits
from gateway.kit.thai_dates import DateError, parse_date, parse_time
from gateway.roster.issues import Issue, Severity, make_issue

LONGEST_TEXT: Final = 120
_HIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_NOTHING: Final = re.compile(r"^(?:[-–—._/]+|ไม่มี|ไม่ทราบ|ไม่ระบุ|n/?a|null|none|nan|#n/a|#ref!)$", re.IGNORECASE)
_WHOLE: Final = re.compile(r"^(?:เข็ม(?:ที่)?|dose|#)?\s*(\d{1,9})(?:\.0+)?$", re.IGNORECASE)
_WORDS: Final = {"หนึ่ง": 1, "สอง": 2, "สาม": 3, "สี่": 4, "ห้า": 5, "แรก": 1, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_BEFORE_A_NUMBER: Final = re.compile(r"^(?:เข็ม(?:ที่)?|dose|#)\s*|\s*dose$", re.IGNORECASE)
_MORNING: Final = re.compile(r"^(\d{1,2})\s*โมง\s*(?:เช้า)?$")
_AFTERNOON: Final = re.compile(r"^บ่าย\s*(\d)?\s*โมง$")


class Cells:
    """The cells of a row by canonical column, and the issues found so far."""

    def __init__(self, line: int, cells: Mapping[str, str]) -> None:
        self.line = line
        self._cells = cells
        self.issues: list[Issue] = []

    @property
    def failed(self) -> bool:
        """Whether an error was noted."""
        return any(issue.is_error for issue in self.issues)

    def raw(self, column: str) -> str:
        """Return the cell, "" when it is empty or says that there is nothing."""
        text = self._cells.get(column, "").strip()
        return "" if _NOTHING.match(text) else text

    def text(self, column: str) -> str:
        """Return the cell on one line, without invisible characters; a novel is cut and warned about."""
        plain = unicodedata.normalize("NFC", _HIDDEN.sub(" ", self.raw(column)))
        text = " ".join(plain.split())
        if len(text) <= LONGEST_TEXT:
            return text
        self.warn(column, "text_too_long")
        return text[:LONGEST_TEXT]

    def error(self, column: str, code: str, **details: object) -> None:
        """Note what keeps the row out."""
        self._note(column, code, Severity.ERROR, details)

    def warn(self, column: str, code: str, **details: object) -> None:
        """Note what somebody should look at."""
        self._note(column, code, Severity.WARNING, details)

    def day(self, column: str, *, today: date) -> date | None:
        """Return the day the cell names; None when it is empty, or noted as wrong."""
        text = self.raw(column)
        if not text:
            return None
        try:
            return parse_date(text, today=today)
        except DateError as error:
            self.error(column, error.code)
            return None

    def hour(self, column: str) -> time | None:
        """Return the time of day the cell names; None when it is empty, or noted as wrong."""
        text = self.raw(column)
        if not text:
            return None
        spoken = _spoken_hour(text)
        if spoken is not None:
            return spoken
        try:
            return parse_time(text)
        except DateError as error:
            self.error(column, error.code)
            return None

    def whole(self, column: str) -> int | None:
        """Return a whole number ("๒", "เข็มที่ 2", "2.0"), or None when the cell holds no such thing."""
        text = to_ascii_digits(self.raw(column)).strip()
        match = _WHOLE.match(text)
        return int(match[1]) if match else _WORDS.get(_BEFORE_A_NUMBER.sub("", text).casefold())

    def _note(self, column: str, code: str, severity: Severity, details: Mapping[str, object]) -> None:
        value = self._cells.get(column, "")
        self.issues.append(make_issue(self.line, column, code, severity=severity, value=value, **details))


def _spoken_hour(raw: str) -> time | None:
    """Return an hour as clerks say it where it can mean one only: "9 โมง", "บ่าย 2 โมง"; "2 โมง" and "2 ทุ่ม" cannot."""
    text = to_ascii_digits(raw).strip()
    morning, afternoon = _MORNING.match(text), _AFTERNOON.match(text)
    if morning and 6 <= int(morning[1]) <= 11:
        return time(int(morning[1]))
    if afternoon and 1 <= int(afternoon[1] or 1) <= 4:
        return time(12 + int(afternoon[1] or 1))
    return None
