"""Never both at once: an answer calls off what is under way; nobody is contacted twice for one thing in a morning."""

from __future__ import annotations

import pytest

from gateway.care.ladder_stop import stop_ladder
from gateway.kit.phones import parse_phone
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, Direction, Reminder
from gateway.records.conversations import Call, Turn
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel
from gateway.voice.keys import name_key
from gateway.wiring.house import SANDBOX_NUMBER
from tests.stories.fingers import Presses, presses
from tests.stories.stage import Stage

__all__ = ["presses"]

PHONE = "0800000010"
MORNING, AFTERNOON = "2026-08-03 11:35", "2026-08-03 13:30"
_HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,เบอร์คนในบ้าน,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"


def at_home(stage: Stage, *rows: str) -> Stage:
    """The roster comes on Monday 3 August; appointments lie on Wednesday and Thursday."""
    for day in ("2026-08-05", "2026-08-06"):
        for vaccine in ("influenza", "covid19"):
            stage.given_a_session_with_seats(day, "morning", 10, vaccine=vaccine)
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster("\n".join([_HEADER, *rows]))
    return stage


@pytest.fixture
def couple(stage: Stage) -> Stage:
    """Two elders of one telephone, due on Wednesday."""
    return at_home(
        stage,
        "67-011,ตา,1/2/2490,080-000-0010,,ไทย,flu,1,05/08/2569,09.00",
        "67-012,ยาย,1/2/2489,,080-000-0010,ไทย,flu,1,05/08/2569,09.30",
    )


@pytest.fixture
def alone(stage: Stage) -> Stage:
    """One elder, due on Wednesday."""
    return at_home(stage, "67-011,ตา,1/2/2490,080-000-0010,,ไทย,flu,1,05/08/2569,09.00")


def said(stage: Stage) -> list[str]:
    """The keys of all that was said in the one call."""
    turns = sorted(stage.all(Turn), key=lambda one: one.turn_no)
    return [str(heard["prompt"]) for turn in turns for heard in turn.heard]


def queued_call(stage: Stage) -> Attempt:
    """Hand the call to the carrier, where it waits: nothing of it is heard yet."""
    stage.when_it_is("2026-08-03 08:55", only=("plan",))
    stage.given_it_is(MORNING)
    stage.house.sender.pass_once()
    return the_call(stage)


def the_call(stage: Stage) -> Attempt:
    """The one call there is, as it stands now."""
    (found,) = [one for one in stage.all(Attempt) if one.channel is Channel.VOICE and one.direction is Direction.OUT]
    return found


def text_meanwhile(stage: Stage, body: str) -> None:
    """A text from that telephone reaches us while the call waits."""
    to, number = SANDBOX_NUMBER, parse_phone(PHONE).e164
    posted = stage.when_the_carrier_posts("/sms/inbound", From=number, To=to, Body=body, MessageSid="SM" + "7" * 32)
    assert posted.status_code == 200


def answer_at_the_desk(stage: Stage, name: str) -> None:
    """Staff are told meanwhile that this person comes."""
    with stage.house.database.unit_of_work() as db:
        appointment = db.get(Appointment, stage.appointment_of(name).id)
        assert appointment is not None
        appointment.status, appointment.confirmed_by_staff = AppointmentStatus.CONFIRMED, "u1"
        stop_ladder(db, appointment.id, reason="answered: coming", now=stage.clock.now())


def test_an_answer_by_text_calls_off_the_call_that_waits(couple: Stage) -> None:
    """The couple's call waits; both are answered for."""
    queued_call(couple)
    answer_at_the_desk(couple, "ตา")
    assert the_call(couple).cancel_requested_at is None  # hers is still to be asked
    answer_at_the_desk(couple, "ยาย")
    assert the_call(couple).cancel_requested_at is not None
    couple.house.reconciler.pass_once()
    couple.house.network.play_until_idle()
    assert the_call(couple).status is AttemptStatus.CANCELLED
    assert couple.all(Call) == []


def test_a_text_while_the_call_waits_calls_it_off(alone: Stage) -> None:
    queued_call(alone)
    text_meanwhile(alone, "1")
    alone.then_is_confirmed("ตา")
    assert the_call(alone).cancel_requested_at is not None
    alone.house.reconciler.pass_once()
    assert the_call(alone).status is AttemptStatus.CANCELLED
    alone.when_the_fortnight_passes()
    assert the_call(alone).status is AttemptStatus.CANCELLED


