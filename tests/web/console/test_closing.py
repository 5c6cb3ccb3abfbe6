"""Closing a session at the console: asked twice, done once."""

from __future__ import annotations

from datetime import time, timedelta

import httpx
import pytest

from gateway.care import booking
from gateway.kit.clock import at_bangkok
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.places import Session
from gateway.records.staffing import Audit, Role
from gateway.records.status import AppointmentStatus, TaskKind
from gateway.records.work import Task
from tests.support.world import MONDAY, World
from tests.web.console.conftest import Console, hidden
from tests.web.console.test_today import second_site, text_of

WEDNESDAY = MONDAY + timedelta(days=2)


@pytest.fixture
def session(console: Console) -> Session:
    """Two people with seats on Wednesday, and one free seat a week later."""
    row = console.world.session(WEDNESDAY)
    console.world.session(WEDNESDAY + timedelta(days=7), seats=1)
    for _ in range(2):
        seated(console.world, row)
    return row


def seated(world: World, session: Session) -> None:
    person = world.person()
    one = Appointment(person=person.id, site=session.site, session=session.id, regimen=session.vaccine,
                      starts_at=session.starts_at, created_at=world.clock.now())  # fmt: skip
    with world.database.unit_of_work() as db:
        booking.take_seat(db, one)


def page(session: Session) -> str:
    return f"/console/sessions/{session.id}/close"


def close(console: Console, session: Session, **fields: str) -> httpx.Response:
    values = {"policy": "move", "reason": "road_closed", "seen": "2", "people": "2"} | fields
    return console.post(page(session), **values)


def statuses(console: Console) -> list[str]:
    return sorted(one.status.value for one in console.world.all(Appointment))


def is_untouched(console: Console, session: Session) -> bool:
    row = console.world.fresh(session)
    return row.closed_at is None and row.taken == 2 and statuses(console) == ["booked", "booked"]


def test_the_page_says_what_each_choice_comes_to(console: Console, session: Session) -> None:
    said = text_of(console.get(page(session)).text)
    assert "2 people are in it" in said
    assert "1 given a new day 1 cancelled; staff find a day 2 told by text 0 to be told by phone" in said
    assert "Wed 12 Aug 2026 Morning : 1 person" in said or "Wed 12 Aug 2026 Morning: 1 person" in said
    assert "This cannot be undone" in said
    assert "another site of the district" not in said  # it would come to the same here


def test_closing_moves_cancels_tells_and_says_so(console: Console, session: Session) -> None:
    said = text_of(console.follow(close(console, session)).text)
    assert "The session is closed" in said
    assert "2 were in it 1 given a new day 1 cancelled; staff find a day 2 told by text" in said
    assert "Flood, or the road is closed" in said
    assert statuses(console) == ["booked", "cancelled", "moved"]
    assert sorted(one.purpose for one in console.world.all(Reminder)) == ["cancelled", "moved"]
    assert [one.kind for one in console.world.all(Task)] == [TaskKind.CALLBACK]
    assert console.world.fresh(session).taken == 0
    [audit] = [one for one in console.world.all(Audit) if one.verb == "closed"]
    assert (audit.staff, audit.subject, audit.after["people"]) == (console.me.id, session.id, 2)
    assert "was closed on" in text_of(console.get(f"/console/sessions/{session.id}").text)


def test_the_result_leads_to_the_call_backs_and_offers_no_undo(console: Console, session: Session) -> None:
    html = console.follow(close(console, session, policy="cancel")).text
    assert 'href="/console/worklists?kind=callback&amp;site=S1"' in html
    assert "/console/undo/" not in html


def test_the_same_form_sent_twice_closes_once(console: Console, session: Session) -> None:
    html = console.get(page(session)).text
    form = {name: hidden(html, name) for name in ("csrf", "once", "seen")}
    answers = [close(console, session, **form) for _ in range(2)]
    assert [one.headers["location"] for one in answers] == [f"/console/sessions/{session.id}/closed"] * 2
    assert len(console.world.all(Reminder)) == 2
    assert len([one for one in console.world.all(Audit) if one.verb == "closed"]) == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"people": "3"}, "the number you typed is not the number of people in it, which is 2"),
        ({"people": ""}, "the number you typed"),
        ({"people": "two"}, "the number you typed"),
        ({"people": "-2", "seen": "-2"}, "the number you typed"),
        ({"people": "1", "seen": "1"}, "there are 2 now"),
        ({"policy": "burn"}, "choose what becomes of the people"),
        ({"policy": ""}, "choose what becomes of the people"),
        ({"reason": ""}, "choose a reason"),
        ({"reason": "<script>"}, "choose a reason"),
    ],
)
def test_what_is_missing_or_wrong_closes_nothing(
    console: Console, session: Session, fields: dict[str, str], sentence: str
) -> None:
    answer = close(console, session, **fields)
    assert (answer.status_code, sentence in text_of(answer.text)) == (409, True)
    assert f'href="{page(session)}"' in answer.text
    assert is_untouched(console, session)


def test_thai_digits_are_a_number(console: Console, session: Session) -> None:
    assert close(console, session, people=" ๒ ").status_code == 303


def test_somebody_who_came_in_meanwhile_is_not_closed_out_unseen(console: Console, session: Session) -> None:
    html = console.get(page(session)).text
    seated(console.world, session)
    answer = close(console, session, seen=hidden(html, "seen"))
    assert (answer.status_code, "there are 3 now" in answer.text) == (409, True)
    assert console.world.fresh(session).closed_at is None


def test_a_closed_or_begun_or_unknown_session_is_a_sentence(console: Console, session: Session) -> None:
    close(console, session)
    for answer in (console.get(page(session)), close(console, session)):
        assert (answer.status_code, "is closed already" in answer.text) == (409, True)
    begun = console.world.session(MONDAY)
    answer = console.get(page(begun))
    assert (answer.status_code, "has begun or is over" in answer.text) == (409, True)
    assert console.get("/console/sessions/nowhere/close").status_code == 404
    assert console.get("/console/sessions/nowhere/closed").status_code == 404
    assert console.get(f"/console/sessions/{begun.id}/closed").status_code == 404


def test_only_a_manager_closes_and_only_at_their_site(console: Console, session: Session) -> None:
    console.sign_in(Role.STAFF)
    for what in (console.get(page(session)), close(console, session), console.get(page(session) + "d")):
        assert what.status_code == 403
    console.sign_in(Role.MANAGER, site="S1")
    other = second_site(console.world)
    assert console.get(page(other)).status_code == 404
    assert close(console, other, seen="0", people="0").status_code == 404
    assert console.world.fresh(other).closed_at is None
    assert is_untouched(console, session)


def test_outside_the_hours_the_page_says_from_when_texts_go_out(console: Console, session: Session) -> None:
    assert "outside the hours for texts" not in console.get(page(session)).text
    console.world.clock.advance_to(at_bangkok(MONDAY, time(21)))
    assert "they go out from Tue 4 Aug 2026 09:00" in text_of(console.get(page(session)).text)


def test_an_empty_session_is_closed_too(console: Console) -> None:
    empty = console.world.session(WEDNESDAY)
    said = text_of(console.follow(close(console, empty, seen="0", people="0")).text)
    assert "Everybody has a new day" in said
    assert console.world.fresh(empty).closed_at is not None
    assert AppointmentStatus.CANCELLED not in statuses(console)
