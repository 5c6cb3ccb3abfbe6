"""A text message that came back, turned into an answer. Pure: no clock, no database.

Law 5 stands behind every doubt here: only a clear yes confirms. What is not clear is `unclear`, and staff read it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.kit.answers import Answer
from gateway.kit.digits import to_ascii_digits
from gateway.languages import words
from gateway.languages.table import LanguageError, load_languages

NUMBERS: Final = {
    "1": Answer.COMING,
    "2": Answer.MOVE,
    "3": Answer.CALLBACK,
    "4": Answer.RIDE,
    "8": Answer.ALREADY_VACCINATED,
    "0": Answer.STAFF,
}
"""The keys of the reminder call (DESIGN §3) that may be typed alone. A text offers 1 to 4."""

_BESIDE_WORDS: Final = {**NUMBERS, "5": Answer.STOP, "7": Answer.WRONG_PERSON, "9": Answer.REPEAT}
"""These, too, where words beside them say the same: a call asks twice before 5 and 7 count, and a text cannot."""

_LONGEST_NUMBER: Final = 2  # figures; a volunteer's telephone may stand for twenty people, and none for a hundred
_SHORT: Final = 12  # letters
_CARRIERS_START: Final = frozenset({"start", "unstop"})  # facts/twilio.md
_SHORT_PAIR: Final = 60  # letters; "yes I will come" and "I need a ride" together
_FIGURES: Final = tuple("0123456789")
_EQUALS: Final = ("=", ":")
_TWO_NUMBERS: Final = re.compile(r"(?P<one>[0-9]{1,2}) *(?P<between>[=:./-]| ) *(?P<other>[0-9]{1,2})")
_HALVES: Final = re.compile(r"[0-9] *[./:-] *[0-9]")

_REFUSING_SIGNS: Final = frozenset("❌✖❎🚫⛔👎🙅")
"""Beside a 1 they take it back, and other emoji do not."""


def read_reply(text: str, language: str) -> Answer:
    """Return what a text means to somebody who was written to in `language`; never raises.

    One number (digits of every script, "1.", "1 ครับ", "①", "1️⃣") or words as a whole, looked up in the language, then
    in its fallbacks, then in all others. Two numbers, a number and words that disagree, words we do not know beside a
    number, a question, and emoji alone are `Answer.UNCLEAR`. Who comes and asks for a ride in one text is coming
    (`asks_for_a_ride_too`).
    """
    if _is_question(text) or _REFUSING_SIGNS & set(text):
        return Answer.UNCLEAR
    if asks_for_a_ride_too(text, language):
        return Answer.COMING
    reply = words.plain(text)
    numbers = set(re.findall(r"[0-9]+", reply))
    rest = " ".join(re.sub(r"[0-9]+", " ", reply).split())
    if not numbers:
        return _by_words(rest, _languages(language)) or Answer.UNCLEAR
    return _by_number(numbers, rest, _languages(language))


def asks_for_a_ride_too(text: str, language: str) -> bool:
    """Whether a text says "coming" and "a ride", each as a number or in words: "1 4", "1 ขอรถ", "มา ขอรถ".

    "1/4" and "1.4" are dates. Never raises.
    """
    if _is_question(text) or _REFUSING_SIGNS & set(text) or _HALVES.search(_figures(text)):
        return False
    reply, languages = words.plain(text), _languages(language)
    gaps = (
        [found.start() for found in re.finditer(r" |(?<=[0-9])(?=[^0-9 ])", reply)] if len(reply) <= _SHORT_PAIR else []
    )
    pairs = ((_half(reply[:at], languages), _half(reply[at:], languages)) for at in gaps)
    return any(set(pair) == {Answer.COMING, Answer.RIDE} for pair in pairs)


def _half(text: str, languages: Sequence[str]) -> Answer | None:
    half = text.strip()
    return NUMBERS.get(half) or words.meaning_of(half, languages)


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of a text from a phone of several people: numbers before the names, and what is said of these.

    `EVERYBODY` stands for all, `BOTH` for the two of a phone of two; without numbers it is not said who, without an
    answer it is not said what. `is_loose`: two numbers that may be two people, or a person and an answer.
    """

    numbers: tuple[int, ...] = ()
    answer: Answer | None = None
    is_loose: bool = False


EVERYBODY: Final = 0
BOTH: Final = -1
_WHOLE: Final = frozenset({EVERYBODY, BOTH})


