"""The sandbox's handsets, made from the phones on record: it knows telephones, not us."""

from __future__ import annotations

import csv
from pathlib import Path

from sqlmodel import Session, case, col, func, select

from gateway.records.contacts import Attempt, Direction
from gateway.records.people import Phone
from gateway.records.status import Channel
from gateway.sandbox.handsets import Handset


def handsets(db: Session, habits_file: Path) -> list[Handset]:
    """One handset for each phone on record, with the contacts it had so far and the habits the sample gives it."""
    habits = _habits(habits_file)
    contacts = _contacts(db)
    found = []
    for phone in db.exec(select(Phone).order_by(col(Phone.e164))).all():
        label, profile = habits.get(phone.e164, ("", "typical"))
        every, calls = contacts.get(phone.id or 0, (0, 0))
        is_mobile = phone.line_type.value == "mobile"
        found.append(
            Handset(
                number=phone.e164,
                label=label,
                habits=profile if is_mobile or profile != "typical" else "landline",
                contacts_so_far=every,
                line="mobile" if is_mobile else "landline",
                calls_so_far=calls,
            )
        )
    return found


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
