"""How people can be reached, read for thousands at once: their phones, their consent, their language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.kit.phones import LineType
from gateway.languages.table import LanguageError, load_languages
from gateway.records.people import Consent, PersonPhone, Phone, PhoneRole


@dataclass(frozen=True, slots=True)
class Reach:
    """What a person's phones allow. A volunteer's phone and a parked one count for nothing (DESIGN law 8)."""

    can_text: bool = False
    can_call: bool = False
    has_landline: bool = False  # the phone tried first takes no texts
    has_stopped: bool = False  # there is a phone, and it may not be used

    @property
    def is_reachable(self) -> bool:
        """Whether any phone may be used at all."""
        return self.can_text or self.can_call


NOBODY = Reach()


def reach_of(db: Session, people: sa.ScalarSelect[str] | Iterable[str]) -> dict[str, Reach]:
    """Return the reach of every person who has a phone; `people` are ids or a query that gives them."""
    statement = (
        select(PersonPhone.person, PersonPhone.sms, PersonPhone.voice, Phone.line_type)
        .join(Phone, col(Phone.id) == col(PersonPhone.phone))
        .where(col(PersonPhone.person).in_(people))
        .where(col(PersonPhone.role) != PhoneRole.VHV, col(Phone.parked_at).is_(None))
        .order_by(col(PersonPhone.person), col(PersonPhone.rank), col(PersonPhone.phone))
    )
    phones: dict[str, list[tuple[Consent, Consent, LineType]]] = defaultdict(list)
    for person, sms, voice, line in db.exec(statement):
        phones[person].append((Consent(sms), Consent(voice), LineType(line)))
    return {person: _reach(mine) for person, mine in phones.items()}


def _reach(phones: list[tuple[Consent, Consent, LineType]]) -> Reach:
    usable = [
        (line, sms is Consent.ALLOW and line is LineType.MOBILE, voice is Consent.ALLOW) for sms, voice, line in phones
    ]
    usable = [phone for phone in usable if phone[1] or phone[2]]
    return Reach(
        can_text=any(text for _, text, _ in usable),
        can_call=any(call for _, _, call in usable),
        has_landline=bool(usable) and usable[0][0] is not LineType.MOBILE,
        has_stopped=not usable,
    )


def understands(language: str, offered: frozenset[str]) -> bool:
    """Whether someone of `language` is served by what is `offered`, itself or what the table lets stand in (law 6)."""
    return not offered.isdisjoint(_chain(language))


def reads_by_default(language: str) -> bool:
    """Whether speakers are expected to read it; of a language nobody knows, they are not."""
    try:
        return load_languages().get(language).reads_default
    except LanguageError:
        return False


def reads(language: str, known: bool | None) -> bool | None:
    """Whether a person reads their language: as on record, else True where speakers do, None where nobody knows."""
    return known if known is not None else reads_by_default(language) or None


def age_on(born: date | None, day: date) -> int | None:
    """Return the age in full years on `day`, None when the birth date is unknown."""
    if born is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@lru_cache(maxsize=256)
def _chain(language: str) -> tuple[str, ...]:
    try:
        return load_languages().chain(language)
    except LanguageError:
        return (language,)
