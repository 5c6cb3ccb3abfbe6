"""Every deed at the desk that can be taken back, in one line each, and the taking back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel, col, select

from gateway.care import at_the_desk, desk_door, desk_people, desk_phones, desk_rides
from gateway.care.at_the_desk import CancelReason, NotPossible
from gateway.care.undo import undo
from gateway.records.agreements import Appointment
from gateway.records.people import PersonPhone
from gateway.records.staffing import Audit
from gateway.records.status import Channel
from tests.care.conftest import NOW
from tests.care.desk import SOMEL, day

BY: dict[str, Any] = {"staff": SOMEL, "now": NOW}
PICKED_UP: dict[str, Any] = {"pick_up_at": NOW + timedelta(minutes=4), "driver": "the temple's van"}
ONLY_GROW = ("audit", "consent_event", "uncounted")
"""The record of deeds, the history of a consent, and what the next tick is to count anew."""
COUNTS_ON = {
    "appointment": {"version"},
    "seat": {"id"},
    "dose": {"id"},
    "phone": {"id"},
    "attempt": {"cancel_requested_at"},
}


def expect_refusal(key: str):
    return pytest.raises(NotPossible, match=f"^{key}$")


def take_back(house, audit: Audit, *, by: str = SOMEL, after: float = 1) -> Audit:
    return undo(house.db, audit.id, staff=by, now=NOW, real_now=datetime.now(UTC) + timedelta(seconds=after))


def everything(house) -> dict[str, list[str]]:
    """All rows of all tables but what a deed leaves behind on purpose."""
    house.db.flush()
    house.db.expire_all()
    found: dict[str, list[str]] = {}
    for table in SQLModel.metadata.sorted_tables:
        if table.name in ONLY_GROW:
            continue
        hidden = COUNTS_ON.get(table.name, set())
        rows = house.db.execute(table.select()).mappings().all()
        if table.name == "phone":  # a number on which a consent was recorded stays known
            used = {row["phone"] for row in house.db.execute(select(PersonPhone.phone)).mappings()}
            rows = [row for row in rows if row["id"] in used]
        if table.name == "note":
            rows = [row for row in rows if row["withdrawn_at"] is None]
        found[table.name] = sorted(str({k: v for k, v in row.items() if k not in hidden}) for row in rows)
    return found


DEEDS = {
    "confirmed": lambda h, o: at_the_desk.confirmed(h.db, current(h, o), **BY),
    "moved": lambda h, o: at_the_desk.moved(h.db, current(h, o), o.other.id, chosen=False, **BY),
    "moved as chosen": lambda h, o: at_the_desk.moved(h.db, current(h, o), o.other.id, chosen=True, **BY),
    "moved back": lambda h, o: at_the_desk.moved(h.db, current(h, o), o.session.id, chosen=True, text=False, **BY),
    "cancelled": lambda h, o: at_the_desk.cancelled(h.db, current(h, o), reason=CancelReason.ILL, text=True, **BY),
    "came": lambda h, o: at_the_desk.came(h.db, current(h, o), **BY),
    "arrived": lambda h, o: desk_door.arrived(h.db, current(h, o), **BY),
    "not_arrived": lambda h, o: desk_door.not_arrived(h.db, current(h, o), **BY),
    "ride_asked": lambda h, o: desk_rides.asked(h.db, current(h, o), **BY),
    "ride_arranged": lambda h, o: desk_rides.arranged(h.db, current(h, o), **PICKED_UP, **BY),
    "ride_cancelled": lambda h, o: desk_rides.cancelled(h.db, current(h, o), **BY),
    "missed": lambda h, o: at_the_desk.missed(h.db, current(h, o), staff=SOMEL, now=NOW + timedelta(hours=9)),
    "vaccinated": lambda h, o: at_the_desk.vaccinated(h.db, current(h, o), product="influenza", given_on=day(0), **BY),
    "died": lambda h, o: desk_people.died(h.db, o.person.id, day=day(0), **BY),
    "stopped": lambda h, o: desk_people.stopped(h.db, o.person.id, **BY),
    "stopped texts": lambda h, o: desk_people.stopped(h.db, o.person.id, channel=Channel.SMS, **BY),
    "resumed": lambda h, o: desk_people.resumed(h.db, o.person.id, **BY),
    "noted": lambda h, o: desk_people.noted(h.db, o.person.id, "x", **BY),
    "language_corrected": lambda h, o: desk_people.language_corrected(h.db, o.person.id, "lo", **BY),
    "reading_noted": lambda h, o: desk_people.reading_noted(h.db, o.person.id, False, **BY),
    "phone_added": lambda h, o: desk_phones.phone_added(h.db, o.person.id, "0899990001", **BY),
    "phone_corrected": lambda h, o: desk_phones.phone_corrected(h.db, o.person.id, o.phone.id, "0899990002", **BY),
}


def current(house, one) -> str:
    """The person's newest appointment."""
    mine = select(Appointment.id).where(Appointment.person == one.person.id, Appointment.regimen == "influenza")
    after = select(Appointment.moved_from).where(col(Appointment.moved_from).is_not(None))
    return house.db.exec(mine.where(col(Appointment.id).not_in(after))).one()
