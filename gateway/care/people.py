"""Who is meant: people found by what a file says of them, their telephones, and what may be changed about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.particulars import Particulars
from gateway.kit.identity import Identity, IdKind
from gateway.records.people import Person, PersonPhone, Phone

DEFAULT_LANGUAGE: Final = "th"
"""Central Thai, for people of whom no language was said."""
CHUNK: Final = 500
"""Values in one query: below SQLite's old limit of 999 variables."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Match:
    """The person a description means, if one is known, and others it fits as well: staff should look at those."""

    person: Person | None
    rivals: tuple[Person, ...] = ()


class People:
    """The stored people that a batch of descriptions may mean, fetched with a few queries rather than one a row."""

    def __init__(self, db: Db, described: Sequence[Particulars], also: Iterable[str] = ()) -> None:
        """Fetch by identity, hospital number, telephone and name, and the people with the ids `also`."""
        self._by_id: dict[str, Person] = {}
        self._by_identity: dict[tuple[str, str], Person] = {}
        self._by_hn: dict[tuple[str, str], Person] = {}
        self._by_name: dict[str, list[Person]] = defaultdict(list)
        self._numbers: dict[str, set[str]] = defaultdict(set)
        for person in _fetch(db, described, also):
            self._index(person)
        for person_id, e164 in _numbers(db, self._by_id):
            self._numbers[person_id].add(e164)

    def get(self, person_id: str | None) -> Person | None:
        """Return a fetched person by id; one merged into another gives that other."""
        person = self._by_id.get(person_id or "")
        return person if person is None or person.merged_into is None else self.get(person.merged_into)

    @property
    def ids(self) -> list[str]:
        """The ids of all that were fetched."""
        return list(self._by_id)

    def match(self, who: Particulars) -> Match:
        """Return who is meant: by identity, else by hospital number, else by name, birth and telephone.

        A number that points at somebody of another name and another birth does not count: a clerk copied it down.
        """
        found = [person for person in (self._identified(who.identity), self._numbered(who)) if person is not None]
        certain = [person for person in found if is_plausible(person, who)]
        rivals = list({person.id: person for person in found if person not in certain}.values())
        named = [] if certain else [person for person in self._named(who) if person not in rivals]
        candidates = list(dict.fromkeys(person.id for person in (certain or named)))
        if not candidates:
            return Match(None, tuple(rivals))
        others = [self._by_id[person_id] for person_id in candidates[1:]]
        return Match(self._by_id[candidates[0]], (*others, *rivals))

    def create(self, who: Particulars, *, now: datetime, sample: bool = False) -> Person:
        """Return a new person, not yet added to any session; a number that is somebody else's is left out."""
        person = Person(
            title=who.title,
            name=who.name,
            surname=who.surname,
            birth_date=who.birth_date,
            language=who.language or DEFAULT_LANGUAGE,
            preferred_channel=who.preferred_channel,
            village=who.village,
            tambon=who.tambon,
            district=who.district,
            province=who.province,
            target_group=who.target_group,
            site=who.site,
            sample=sample,
            created_at=now,
        )
        for name, value in self.missing_numbers(person, who).items():
            setattr(person, name, value)
        self._index(person)
        self._numbers[person.id].update(said.number.e164 for said in who.phones)
        return person

    def missing_numbers(self, person: Person, who: Particulars) -> dict[str, str]:
        """Return the identity and hospital number that `who` adds to `person`, unless they are somebody else's."""
        found: dict[str, str] = {}
        identity = who.identity
        if identity is not None and _may_take(person, identity) and not self._taken(person, identity):
            found.update(id_kind=identity.kind.value, id_value=identity.value)
        if who.hn and who.hcode and not person.hn and (who.hcode, who.hn) not in self._by_hn:
            found.update(hcode=who.hcode, hn=who.hn)
        return found

    def _taken(self, person: Person, identity: Identity) -> bool:
        holder = self._by_identity.get((identity.kind.value, identity.value))
        return holder is not None and holder.id != person.id

    def _index(self, person: Person) -> None:
        self._by_id[person.id] = person
        if person.id_kind and person.id_value:
            self._by_identity.setdefault((person.id_kind, person.id_value), person)
        if person.hcode and person.hn:
            self._by_hn.setdefault((person.hcode, person.hn), person)
        if person.merged_into is None:
            self._by_name[_folded(person.name, person.surname)].append(person)

    def _identified(self, identity: Identity | None) -> Person | None:
        if identity is None:
            return None
        person = self._by_identity.get((identity.kind.value, identity.value))
        return None if person is None else self.get(person.id)

    def _numbered(self, who: Particulars) -> Person | None:
        person = self._by_hn.get((who.hcode or "", who.hn or ""))
        return None if person is None else self.get(person.id)

    def _named(self, who: Particulars) -> Iterator[Person]:
        name = _folded(who.name, who.surname)
        for person in self._by_name.get(name, ()) if name else ():
            if not _two_identities(person, who) and not _two_numbers(person, who) and self._shares_traits(person, who):
                yield person

    def _shares_traits(self, person: Person, who: Particulars) -> bool:
        births = (person.birth_date, who.birth_date)
        if None not in births and births[0] != births[1]:
            return False
        numbers = {said.number.e164 for said in who.phones}
        known = self._numbers.get(person.id, set())
        if numbers and known:
            return bool(numbers & known)
        # Without a telephone on one side the birth must agree or, of two with no number of any kind, the place.
        if None not in births:
            return True
        anonymous = not (numbers or known or person.id_value or person.hn or who.identity or who.hn)
        return anonymous and (person.site, person.village) == (who.site, who.village)


