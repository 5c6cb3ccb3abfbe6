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

# Every step is by an index.
_OF_A_CHANGE: Final = {
    Changed.APPOINTMENT: ("SELECT about AS appointment FROM u",),
    Changed.REMINDER: ("SELECT r.appointment FROM u JOIN reminder r ON r.id = u.about",),
    Changed.ATTEMPT: (
        "SELECT i.appointment FROM u JOIN attempt_item i ON i.attempt = u.about",
        "SELECT r.appointment FROM u JOIN attempt_item i ON i.attempt = u.about JOIN reminder r ON r.id = i.reminder",
        # Who answered it counts for its channel, also where it was not about them.
        "SELECT y.appointment FROM u JOIN reply y ON y.attempt = u.about",
        "SELECT o.appointment FROM u JOIN reply y ON y.attempt = u.about JOIN outcome o ON o.reply = y.id",
        "SELECT a.id FROM u JOIN reply y ON y.attempt = u.about JOIN appointment a ON a.confirmed_by_reply = y.id",
    ),
    Changed.REPLY: (
        "SELECT o.appointment FROM u JOIN outcome o ON o.reply = u.about",
        "SELECT a.id FROM u JOIN appointment a ON a.confirmed_by_reply = u.about",
    ),
    Changed.PERSON: ("SELECT a.id FROM u JOIN appointment a ON a.person = u.about",),
    Changed.PHONE: (
        "SELECT a.id FROM u JOIN person_phone p ON p.phone = CAST(u.about AS INTEGER)"
        " JOIN appointment a ON a.person = p.person",
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
