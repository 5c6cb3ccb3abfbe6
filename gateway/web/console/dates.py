"""Days as the console writes them: short, the Buddhist Era in Thai, the common era in English."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from gateway.kit.clock import bangkok_day

BUDDHIST: Final = 543
_THAI_DAYS: Final = ("จ.", "อ.", "พ.", "พฤ.", "ศ.", "ส.", "อา.")
_THAI_MONTHS: Final = (
    *("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย."),
    *("ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."),
)


def say_day(value: datetime | date, language: str) -> str:
    """Write a day, or the Bangkok day of an instant: "จ. 3 ส.ค. 2569" or "Mon 3 Aug 2026"."""
    day = bangkok_day(value) if isinstance(value, datetime) else value
    if language == "th":
        return f"{_THAI_DAYS[day.weekday()]} {day.day} {_THAI_MONTHS[day.month - 1]} {day.year + BUDDHIST}"
    return f"{day:%a} {day.day} {day:%b %Y}"
