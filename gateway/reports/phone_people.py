"""Who uses a telephone: the living people on record whose number it is. A volunteer is not their patient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlmodel import Session, col, select

from gateway.records.people import Person, PersonPhone, Phone, PhoneRole


def people_by_number(
    db: Session, numbers: Collection[str], *, bound: str | None = None
) -> Mapping[str, tuple[Person, ...]]:
    """By number (E.164), who uses it; `bound`: only people of this site. A parked number is nobody's."""
    if not numbers:
        return {}
    query = (
        select(Phone.e164, Person)
        .join(PersonPhone, col(PersonPhone.phone) == col(Phone.id))
        .join(Person, col(Person.id) == col(PersonPhone.person))
        .where(col(Phone.e164).in_(numbers), col(Phone.parked_at).is_(None))
        .where(col(PersonPhone.role) != PhoneRole.VHV)
        .where(col(Person.merged_into).is_(None), col(Person.died_on).is_(None))
        .order_by(col(PersonPhone.rank), col(Person.id))
    )
    if bound is not None:
        query = query.where(col(Person.site) == bound)
    found: dict[str, list[Person]] = defaultdict(list)
    for number, person in db.exec(query):
        found[number].append(person)
    return {number: tuple(people) for number, people in found.items()}
