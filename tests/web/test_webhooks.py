"""What carriers may tell us, and what they may not."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from gateway.dispatch import prepare
from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Receipt, Reminder
from gateway.records.conversations import Call, Outcome, Reply, Turn
from gateway.records.house import Counter
from gateway.records.places import Seat, Session
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus, TaskKind
from gateway.records.work import Task
from gateway.web import webhooks
from gateway.web.desk import Desk
from tests.support import rooms
from tests.support.world import MONDAY, World
from tests.web.conftest import Post

SID = "CA1"
DOMAIN = (Attempt, Receipt, Reply, Outcome, Call, Turn, Task)


def called(world: World, folder: Path, **person: object) -> Attempt:
    """Somebody is being called: the attempt the carrier has taken."""
    reminder = world.due(Channel.VOICE, **person)
    rooms.sender(world, folder).pass_once()
    return world.attempts_of(reminder)[0]


def event(attempt: Attempt, **more: str) -> dict[str, str]:
    """A call's own request."""
    return {"id": attempt.carrier_id or SID, "from_": "+6620000000", "to": "+66800000001", **more}


def test_every_route_refuses_a_wrong_signature_and_leaves_a_counter_and_nothing_else(
    world: World, desk: Desk, client: httpx.Client, post: Post
) -> None:
    routes = [route for route in webhooks.router(desk).routes if isinstance(route, Route)]
    for route in routes:
        path = route.path.removeprefix(rooms.PREFIX).replace("{attempt}", "0" * 32).replace("{take}", "0" * 32)
        for signature in ("", "wrong"):
            if "POST" in route.methods:
                answer = post(f"{path}?turn=1", signature=signature, id="X", from_="a", to="b", body="1")
            else:
                answer = client.get(f"{rooms.PREFIX}{path}", headers={"X-Memory-Signature": signature})
            assert answer.status_code == 403
    assert len(routes) == 9
    assert [(row.name, row.n) for row in world.all(Counter)] == [("webhook_bad_signature", 2 * len(routes))]
    assert not any(world.all(table) for table in DOMAIN)


def test_a_receipt_for_an_unknown_attempt_is_taken_politely_and_kept_as_unmatched(world: World, post: Post) -> None:
    assert post("/sms/status/" + "0" * 32, id="SM9", status="delivered").status_code == 200
    assert [(row.attempt, row.carrier_id) for row in world.all(Receipt)] == [(None, "SM9")]
    assert [task.kind for task in world.all(Task)] == [TaskKind.UNMATCHED]


def test_a_call_says_the_appointment_and_asks_one_question(world: World, post: Post, tmp_path: Path) -> None:
    attempt = called(world, tmp_path)
    [ask] = post(f"/voice/answer/{attempt.id}", **event(attempt)).json()
    assert ask["verb"] == "AskKey"
    assert ask["action_url"] == f"http://gateway.test{rooms.PREFIX}/voice/turn/{attempt.id}?turn=1"
    assert all(prompt["url"].startswith("http://gateway.test/audio/") for prompt in ask["prompts"])


def test_key_1_confirms_once_however_often_it_is_posted(world: World, post: Post, tmp_path: Path) -> None:
    attempt = called(world, tmp_path)
    post(f"/voice/answer/{attempt.id}", **event(attempt))
    first = post(f"/voice/turn/{attempt.id}?turn=1", **event(attempt, digits="1"))
    again = post(f"/voice/turn/{attempt.id}?turn=1", **event(attempt, digits="1"))
    assert first.json() == again.json()
    assert [row.status for row in world.all(Appointment)] == [AppointmentStatus.CONFIRMED]
    assert [row.answer for row in world.all(Reply)] == [Answer.COMING]
    assert [row.effect for row in world.all(Outcome)] == ["confirmed"]
    assert [row.status for row in world.all(Reminder)] == [ReminderStatus.ANSWERED]


@pytest.mark.parametrize("digits", ["", "6", "101", "#"])
def test_three_times_nothing_usable_ends_politely_and_confirms_nothing(
    world: World, post: Post, tmp_path: Path, digits: str
) -> None:
    attempt = called(world, tmp_path)
    said = post(f"/voice/answer/{attempt.id}", **event(attempt)).json()
    for turn in range(1, 6):
        if said[-1]["verb"] == "HangUp":
            break
        said = post(f"/voice/turn/{attempt.id}?turn={turn}", **event(attempt, digits=digits)).json()
    assert said[-1]["verb"] == "HangUp"
    assert [row.status for row in world.all(Appointment)] == [AppointmentStatus.BOOKED]
    assert not world.all(Outcome)