def test_a_call_that_rings_already_ends_kindly_and_asks_nothing(alone: Stage, presses: Presses) -> None:
    presses(PHONE, ["2", "1"])
    queued_call(alone)
    text_meanwhile(alone, "1")
    alone.house.network.play_until_idle()  # it was too late to take it back
    assert said(alone) == ["end.settled", "bye"]
    alone.then_is_confirmed("ตา", "2026-08-05 09:00")


def test_a_household_is_asked_only_for_those_who_have_not_answered(couple: Stage, presses: Presses) -> None:
    presses(PHONE, ["1", "1"])
    queued_call(couple)
    answer_at_the_desk(couple, "ตา")
    couple.house.network.play_until_idle()
    assert "end.settled" not in said(couple)
    assert name_key("ตา") not in said(couple)
    couple.then_is_confirmed("ยาย")
    confirmed = couple.appointment_of("ตา")
    assert (confirmed.confirmed_by_staff, confirmed.confirmed_by_reply) == ("u1", None)


def test_a_household_whose_people_have_all_answered_is_told_so_kindly(couple: Stage, presses: Presses) -> None:
    presses(PHONE, ["1", "1"])
    queued_call(couple)
    answer_at_the_desk(couple, "ตา")
    answer_at_the_desk(couple, "ยาย")
    couple.house.network.play_until_idle()
    assert said(couple) == ["end.settled", "bye"]


def test_one_persons_two_appointments_of_a_day_are_one_call_and_one_yes(stage: Stage, presses: Presses) -> None:
    row = "67-011,ตา,1/2/2490,080-000-0010,,ไทย"
    twice = at_home(stage, f"{row},flu,1,05/08/2569,09.00", f"{row},covid19,1,05/08/2569,09.15")
    presses(PHONE, ["1"])
    twice.when_the_fortnight_passes()
    twice.then_phone_was_called(PHONE, MORNING)
    assert [one.status for one in twice.appointments_of("ตา")] == [AppointmentStatus.CONFIRMED] * 2
    assert all(one.confirmed_by_reply for one in twice.appointments_of("ตา"))
    twice.then_no_more_reminders_come("ตา")


def test_two_appointments_of_one_week_are_two_half_days(stage: Stage, presses: Presses) -> None:
    row = "67-011,ตา,1/2/2490,080-000-0010,,ไทย"
    twice = at_home(stage, f"{row},flu,1,05/08/2569,09.00", f"{row},covid19,1,06/08/2569,09.15")
    presses(PHONE, ["1"])
    twice.when_the_fortnight_passes()
    at = [(one[:10], one[11:] < "13:00") for one in twice.calls_to(PHONE)]
    assert len(at) == len(set(at)) == 2
    assert [one.status for one in twice.appointments_of("ตา")] == [AppointmentStatus.CONFIRMED] * 2


def test_a_house_with_a_reader_and_an_elder_gets_no_text_and_call_in_one_half_day(stage: Stage) -> None:
    """He is called, she is texted: one telephone, one step, two half-days."""
    house = at_home(
        stage,
        "67-011,ตา,1/2/2490,080-000-0010,,ไทย,flu,1,05/08/2569,09.00",
        "67-012,หลาน,1/2/2540,080-000-0010,,ไทย,flu,1,05/08/2569,09.30",
    )
    house.given_a_handset(PHONE, "never_answers")
    house.when_it_is(MORNING)
    assert (house.calls_to(PHONE), house.sent_to(PHONE)) == ([MORNING], [])
    house.when_it_is(AFTERNOON)
    assert (house.calls_to(PHONE), house.sent_to(PHONE)) == ([MORNING], [AFTERNOON])


def test_nothing_is_planned_twice(couple: Stage) -> None:
    couple.when_it_is("2026-08-03 08:55", only=("plan",))
    planned = couple.count(Reminder)
    couple.when_it_is("2026-08-03 08:56", only=("plan",))
    assert couple.count(Reminder) == planned == 4


def test_one_persons_two_appointments_of_a_morning_are_one_text_and_one_yes(stage: Stage) -> None:
    row = "67-011,หลาน,1/2/2540,080-000-0010,,ไทย"
    twice = at_home(stage, f"{row},flu,1,05/08/2569,09.00", f"{row},covid19,1,05/08/2569,09.30")
    twice.given_a_handset(PHONE, "never_answers")
    twice.when_it_is(MORNING)
    twice.then_phone_got_texts(PHONE, 1)
    twice.when_a_person_texts(PHONE, "1")
    assert [one.status for one in twice.appointments_of("หลาน")] == [AppointmentStatus.CONFIRMED] * 2
