"""The keys of all prompts: the closed set of what a call can say, in whatever language."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import time
from enum import StrEnum
from functools import cache
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
    ASK_RIDE = "ask.ride"  # the last of a call: if not, just hang up
    ASK_RIDE_ELSE = "ask.ride_else"  # where more follows: if not, one
    SORRY_SILENCE = "sorry.silence"
    SORRY_WRONG_KEY = "sorry.wrong_key"
    ACK_COMING = "ack.coming"  # the date is said after it
    ACK_RIDE = "ack.ride"
    ACK_CALLBACK = "ack.callback"
    ACK_MOVED = "ack.moved"  # the new date is said after it
    ACK_STOP = "ack.stop"
    ACK_ALREADY = "ack.already"  # staff look it up; nobody is called meanwhile
    ACK_WRONG_PERSON = "ack.wrong_person"  # said to a stranger: names nobody
    ACK_SLOWER = "ack.slower"
    CHANGE_MIND = "ask.change_mind"  # press two, or call us back at any time
    NEWS_RIDE = "news.ride"  # a ride is arranged; when it comes follows
    TICKET = "ticket"  # "your queue number is"; its digits follow
    ASK_ALREADY = "ask.already"  # had it already: eight
    ASK_WRONG_PERSON = "ask.wrong_person"  # not this person's number: seven
    ASK_STOP = "ask.stop"  # no more calls: five
    ASK_STAFF = "ask.staff"  # speak with staff: zero
    ASK_SLOWER = "ask.slower"  # six
    ASK_LANGUAGE = "ask.language"  # another language: star
    STOP_SURE = "stop.sure"  # a condition, not a fact: who hangs up on it has stopped nothing
    WRONG_SURE = "ask.wrong_sure"  # nobody here has an appointment with us: seven again, else nine
    STAFF_CONNECTING = "staff.connecting"
    STAFF_CLOSED = "staff.closed"  # nobody can be reached now; what may be left follows
    MESSAGE_SPEAK = "message.speak"  # after the tone, then hash
    MESSAGE_KEPT = "message.kept"  # staff will hear it and call back
    MESSAGE_UNHEARD = "message.unheard"
    MUST_NOT_WAIT = "course.must_not_wait"  # names no disease
    LANGUAGE_THIS = "language.this"  # "for Northern Thai", said in it; "press one" follows
    LANGUAGE_MORE = "language.more"  # other languages: four
    LANGUAGE_KEPT = "language.kept"  # from now on we speak this language
    GREET_HOUSEHOLD = "greet.household"  # appointments of several people of this number; names no vaccination
    EVERYBODY = "household.everybody"  # "for all of you"; the question follows
    ASK_EVERYBODY = "ask.everybody"  # for all of you: zero
    ASK_ONE_BY_ONE = "ask.one_by_one"  # for one person at a time: one
    ASK_NEXT_NAMES = "ask.next_names"  # for the others: four
    ANOTHER_PERSON = "household.next"  # there is another appointment on this number
    ASK_PART = "ask.part"  # morning one, afternoon two, either three
    OFFER_INTRO = "offer.intro"
    OFFER_LOST = "offer.lost"  # somebody else took that seat
    OFFER_LATER = "offer.later"  # for later days: three
    OFFER_NEITHER = "offer.neither"  # where there are no later ones: three, staff call back
    PRESS_1 = "press.1"
    PRESS_2 = "press.2"
    PRESS_3 = "press.3"
    PRESS_4 = "press.4"
    END_NO_SEAT = "end.no_seat"
    END_UNANSWERED = "end.unanswered"  # confirms nothing: the clinic will be in touch
    END_SETTLED = "end.settled"  # answered, moved or cancelled meanwhile
    BYE = "bye"


class HotlineKey(StrEnum):
    """What only those hear who call us; a voice without them makes calls, and does not answer them."""

    CLOSED = "hotline.closed"  # and when we are there is said by hour clips: `hours.from`
    BUSY = "hotline.busy"
    WILL_CALL = "hotline.will_call"  # we call you back at this number, it costs you nothing; you may hang up
    CALLING_BACK = "hotline.calling_back"  # you called us; now we call you
    TOO_OFTEN = "hotline.too_often"
    MENU = "hotline.menu"  # hours one, ask for an appointment two, question or complaint three, another language star
    HOURS_FROM = "hours.from"  # an hour follows
    HOURS_UNTIL = "hours.until"  # an hour follows
    REGISTER_NUMBER = "register.number"  # key your thirteen digits, then hash
    REGISTER_BAD = "register.bad"  # these are not thirteen digits; once more
    REGISTER_NAME = "register.name"  # say your name and village after the tone, then hash
    REGISTERED = "register.kept"  # on the list; staff will call; no appointment yet
    LEAVE_QUESTION = "question.speak"  # your question or complaint after the tone, then hash
    QUESTION_KEPT = "question.kept"


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


@cache
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
    return (*Key, *number_keys(), *_DIGITS)


def hotline_keys() -> tuple[str, ...]:
    """Return every key that answering calls needs beyond those."""
    return tuple(HotlineKey)


def studio_keys() -> tuple[str, ...]:
    """Return every key that recording by telephone needs, the digits with them."""
    return (*StudioKey, *_DIGITS)


def is_key(key: str) -> bool:
    """Whether the key is one that can be written and recorded: a call's, the studio's, a site's or a name's."""
    return key in _KNOWN or SITE_KEY.fullmatch(key) is not None or NAME_KEY.fullmatch(key) is not None


_DIGITS: Final = tuple(digit_key(digit) for digit in range(10))
_KNOWN: Final = frozenset((*wanted_keys(), *hotline_keys(), *studio_keys()))
