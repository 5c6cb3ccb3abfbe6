"""Today and tomorrow, counted by hand and counted by the board."""

from __future__ import annotations

import random
from datetime import date, time
from typing import Any

import pytest
from sqlmodel import col, select

from gateway.kit.answers import Answer
from gateway.kit.clock import at_bangkok
from gateway.kit.phones import LineType
from gateway.plan.reach import NOBODY, reach_of
from gateway.records.agreements import Appointment
from gateway.records.contacts import AttemptItem, Direction, Reminder
from gateway.records.conversations import Outcome
from gateway.records.people import Consent, PersonPhone, Phone, PhoneRole
from gateway.records.places import Part, Seat, Session
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.reports.board import Board, Counts, board, day_with_sessions
from gateway.reports.rates import By, rates

Fixture = Any  # tests/reports/conftest.py: World
DAY = date(2026, 11, 30)
MORNING, AFTERNOON = "2026-11-30T09:00", "2026-11-30T13:00"
PARTS = ("confirmed", "answered", "unanswered", "not_asked", "unaskable")
BOOKED, CONFIRMED = AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED


def session(world: Fixture, part: Part = Part.MORNING, *, site: str = "S1", day: date = DAY, **more: Any) -> Session:
    hours = (time(8, 30), time(12)) if part is Part.MORNING else (time(13), time(16))
    values = {"vaccine": "hpv", "capacity": 10} | more
    row = Session(
        id=f"{site}-{values['vaccine']}-{day}-{part.value}", site=site, day=day, part=part,
        starts_at=at_bangkok(day, hours[0]), ends_at=at_bangkok(day, hours[1]), **values,
    )  # fmt: skip
    world.add(row)
    return row


def task(world: Fixture, kind: TaskKind, about: Appointment | None, **more: Any) -> Task:
    values = {"subject": about.id if about else f"x{world.person().id}", "site": about.site if about else None}
    row = Task(kind=kind, **{**values, "created_at": at_bangkok(DAY, time(8)), **more})
    world.add(row)
    return row


def counts(found: Board, session_id: str | None) -> Counts:
    [line] = [line for site in found.sites for line in site.lines if line.id == session_id]
    return line.counts


def test_everybody_of_a_session_is_counted_where_a_nurse_would_count_them(world: Fixture) -> None:
    morning = session(world)
    here = {"starts": MORNING, "session": morning.id}
    yes = world.appointment(**here, status=CONFIRMED)
    world.reply(yes, world.attempt(yes), Answer.COMING, "confirmed")
    world.appointment(**here, status=CONFIRMED, confirmed_by_staff="s1")  # at the counter, before anything went out
    came = world.appointment(**here, status=AppointmentStatus.KEPT, confirmed_by_staff="s1")
    world.attempt(came)
    call_back = world.appointment(**here)
    world.reply(call_back, world.attempt(call_back, Channel.VOICE), Answer.CALLBACK)
    task(world, TaskKind.CALLBACK, call_back)
    silent = world.appointment(**here)
    world.attempt(silent, status=AttemptStatus.SUBMITTED)
    world.reminder(world.appointment(**here), Channel.SMS, status=ReminderStatus.PLANNED)  # nothing sent so far
    gone = world.appointment(**here, status=AppointmentStatus.MOVED)
    world.reply(gone, world.attempt(gone), Answer.MOVE, "moved")
    world.appointment(**here, status=AppointmentStatus.CANCELLED)
    task(world, TaskKind.RIDE, yes)
    morning.taken = 6
    expected = Counts(
        seats=10, taken=6, booked=6, confirmed=3, answered=1, unanswered=1, not_asked=1, came=1, moved=1, cancelled=1,
        rides=1, callbacks=1, unprompted=1, seatless=6,
    )  # fmt: skip
    assert counts(board(world.db, DAY), morning.id) == expected


def test_sites_and_the_day_are_the_sums_of_their_sessions(world: Fixture) -> None:
    for site, part, people in (("S1", Part.MORNING, 3), ("S1", Part.AFTERNOON, 1), ("S2", Part.AFTERNOON, 2)):
        held = session(world, part, site=site, capacity=5)
        for _ in range(people):
            world.appointment(MORNING if part is Part.MORNING else AFTERNOON, site=site, session=held.id)
    found = board(world.db, DAY)
    assert [(one.site.code, one.counts.seats, one.counts.booked) for one in found.sites] == [
        ("S1", 10, 4),
        ("S2", 5, 2),
    ]
    assert (found.counts.seats, found.counts.booked) == (15, 6)
    assert [line.part for line in found.sites[0].lines] == [Part.MORNING, Part.AFTERNOON]


def test_one_site_sees_its_own_sessions_people_and_work_only(world: Fixture) -> None:
    for site in ("S1", "S2"):
        held = session(world, site=site)
        task(world, TaskKind.CALLBACK, world.appointment(MORNING, site=site, session=held.id))
    found = board(world.db, DAY, site="S2")
    assert [one.site.code for one in found.sites] == ["S2"]
    assert found.counts.booked == 1
    assert [(need.kind, need.in_all) for need in found.needs] == [(TaskKind.CALLBACK, 1)]


