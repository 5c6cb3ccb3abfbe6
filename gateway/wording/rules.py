"""What a text of ours may never say: rules for every text, shipped or typed in, with no way round them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.wording.forbidden import CARRIER_WORDS, has_citizen_number, has_link, money_words


class Rule(StrEnum):
    """What a text can be faulted for."""

    LINK = "link"
    CITIZEN_NUMBER = "citizen_number"
    MONEY_WORD = "money_word"
    CARRIER_WORD = "carrier_word"  # the carrier would swallow the reply
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


def faults_of(body: str, language: str, where: str = "") -> list[Finding]:
    """Return what a text, or a piece of one, says that it may not."""
    found = [
        (Rule.LINK, has_link(body), ""),
        (Rule.CITIZEN_NUMBER, has_citizen_number(body), ""),
        (Rule.MONEY_WORD, bool(words := money_words(body, language)), ", ".join(words)),
        (Rule.CARRIER_WORD, bool(word := CARRIER_WORDS.search(body)), word.group() if word else ""),
    ]
    return [Finding(rule, where, detail) for rule, is_wrong, detail in found if is_wrong]
