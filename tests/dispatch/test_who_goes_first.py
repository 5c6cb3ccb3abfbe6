"""Ten lines, half an hour and more people than they carry: who has least time left goes first, then risk, then age."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from sqlmodel import Session, col, select

from gateway.carriers.port import CarrierStatus
from gateway.dispatch import receipts
from gateway.dispatch.allowance import Limits
from gateway.kit.clock import at_bangkok
from gateway.kit.phones import LineType
from gateway.plan.priority import priority_of
from gateway.plan.reach import age_on
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, Reminder
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.status import FINAL_ATTEMPTS, Channel
from tests.support import rooms
from tests.support.world import MONDAY, World

SEVEN = at_bangkok(MONDAY, time(19, 0))
LIMITS = Limits(lines=10, calls_per_second=10, sms_per_second=10)
FIVE_MINUTES = timedelta(minutes=5)


def given_somebody(db: Session, name: str, *, born: int, group: str = "", expires_at: datetime) -> None:
    """Somebody whose call has been due since this morning; the planner's own order of risk and age."""
    person = Person(language="th", name=name, site="S1", birth_date=date(born, 1, 1), target_group=group,
                    created_at=SEVEN)  # fmt: skip
    phone = Phone(e164=f"+6681{1_000_000 + len(db.exec(select(Phone.id)).all()):07}", line_type=LineType.MOBILE)
    db.add_all([person, phone])
    db.flush()
    booked = Appointment(person=person.id, site="S1", regimen="influenza", starts_at=SEVEN + timedelta(days=3),
                         created_at=SEVEN)  # fmt: skip
    db.add_all([booked, PersonPhone(person=person.id, phone=phone.id or 0, role=PhoneRole.OWN)])
    db.flush()
    due = SEVEN - timedelta(hours=9)
    db.add(Reminder(appointment=booked.id, person=person.id, purpose="reminder", step="reminder", channel=Channel.VOICE,
                    due_at=due, next_try_at=due, expires_at=expires_at,
                    priority=priority_of(group, age_on(person.birth_date, MONDAY))))  # fmt: skip


def when_the_evening_is_over(world: World, folder: Path) -> None:
    """Half an hour of calls of five minutes each, all of which are heard to their end."""
    sending = rooms.sender(world, folder, limits=LIMITS)
    while sending.outbox.rules.window.is_open(world.clock.now()):
        sending.pass_once()
        world.clock.advance_to(world.clock.now() + FIVE_MINUTES)
        with world.database.unit_of_work() as db:
            live = db.exec(select(Attempt).where(col(Attempt.status).not_in(FINAL_ATTEMPTS))).all()
            for attempt in live:
                receipts.learn(db, sending.outbox.rules, attempt, CarrierStatus.COMPLETED, None, "",
                               now=world.clock.now())  # fmt: skip


def called(world: World) -> list[str]:
    """Who was called, in order."""
    numbers = {phone.id: phone.e164 for phone in world.all(Phone)}
    names = {person.id: person.name for person in world.all(Person)}
    users = {numbers[use.phone]: names[use.person] for use in world.all(PersonPhone)}
    return [users[order.to] for order in world.carrier.calls]


def test_with_too_few_lines_the_right_people_are_called(world: World, tmp_path: Path) -> None:
    world.clock.advance_to(SEVEN)
    soon, later = SEVEN + timedelta(hours=14), SEVEN + timedelta(days=2)
    people = [(f"last chance {n}", 2000, "", soon) for n in range(20)]
    people += [(f"at risk {n}", 1990, "หญิงตั้งครรภ์", later) for n in range(15)]
    people += [(f"elder {born}", born, "", later) for born in range(1931, 1951)]
    people += [(f"young {n}", 2001, "", later) for n in range(20)]
    Random(3).shuffle(people)
    with world.database.unit_of_work() as db:
        for name, born, group, expires_at in people:
            given_somebody(db, name, born=born, group=group, expires_at=expires_at)

    when_the_evening_is_over(world, tmp_path)

    names = called(world)
    kinds = [name.rsplit(" ", 1)[0] for name in names]
    assert len(names) == 60  # ten lines, six times five minutes
    assert set(kinds[:20]) == {"last chance"}
    assert kinds.count("at risk") == 15
    assert kinds.count("elder") == 20
    assert kinds.count("young") == 5
    elders = [int(name.rsplit(" ", 1)[1]) for name in names if name.startswith("elder")]
    assert elders == sorted(elders)  # the oldest first
