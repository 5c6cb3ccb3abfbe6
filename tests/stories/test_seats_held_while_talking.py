"""While somebody chooses, two seats are kept from others and no more; and none in a session that staff close."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.care.closing import Policy, Telling, close_session, preview_closing
from tests.stories.stage import Stage

SOMSRI = "0800000003"
HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"
OLD = "S1-influenza-2026-08-05-morning"


def session(day: str) -> str:
    return f"S1-influenza-2026-08-{day}-morning"


@pytest.fixture
def somsri(stage: Stage) -> Stage:
    """Seventy-six years old, on Wednesday; one seat is free on each of the next four days."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-003,สมศรี,01/05/2493,080-000-0003,ไทย,ไข้หวัดใหญ่,1,05/08/2569,09.30
    """)
    for day in ("2026-08-06", "2026-08-07", "2026-08-10", "2026-08-11"):
        stage.given_a_session_with_seats(day, "morning", 1)
    return stage


def play(stage: Stage, look: Callable[[tuple[str, ...]], None]) -> None:
    """Play a call event by event; `look` gets the days of which a seat is taken whenever that changed."""
    network, seen = stage.house.network, None
    while (due := network.next_event_at()) is not None:
        network.play_until(due)
        taken = tuple(day for day in ("06", "07", "10", "11") if stage.seats_taken(session(day)))
        if taken != seen:
            look(taken)
        seen = taken


def test_who_asks_for_later_days_lets_go_of_the_earlier_ones_while_still_talking(somsri: Stage) -> None:
    somsri.when_a_person_begins_to_call(SOMSRI, "23")
    seen: list[tuple[str, ...]] = []
    play(somsri, seen.append)
    assert [days for days in seen if days] == [("06", "07"), ("10", "11")]
    assert seen[-1] == ()
    somsri.then_is_booked("สมศรี", "2026-08-05 09:30")


def test_a_session_that_closes_while_its_seat_is_held_is_not_moved_into(somsri: Stage) -> None:
    sid = somsri.when_a_person_begins_to_call(SOMSRI, "212")

    def close(taken: tuple[str, ...]) -> None:
        if taken == ("06", "07"):
            closed(somsri, session("06"))

    play(somsri, close)
    assert "offer.lost" in somsri.said_in(sid)
    assert somsri.seats_taken(session("06")) == 0
    somsri.then_has_moved_to("สมศรี", session("10"))  # the second of the two that were offered instead


def closed(stage: Stage, closing: str) -> None:
    """As the console closes it, with nobody in it."""
    house, now = stage.house, stage.clock.now()
    about = {
        "now": now,
        "regimens": house.regimens,
        "telling": Telling(house.speech.textable(), house.rules.window.next_open(now)),
    }
    with house.database.reading() as db:
        people = preview_closing(db, closing, **about).people
    with house.database.unit_of_work() as db:
        close_session(db, closing, reason="flood", policy=Policy.MOVE, expected=people, staff=None, **about)
