"""Which of a person's telephones is tried first, once a file changed them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.particulars import SaidPhone
from gateway.care.people import in_chunks
from gateway.records.people import PersonPhone, Phone


def rank_newest_first(db: Db, said: Mapping[str, Sequence[SaidPhone]]) -> None:
    """Rank the numbers a new file says before those that stayed: the person's own first, then the household's.

    `said`: person id -> the file's numbers in their order. A number kept for the stop on it goes behind, else the
    wrong number would still be the first one called.
    """
    links: dict[str, list[tuple[PersonPhone, str]]] = defaultdict(list)
    for chunk in in_chunks(said):
        query = select(PersonPhone, Phone.e164).join(Phone, col(Phone.id) == col(PersonPhone.phone))
        for link, e164 in db.exec(query.where(col(PersonPhone.person).in_(chunk))):
            links[link.person].append((link, e164))
    for person, mine in links.items():
        ordered = sorted(said[person], key=lambda one: one.household)
        place = {one.number.e164: at for at, one in enumerate(ordered)}
        if not any(e164 not in place for _, e164 in mine):
            continue  # nothing stayed behind: the ranks given when they were stored hold
        mine.sort(key=lambda pair: (place.get(pair[1], len(place)), pair[0].rank, pair[1]))
        for rank, (link, _) in enumerate(mine):
            link.rank = rank
            db.add(link)
    db.flush()
