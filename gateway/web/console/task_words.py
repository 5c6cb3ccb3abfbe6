"""What a task's detail says, in the words of the page: details are stored in one language, by many rooms.

A detail that none of these knows is shown as it is stored: nothing is hidden for want of words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from gateway.carriers.port import Fault
from gateway.web.console.dates import say_day
from gateway.web.console.gate import Visitor

Names = Mapping[str, Callable[[str], str]]
_DAYS: Final = frozenset({"since", "until"})
_CODED: Final = {
    "answer": "common.answer",
    "channel": "common.channel",
    "fault": "health.fault",
    "why": "closing.reason",
}
_DAY = r"\d{4}-\d{2}-\d{2}"
_ANSWER, _CHANNEL = r"(?P<answer>[a-z_]+)", r"(?P<channel>sms|voice|visit)"
_CODE = r"(?: \(carrier code (?P<code>[\w-]+)\))?"
_FAULTS = "|".join(fault.value for fault in Fault if fault is not Fault.OPTED_OUT)  # that one is about a person
_CLOSED = r"session closed \((?P<why>[^)]*)\)"
_ALSO = r"(?:; (?P<also>.+))?"  # what the call-back was for before the session was closed
DETAILS: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(pattern, re.DOTALL)
    for name, pattern in {
        "another_day": r"wants another day",
        "seat_gone": r"wants another day; the seat was gone",
        "no_seat_free": r"wants another day; no seat was free",
        "none_suited": r"wants another day; none of the days offered suited",
        "none_chosen": r"wants another day; chose none of the days offered",
        "several_at_once": r"wants another day; for several appointments at once",
        "changed_often": r"wants another day; changed their mind again and again",
        "must_not_wait": r"wants another day, but this course must not be postponed: call at once",
        "promised": r"was told by text that staff call about a new day",
        "callback": r"asks to be called back",
        "ride": r"needs to be fetched",
        "given": r"says this dose was given already",
        "staff": r"asks for a person at the clinic",
        "rang_in_vain": r"called the hotline in vain; nobody answered when called back",
        "rang_uncalled": r"called the hotline in vain, and could not be called back",
        "spoke_line_broke": r"left a spoken message, and the line broke",
        "spoke_to_staff": r"left a spoken message: wanted to speak with staff",
        "spoke_question": r"left a spoken message: a question or a complaint",
        "spoke_name": r"would like to be put on the list, and left a name and a village as a recording",
        "keyed_number": r"keyed a 13-digit number and would like to be put on the list",
        "about_nothing": rf"{_ANSWER} by {_CHANNEL}, about no appointment we know",
        "stale": rf"{_ANSWER} by {_CHANNEL}, but the appointment no longer stands",
        "after_the_day": rf"{_ANSWER} by {_CHANNEL}, after the day of the appointment",
        "still_blocked": r"asks for texts again; the carrier still blocks them: they must text START",
        "odd_text": rf"a text we could not act on \({_ANSWER}\)",
        "of_several": rf"{_ANSWER} by text, from one phone for (?P<n>\d+) appointments: .*",
        "nobody_reached": rf"(?P<step>\w+): nobody reached by {_CHANNEL}",
        "no_pick_up": r"nobody picked up, and the text was not answered",
        "ladder_over": r"end of the ladder: nobody reached",
        "too_late": r"too_late",
        "opted_out": r"opted_out",
        "no_phone": r"no_phone",
        "wants_visits": r"wants_visits",
        "no_words": r"nothing to say in (?P<tongue>\w+), and .*",
        "words_lost": r"a call in (?P<tongue>\w+) had to end early: one of its phrases cannot be played any more",
        "not_ready": rf"{_CHANNEL}: (?P<reason>[\w .,:-]+) \((?P<tongue>\w+)\)",
        "unknown_receipt": r"(?P<carrier>\w+) says (?P<said>[\w ]+) of something unknown",
        "in_doubt": r"the carrier did not say whether it went out",
        "refused": rf"the carrier refuses: (?P<fault>.*?){_CODE}",
        "carrier_fails": rf"(?P<fault>{_FAULTS}){_CODE}",
        "broken": r"(?P<error>[A-Z]\w+)",
        "one_person": r"may be one person: .*",
        "two_people": r"one hospital number, another name and surname: may be two people",
        "not_their_phone": r"the phone is not this person's",
        "nobodys_stop": r"stop from a phone nobody here uses",
        "nobodys_wrong": r"wrong number, from a phone nobody here uses",
        "day_untold": r"tell them: the day was changed, and the text did not reach them",
        "ride_untold": rf"tell them: a ride is arranged, and the news did not reach them{_ALSO}",
        "ride_nobody": rf"tell them: a ride is arranged, and no phone of theirs takes texts or calls{_ALSO}",
        "ride_taken_back": rf"tell them: the ride they were told of, at (?P<hour>\d\d:\d\d), was taken back{_ALSO}",
        "closed_moved": rf"tell them: {_CLOSED}; moved to (?P<until>{_DAY}) at (?P<site>[\w-]+){_ALSO}",
        "closed_texted": rf"find a new day: {_CLOSED}; they were texted not to come{_ALSO}",
        "closed_untold": rf"tell them: {_CLOSED}, do not come; find a new day{_ALSO}",
        "closed_at_once": (
            rf"tell them at once: {_CLOSED}, and this course must not be postponed: find a place{_ALSO}"
        ),
        "overdue": rf"(?P<vaccine>\w+) dose (?P<dose>\d+): overdue since (?P<until>{_DAY})",
        "no_free_seat": (
            rf"(?P<vaccine>\w+) dose (?P<dose>\d+): no free seat .*from (?P<since>{_DAY}) to (?P<until>{_DAY})"
        ),
    }.items()
}


def detail_words(visitor: Visitor, detail: str, names: Names) -> str:
    """A task's detail as the visitor reads it; `names` turns codes of vaccines, languages and sites into names."""
    for name, pattern in DETAILS.items():
        found = pattern.fullmatch(detail)
        if found is not None:
            slots = found.groupdict(default="")
            said = visitor.t(f"worklists.detail.{name}", **_values(visitor, slots, names))
            return f"{said} · {detail_words(visitor, slots['also'], names)}" if slots.get("also") else said
    return detail


def carrier_word(visitor: Visitor, status: str) -> str:
    """What a carrier reported, in the words that attempts have; "turn 3" of a call nobody knows is a key in a call."""
    for key in (f"common.attempt.{status}", f"worklists.heard.{status.split(' ')[0]}"):
        if visitor.words.phrase(key) is not None:
            return visitor.t(key)
    return status


def _values(visitor: Visitor, found: Mapping[str, str], names: Names) -> dict[str, str]:
    """Words for the words inside: answers and channels have theirs in both languages, days are written as elsewhere."""
    values = {name: names[name](value) if name in names else value for name, value in found.items()}
    for name in _DAYS.intersection(values):
        values[name] = say_day(date.fromisoformat(values[name]), visitor.language)
    for name, table in _CODED.items():
        key = f"{table}.{values.get(name, '').replace(' ', '_')}"
        if name in values and visitor.words.phrase(key) is not None:
            values[name] = visitor.t(key)
    if "reason" in values:
        why = f"worklists.why.{values['reason']}"
        values["reason"] = visitor.t(why if visitor.words.phrase(why) is not None else "worklists.why.other")
    if values.get("code"):
        values["fault"] = f"{values['fault']} ({values['code']})"
    if "said" in values:
        values["said"] = carrier_word(visitor, values["said"])
    return values
