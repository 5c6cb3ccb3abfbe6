"""The rows of ordinary cases, many at once: which reminders are due, their attempts, and what the carrier said of them.

An ordinary case is one person with one telephone that nobody else uses, reminded of one appointment (`_ORDINARY`).
Everything else is left to `outbox` and `sender`, one by one, and so is every ordinary case of which these are not sure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from gateway.dispatch.telephones import LONGEST_HALF_DAY
from gateway.kit.clock import in_utc
from gateway.kit.ids import new_id
from gateway.records.quick_sql import write_many
from gateway.records.status import RANK, AttemptStatus, Channel

_DUE: Final = """
WITH due AS (
  SELECT id, appointment, person, purpose, tries, expires_at, priority, due_at FROM reminder
  WHERE status = 'planned' AND {few}channel = :channel AND next_try_at <= :due_by AND appointment IS NOT NULL
  ORDER BY {few}expires_at, priority, due_at, id LIMIT :limit {lock}
)
SELECT r.id, r.appointment, r.person, r.purpose, r.expires_at,
  a.site, a.regimen, a.dose_no, a.starts_at, p.name, p.name_native, p.language, p.neutral,
  ph.id AS phone, ph.e164, seat.ticket,
  CASE WHEN {ordinary} THEN 1 ELSE 0 END AS is_ordinary
FROM due r
JOIN appointment a ON a.id = r.appointment
JOIN person p ON p.id = r.person
LEFT JOIN person_phone pp ON pp.person = r.person
  AND pp.phone = (SELECT min(x.phone) FROM person_phone x WHERE x.person = r.person)
LEFT JOIN phone ph ON ph.id = pp.phone
LEFT JOIN seat ON seat.appointment = a.id
ORDER BY r.expires_at, r.priority, r.due_at, r.id
"""

_FEW: Final = 2_000
_HOW_MANY: Final = sa.text("""
SELECT count(*) FROM (
  SELECT 1 FROM reminder WHERE status = 'planned' AND next_try_at <= :due_by LIMIT :few
) AS few
""")
"""Few due among many planned are found by when they are due, many due by whose turn it is. PostgreSQL knows from its
own counting; SQLite is told, by a + that keeps it from the other index."""

_ORDINARY: Final = """
  r.purpose IN ('notice', 'reminder', 'morning', 'second_dose') AND a.person = r.person
  AND a.status IN ('booked', 'confirmed') AND a.starts_at > :quiet_until AND r.expires_at > :now
  AND p.died_on IS NULL AND p.merged_into IS NULL AND (p.sample = {false} OR NOT :reaches_people)
  AND p.reads_script IS NULL AND ph.parked_at IS NULL AND pp.role <> 'vhv'
  AND NOT EXISTS (SELECT 1 FROM person_phone x WHERE x.person = r.person AND x.phone <> pp.phone)
  AND NOT EXISTS (SELECT 1 FROM person_phone x WHERE x.phone = pp.phone AND x.person <> r.person)
  AND NOT EXISTS (SELECT 1 FROM reminder x WHERE x.person = r.person AND x.id <> r.id AND x.status = 'planned'
    AND x.channel = :channel AND x.next_try_at < :day_ends)
"""
"""`outbox` in one condition; where this is stricter, the one by one path decides. Who is spoken of with whom, and what
is said of two appointments, is left to that, too: hence one telephone, one user, one reminder."""

_BY: Final[Mapping[Channel, str]] = {
    Channel.SMS: """
  AND pp.sms = 'allow' AND ph.line_type = 'mobile'
  AND NOT EXISTS (SELECT 1 FROM carrier_block x WHERE x.phone = pp.phone AND x.sender = :sender)
""",
    Channel.VOICE: """
  AND pp.voice = 'allow'
  AND NOT EXISTS (SELECT 1 FROM attempt x WHERE x.phone = pp.phone AND x.created_at > :half_day AND x.channel = 'voice')
  AND NOT EXISTS (SELECT 1 FROM reminder y JOIN attempt_item i ON i.reminder = y.id JOIN attempt x ON x.id = i.attempt
    WHERE y.person = r.person AND x.created_at > :half_day AND x.channel = 'voice')
  AND NOT EXISTS (SELECT 1 FROM appointment x WHERE x.person = r.person AND x.id <> a.id AND x.status = 'booked')
""",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is claimed and by which rules; all instants aware. `day_ends` is the end of this Bangkok day."""

    channel: Channel
    limit: int
    now: datetime
    due_by: datetime
    day_ends: datetime
    quiet: timedelta
    sender: str
    reaches_people: bool


@dataclass(frozen=True, slots=True)
class ToWrite:
    """One attempt for one reminder, as it is to be stored."""

    reminder: str
    appointment: str
    person: str
    phone: int
    language: str
    assets: tuple[str, ...]
    body: str
    body_sha: str | None
    segments: int
    cost: float


