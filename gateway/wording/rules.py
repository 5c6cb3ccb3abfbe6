"""What a text of ours may never say: rules for every text, shipped or typed in, with no way round them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from gateway.wording.forbidden import (
    carrier_words,
    has_address,
    has_citizen_number,
    has_other_number,
    identity_words,
    loud_signs,
    money_words,
    says,
)
from gateway.wording.plain import hidden_letters
from gateway.wording.wordlists import ELSEWHERE_WORDS, HEALTH_WORDS, LOUD_WORDS

_SLOT: Final = re.compile(r"\{[a-z_]+\}")
_SLOT_MARK: Final = " 〇〇 "  # letters of no language: words on both sides of a name are not read as one


class Rule(StrEnum):
    """What a text can be faulted for."""

    LINK = "link"  # or another way that leads out of the text: an account, a picture to scan
    CITIZEN_NUMBER = "citizen_number"  # shown, or asked for
    OTHER_NUMBER = "other_number"  # a number to dial that is not {phone}
    MONEY_WORD = "money_word"
    CARRIER_WORD = "carrier_word"  # the carrier would swallow the reply
    NOT_SOBER = "not_sober"  # exclamation marks, capitals, emoji, haste and threat
    NOT_NEUTRAL = "not_neutral"  # names the vaccination where it may not be named
    HIDDEN_LETTER = "hidden_letter"  # letters nobody sees, and line breaks
    NO_CALLER = "no_caller"  # does not say which clinic writes
    NO_NUMBER = "no_number"  # gives no number to call back
    PLACEHOLDERS = "placeholders"  # says more or less than the same text in other languages
    UNKNOWN = "unknown"  # there is no such text, or no such language
    TOO_LONG = "too_long"  # over three parts with the longest names we know


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `where` names the text, such as `reminder/th two-way`."""

    rule: Rule
    where: str
    detail: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.rule.value, self.detail) if part)


def faults_of(body: str, where: str = "", *, neutral: bool = False) -> list[Finding]:
    """Return what a text, or a piece of one, says that it may not; `neutral`: it may not name the vaccination."""
    return [Finding(rule, where, detail) for rule, detail in _faults(body, neutral)]


# A text is looked through for some hundred words in several disguises; the same one is asked about again and again.
@lru_cache(maxsize=1024)
def _faults(body: str, neutral: bool) -> tuple[tuple[Rule, str], ...]:
    words = _SLOT.sub(_SLOT_MARK, body)
    found: dict[Rule, tuple[str, ...] | bool] = {
        Rule.LINK: says(words, ELSEWHERE_WORDS) or has_address(words),
        Rule.CITIZEN_NUMBER: has_citizen_number(words) or identity_words(words),
        Rule.OTHER_NUMBER: has_other_number(words) and not has_citizen_number(words),
        Rule.MONEY_WORD: tuple(dict.fromkeys(money_words(words) + tuple(sign for sign in words if _is_currency(sign)))),
        Rule.CARRIER_WORD: carrier_words(words),
        Rule.NOT_SOBER: loud_signs(words.replace(_SLOT_MARK, " ")) + says(words, LOUD_WORDS),
        Rule.NOT_NEUTRAL: neutral and says(words, HEALTH_WORDS),
        Rule.HIDDEN_LETTER: hidden_letters(body),
    }
    return tuple((rule, _detail(what)) for rule, what in found.items() if what)


def _detail(what: tuple[str, ...] | bool) -> str:
    return "" if isinstance(what, bool) else ", ".join(what)


def _is_currency(sign: str) -> bool:
    return sign in "$¢£¤¥฿៛€₫₭₱₹￠￡￥"
