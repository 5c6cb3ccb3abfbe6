"""The telephone line: who calls, what they hear and leave, and who is called back in turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from gateway.records.contacts import Attempt, Direction
from gateway.records.conversations import Call, HotlineWait, Registration, Reply, Turn, VoiceMessage
from gateway.records.house import Counter
from gateway.records.people import Phone
from gateway.records.status import MessageKind, TakeStatus, TaskKind, WaitStatus
from gateway.records.work import Task
from tests.stories.stage import Stage

ELDER, SECOND, THIRD, STRANGER = "0800000010", "0800000011", "0800000012", "0800000099"
CARD = "0012345678901"  # of a migrant worker: their numbers begin with 00
PERSONAL = ("name.", "weekday.", "day.", "month.", "ticket", "dose.")
ROSTER = """
    HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
    67-021,ยาย,1/2/2490,080-000-0010,ไทย,flu,1,05/08/2569,09.30
"""


@pytest.fixture
def town(stage: Stage) -> Stage:
    """Monday the 3rd, ten to nine; grandmother comes on Wednesday, and nobody has called her yet."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_a_session_with_seats("2026-08-06", "morning", 10)
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(ROSTER)
    return stage


@pytest.fixture
def one_line(tmp_path: Path) -> Iterator[Stage]:
    """A hotline for one caller at once."""
    with Stage(tmp_path, settings={"hotline_lines": 1}) as built:
        built.given_a_site()
        built.given_it_is("2026-08-03 10:00")
        yield built


def waits(stage: Stage) -> list[tuple[str, str]]:
    """Who waits or waited to be called back, in the order of asking: their number's end and where they stand."""
    numbers = {phone.id: phone.e164[-4:] for phone in stage.all(Phone)}
    return [
        (numbers[one.phone], one.status.value) for one in sorted(stage.all(HotlineWait), key=lambda one: one.asked_at)
    ]


def calls_out(stage: Stage) -> list[str]:
    numbers = {phone.id: phone.e164[-4:] for phone in stage.all(Phone)}
    out = [one for one in stage.all(Attempt) if one.direction is Direction.OUT]
    return [numbers[one.phone] for one in sorted(out, key=lambda one: one.created_at)]


# Who is on record


def test_a_wary_elder_calls_back_hears_the_same_appointment_and_says_yes(town: Stage) -> None:
    said = town.said_in(town.when_a_person_calls_back(ELDER, "1"))
    assert said[:2] == ["greet.hotline", "hotline.your_appointment"]
    assert {"day.5", "month.8", "hour.0930", "ask.coming", "ack.coming"} <= set(said)
    town.then_is_confirmed("ยาย", "2026-08-05 09:30")


def test_who_calls_may_move_ask_for_a_ride_and_have_staff_rung(town: Stage) -> None:
    town.when_a_person_calls_back(ELDER, "4")
    town.then_tasks_are("ride")
    town.when_a_person_calls_back(ELDER, "0", speaks=(4.0,))
    town.then_tasks_are("callback", "ride")  # what was spoken belongs to the wish to be called
    town.when_a_person_calls_back(ELDER, "21")
    town.then_has_moved_to("ยาย", "S1-influenza-2026-08-06-morning")


def test_a_parked_phone_is_a_strangers(town: Stage) -> None:
    with town.house.database.unit_of_work() as db:
        for phone in town.all(Phone):
            db.get_one(Phone, phone.id).parked_at = town.clock.now()
    said = town.said_in(town.when_a_person_calls_back(ELDER, ("1", "1")))
    assert not any(key.startswith(PERSONAL) for key in said)
    town.then_is_booked("ยาย")


# Who is not


def test_a_stranger_registers_with_a_number_that_stands_nowhere_else_and_a_spoken_name(town: Stage) -> None:
    sid = town.when_a_person_calls_back(STRANGER, ("1", "2", f"{CARD}#"), speaks=(5.0,))
    said = town.said_in(sid)
    assert said[-4:] == ["register.number", "register.name", "register.kept", "bye"]
    assert not any(key.startswith(PERSONAL) for key in said)
    (listed,), (message,), (task,) = town.all(Registration), town.all(VoiceMessage), town.all(Task)
    assert (listed.id_value, listed.task) == (CARD, task.id)
    assert (message.kind, message.task, task.kind) == (MessageKind.REGISTER, task.id, TaskKind.REGISTER)
    tables: tuple[type[SQLModel], ...] = (Turn, Call, Attempt, Reply, Task, VoiceMessage)
    assert not any(CARD in row.model_dump_json() for table in tables for row in town.all(table))
    assert town.count(Reply) == 0


def test_who_cannot_key_a_number_leaves_a_name_alone(town: Stage) -> None:
    town.when_a_person_calls_back(STRANGER, ("1", "2", "123#", "", "12345678901234#"), speaks=(5.0,))
    assert town.count(Registration) == 0
    assert [(task.kind, task.detail.startswith("would like")) for task in town.all(Task)] == [(TaskKind.REGISTER, True)]


def test_a_complaint_is_a_task_with_its_sound(town: Stage) -> None:
    said = town.said_in(town.when_a_person_calls_back(STRANGER, ("1", "3"), speaks=(6.0,)))
    assert said[-3:] == ["question.speak", "question.kept", "bye"]
    town.when_it_is("2026-08-03 09:05", only=("takes",))
    (message,) = town.all(VoiceMessage)
    assert (message.kind, message.status) == (MessageKind.QUESTION, TakeStatus.STORED)
    town.then_tasks_are("message")


