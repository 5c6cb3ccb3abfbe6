"""The list of a session."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from gateway.kit.clock import at_bangkok
from gateway.records.agreements import Appointment
from gateway.records.people import PersonPhone, Phone, PhoneRole
from gateway.records.places import Part, Seat, Session
from gateway.records.staffing import Note
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.reports.board import board
from gateway.reports.sheet import Sheet, SheetRow, sheet

Fixture = Any  # tests/reports/conftest.py: World
DAY = date(2026, 11, 30)


def at(hour: int, minute: int = 0) -> Any:
    return at_bangkok(DAY, time(hour, minute))


@pytest.fixture
def session(world: Fixture) -> Session:
    row = Session(id="S1-hpv", site="S1", vaccine="hpv", day=DAY, part=Part.MORNING, capacity=9,
                  starts_at=at(8, 30), ends_at=at(12))  # fmt: skip
    world.add(row)
    return row


def guest(
    world: Fixture, session: Session, come_at: Any = None, ticket: int | None = None, **facts: Any
) -> Appointment:
    person = world.person(**facts.pop("who", {}))
    one = world.appointment("2026-11-30T08:30", person, session=session.id, **facts)
    if ticket:
        world.add(Seat(session=session.id, appointment=one.id, ticket=ticket, come_at=come_at))
    return one


def only(world: Fixture) -> SheetRow:
    [row] = the(world).rows
    return row


def the(world: Fixture) -> Sheet:
    found = sheet(world.db, "S1-hpv")
    assert found is not None
    return found


def test_people_stand_in_the_order_of_their_tickets_and_who_has_none_last(world: Fixture, session: Session) -> None:
    third, first = guest(world, session, at(10), 3), guest(world, session, at(9), 1)
    second = guest(world, session, at(9), 2)
    unseated = guest(world, session)  # comes when the session begins, and holds no ticket up to be called
    assert [row.appointment for row in the(world).rows] == [first.id, second.id, third.id, unseated.id]


def test_who_comes_earlier_stands_earlier_whatever_the_number(world: Fixture, session: Session) -> None:
    late, early = guest(world, session, at(11), 1), guest(world, session, at(9), 2)  # one was given a later hour
    assert [row.appointment for row in the(world).rows] == [early.id, late.id]


def test_a_line_says_who_it_is(world: Fixture, session: Session) -> None:
    who = {"title": "นาง", "name": "มาลี", "surname": "ใจดี", "name_native": "မာလီ", "birth_date": date(1950, 12, 1),
           "language": "my", "village": "บ้านป่า"}  # fmt: skip
    guest(world, session, at(9), 4, who=who, dose_no=2)
    row = only(world)
    assert (row.ticket, row.come_at, row.name, row.name_native) == (4, at(9), "นาง มาลี ใจดี", "မာလီ")
    assert (row.age, row.language, row.village, row.dose_no) == (75, "my", "บ้านป่า", 2)


def test_who_moved_away_or_was_cancelled_is_not_expected(world: Fixture, session: Session) -> None:
    for status in AppointmentStatus:
        guest(world, session, status=status)
    found = the(world)
    assert (len(found.rows), sorted(row.status for row in found.gone)) == (4, ["cancelled", "moved"])
    assert found.confirmed == 1  # who came without a word has not confirmed


def test_confirmed_is_the_same_number_on_the_list_and_on_the_board(world: Fixture, session: Session) -> None:
    yeses: list[dict[str, str]] = [{}, {"confirmed_by_staff": "s1"}, {"confirmed_by_reply": "r1"}]
    for status in AppointmentStatus:
        for yes in yeses:
            guest(world, session, status=status, **yes)
    assert the(world).confirmed == board(world.db, session.day).counts.confirmed == 7


def test_the_telephone_is_the_one_tried_first_and_never_a_volunteers_or_a_parked_one(
    world: Fixture, session: Session
) -> None:
    one = guest(world, session)
    mine = world.db.get(PersonPhone, (one.person, 1))
    for number, role, rank, parked in (
        ("+66820000001", PhoneRole.HOUSEHOLD, 1, None),
        ("+66820000002", PhoneRole.VHV, -2, None),
        ("+66820000003", PhoneRole.OWN, -1, at(8)),
    ):
        phone = Phone(e164=number, line_type="mobile", parked_at=parked)
        world.add(phone)
        world.add(PersonPhone(person=one.person, phone=phone.id, role=role, rank=rank))
    assert only(world).phone == world.db.get(Phone, 1).e164
    world.db.delete(mine)
    world.db.flush()
    assert only(world).phone == "+66820000001"
    assert "+66820000001" not in repr(only(world))


def test_the_last_contact_is_the_last_that_went_out(world: Fixture, session: Session) -> None:
    one = guest(world, session)
    world.attempt(one, Channel.SMS, AttemptStatus.DELIVERED, at="2026-11-28T10:00")
    world.attempt(one, Channel.VOICE, AttemptStatus.NO_ANSWER, at="2026-11-28T17:30")
    world.attempt(one, Channel.SMS, AttemptStatus.QUEUED, at="2026-11-29T10:00")
    last = only(world).last_contact
    assert last is not None
    assert (last.channel, last.status) == (Channel.VOICE, AttemptStatus.NO_ANSWER)


def test_a_ride_is_shown_until_and_after_it_is_arranged_a_call_only_while_it_waits(
    world: Fixture, session: Session
) -> None:
    one = guest(world, session)
    for kind, status in (
        (TaskKind.RIDE, TaskStatus.DONE),
        (TaskKind.CALLBACK, TaskStatus.DONE),
    ):
        world.add(Task(kind=kind, subject=one.id, status=status, created_at=at(8)))
    assert (only(world).ride, only(world).wants_call) == (TaskStatus.DONE, False)
    for kind in (TaskKind.RIDE, TaskKind.CALLBACK):
        world.add(Task(kind=kind, subject=one.id, created_at=at(8)))
    assert (only(world).ride, only(world).wants_call) == (TaskStatus.OPEN, True)


def test_a_note_marks_the_line_unless_it_was_withdrawn(world: Fixture, session: Session) -> None:
    one = guest(world, session)
    world.add(Note(person=one.person, text="แพ้ไข่", at=at(8), withdrawn_at=at(9)))
    assert not only(world).has_note
    world.add(Note(person=one.person, text="แพ้ไข่", at=at(8)))
    assert only(world).has_note


@pytest.mark.parametrize(
    ("status", "may"),
    [(AppointmentStatus.BOOKED, True), (AppointmentStatus.CONFIRMED, False), (AppointmentStatus.KEPT, False)],
)
def test_only_who_has_not_confirmed_is_still_to_be_called(
    world: Fixture, session: Session, status: AppointmentStatus, may: bool
) -> None:
    guest(world, session, status=status)
    assert only(world).may_be_called is may


def test_a_session_of_another_site_and_one_that_is_none_have_no_list(world: Fixture, session: Session) -> None:
    assert sheet(world.db, session.id, site="S2") is None
    assert sheet(world.db, "nowhere") is None