def test_a_second_call_for_one_attempt_is_hung_up_on(world: World, post: Post, tmp_path: Path) -> None:
    attempt = called(world, tmp_path)
    post(f"/voice/answer/{attempt.id}", **event(attempt))
    second = post(f"/voice/answer/{attempt.id}", **{**event(attempt), "id": "CA-other"})
    assert [verb["verb"] for verb in second.json()] == ["HangUp"]
    assert len(world.all(Call)) == 1


def test_a_call_answered_after_its_time_ends_kindly_without_asking(world: World, post: Post, tmp_path: Path) -> None:
    attempt = called(world, tmp_path)
    world.clock.advance_to(world.clock.now() + timedelta(hours=12))
    said = post(f"/voice/answer/{attempt.id}", **event(attempt)).json()
    assert said[-1]["verb"] == "HangUp"
    assert "AskKey" not in [verb["verb"] for verb in said]


def test_key_2_holds_seats_moves_to_the_chosen_one_and_frees_the_other(
    world: World, post: Post, tmp_path: Path
) -> None:
    for days in (4, 8):
        world.session(MONDAY + timedelta(days=days), seats=1)
    attempt = called(world, tmp_path)
    post(f"/voice/answer/{attempt.id}", **event(attempt))
    post(f"/voice/turn/{attempt.id}?turn=1", **event(attempt, digits="2"))
    assert [session.taken for session in world.all(Session)] == [1, 1]
    post(f"/voice/turn/{attempt.id}?turn=2", **event(attempt, digits="2"))
    post(f"/voice/status/{attempt.id}", id=attempt.carrier_id or "", status="completed")
    old, new = sorted(world.all(Appointment), key=lambda row: row.starts_at)
    assert (old.status, new.status, new.moved_from) == (AppointmentStatus.MOVED, AppointmentStatus.CONFIRMED, old.id)
    assert sorted(session.taken for session in world.all(Session)) == [0, 1]
    assert [seat.appointment for seat in world.all(Seat)] == [new.id]
    assert [row.effect for row in world.all(Outcome)] == ["moved"]
    assert ("moved", Channel.SMS) in [(row.purpose, row.channel) for row in world.all(Reminder)]


def test_key_2_without_a_free_seat_asks_staff_to_call(world: World, post: Post, tmp_path: Path) -> None:
    attempt = called(world, tmp_path)
    post(f"/voice/answer/{attempt.id}", **event(attempt))
    post(f"/voice/turn/{attempt.id}?turn=1", **event(attempt, digits="2"))
    assert [task.kind for task in world.all(Task)] == [TaskKind.CALLBACK]
    assert [row.status for row in world.all(Appointment)] == [AppointmentStatus.BOOKED]


def test_a_ride_is_asked_for_after_a_yes(world: World, post: Post, tmp_path: Path) -> None:
    attempt = called(world, tmp_path)
    post(f"/voice/answer/{attempt.id}", **event(attempt))
    post(f"/voice/turn/{attempt.id}?turn=1", **event(attempt, digits="1"))
    post(f"/voice/turn/{attempt.id}?turn=2", **event(attempt, digits="4"))
    assert [task.kind for task in world.all(Task)] == [TaskKind.RIDE]
    assert [row.status for row in world.all(Appointment)] == [AppointmentStatus.CONFIRMED]


def test_a_rabies_course_is_not_moved_by_a_key(world: World, post: Post, tmp_path: Path) -> None:
    world.session(MONDAY + timedelta(days=4), vaccine="rabies")
    person = world.person()
    world.reminder(world.appointment(person, regimen="rabies"), Channel.VOICE)
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.all(Attempt)
    post(f"/voice/answer/{attempt.id}", **event(attempt))
    post(f"/voice/turn/{attempt.id}?turn=1", **event(attempt, digits="2"))
    assert [session.taken for session in world.all(Session)] == [0]
    assert [task.kind for task in world.all(Task)] == [TaskKind.CALLBACK]


@pytest.mark.parametrize("body", ["1", "๑", "１", "1 ครับ", " 1. "])
def test_a_text_with_a_one_in_any_script_confirms_and_is_acknowledged(world: World, post: Post, body: str,
                                                                      tmp_path: Path) -> None:  # fmt: skip
    world.due(Channel.SMS)
    rooms.sender(world, tmp_path).pass_once()
    for _ in range(2):
        assert post("/sms/inbound", id="SM77", from_="+66800000001", to="+6620000000", body=body).status_code == 200
    assert [row.status for row in world.all(Appointment)] == [AppointmentStatus.CONFIRMED]
    assert [row.raw for row in world.all(Reply)] == [body]
    assert ("confirmed", "answer") in [(row.purpose, row.step) for row in world.all(Reminder)]


