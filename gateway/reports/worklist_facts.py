"""What is known about each task of a page: who, which phones, which day, what was written or pressed, what was tried.

Read for the whole page at once, one query a table, so that fifty tasks cost no more than one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlmodel import Session, SQLModel, col, select

from gateway.records.agreements import Appointment, Dose
from gateway.records.contacts import Attempt, AttemptItem, Receipt, Reminder
from gateway.records.conversations import Reply
from gateway.records.people import Consent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Session as Sitting
from gateway.records.staffing import Audit, Staff
from gateway.records.status import TaskKind
from gateway.records.work import Task
from gateway.reports.phone_people import people_by_number
from gateway.reports.spoken import Keyed, Spoken, keyed_for_tasks, spoken_for_tasks

_IDS: Final = re.compile(r"\b[0-9a-f]{32}\b")
_DOSE: Final = "dose:"  # how the second-dose pass names its tasks
_Row = TypeVar("_Row", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class Contact:
    """A number as it is dialled, and why it may be the wrong one."""

    e164: str
    role: PhoneRole
    has_stopped: bool = False  # asked not to be called on it by us: a person on the staff may still choose to
    is_parked: bool = False  # somebody said that it is not this person's


@dataclass(frozen=True, slots=True)
class Said:
    """What was written or pressed, as it came: `text` in its own script."""

    text: str
    channel: str
    answer: str
    at: datetime
    e164: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """What staff did with a task before: the verb, who, when, and the words kept of it."""

    verb: str
    who: str
    at: datetime
    words: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a page shows of a task beside the row itself; what is not known is None or empty."""

    person: Person | None = None
    contacts: tuple[Contact, ...] = ()
    appointment: Appointment | None = None
    session: Sitting | None = None
    said: Said | None = None
    attempt: Attempt | None = None
    receipt: Receipt | None = None
    others: tuple[tuple[Person, Appointment | None], ...] = ()  # whom else it may be about
    assignee: str = ""
    done_by: str = ""
    deeds: tuple[Deed, ...] = ()
    tries: int = 0  # calls by staff that nobody answered
    last_try: datetime | None = None
    spoken: tuple[Spoken, ...] = ()  # what was left after the tone
    keyed: Keyed | None = None  # the class of the number that was keyed
    called: str = ""  # the number of the call it is about
    maybe: tuple[Person, ...] = ()  # who uses the phone it came from, where it is not known who of them it was

    @property
    def from_phone(self) -> str:
        """The number it came from, where it is not known whose it is."""
        heard = self.spoken[0].e164 if self.spoken else ""
        return (self.said.e164 if self.said else "") or heard or (self.keyed.e164 if self.keyed else "") or self.called


@dataclass(slots=True)
class _Found:
    """Rows of a page, by id."""

    replies: Mapping[str, Reply]
    attempts: Mapping[str, Attempt]
    reminders: Mapping[str, Reminder]
    receipts: Mapping[str, Receipt]
    doses: Mapping[str, Dose]
    appointments: Mapping[str, Appointment]
    people: Mapping[str, Person] = field(default_factory=dict)
    contacts: Mapping[str, Sequence[Contact]] = field(default_factory=dict)
    numbers: Mapping[int, str] = field(default_factory=dict)
    sessions: Mapping[str, Sitting] = field(default_factory=dict)
    items: Mapping[str, AttemptItem] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    deeds: Mapping[str, Sequence[Audit]] = field(default_factory=dict)
    spoken: Mapping[str, tuple[Spoken, ...]] = field(default_factory=dict)
    keyed: Mapping[str, Keyed] = field(default_factory=dict)


def read_facts(db: Session, tasks: Sequence[Task], *, bound: str | None = None) -> dict[str, Facts]:
    """Return what is known about each of `tasks` (some dozens), by the task's id.

    `bound` is the site of whoever asks, None for those who see all: who else uses a phone is named to its site only.
    """
    found = _read(db, tasks)
    facts = {task.id: _facts(task, found) for task in tasks}
    nobodys = {key: one.from_phone for key, one in facts.items() if one.person is None and one.from_phone}
    maybe = people_by_number(db, set(nobodys.values()), bound=bound)
    return facts | {key: replace(facts[key], maybe=maybe.get(number, ())) for key, number in nobodys.items()}


def _read(db: Session, tasks: Sequence[Task]) -> _Found:
    subjects = {task.subject for task in tasks}
    named = {one for task in tasks for one in _IDS.findall(task.detail)}
    replies, attempts, reminders = (
        _by_id(db, Reply, subjects),
        _by_id(db, Attempt, subjects),
        _by_id(db, Reminder, subjects),
    )
    items = {one.attempt: one for one in _where(db, AttemptItem, AttemptItem.attempt, attempts) if one.position == 0}
    carriers: list[Reply | Reminder | AttemptItem] = [*replies.values(), *reminders.values(), *items.values()]
    about = {one.appointment for one in carriers if one.appointment}
    appointments = _by_id(db, Appointment, subjects | named | about)
    doses = {f"{_DOSE}{one.id}": one for one in _where(db, Dose, Dose.id, _dose_ids(subjects))}
    found = _Found(replies, attempts, reminders, _receipts(db, tasks), doses, appointments, items=items)
    _read_people(db, tasks, named | subjects, found)
    found.sessions = _by_id(db, Sitting, {one.session for one in appointments.values() if one.session})
    found.deeds = _deeds(db, tasks)
    ids = [task.id for task in tasks]
    found.spoken, found.keyed = spoken_for_tasks(db, ids), keyed_for_tasks(db, ids)
    who = {one for task in tasks for one in (task.assignee, task.done_by) if one}
    who |= {one.staff for deeds in found.deeds.values() for one in deeds if one.staff}
    who |= {str(one.after.get("assignee")) for deeds in found.deeds.values() for one in deeds}
    found.names = {one.id: one.name or one.email for one in _by_id(db, Staff, who).values()}
    return found


