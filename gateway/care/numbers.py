"""Whose telephones: the numbers of people, shared by households, kept as files say and people wish."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.consent import remembered
from gateway.care.particulars import SaidPhone
from gateway.care.people import in_chunks
from gateway.kit.phones import PhoneNumber
from gateway.records.people import Consent, PersonPhone, Phone, PhoneRole


class Numbers:
    """The telephones of a batch of people, and what is to become of them; written by `write`."""

    def __init__(self, db: Db, people: Iterable[str], e164s: Iterable[str]) -> None:
        self._db = db
        self._links: dict[str, dict[str, PersonPhone]] = defaultdict(dict)
        self._phones: dict[str, Phone] = {}
        for chunk in in_chunks(set(e164s)):
            self._phones.update((one.e164, one) for one in db.exec(select(Phone).where(col(Phone.e164).in_(chunk))))
        for link, phone in _links(db, people):
            self._links[link.person][phone.e164] = link
            self._phones[phone.e164] = phone
        self._new: list[tuple[str, SaidPhone, int]] = []

    def update(self, person: str, said: Sequence[SaidPhone], before: Iterable[str]) -> bool:
        """Give a person the numbers a file says, and take away those it no longer says; tell whether any changed.

        `before`: the numbers of the last import. A number the person gave us otherwise stays, and so does one on
        which a stop was recorded: it is the memory of that stop.
        """
        links = self._links[person]
        added = [one for one in said if one.number.e164 not in links]
        gone = set(before) - {one.number.e164 for one in said} if said else set()
        dropped = [e164 for e164 in gone if e164 in links and not _has_stop(links[e164])]
        ranks = {one.number.e164: rank for rank, one in _ranked(said)}
        self._new += [(person, one, ranks[one.number.e164]) for one in added]
        for e164 in dropped:
            self._db.delete(links.pop(e164))
        return bool(added or dropped)

    def write(self) -> None:
        """Store new numbers and whose they are. A person who stopped a channel everywhere has stopped it here too."""
        known = {e164 for e164, phone in self._phones.items() if phone.id is not None}
        for _, said, _ in self._new:
            if said.number.e164 not in self._phones:
                self._phones[said.number.e164] = phone_of(said.number)
        self._db.add_all(self._phones.values())
        self._db.flush()
        fresh = [self._link(person, said, rank) for person, said, rank in _once(self._new)]
        known_ids = {self._phones[e164].id for e164 in known}
        self._remember_stops([link for link in fresh if link.phone in known_ids])
        self._db.add_all(fresh)
        self._new = []
        self._db.flush()

    def _remember_stops(self, fresh: Sequence[PersonPhone]) -> None:
        """A stop that was said on a number holds, on whichever row the number comes back."""
        stops = remembered(self._db, [(link.person, link.phone) for link in fresh])
        for link in fresh:
            sms, voice = stops.get((link.person, link.phone), (Consent.ALLOW, Consent.ALLOW))
            link.sms = sms if sms is Consent.STOP else link.sms
            link.voice = voice if voice is Consent.STOP else link.voice

    def _link(self, person: str, said: SaidPhone, rank: int) -> PersonPhone:
        known = list(self._links[person].values())
        phone = self._phones[said.number.e164]
        assert phone.id is not None  # noqa: S101  flushed in `write`
        return PersonPhone(
            person=person,
            phone=phone.id,
            role=PhoneRole.HOUSEHOLD if said.household else PhoneRole.OWN,
            rank=rank,
            sms=_inherited([link.sms for link in known]),
            voice=_inherited([link.voice for link in known]),
        )


def phone_of(number: PhoneNumber) -> Phone:
    """Return the row for a number."""
    return Phone(e164=number.e164, line_type=number.line_type)


def _ranked(said: Sequence[SaidPhone]) -> Iterator[tuple[int, SaidPhone]]:
    own = [one for one in said if not one.household]
    yield from enumerate(own)
    yield from enumerate((one for one in said if one.household), max(1, len(own)))


def _once(new: Iterable[tuple[str, SaidPhone, int]]) -> Iterator[tuple[str, SaidPhone, int]]:
    seen: set[tuple[str, str]] = set()
    for person, said, rank in new:
        if (person, said.number.e164) not in seen:
            seen.add((person, said.number.e164))
            yield person, said, rank


def _has_stop(link: PersonPhone) -> bool:
    return Consent.STOP in (link.sms, link.voice)


def _inherited(known: Sequence[Consent]) -> Consent:
    return Consent.STOP if known and all(one is Consent.STOP for one in known) else Consent.ALLOW


def _links(db: Db, people: Iterable[str]) -> Iterator[tuple[PersonPhone, Phone]]:
    for chunk in in_chunks(set(people)):
        query = select(PersonPhone, Phone).join(Phone, col(Phone.id) == col(PersonPhone.phone))
        yield from db.exec(query.where(col(PersonPhone.person).in_(chunk)))