def test_stop_by_text_silences_the_phone_and_start_brings_it_back(world: World, post: Post, tmp_path: Path) -> None:
    reminder = world.due(Channel.SMS)
    later = world.reminder(world.appointment(world.person(phone="+66800000001"), days=9), Channel.SMS)
    sending = rooms.sender(world, tmp_path)
    sending.pass_once()
    post("/sms/inbound", id="SM1", from_="+66800000001", to="+6620000000", body="STOP")
    world.clock.advance_to(world.clock.now() + timedelta(hours=1))
    sending.pass_once()
    assert len(world.carrier.texts) == 2  # both were out before the stop
    assert ReminderStatus.SENT not in (world.fresh(reminder).status, world.fresh(later).status)
    post("/sms/inbound", id="SM2", from_="+66800000001", to="+6620000000", body="START")
    assert [row.effect for row in world.all(Outcome)][-1] == "resumed"


def test_a_text_from_a_stranger_is_kept_for_staff(world: World, post: Post) -> None:
    post("/sms/inbound", id="SM5", from_="+66809998888", to="+6620000000", body="hello")
    assert [task.kind for task in world.all(Task)] == [TaskKind.UNMATCHED]


def test_a_text_that_may_be_from_two_people_is_not_guessed(world: World, post: Post, tmp_path: Path) -> None:
    for _ in range(2):
        world.reminder(world.appointment(world.person(phone="+66800009999")), Channel.SMS)
    rooms.sender(world, tmp_path).pass_once()
    post("/sms/inbound", id="SM6", from_="+66800009999", to="+6620000000", body="1")
    assert {row.status for row in world.all(Appointment)} == {AppointmentStatus.BOOKED}
    assert not world.all(Task)
    [asked] = [row for row in world.all(Reminder) if row.purpose == "which_answer"]
    assert asked.status is ReminderStatus.PLANNED


def test_who_texts_before_anybody_asked_is_known_by_their_number(world: World, post: Post) -> None:
    world.appointment(world.person())
    post("/sms/inbound", id="SM8", from_="+66800000001", to="+6620000000", body="๑")
    assert [row.status for row in world.all(Appointment)] == [AppointmentStatus.CONFIRMED]


def test_who_calls_back_hears_their_appointment_and_may_confirm(world: World, post: Post, tmp_path: Path) -> None:
    called(world, tmp_path)
    call = {"id": "CA-in", "from_": "+66800000001", "to": "+6620000000", "inbound": "yes"}
    [ask] = post("/voice/inbound", **call).json()
    inbound = next(row for row in world.all(Attempt) if row.direction is Direction.IN)
    assert ask["action_url"].endswith(f"/voice/turn/{inbound.id}?turn=1")
    post(f"/voice/turn/{inbound.id}?turn=1", **call, digits="1")
    post("/voice/status/inbound", id="CA-in", status="completed")
    assert [row.status for row in world.all(Appointment)] == [AppointmentStatus.CONFIRMED]
    assert world.fresh(inbound).status is AttemptStatus.COMPLETED


def test_a_stranger_who_calls_hears_who_we_are_and_nothing_about_anybody(world: World, post: Post) -> None:
    call = {"id": "CA-x", "from_": "+66809998888", "to": "+6620000000", "inbound": "yes"}
    [ask] = post("/voice/inbound", **call).json()
    [row] = world.all(Call)
    assert (row.flow, row.person, row.state["facts"]["appointment"]) == ("hotline", None, None)
    assert ask["action_url"].endswith(f"/voice/turn/{row.attempt}?turn=1")
    assert "+668" not in ask["action_url"]
    [turn] = world.all(Turn)
    assert {heard["prompt"].rpartition("/")[2] for heard in turn.heard} <= PUBLIC
    assert not world.all(Reply)


def test_a_clip_is_served_for_ever_and_an_unknown_one_is_not_there(
    world: World, post: Post, client: httpx.Client, tmp_path: Path
) -> None:
    attempt = called(world, tmp_path)
    [ask] = post(f"/voice/answer/{attempt.id}", **event(attempt)).json()
    found = client.get(ask["prompts"][0]["url"].removeprefix("http://gateway.test"))
    assert found.headers["content-type"] == "audio/wav"
    assert "immutable" in found.headers["cache-control"]
    assert client.get(f"/audio/{'0' * 64}.wav").status_code == 404
    assert client.get("/audio/..%2f..%2fetc%2fpasswd.wav").status_code == 404


def test_health_tells_whether_the_database_is_ready(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}


def test_metrics_count_wrong_signatures_and_open_tasks(client: httpx.Client, post: Post) -> None:
    post("/sms/inbound", signature="wrong", id="1")
    post("/sms/status/" + "0" * 32, id="SM9", status="delivered")
    text = client.get("/metrics").text
    assert "tamnat_webhook_bad_signature_total 1" in text
    assert 'tamnat_open_tasks{kind="unmatched"} 1' in text


def test_nothing_in_json_says_more_than_it_must(world: World, post: Post, tmp_path: Path) -> None:
    attempt = called(world, tmp_path)
    body = post(f"/voice/answer/{attempt.id}", **event(attempt)).text
    assert "+668" not in body
    assert json.loads(body)


