"""Who calls us and who is called back: what counts once, what is promised, and what leaves no row."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from gateway.care.hotline_waits import HotlineRules
from gateway.carriers.port import CallEvent, CarrierStatus
from gateway.dispatch import receipts
from gateway.dispatch.allowance import Limits
from gateway.dispatch.callbacks import Callbacks
from gateway.kit.clock import at_bangkok
from gateway.kit.opening_hours import read_hours
from gateway.records.contacts import Attempt, AttemptItem, Direction
from gateway.records.conversations import Call, HotlineWait, Reply, Turn
from gateway.records.house import Counter
from gateway.records.people import PersonPhone, Phone, PhoneRole
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, WaitStatus
from gateway.records.work import Task
from gateway.voice import voices
from gateway.web.callers import answer_inbound
from gateway.web.desk import Desk
from tests.support import rooms
from tests.support.world import MONDAY, World
from tests.web.conftest import Post

NUMBER, ABROAD = "+66809998888", "+4915112345678"


@pytest.fixture
def desk(world: World, tmp_path: Any) -> Desk:
    """One line, Monday to Saturday."""
    rules = HotlineRules(lines=1, hours=read_hours("Mon-Sat 08:00-18:00"), calls_per_hour=3)
    return replace(rooms.desk(world, tmp_path), hotline=rules)


def call(post: Post, number: str = NUMBER, sid: str = "CA-in") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = post("/voice/inbound", id=sid, from_=number, to="+6620000000", inbound="yes").json()
    return found


def heard(world: World, sid: str = "CA-in") -> list[str]:
    (mine,) = [one.id for one in world.all(Call) if one.carrier_sid == sid]
    turns = sorted((turn for turn in world.all(Turn) if turn.call == mine), key=lambda turn: turn.turn_no)
    return [one["prompt"] for turn in turns for one in turn.heard]


def is_sunday(world: World) -> None:
    world.clock.advance_to(at_bangkok(MONDAY + timedelta(days=6), time(10)))


def takes_the_line(world: World, post: Post) -> None:
    call(post, "+66809990000", "CA-first")


def call_back(world: World, **more: Any) -> Attempt:
    """Place the call back that is due, and return its attempt."""
    Callbacks(
        world.database,
        rooms.rules(world),
        HotlineRules(),
        world.carrier,
        world.clock,
        Limits(lines=10, calls_per_second=10, sms_per_second=10),
        f"http://gateway.test{rooms.PREFIX}",
        can_speak=lambda language: True,
    ).pass_once()
    return next(one for one in world.all(Attempt) if one.direction is Direction.OUT)


def pick_up(post: Post, attempt: Attempt) -> list[dict[str, Any]]:
    form = {"id": attempt.carrier_id or "", "from_": "+6620000000", "to": NUMBER}
    found: list[dict[str, Any]] = post(f"/voice/answer/{attempt.id}", **form).json()
    return found


def test_a_call_posted_twice_waits_once_and_hears_the_same(world: World, post: Post) -> None:
    is_sunday(world)
    assert call(post) == call(post)
    (wait,) = world.all(HotlineWait)
    assert (wait.reason, wait.status, wait.language) == ("closed", WaitStatus.WAITING, "th")
    assert heard(world)[:6] == [
        "greet.hotline",
        "hotline.closed",
        "relative.tomorrow",
        "weekday.1",
        "day.10",
        "month.8",
    ]
    assert heard(world)[6:8] == ["hours.from", "hour.0800"]
    assert world.all(Attempt)[0].reason == "closed"


def test_who_calls_again_in_vain_keeps_their_place(world: World, post: Post) -> None:
    is_sunday(world)
    call(post)
    first = world.all(HotlineWait)[0].asked_at
    world.clock.advance_to(world.clock.now() + timedelta(minutes=5))
    call(post, sid="CA-2")
    assert [wait.asked_at for wait in world.all(HotlineWait)] == [first]


@pytest.mark.parametrize("why", ["abroad", "parked", "premium", "ours"])
def test_nobody_is_promised_a_call_that_may_not_be_made(world: World, post: Post, why: str) -> None:
    takes_the_line(world, post)
    if why == "parked":
        world.add(Phone(e164=NUMBER, line_type="mobile", parked_at=world.clock.now()))
    call(post, {"abroad": ABROAD, "premium": "+661900123456", "ours": "+6620000000"}.get(why, NUMBER))
    assert heard(world) == ["greet.hotline", "hotline.busy", "bye"]
    assert not world.all(HotlineWait)


def test_who_is_only_told_that_the_line_is_taken_takes_none(world: World, post: Post) -> None:
    takes_the_line(world, post)
    call(post)
    post("/voice/status/inbound", id="CA-first", status="completed")
    call(post, "+66809997777", "CA-3")
    assert "hotline.busy" not in heard(world, "CA-3")


def test_a_line_whose_end_was_never_heard_is_free_after_a_quarter_of_an_hour(world: World, post: Post) -> None:
    takes_the_line(world, post)
    world.clock.advance_to(world.clock.now() + timedelta(minutes=15))
    call(post)
    assert "hotline.busy" not in heard(world)


def test_a_call_back_takes_a_line_but_not_from_whom_it_is_for(world: World, post: Post) -> None:
    takes_the_line(world, post)
    call(post)
    call_back(world)
    post("/voice/status/inbound", id="CA-first", status="completed")
    call(post, "+66809997777", "CA-3")
    assert "hotline.busy" in heard(world, "CA-3")
    call(post, sid="CA-4")
    assert "hotline.busy" not in heard(world, "CA-4")


def test_when_too_many_wait_nobody_else_is_promised_a_call_and_nothing_is_kept(world: World, post: Post) -> None:
    is_sunday(world)
    for n in range(10):
        call(post, f"+6680000{n:04}", f"CA-{n}")
    assert len(world.all(HotlineWait)) == 10
    before = (len(world.all(Phone)), len(world.all(Attempt)))
    assert call(post, sid="CA-late")[-1]["verb"] == "HangUp"
    assert len(world.all(HotlineWait)) == 10
    assert (len(world.all(Phone)), len(world.all(Attempt))) == before
    assert [(one.name, one.n) for one in world.all(Counter)] == [("hotline_line_full", 1)]
    call(post, "+66800000000", "CA-again")  # who has a place keeps it
    assert "hotline.will_call" in heard(world, "CA-again")


def test_one_number_holds_one_line(world: World, post: Post, desk: Desk) -> None:
    world.appointment(world.person(phone=NUMBER))
    call(post)
    second = call(post, sid="CA-2")
    assert second[-1]["verb"] == "HangUp"
    assert (len(world.all(Call)), len(world.all(HotlineWait))) == (1, 0)
    post("/voice/status/inbound", id="CA-in", status="completed")
    call(post, sid="CA-3")
    assert "ask.coming" in heard(world, "CA-3")


def test_a_flood_of_calls_from_one_number_hears_nothing_in_the_end(world: World, post: Post) -> None:
    is_sunday(world)
    verbs = [[one["verb"] for one in call(post, sid=f"CA-{n}")] for n in range(8)]
    assert verbs[5] == ["PlayClip", "PlayClip", "HangUp"]
    assert verbs[6:] == [["HangUp"], ["HangUp"]]
    world.clock.advance_to(world.clock.now() + timedelta(hours=1))
    assert call(post, sid="CA-later")[0]["verb"] == "AskKey"


def test_no_call_is_promised_by_a_hotline_whose_hours_never_meet_those_of_our_calls(world: World, desk: Desk) -> None:
    by_night = replace(desk, hotline=replace(desk.hotline, hours=read_hours("Mon-Sat 20:00-24:00")))
    with world.database.unit_of_work() as db:
        answer_inbound(by_night, db, CallEvent("CA-in", NUMBER, "+6620000000", inbound=True))
    assert heard(world)[1] == "hotline.closed"
    assert "hotline.will_call" not in heard(world)
    assert not world.all(HotlineWait)


def test_a_volunteer_who_calls_is_not_taken_for_their_patient(world: World, post: Post) -> None:
    person = world.person(phone=NUMBER)
    world.appointment(person)
    with world.database.unit_of_work() as db:
        (link,) = world.all(PersonPhone)
        db.get_one(PersonPhone, (link.person, link.phone)).role = PhoneRole.VHV
    call(post)
    assert "ask.coming" not in heard(world)


def test_a_household_is_asked_about_person_by_person_and_nobody_is_on_the_line_yet(world: World, post: Post) -> None:
    for _ in range(2):
        world.appointment(world.person(phone=NUMBER))
    call(post)
    (row,) = world.all(Call)
    assert (row.person, len(row.state["facts"]["subjects"])) == (None, 2)
    assert heard(world)[:2] == ["greet.hotline", "hotline.your_appointment"]
    assert not any(key.startswith("dose.") for key in heard(world))


def test_a_voice_without_the_hotlines_phrases_tells_the_office_hours_alone(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voices.Voices, "able", lambda *_: None)
    is_sunday(world)
    call(post)
    assert heard(world) == ["greet.hotline", "hotline.office_hours", "bye"]
    assert len(world.all(HotlineWait)) == 1  # called back all the same


def test_who_is_called_back_hears_their_appointment_and_says_yes(world: World, post: Post) -> None:
    appointment = world.appointment(world.person(phone=NUMBER))
    takes_the_line(world, post)
    call(post)
    attempt = call_back(world)
    asked = pick_up(post, attempt)
    assert pick_up(post, attempt) == asked
    path = asked[-1]["action_url"].partition(rooms.PREFIX)[2]
    post(path, id=attempt.carrier_id or "", from_="+6620000000", to=NUMBER, digits="1")
    assert world.fresh(appointment).status is AppointmentStatus.CONFIRMED
    (reply,) = world.all(Reply)
    assert (reply.attempt, reply.channel) == (attempt.id, Channel.VOICE)
    (item,) = [one for one in world.all(AttemptItem) if one.attempt == attempt.id]
    assert (item.appointment, item.reminder, item.live) == (appointment.id, None, False)
    assert not world.all(Task)


def test_who_got_through_meanwhile_or_picks_up_by_night_is_not_spoken_to(world: World, post: Post) -> None:
    takes_the_line(world, post)
    call(post)
    attempt = call_back(world)
    post("/voice/status/inbound", id="CA-first", status="completed")
    call(post, sid="CA-again")
    assert world.all(HotlineWait)[0].status is WaitStatus.DONE
    assert world.fresh(attempt).cancel_requested_at == world.clock.now()
    assert [verb["verb"] for verb in pick_up(post, attempt)] == ["HangUp"]


def test_a_receipt_of_a_call_back_is_taken_as_any_other(world: World, post: Post) -> None:
    takes_the_line(world, post)
    call(post)
    attempt = call_back(world)
    post(f"/voice/status/{attempt.id}", id=attempt.carrier_id or "", status="no_answer")
    assert world.fresh(attempt).status is AttemptStatus.NO_ANSWER
    assert not world.all(Task)


def test_calls_that_are_not_answered_count_towards_the_hours_limit_too(world: World, post: Post) -> None:
    is_sunday(world)
    for n in range(3):
        call(post, sid=f"CA-{n}")
    before = len(world.all(Call))
    verbs = call(post, sid="CA-3")
    assert [verb["verb"] for verb in verbs] == ["PlayClip", "PlayClip", "HangUp"]
    assert len(world.all(Call)) == before
    with world.database.unit_of_work() as db:  # an old call counts no more
        for one in world.all(Attempt):
            db.get_one(Attempt, one.id).created_at -= timedelta(hours=1)
            receipts.learn(db, rooms.rules(world), db.get_one(Attempt, one.id), CarrierStatus.COMPLETED, None, "",
                           now=world.clock.now())  # fmt: skip
    call(post, sid="CA-4")
    assert len(world.all(Call)) == before + 1
