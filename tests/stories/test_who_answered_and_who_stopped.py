"""Of several people, and of one phone: who it was that answered, whose stop it was, and what it is a stop of."""

from __future__ import annotations

import pytest

from gateway.records.conversations import Turn
from gateway.records.people import CarrierBlock
from gateway.reports.exports import What, export
from gateway.wiring.house import SANDBOX_NUMBER
from tests.stories.fingers import Presses, presses
from tests.stories.stage import Stage

__all__ = ["presses"]

PHONE = "0800000010"
MONDAY, AFTERNOON = "2026-08-03 11:35", "2026-08-03 13:30"
HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,เบอร์คนในบ้าน,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"


@pytest.fixture
def couple(stage: Stage) -> Stage:
    """Her telephone; he has none, and is reached on hers."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-011,ยาย,1/2/2490,080-000-0010,,ไทย,flu,1,05/08/2569,09.00
        67-012,ตา,1/2/2489,,080-000-0010,ไทย,flu,1,05/08/2569,09.30
    """)
    return stage


def test_the_export_says_who_answered_for_whom(couple: Stage, presses: Presses) -> None:
    presses(PHONE, ["0", "1"])
    couple.when_it_is(MONDAY)
    hers, his = couple.person_of("ยาย").id, couple.person_of("ตา").id
    with couple.house.database.reading() as db:
        rows = {row["person"]: (row["answer"], row["by_role"], row["by_person"]) for row in export(db, What.REPLIES)}
    assert rows[hers] == ("coming", "own", None)
    assert rows[his][0] == "coming"
    assert rows[his][1] not in (None, "own")
    assert rows[his][2] == hers


def test_one_of_them_stops_in_a_call_and_the_other_is_still_called(couple: Stage, presses: Presses) -> None:
    presses(PHONE, ["2", "5", "5"], ["1"])  # him, stop, yes stop; her another time
    couple.when_it_is(MONDAY)
    couple.then_no_more_reminders_come("ตา")
    couple.when_the_days_pass("2026-08-03", "2026-08-05")
    assert len(couple.attempts_of("ตา")) == 1
    couple.then_is_booked("ตา")
    couple.then_is_confirmed("ยาย")
    couple.then_phone_was_called_times(PHONE, 2)


def test_who_told_the_carrier_to_stop_gets_no_text_and_is_still_called(stage: Stage) -> None:
    """21610 is a stop of texts from our number: it says nothing of calls."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_a_handset(PHONE, "always_answers_1")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-011,หลาน,1/2/2540,080-000-0010,,ไทย,flu,1,05/08/2569,09.00
    """)
    stage.when_it_is("2026-08-03 08:55", only=("plan",))
    stage.house.network.opt_out(f"+66{PHONE[1:]}", SANDBOX_NUMBER)
    stage.when_the_days_pass("2026-08-03", "2026-08-05")
    stage.then_phone_got_texts(PHONE, 0)
    assert [block.code for block in stage.all(CarrierBlock)] == ["21610"]
    stage.then_phone_was_called_times(PHONE, 1)
    stage.then_is_confirmed("หลาน")
    with stage.house.database.reading() as db:
        assert "opted_out" in {row["reason"] for row in export(db, What.REMINDERS)}


def test_who_asked_for_it_slowly_hears_the_other_language_slowly_too(stage: Stage) -> None:
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-011,สมศรี,1/5/2493,080-000-0010,,ไทย,flu,1,05/08/2569,09.30
        67-012,Aye Aye,1/5/2533,080-000-0011,,พม่า,flu,1,07/08/2569,09.30
        67-013,Mya,1/5/2534,080-000-0012,,พม่า,flu,1,07/08/2569,09.45
    """)
    stage.given_a_handset(PHONE, "presses 6 * 1 1")
    stage.when_it_is(MONDAY)
    stage.then_is_confirmed("สมศรี")
    _, *later = sorted(stage.all(Turn), key=lambda turn: turn.turn_no)
    assert len(later) >= 4
    assert all("/audio/slow/" in turn.response for turn in later)
