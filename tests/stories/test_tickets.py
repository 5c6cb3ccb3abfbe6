"""Queue numbers: in the text, in the call, in the export; people are spread over the session and keep their numbers."""

from __future__ import annotations

import pytest

from gateway.records.conversations import Turn
from gateway.reports.exports import What, export
from tests.stories.stage import Stage

YOUNG, OLD = "0800000011", "0800000012"
WEDNESDAY = "2026-08-05"
ROSTER = f"""
    HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด
    67-011,มานะ,01/05/2535,{YOUNG},ไทย,ไข้หวัดใหญ่,1,05/08/2569
    67-012,ปิติ,01/05/2490,{OLD},ไทย,ไข้หวัดใหญ่,1,05/08/2569
    67-013,ชูใจ,01/05/2491,080-000-0013,ไทย,ไข้หวัดใหญ่,1,05/08/2569
"""


@pytest.fixture
def queue(stage: Stage) -> Stage:
    """Three people of a file that names no hour, in a morning of three and a half hours for seven."""
    stage.given_a_session_with_seats(WEDNESDAY, "morning", 7)
    stage.given_a_handset(YOUNG, "silent")
    stage.given_a_handset(OLD, "always_answers_1")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(ROSTER)
    return stage


def tickets(stage: Stage) -> list[tuple[int, str]]:
    """Number and hour of everybody who has one, as exported."""
    with stage.house.database.reading() as db:
        rows = [row for row in export(db, What.APPOINTMENTS) if row["ticket"]]
    assert all(row["come_at"] == row["starts_at"] for row in rows)
    return sorted((row["ticket"], row["come_at"][11:16]) for row in rows)


def test_people_do_not_all_come_at_the_first_minute(queue: Stage) -> None:
    assert tickets(queue) == [(1, "08:30"), (2, "09:00"), (3, "09:30")]


def test_the_number_and_the_hour_are_in_the_text(queue: Stage) -> None:
    queue.when_it_is("2026-08-03 11:35")
    (text, *_) = queue.texts_to(YOUNG)
    assert "คิว 1" in text
    assert "08.30" in text


def test_the_number_is_said_after_a_yes(queue: Stage) -> None:
    queue.when_it_is("2026-08-03 11:35")
    queue.then_is_confirmed("ปิติ", "2026-08-05 09:00")
    after = [[key["prompt"] for key in turn.heard] for turn in queue.all(Turn) if turn.digits == "1"]
    (said,) = [heard for heard in after if "hour.0900" in heard]
    assert said[0] == "ack.coming"
    assert said[said.index("ticket") + 1] == "digit.2"


def test_a_file_loaded_again_changes_no_number_and_tells_nobody(queue: Stage) -> None:
    before = tickets(queue)
    assert queue.given_a_roster(ROSTER).unchanged == 3
    queue.when_it_is("2026-08-03 09:05", only=("dispatch",))
    assert tickets(queue) == before
    assert not [one for one in queue.reminders_of("มานะ") if one.startswith("answer")]


def test_who_moves_comes_at_the_hour_that_was_said_and_leaves_the_number_to_the_next(queue: Stage) -> None:
    queue.given_a_session_with_seats("2026-08-06", "morning", 7)
    queue.given_a_session_with_seats("2026-08-07", "morning", 7)
    for number in (OLD, "0800000013"):
        queue.given_a_handset(number, "always_answers_1")
        queue.when_a_person_calls_back(number, "21")
    queue.then_is_confirmed("ปิติ", "2026-08-06 08:30")
    queue.then_is_confirmed("ชูใจ", "2026-08-06 09:00")
    said = [key["prompt"] for turn in queue.all(Turn) for key in turn.heard]
    assert said.count("hour.0900") >= 2  # offered, and said back
    assert tickets(queue) == [(1, "08:30"), (1, "08:30"), (2, "09:00")]
