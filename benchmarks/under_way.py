"""Attempts the carrier has taken, of people of the workload: what receipts and calls are heard of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import SQLModel

from benchmarks import workload
from benchmarks.http_server import NOW
from gateway.records import tables  # noqa: F401  # every table is in the metadata
from gateway.records.database import Database
from gateway.records.status import AttemptStatus, Channel, ReminderStatus


@dataclass(frozen=True)
class UnderWay:
    """One attempt: its id, the carrier's, and whether it is a call."""

    id: str
    carrier_id: str
    is_call: bool


def submit(database: Database, count: int, *, calls: float, first: int, answered: bool = False) -> list[UnderWay]:
    """`count` attempts, a share of them `calls`, each of one reminder of its own (needs `workload.fill`).

    They are about the `first`th appointment and those after it; of a day to come: who is past theirs is asked nothing.
    With `answered` the calls are under way, and everybody in them has said what there is to say.
    """
    made = [_one(n, is_call=n % 100 < calls * 100) for n in range(count)]
    table = SQLModel.metadata.tables
    with database.unit_of_work() as db:
        for name, rows in _rows(made, first, answered).items():
            if rows:
                db.execute(sa.insert(table[name]), rows)
    workload.analyse(database)
    return made


def _one(n: int, *, is_call: bool) -> UnderWay:
    return UnderWay(f"{n:032x}", f"{'CA' if is_call else 'SM'}{n:032x}", is_call)


def _rows(made: list[UnderWay], first: int, answered: bool) -> dict[str, list[dict[str, object]]]:
    rows: dict[str, list[dict[str, object]]] = {"reminder": [], "attempt": [], "attempt_item": [], "call": []}
    for n, one in enumerate(made, first):
        channel = Channel.VOICE if one.is_call else Channel.SMS
        about, person = workload.appointment_id(n), workload.person_id(n)
        is_said = answered and one.is_call
        rows["reminder"].append({
            "id": one.id, "appointment": about, "person": person, "purpose": "reminder", "step": "reminder",
            "channel": channel, "due_at": NOW, "next_try_at": NOW, "tries": 1, "priority": 0, "error_count": 0,
            "expires_at": NOW + timedelta(hours=9),
            "status": ReminderStatus.ANSWERED if is_said else ReminderStatus.SENT,
        })  # fmt: skip
        rows["attempt"].append({
            "id": one.id, "direction": "out", "phone": n + 1, "channel": channel, "status": AttemptStatus.SUBMITTED,
            "rank": 1, "carrier": "twilio", "carrier_id": one.carrier_id, "sender": "+6620000000", "language": "th",
            "assets": [], "body": "", "segments": 0, "created_at": NOW, "submitted_at": NOW, "looks": 0,
        })  # fmt: skip
        rows["attempt_item"].append(
            {"attempt": one.id, "position": 0, "reminder": one.id, "appointment": about, "person": person, "live": True}
        )
        if is_said:
            rows["call"].append({
                "id": one.id, "attempt": one.id, "carrier_sid": one.carrier_id, "flow": "reminder_call",
                "flow_version": 1, "state": {}, "turn_no": 1, "person": person, "opened_at": NOW,
            })  # fmt: skip
    return rows