def is_plausible(person: Person, who: Particulars) -> bool:
    """Whether a shared number can mean the same person: the name agrees, or the birth does, or the birth is unknown.

    An identity must do better: a name, a surname or a known birth has to agree, or whoever knows somebody's number
    could rename them. An unverified one may be any clerk's slip, so there the whole name or a known birth has to.
    """
    if _two_identities(person, who):
        return False
    names = (_folded(person.name, person.surname), _folded(who.name, who.surname))
    if names[0] == names[1] or not all(names) or _same_birth(person, who):
        return True
    if who.identity is not None and person.id_value == who.identity.value and bears_another_name(person, who):
        return False
    unverified = who.identity is not None and who.identity.kind is IdKind.UNVERIFIED
    return None in (person.birth_date, who.birth_date) and not unverified


def bears_another_name(person: Person, who: Particulars) -> bool:
    """Whether both have a name of which no part agrees, and no birth confirms that they are one."""
    names = (_folded(person.name, person.surname), _folded(who.name, who.surname))
    if names[0] == names[1] or not all(names) or _same_birth(person, who):
        return False
    pairs = ((person.name, who.name), (person.surname, who.surname))
    return not any(_folded(old, "") == _folded(new, "") != "" for old, new in pairs)


def is_other_name(person: Person, who: Particulars) -> bool:
    """Whether nothing but the hospital number says that these are one person: name and surname both differ.

    A marriage changes the surname, a clerk's slip one of the two. The same identity or birth settles it.
    """
    if person.hn is None or (person.hcode, person.hn) != (who.hcode, who.hn) or _same_birth(person, who):
        return False
    if who.identity is not None and person.id_value == who.identity.value:
        return False
    pairs = ((person.name, who.name), (person.surname, who.surname))
    return all(old and new and _folded(old, "") != _folded(new, "") for old, new in pairs)


def fields_of(who: Particulars) -> dict[str, Any]:
    """Return what a description says of a person's own fields, as plain JSON; what it does not say is "" or None."""
    return {
        "title": who.title,
        "name": who.name,
        "surname": who.surname,
        "birth_date": who.birth_date.isoformat() if who.birth_date else None,
        "language": who.language,
        "preferred_channel": who.preferred_channel.value if who.preferred_channel else None,
        "village": who.village,
        "tambon": who.tambon,
        "district": who.district,
        "province": who.province,
        "target_group": who.target_group,
        "site": who.site,
    }


