"""A text message that came back, turned into an answer. Pure: no clock, no database.

Law 5 stands behind every doubt here: only a clear yes confirms. What is not clear is `unclear`, and staff read it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from gateway.kit.answers import Answer
from gateway.languages import words
from gateway.languages.table import LanguageError, load_languages

NUMBERS: Final = {
    "1": Answer.COMING,
    "2": Answer.MOVE,
    "3": Answer.CALLBACK,
    "4": Answer.RIDE,
    "5": Answer.STOP,
    "7": Answer.WRONG_PERSON,
    "8": Answer.ALREADY_VACCINATED,
    "9": Answer.REPEAT,
    "0": Answer.STAFF,
}
"""The keys of the reminder call (DESIGN §3) as far as they mean something in a text: 6 (slower) and * do not."""

_REFUSING_SIGNS: Final = frozenset("❌✖❎🚫⛔👎🙅")
"""Beside a 1 they take it back, and other emoji do not."""


def read_reply(text: str, language: str) -> Answer:
    """Return what a text means to somebody who was written to in `language`; never raises.

    One number (digits of every script, "1.", "1 ครับ", "①", "1️⃣") or words as a whole, looked up in the language, then
    in its fallbacks, then in all others. Two numbers, a number and words that disagree, words we do not know beside a
    number, a question, and emoji alone are `Answer.UNCLEAR`.
    """
    if _is_question(text) or _REFUSING_SIGNS & set(text):
        return Answer.UNCLEAR
    reply = words.plain(text)
    numbers = set(re.findall(r"[0-9]+", reply))
    rest = " ".join(re.sub(r"[0-9]+", " ", reply).split())
    if not numbers:
        return _by_words(rest, _languages(language)) or Answer.UNCLEAR
    return _by_number(numbers, rest, _languages(language))


def is_start(text: str) -> bool:
    """Return whether a text asks, in any language, for messages again after a stop; a question does not."""
    return not _is_question(text) and words.means_start(text)


def _by_number(numbers: set[str], rest: str, languages: Sequence[str]) -> Answer:
    answer = NUMBERS.get(numbers.pop()) if len(numbers) == 1 else None
    if answer is None:  # "101" is no choice, nor are 1 and 2 together
        return Answer.UNCLEAR
    if words.is_filler(rest, languages) or _by_words(rest, languages) is answer:
        return answer
    return Answer.UNCLEAR


def _by_words(reply: str, languages: Sequence[str]) -> Answer | None:
    return words.meaning_of(reply, languages)


def _languages(language: str) -> tuple[str, ...]:
    """The person's language, what may stand in for it, then the others: people answer in the language they can type."""
    try:
        own = load_languages().chain(language)
    except LanguageError:  # taken out of the table since the person was written to
        own = ()
    return (*own, *(code for code in words.word_languages() if code not in own))


def _is_question(text: str) -> bool:
    return any(sign in unicodedata.normalize("NFKC", text) for sign in "?؟¿")
