"""The carrier took it and its answer was lost: never sent twice, never forgotten (law 2)."""

from __future__ import annotations

import pytest

from gateway.records.status import Channel
from tests.stories.stage import Stage

ELDER, GRANDCHILD = "0800000010", "0800000011"


@pytest.fixture
def two(stage: Stage) -> Stage:
    """One to be called, one to be texted, both on Monday at ten."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_a_handset(ELDER, "always_answers_1")
    stage.given_a_handset(GRANDCHILD, "never_answers")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-021,ยาย,1/2/2490,080-000-0010,ไทย,flu,1,05/08/2569,09.30
        67-022,หลาน,1/2/2540,080-000-0011,ไทย,flu,1,05/08/2569,10.00
    """)
    return stage


def attempts(stage: Stage, name: str) -> list[tuple[str, str | None]]:
    return [(one.status.value, one.reason) for one in stage.attempts_of(name)]


@pytest.mark.parametrize("fault", ["drop_response_after_accept", "answer_500_after_accept"])
def test_when_only_the_answer_was_lost_the_receipts_bind_it_and_nothing_goes_out_twice(two: Stage, fault: str) -> None:
    setattr(two.faults, fault, 2)
    assert two.when_it_is("2026-08-03 11:35")["in_doubt"] == 2
    two.then_is_confirmed("ยาย")
    assert attempts(two, "ยาย") == [("completed", None)]
    assert attempts(two, "หลาน") == [("delivered", None)]
    two.when_the_days_pass("2026-08-03", "2026-08-03")
    two.then_phone_was_called_times(ELDER, 1)
    two.then_phone_got_texts(GRANDCHILD, 1)
    two.then_tasks_are()


def test_when_nothing_is_heard_at_all_it_is_found_by_looking(two: Stage) -> None:
    two.faults.drop_response_after_accept = 2
    with two.while_the_carrier_is_not_heard():
        two.when_it_is("2026-08-03 11:35")
    assert attempts(two, "หลาน") == [("queued", None)]
    two.when_it_is("2026-08-03 11:45")
    assert attempts(two, "หลาน") == [("delivered", None)]
    assert attempts(two, "ยาย") == [("completed", None)]
    two.then_phone_was_called_times(ELDER, 1)
    two.then_phone_got_texts(GRANDCHILD, 1)
    two.then_is_booked("ยาย")  # a call whose keys we never heard is no yes


def test_what_surely_did_not_go_is_sent_by_a_new_attempt_of_the_same_reminder(two: Stage) -> None:
    two.given_the_next_submissions_vanish(2)
    two.when_it_is("2026-08-03 11:35")
    two.when_it_is("2026-08-03 11:38")
    two.then_tasks_are("in_doubt", "in_doubt")
    two.then_phone_got_texts(GRANDCHILD, 0)
    two.when_it_is("2026-08-03 11:42")
    assert attempts(two, "หลาน") == [("failed", "not_sent"), ("delivered", None)]
    assert attempts(two, "ยาย") == [("failed", "not_sent"), ("completed", None)]
    two.then_reminders_are("หลาน", "reminder sms sent", "morning sms planned")
    two.then_is_confirmed("ยาย")
    two.then_tasks_are()


def test_who_was_told_to_wait_is_sent_it_later_and_once(two: Stage) -> None:
    two.faults.throttle_every = 2
    two.when_it_is("2026-08-03 11:35")
    two.when_it_is("2026-08-03 11:40")
    two.then_phone_was_called_times(ELDER, 1)
    two.then_phone_got_texts(GRANDCHILD, 1)
    assert [one.status.value for one in two.attempts_of("หลาน", Channel.SMS)] == ["failed", "delivered"]
