"""Texts and calls that are made from rows of their own: questions we ask back, and a ride that was arranged."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from gateway.calls.flow import Answered, Ask
from gateway.calls.news_call import NewsCall
from gateway.calls.reminder_call import ReminderCall
from gateway.care import rides
from gateway.carriers.port import CarrierError, CarrierStatus, Fault, Receipt
from gateway.dispatch.cases import cases_of
from gateway.dispatch.outbox import Outbox
from gateway.dispatch.prepare import flow_name, household_facts
from gateway.dispatch.receipts import apply_receipt
from gateway.dispatch.sender import Sender
from gateway.kit.answers import Answer
from gateway.kit.digits import to_ascii_digits
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, Reminder
from gateway.records.conversations import Reply, TextQuestion
from gateway.records.people import Person, PersonPhone
from gateway.records.places import Seat
from gateway.records.status import Channel, ReminderStatus, TaskKind
from gateway.records.work import Task
from gateway.wording.segments import count_segments
from tests.support import rooms
from tests.support.world import World

SHARED = "+66800009999"


def asked_back(
    world: World, purpose: str, appointments: list[Appointment], *, chosen: list[int] | None = None
) -> Reminder:
    """A question of ours about these, each somebody else's, that hangs on the first of them."""
    reminder = world.reminder(appointments[0], Channel.SMS, purpose=purpose, step="answer:1234abcd")
    with world.database.reading() as db:
        phone = next(use.phone for use in world.all(PersonPhone) if db.get(Person, use.person))
    reply = Reply(phone=phone, channel=Channel.SMS, answer=Answer.UNCLEAR, at=world.clock.now())
    world.add(reply)
    people = [[one.id] for one in appointments]
    world.add(
        TextQuestion(
            phone=phone, reply=reply.id, reminder=reminder.id, people=people, chosen=chosen or [],
            asked_at=world.clock.now(),
        )
    )  # fmt: skip
    return reminder


def couple(world: World) -> list[Appointment]:
    """Two people of one telephone."""
    found = []
    for name, hour in (("สมศรี", time(9, 0)), ("บุญมี", time(9, 30))):
        person = Person(language="th", name=name, site="S1", created_at=world.clock.now())
        world.add(person)
        world.give_phone(person, SHARED)
        found.append(world.appointment(person, hour=hour))
    return found


def test_who_is_meant_is_asked_with_the_numbers_of_the_question(world: World, tmp_path: Path) -> None:
    asked_back(world, "which_person", couple(world))
    rooms.sender(world, tmp_path).pass_once()
    [order] = world.carrier.texts
    assert "1 สมศรี" in order.body
    assert "2 บุญมี" in order.body


@pytest.mark.parametrize("language", ["th", "en", "my", "km", "lo", "vi"])
def test_who_is_meant_is_asked_with_their_days_where_these_differ(world: World, tmp_path: Path, language: str) -> None:
    first, second = couple(world)
    with world.database.unit_of_work() as db:
        db.get_one(Appointment, second.id).starts_at += timedelta(days=3)
        for one in (first, second):
            db.get_one(Person, one.person).language = language
    asked_back(world, "which_person", [first, second])
    rooms.sender(world, tmp_path).pass_once()
    [order] = world.carrier.texts
    expected = ("1 สมศรี 5/8", "2 บุญมี 8/8")
    assert count_segments(order.body).parts <= 3
    assert [one in to_ascii_digits(order.body) for one in expected] == [True, True]


def test_what_they_want_is_asked_of_those_who_were_chosen(world: World, tmp_path: Path) -> None:
    asked_back(world, "which_answer", couple(world), chosen=[2])
    rooms.sender(world, tmp_path).pass_once()
    [order] = world.carrier.texts
    assert "บุญมี" in order.body
    assert "สมศรี" not in order.body


def test_a_question_goes_to_the_telephone_that_texted_and_to_no_other(world: World, tmp_path: Path) -> None:
    both = couple(world)
    with world.database.reading() as db:
        person = db.get(Person, both[0].person)
    assert person is not None
    world.give_phone(person, "+66800001111", rank=-1)  # their own, tried first
    asked_back(world, "options", both[:1])
    rooms.sender(world, tmp_path).pass_once()
    assert [order.to for order in world.carrier.texts] == [SHARED]