def read_for_several(text: str, language: str) -> tuple[Said, ...]:
    """Return what a text says of whom, where numbers stand before names; () for what is not clear. Never raises.

    "2 เลื่อน", "มา 1", "1 and 2 yes", "0 มา", "มาทุกคน" are one piece, "1 มา 2 เลื่อน" is two. Nothing is clear in a text
    with a word that we do not know, with an hour in it, or that asks something. "2=1" chooses the second, and "2 1" may
    do so, too.
    """
    if _is_question(text) or _REFUSING_SIGNS & set(text) or _holds_an_hour(text):
        return ()
    languages = _languages(language)
    if (loose := _loose_pair(text)) is not None:
        return (loose,)
    items: list[int | Answer] = []
    for run in re.findall(r"[0-9]+|[^0-9]+", words.plain(text)):
        read = _item(run.strip(), languages, is_between=bool(items) and isinstance(items[-1], int))
        if read is None:
            return ()
        items.extend(read)
    return _pieces(items)


def needs_reading(text: str) -> bool:
    """Whether a text says more than a word or two, so that staff read it even when a clear answer follows."""
    return _is_question(text) or len(words.plain(text)) > _SHORT


def is_start(text: str) -> bool:
    """Return whether a text asks, in any language, for messages again after a stop; a question does not."""
    return not _is_question(text) and words.means_start(text)


def starts_for(text: str) -> tuple[int, ...]:
    """The numbers of those who are to hear from us again ("START 2"); () for everybody, or where nobody asks for it."""
    reply = words.plain(text)
    numbers = tuple(dict.fromkeys(int(one) for one in re.findall(r"[0-9]{1,2}", reply)))
    return numbers if not _is_question(text) and words.means_start(re.sub(r"[0-9]+", " ", reply)) else ()


def is_start_for_carriers(text: str) -> bool:
    """Whether the carrier, too, ends its own stop by this text: it knows these words alone, and nothing beside them."""
    return text.strip().casefold() in _CARRIERS_START


def _item(run: str, languages: Sequence[str], *, is_between: bool) -> list[int | Answer] | None:
    """What a run of figures or of words is; [] for politeness, None for what we do not know."""
    if run[:1] in _FIGURES:
        return None if len(run) > _LONGEST_NUMBER or (run[0] == "0" and run != "0") else [int(run)]
    if words.is_filler(run, languages) or (is_between and words.is_join(run, languages)):
        return []
    if (answer := _by_words(run, languages)) is not None:
        return [answer]
    whom, rest = EVERYBODY, words.without_everybody(run, languages)
    if rest is None:
        whom, rest = BOTH, words.without_both(run, languages)
    if rest is None:
        return None
    if words.is_filler(rest, languages):
        return [whom]
    answer = _by_words(rest, languages)
    return None if answer is None else [whom, answer]


def _loose_pair(text: str) -> Said | None:
    """Two numbers and nothing else; "1, 2" and "1 & 2" are a list of people."""
    found = _TWO_NUMBERS.fullmatch(_figures(text).strip())
    if found is None or found["one"] == found["other"]:
        return None
    one, other = int(found["one"]), int(found["other"])
    return Said((one,) if found["between"] in _EQUALS else (one, other), is_loose=True)


def _pieces(items: Sequence[int | Answer]) -> tuple[Said, ...]:
    """Numbers with the answer behind them; one answer before its numbers will do, too."""
    if items and isinstance(items[0], Answer):
        items = [*items[1:], items[0]] if not any(isinstance(one, Answer) for one in items[1:]) else ()
    pieces: list[Said] = []
    numbers: list[int] = []
    for item in items:
        if isinstance(item, Answer):
            pieces.append(Said(tuple(numbers), item))
            numbers = []
        elif item not in numbers:
            numbers.append(item)
    if numbers:
        pieces.append(Said(tuple(numbers)))
    return tuple(pieces) if _is_consistent(pieces) else ()


def _is_consistent(pieces: Sequence[Said]) -> bool:
    """Whether every piece says who and what (one alone may leave one of them open), and nobody is named twice."""
    if len(pieces) < 2:
        return not _WHOLE & set(pieces[0].numbers if pieces else ()) or len(pieces[0].numbers) == 1
    named = [number for piece in pieces for number in piece.numbers]
    is_whole = all(piece.numbers and piece.answer for piece in pieces)
    return is_whole and not _WHOLE & set(named) and len(named) == len(set(named))


def _holds_an_hour(text: str) -> bool:
    """Whether figures stand on both sides of a dot or colon: "9.30" is no answer for the ninth and the thirtieth."""
    return re.search(r"[0-9][.:][0-9]", _figures(text)) is not None


def _figures(text: str) -> str:
    return to_ascii_digits(unicodedata.normalize("NFKC", text))


def _by_number(numbers: set[str], rest: str, languages: Sequence[str]) -> Answer:
    number = numbers.pop() if len(numbers) == 1 else ""
    answer = _BESIDE_WORDS.get(number)
    if answer is None:  # "101" is no choice, nor are 1 and 2 together
        return Answer.UNCLEAR
    is_alone = number in NUMBERS and words.is_filler(rest, languages)
    return answer if is_alone or _by_words(rest, languages) is answer else Answer.UNCLEAR


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
