"""What was heard from a person since a deed, so that taking the deed back never wipes it out (laws 4 and 5).

An answer that finds things as it wants them (STOP on a stopped phone, a yes on a confirmed appointment) changes no
row that the deed left. So a deed keeps how far the records of answers and consents went, as row numbers: a business
clock that stands still has no before and after.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.records.agreements import Appointment
from gateway.records.conversations import Outcome, Reply
from gateway.records.people import ConsentEvent, PersonPhone
from gateway.records.staffing import Audit

HEARD: Final = "heard"
"""Where a deed's `before` keeps its mark."""
_OUTCOMES: Final = "outcomes"
_CONSENTS: Final = "consents"
_BY_STAFF: Final = ("staff", "undone")  # sources of a consent that is a deed itself, or the taking back of one
_CONSENT_VERBS: Final = ("stopped", "resumed")


def heard_so_far(db: Session) -> dict[str, int]:
    """The numbers of the newest outcome and the newest change of a consent; every reply that counts has an outcome."""
    return {
        _OUTCOMES: db.exec(select(sa.func.max(col(Outcome.id)))).one() or 0,
        _CONSENTS: db.exec(select(sa.func.max(col(ConsentEvent.id)))).one() or 0,
    }


def was_heard_since(db: Session, audit: Audit) -> bool:
    """Whether the deed's person answered in any way, or a consent of theirs was changed, after the deed.

    A consent that staff changed counts until that deed is taken back. A deed without a mark counts from the beginning.
    """
    return _has_answered(db, audit) or _has_consented(db, audit) or _staff_recorded_consent(db, audit)


def _has_answered(db: Session, audit: Audit) -> bool:
    """Also from a phone of theirs where it is not known who spoke: a STOP from there means everybody."""
    appointments = select(Appointment.id).where(col(Appointment.person) == audit.person)
    theirs = sa.or_(
        col(Reply.person) == audit.person,
        col(Reply.appointment).in_(appointments),
        col(Outcome.appointment).in_(appointments),
        sa.and_(col(Reply.person).is_(None), col(Reply.phone).in_(_phones(db, audit))),
    )
    newer = (
        select(Outcome.id)
        .join(Reply, col(Reply.id) == col(Outcome.reply))
        .where(col(Outcome.id) > _mark(audit, _OUTCOMES))
    )
    return db.exec(newer.where(theirs).limit(1)).first() is not None


def _has_consented(db: Session, audit: Audit) -> bool:
    newer = select(ConsentEvent.id).where(
        col(ConsentEvent.person) == audit.person,
        col(ConsentEvent.id) > _mark(audit, _CONSENTS),
        col(ConsentEvent.source).not_in(_BY_STAFF),
    )
    return db.exec(newer.limit(1)).first() is not None


def _staff_recorded_consent(db: Session, audit: Audit) -> bool:
    standing = select(Audit).where(
        col(Audit.person) == audit.person, col(Audit.verb).in_(_CONSENT_VERBS), col(Audit.undone_at).is_(None)
    )
    mark = _mark(audit, _CONSENTS)
    return any(_mark(deed, _CONSENTS) > mark for deed in db.exec(standing))


def _phones(db: Session, audit: Audit) -> set[int]:
    """The person's phones, with those the deed gave them or took from them."""
    now = set(db.exec(select(PersonPhone.phone).where(col(PersonPhone.person) == audit.person)))
    changed: dict[str, Any] = {**audit.before.get("person_phone", {}), **audit.after.get("person_phone", {})}
    return now | {int(key) for key in changed}


def _mark(audit: Audit, name: str) -> int:
    return int(audit.before.get(HEARD, {}).get(name, 0))