def test_a_question_is_never_put_into_one_text_with_anything_else(world: World, tmp_path: Path) -> None:
    both = couple(world)
    asked_back(world, "which_person", both)
    for one in both:
        world.reminder(one, Channel.SMS)
    rooms.sender(world, tmp_path).pass_once()
    assert len(world.carrier.texts) == 2


def fetched(world: World, appointment: Appointment) -> Reminder:
    """A ride that comes an hour before."""
    with world.database.unit_of_work() as db:
        ride = rides.ask(db, db.get_one(Appointment, appointment.id), now=world.clock.now())
        told = rides.arrange(
            db, ride, pick_up_at=appointment.starts_at - timedelta(hours=1), driver="ลุงคำ", staff="u1",
            now=world.clock.now(),
        )  # fmt: skip
    assert told is not None
    return told


def calling(world: World, folder: Path) -> Sender:
    """A sender whose outbox knows every flow."""
    sending = rooms.sender(world, folder)
    ask, tell = ReminderCall(), NewsCall()
    sending.outbox = Outbox(rooms.speech(folder), rooms.rules(world), ask, {ask.name: ask, tell.name: tell})
    return sending


def test_a_text_about_a_ride_says_when_it_comes_and_not_when_the_appointment_is(world: World, tmp_path: Path) -> None:
    fetched(world, world.appointment(world.person(), hour=time(9, 30)))
    rooms.sender(world, tmp_path).pass_once()
    [order] = world.carrier.texts
    assert "08.30" in order.body
    assert "09.30" not in order.body
    assert "9.30" not in order.body


def test_news_of_a_ride_that_the_carrier_refuses_is_told_by_staff(world: World, tmp_path: Path) -> None:
    told = fetched(world, world.appointment(world.person()))
    world.carrier.fail_next(CarrierError(Fault.UNREACHABLE, permanent=True))
    rooms.sender(world, tmp_path).pass_once()
    assert world.fresh(told).status is ReminderStatus.FAILED
    [task] = [one for one in world.all(Task) if one.kind is TaskKind.CALLBACK]
    assert "ride is arranged" in task.detail


def told_by_call(world: World, folder: Path) -> tuple[Reminder, Attempt]:
    """Somebody with a landline is called about their ride."""
    told = fetched(world, world.appointment(world.person(phone="+6654000777")))
    assert told.channel is Channel.VOICE
    calling(world, folder).pass_once()
    [attempt] = [one for one in world.all(Attempt) if one.channel is Channel.VOICE]
    return told, attempt


def test_a_call_about_a_ride_tells_when_it_comes_by_a_flow_of_its_own(world: World, tmp_path: Path) -> None:
    _, attempt = told_by_call(world, tmp_path)
    with world.database.reading() as db:
        facts = household_facts(rooms.speech(tmp_path), cases_of(db, attempt.id), "th", world.clock.now())
    assert (flow_name("ride"), flow_name("reminder")) == ("news_call", "reminder_call")
    flow = NewsCall()
    _, commands = flow.step(flow.begin(facts), Answered())
    assert "hour.0830" in [key for one in commands if isinstance(one, Ask) for key in one.prompts]


@pytest.mark.parametrize(
    ("heard", "status"),
    [(CarrierStatus.COMPLETED, ReminderStatus.SENT), (CarrierStatus.NO_ANSWER, ReminderStatus.PLANNED)],
)
def test_who_heard_of_their_ride_is_not_called_again_and_who_did_not_is(
    world: World, tmp_path: Path, heard: CarrierStatus, status: ReminderStatus
) -> None:
    told, attempt = told_by_call(world, tmp_path)
    with world.database.unit_of_work() as db:
        over = Receipt(attempt.carrier_id or "", heard)
        apply_receipt(db, rooms.rules(world), attempt.id, over, now=world.clock.now())
    assert world.fresh(told).status is status


def test_a_text_says_the_ticket_of_a_booked_seat(world: World, tmp_path: Path) -> None:
    appointment = world.appointment(world.person())
    session = world.session(appointment.starts_at.date())
    world.add(Seat(session=session.id, appointment=appointment.id, ticket=17))
    world.reminder(appointment, Channel.SMS)
    rooms.sender(world, tmp_path).pass_once()
    [order] = world.carrier.texts
    assert "17" in order.body
