"""What is wrong with words that somebody typed, as sentences that say what, where and what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final

from gateway.dispatch.prepare import Speech
from gateway.dispatch.wordlist import Word, shipped_body
from gateway.voice.keys import Key
from gateway.voice.phrases import is_optional
from gateway.voice.prompts import estimate_seconds
from gateway.web.console.gate import Visitor
from gateway.web.console.library_people import named_in
from gateway.wording.catalogue import PLACEHOLDER, CatalogueError, Helper, Purpose, text_of_key
from gateway.wording.forbidden import identity_words, money_words, swindlers_words
from gateway.wording.lint import LONGEST, check_edit
from gateway.wording.render import RenderError, render
from gateway.wording.rules import Finding, Rule, faults_of
from gateway.wording.segments import Advice, advice
from gateway.wording.texts import is_sent

LONGEST_TEXT: Final = 1500
LONGEST_PHRASE: Final = 400
"""Letters; a phrase of 400 takes over half a minute to say, which is a whole call."""
_SHOWN: Final = 3
"""How many strange characters are named at once."""
_SHOWN_IN: Final = {Helper.CHOOSE_TWO_WAY: Purpose.HOUSEHOLD}
"""The text that shows what is filled into others; a reminder for the rest."""
_ALLOWED_CONTROLS: Final = frozenset("\n")
_STRANGE: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
# They turn the order of what is read, or mean nothing within a text; joiners and the zero-width space are letters' own.
_UNSEEN: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffc\ufffd")


@dataclass(frozen=True, slots=True)
class Example:
    """A text as somebody with the longest of names would get it, and what it costs."""

    body: str
    advice: Advice


def cleaned(typed: str) -> str:
    """The words as they are kept: composed letters, plain line ends, no spaces around."""
    return unicodedata.normalize("NFC", typed.replace("\r\n", "\n").replace("\r", "\n")).strip()


def printable(typed: str) -> str:
    """A note or a name without what cannot be read: a database refuses some of it."""
    return "".join(char for char in cleaned(typed) if char in _ALLOWED_CONTROLS or not _is_strange(char)).strip()


def problems(
    visitor: Visitor, speech: Speech, word: Word, body: str, people: Collection[str] = frozenset()
) -> list[str]:
    """Everything that is wrong with `body` in the place of a word, each as a sentence; nothing: it may be kept.

    `people`: the names on record (`names_on_record`), none of which a phrase for everybody may hold.
    """
    most = LONGEST_TEXT if word.is_message else LONGEST_PHRASE
    if not body:
        return [visitor.t("library.fault.empty")]
    if len(body) > most:
        return [visitor.t("library.fault.long", letters=len(body), most=most)]
    if strange := list(_strange(visitor, body)):
        return strange[:_SHOWN]
    found = _of_message(speech, word, body) if word.is_message else _of_phrase(speech, word, body)
    said = [_sentence(visitor, speech, word, body, one) for one in found]
    if is_for_everybody(word) and (name := named_in(speech, body, people)):
        said.append(visitor.t("library.fault.person", name=name))
    return list(dict.fromkeys(said))


def is_for_everybody(word: Word) -> bool:
    """Whether it is a phrase that is played to all: no text, and not the spoken name of a place or person."""
    return not word.is_message and not is_optional(word.key)


def example(speech: Speech, word: Word, body: str) -> Example | None:
    """The text filled in with the longest names; None for a phrase, and for what cannot be sent at all."""
    if not word.is_message or not body:
        return None
    text, neutral = text_of_key(word.key)
    purpose = text if isinstance(text, Purpose) else _SHOWN_IN.get(text, Purpose.REMINDER)
    two_way = speech.is_two_way if is_sent(text, two_way=speech.is_two_way) else not speech.is_two_way
    try:
        tried = speech.catalogue.with_edit(speech.catalogue.with_body(word.key, word.language, body))
        shown = render(tried, purpose, word.language, replace(LONGEST, neutral=neutral), two_way)
    except (CatalogueError, RenderError):
        return None
    return Example(shown.body, advice(shown.body))


def spoken_seconds(speech: Speech, word: Word, body: str) -> float:
    """About how long it takes to say, in seconds."""
    return estimate_seconds(body, speech.languages.get(word.language).letters_per_second)


def _of_message(speech: Speech, word: Word, body: str) -> list[Finding]:
    """Every fault at once: a missing blank must not hide the link beside it."""
    found = check_edit(speech.catalogue, word.key, word.language, body)
    named = {one.rule for one in found}
    return found + [one for one in faults_of(body) if one.rule not in named]


def _of_phrase(speech: Speech, word: Word, body: str) -> list[Finding]:
    """The rules of what is heard: no address, no blanks, figures as words, and nothing that a swindler would ask."""
    found = [one for one in faults_of(body) if one.rule is Rule.LINK] + _asked_for(speech, word, body)
    if "{" in body or "}" in body:
        found.append(Finding(Rule.PLACEHOLDERS, word.key))
    if digit := next((char for char in body if char.isdigit()), ""):
        found.append(Finding(Rule.UNKNOWN, word.key, digit))
    return found


def _asked_for(speech: Speech, word: Word, body: str) -> list[Finding]:
    """Words of money, codes and papers: only the sentence that warns of swindlers may say them.

    What ships in some language for this very key is no swindle, and a place may be called บ้านเงิน.
    """
    if word.key == Key.SAFETY:
        return []
    if not is_for_everybody(word):
        asked = {Rule.MONEY_WORD: swindlers_words(body)}
    else:
        shipped = " 〇〇 ".join(shipped_body(speech, code, word.key) for code in speech.scripts)
        asked = {
            Rule.MONEY_WORD: _added(money_words, body, shipped),
            Rule.CITIZEN_NUMBER: _added(identity_words, body, shipped),
        }
    return [Finding(rule, word.key, ", ".join(words)) for rule, words in asked.items() if words]


def _added(words_of: Callable[[str], tuple[str, ...]], body: str, shipped: str) -> tuple[str, ...]:
    known = words_of(shipped)
    return tuple(one for one in words_of(body) if one not in known)


def _sentence(visitor: Visitor, speech: Speech, word: Word, body: str, finding: Finding) -> str:
    if not word.is_message and finding.rule is Rule.UNKNOWN:
        return visitor.t("library.fault.digit", digit=finding.detail)
    if finding.rule is Rule.PLACEHOLDERS:
        return _of_blanks(visitor, speech, word, body)
    if finding.rule is Rule.TOO_LONG:
        return visitor.t("library.fault.too_long", where=_where(visitor, finding.where))
    return visitor.t(f"library.fault.{finding.rule.value}", detail=finding.detail)


def _of_blanks(visitor: Visitor, speech: Speech, word: Word, body: str) -> str:
    """Which blanks there should be, which are missing and which too many."""
    if not word.is_message:
        return visitor.t("library.fault.no_blanks")
    rest = PLACEHOLDER.sub("", body)
    if "{" in rest or "}" in rest:
        return visitor.t("library.fault.brace")
    wanted = next((one.placeholders for one in speech.catalogue if one.key == word.key and not one.edited), frozenset())
    has = frozenset(PLACEHOLDER.findall(body))
    said = [visitor.t("library.fault.placeholders", names=_in_braces(wanted))]
    if missing := wanted - has:
        said.append(visitor.t("library.fault.missing", names=_in_braces(missing)))
    if extra := has - wanted:
        said.append(visitor.t("library.fault.extra", names=_in_braces(extra)))
    return " ".join(said)


def _where(visitor: Visitor, where: str) -> str:
    """`reminder/th.neutral two-way` in words."""
    purpose, _, rest = where.partition("/")
    name = visitor.t(f"common.purpose.{purpose}") if purpose in set(Purpose) else purpose
    route = visitor.t("library.route.two_way" if "two-way" in rest else "library.route.one_way")
    return visitor.t("library.where_neutral" if "neutral" in rest else "library.where", name=name, route=route)


def _strange(visitor: Visitor, body: str) -> Iterator[str]:
    for number, line in enumerate(body.split("\n"), start=1):
        for place, char in enumerate(line, start=1):
            if _is_strange(char):
                code = f"U+{ord(char):04X}"
                yield visitor.t("library.fault.strange", code=code, line=number, place=place)


def _is_strange(char: str) -> bool:
    if char in _ALLOWED_CONTROLS:
        return False
    return char in _UNSEEN or unicodedata.category(char) in _STRANGE


def _in_braces(names: frozenset[str]) -> str:
    return re.sub(r"(\w+)", r"{\1}", " ".join(sorted(names)))
