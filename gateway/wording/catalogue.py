"""The message templates: read once, checked whole, and found by purpose and language.

A template is `templates/messages/<purpose>/<language>.txt`, or `<language>.neutral.txt` for people whose message must
not name the vaccination. Its first lines that begin with `#` are for the reader: draft or not, and a back translation.
What staff wrote in the console stands in its place; a text that breaks the rules is used in neither case.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from gateway.wording.rules import Finding, Rule, faults_of


class Purpose(StrEnum):
    """Why we write to somebody."""

    NOTICE = "notice"  # a week ahead
    REMINDER = "reminder"  # two days ahead
    MORNING = "morning"  # on the day
    SECOND_DOSE = "second_dose"  # a following dose was booked for them
    MOVED = "moved"  # the day they chose
    CONFIRMED = "confirmed"  # their yes, with the day said again
    CANCELLED = "cancelled"  # the clinic closed the session: they need not come
    MISSED = "missed"  # they did not come: how to get another day
    CALLBACK_NUMBER = "callback_number"  # who rang in vain, and the number to call back
    WRONG_PERSON = "wrong_person"  # an apology to a number that is somebody else's


class Helper(StrEnum):
    """A text that is filled into others as {how_to_answer}."""

    TWO_WAY = "how_to_answer_two_way"  # answers to this text reach us
    CALL = "how_to_answer_call"  # they do not: there is only the number to call


class Written(Protocol):
    """What is asked of a language."""

    @property
    def texted(self) -> str:
        """How much is written in it: "all" texts, "some", whose rest comes from the fallback, or "none"."""
        ...


class Languages(Protocol):
    """What is asked of the language table."""

    def get(self, code: str) -> Written:
        """One language."""
        ...

    @property
    def codes(self) -> Collection[str]:
        """Every language code."""
        ...

    def chain(self, code: str) -> tuple[str, ...]:
        """The languages a person of this one may be read, best first."""
        ...


class CatalogueError(Exception):
    """The templates cannot be used as they are; the message names the file."""


Edits = Mapping[tuple[str, str], str]
"""What staff wrote in the console: (language, asset key) -> body. Keys of other things than texts are passed over."""

PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_ANSWERABLE: Final = frozenset({"clinic", "name", "dose", "day", "time", "place", "how_to_answer"})
_SETTLED: Final = frozenset({"clinic", "name", "day", "time", "place", "phone"})
NEEDED: Final[Mapping[Purpose | Helper, frozenset[str]]] = {
    Purpose.NOTICE: _ANSWERABLE,
    Purpose.REMINDER: _ANSWERABLE,
    Purpose.MORNING: _ANSWERABLE,
    Purpose.SECOND_DOSE: _ANSWERABLE,
    Purpose.MOVED: _SETTLED,
    Purpose.CONFIRMED: _SETTLED,
    Purpose.CANCELLED: _SETTLED,
    Purpose.MISSED: frozenset({"clinic", "name", "day", "phone"}),
    Purpose.CALLBACK_NUMBER: frozenset({"clinic", "name", "day", "phone"}),
    Purpose.WRONG_PERSON: frozenset({"clinic", "phone"}),
    Helper.TWO_WAY: frozenset({"phone"}),
    Helper.CALL: frozenset({"phone"}),
}
"""What each template has to say, in every language. A stranger is told no name (WRONG_PERSON)."""

OPTIONAL: Final = frozenset({"vaccine", "ticket"})
_HEALTH: Final = frozenset({"dose", "vaccine"})
# Nothing may be added to these: whoever reads them is perhaps not who was meant.
_BARE: Final = frozenset({Purpose.MISSED, Purpose.CALLBACK_NUMBER, Purpose.WRONG_PERSON})
# These never name the vaccination.
_NEUTRAL_AS_THEY_ARE: Final = frozenset({Purpose.MOVED, Purpose.CONFIRMED, Purpose.CANCELLED, *_BARE})
_KEY: Final = "sms."
_NEUTRAL: Final = ".neutral"


@dataclass(frozen=True, slots=True)
class Template:
    """One text with placeholders. `sha256` is of the body, the part that people read: it is what gets approved."""

    purpose: Purpose | Helper
    language: str
    body: str
    neutral: bool
    path: Path
    edited: bool = False  # staff wrote it in the console; `path` is what it stands in place of

    @property
    def placeholders(self) -> frozenset[str]:
        """The names in braces."""
        return frozenset(PLACEHOLDER.findall(self.body))

    @property
    def sha256(self) -> str:
        """The hash of the body."""
        return sha256_of(self.body)

    @property
    def key(self) -> str:
        """The name under which it is edited and approved."""
        return asset_key(self.purpose, self.neutral)


def asset_key(text: Purpose | Helper, neutral: bool = False) -> str:
    """Return the name under which a text is edited and approved: `sms.reminder`, `sms.reminder.neutral`.

    A text that never names the vaccination has no second one.
    """
    is_other = neutral and not is_always_neutral(text)
    return f"{_KEY}{text.value}{_NEUTRAL if is_other else ''}"


def text_of_key(key: str) -> tuple[Purpose | Helper, bool]:
    """Return the text that a key names, and whether it is the neutral one; raises CatalogueError for another key."""
    for text in NEEDED:
        for neutral in (False, True):
            if key == asset_key(text, neutral):
                return text, neutral and not is_always_neutral(text)
    raise CatalogueError(f"no message text is called {key!r}")


def is_always_neutral(text: Purpose | Helper) -> bool:
    """Whether this text never names the vaccination, so that it needs no neutral one beside it."""
    return text in _NEUTRAL_AS_THEY_ARE or isinstance(text, Helper)


def no_edits() -> Edits:
    """What staff wrote, where there is no console."""
    return _NO_EDITS


_NO_EDITS: Final[Edits] = {}
_Texts = dict[tuple[str, str, bool], Template]


class Catalogue:
    """All templates of a folder; raises CatalogueError naming the file when one is missing, incomplete or forbidden.

    `edits` is asked at every use and read again when it returns another object. An edit that breaks a rule is never
    sent: asking for its text raises CatalogueError, and every other text goes on.
    """

    def __init__(self, templates_dir: Path, languages: Languages, edits: Callable[[], Edits] = no_edits) -> None:
        self._languages, self._edits, self._folder = languages, edits, templates_dir
        self._shipped: _Texts = {}
        faults: list[str] = []
        for purpose in NEEDED:
            for template in _read_folder(templates_dir / purpose.value, purpose):
                _check(template, languages)
                faults += [str(one) for one in _forbidden(template, str(template.path))]
                self._shipped[template.purpose, template.language, template.neutral] = template
        if faults:
            raise CatalogueError("\n".join(faults))
        self._check_complete(templates_dir)
        self._read: tuple[Edits, _Texts] = (_NO_EDITS, self._shipped)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are texts in, in alphabetical order."""
        return tuple(sorted({language for _, language, _ in self._shipped}))

    def __iter__(self) -> Iterator[Template]:
        return iter(self._texts().values())

    def has(self, purpose: Purpose, language: str, *, neutral: bool = False) -> bool:
        """Whether there is a text for this purpose in this very language, without the vaccination if `neutral`."""
        return self._find(purpose, language, neutral) is not None

    def get(self, purpose: Purpose | Helper, language: str, *, neutral: bool = False) -> Template:
        """Return the template in this very language; raises CatalogueError: nobody gets another one by accident."""
        template = self._find(purpose, language, neutral)
        if template is None:
            raise CatalogueError(f"no template {purpose.value}/{_file_name(language, neutral)}")
        if template.edited and (faults := self.faults(template)):
            raise CatalogueError("\n".join(str(one) for one in faults))
        return template

    def shipped(self, purpose: Purpose | Helper, language: str, *, neutral: bool = False) -> Template | None:
        """Return the text as it ships, whatever staff wrote since; None when there is none in this language."""
        return self._shipped.get((purpose, language, neutral and not is_always_neutral(purpose)))

    def pieces(self, purpose: Purpose, language: str, *, two_way: bool, neutral: bool = False) -> tuple[Template, ...]:
        """Return what a whole text is made of, each approved by itself: the template, and the way to answer if any."""
        template = self.get(purpose, language, neutral=neutral)
        if "how_to_answer" not in template.placeholders:
            return (template,)
        return template, self.get(Helper.TWO_WAY if two_way else Helper.CALL, language)

    def whole(self, purpose: Purpose, language: str, *, two_way: bool, neutral: bool = False) -> str:
        """Return the template's body with the way to answer filled in."""
        template, *helper = self.pieces(purpose, language, two_way=two_way, neutral=neutral)
        return template.body.replace("{how_to_answer}", helper[0].body) if helper else template.body

    def is_approved(
        self, purpose: Purpose, language: str, approved: Collection[str], *, two_way: bool, neutral: bool = False
    ) -> bool:
        """Whether every piece of this text is among the `approved` hashes; a text that may not be sent is not."""
        try:
            pieces = self.pieces(purpose, language, two_way=two_way, neutral=neutral)
        except CatalogueError:
            return False
        return all(piece.sha256 in approved for piece in pieces)

    def faults(self, template: Template) -> list[Finding]:
        """Return what is wrong with a text that somebody wrote, by the rules of those we ship."""
        where = f"{template.purpose.value}/{template.language}{_NEUTRAL if template.neutral else ''}"
        try:
            _check(template, self._languages)
        except CatalogueError as error:
            return [Finding(Rule.PLACEHOLDERS, where, str(error).removeprefix(f"{template.path}: "))]
        found = _forbidden(template, where)
        others = {t.placeholders for t in self._shipped.values() if t.key == template.key}
        if others and template.placeholders not in others:
            found.append(Finding(Rule.PLACEHOLDERS, where, f"must be {_in_braces(next(iter(others)))}"))
        return found

    def with_body(self, key: str, language: str, body: str) -> Template:
        """Return the text of a key as somebody wrote it; raises CatalogueError when there is no such key."""
        text, neutral = text_of_key(key)
        path = self._folder / text.value / _file_name(language, neutral)
        return Template(text, language, body, neutral, path, edited=True)

    def with_edit(self, template: Template) -> Catalogue:
        """Return the same texts with this one in its place, to try it; the catalogue itself stays as it is."""
        edits = {**self._edits(), (template.language, template.key): template.body}
        tried = copy(self)
        tried._edits, tried._read = lambda: edits, (_NO_EDITS, self._shipped)
        return tried

    def _texts(self) -> _Texts:
        edits, known = self._edits(), self._read
        if edits is not known[0] and edits != known[0]:
            mine = [self.with_body(key, code, body) for (code, key), body in edits.items() if _is_message(key)]
            known = edits, self._shipped | {(one.purpose, one.language, one.neutral): one for one in mine}
            self._read = known  # in one step: webhooks read while this is written
        return known[1]

    def _find(self, purpose: Purpose | Helper, language: str, neutral: bool) -> Template | None:
        return self._texts().get((purpose, language, neutral and not is_always_neutral(purpose)))

    def _wanted(self, language: str) -> list[Purpose | Helper]:
        """What a language that has texts must have: all of them; or, where some are enough, what those are made of."""
        match self._languages.get(language).texted:
            case "all":
                return list(NEEDED)
            case "some":
                mine = [text for text in self._shipped.values() if text.language == language]
                return list(Helper) if any("how_to_answer" in text.placeholders for text in mine) else []
            case _:
                raise CatalogueError(f"there are texts in {language}, and the language table says that there are none")

    def _check_complete(self, templates_dir: Path) -> None:
        for language in self.languages:
            for purpose in self._wanted(language):
                if self.shipped(purpose, language) is None:
                    raise CatalogueError(f"{templates_dir / purpose.value / _file_name(language, False)} is missing")
        for template in self._shipped.values():
            first = next(t for t in self._shipped.values() if t.key == template.key)
            if template.placeholders != first.placeholders:
                raise CatalogueError(f"{template.path}: its placeholders are not those of {first.path.name}")


