"""The house's rows as plain objects: at least the fields of DESIGN §5, oldest first, read in a stream.

Times are ISO 8601 with Bangkok's offset. Names, identities and whole numbers appear only where `personal` is asked for;
the number an attempt went to is masked always.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TextIO

import sqlalchemy as sa
from sqlmodel import Session, col

from gateway.care.tasks import read_result
from gateway.kit.answers import Answer
from gateway.kit.clock import bangkok_time
from gateway.kit.phones import mask
from gateway.kit.sheets import as_text
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Receipt, Reminder
from gateway.records.conversations import Outcome, Reply
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Seat
from gateway.records.status import RideStatus
from gateway.records.work import Ride, Task, Visit

Row = dict[str, Any]
_PAGE: Final = 500  # rows held in memory
_LONG_NUMBER: Final = re.compile(r"\+?\d(?:[\s.-]?\d){6,}")
_NUMBER: Final = re.compile(r"[+-]\d+")


class What(StrEnum):
    """What can be exported."""

    PEOPLE = "people"
    APPOINTMENTS = "appointments"
    REMINDERS = "reminders"
    ATTEMPTS = "attempts"
    REPLIES = "replies"
    VISITS = "visits"
    TASKS = "tasks"
    EVENTS = "events"


PERSONAL_FIELDS: Final = ("hospital_number", "name", "surname", "id_number")
FIELDS: Final[Mapping[What, tuple[str, ...]]] = {
    What.PEOPLE: (
        "id", "language", "channel", "site", "village", "district", "province", "target_group", "sample", "phone",
    ),
    What.APPOINTMENTS: (
        "id", "person", "site", "session", "starts_at", "vaccine", "dose", "status", "ticket", "come_at", "arrived_at",
        "ride", "pick_up_at", "source", "moved_from",
    ),
    What.REMINDERS: (
        "id", "appointment", "person", "purpose", "step", "channel", "due_at", "expires_at", "status", "reason",
        "tries",
    ),
    What.ATTEMPTS: (
        "id", "reminders", "person", "people", "direction", "channel", "to", "at", "status", "reason", "carrier",
        "carrier_id", "language", "segments", "cost", "currency",
    ),
    What.REPLIES: (
        "id", "person", "appointment", "attempt", "channel", "raw", "answer", "outcome", "at", "by_role", "by_person",
    ),
    What.VISITS: ("id", "reminder", "appointment", "person", "site", "village", "status", "result", "at"),
    What.TASKS: (
        "id", "kind", "subject", "person", "site", "village", "detail", "status", "at", "done_at", "done_by", "result",
    ),
    What.EVENTS: ("at", "kind", "subject", "what"),
}  # fmt: skip
"""The fields of each export in the order they are written."""


def fields_of(what: What, *, personal: bool = False) -> tuple[str, ...]:
    """Return the names of the fields, in order."""
    return FIELDS[what] + (PERSONAL_FIELDS if personal and what is What.PEOPLE else ())


def export(db: Session, what: What, *, personal: bool = False) -> Iterator[Row]:
    """Yield one object for each row of `what`, in an order that later rows do not change."""
    return _EXPORTS[what](db, personal)


def write_jsonl(rows: Iterable[Row], stream: TextIO) -> int:
    """Write one JSON object a line in UTF-8 text; return how many."""
    count = 0
    for row in rows:
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")
        count += 1
    return count


def write_csv(rows: Iterable[Row], stream: TextIO, fields: Iterable[str]) -> int:
    """Write a header and one line a row; lists are joined by spaces, what is absent is empty. Returns how many."""
    writer = csv.writer(stream, lineterminator="\n")
    names = list(fields)
    writer.writerow(names)
    count = 0
    for row in rows:
        writer.writerow([sheet_cell(row[name]) for name in names])
        count += 1
    return count


def _people(db: Session, personal: bool) -> Iterator[Row]:
    statement = (
        sa.select(Person, _first_phone().label("e164"))
        .order_by(col(Person.created_at), col(Person.id))
    )  # fmt: skip
    for person, e164 in _stream(db, statement):
        row = {
            "id": person.id,
            "language": person.language,
            "channel": person.preferred_channel,
            "site": person.site,
            "village": person.village,
            "district": person.district,
            "province": person.province,
            "target_group": person.target_group,
            "sample": person.sample,
            "phone": e164 if personal else _masked(e164),
        }
        if personal:
            row |= {"hospital_number": person.hn, "name": person.name, "surname": person.surname}
            row["id_number"] = person.id_value
        yield row


def _appointments(db: Session, _personal: bool) -> Iterator[Row]:
    """Each with its seat and, where somebody needs to be fetched, how far that is; who drives is in no export."""
    wanted = sa.and_(col(Ride.appointment) == col(Appointment.id), col(Ride.status) != RideStatus.CANCELLED)
    statement = (
        sa.select(Appointment, Seat, Ride)
        .outerjoin(Seat, col(Seat.appointment) == col(Appointment.id))
        .outerjoin(Ride, wanted)
        .order_by(col(Appointment.created_at), col(Appointment.id))
    )
    for one, seat, ride in _stream(db, statement):
        yield {
            "id": one.id,
            "person": one.person,
            "site": one.site,
            "session": one.session,
            "starts_at": _iso(one.starts_at),
            "vaccine": one.regimen,
            "dose": one.dose_no,
            "status": one.status,
            "ticket": seat.ticket if seat else None,
            "come_at": _iso(seat.come_at) if seat else None,
            "arrived_at": _iso(seat.arrived_at) if seat else None,
            "ride": ride.status if ride else None,
            "pick_up_at": _iso(ride.pick_up_at) if ride else None,
            "source": one.source,
            "moved_from": one.moved_from,
        }


def _reminders(db: Session, _personal: bool) -> Iterator[Row]:
    statement = sa.select(Reminder).order_by(col(Reminder.due_at), col(Reminder.id))
    for (one,) in _stream(db, statement):
        yield {
            "id": one.id,
            "appointment": one.appointment,
            "person": one.person,
            "purpose": one.purpose,
            "step": one.step,
            "channel": one.channel,
            "due_at": _iso(one.due_at),
            "expires_at": _iso(one.expires_at),
            "status": one.status,
            "reason": one.reason,
            "tries": one.tries,
        }


def _attempts(db: Session, _personal: bool) -> Iterator[Row]:
    statement = (
        sa.select(Attempt, Phone.e164, AttemptItem.reminder, AttemptItem.person)  # type: ignore[call-overload]
        .join(Phone, col(Phone.id) == col(Attempt.phone))
        .outerjoin(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .order_by(col(Attempt.created_at), col(Attempt.id), col(AttemptItem.position))
    )
    for (one, e164), items in groupby(_stream(db, statement), key=itemgetter(0, 1)):
        carried = list(items)
        people = list(dict.fromkeys(item[3] for item in carried if item[3] is not None))
        yield {
            "id": one.id,
            "reminders": [item[2] for item in carried if item[2] is not None],
            "person": carried[0][3],
            "people": people,  # everybody a household's call was about
            "direction": one.direction,
            "channel": one.channel,
            "to": mask(e164),
            "at": _iso(one.created_at),
            "status": one.status,
            "reason": one.reason,
            "carrier": one.carrier,
            "carrier_id": one.carrier_id,
            "language": one.language,
            "segments": one.segments,
            "cost": one.cost,
            "currency": one.currency,
        }


def _replies(db: Session, personal: bool) -> Iterator[Row]:
    statement = (
        sa.select(Reply, Outcome.effect)  # type: ignore[call-overload]
        .outerjoin(Outcome, col(Outcome.reply) == col(Reply.id))
        .order_by(col(Reply.at), col(Reply.id), col(Outcome.id))
    )
    for one, pairs in groupby(_stream(db, statement), key=itemgetter(0)):
        effects = dict.fromkeys(effect for _, effect in pairs if effect is not None)
        yield {
            "id": one.id,
            "person": one.person,
            "appointment": one.appointment,
            "attempt": one.attempt,
            "channel": one.channel,
            "raw": one.raw if personal else _said(one),
            "answer": one.answer,
            "outcome": ",".join(effects),
            "at": _iso(one.at),
            "by_role": one.by_role,
            "by_person": one.by_person,
        }


def _visits(db: Session, _personal: bool) -> Iterator[Row]:
    statement = (
        sa.select(Visit, Reminder.appointment, Reminder.person, Person.site, Person.village)  # type: ignore[call-overload]
        .join(Reminder, col(Reminder.id) == col(Visit.reminder))
        .join(Person, col(Person.id) == col(Reminder.person))
        .order_by(col(Visit.created_at), col(Visit.id))
    )
    for one, appointment, person, site, village in _stream(db, statement):
        yield {
            "id": one.id,
            "reminder": one.reminder,
            "appointment": appointment,
            "person": person,
            "site": site,
            "village": village,
            "status": one.status,
            "result": one.result,
            "at": _iso(one.created_at),
        }


def _tasks(db: Session, personal: bool) -> Iterator[Row]:
    """`done_by` is an account's id, None where it closed by itself; a note beside a result may name people."""
    statement = sa.select(Task).order_by(col(Task.created_at), col(Task.id))
    for (one,) in _stream(db, statement):
        yield {
            "id": one.id,
            "kind": one.kind,
            "subject": one.subject,
            "person": one.person,
            "site": one.site,
            "village": one.village,
            "detail": one.detail,
            "status": one.status,
            "at": _iso(one.created_at),
            "done_at": _iso(one.done_at),
            "done_by": one.done_by,
            "result": one.result if personal else _word_of_result(one.result),
        }


