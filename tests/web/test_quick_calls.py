"""Calls answered together leave the records, and say to people, what calls answered one by one do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from gateway.carriers.port import CallEvent
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import Call, Turn
from gateway.records.people import ConsentEvent, ConsentKind, Person, PersonPhone, PhoneRole
from gateway.records.places import Part, Seat, Site
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus, TaskKind
from gateway.records.work import Task
from gateway.voice.assets import ClipSource
from gateway.voice.speaker import placeholder_of
from gateway.web import conversation
from gateway.web.desk import Desk
from gateway.web.prepared import Prepared
from gateway.web.quick_answer import Asked, answer_plain
from gateway.web.quick_turn import turn_plain
from tests.support import rooms
from tests.support.world import MONDAY, World

VOICE = Channel.VOICE
CALLS = 30
COMPARED = (
    "attempt",
    "reminder",
    "call",
    "turn",
    "reply",
    "outcome",
    "appointment",
    "task",
    "visit",
    "receipt",
    "seat",
)
OF_THIS_RUN = ("call", "reply", "confirmed_by_reply")  # columns that hold ids made here


class Undo(Exception):
    """Ends a unit of work without a trace."""


Many = Callable[[Session, Sequence[Asked]], dict[int, str]]
One = Callable[[Session, Asked], str]


@dataclass
class Calls:
    """Calls of every kind, plain and odd, that the carrier has placed."""

    world: World
    desk: Desk
    random: Random

    def place(self) -> list[Asked]:
        made = [self._one(n) for n in range(CALLS)]
        return [Asked(attempt, self.event(carrier_id)) for attempt, carrier_id in made]

    def _one(self, n: int) -> tuple[str, str]:
        world, odd = self.world, self._odd()
        language = self.random.choice(["th", "th", "nod", "my"])
        person = world.person(language=language, neutral=odd("neutral"))
        appointment = world.appointment(person, dose_no=self.random.choice([1, 2]), regimen=self.random.choice(
            ["influenza", "rabies_pep"]))  # fmt: skip
        purpose = "ride" if odd("ride") else self.random.choice(["reminder", "second_dose"])
        reminder = world.reminder(appointment, VOICE, purpose=purpose, status=ReminderStatus.SENT, tries=1)
        if odd("other person"):
            self._share(person)
        with world.database.unit_of_work() as db:
            attempt = Attempt(phone=self._phone(db, person), channel=VOICE, status=AttemptStatus.SUBMITTED, rank=1,
                              carrier="memory", carrier_id=f"CA{n}", language=language, created_at=world.clock.now(),
                              submitted_at=world.clock.now())  # fmt: skip
            db.add(attempt)
            db.flush()
            db.add(AttemptItem(attempt=attempt.id, reminder=reminder.id, appointment=appointment.id, person=person.id))
            db.flush()
            self._vary(db, attempt, db.get_one(Reminder, reminder.id), db.get_one(Appointment, appointment.id), odd)
            return attempt.id, f"CA{n}"

    def _odd(self) -> Callable[[str], bool]:
        """One call in two is odd in one way."""
        kinds = ["neutral", "ride", "other person", "cancelled", "late", "asked to end", "in doubt", "not heard of",
                 "answered", "ticket", "more to come", "text under way", "visit", "task", "denied", "also", "over",
                 "household's phone", "no use", "volunteer's news"]  # fmt: skip
        chosen = self.random.choice(kinds) if self.random.random() < 0.5 else ""
        return lambda kind: kind == chosen

    def _share(self, person: Person) -> None:
        other = self.world.person(phone="")
        with self.world.database.unit_of_work() as db:
            db.add(
                PersonPhone(person=other.id, phone=self._phone(db, person), role=self.random.choice(list(PhoneRole)))
            )

    @staticmethod
    def _phone(db: Session, person: Person) -> int:
        return db.exec(select(PersonPhone.phone).where(PersonPhone.person == person.id)).one()

    def _vary(self, db: Session, attempt: Attempt, reminder: Reminder, about: Appointment, odd: Any) -> None:
        now = self.world.clock.now()
        if odd("cancelled"):
            about.status = AppointmentStatus.CANCELLED
        if odd("late"):
            reminder.expires_at = now
        if odd("asked to end"):
            attempt.cancel_requested_at = now
        if odd("in doubt"):
            attempt.in_doubt_at, attempt.submitted_at, attempt.carrier_id = now, None, None
        if odd("not heard of"):
            attempt.submitted_at = attempt.carrier_id = None
            reminder.status = ReminderStatus.CLAIMED
        if odd("answered"):
            reminder.status, about.status = ReminderStatus.ANSWERED, AppointmentStatus.CONFIRMED
        if odd("over"):
            attempt.status, attempt.rank = AttemptStatus.FAILED, 9
        if odd("ticket"):
            session = db.exec(sa.select(SQLModel.metadata.tables["session"].c.id)).first()  # type: ignore[call-overload]
            db.add(Seat(session=session[0], appointment=about.id, ticket=100 + self.random.randrange(10**6)))
        self._add_more(db, attempt, about, odd)

    def _add_more(self, db: Session, attempt: Attempt, about: Appointment, odd: Any) -> None:
        now = self.world.clock.now()
        again = {
            "appointment": about.id, "person": about.person, "purpose": "reminder", "due_at": now,
            "next_try_at": now, "expires_at": about.starts_at,
        }  # fmt: skip
        if odd("more to come"):
            db.add(Reminder(**again, step="morning", channel=Channel.SMS))
            db.add(Reminder(**again | {"purpose": "ride"}, step="answer", channel=Channel.SMS))
        if odd("text under way"):
            db.add(Reminder(**again, step="notice", channel=Channel.SMS, status=ReminderStatus.SENT))
        if odd("visit"):
            db.add(Reminder(**again, step="visit", channel=Channel.VISIT))
        if odd("task"):
            db.add(Task(kind=TaskKind.UNREACHED, subject=about.id, person=about.person, created_at=now))
        if odd("denied"):
            db.add(ConsentEvent(person=about.person, phone=attempt.phone, channel=VOICE, kind=ConsentKind.STOP,
                                source="wrong person", at=now))  # fmt: skip
        if odd("also"):
            db.add(Appointment(person=about.person, site="S1", regimen="pneumococcal", starts_at=about.starts_at,
                               created_at=now))  # fmt: skip
        if odd("household's phone"):
            use = db.exec(select(PersonPhone).where(PersonPhone.person == about.person)).one()
            use.role = PhoneRole.HOUSEHOLD
        if odd("no use"):
            db.delete(db.exec(select(PersonPhone).where(PersonPhone.person == about.person)).one())

    def event(self, carrier_id: str, digits: str | None = None) -> CallEvent:
        return CallEvent(carrier_id, caller="+6620000000", called="+66800000001", inbound=False, digits=digits)

    def after(self, asked: Sequence[Asked], one: One, many: Many | None = None) -> dict[str, Any]:
        """What is said and what the records hold after these; then all is as it was."""
        held: dict[str, Any] = {}
        with suppress(Undo), self.world.database.unit_of_work() as db:
            said = many(db, asked) if many else {}
            held["together"] = len(said)
            db.expunge_all()
            for place, request in enumerate(asked):
                if place not in said:
                    said[place] = one(db, request)
            db.flush()
            held["said"] = [said[place] for place in range(len(asked))]
            held |= {name: _rows(db, name) for name in COMPARED}
            raise Undo
        return held


def _rows(db: Session, name: str) -> list[str]:
    table = SQLModel.metadata.tables[name]
    columns = [one for one in table.columns if one.name not in (*OF_THIS_RUN, "id")]
    linked = [table.c[one].is_not(None) for one in OF_THIS_RUN if one in table.c]
    return sorted(map(repr, db.execute(sa.select(*columns, *linked)).all()))


@pytest.fixture(params=range(2))
def calls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Calls]:
    world = World(tmp_path)
    world.session(MONDAY + timedelta(days=2), part=Part.MORNING, seats=100)
    desk = rooms.desk(world, tmp_path)
    script = desk.speech.scripts["th"]
    for prompt in script.prompts.values():  # one language whole, the others with beeps
        desk.speech.clips.keep("th", prompt, placeholder_of(prompt, script), ClipSource.RECORDING, "somchai")
    yield Calls(world, desk, Random(request.param))
    world.database.close()


def same(together: dict[str, Any], single: dict[str, Any]) -> int:
    count = int(together.pop("together"))
    single.pop("together")
    assert together == single
    return count


def test_calls_begun_together_are_begun_as_one_by_one(calls: Calls) -> None:
    desk, asked = calls.desk, calls.place()
    prepared = Prepared(desk)
    asked += [Asked(asked[0].attempt, calls.event("CA-second")), asked[1], Asked("unknown", calls.event("CA-no"))]

    def one(db: Session, this: Asked) -> str:
        return conversation.answer(desk, db, this.attempt, this.event)

    for batch in (asked, asked[::-1]):
        together = calls.after(batch, one, lambda db, these: answer_plain(desk, prepared, db, these))
        assert same(together, calls.after(batch, one)) >= CALLS / 3
    calls.world.clock.advance_to(calls.world.clock.now() + timedelta(hours=12))  # at night nothing is asked
    together = calls.after(asked, one, lambda db, these: answer_plain(desk, prepared, db, these))
    assert same(together, calls.after(asked, one)) == 0


def test_calls_asked_for_again_are_answered_together_as_one_by_one_whether_they_last_or_are_over(calls: Calls) -> None:
    desk, asked = calls.desk, calls.place()
    prepared = Prepared(desk)

    def one(db: Session, this: Asked) -> str:
        return conversation.answer(desk, db, this.attempt, this.event)

    with calls.world.database.unit_of_work() as db:
        for place, this in enumerate(asked):
            if place % 4:  # every fourth is asked for the first time
                one(db, this)
            if place % 4 == 1:
                attempt = db.get_one(Attempt, this.attempt)
                attempt.status, attempt.rank = AttemptStatus.COMPLETED, 9
        for call in db.exec(select(Call)).all()[::3]:
            call.closed_at = calls.world.clock.now()
    together = calls.after(asked, one, lambda db, these: answer_plain(desk, prepared, db, these))
    single = calls.after(asked, one)
    over = {said for place, said in enumerate(single["said"]) if place % 4 == 1}
    assert len(over) == 1  # the hang-up, whatever was said first
    assert same(together, single) > 0


def test_a_yes_taken_together_is_taken_as_one_by_one(calls: Calls) -> None:
    desk, placed = calls.desk, calls.place()
    prepared = Prepared(desk)
    with calls.world.database.unit_of_work() as db:
        for this in placed:
            conversation.answer(desk, db, this.attempt, this.event)
    if calls.random.random() < 0.5:  # a place is renamed, a name withdrawn: what was said first is said no more
        with calls.world.database.unit_of_work() as db:
            db.exec(select(Site)).one().name = "โรงพยาบาลอื่น"
    keys = ["1", "1", "1", "1", "2", "3", "8", "", None]
    asked = [Asked(one.attempt, calls.event(one.event.carrier_id, calls.random.choice(keys)), 1) for one in placed]
    asked += [asked[0], Asked(asked[1].attempt, calls.event("CA-other", "1"), 1),
              Asked(asked[2].attempt, calls.event(placed[2].event.carrier_id, "1"), 7)]  # fmt: skip

    def one(db: Session, this: Asked) -> str:
        return conversation.turn(desk, db, this.attempt, this.number, this.event)

    together = calls.after(asked, one, lambda db, these: turn_plain(desk, prepared, db, these))
    assert same(together, calls.after(asked, one)) >= CALLS / 8


def test_what_is_prepared_is_forgotten_when_a_phrase_is_spoken_anew(calls: Calls) -> None:
    desk, [asked, *_] = calls.desk, calls.place()
    prepared = Prepared(desk, most=3)

    def one(db: Session, this: Asked) -> str:
        return conversation.answer(desk, db, this.attempt, this.event)

    first = calls.after([asked], one, lambda db, these: answer_plain(desk, prepared, db, these))["said"]
    script = desk.speech.scripts["th"]
    for prompt in script.prompts.values():
        sound = placeholder_of(script.prompts["bye"], script)
        desk.speech.clips.keep("th", prompt, sound, ClipSource.RECORDING, "somchai")
    second = calls.after([asked], one, lambda db, these: answer_plain(desk, prepared, db, these))["said"]
    assert second == calls.after([asked], one)["said"]
    assert len(prepared._known) <= 3
    assert first[0]


def test_few_statements_begin_and_take_many(calls: Calls) -> None:
    desk, asked = calls.desk, calls.place()
    counted: list[str] = []
    sa.event.listen(calls.world.database.engine, "before_cursor_execute", lambda *told: counted.append(told[2]))
    with calls.world.database.unit_of_work() as db:
        begun = answer_plain(desk, Prepared(desk), db, asked)
        assert len([one for one in counted if not one.startswith("BEGIN")]) == 3
    counted.clear()
    yes = [Asked(asked[n].attempt, calls.event(asked[n].event.carrier_id, "1"), 1) for n in begun]
    with calls.world.database.unit_of_work() as db:
        assert len(turn_plain(desk, Prepared(desk), db, yes)) >= len(begun) / 2
        assert len([one for one in counted if not one.startswith("BEGIN")]) <= 9
        assert len(db.exec(select(Turn)).all()) > len(db.exec(select(Call)).all())
