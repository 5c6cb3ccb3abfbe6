"""The sandbox's handsets, made from the phones on record: it knows telephones, not us."""

from __future__ import annotations

import csv
from pathlib import Path

from sqlmodel import Session, case, col, func, select

from gateway.records.contacts import Attempt, Direction
from gateway.records.people import Person, PersonPhone, Phone
from gateway.records.status import Channel
from gateway.sandbox.handsets import Handset

BORROWED = "borrowed"  # the habits of a phone that is nobody's on record


def handsets(db: Session, habits_file: Path) -> list[Handset]:
    """One handset for each phone on record, with the contacts it had so far and the habits the sample gives it.

    And one for each number that the sample calls borrowed: a visitor's, who is on no record, to try the hotline with.

    Names are handed out only where everybody on record is invented.
    """
    habits = _habits(habits_file)
    contacts = _contacts(db)
    owners, people = _owners(db), _people(db)
    may_name = db.exec(select(Person.id).where(col(Person.sample).is_(False)).limit(1)).first() is None
    found = []
    for phone in db.exec(select(Phone).order_by(col(Phone.e164))).all():
        label, profile = habits.get(phone.e164, ("", "typical"))
        every, calls = contacts.get(phone.id or 0, (0, 0))
        is_mobile = phone.line_type.value == "mobile"
        owner = owners.get(phone.id or 0)
        found.append(
            Handset(
                number=phone.e164,
                label=label,
                habits=profile if is_mobile or profile != "typical" else "landline",
                contacts_so_far=every,
                line="mobile" if is_mobile else "landline",
                calls_so_far=calls,
                language=owner.language if owner else "",
                site=(owner.site or "") if owner else "",
                name=_called(owner) if owner and may_name else "",
                people=people.get(phone.id or 0, 0),
            )
        )
    on_record = {one.number for one in found}
    return found + [
        Handset(number, label, profile, people=0)
        for number, (label, profile) in habits.items()
        if profile == BORROWED and number not in on_record
    ]


def _owners(db: Session) -> dict[int, Person]:
    """Whose phone each is: whom it reaches first, where several share it."""
    statement = (
        select(PersonPhone.phone, Person)
        .join(Person, col(Person.id) == col(PersonPhone.person))
        .where(col(Person.merged_into).is_(None))
        .order_by(col(PersonPhone.rank).desc(), col(Person.created_at).desc(), col(Person.id).desc())
    )
    return dict(db.exec(statement).all())


def _people(db: Session) -> dict[int, int]:
    """How many people each phone reaches."""
    statement = (
        select(PersonPhone.phone, func.count(func.distinct(col(PersonPhone.person))))
        .join(Person, col(Person.id) == col(PersonPhone.person))
        .where(col(Person.merged_into).is_(None))
        .group_by(col(PersonPhone.phone))
    )
    return dict(db.exec(statement).all())


def _called(person: Person) -> str:
    return person.name_native or f"{person.name} {person.surname}".strip()


def _habits(file: Path) -> dict[str, tuple[str, str]]:
    if not file.is_file():
        return {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return {row["number"]: (row["label"], row["habits"] or "typical") for row in csv.DictReader(lines)}


def _contacts(db: Session) -> dict[int, tuple[int, int]]:
    """How many texts and calls, and how many calls, each phone has had: a handset's next contact is drawn from that."""
    is_call = case((col(Attempt.channel) == Channel.VOICE, 1), else_=0)
    statement = (
        select(Attempt.phone, func.count(), func.sum(is_call))
        .where(col(Attempt.direction) == Direction.OUT, col(Attempt.submitted_at).is_not(None))
        .group_by(col(Attempt.phone))
    )
    return {phone: (every, int(calls)) for phone, every, calls in db.exec(statement).all()}
