"""What else somebody may say when the telephone rings: had it already, wrong number, no more calls, a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.dispatch.messages import message_path
from gateway.records.conversations import Call, Turn, VoiceMessage
from gateway.records.people import Phone
from gateway.records.places import Site
from gateway.records.staffing import Audit
from gateway.records.status import TakeStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.voice.wav import read_wav
from tests.stories.stage import Stage

SOMSRI, STAFF = "0800000003", "054000901"
HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"


@pytest.fixture
def somsri(stage: Stage) -> Stage:
    """Seventy-six years old; she is called on Monday morning about Wednesday."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-003,สมศรี,01/05/2493,080-000-0003,ไทย,ไข้หวัดใหญ่,1,05/08/2569,09.30
    """)
    return stage


def called(stage: Stage, keys: str) -> Stage:
    """She presses these keys, one a question."""
    stage.given_a_handset(SOMSRI, f"presses {keys}")
    stage.when_it_is("2026-08-03 11:35")
    return stage


def given_the_site_closes(stage: Stage, at: str) -> None:
    with stage.house.database.unit_of_work() as db:
        site = db.get_one(Site, "S1")
        site.closes = at
        db.add(site)


def test_who_was_vaccinated_already_is_looked_up_and_not_called_again(somsri: Stage) -> None:
    called(somsri, "8").then_tasks_are("question")
    somsri.when_the_days_pass("2026-08-03", "2026-08-04")
    somsri.then_phone_was_called_times(SOMSRI, 1)
    somsri.then_is_booked("สมศรี")  # staff say whether it is true


def test_a_wrong_number_is_parked_and_nobody_is_called_on_it_again(somsri: Stage) -> None:
    called(somsri, "7")
    [phone] = [one for one in somsri.all(Phone) if one.e164.endswith("800000003")]
    assert phone.parked_at is not None
    somsri.when_the_days_pass("2026-08-03", "2026-08-05")
    somsri.then_phone_was_called_times(SOMSRI, 1)
    assert somsri.open_tasks()  # staff see it


def test_five_twice_stops_the_calls(somsri: Stage) -> None:
    called(somsri, "5 5")
    somsri.when_the_days_pass("2026-08-03", "2026-08-05")
    somsri.then_phone_was_called_times(SOMSRI, 1)
    somsri.then_no_more_reminders_come("สมศรี")


def test_five_and_then_nothing_stops_nothing(somsri: Stage) -> None:
    called(somsri, "5 - 1").then_is_confirmed("สมศรี")


def test_zero_in_the_sites_hours_connects_with_staff_and_nobody_has_to_call_back(somsri: Stage) -> None:
    somsri.given_a_handset(STAFF, "always_answers_1")
    called(somsri, "0")
    [task] = somsri.all(Task)
    assert (task.kind, task.status) == (TaskKind.CALLBACK, TaskStatus.DONE)
    assert not any("54000901" in turn.response for turn in somsri.all(Turn))
    somsri.then_is_booked("สมศรี")


def test_zero_out_of_hours_leaves_a_message_that_staff_can_hear(somsri: Stage) -> None:
    given_the_site_closes(somsri, "09:00")
    called(somsri, "0")
    somsri.when_it_is("2026-08-03 11:50", only=["takes"])
    [message] = somsri.all(VoiceMessage)
    sound = message_path(somsri.folder / "audio", message.id)
    assert message.status is TakeStatus.STORED
    assert read_wav(sound.read_bytes()).rate == 8000
    assert not list(Path(somsri.folder / "audio").glob(f"{message.id}*"))  # not where clips lie for all to hear
    somsri.then_tasks_are("callback")
    assert message.task == somsri.open_tasks()[0].id  # one wish, one piece of work


def test_zero_where_staff_do_not_pick_up_leaves_a_message(somsri: Stage) -> None:
    somsri.given_a_handset(STAFF, "never_answers")
    called(somsri, "0")
    assert [message.kind for message in somsri.all(VoiceMessage)] == ["staff"]


def test_six_says_everything_again_slowly_and_a_yes_is_still_a_yes(somsri: Stage) -> None:
    called(somsri, "6 1").then_is_confirmed("สมศรี")
    first, *later = sorted(somsri.all(Turn), key=lambda turn: turn.turn_no)
    assert "/audio/slow/" not in first.response
    assert all("/audio/slow/" in turn.response for turn in later)


def test_star_chooses_burmese_which_is_spoken_from_then_on_and_remembered(somsri: Stage) -> None:
    somsri.given_a_roster(f"""
        {HEADER}
        67-011,Aye Aye,01/05/2533,080-000-0011,พม่า,ไข้หวัดใหญ่,1,07/08/2569,09.30
        67-012,Mya,01/05/2534,080-000-0012,พม่า,ไข้หวัดใหญ่,1,07/08/2569,09.45
    """)
    called(somsri, "* 1 1").then_is_confirmed("สมศรี")
    [call] = [one for one in somsri.all(Call) if one.state["facts"]["language"] == "my"]
    assert somsri.person_of("สมศรี").language == "my"
    assert [audit.verb for audit in somsri.all(Audit) if audit.person == call.person] == ["language_chosen"]