def due_rows(db: Session, asked: Asked) -> Sequence[Any]:
    """Reminders of a channel that are due, in the order of their turn, each with whether it is an ordinary case."""
    is_sqlite = _is_sqlite(db)
    ordinary = (_ORDINARY + _BY[asked.channel]).format(false="0" if is_sqlite else "false")
    lock = "" if is_sqlite else "FOR UPDATE SKIP LOCKED"
    values = {
        "channel": asked.channel.value,
        "limit": asked.limit,
        "due_by": stored(db, asked.due_by),
        "now": stored(db, asked.now),
        "quiet_until": stored(db, asked.now + asked.quiet),
        "day_ends": stored(db, asked.day_ends),
        "reaches_people": asked.reaches_people,
    }
    if asked.channel is Channel.SMS:
        values["sender"] = asked.sender
    else:
        values["half_day"] = stored(db, asked.now - LONGEST_HALF_DAY)
    found = db.connection().execute(_HOW_MANY, {"due_by": values["due_by"], "few": _FEW}).scalar_one()
    if not found:
        return []
    few = "+" if is_sqlite and found < _FEW else ""
    return db.connection().execute(sa.text(_DUE.format(ordinary=ordinary, lock=lock, few=few)), values).all()


_ATTEMPT: Final = """
INSERT INTO attempt (id, direction, phone, channel, status, rank, carrier, sender, language, assets, body_sha, body,
  segments, cost, currency, created_at, looks)
VALUES (?, 'out', ?, ?, 'queued', 0, ?, ?, ?, {assets}, ?, ?, ?, ?, 'USD', ?, 0)
"""
_ITEM: Final = """
INSERT INTO attempt_item (attempt, position, reminder, appointment, person, live) VALUES (?, 0, ?, ?, ?, {true})
"""
_CLAIM: Final = sa.text("""
UPDATE reminder SET status = 'claimed', reason = NULL, lease_until = :lease_until
WHERE id IN :ids AND status = 'planned'
""").bindparams(sa.bindparam("ids", expanding=True))


def write_attempts(
    db: Session, channel: Channel, wanted: Sequence[ToWrite], *, carrier: str, sender: str, now: datetime,
    lease_until: datetime,
) -> list[str]:  # fmt: skip
    """Write these attempts and claim their reminders; returns the attempts' ids, in this order.

    Raises LookupError when one of them is not planned: the caller's transaction is then to be rolled back.
    """
    is_sqlite, at = _is_sqlite(db), stored(db, now)
    ids = [new_id() for _ in wanted]
    assets = lru_cache(maxsize=None)(lambda marks: json.dumps(list(marks)))
    attempts = [
        (
            key, one.phone, channel.value, carrier, sender, one.language, assets(one.assets), one.body_sha, one.body,
            one.segments, one.cost, at,
        )
        for key, one in zip(ids, wanted, strict=True)
    ]  # fmt: skip
    items = [(key, one.reminder, one.appointment, one.person) for key, one in zip(ids, wanted, strict=True)]
    write_many(db, _ATTEMPT.format(assets="?" if is_sqlite else "CAST(? AS json)"), attempts)
    write_many(db, _ITEM.format(true="1" if is_sqlite else "true"), items)
    reminders = [one.reminder for one in wanted]
    claimed = db.connection().execute(_CLAIM, {"ids": reminders, "lease_until": stored(db, lease_until)})
    if claimed.rowcount != len(reminders):
        raise LookupError("a reminder that was due is no longer planned")
    return ids


_UNTOUCHED: Final = sa.text("""
SELECT t.id, i.reminder FROM attempt t JOIN attempt_item i ON i.attempt = t.id
WHERE t.id IN :ids AND t.status = 'queued' AND t.submitted_at IS NULL AND t.carrier_id IS NULL
  AND t.in_doubt_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM attempt_item x LEFT JOIN reminder r ON r.id = x.reminder
    WHERE x.attempt = t.id AND (r.status IS NULL OR r.status <> 'claimed'))
""").bindparams(sa.bindparam("ids", expanding=True))
_TAKEN: Final = """
UPDATE attempt SET carrier_id = ?, submitted_at = ?, status = 'submitted', reason = NULL, rank = ?, next_look_at = NULL
WHERE id = ?
"""
_SENT: Final = sa.text("""
UPDATE reminder SET status = 'sent', reason = NULL, tries = tries + 1, error_count = 0, lease_until = NULL
WHERE id IN :ids
""").bindparams(sa.bindparam("ids", expanding=True))


def record_taken(db: Session, taken: Mapping[str, str], *, now: datetime) -> set[str]:
    """Write that the carrier took these attempts (its ids by ours); returns those it was written of.

    Only of attempts of which nothing was heard since they were claimed, not by a callback either; whatever a
    household's carries is sent with it.
    """
    connection = db.connection()
    found = connection.execute(_UNTOUCHED, {"ids": list(taken)}).all()
    if not found:
        return set()
    at, rank = stored(db, now), RANK[AttemptStatus.SUBMITTED]
    attempts = {one for one, _ in found}
    write_many(db, _TAKEN, [(taken[one], at, rank, one) for one in sorted(attempts)])
    connection.execute(_SENT, {"ids": [reminder for _, reminder in found]})
    return attempts


def stored(db: Session, instant: datetime) -> object:
    """An instant (aware) as this engine stores it."""
    utc = in_utc(instant)
    return utc.strftime("%Y-%m-%d %H:%M:%S.%f") if _is_sqlite(db) else utc


def read_instant(value: Any) -> datetime:
    """An instant as it is read from a row without the column's type."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _is_sqlite(db: Session) -> bool:
    return db.get_bind().dialect.name == "sqlite"
