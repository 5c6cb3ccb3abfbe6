"""Everything that happened to one person is told, in order, as staff need it on the telephone."""

from __future__ import annotations

from gateway.kit.answers import Answer
from gateway.records.contacts import Direction
from gateway.records.status import AttemptStatus, Channel, ReminderStatus, TaskKind
from gateway.reports.story import by_day, called_off, story, to_come
from gateway.reports.story_events import (
    Booked,
    Call,
    Event,
    Moved,
    Planned,
    Replied,
    TaskDone,
    TaskOpened,
    Text,
    Visited,
)
from tests.stories.stage import Stage

SOMSRI, MALI, KAEW = "0800000003", "0800000002", "0800000005"
HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,หมู่บ้าน,วัคซีน,เข็มที่,วันนัด,เวลานัด"


def told(stage: Stage, name: str) -> list[Event]:
    with stage.house.database.reading() as db:
        return story(db, stage.person_of(name).id)


def test_a_call_with_key_2_is_told_turn_by_turn_with_the_day_that_was_chosen(stage: Stage) -> None:
    for day in ("2026-08-05", "2026-08-06"):
        stage.given_a_session_with_seats(day, "morning", 10)
    stage.given_a_handset(SOMSRI, "always_2")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-003,สมศรี,01/05/2493,080-000-0003,ไทย,,ไข้หวัดใหญ่,1,05/08/2569,09.30
    """)
    stage.when_it_is("2026-08-03 11:35")
    stage.when_it_is("2026-08-03 11:45")
    events = told(stage, "สมศรี")
    assert [event.at for event in events] == sorted(event.at for event in events)
    (booked,) = (event for event in events if isinstance(event, Booked))
    (call,) = (event for event in events if isinstance(event, Call))
    (moved,) = (event for event in events if isinstance(event, Moved))
    (text,) = (event for event in events if isinstance(event, Text))
    assert booked.at < call.at <= moved.at <= text.at
    assert (call.status, call.direction, call.number) == (AttemptStatus.COMPLETED, Direction.OUT, "+66800000003")
    assert [word.status for word in call.words][-1] == "completed"
    assert [(turn.digits, turn.meaning, turn.effects) for turn in call.turns] == [
        (None, None, ()),
        ("2", None, ()),
        ("1", Answer.MOVE, ("moved",)),
        ("1", None, ()),  # the new day was said, with a way back; they leave it at that
    ]
    assert call.turns[0].phrases[0].prompt == "greet.reminder"
    assert all(phrase.clip and phrase.text for turn in call.turns for phrase in turn.phrases)
    assert [(one.purpose, one.status, one.is_over) for one in call.reminders] == [
        ("reminder", ReminderStatus.ANSWERED, True)
    ]
    assert moved.by_person
    assert moved.before is not None
    assert moved.before.starts_at < moved.after.starts_at
    assert "6 ส.ค." in text.body
    assert (text.status, text.parts > 0, text.cost is not None) == (AttemptStatus.DELIVERED, True, True)


def test_a_text_its_receipts_the_answer_and_what_will_not_be_sent_any_more(stage: Stage) -> None:
    stage.given_a_session_with_seats("2026-08-07", "morning", 10)
    stage.given_a_handset(MALI, "never_answers")
    stage.given_a_roster(f"""
        {HEADER}
        67-002,มะลิ,๑/๒/๒๕๓๓,๐๘๐-๐๐๐-๐๐๐๒,ไทย,,ไข้หวัดใหญ่,1,๗ ส.ค. ๒๕๖๙,09.30
    """)
    stage.when_it_is("2026-08-05 11:35")
    stage.when_a_person_texts(MALI, "๑")
    stage.when_it_is("2026-08-05 11:40")
    events = told(stage, "มะลิ")
    reminder, confirmation = (event for event in events if isinstance(event, Text))
    (reply,) = (event for event in events if isinstance(event, Replied))
    (morning,) = (event for event in events if isinstance(event, Planned))
    assert "1=มา" in reminder.body
    assert (reminder.language, reminder.status) == ("th", AttemptStatus.DELIVERED)
    assert [word.status for word in reminder.words][-1] == "delivered"
    assert (reply.raw, reply.answer, reply.effects, reply.is_theirs) == ("๑", Answer.COMING, ("confirmed",), True)
    assert [one.purpose for one in confirmation.reminders] == ["confirmed"]
    assert (morning.status, morning.reason) == (ReminderStatus.SUPPRESSED, "answered: coming")
    assert called_off(events) == [morning]
    assert to_come(events, stage.clock.now()) == []
    days = by_day(events, stage.clock.now())
    assert [day for day, _ in days] == sorted((day for day, _ in days), reverse=True)
    assert [event.at for event in days[0][1]] == sorted(event.at for event in days[0][1])
    assert sum(len(group) for _, group in days) + 1 == len(events)


def test_nobody_picks_up_and_each_try_the_visit_and_the_task_are_told(stage: Stage) -> None:
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_a_handset(KAEW, "never_answers")
    stage.given_it_is("2026-07-29 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-005,แก้ว,01/05/2490,080-000-0005,ไทย,บ้านแม่ทะ,ไข้หวัดใหญ่,1,05/08/2569,09.30
    """)
    stage.when_the_fortnight_passes()
    events = told(stage, "แก้ว")
    calls = [event for event in events if isinstance(event, Call)]
    assert len(calls) >= 3
    assert all(call.turns == () and call.status is AttemptStatus.NO_ANSWER for call in calls)
    last_of_each = [one.is_over for call in calls for one in call.reminders]
    assert last_of_each.count(True) == len({one.step for call in calls for one in call.reminders})
    assert [one.task for one in events if isinstance(one, TaskOpened)] == [TaskKind.UNREACHED]
    assert not [one for one in events if isinstance(one, TaskDone)]
    assert len([one for one in events if isinstance(one, Visited)]) <= 1


def test_a_call_back_to_the_clinic_is_a_call_that_came_in(stage: Stage) -> None:
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_a_handset(SOMSRI, "never_answers")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-003,สมศรี,01/05/2493,080-000-0003,ไทย,,ไข้หวัดใหญ่,1,05/08/2569,09.30
    """)
    stage.when_a_person_calls_back(SOMSRI, "1")
    (call,) = (event for event in told(stage, "สมศรี") if isinstance(event, Call))
    assert (call.direction, call.channel) == (Direction.IN, Channel.VOICE)
    assert [turn.meaning for turn in call.turns][1] is Answer.COMING
    assert call.turns[1].effects == ("confirmed",)


def test_a_text_from_a_shared_phone_is_told_to_each_as_not_surely_theirs(stage: Stage) -> None:
    stage.given_a_session_with_seats("2026-08-07", "morning", 10)
    stage.given_a_handset(MALI, "never_answers")
    stage.given_a_roster(f"""
        {HEADER}
        67-002,มะลิ,01/02/2533,080-000-0002,ไทย,,ไข้หวัดใหญ่,1,07/08/2569,09.30
        67-003,มานี,01/02/2535,080-000-0002,ไทย,,ไข้หวัดใหญ่,1,07/08/2569,10.30
    """)
    stage.when_it_is("2026-08-05 11:35")
    stage.when_a_person_texts(MALI, "มา")
    for name in ("มะลิ", "มานี"):
        (reply,) = (event for event in told(stage, name) if isinstance(event, Replied))
        assert (reply.is_theirs, reply.effects) == (False, ("asked_back",))


def test_of_somebody_nobody_knows_there_is_no_story(stage: Stage) -> None:
    with stage.house.database.reading() as db:
        assert story(db, "0" * 32) == []
