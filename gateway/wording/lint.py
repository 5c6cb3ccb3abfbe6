"""Whether our templates may be shown to people: who calls, which number, no link, nothing a swindler would say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import product
from typing import Final

from gateway.wording.catalogue import NEEDED, Catalogue, Purpose
from gateway.wording.forbidden import CARRIER_WORDS, has_citizen_number, has_link, money_words
from gateway.wording.render import MessageFacts, RefusedError, TooLongError, render


class Rule(StrEnum):
    """What a text can be faulted for."""

    LINK = "link"
    CITIZEN_NUMBER = "citizen_number"
    MONEY_WORD = "money_word"
    CARRIER_WORD = "carrier_word"  # the carrier would swallow the reply
    NO_CALLER = "no_caller"  # does not say which clinic writes
    NO_NUMBER = "no_number"  # gives no number to call back
    TOO_LONG = "too_long"  # over three parts with the longest names we know


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `where` names the text, such as `reminder/th two-way`."""

    rule: Rule
    where: str
    detail: str = ""


LONGEST: Final = MessageFacts(
    name="กัญญารัตน์มณีวงศ์",
    clinic="โรงพยาบาลส่งเสริมสุขภาพตำบลบ้านแม่ตีบ",
    place="โรงพยาบาลส่งเสริมสุขภาพตำบลบ้านแม่ตีบ",
    starts_at=datetime(2026, 11, 26, 4, 45, tzinfo=UTC),
    dose_number=2,
    vaccine="",
    phone="034-171-200",
)
"""An invented person at one of the longest-named kinds of health centre, on a Thursday in November at 11:45."""


def lint(body: str, language: str, where: str = "") -> list[Finding]:
    """Return what is wrong with a whole template, placeholders and the way to answer included."""
    found = [
        (Rule.LINK, has_link(body), ""),
        (Rule.CITIZEN_NUMBER, has_citizen_number(body), ""),
        (Rule.MONEY_WORD, bool(words := money_words(body, language)), ", ".join(words)),
        (Rule.CARRIER_WORD, bool(word := CARRIER_WORDS.search(body)), word.group() if word else ""),
        (Rule.NO_CALLER, "{clinic}" not in body, ""),
        (Rule.NO_NUMBER, "{phone}" not in body, ""),
    ]
    return [Finding(rule, where, detail) for rule, is_wrong, detail in found if is_wrong]


def check_all(catalogue: Catalogue) -> list[Finding]:
    """Return every fault of every text, one-way and two-way, neutral and not, at its longest."""
    findings: list[Finding] = []
    for purpose, language, two_way, neutral in product(Purpose, catalogue.languages, (False, True), (False, True)):
        if not catalogue.has(purpose, language, neutral=neutral):
            continue
        where = _name(purpose, language, two_way, neutral)
        findings += lint(catalogue.whole(purpose, language, two_way=two_way, neutral=neutral), language, where)
        findings += _length(catalogue, purpose, language, two_way, neutral, where)
    return list(dict.fromkeys(findings))


def _length(
    catalogue: Catalogue, purpose: Purpose, language: str, two_way: bool, neutral: bool, where: str
) -> list[Finding]:
    try:
        render(catalogue, purpose, language, replace(LONGEST, neutral=neutral), two_way)
    except TooLongError as error:
        return [Finding(Rule.TOO_LONG, where, str(error))]
    except RefusedError:  # `lint` has named it already; met here it hid every other fault behind a traceback
        return []
    return []


def _name(purpose: Purpose, language: str, two_way: bool, neutral: bool) -> str:
    route = "two-way" if two_way and "how_to_answer" in NEEDED[purpose] else "one-way"
    return f"{purpose.value}/{language}{'.neutral' if neutral else ''} {route}"