def _read_people(db: Session, tasks: Sequence[Task], also: Collection[str], found: _Found) -> None:
    ids = {task.person for task in tasks if task.person} | set(also)
    named: list[Appointment | AttemptItem | Reminder | Reply] = [*found.appointments.values(), *found.items.values()]
    named += [*found.reminders.values(), *found.replies.values()]
    ids |= {one.person for one in named if one.person}
    found.people = _by_id(db, Person, ids)
    links = _where(db, PersonPhone, PersonPhone.person, found.people)
    wanted = {one.phone for one in links} | {one.phone for one in found.replies.values()}
    wanted |= {one.phone for one in found.attempts.values()}
    phones = {one.id: one for one in _where(db, Phone, Phone.id, wanted) if one.id is not None}
    found.numbers = {key: one.e164 for key, one in phones.items()}
    contacts: dict[str, list[Contact]] = defaultdict(list)
    for link in sorted(links, key=lambda one: (one.rank, one.phone)):
        contacts[link.person].append(_contact(link, phones[link.phone]))
    found.contacts = contacts


def _contact(link: PersonPhone, phone: Phone) -> Contact:
    return Contact(phone.e164, link.role, link.voice is Consent.STOP, phone.parked_at is not None)


def _facts(task: Task, found: _Found) -> Facts:
    reply = found.replies.get(task.subject)
    attempt = found.attempts.get(task.subject)
    appointment = _appointment(task, found)
    person = _person(task, appointment, found)
    deeds = found.deeds.get(task.id, ())
    tried = [one for one in deeds if one.verb == "task_tried"]
    return Facts(
        person=person,
        contacts=tuple(found.contacts.get(person.id, ())) if person else (),
        appointment=appointment,
        session=found.sessions.get(appointment.session or "") if appointment else None,
        said=_said(reply, found) if reply else None,
        attempt=attempt,
        receipt=found.receipts.get(task.subject) if task.kind is TaskKind.UNMATCHED else None,
        others=_others(task, person, found),
        assignee=found.names.get(task.assignee or "", ""),
        done_by=found.names.get(task.done_by or "", ""),
        deeds=tuple(_deed(one, found) for one in deeds),
        tries=len(tried),
        last_try=tried[-1].at if tried else None,
        spoken=found.spoken.get(task.id, ()),
        keyed=found.keyed.get(task.id),
        called=found.numbers.get(attempt.phone, "") if attempt and task.kind is TaskKind.CALLBACK else "",
    )


def _appointment(task: Task, found: _Found) -> Appointment | None:
    rows = (found.replies.get(task.subject), found.reminders.get(task.subject), found.items.get(task.subject))
    ids = [task.subject, *(row.appointment or "" for row in rows if row is not None)]
    return next((found.appointments[one] for one in ids if one in found.appointments), None)


def _person(task: Task, appointment: Appointment | None, found: _Found) -> Person | None:
    item = found.items.get(task.subject)
    ids = (task.person, appointment.person if appointment else None, item.person if item else None)
    return next((found.people[one] for one in ids if one and one in found.people), None)


def _said(reply: Reply, found: _Found) -> Said:
    number = found.numbers.get(reply.phone, "")
    return Said(reply.raw, reply.channel.value, reply.answer.value, reply.at, number)


def _others(task: Task, person: Person | None, found: _Found) -> tuple[tuple[Person, Appointment | None], ...]:
    """Whom the detail names beside the task's own person: by appointment, or by themselves."""
    rows: list[tuple[Person, Appointment | None]] = []
    for one in _IDS.findall(task.detail):
        appointment = found.appointments.get(one)
        other = found.people.get(appointment.person if appointment else one)
        if other is not None and (appointment is not None or person is None or other.id != person.id):
            rows.append((other, appointment))
    return tuple(rows)


def _deed(audit: Audit, found: _Found) -> Deed:
    words, to = str(audit.after.get("result") or ""), str(audit.after.get("assignee") or "")
    return Deed(audit.verb, found.names.get(audit.staff or "", ""), audit.at, words, found.names.get(to, ""))


def _deeds(db: Session, tasks: Sequence[Task]) -> dict[str, list[Audit]]:
    found: dict[str, list[Audit]] = defaultdict(list)
    about = select(Audit).where(col(Audit.kind) == "task", col(Audit.subject).in_([task.id for task in tasks]))
    for audit in db.exec(about.order_by(col(Audit.at), col(Audit.id))):
        found[audit.subject].append(audit)
    return found


def _receipts(db: Session, tasks: Sequence[Task]) -> dict[str, Receipt]:
    """The newest word of a carrier about each thing nobody knows."""
    about = {task.subject for task in tasks if task.kind is TaskKind.UNMATCHED}
    rows = _where(db, Receipt, Receipt.carrier_id, about)
    return {one.carrier_id: one for one in sorted(rows, key=lambda one: (one.at, one.seq))}


def _dose_ids(subjects: Iterable[str]) -> set[int]:
    tails = (one.removeprefix(_DOSE) for one in subjects if one.startswith(_DOSE))
    return {int(tail) for tail in tails if tail.isascii() and tail.isdigit()}


def _by_id(db: Session, table: type[_Row], ids: Iterable[str]) -> dict[str, _Row]:
    key: Any = table.id  # type: ignore[attr-defined]
    return {row.id: row for row in _where(db, table, key, ids)}  # type: ignore[attr-defined]


def _where(db: Session, table: type[_Row], column: Any, values: Iterable[Any]) -> list[_Row]:
    known = list(values)
    return list(db.exec(select(table).where(col(column).in_(known)))) if known else []