def _word_of_result(stored: str) -> str:
    result, _ = read_result(stored)
    return result.value if result is not None else ""


def _events(db: Session, _personal: bool) -> Iterator[Row]:
    """Everything that happened, in one timeline; a reminder's event is the moment it is due."""
    merged = sa.union_all(*_event_sources()).subquery()
    columns = merged.c
    statement = sa.select(merged).order_by(columns.at, columns.kind, columns.subject, columns.what)
    for at, kind, subject, what in _stream(db, statement):
        yield {"at": _iso(at), "kind": kind, "subject": subject, "what": what}


def _event_sources() -> list[sa.Select[Any]]:
    reply_at, reply_about = col(Reply.at), sa.func.coalesce(col(Reply.appointment), col(Reply.id))
    outcome_about = sa.func.coalesce(col(Outcome.appointment), col(Outcome.reply))
    receipt_about = sa.func.coalesce(col(Receipt.attempt), col(Receipt.carrier_id))
    done = sa.func.coalesce(_word(Task.kind), "") + " done"
    arranged = col(Ride.arranged_at).is_not(None)
    return [
        _event(Reminder.due_at, "reminder", Reminder.id, _words(Reminder.step, Reminder.channel, Reminder.status)),
        _event(Attempt.created_at, "attempt", Attempt.id, _words(Attempt.direction, Attempt.channel, Attempt.status)),
        _event(Receipt.at, "receipt", receipt_about, _word(Receipt.status)),
        _event(reply_at, "reply", reply_about, _words(Reply.channel, Reply.answer)),
        _event(col(Outcome.at), "outcome", outcome_about, _word(Outcome.effect)),
        _event(Task.created_at, "task", Task.subject, _word(Task.kind)),
        _event(Task.done_at, "task", Task.subject, done).where(col(Task.done_at).is_not(None)),
        _event(Visit.created_at, "visit", Visit.reminder, _word(Visit.status)),
        _event(Ride.asked_at, "ride", Ride.appointment, sa.literal("asked")),
        _event(Ride.arranged_at, "ride", Ride.appointment, sa.literal("arranged")).where(arranged),
        _event(Seat.arrived_at, "seat", Seat.appointment, sa.literal("arrived")).where(
            col(Seat.arrived_at).is_not(None)
        ),
    ]


