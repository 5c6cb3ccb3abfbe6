"""A volunteer's telephone stands for twenty elders: one call asks for each of them, and comes to its end."""

from __future__ import annotations

from gateway.records.contacts import AttemptItem
from gateway.records.status import AppointmentStatus
from tests.stories.fingers import Presses, presses
from tests.stories.stage import Stage

__all__ = ["presses"]

PHONE = "0800000010"
TWENTY = [f"คน{letter}" for letter in "กขคงจฉชซดตถทธนบปผฝพฟ"]
HOURS = [f"{at // 60:02}.{at % 60:02}" for noon in (9 * 60, 13 * 60) for at in range(noon, noon + 150, 15)]
HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,เบอร์คนในบ้าน,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"


def village(stage: Stage, born: int) -> Stage:
    """Twenty people of one birth year and one telephone, all due on Wednesday, a quarter of an hour apart."""
    for half in ("morning", "afternoon"):
        stage.given_a_session_with_seats("2026-08-05", half, 10)
    stage.given_it_is("2026-08-03 08:50")
    rows = [
        f"67-0{number},{name},1/2/{born},,080-000-0010,ไทย,flu,1,05/08/2569,{hour}"
        for number, (name, hour) in enumerate(zip(TWENTY, HOURS, strict=True), 10)
    ]
    stage.given_a_roster("\n".join([HEADER, *rows]))
    return stage


def test_all_are_asked_one_after_another_and_whom_the_longest_call_leaves_out_is_called_again(
    stage: Stage, presses: Presses
) -> None:
    """No line is held for more than 14 minutes: who is last of twenty slow answers may have to wait half a day."""
    presses(PHONE, ["1", *["1", "1", ""] * 20], ["1", "1", "", "1", "1"])
    village(stage, 2490).when_it_is("2026-08-03 11:35")
    stage.then_phone_was_called_times(PHONE, 1)
    assert stage.count(AttemptItem) == 20
    assert sum(stage.appointment_of(name).status is AppointmentStatus.CONFIRMED for name in TWENTY) >= 18
    stage.when_the_days_pass("2026-08-03", "2026-08-05")
    assert [stage.appointment_of(name).status for name in TWENTY] == [AppointmentStatus.CONFIRMED] * 20
    assert len(stage.calls_to(PHONE)) <= 2
    stage.then_tasks_are()


def test_zero_is_for_all_twenty(stage: Stage, presses: Presses) -> None:
    presses(PHONE, ["0", "1"])
    village(stage, 2490).when_it_is("2026-08-03 11:35")
    assert [stage.appointment_of(name).status for name in TWENTY] == [AppointmentStatus.CONFIRMED] * 20


def test_who_are_too_many_for_a_text_get_one_each_and_answer_by_name(stage: Stage) -> None:
    stage.given_a_handset(PHONE, "never_answers")
    village(stage, 2540).when_it_is("2026-08-03 11:35")
    texts = stage.texts_to(PHONE)
    assert len(texts) == 20
    assert {name for name in TWENTY for text in texts if name in text} == set(TWENTY)
    assert len(set(texts)) == 20