def choose_language(
    catalogue: Catalogue,
    languages: Languages,
    wanted: str,
    purpose: Purpose,
    *,
    neutral: bool = False,
    approved: Collection[str] | None = None,
    two_way: bool = False,
) -> str | None:
    """Return the first language of `wanted`'s chain that has this text; None: nothing may be read to them (law 6).

    With `approved`, the hashes of approved pieces, the first in which the whole text is approved: a dialect's draft
    keeps nobody from the Thai text that may stand in for it. Where none is, the first that has one at all.
    """
    if wanted not in languages.codes:
        return None
    candidates = (wanted, *languages.chain(wanted))
    there = [code for code in candidates if catalogue.has(purpose, code, neutral=neutral)]
    if approved is None:
        return next(iter(there), None)
    ready = (code for code in there if catalogue.is_approved(purpose, code, approved, two_way=two_way, neutral=neutral))
    return next(ready, next(iter(there), None))


def sha256_of(body: str) -> str:
    """Return the hash that an approval of this text is bound to."""
    return hashlib.sha256(body.encode()).hexdigest()


def _read_folder(folder: Path, purpose: Purpose | Helper) -> Iterator[Template]:
    if not folder.is_dir():
        raise CatalogueError(f"{folder} is missing")
    for path in sorted(folder.glob("*.txt")):
        language, _, variant = path.stem.partition(".")
        if variant not in ("", "neutral"):
            raise CatalogueError(f"{path}: the only variant of a text is .neutral")
        yield Template(purpose, language, _body_of(path), variant == "neutral", path)