def _event(at: Any, kind: str, subject: Any, what: Any) -> sa.Select[Any]:
    return sa.select(at.label("at"), sa.literal(kind).label("kind"), subject.label("subject"), what.label("what"))


def _words(first: Any, *others: Any) -> sa.ColumnElement[str]:
    joined = _word(first)
    for other in others:
        joined = joined + " " + _word(other)
    return joined


def _word(column: Any) -> sa.ColumnElement[str]:
    return sa.cast(column, sa.String)


def _first_phone() -> sa.ScalarSelect[str]:
    """The phone that is tried first; a volunteer's own is nobody else's."""
    number: Any = Phone.e164
    found: sa.ScalarSelect[str] = (
        sa.select(number)
        .join(PersonPhone, col(PersonPhone.phone) == col(Phone.id))
        .where(col(PersonPhone.person) == col(Person.id))
        .where(col(PersonPhone.role) != PhoneRole.VHV, col(Phone.parked_at).is_(None))
        .order_by(col(PersonPhone.rank), col(PersonPhone.phone))
        .limit(1)
        .correlate(Person)
        .scalar_subquery()
    )
    return found


def _stream(db: Session, statement: Any) -> Iterator[Any]:
    yield from db.exec(statement, execution_options={"yield_per": _PAGE})


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else bangkok_time(instant).isoformat()


def _masked(e164: str | None) -> str | None:
    return None if e164 is None else mask(e164)


def _said(reply: Reply) -> str:
    """What was understood is only keys and known words; in the rest people write their names."""
    return "•••" if reply.answer is Answer.UNCLEAR and reply.raw else _without_numbers(reply.raw)


def _without_numbers(text: str) -> str:
    """A text as somebody wrote it, but for numbers of seven digits and more: they may be a phone or an identity."""
    return _LONG_NUMBER.sub(lambda match: mask(match[0]), text)


def sheet_cell(value: Any) -> Any:
    """Return a value as a cell of a spreadsheet: lists joined by spaces, nothing as nothing, and no text a formula."""
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return as_text(value)  # a spreadsheet would run what a stranger texted us
    return "" if value is None else value


_EXPORTS: Final[Mapping[What, Callable[[Session, bool], Iterator[Row]]]] = {
    What.PEOPLE: _people,
    What.APPOINTMENTS: _appointments,
    What.REMINDERS: _reminders,
    What.ATTEMPTS: _attempts,
    What.REPLIES: _replies,
    What.VISITS: _visits,
    What.TASKS: _tasks,
    What.EVENTS: _events,
}