def test_days_are_bangkok_days(world: Fixture) -> None:
    for start in ("2026-11-29T23:59", "2026-11-30T00:00", "2026-11-30T23:59", "2026-12-01T00:00"):
        world.appointment(start)
    assert board(world.db, DAY).counts.booked == 2


def test_people_without_a_session_stand_in_a_line_of_their_own(world: Fixture) -> None:
    session(world)
    call_back = world.appointment(MORNING)
    task(world, TaskKind.CALLBACK, call_back)
    world.appointment(AFTERNOON)
    lines = board(world.db, DAY).sites[0].lines
    assert [(line.id is None, line.part, line.counts.booked) for line in lines] == [
        (False, Part.MORNING, 0),
        (True, Part.MORNING, 1),
        (True, Part.AFTERNOON, 1),
    ]
    assert lines[1].counts.callbacks == 1


@pytest.mark.parametrize(
    ("attempt", "reminder", "is_lost"),
    [
        (AttemptStatus.NO_ANSWER, ReminderStatus.UNANSWERED, True),
        (AttemptStatus.UNDELIVERED, ReminderStatus.FAILED, True),
        (AttemptStatus.DELIVERED, ReminderStatus.UNANSWERED, False),  # the text lies on their phone
        (AttemptStatus.COMPLETED, ReminderStatus.UNANSWERED, False),
        (AttemptStatus.NO_ANSWER, ReminderStatus.PLANNED, False),  # tried again later
    ],
)
def test_unreached_is_who_no_phone_reached_and_nothing_more_is_planned_for(
    world: Fixture, attempt: AttemptStatus, reminder: ReminderStatus, is_lost: bool
) -> None:
    one = world.appointment(MORNING)
    tried = world.attempt(one, Channel.VOICE, attempt)
    [item] = world.db.exec(select(AttemptItem).where(col(AttemptItem.attempt) == tried.id)).all()
    world.db.get(Reminder, item.reminder).status = reminder
    world.db.flush()
    assert board(world.db, DAY).counts.unreached == int(is_lost)


def test_an_open_task_says_unreached_and_a_done_one_does_not(world: Fixture) -> None:
    task(world, TaskKind.UNREACHED, world.appointment(MORNING))
    task(world, TaskKind.NO_PROMPT, world.appointment(MORNING))
    task(world, TaskKind.UNREACHED, world.appointment(MORNING), status=TaskStatus.DONE)
    assert board(world.db, DAY).counts.unreached == 2


def test_who_answered_after_all_is_not_unreached(world: Fixture) -> None:
    one = world.appointment(MORNING, status=CONFIRMED, confirmed_by_staff="s1")
    task(world, TaskKind.UNREACHED, one)
    assert board(world.db, DAY).counts.unreached == 0


@pytest.mark.parametrize(
    ("role", "sms", "voice", "line", "parked", "may_ask"),
    [
        (PhoneRole.OWN, Consent.ALLOW, Consent.ALLOW, LineType.MOBILE, False, True),
        (PhoneRole.OWN, Consent.STOP, Consent.ALLOW, LineType.LANDLINE, False, True),
        (PhoneRole.OWN, Consent.ALLOW, Consent.STOP, LineType.MOBILE, False, True),
        (PhoneRole.OWN, Consent.ALLOW, Consent.STOP, LineType.LANDLINE, False, False),
        (PhoneRole.OWN, Consent.STOP, Consent.STOP, LineType.MOBILE, False, False),
        (PhoneRole.VHV, Consent.ALLOW, Consent.ALLOW, LineType.MOBILE, False, False),
        (PhoneRole.OWN, Consent.ALLOW, Consent.ALLOW, LineType.MOBILE, True, False),
    ],
)
def test_who_has_no_phone_that_may_be_used_is_not_waited_for(
    world: Fixture, role: PhoneRole, sms: Consent, voice: Consent, line: LineType, parked: bool, may_ask: bool
) -> None:
    one = world.appointment(MORNING)
    link = world.db.exec(select(PersonPhone).where(col(PersonPhone.person) == one.person)).one()
    phone = world.db.get_one(Phone, link.phone)
    link.role, link.sms, link.voice = role, sms, voice
    phone.line_type, phone.parked_at = line, at_bangkok(DAY, time(7)) if parked else None
    world.db.flush()
    found = board(world.db, DAY).counts
    assert (found.not_asked, found.unaskable) == (int(may_ask), int(not may_ask))
    assert found.unaskable == int(not reach_of(world.db, [one.person]).get(one.person, NOBODY).is_reachable)