def test_a_burmese_worker_chooses_the_language_and_hears_the_rest_in_it(town: Stage) -> None:
    menu = town.said_in(town.when_a_person_calls_back(STRANGER, ("", "")))
    offered = [key.split("/")[0] for key in menu if key.endswith("language.this")]
    assert offered[0] == "th"
    assert len(offered) == 3
    town.when_a_person_calls_back(STRANGER, ("2", "1"))
    assert {call.state["facts"]["language"] for call in town.all(Call)} == {"th", offered[1]}


def test_who_calls_too_often_within_an_hour_is_told_so_and_leaves_a_count_alone(town: Stage) -> None:
    for _ in range(6):
        town.when_a_person_calls_back(STRANGER, "")
    sid = town.when_a_person_calls_back(STRANGER, "1")
    assert len(town.heard_in(sid)) == 2  # too often; goodbye
    assert (town.count(Call), town.count(HotlineWait)) == (6, 0)
    assert {row.name: row.n for row in town.all(Counter)}["hotline_too_often"] == 1
    town.given_it_is("2026-08-03 10:05")
    town.when_a_person_calls_back(STRANGER, "")
    assert town.count(Call) == 7


# Lines and hours


def test_the_caller_after_the_last_line_is_told_and_called_back_when_one_is_free(one_line: Stage) -> None:
    one_line.given_a_handset(SECOND, "always_answers_1")
    first = one_line.when_a_person_begins_to_call(ELDER, ("1", "1"))
    one_line.house.network.play_until(one_line.clock.now() + timedelta(seconds=10))
    second = one_line.when_a_person_begins_to_call(SECOND, "1")
    one_line.house.network.play_until(one_line.clock.now() + timedelta(seconds=5))
    assert one_line.said_in(second)[:3] == ["greet.hotline", "hotline.busy", "hotline.will_call"]
    assert waits(one_line) == [("0011", "waiting")]
    one_line.house.callbacks.pass_once()
    assert calls_out(one_line) == []  # the line is still taken
    one_line.house.network.play_until_idle()
    assert "hotline.busy" not in one_line.said_in(first)
    one_line.when_it_is("2026-08-03 10:10", only=("hotline",))
    assert waits(one_line) == [("0011", "done")]
    (called,) = [call for call in one_line.all(Call) if one_line.said_in(call.carrier_sid)[0] == "hotline.calling_back"]
    assert called.flow == "hotline"


def test_ten_lines_answer_ten_callers_and_the_eleventh_is_called_back(town: Stage) -> None:
    sids = []
    for n in range(11):
        sids.append(town.when_a_person_begins_to_call(f"08000001{n:02d}", ("", "")))
        town.house.network.play_until(town.clock.now() + timedelta(seconds=1))
    town.house.network.play_until(town.clock.now() + timedelta(seconds=4))
    assert [("hotline.busy" in town.said_in(sid)) for sid in sids] == [*([False] * 10), True]
    assert waits(town) == [("0110", "waiting")]


def test_who_called_on_sunday_is_called_back_on_monday_in_order_and_hears_their_appointment(town: Stage) -> None:
    town.given_it_is("2026-08-09 10:00")
    town.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-022,ตา,3/4/2488,080-000-0011,ไทย,flu,1,20/08/2569,09.30
    """)
    for number in (THIRD, SECOND, ELDER):
        town.given_a_handset(number, "always_answers_1")
    closed = town.said_in(town.when_a_person_calls_back(THIRD, ""))
    assert closed[:2] == ["greet.hotline", "hotline.closed"]
    assert closed[2].startswith(("relative.", "weekday."))  # on which day, before the hour
    assert closed[-4:-2] == ["hours.from", "hour.0800"]
    assert closed[-2:] == ["hotline.will_call", "bye"]
    town.when_a_person_calls_back(SECOND, "")
    town.when_it_is("2026-08-09 11:00", only=("hotline",))
    town.when_it_is("2026-08-10 08:30", only=("hotline",))  # the hotline is open, the window is not
    assert calls_out(town) == []
    town.when_it_is("2026-08-10 09:00", only=("hotline",))
    assert calls_out(town) == ["0012", "0011"]
    assert waits(town) == [("0012", "done"), ("0011", "done")]
    town.then_is_confirmed("ตา", "2026-08-20 09:30")
    town.then_tasks_are()


def test_who_does_not_pick_up_is_called_once_more_and_then_staff_know(town: Stage) -> None:
    town.given_it_is("2026-08-09 10:00")
    town.given_a_handset(THIRD, "never_answers")
    town.when_a_person_calls_back(THIRD, "")
    for hour in ("09:00", "09:30", "10:05", "13:05", "15:00"):
        town.when_it_is(f"2026-08-10 {hour}", only=("hotline",))
    assert calls_out(town) == ["0012", "0012"]
    assert waits(town) == [("0012", "given_up")]
    town.then_tasks_are("callback")


def test_who_gets_through_themselves_is_not_called_back(town: Stage) -> None:
    town.given_it_is("2026-08-09 10:00")
    town.when_a_person_calls_back(THIRD, "")
    town.given_it_is("2026-08-10 08:10")
    town.when_a_person_calls_back(THIRD, "")
    assert waits(town) == [("0012", WaitStatus.DONE)]
    town.when_it_is("2026-08-10 09:00", only=("hotline",))
    assert calls_out(town) == []


def test_while_everything_is_paused_nobody_is_called_back_and_nobody_is_forgotten(town: Stage) -> None:
    town.given_it_is("2026-08-09 10:00")
    town.given_a_handset(THIRD, "always_answers_1")
    town.when_a_person_calls_back(THIRD, "")
    town.given_the_switch("pause", is_on=True)
    town.when_it_is("2026-08-10 09:00", only=("hotline",))
    assert calls_out(town) == []
    town.given_the_switch("pause", is_on=False)
    town.when_it_is("2026-08-10 09:10", only=("hotline",))
    assert calls_out(town) == ["0012"]
