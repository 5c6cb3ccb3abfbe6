"""The words of the names and places a call says: they stand in no script, and are looked up when they are said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from gateway.calls.flow import CallFacts, PhoneCommand
from gateway.calls.flow import HangUp as HangUpCommand
from gateway.dispatch.prepare import Speech, spoken_place
from gateway.records.people import Person
from gateway.records.places import Site
from gateway.voice.phrases import is_optional
from gateway.voice.prompts import Prompt

_PLACE = "site."


def names_said(
    speech: Speech, db: Session, facts: CallFacts, commands: Sequence[PhoneCommand], person: str | None = None
) -> dict[str, Prompt]:
    """The prompts of the names and places in these commands, by key, in the call's language.

    `person` is whom the call is about, besides those in `facts`.
    """
    keys = {str(key) for one in commands if not isinstance(one, HangUpCommand) for key in one.prompts}
    wanted = {key for key in keys if is_optional(key)}
    script = speech.scripts.get(facts.language)
    if not wanted or script is None:
        return {}
    people = [one for one in (person, facts.person, *(subject.person for subject in facts.subjects)) if one]
    prompts = (*_names(speech, db, facts.language, people), *_places(speech, db, facts.language, wanted))
    return {str(prompt.key): prompt for prompt in prompts if prompt.key in wanted}


def _names(speech: Speech, db: Session, language: str, people: Sequence[str]) -> Iterator[Prompt]:
    given = db.exec(select(Person.name).where(col(Person.id).in_(people))).all() if people else []
    prompts = (speech.scripts[language].name_prompt(name) for name in given)
    return (prompt for prompt in prompts if prompt is not None)


def _places(speech: Speech, db: Session, language: str, wanted: set[str]) -> Iterator[Prompt]:
    codes = [key.removeprefix(_PLACE) for key in wanted if key.startswith(_PLACE)]
    sites = db.exec(select(Site).where(col(Site.code).in_(codes))).all() if codes else []
    prompts = (place_prompt(speech, language, site) for site in sites)
    return (prompt for prompt in prompts if prompt is not None)


def place_prompt(speech: Speech, language: str, site: Site) -> Prompt | None:
    """What says a site's name in this language; None where it has no pattern for places."""
    script = speech.scripts.get(language)
    return script.site_prompt(site.code, spoken_place(speech.languages, language, site)) if script else None
