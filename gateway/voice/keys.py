"""The keys of all prompts: the closed set of what a call can say, in whatever language."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import time
from enum import StrEnum
from typing import Final


class Key(StrEnum):
    """The sentences. Days, months, hours and doses are in `number_keys`; a site's own name is `site.<CODE>`."""

    GREET_REMINDER = "greet.reminder"  # hello, who calls, about what
    GREET_SECOND_DOSE = "greet.second_dose"
    GREET_NEUTRAL = "greet.neutral"  # does not name the vaccination: anybody may have picked up
    GREET_HOTLINE = "greet.hotline"  # somebody called us
    YOUR_APPOINTMENT = "hotline.your_appointment"
    OFFICE_HOURS = "hotline.office_hours"
    TODAY = "relative.today"
    TOMORROW = "relative.tomorrow"
    DAY_AFTER = "relative.day_after"
    PLACE_UNNAMED = "place.unnamed"  # where a site has no spoken name
    WHY_SECOND_DOSE = "why.second_dose"
    SAFETY = "safety"  # we never ask for money or codes
    ASK_COMING = "ask.coming"
    ASK_CALLBACK = "ask.callback"
    ASK_AGAIN = "ask.again"
    ASK_RIDE = "ask.ride"
    SORRY_SILENCE = "sorry.silence"
    SORRY_WRONG_KEY = "sorry.wrong_key"
    ACK_COMING = "ack.coming"  # the date is said after it
    ACK_RIDE = "ack.ride"
    ACK_CALLBACK = "ack.callback"
    ACK_MOVED = "ack.moved"  # the new date is said after it
    OFFER_INTRO = "offer.intro"
    OFFER_LOST = "offer.lost"  # somebody else took that seat
    OFFER_NEITHER = "offer.neither"
    PRESS_1 = "press.1"
    PRESS_2 = "press.2"
    END_NO_SEAT = "end.no_seat"
    END_UNANSWERED = "end.unanswered"  # confirms nothing: the clinic will be in touch
    END_SETTLED = "end.settled"  # answered, moved or cancelled meanwhile
    BYE = "bye"


class StudioKey(StrEnum):
    """What a speaker hears who records by telephone; in Thai and English only, and never part of a call to anybody."""

    GREET = "studio.greet"
    PIN = "studio.pin"  # key in your number, then hash
    BAD_PIN = "studio.bad_pin"
    PHRASE = "studio.phrase"  # "phrase number"; its digits follow
    SPEAK = "studio.speak"  # speak after the tone, then press hash
    CHOICE = "studio.choice"  # one keeps, two records again, nine plays
    KEPT = "studio.kept"
    UNHEARD = "studio.unheard"
    DONE = "studio.done"  # nothing is left to record
    BYE = "studio.bye"


FIRST_HOUR: Final = time(6, 0)
LAST_HOUR: Final = time(20, 45)
SPOKEN_DOSES: Final = range(2, 9)  # the first dose is not numbered aloud; the longest series here has five
SITE_KEY: Final = re.compile(r"site\.[A-Za-z0-9_-]+")
NAME_KEY: Final = re.compile(r"name\.[0-9a-f]{12}")


def quarter_hours() -> tuple[time, ...]:
    """Return the times of day that can be said: every quarter from FIRST_HOUR to LAST_HOUR."""
    quarters = (time(minute // 60, minute % 60) for minute in range(0, 24 * 60, 15))
    return tuple(quarter for quarter in quarters if FIRST_HOUR <= quarter <= LAST_HOUR)


def hour_key(hour: time) -> str:
    """Return the key of a time of day, such as `hour.0900`."""
    return f"hour.{hour:%H%M}"


def digit_key(digit: int | str) -> str:
    """Return the key of a digit, such as `digit.7`."""
    return f"digit.{digit}"


def site_key(code: str) -> str | None:
    """Return the key of a site's spoken name; None for a code that cannot stand in a key."""
    key = f"site.{code}"
    return key if SITE_KEY.fullmatch(key) else None


def name_key(name: str) -> str:
    """Return the key of a given name's clip: no name stands in a key, an address or a log.

    Two ways of typing one name, apart in spaces or in the order of its marks, have one key.
    """
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    return f"name.{hashlib.sha256(plain.encode()).hexdigest()[:12]}"


def number_keys() -> tuple[str, ...]:
    """Return the keys of weekdays (ISO: 7 is Sunday), days of the month, months, hours and doses."""
    return (
        *(f"weekday.{number}" for number in range(1, 8)),
        *(f"day.{number}" for number in range(1, 32)),
        *(f"month.{number}" for number in range(1, 13)),
        *(hour_key(hour) for hour in quarter_hours()),
        *(f"dose.{number}" for number in SPOKEN_DOSES),
    )


def wanted_keys() -> tuple[str, ...]:
    """Return every key a script needs before calls can be made in its language."""
    return (*Key, *number_keys())


def studio_keys() -> tuple[str, ...]:
    """Return every key that recording by telephone needs, the digits with them."""
    return (*StudioKey, *(digit_key(digit) for digit in range(10)))


def is_key(key: str) -> bool:
    """Whether the key is one that can be written and recorded: a call's, the studio's, a site's or a name's."""
    return key in _KNOWN or SITE_KEY.fullmatch(key) is not None or NAME_KEY.fullmatch(key) is not None


_KNOWN: Final = frozenset((*wanted_keys(), *studio_keys()))
