"""The message templates: read once, checked whole, and found by purpose and language.

A template is `templates/messages/<purpose>/<language>.txt`, or `<language>.neutral.txt` for people whose message must
not name the vaccination. Its first lines that begin with `#` are for the reader: draft or not, and a back translation.
What staff wrote in the console stands in its place; a text that breaks the rules is used in neither case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from pathlib import Path
from typing import Final, Protocol

from gateway.wording.rules import Finding, Rule
from gateway.wording.texts import (
    NEEDED,
    PLACEHOLDER,
    CatalogueError,
    Helper,
    Purpose,
    Template,
    asset_key,
    check_shape,
    forbidden_in,
    helpers_in,
    is_always_neutral,
    sha256_of,
    text_of_key,
)

__all__ = [
    "NEEDED",
    "PLACEHOLDER",
    "Catalogue",
    "CatalogueError",
    "Edits",
    "Helper",
    "Languages",
    "Purpose",
    "Template",
    "asset_key",
    "choose_language",
    "is_always_neutral",
    "no_edits",
    "sha256_of",
    "text_of_key",
]


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


Edits = Mapping[tuple[str, str], str]
"""What staff wrote in the console: (language, asset key) -> body. Keys of other things than texts are passed over."""


def no_edits() -> Edits:
    """What staff wrote, where there is no console."""
    return _NO_EDITS


_NO_EDITS: Final[Edits] = {}
_NO_TICKET: Final = re.compile(r" \{ticket\}|\{ticket\} ?")
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
                check_shape(template, languages.codes)
                faults += [str(one) for one in forbidden_in(template, str(template.path))]
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
        """Return what a whole text is made of, each approved by itself: the template, and the texts filled into it.

        The way to say a ticket is one of them whether the person has one or not: an approval depends on nobody.
        """
        template = self.get(purpose, language, neutral=neutral)
        helpers = helpers_in(template.placeholders, two_way=two_way).values()
        return template, *(self.get(helper, language) for helper in helpers)

    def whole(
        self, purpose: Purpose, language: str, *, two_way: bool, neutral: bool = False, ticket: bool = True
    ) -> str:
        """Return the template's body with the way to answer filled in, and that to say a ticket.

        Without `ticket` its place is taken out, and a space with it: none stands double in what people read.
        """
        template = self.get(purpose, language, neutral=neutral)
        body = template.body if ticket else _NO_TICKET.sub("", template.body)
        for name, helper in helpers_in(template.placeholders, two_way=two_way).items():
            body = body.replace(f"{{{name}}}", self.get(helper, language).body)
        return body

    def is_approved(
        self, purpose: Purpose, language: str, approved: Collection[str], *, two_way: bool, neutral: bool = False
    ) -> bool:
        """Whether every piece of this text is among the `approved` marks; a text that may not be sent is not."""
        try:
            pieces = self.pieces(purpose, language, two_way=two_way, neutral=neutral)
        except CatalogueError:
            return False
        return all(piece.mark in approved for piece in pieces)

    def faults(self, template: Template) -> list[Finding]:
        """Return what is wrong with a text that somebody wrote, by the rules of those we ship."""
        where = f"{template.purpose.value}/{template.language}{'.neutral' if template.neutral else ''}"
        try:
            check_shape(template, self._languages.codes)
        except CatalogueError as error:
            return [Finding(Rule.PLACEHOLDERS, where, str(error).removeprefix(f"{template.path}: "))]
        found = forbidden_in(template, where)
        others = {t.placeholders for t in self._shipped.values() if t.key == template.key}
        # Words approved before there were tickets go on: a reminder without a number is better than none.
        if others and template.placeholders not in others | {names - {"ticket"} for names in others}:
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

    def at_this_moment(self) -> Catalogue:
        """Return the texts as they are now, edits included, for as long as it is kept; `edits` is asked once."""
        still, edits = copy(self), self._edits()
        still._edits = lambda: edits
        still._texts()  # read now, and not at each use
        return still

    @property
    def edits(self) -> Edits:
        """What staff wrote, as it is now; the same object while nothing changed."""
        return self._edits()

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
                filled = {
                    helper
                    for text in mine
                    for two_way in (False, True)
                    for helper in helpers_in(text.placeholders, two_way=two_way).values()
                }
                return [helper for helper in Helper if helper in filled]
            case _:
                raise CatalogueError(f"there are texts in {language}, and the language table says that there are none")

    def _check_complete(self, templates_dir: Path) -> None:
        for language in self.languages:
            for purpose in self._wanted(language):
                if self.shipped(purpose, language) is None:
                    raise CatalogueError(f"{templates_dir / purpose.value / _file_name(language, False)} is missing")
        firsts: dict[str, Template] = {}
        for template in self._shipped.values():
            first = firsts.setdefault(template.key, template)
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

    With `approved`, the marks of approved pieces, the first in which the whole text is approved: a dialect's draft
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
