"""Whether words for everybody name somebody: a phrase is played to all, and may be sent to a speech service."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from sqlmodel import Session, select

from gateway.dispatch.prepare import Speech
from gateway.records.people import Person
from gateway.voice.prompts import Scripts

SHORTEST_NAME = 3
"""Letters; shorter ones stand within half of all Thai words."""


def names_on_record(db: Session) -> frozenset[str]:
    """Given names and surnames of everybody on record, in whatever script, in small letters."""
    rows = db.exec(select(Person.name, Person.surname, Person.name_native).distinct())
    parts = (part for row in rows for name in row if name for part in name.casefold().split())
    return frozenset(part for part in parts if len(part) >= SHORTEST_NAME)


def named_in(speech: Speech, body: str, people: Collection[str]) -> str:
    """The first name in the words that is somebody's, "" where there is none.

    Latin names count as whole words. Thai puts no blank between words, so others count wherever they stand; a name
    that is part of a shipped text is a word like any other ("สุข" is in "สาธารณสุข"), and is passed over.
    """
    shown = body.casefold()
    found = sorted(name for name in people if name in shown and _stands_alone(name, shown))
    if not found:
        return ""
    shipped = "\n".join(_shipped(speech)).casefold()
    return next((name for name in found if name not in shipped), "")


def _stands_alone(name: str, shown: str) -> bool:
    if any(letter >= "\u0370" and not "\u1e00" <= letter <= "\u1eff" for letter in name):
        return True
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", shown) is not None


def _shipped(speech: Speech) -> Iterable[str]:
    scripts = speech.scripts.shipped if isinstance(speech.scripts, Scripts) else speech.scripts
    for script in scripts.values():
        yield from (prompt.text for prompt in script.prompts.values())
    yield from (template.body for template in speech.catalogue if not template.edited)
