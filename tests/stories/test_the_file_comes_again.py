"""A file loaded again changes nothing; what the hospital changed in it does; what people chose stays theirs."""

from __future__ import annotations

import pytest

from tests.stories.stage import Stage

ELDER, GRANDCHILD = "0800000010", "0800000011"
OLD, CHOSEN = "S1-influenza-2026-08-05-morning", "S1-influenza-2026-08-06-morning"
NEW = "S1-influenza-2026-08-07-afternoon"
ELDERS_ROW = "67-021,ยาย,1/2/2490,080-000-0010,ไทย,flu,1,05/08/2569,09.30"
FILE = f"""
    HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
    {ELDERS_ROW}
    67-022,หลาน,1/2/2540,080-000-0011,ไทย,flu,1,05/08/2569,10.00
"""
LATER = FILE.replace("05/08/2569,09.30", "07/08/2569,13.30").replace("05/08/2569,10.00", "07/08/2569,14.00")


@pytest.fixture
def house(stage: Stage) -> Stage:
    """Two people due on Wednesday; the file comes on Monday."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_a_session_with_seats("2026-08-06", "morning", 10)
    stage.given_a_session_with_seats("2026-08-07", "afternoon", 10)
    stage.given_a_handset(GRANDCHILD, "never_answers")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(FILE)
    return stage


def test_after_a_move_and_a_stop_the_same_file_changes_nothing(house: Stage) -> None:
    house.given_a_handset(ELDER, "always_2")
    house.when_it_is("2026-08-03 11:35")
    house.when_a_person_texts(GRANDCHILD, "หยุด")
    house.then_has_moved_to("ยาย", CHOSEN)
    before = house.reminders_of("ยาย"), house.reminders_of("หลาน")
    report = house.given_a_roster(FILE)
    assert (report.unchanged, report.created, report.changed, report.cancelled) == (2, 0, 0, 0)
    assert (house.reminders_of("ยาย"), house.reminders_of("หลาน")) == before
    house.when_the_fortnight_passes()
    house.then_has_moved_to("ยาย", CHOSEN)
    house.then_phone_was_called_times(ELDER, 1)
    house.then_phone_got_texts(GRANDCHILD, 1)
    house.then_phone_was_called_times(GRANDCHILD, 0)
    house.then_seats_taken(OLD, 1)
    house.then_seats_taken(CHOSEN, 1)


def test_a_day_the_hospital_changed_moves_the_appointment_and_begins_its_ladder_anew(house: Stage) -> None:
    house.given_a_handset(ELDER, "never_answers")
    house.when_it_is("2026-08-03 11:35")
    report = house.given_a_roster(LATER)
    assert report.changed == 2
    house.then_is_booked("หลาน", "2026-08-07 14:00")
    house.then_seats_taken(OLD, 0)
    house.then_seats_taken(NEW, 2)
    house.when_the_fortnight_passes()
    first, *later = house.texts_to(GRANDCHILD)
    assert "5 ส.ค." in first
    assert "เลื่อนนัด" in later[0]  # who has the old day in mind is told of the change first
    assert len(later) == 3
    assert all("7 ส.ค." in text for text in later)


def test_the_hospital_does_not_undo_the_day_a_person_chose(house: Stage) -> None:
    house.given_a_handset(ELDER, "always_2")
    house.when_it_is("2026-08-03 11:35")
    report = house.given_a_roster(LATER)
    assert report.conflicts == 1
    house.then_has_moved_to("ยาย", CHOSEN)


def test_who_is_no_longer_in_the_file_is_cancelled_inside_its_days_and_not_reminded(house: Stage) -> None:
    house.given_a_handset(ELDER, "always_answers_1")
    without = "\n".join(line for line in FILE.splitlines() if "หลาน" not in line)
    report = house.given_a_roster(without, complete_for=("2026-08-03", "2026-08-05"))
    assert (report.unchanged, report.cancelled) == (1, 1)
    house.when_the_fortnight_passes()
    house.then_is_cancelled("หลาน")
    house.then_phone_got_texts(GRANDCHILD, 0)
    house.then_seats_taken(OLD, 1)
    house.then_is_confirmed("ยาย")


def test_a_file_that_names_no_days_or_other_days_cancels_nobody(house: Stage) -> None:
    without = "\n".join(line for line in FILE.splitlines() if "หลาน" not in line)
    assert house.given_a_roster(without).cancelled == 0
    shorter = without.replace(ELDERS_ROW, ELDERS_ROW.replace("05/08/2569", "06/08/2569"))
    assert house.given_a_roster(shorter, complete_for=("2026-08-06", "2026-08-07")).cancelled == 0
    house.then_is_booked("หลาน", "2026-08-05 10:00")


def test_a_bad_row_comes_back_and_the_good_ones_go_in_together(house: Stage) -> None:
    report = house.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-040,ดี,1/2/2540,080-000-0040,ไทย,flu,1,06/08/2569,09.00
        67-041,เสีย,1/2/2540,080-000-0041,ไทย,flu,1,31/06/2569,09.00
    """)
    assert (report.result.rows, report.result.accepted, report.result.rejected) == (2, 1, 1)
    (issue,) = [issue for issue in report.result.issues if issue.is_error]
    assert (issue.row, issue.column, issue.code) == (3, "appointment_date", "date_not_real")
    house.then_is_booked("ดี", "2026-08-06 09:00")


def test_a_file_in_windows_874_with_semicolons_reads_like_any_other(house: Stage) -> None:
    report = house.given_a_roster(
        encoding="cp874",
        text="""
        HN;ชื่อ;วันเกิด;เบอร์โทรศัพท์;ภาษา;วัคซีน;เข็มที่;วันนัด;เวลานัด
        67-042;บัวลา;๑ ก.พ. ๒๕๔๐;๐๘๐ ๐๐๐ ๐๐๔๒;อีสาน;ไข้หวัดใหญ่;๑;๖ สิงหาคม ๒๕๖๙;๙.๐๐ น.
    """,
    )
    assert report.created == 1
    house.then_is_booked("บัวลา", "2026-08-06 09:00")