def test_seats_add_up_with_people_who_have_none_and_a_call_that_holds_one(world: Fixture) -> None:
    held = session(world, taken=2)
    seated = world.appointment(MORNING, session=held.id)
    world.add(Seat(session=held.id, appointment=seated.id, ticket=1, come_at=held.starts_at))
    world.add(Seat(session=held.id, call="c1", held_until=at_bangkok(DAY, time(9))))
    world.appointment(MORNING, session=held.id)
    world.appointment(MORNING)
    found = board(world.db, DAY).counts
    assert (found.seats, found.taken, found.free, found.held) == (10, 2, 8, 1)
    assert (found.booked, found.seatless) == (3, 2)
    assert found.taken == found.booked - found.seatless + found.held


def test_a_household_s_answer_counts_for_each_of_its_members(world: Fixture) -> None:
    first, second = world.appointment(MORNING), world.appointment(MORNING)
    reply = world.reply(first, world.attempt(first), Answer.CALLBACK, "callback")
    world.attempt(second)
    world.add(Outcome(reply=reply.id, appointment=second.id, effect="callback", at=reply.at))
    assert board(world.db, DAY).counts.answered == 2


def test_a_text_nobody_understood_is_no_answer_and_a_call_to_us_is_no_contact(world: Fixture) -> None:
    unclear, called_us = world.appointment(MORNING), world.appointment(MORNING)
    world.reply(unclear, world.attempt(unclear), Answer.UNCLEAR)
    world.attempt(called_us, Channel.VOICE, AttemptStatus.COMPLETED, direction=Direction.IN)
    found = board(world.db, DAY).counts
    assert (found.unanswered, found.not_asked, found.answered) == (1, 1, 0)


def test_nobody_is_fetched_for_an_appointment_that_was_cancelled(world: Fixture) -> None:
    gone = world.appointment(MORNING, status=AppointmentStatus.CANCELLED)
    task(world, TaskKind.RIDE, gone)
    task(world, TaskKind.CALLBACK, gone)
    found = board(world.db, DAY).counts
    assert (found.rides, found.callbacks) == (0, 1)


def test_what_waits_is_counted_for_the_day_and_in_all_and_leads_to_its_list(world: Fixture) -> None:
    task(world, TaskKind.CALLBACK, world.appointment(MORNING))
    task(world, TaskKind.CALLBACK, world.appointment("2026-12-07T09:00"))
    task(world, TaskKind.CALLBACK, world.appointment(MORNING), status=TaskStatus.DONE)
    task(world, TaskKind.UNMATCHED, None)
    callback, unmatched = board(world.db, DAY).needs
    assert (callback.kind, callback.due, callback.in_all) == (TaskKind.CALLBACK, 1, 2)
    assert (unmatched.kind, unmatched.due, unmatched.in_all) == (TaskKind.UNMATCHED, 1, 1)
    assert callback.address == "/console/worklists?kind=callback"
    [mine] = board(world.db, DAY, site="S1").needs
    assert mine.address == "/console/worklists?kind=callback&site=S1"


def test_a_closed_session_and_a_held_seat_are_shown(world: Fixture) -> None:
    held = session(world, taken=1, closed_at=at_bangkok(DAY, time(7)), closed_reason="flood")
    world.add(Seat(session=held.id, call="c1", held_until=at_bangkok(DAY, time(9))))
    [line] = board(world.db, DAY).sites[0].lines
    assert (line.is_closed, line.closed_reason, line.counts.booked, line.counts.free) == (True, "flood", 0, 9)


def test_a_day_without_sessions_is_empty_and_the_next_day_with_some_is_known(world: Fixture) -> None:
    session(world, day=date(2026, 12, 2))
    session(world, day=date(2026, 12, 4), site="S2")
    assert board(world.db, DAY).is_empty
    assert day_with_sessions(world.db, DAY) == date(2026, 12, 2)
    assert day_with_sessions(world.db, DAY, site="S2") == date(2026, 12, 4)
    assert day_with_sessions(world.db, date(2026, 12, 4)) is None


@pytest.mark.parametrize("seed", range(8))
def test_where_everybody_was_contacted_the_board_and_the_rates_say_the_same(world: Fixture, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(30):
        one = world.appointment(MORNING, status=dice.choice(list(AppointmentStatus)), site=dice.choice(["S1", "S2"]))
        attempt = world.attempt(one, dice.choice([Channel.SMS, Channel.VOICE]))
        if dice.random() < 0.6:
            reply = world.reply(one, attempt, dice.choice(list(Answer)))
            if reply.answer is Answer.COMING and one.status in (CONFIRMED, AppointmentStatus.KEPT):
                one.confirmed_by_reply = reply.id
    world.db.flush()
    rated = {row.keys[0]: row for row in rates(world.db, by=[By.SITE], from_day=DAY, to_day=DAY)}
    for one_site in board(world.db, DAY).sites:
        row, found = rated.get(one_site.site.code), one_site.counts
        if row is None:
            assert found.booked == found.moved == 0
            continue
        assert (row.confirmed, row.moved, row.unanswered) == (found.confirmed, found.moved, found.unanswered)
        assert found.booked == sum(getattr(found, part) for part in PARTS)
