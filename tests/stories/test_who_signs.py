"""Only the carrier is believed: what is not signed changes nothing, and is counted."""

from __future__ import annotations

import pytest

from gateway.records.contacts import Attempt, Receipt
from gateway.records.conversations import Call, Outcome, Reply, Turn
from gateway.records.house import Counter
from gateway.records.work import Task
from tests.stories.stage import Stage

PHONE = "+66800000011"
FROM_PHONE = {"From": PHONE, "To": "+6620000000"}


@pytest.fixture
def texted(stage: Stage) -> Stage:
    """Somebody was sent the reminder."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_a_handset(PHONE, "never_answers")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-022,หลาน,1/2/2540,080-000-0011,ไทย,flu,1,05/08/2569,10.00
    """)
    stage.when_it_is("2026-08-03 11:35")
    return stage


@pytest.mark.parametrize("signature", ["", "made up"])
def test_an_unsigned_post_changes_nothing(texted: Stage, signature: str) -> None:
    (attempt,) = texted.attempts_of("หลาน")
    about_it = {"CallSid": "CA1", "CallStatus": "in-progress", **FROM_PHONE}
    posts = {
        "/sms/inbound": {"MessageSid": "SM1", "Body": "1", **FROM_PHONE},
        f"/sms/status/{attempt.id}": {"MessageSid": attempt.carrier_id or "", "MessageStatus": "undelivered"},
        "/voice/inbound": about_it,
        f"/voice/answer/{attempt.id}": about_it,
        f"/voice/turn/{attempt.id}?turn=1": {"Digits": "1", **about_it},
        f"/voice/status/{attempt.id}": about_it,
        f"/voice/fallback/{attempt.id}": about_it,
    }
    tables = (Attempt, Receipt, Reply, Outcome, Call, Turn, Task)
    before = [texted.count(table) for table in tables], texted.reminders_of("หลาน")
    answers = [texted.when_the_carrier_posts(path, signature=signature, **form) for path, form in posts.items()]
    assert [answer.status_code for answer in answers] == [403] * len(posts)
    assert ([texted.count(table) for table in tables], texted.reminders_of("หลาน")) == before
    texted.then_is_booked("หลาน")
    assert [(one.name, one.n) for one in texted.all(Counter)] == [("webhook_bad_signature", len(posts))]


def test_the_same_text_signed_is_a_yes_and_counts_once_however_often_it_is_posted(texted: Stage) -> None:
    for _ in range(3):
        answer = texted.when_the_carrier_posts("/sms/inbound", MessageSid="SM1", Body="1", **FROM_PHONE)
        assert answer.status_code == 200
    texted.then_is_confirmed("หลาน")
    assert texted.count(Reply) == 1
    assert texted.count(Outcome) == 1


def test_a_receipt_for_an_attempt_nobody_made_is_polite_and_kept_for_staff(texted: Stage) -> None:
    answer = texted.when_the_carrier_posts("/sms/status/" + "0" * 32, MessageSid="SM9", MessageStatus="delivered")
    assert answer.status_code == 200
    assert [one.attempt for one in texted.all(Receipt) if one.carrier_id == "SM9"] == [None]
    texted.then_tasks_are("unmatched")
