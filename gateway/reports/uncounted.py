"""Which appointments the changes may concern that the summary does not know of yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from gateway.records.figures import Changed

MOST: Final = 2000
"""Changes; with more of them a page counts the rows themselves: a roster was loaded a moment ago."""
_ALL: Final = 2**62  # more than there will ever be
_SEEN: Final = "WITH u AS (SELECT DISTINCT about FROM uncounted WHERE kind = :kind AND id <= :until) "

# Every step is by an index. CROSS JOIN: SQLite then takes the tables in this order, whatever it believes of their size;
# after a roster's half a million changes it would read every appointment for the next five.
_REPLIES: Final = "FROM u CROSS JOIN reply y"
_OF_A_CHANGE: Final = {
    Changed.APPOINTMENT: ("SELECT about AS appointment FROM u",),
    Changed.REMINDER: ("SELECT r.appointment FROM u CROSS JOIN reminder r WHERE r.id = u.about",),
    Changed.ATTEMPT: (
        "SELECT i.appointment FROM u CROSS JOIN attempt_item i WHERE i.attempt = u.about",
        "SELECT r.appointment FROM u CROSS JOIN attempt_item i CROSS JOIN reminder r"
        " WHERE i.attempt = u.about AND r.id = i.reminder",
        # Who answered it counts for its channel, also where it was not about them.
        f"SELECT y.appointment {_REPLIES} WHERE y.attempt = u.about",
        f"SELECT o.appointment {_REPLIES} CROSS JOIN outcome o WHERE y.attempt = u.about AND o.reply = y.id",
        f"SELECT a.id {_REPLIES} CROSS JOIN appointment a WHERE y.attempt = u.about AND a.confirmed_by_reply = y.id",
    ),
    Changed.REPLY: (
        "SELECT o.appointment FROM u CROSS JOIN outcome o WHERE o.reply = u.about",
        "SELECT a.id FROM u CROSS JOIN appointment a WHERE a.confirmed_by_reply = u.about",
    ),
    Changed.PERSON: ("SELECT a.id FROM u CROSS JOIN appointment a WHERE a.person = u.about",),
    Changed.PHONE: (
        "SELECT a.id FROM u CROSS JOIN person_phone p CROSS JOIN appointment a"
        " WHERE p.phone = CAST(u.about AS INTEGER) AND a.person = p.person",
    ),
}
_CHANGES: Final = sa.text(
    "SELECT kind, count(*) FROM (SELECT kind FROM uncounted WHERE id <= :until LIMIT :most) AS found GROUP BY kind"
)


def changes(db: Session, *, until: int = _ALL) -> dict[Changed, int]:
    """Return how many changes of each kind wait to be counted, MOST + 1 in all at the most."""
    found = db.connection().execute(_CHANGES, {"until": until, "most": MOST + 1})
    return {Changed(kind): n for kind, n in found}


def concerned(db: Session, kinds: Iterable[Changed], *, until: int = _ALL) -> list[str]:
    """Return the ids of the appointments that changes of these kinds may concern; some of them may be gone."""
    found: set[str | None] = set()
    for kind in kinds:
        seen = sa.text(_SEEN + " UNION ".join(_OF_A_CHANGE[kind]))
        found.update(db.connection().execute(seen, {"kind": kind.value, "until": until}).scalars())
    return sorted(one for one in found if one is not None)


def among(db: Session, ids: Sequence[str]) -> Any:
    """Return a query that gives these ids: bound as one value, so that the statement is the same for any number."""
    if db.get_bind().dialect.name == "postgresql":
        return sa.select(sa.func.unnest(sa.bindparam(None, list(ids), sa.ARRAY(sa.String()))))
    return sa.select(sa.func.json_each(json.dumps(ids)).table_valued("value").c.value)
