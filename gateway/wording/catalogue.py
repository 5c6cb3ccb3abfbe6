"""The message templates: read once, checked whole, and found by purpose and language.

A template is `templates/messages/<purpose>/<language>.txt`, or `<language>.neutral.txt` for people whose message must
not name the vaccination. Its first lines that begin with `#` are for the reader: draft or not, and a back translation.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol


class Purpose(StrEnum):
    """Why we write to somebody."""

    NOTICE = "notice"  # a week ahead
    REMINDER = "reminder"  # two days ahead
    MORNING = "morning"  # on the day
    SECOND_DOSE = "second_dose"  # a following dose was booked for them
    MOVED = "moved"  # the day they chose
    CONFIRMED = "confirmed"  # their yes, with the day said again
    CANCELLED = "cancelled"  # the clinic closed the session: they need not come


class Helper(StrEnum):
    """A text that is filled into others as {how_to_answer}."""

    TWO_WAY = "how_to_answer_two_way"  # answers to this text reach us
    CALL = "how_to_answer_call"  # they do not: there is only the number to call


class Languages(Protocol):
    """What is asked of the language table."""

    @property
    def codes(self) -> Collection[str]:
        """Every language code."""
        ...

    def chain(self, code: str) -> tuple[str, ...]:
        """The languages a person of this one may be read, best first."""
        ...


class CatalogueError(Exception):
    """The templates cannot be used as they are; the message names the file."""


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
    Helper.TWO_WAY: frozenset({"phone"}),
    Helper.CALL: frozenset({"phone"}),
}
"""What each template has to say, in every language."""

OPTIONAL: Final = frozenset({"vaccine", "ticket"})
_HEALTH: Final = frozenset({"dose", "vaccine"})
# These never name the vaccination.
_NEUTRAL_AS_THEY_ARE: Final = frozenset({Purpose.MOVED, Purpose.CONFIRMED, Purpose.CANCELLED})


@dataclass(frozen=True, slots=True)
class Template:
    """One text with placeholders. `sha256` is of the body, the part that people read: it is what gets approved."""

    purpose: Purpose | Helper
    language: str
    body: str
    neutral: bool
    path: Path

    @property
    def placeholders(self) -> frozenset[str]:
        """The names in braces."""
        return frozenset(PLACEHOLDER.findall(self.body))

    @property
    def sha256(self) -> str:
        """The hash of the body."""
        return sha256_of(self.body)


class Catalogue:
    """All templates of a folder; raises CatalogueError naming the file when one is missing, unknown or incomplete."""

    def __init__(self, templates_dir: Path, languages: Languages) -> None:
        self._by_key: dict[tuple[str, str, bool], Template] = {}
        for purpose in NEEDED:
            for template in _read_folder(templates_dir / purpose.value, purpose):
                _check(template, languages)
                self._by_key[template.purpose, template.language, template.neutral] = template
        self._check_complete(templates_dir)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are texts in, in alphabetical order."""
        return tuple(sorted({language for _, language, _ in self._by_key}))

    def __iter__(self) -> Iterator[Template]:
        return iter(self._by_key.values())

    def has(self, purpose: Purpose, language: str, *, neutral: bool = False) -> bool:
        """Whether there is a text for this purpose in this very language, without the vaccination if `neutral`."""
        return self._find(purpose, language, neutral) is not None

    def get(self, purpose: Purpose | Helper, language: str, *, neutral: bool = False) -> Template:
        """Return the template in this very language; raises CatalogueError: nobody gets another one by accident."""
        template = self._find(purpose, language, neutral)
        if template is None:
            raise CatalogueError(f"no template {purpose.value}/{_file_name(language, neutral)}")
        return template

    def whole(self, purpose: Purpose, language: str, *, two_way: bool, neutral: bool = False) -> str:
        """Return the template's body with the way to answer filled in: the whole text that somebody approves."""
        helper = self.get(Helper.TWO_WAY if two_way else Helper.CALL, language)
        return self.get(purpose, language, neutral=neutral).body.replace("{how_to_answer}", helper.body)

    def _find(self, purpose: Purpose | Helper, language: str, neutral: bool) -> Template | None:
        if purpose in _NEUTRAL_AS_THEY_ARE:
            neutral = False
        return self._by_key.get((purpose, language, neutral))

    def _check_complete(self, templates_dir: Path) -> None:
        for language in self.languages:
            for purpose in NEEDED:
                if self._find(purpose, language, False) is None:
                    raise CatalogueError(f"{templates_dir / purpose.value / _file_name(language, False)} is missing")
        for template in self:
            first = next(t for t in self if (t.purpose, t.neutral) == (template.purpose, template.neutral))
            if template.placeholders != first.placeholders:
                raise CatalogueError(f"{template.path}: its placeholders are not those of {first.path.name}")


def choose_language(
    catalogue: Catalogue, languages: Languages, wanted: str, purpose: Purpose, *, neutral: bool = False
) -> str | None:
    """Return the first language of `wanted`'s chain that has this text; None: nothing may be read to them (law 6)."""
    if wanted not in languages.codes:
        return None
    candidates = (wanted, *languages.chain(wanted))
    return next((code for code in candidates if catalogue.has(purpose, code, neutral=neutral)), None)


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
    needed = NEEDED[template.purpose] - (_HEALTH if template.neutral else frozenset())
    optional = OPTIONAL - (_HEALTH if template.neutral else frozenset())
    if "{" in (rest := PLACEHOLDER.sub("", template.body)) or "}" in rest:
        raise CatalogueError(f"{template.path}: a brace stands alone")
    if unknown := template.placeholders - needed - optional:
        raise CatalogueError(f"{template.path}: unknown placeholder {sorted(unknown)}")
    if missing := needed - template.placeholders:
        raise CatalogueError(f"{template.path}: placeholder missing: {sorted(missing)}")


def _file_name(language: str, neutral: bool) -> str:
    return f"{language}.neutral.txt" if neutral else f"{language}.txt"