def _body_of(path: Path) -> str:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    while lines and lines[0].startswith("#"):
        lines.pop(0)
    body = "\n".join(lines).strip()
    if not body:
        raise CatalogueError(f"{path}: there is no text in it")
    return body


def _check(template: Template, languages: Languages) -> None:
    if template.language not in languages.codes:
        raise CatalogueError(f"{template.path}: the language table knows no {template.language!r}")
    hidden = _HEALTH if template.neutral or is_always_neutral(template.purpose) else frozenset()
    needed = NEEDED[template.purpose] - hidden
    bare = template.purpose in _BARE or isinstance(template.purpose, Helper)
    optional = frozenset() if bare else OPTIONAL - hidden
    if "{" in (rest := PLACEHOLDER.sub("", template.body)) or "}" in rest:
        raise CatalogueError(f"{template.path}: a brace stands alone")
    if unknown := template.placeholders - needed - optional:
        raise CatalogueError(f"{template.path}: unknown placeholder {sorted(unknown)}")
    if missing := needed - template.placeholders:
        raise CatalogueError(f"{template.path}: placeholder missing: {sorted(missing)}")


def _forbidden(template: Template, where: str) -> list[Finding]:
    return faults_of(template.body, where, neutral=template.neutral or is_always_neutral(template.purpose))


def _is_message(key: str) -> bool:
    try:
        text_of_key(key)
    except CatalogueError:
        return False
    return True


def _in_braces(names: Collection[str]) -> str:
    return " ".join(f"{{{name}}}" for name in sorted(names))


def _file_name(language: str, neutral: bool) -> str:
    return f"{language}.neutral.txt" if neutral else f"{language}.txt"
