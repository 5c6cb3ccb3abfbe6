"""Silence is not a no, and a completed call is not a yes: other hours, the other channel, then a person."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from gateway.records.conversations import Outcome
from gateway.records.work import Visit
from tests.stories.stage import Stage

WICHAI = "0800000005"
OFTEN = [f"{hour:02}:{minute:02}" for hour in range(9, 20) for minute in (5, 25)]


@pytest.fixture
def wichai(stage: Stage) -> Stage:
    """Eighty years old, with an appointment on Friday afternoon; the file comes on the Tuesday before."""
    stage.given_a_session_with_seats("2026-08-07", "afternoon", 10)
    stage.given_it_is("2026-08-04 15:00")
    stage.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,หมู่บ้าน,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-005,วิชัย,01/05/2489,080-000-0005,ไทย,บ้านแพะ,ไข้หวัดใหญ่,1,07/08/2569,14.00
    """)
    return stage


def test_who_does_not_pick_up_is_tried_three_times_at_other_hours_and_half_days(wichai: Stage) -> None:
    wichai.given_a_handset(WICHAI, "never_answers")
    wichai.when_the_days_pass("2026-08-05", "2026-08-06", OFTEN)
    calls = [datetime.fromisoformat(at) for at in wichai.calls_to(WICHAI)]
    assert len(calls) == 3
    assert len({(at.date(), at.hour < 13) for at in calls}) == 3
    assert len({at.hour for at in calls}) == 3


def test_after_three_calls_a_text_is_sent(wichai: Stage) -> None:
    wichai.given_a_handset(WICHAI, "never_answers")
    wichai.when_the_days_pass("2026-08-05", "2026-08-06")
    wichai.then_phone_was_called_times(WICHAI, 3)
    (text,) = wichai.texts_to(WICHAI)
    assert "7 ส.ค." in text
    wichai.then_reminders_are("วิชัย", "reminder voice unanswered", "reminder sms sent", "morning voice planned")


def test_when_the_text_does_not_arrive_either_a_volunteer_walks_there_and_staff_know(wichai: Stage) -> None:
    wichai.given_a_handset(WICHAI, "off")
    wichai.when_the_days_pass("2026-08-05", "2026-08-06", [*OFTEN, "19:29"])
    wichai.then_phone_was_called_times(WICHAI, 3)
    wichai.then_tasks_are("unreached")
    (task,) = wichai.open_tasks()
    assert task.village == "บ้านแพะ"
    wichai.when_it_is("2026-08-07 09:05")
    assert len(wichai.all(Visit)) == 1


@pytest.mark.parametrize("habits", ["voicemail", "silent", "hangs_up"])
def test_a_call_that_somebody_or_something_answered_is_not_a_yes(wichai: Stage, habits: str) -> None:
    wichai.given_a_handset(WICHAI, habits)
    wichai.when_the_fortnight_passes()
    assert {attempt.status.value for attempt in wichai.attempts_of("วิชัย")} == {"completed", "delivered"}
    wichai.then_is_booked("วิชัย", "2026-08-07 14:00")
    wichai.then_phone_was_called_times(WICHAI, 4)  # three times for the reminder, once on the morning
    wichai.then_the_report_counts("day", "2026-08-07", due=1, contacted=1, confirmed=0, unanswered=1)


def test_three_silences_end_the_call_and_confirm_nothing(wichai: Stage) -> None:
    sid = wichai.when_a_person_calls_back(WICHAI, ["", "", ""])
    heard = [what for _, what, _ in wichai.house.network.transcript(sid)]
    assert heard.count("silent") == 3
    assert heard[-1] == "played"  # a word of goodbye
    wichai.then_is_booked("วิชัย")
    assert wichai.count(Outcome) == 0


def test_slower_and_another_language_are_no_answers(wichai: Stage) -> None:
    wichai.when_a_person_calls_back(WICHAI, ["6", "*", ""])
    wichai.then_is_booked("วิชัย")
    wichai.then_tasks_are()


def test_101_where_one_key_is_asked_is_no_yes_and_a_turn_posted_twice_counts_once(wichai: Stage) -> None:
    call = {"CallSid": "CA" + "1" * 32, "CallStatus": "in-progress", "From": "+66800000005", "To": "+6620000000"}
    said = wichai.when_the_carrier_posts("/voice/inbound", **call)
    for _ in range(3):
        path = next_turn(said.text)
        said = wichai.when_the_carrier_posts(path, **call, Digits="101")
        again = wichai.when_the_carrier_posts(path, **call, Digits="101")
        assert again.text == said.text
    assert "<Gather" not in said.text
    assert "<Hangup" in said.text
    wichai.then_is_booked("วิชัย")
    assert wichai.count(Outcome) == 0


def next_turn(twiml: str) -> str:
    """Where the answer to a question is posted."""
    found = re.search(r'<Gather[^>]* action="[^"]*(/voice/turn/[^"]*)"', twiml)
    assert found is not None
    return found[1]
