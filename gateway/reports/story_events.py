"""What can happen in a person's story, one class for each kind of thing; instants are aware UTC, days are Bangkok's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from gateway.kit.answers import Answer
from gateway.records.contacts import Direction
from gateway.records.people import ConsentKind
from gateway.records.status import (
    AppointmentStatus,
    AttemptStatus,
    Channel,
    ReminderStatus,
    TaskKind,
    VisitStatus,
)


class Kind(StrEnum):
    """What sort of thing happened; of one instant, in the order they follow from each other."""

    BOOKED = "booked"
    DOSE = "dose"
    REMINDER = "reminder"  # one that did not go out, or not yet; those that did are texts, calls and visits
    TEXT = "text"  # a text we sent
    CALL = "call"  # a call we placed, or one that came to us
    REPLY = "reply"  # a text from the person
    MOVED = "moved"
    CONSENT = "consent"
    PARKED = "parked"  # a number turned out to be somebody else's
    VISIT = "visit"
    TASK = "task"
    TASK_DONE = "task_done"
    STAFF = "staff"  # something somebody did at the console
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, or is to come. `key` is the same each time the story is told."""

    kind: ClassVar[Kind]
    at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Place:
    """When and where an appointment is."""

    starts_at: datetime
    site: str
    site_name: str
    site_name_en: str


@dataclass(frozen=True, slots=True)
class Booked(Event):
    """An appointment was made; `source` is roster or second_dose. `status` is how it stands now."""

    kind: ClassVar[Kind] = Kind.BOOKED
    place: Place
    regimen: str
    dose_no: int
    source: str
    status: AppointmentStatus


@dataclass(frozen=True, slots=True)
class Moved(Event):
    """An appointment was moved; `by_person` when they chose the day themselves, `staff` names who else did."""

    kind: ClassVar[Kind] = Kind.MOVED
    before: Place | None
    after: Place
    by_person: bool
    staff: str
    status: AppointmentStatus


@dataclass(frozen=True, slots=True)
class Dose(Event):
    """A dose was given; only the day is known."""

    kind: ClassVar[Kind] = Kind.DOSE
    given_on: date
    regimen: str
    number: int
    product: str


@dataclass(frozen=True, slots=True)
class Planned(Event):
    """A reminder that did not go out, or is still to come."""

    kind: ClassVar[Kind] = Kind.REMINDER
    channel: Channel
    purpose: str
    step: str
    status: ReminderStatus
    reason: str
    tries: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A reminder that an attempt carried, and how it ended; `is_over` on the last of its attempts only."""

    purpose: str
    step: str
    status: ReminderStatus
    reason: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the carrier about an attempt: a status of ours where we know it, else as it was said."""

    at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase that was played: its key, its words, and the clip's hash ("" where the carrier spoke).

    `back` is its English, of a name or place: no script has those.
    """

    prompt: str
    text: str
    clip: str
    back: str = ""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answered, where it was not the person's own phone: its role for them, and whose own it is if one person's.

    `person` and `name` are "" where that is not known, or they belong to a site the reader does not see.
    """

    role: str
    person: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class TurnAnswer:
    """What one key answered for one person of a household; `name` as in Answerer."""

    person: str
    name: str
    meaning: Answer
    effects: tuple[str, ...]
    is_theirs: bool  # of the person whose story this is
    by: Answerer | None = None


@dataclass(frozen=True, slots=True)
class HeardTurn:
    """One exchange in a call: the key that was pressed (None: none was asked for, "": silence), and what was said then.

    `meaning` is the answer it was taken for, if it was one; a key may also ask for other days, or to hear it again.
    """

    number: int
    at: datetime
    digits: str | None
    meaning: Answer | None
    effects: tuple[str, ...]
    phrases: tuple[Phrase, ...]
    answers: tuple[TurnAnswer, ...] = ()  # where it answered for others, or another answered


@dataclass(frozen=True, slots=True)
class Attempted(Event):
    """A text or call, out or in, with all that the carrier said of it."""

    direction: Direction
    channel: Channel
    status: AttemptStatus
    reason: str
    number: str  # E.164
    language: str
    parts: int
    cost: float | None
    currency: str
    people: int  # whom it was for: one, or a household
    is_in_doubt: bool
    reminders: tuple[Carried, ...]
    words: tuple[Word, ...]
    others: tuple[tuple[str, str], ...]  # whom else it was for: id and name, those the reader may see


@dataclass(frozen=True, slots=True)
class Text(Attempted):
    """A text we sent; `body` is "" for one that went out before texts were kept."""

    kind: ClassVar[Kind] = Kind.TEXT
    body: str


@dataclass(frozen=True, slots=True)
class Call(Attempted):
    """A call, turn by turn; without turns nobody picked up."""

    kind: ClassVar[Kind] = Kind.CALL
    turns: tuple[HeardTurn, ...]


@dataclass(frozen=True, slots=True)
class Replied(Event):
    """What came back by itself: a text, as it was written, what it was taken for, and what came of it.

    `is_theirs` is false where several people use the phone and it is not known who wrote.
    """

    kind: ClassVar[Kind] = Kind.REPLY
    channel: Channel
    raw: str
    answer: Answer
    effects: tuple[str, ...]
    number: str
    language: str
    is_theirs: bool
    by: Answerer | None = None


@dataclass(frozen=True, slots=True)
class ConsentChanged(Event):
    """Contact on a phone was stopped or allowed again; `channel` None means every channel."""

    kind: ClassVar[Kind] = Kind.CONSENT
    change: ConsentKind
    channel: Channel | None
    number: str
    source: str
    staff: str


@dataclass(frozen=True, slots=True)
class Parked(Event):
    """A number is not used any more."""

    kind: ClassVar[Kind] = Kind.PARKED
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Visited(Event):
    """A volunteer was asked to knock on the door."""

    kind: ClassVar[Kind] = Kind.VISIT
    status: VisitStatus
    result: str


@dataclass(frozen=True, slots=True)
class TaskOpened(Event):
    """Work for staff; `assignee` is who has taken it, `is_open` whether it still waits."""

    kind: ClassVar[Kind] = Kind.TASK
    task: TaskKind
    detail: str
    assignee: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class TaskDone(Event):
    """The work was done, by somebody or by itself when an answer came after all."""

    kind: ClassVar[Kind] = Kind.TASK_DONE
    task: TaskKind
    result: str
    staff: str


@dataclass(frozen=True, slots=True)
class StaffActed(Event):
    """What somebody did at the console, and what it changed; "" where it was done from the command line."""

    kind: ClassVar[Kind] = Kind.STAFF
    verb: str
    about: str
    staff: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    is_undone: bool


@dataclass(frozen=True, slots=True)
class Noted(Event):
    """What staff wrote; withdrawn, it is still told, as withdrawn."""

    kind: ClassVar[Kind] = Kind.NOTE
    text: str
    staff: str
    is_withdrawn: bool
