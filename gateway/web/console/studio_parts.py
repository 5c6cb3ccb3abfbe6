"""What there is to read in a language: its phrases, and if somebody wants to, the names of places and of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from sqlmodel import Session, col, func, select

from gateway.dispatch.prepare import spoken_place
from gateway.languages.table import LanguageTable
from gateway.records.people import Person
from gateway.records.places import Site
from gateway.records.staffing import Role
from gateway.voice.keys import SITE_KEY
from gateway.voice.phrases import is_optional
from gateway.voice.prompts import Prompt, Script, Scripts
from gateway.voice.sheet import REFERENCE, numbered, recording_order
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor

MOST_NAMES: Final = 60
"""Given names on the list: beyond them each is borne by few."""


class Part(StrEnum):
    """What is read."""

    PHRASES = "phrases"  # without all of them there are no calls
    SITES = "sites"
    NAMES = "names"


def parts_of(visitor: Visitor, script: Script) -> tuple[Part, ...]:
    """The parts this visitor may read. Names are people's: a speaker from outside does not learn them."""
    parts = [Part.PHRASES]
    if "place" in script.patterns:
        parts.append(Part.SITES)
    if "name" in script.patterns and visitor.may(Role.STAFF):
        parts.append(Part.NAMES)
    return tuple(parts)


def part_of(key: str) -> Part:
    """Where a key belongs."""
    if not is_optional(key):
        return Part.PHRASES
    return Part.SITES if SITE_KEY.fullmatch(key) else Part.NAMES


def prompts_of(db: Session, desk: ConsoleDesk, visitor: Visitor, script: Script, part: Part) -> tuple[Prompt, ...]:
    """What is read in a part, in the order in which it is."""
    if part is Part.PHRASES:
        return phrases_of(script)
    named = _sites(db, desk.languages, script) if part is Part.SITES else _names(db, script, visitor.site)
    return tuple({str(prompt.key): prompt for prompt in named if prompt is not None}.values())


def phrases_of(script: Script) -> tuple[Prompt, ...]:
    """The phrases of a call; their numbers are those on the sheet and on the telephone."""
    return tuple(prompt for prompt in recording_order(script) if not is_optional(str(prompt.key)))


def words_for(visitor: Visitor, script: Script, values: Mapping[str, float | str]) -> dict[str, float | str]:
    """The values of a sentence about a sound; a `key` becomes `phrase`: its number and words, of a name its kind."""
    if "key" not in values:
        return dict(values)
    key = str(values["key"])
    if is_optional(key):  # whose name it is, not everybody is told
        return {"phrase": visitor.t(f"studio.part.{part_of(key).value}")}
    found = [(n, prompt.text) for n, prompt in numbered(script).items() if str(prompt.key) == key]
    number, text = found[0] if found else (0, key)
    return {"phrase": visitor.t("studio.called", n=number, text=text)}


def thai_beside(desk: ConsoleDesk, script: Script, key: str) -> Prompt | None:
    """The same phrase in Thai, for languages whose speakers read it; None where one of the two was edited alone."""
    if REFERENCE not in desk.languages.chain(script.language)[1:] or REFERENCE not in desk.speech.scripts:
        return None
    if is_edited(desk, script.language, key) or is_edited(desk, REFERENCE, key):
        return None
    return desk.speech.scripts[REFERENCE].prompts.get(key)


def is_edited(desk: ConsoleDesk, language: str, key: str) -> bool:
    """Whether the console's words stand in place of what ships: notes and translations were written for the others."""
    scripts = desk.speech.scripts
    if not isinstance(scripts, Scripts) or language not in scripts:
        return False
    now, ships = scripts[language].prompts.get(key), scripts.shipped.get(language, Script(language)).prompts.get(key)
    return now is not None and (ships is None or ships.text != now.text)


def _sites(db: Session, languages: LanguageTable, script: Script) -> list[Prompt | None]:
    sites = db.exec(select(Site).order_by(col(Site.code))).all()
    return [script.site_prompt(site.code, spoken_place(languages, script.language, site)) for site in sites]


def _names(db: Session, script: Script, site: str | None) -> Sequence[Prompt | None]:
    """The given names of people who are called in this language, the most frequent first; nothing else about them."""
    statement = (
        select(Person.name)
        .where(
            col(Person.language) == script.language,
            col(Person.name) != "",
            col(Person.died_on).is_(None),
            col(Person.merged_into).is_(None),
        )
        .group_by(col(Person.name))
        .order_by(func.count().desc(), col(Person.name))
    )
    mine = statement if site is None else statement.where(col(Person.site) == site)
    return [script.name_prompt(name) for name in db.exec(mine.limit(MOST_NAMES))]
