"""The words people reply with, one TOML file a language in `words/`.

A reply is compared as a whole, politeness at its ends taken off; a part of a sentence never decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from gateway.kit.answers import Answer
from gateway.kit.digits import to_ascii_digits
from gateway.languages.data import Section, codes_in, languages_folder, read_section

_GAPS: Final = frozenset("PSZ")
"""Unicode classes that part words: punctuation, symbols (emoji with them) and spaces. Marks belong to letters."""
_SHORT: Final = 80  # letters; a whole text of nothing but politeness has thousands of ways to be shortened


@dataclass(frozen=True)
class Words:
    """A language's reply words, in the form `plain` gives; `spaced` tells whether words are parted by spaces.

    `everybody` means all people of a phone, `both` the two of a phone of two, `joins` stands between two numbers.
    """

    spaced: bool
    particles: tuple[str, ...]
    answers: Mapping[str, Answer]
    start: frozenset[str]
    everybody: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    joins: frozenset[str] = frozenset()


def word_languages() -> tuple[str, ...]:
    """Return the codes of the languages whose reply words we have."""
    return codes_in(_folder())


def plain(text: str) -> str:
    """Return a reply for comparing: one case, 0-9 for digits of every script, no signs, single spaces.

    Circled numbers and keycap emoji become their digits; zero-width letters of Khmer and Burmese typing vanish.
    """
    folded = unicodedata.normalize("NFKC", "".join(_visible(text))).casefold()
    # Once more: casefold takes some letters apart, and two typings of one word must stay one.
    letters = "".join(_letters(to_ascii_digits(unicodedata.normalize("NFKC", folded))))
    return " ".join(letters.split())


def meaning_of(text: str, languages: Sequence[str]) -> Answer | None:
    """Return what a reply in words means in the first of the languages that knows it, or None.

    Languages without words (dialects that fall back) are passed over. Never raises. People write "okค่ะ": what the
    politeness of scripts without spaces leaves over is looked up once more in all of them.
    """
    reply = plain(text)
    found = next((answer for answer in _meanings(reply, languages) if answer is not None), None)
    rest = _without_foreign_politeness(reply, languages)
    if found is not None or rest == reply:
        return found
    return next((answer for answer in _meanings(rest, languages) if answer is not None), None)


def is_filler(text: str, languages: Sequence[str]) -> bool:
    """Return whether a text is nothing but politeness in one of the languages ("ครับ"), or empty."""
    reply = plain(text)
    return not reply or any(not _bare(reply, _load(_folder(), code)) for code in _known(languages))


def means_start(text: str, languages: Sequence[str] | None = None) -> bool:
    """Return whether a reply asks for messages again in one of the languages (default: all)."""
    reply = plain(text)
    codes = word_languages() if languages is None else languages
    forms = [_load(_folder(), code) for code in _known(codes)]
    return any({reply, _bare(reply, form)} & form.start for form in forms)


def is_join(text: str, languages: Sequence[str]) -> bool:
    """Return whether a text is nothing but an "and" in one of the languages, as in "1 and 2"."""
    reply = plain(text)
    return any(reply in _load(_folder(), code).joins for code in _known(languages))


def without_everybody(text: str, languages: Sequence[str]) -> str | None:
    """Return a text without the "everybody" at one of its ends, in the first language that finds it there, or None."""
    return _without_any(text, languages, lambda form: form.everybody)


def without_both(text: str, languages: Sequence[str]) -> str | None:
    """The same for "both", which is everybody only on a phone of two."""
    return _without_any(text, languages, lambda form: form.both)


def mentions(text: str, answer: Answer) -> bool:
    """Return whether a word for this answer, in any language, stands anywhere in a text.

    Never a reason to act: "วันหยุด" is a holiday and holds a stop. It is one to be careful.
    """
    reply = plain(text)
    forms = (_load(_folder(), code) for code in sorted(_codes(_folder())))
    return any(
        re.search(rf"\b{re.escape(word)}\b", reply) if form.spaced else word in reply
        for form in forms
        for word, meaning in form.answers.items()
        if meaning is answer
    )


def _without_any(text: str, languages: Sequence[str], listed: Callable[[Words], tuple[str, ...]]) -> str | None:
    reply = plain(text)
    for code in _known(languages):
        form = _load(_folder(), code)
        for word in listed(form):
            rest = _without(reply, word, form.spaced)
            if rest != reply:
                return rest
    return None


def _known(languages: Sequence[str]) -> Iterator[str]:
    codes = _codes(_folder())
    return (code for code in languages if code in codes)


def _folder() -> Path:
    return languages_folder() / "words"


@lru_cache(maxsize=8)
def _codes(folder: Path) -> frozenset[str]:
    return frozenset(codes_in(folder))


def _meanings(reply: str, languages: Sequence[str]) -> Iterator[Answer | None]:
    for code in _known(languages):
        form = _load(_folder(), code)
        bare = _with_less(reply, form) if len(reply) <= _SHORT else (reply, _bare(reply, form))
        found = {form.answers[one] for one in bare if one in form.answers}
        yield found.pop() if len(found) == 1 else form.answers.get(reply)


def _without_foreign_politeness(reply: str, languages: Sequence[str]) -> str:
    forms = (_load(_folder(), code) for code in _known(languages))
    for form in forms:
        if not form.spaced and len(reply) <= _SHORT:
            reply = _bare(reply, form) or reply
    return reply


def _visible(text: str) -> Iterator[str]:
    """Leave out zero-width joiners, and the marks that turn a digit into a keycap."""
    return (char for char in text if unicodedata.category(char) != "Cf" and char not in "\ufe0e\ufe0f\u20e3")


def _letters(text: str) -> Iterator[str]:
    for char in text:
        category = unicodedata.category(char)
        yield " " if category[0] in _GAPS or category == "Cc" else char


def _bare(reply: str, form: Words) -> str:
    """Take the particles off both ends until none is left."""
    before = None
    while reply != before:
        before = reply
        for particle in form.particles:
            reply = _without(reply, particle, form.spaced)
    return reply


def _with_less(reply: str, form: Words) -> Iterator[str]:
    """The reply, and what it is with less and less politeness: "vâng" is a yes and mere politeness beside a yes."""
    seen: set[str] = set()
    waiting = [reply]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        yield one
        waiting.extend(_without(one, particle, form.spaced) for particle in form.particles)


def _without(reply: str, particle: str, spaced: bool) -> str:
    gap = r"\b" if spaced else ""
    word = re.escape(particle)
    return re.sub(rf"^{word}{gap}|{gap}{word}$", "", reply).strip()


@lru_cache(maxsize=64)
def _load(folder: Path, language: str) -> Words:
    file = read_section(folder / f"{language}.toml")
    file.only("spaced", "particles", "answers", "start", "people")
    people = file.section("people") if "people" in file.keys else Section(f"{language}.toml", {})
    people.only("everybody", "both", "joins")
    return Words(
        spaced=file.flag("spaced"),
        particles=_longest_first(file.texts("particles")),
        answers=_answers(file.section("answers")),
        start=frozenset(plain(word) for word in file.section("start").texts("words")),
        everybody=_longest_first(_listed(people, "everybody")),
        both=_longest_first(_listed(people, "both")),
        joins=frozenset(plain(word) for word in _listed(people, "joins")),
    )


def _listed(section: Section, key: str) -> tuple[str, ...]:
    return section.texts(key) if key in section.keys else ()


def _longest_first(listed: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({plain(word) for word in listed}, key=lambda word: (-len(word), word)))


def _answers(section: Section) -> dict[str, Answer]:
    section.only(*(answer for answer in Answer if answer is not Answer.UNCLEAR))
    answers: dict[str, Answer] = {}
    for key in section.keys:
        for word in section.texts(key):
            answer = answers.setdefault(plain(word), Answer(key))
            if answer != key:
                raise section.wrong(key, f"{word!r} already means {answer.value!r}")
    return answers