def changes_to(person: Person, who: Particulars, before: Mapping[str, Any] | None) -> tuple[dict[str, Any], list[str]]:
    """Return what to set on a person, and the fields where the file and somebody else both changed something.

    `before` is what was last imported of this person (None: never): only what the file itself changed since then
    counts, and not where the person or staff changed it meanwhile. A cell left empty never erases anything.
    """
    wanted: dict[str, Any] = {}
    conflicts: list[str] = []
    for field, said in fields_of(who).items():
        present = getattr(person, field)
        value = getattr(who, field)
        if not said or present == value or (before is not None and before.get(field) == said):
            continue
        untouched = before is not None and _plain(present) == (before.get(field) or _default(field))
        if not present or untouched:
            wanted[field] = value
        elif before is not None:
            conflicts.append(field)
    return wanted, conflicts


def in_chunks(values: Iterable[Value], size: int = CHUNK) -> Iterator[list[Value]]:
    """Give the values in lists of at most `size`."""
    known = list(values)
    for start in range(0, len(known), size):
        yield known[start : start + size]


def _default(field: str) -> str | None:
    return DEFAULT_LANGUAGE if field == "language" else None


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else getattr(value, "value", value)


def _folded(name: str, surname: str) -> str:
    return "".join(f"{name}{surname}".casefold().split())


def _same_birth(person: Person, who: Particulars) -> bool:
    return person.birth_date is not None and person.birth_date == who.birth_date


def _two_identities(person: Person, who: Particulars) -> bool:
    """Whether two verified numbers say that these are two people; a passport and a card may both be one person's."""
    if who.identity is None or person.id_value is None:
        return False
    kinds = {person.id_kind, who.identity.kind.value}
    if kinds & {IdKind.UNVERIFIED.value, IdKind.PASSPORT.value} and len(kinds) > 1:
        return False
    return IdKind.UNVERIFIED.value not in kinds and person.id_value != who.identity.value


def _two_numbers(person: Person, who: Particulars) -> bool:
    """Whether one hospital knows these two by different numbers."""
    return bool(person.hn and who.hn) and person.hcode == who.hcode and person.hn != who.hn


def _may_take(person: Person, identity: Identity) -> bool:
    if person.id_value is None:
        return True
    return person.id_kind == IdKind.UNVERIFIED and identity.kind is not IdKind.UNVERIFIED


def _fetch(db: Db, described: Sequence[Particulars], also: Iterable[str]) -> list[Person]:
    found: dict[str, Person] = {}

    def keep(column: Any, values: Iterable[Any], only: sa.ColumnElement[bool] | None = None) -> None:
        for chunk in in_chunks(values):
            query = select(Person).where(column.in_(chunk), sa.true() if only is None else only)
            found.update((person.id, person) for person in db.exec(query))

    keep(col(Person.id_value), {who.identity.value for who in described if who.identity})
    keep(col(Person.hn), {who.hn for who in described if who.hn})
    keep(col(Person.id), {*also, *_with_number(db, {said.number.e164 for who in described for said in who.phones})})
    # Of people whose identity is said, only those stored without one can still be found by name.
    unproven = sa.or_(col(Person.id_value).is_(None), col(Person.id_kind) == IdKind.UNVERIFIED.value)
    keep(col(Person.name), {who.name for who in described if who.name and who.identity}, unproven)
    keep(col(Person.name), {who.name for who in described if who.name and not who.identity})
    while merged := {one.merged_into for one in found.values() if one.merged_into} - found.keys():
        keep(col(Person.id), merged)
    return sorted(found.values(), key=lambda person: (person.created_at, person.id))


def _with_number(db: Db, numbers: set[str]) -> set[str]:
    found: set[str] = set()
    for chunk in in_chunks(numbers):
        query = select(PersonPhone.person).join(Phone, col(Phone.id) == col(PersonPhone.phone))
        found.update(db.exec(query.where(col(Phone.e164).in_(chunk))))
    return found


def _numbers(db: Db, people: Iterable[str]) -> Iterator[tuple[str, str]]:
    for chunk in in_chunks(people):
        query = select(PersonPhone.person, Phone.e164).join(Phone, col(Phone.id) == col(PersonPhone.phone))
        yield from db.exec(query.where(col(PersonPhone.person).in_(chunk)))