@pytest.mark.parametrize("turn", ["", "x", "-1", "99999999999"])
def test_a_turn_without_a_number_is_refused_unsigned_and_hung_up_on_signed(
    world: World, post: Post, tmp_path: Path, turn: str
) -> None:
    attempt = called(world, tmp_path)
    post(f"/voice/answer/{attempt.id}", **event(attempt))
    path = f"/voice/turn/{attempt.id}?turn={turn}"
    assert post(path, signature="wrong", **event(attempt, digits="1")).status_code == 403
    assert post(path, **event(attempt, digits="1")).status_code == 200
    assert not world.all(Outcome)


def test_a_body_longer_than_any_carriers_is_not_read(post: Post) -> None:
    assert post("/sms/inbound", id="SM1", body="x" * 200_000).status_code == 413


def test_who_calls_back_from_a_familys_phone_hears_the_appointment_of_the_call_they_missed(
    world: World, post: Post, tmp_path: Path
) -> None:
    sooner = world.appointment(world.person(phone="+66800009999"), days=1)
    later = world.appointment(world.person(phone="+66800009999"), days=5)
    world.reminder(later, Channel.VOICE)
    rooms.sender(world, tmp_path).pass_once()
    call = {"id": "CA-in", "from_": "+66800009999", "to": "+6620000000", "inbound": "yes"}
    post("/voice/inbound", **call)
    inbound = next(row for row in world.all(Attempt) if row.direction is Direction.IN)
    post(f"/voice/turn/{inbound.id}?turn=1", **call, digits="1")
    assert world.fresh(later).status is AppointmentStatus.CONFIRMED
    assert world.fresh(sooner).status is AppointmentStatus.BOOKED


PUBLIC = {"greet.hotline", "language.this", "press.1", "press.2", "press.3", "language.more"}
INBOUND_CALL = {"id": "CA-in", "to": "+6620000000", "inbound": "yes"}


@pytest.mark.parametrize("can_name", [True, False])
def test_on_a_familys_phone_that_nobody_called_nothing_is_asked_before_it_is_said_whose(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch, can_name: bool
) -> None:
    both = [world.appointment(world.person(phone="+66800009999"), days=days) for days in (1, 5)]
    monkeypatch.setattr(prepare, "can_name", lambda *_: can_name)
    post("/voice/inbound", from_="+66800009999", **INBOUND_CALL)
    [turn], [call] = world.all(Turn), world.all(Call)
    assert "ask.coming" not in [heard["prompt"] for heard in turn.heard]
    assert call.person is None
    assert [item.appointment for item in world.all(AttemptItem)] == [one.id for one in both]


@pytest.mark.parametrize("people", [1, 2])
def test_a_call_that_hears_nothing_personal_is_one_row_and_its_own_receipts_are_no_work(
    world: World, post: Post, people: int
) -> None:
    for _ in range(people):
        world.person(phone="+66800009999")
    first, again = (post("/voice/inbound", from_="+66800009999", **INBOUND_CALL).json() for _ in range(2))
    post("/voice/status/inbound", id="CA-in", status="completed")
    assert first == again
    [turn] = world.all(Turn)
    assert {heard["prompt"].rpartition("/")[2] for heard in turn.heard} <= PUBLIC
    [attempt] = world.all(Attempt)
    assert (attempt.direction, attempt.channel, attempt.status) == (
        Direction.IN,
        Channel.VOICE,
        AttemptStatus.COMPLETED,
    )
    assert [row.attempt for row in world.all(Receipt)] == [attempt.id]
    assert not world.all(Task)
    assert (
        post(f"/voice/turn/{attempt.id}?turn=1", **INBOUND_CALL, from_="x", digits="1").json()[-1]["verb"] == "HangUp"
    )
    assert not world.all(Reply)


def test_a_caller_who_withholds_their_number_leaves_a_count_and_no_task(world: World, post: Post) -> None:
    said = post("/voice/inbound", from_="anonymous", **INBOUND_CALL).json()
    assert [verb["verb"] for verb in said] == ["PlayClip", "PlayClip", "PlayClip", "HangUp"]  # the office hours, bye
    for status in ("ringing", "completed"):
        assert post("/voice/status/inbound", id="CA-in", status=status).status_code == 200
    assert not any(world.all(table) for table in DOMAIN)
    assert [(row.name, row.n) for row in world.all(Counter)] == [("inbound_unknown", 1)]


@pytest.mark.parametrize("path", ["/voice/status/" + "0" * 32, "/sms/status/inbound"])
def test_what_is_said_of_something_unknown_that_went_out_is_still_work(world: World, post: Post, path: str) -> None:
    post(path, id="CA-out", status="completed")
    assert [task.kind for task in world.all(Task)] == [TaskKind.UNMATCHED]
