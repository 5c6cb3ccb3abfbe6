"""What a call does besides yes and another day: staff on the line, messages, languages, slower, several people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.carriers.port import DialNumber
from gateway.kit.answers import Answer
from gateway.kit.clock import at_bangkok
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call, Registration, Reply, Turn, VoiceMessage
from gateway.records.house import Switch
from gateway.records.people import Person
from gateway.records.places import Closure, Seat, Session, Site
from gateway.records.staffing import Audit
from gateway.records.status import AppointmentStatus, Channel, MessageKind, RideStatus, TakeStatus, TaskKind, TaskStatus
from gateway.records.work import Ride, Task
from gateway.web import staff_line
from gateway.web.desk import Desk
from tests.support import rooms
from tests.support.world import MONDAY, World
from tests.web.conftest import Post

STAFF = "+6654000901"


class Phone:
    """Somebody who was called: `presses` and the like return what they hear next, as prompts and verbs."""

    def __init__(self, world: World, post: Post, folder: Path, attempt: Attempt | None = None) -> None:
        self.world, self._post = world, post
        self.attempt = attempt or self._called(folder)
        self._next = f"/voice/answer/{self.attempt.id}"
        self.verbs: list[dict[str, Any]] = []
        self.hears()

    def _called(self, folder: Path) -> Attempt:
        reminder = self.world.due(Channel.VOICE)
        rooms.sender(self.world, folder).pass_once()
        return self.world.attempts_of(reminder)[0]

    def hears(self, **fields: str) -> list[str]:
        """Post what happened; the prompts that follow, and the last verb."""
        self._last = self._next
        self.verbs = self._again(**fields)
        self._next = str(self.verbs[-1].get("action_url", "")).partition(rooms.PREFIX)[2]
        return self.said

    def _again(self, **fields: str) -> list[dict[str, Any]]:
        given = {"id": self.attempt.carrier_id or "", "from_": "+6620000000", "to": "+66800000000", **fields}
        found: list[dict[str, Any]] = self._post(self._last, **given).json()
        return found

    def presses(self, keys: str) -> list[str]:
        return self.hears(digits=keys)

    @property
    def said(self) -> list[str]:
        turns = sorted(self.world.all(Turn), key=lambda turn: turn.turn_no)  # type: ignore[attr-defined]
        return [*(one["prompt"] for one in turns[-1].heard), str(self.verbs[-1]["verb"])]  # type: ignore[attr-defined]

    def tasks(self) -> dict[TaskKind, TaskStatus]:
        return {task.kind: task.status for task in self.world.all(Task)}  # type: ignore[attr-defined]


@pytest.fixture
def phone(world: World, post: Post, tmp_path: Path) -> Phone:
    return Phone(world, post, tmp_path)


# Staff on the line


def test_key_0_in_the_sites_hours_connects_with_its_staff(phone: Phone) -> None:
    assert phone.presses("0")[-1] == "DialNumber"
    assert (phone.verbs[-1]["number"], phone.verbs[-1]["seconds"]) == (STAFF, 25)
    assert phone.tasks() == {TaskKind.CALLBACK: TaskStatus.OPEN}


def test_the_number_of_staff_stands_in_no_row_and_is_dialled_again_when_asked_again(phone: Phone, world: World) -> None:
    phone.presses("0")
    assert not any(STAFF in turn.response for turn in world.all(Turn))  # type: ignore[attr-defined]
    assert phone._again(digits="0") == phone.verbs
    world.add(Switch(name="pause", is_on=True, at=world.clock.now()))
    assert [verb["verb"] for verb in phone._again(digits="0")] == ["HangUp"]


def test_who_spoke_with_staff_need_not_be_called_back(phone: Phone) -> None:
    phone.presses("0")
    assert phone.hears(dialled="yes", dialled_seconds="20")[-1] == "HangUp"
    assert phone.tasks() == {TaskKind.CALLBACK: TaskStatus.DONE}


def test_who_was_connected_with_a_voicemail_is_called_back(phone: Phone) -> None:
    phone.presses("0")
    assert phone.hears(dialled="yes", dialled_seconds="19") == ["ack.callback", "bye", "HangUp"]
    assert phone.tasks() == {TaskKind.CALLBACK: TaskStatus.OPEN}


def test_a_dial_that_is_over_is_not_dialled_again_when_its_turn_is_asked_again(phone: Phone, world: World) -> None:
    phone.presses("0")
    asked, dialling = phone._last, phone.verbs[-1]["verb"]
    phone.hears(dialled="no")
    phone._last = asked
    assert (dialling, [verb["verb"] for verb in phone._again(digits="0")]) == ("DialNumber", ["HangUp"])


def test_where_staff_do_not_pick_up_a_message_is_left(phone: Phone) -> None:
    phone.presses("0")
    assert phone.hears(dialled="no") == ["staff.closed", "message.speak", "Record"]
    assert phone.tasks() == {TaskKind.CALLBACK: TaskStatus.OPEN}


def _at(hour: time) -> datetime:
    return at_bangkok(MONDAY, hour)


@pytest.mark.parametrize(
    ("hour", "is_staffed"),
    [(time(8, 29), False), (time(8, 30), True), (time(12, 0), True), (time(16, 29), True), (time(16, 30), False)],
)
def test_staff_are_there_from_opening_until_just_before_closing(
    desk: Desk, world: World, hour: time, is_staffed: bool
) -> None:
    with world.database.reading() as db:
        assert staff_line.is_staffed(desk, db, db.get_one(Site, "S1"), _at(hour)) is is_staffed


@pytest.mark.parametrize(("part", "is_staffed"), [("", False), ("morning", False), ("afternoon", True)])
def test_on_a_day_the_site_is_closed_nobody_is_rung(desk: Desk, world: World, part: str, is_staffed: bool) -> None:
    world.add(Closure(site="S1", day=MONDAY, part=part))
    with world.database.reading() as db:
        assert staff_line.is_staffed(desk, db, db.get_one(Site, "S1"), _at(time(10))) is is_staffed


def test_on_a_holiday_nobody_is_rung(desk: Desk, world: World) -> None:
    window = replace(desk.rules.window, holidays=frozenset({MONDAY}))
    closed = replace(desk, rules=replace(desk.rules, window=window))
    with world.database.reading() as db:
        assert not staff_line.is_staffed(closed, db, db.get_one(Site, "S1"), _at(time(10)))


@pytest.mark.parametrize("number", ["", "none", "1669", "+4915112345678"])
def test_a_number_that_cannot_or_must_not_be_dialled_leads_to_a_message(
    phone: Phone, world: World, number: str
) -> None:
    with world.database.unit_of_work() as db:
        site = db.get_one(Site, "S1")
        site.staff_phone = number
        db.add(site)
    assert phone.presses("0") == ["staff.closed", "message.speak", "Record"]


def test_a_phone_is_never_connected_with_itself(world: World, post: Post, tmp_path: Path) -> None:
    reminder = world.due(Channel.VOICE, phone=STAFF)
    rooms.sender(world, tmp_path).pass_once()
    called = Phone(world, post, tmp_path, world.attempts_of(reminder)[0])
    assert called.presses("0")[-1] == "Record"


@pytest.mark.parametrize(("live", "dials"), [(False, ""), (True, STAFF)])
def test_a_carrier_that_reaches_people_dials_only_where_sending_is_switched_on(
    desk: Desk, phone: Phone, world: World, live: bool, dials: str
) -> None:
    reaching = replace(desk, live=live, rules=replace(desk.rules, reaches_people=True))
    with world.database.reading() as db:
        [call] = world.all(Call)
        assert staff_line.number_to_dial(reaching, db, db.get_one(Call, call.id), "S1") == dials  # type: ignore[attr-defined]


def test_while_everything_is_paused_nobody_is_dialled(phone: Phone, world: World) -> None:
    world.add(Switch(name="pause", is_on=True, at=world.clock.now()))
    assert phone.presses("0")[-1] == "Record"


# Messages


@pytest.fixture
def asked_to_speak(phone: Phone, world: World) -> Phone:
    world.add(Switch(name="pause", is_on=True, at=world.clock.now()))
    phone.presses("0")
    return phone


def message(world: World) -> VoiceMessage:
    [found] = world.all(VoiceMessage)
    assert isinstance(found, VoiceMessage)
    return found


def test_what_is_spoken_is_a_row_and_belongs_to_the_call_back_that_was_asked_for(
    asked_to_speak: Phone, world: World
) -> None:
    said = asked_to_speak.hears(recording="rec1", seconds="7", digits="#")
    asked_to_speak._again(recording="rec1", seconds="7", digits="#")
    assert said[0] == "message.kept"
    kept = message(world)
    assert (kept.kind, kept.status, kept.seconds, kept.recording) == (MessageKind.STAFF, TakeStatus.KEPT, 7, "rec1")
    [task] = world.all(Task)
    assert (task.id, task.kind, task.site, task.person) == (kept.task, TaskKind.CALLBACK, "S1", kept.person)  # type: ignore[attr-defined]
    assert task.detail == "asks for a person at the clinic"  # type: ignore[attr-defined]


def test_who_puts_the_phone_down_after_speaking_is_heard_all_the_same(asked_to_speak: Phone, world: World) -> None:
    asked_to_speak.hears(recording="rec1", seconds="7", hung_up="yes")
    assert message(world).status is TakeStatus.KEPT
    assert message(world).task is not None


def test_a_message_that_arrives_after_the_end_of_its_call_is_kept(asked_to_speak: Phone, world: World) -> None:
    with world.database.unit_of_work() as db:
        [call] = world.all(Call)
        ended = db.get_one(Call, call.id)  # type: ignore[attr-defined]
        ended.closed_at = world.clock.now()
        db.add(ended)
    answer = asked_to_speak._post(asked_to_speak._next, id=asked_to_speak.attempt.carrier_id or "", from_="a", to="b",
                                  recording="rec1", seconds="7", hung_up="yes")  # fmt: skip
    assert [verb["verb"] for verb in answer.json()] == ["HangUp"]
    assert message(world).status is TakeStatus.KEPT


def test_silence_after_the_tone_leaves_no_message(asked_to_speak: Phone, world: World) -> None:
    assert asked_to_speak.presses("")[0] == "message.unheard"
    assert asked_to_speak.presses("")[0] == "message.unheard"
    assert not world.all(VoiceMessage)


# Slower, and in another language


def test_key_6_plays_the_same_clips_slowly_from_then_on(phone: Phone) -> None:
    before = [prompt["url"] for prompt in phone.verbs[0]["prompts"]]
    phone.presses("6")
    slow = [prompt["url"] for prompt in phone.verbs[0]["prompts"]]
    assert not any("/audio/slow/" in url for url in before)
    assert all(url.startswith("http://gateway.test/audio/slow/") for url in slow)
    phone.presses("9")
    assert all("/audio/slow/" in prompt["url"] for prompt in phone.verbs[0]["prompts"])


def test_star_offers_the_languages_spoken_around_here_first_each_in_its_own(phone: Phone, world: World) -> None:
    for language in ("my", "my", "km"):
        world.person(phone="", language=language)
    said = phone.presses("*")
    assert said[:4] == ["my/language.this", "my/press.1", "km/language.this", "km/press.2"]
    assert said[-2:] == ["language.more", "AskKey"]
    clips = {one["clip"] for one in world.all(Turn)[-1].heard}  # type: ignore[attr-defined]
    assert len(clips) == len(said) - 1


def test_a_language_once_chosen_is_spoken_and_remembered(phone: Phone, world: World) -> None:
    world.person(phone="", language="my")
    phone.presses("*")
    said = phone.presses("1")
    assert said[:2] == ["language.kept", "greet.reminder"]
    [call] = world.all(Call)
    assert call.state["facts"]["language"] == "my"  # type: ignore[attr-defined]
    person = next(one for one in world.all(Person) if one.id == call.person)  # type: ignore[attr-defined]
    assert person.language == "my"  # type: ignore[attr-defined]
    [audit] = world.all(Audit)
    assert (audit.staff, audit.verb, audit.person) == (None, "language_chosen", person.id)  # type: ignore[attr-defined]
    assert audit.after == {"language": "my", "by": "call"}  # type: ignore[attr-defined]


# Several people on one phone


@pytest.fixture
def household(world: World, post: Post, tmp_path: Path) -> Phone:
    """Two people share a phone; the number is on record as the first one's own."""
    people = [world.person(phone="+66811111111"), world.person(phone="")]
    with world.database.unit_of_work() as db:
        for person, name in zip(people, ("สมศรี", "สมชาย"), strict=True):
            mine = db.get_one(Person, person.id)
            mine.name = name
            db.add(mine)
    world.give_phone(people[1], "+66811111111")
    for hour, person in zip((time(9, 0), time(9, 30)), people, strict=True):
        first = world.reminder(world.appointment(person, hour=hour))
    rooms.sender(world, tmp_path).pass_once()
    return Phone(world, post, tmp_path, world.attempts_of(first)[0])


def statuses(world: World) -> list[AppointmentStatus]:
    rows = sorted(world.all(Appointment), key=lambda row: row.starts_at)  # type: ignore[attr-defined]
    return [row.status for row in rows]  # type: ignore[attr-defined]


def test_a_households_call_names_everybody_and_asks_whom_it_shall_speak_of(household: Phone, world: World) -> None:
    names = [key for key in household.said if key.startswith("name.")]
    assert len(names) == 2
    assert household.said[household.said.index(names[0]) + 1] == "press.1"
    words = {one["prompt"]: one["text"] for one in world.all(Turn)[0].heard}  # type: ignore[attr-defined]
    assert "สมศรี" in words[names[0]]
    assert world.all(Call)[0].person is None  # type: ignore[attr-defined]


def test_one_key_for_everybody_confirms_everybody_with_a_reply_each(household: Phone, world: World) -> None:
    household.presses("0")
    household.presses("1")
    assert statuses(world) == [AppointmentStatus.CONFIRMED] * 2
    replies = world.all(Reply)
    assert [reply.answer for reply in replies] == [Answer.COMING] * 2  # type: ignore[attr-defined]
    assert {reply.person for reply in replies} == {one.person for one in world.all(Appointment)}  # type: ignore[attr-defined]


def test_one_of_them_moves_and_the_other_still_comes(household: Phone, world: World) -> None:
    for days in (4, 8):
        world.session(MONDAY + timedelta(days=days), seats=1)
    household.presses("1")
    household.presses("2")
    household.presses("1")
    said = household.presses("")
    assert said[0] == "household.next"
    while "press.1" in household.said:
        household.presses("1")
    household.presses("1")
    rows = world.all(Appointment)
    moved = [row for row in rows if row.status is AppointmentStatus.MOVED]  # type: ignore[attr-defined]
    assert len(moved) == 1
    by_person = {row.person: row.status for row in rows if row is not moved[0]}  # type: ignore[attr-defined]
    assert set(by_person.values()) == {AppointmentStatus.CONFIRMED}
    assert len(by_person) == 2


def test_seats_that_were_offered_before_are_held_no_longer(phone: Phone, world: World) -> None:
    for days in (4, 5, 6, 7):
        world.session(MONDAY + timedelta(days=days), seats=1)
    phone.presses("2")
    assert [one.taken for one in world.all(Session)] == [1, 1, 0, 0]  # type: ignore[attr-defined]
    phone.presses("3")
    assert [one.taken for one in world.all(Session)] == [0, 0, 1, 1]  # type: ignore[attr-defined]
    assert len(world.all(Seat)) == 2


def test_a_number_to_dial_is_masked_by_the_port_itself() -> None:
    assert STAFF not in repr(DialNumber(STAFF, "https://gw.example/dial", 20)), datetime.now(UTC)


def test_a_call_that_tells_when_a_ride_comes_asks_for_no_answer(world: World, post: Post, tmp_path: Path) -> None:
    appointment = world.appointment(world.person())
    picked_up = appointment.starts_at - timedelta(hours=1)
    world.add(Ride(appointment=appointment.id, person=appointment.person, status=RideStatus.ARRANGED,
                   pick_up_at=picked_up, asked_at=world.clock.now()))  # fmt: skip
    reminder = world.reminder(appointment, purpose="ride", step="ride")
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.attempts_of(reminder)
    phone = Phone(world, post, tmp_path, attempt)
    assert "news.ride" in phone.said
    assert "hour.0830" in phone.said
    phone.presses("1")
    assert statuses(world) == [AppointmentStatus.BOOKED]
    assert not world.all(Reply)


# Somebody without an appointment


class Stranger(Phone):
    """A caller on no record."""

    CALL = {"from_": "+66855555555", "to": "+6620000000", "inbound": "yes", "id": "CA-in"}  # noqa: RUF012

    def __init__(self, world: World, post: Post) -> None:
        self.world, self._post = world, post
        self._next = "/voice/inbound"
        self.verbs: list[dict[str, Any]] = []
        self.hears()

    def _again(self, **fields: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._post(self._last, **{**self.CALL, **fields}).json()
        return found


@pytest.fixture
def stranger(world: World, post: Post) -> Stranger:
    """Somebody who asked to be put on the list, and is asked for their number."""
    caller = Stranger(world, post)
    while "hotline.menu" not in caller.said:
        caller.presses("1")
    caller.presses("2")
    return caller


def test_a_keyed_number_is_a_task_and_stands_in_no_turn_and_no_reply(stranger: Stranger, world: World) -> None:
    number = "1101700207030"
    assert stranger.said[-2:] == ["register.number", "AskKey"]
    assert stranger.presses(number)[-1] == "Record"
    [row] = world.all(Registration)
    [task] = world.all(Task)
    assert (row.id_value, row.task, task.kind) == (number, task.id, TaskKind.REGISTER)  # type: ignore[attr-defined]
    kept = [*(str(turn.model_dump()) for turn in world.all(Turn)), str(world.all(Call)[0].state)]  # type: ignore[attr-defined]
    assert not any(number in one for one in kept)
    assert not world.all(Reply)


def test_the_name_spoken_after_a_number_belongs_to_the_same_task(stranger: Stranger, world: World) -> None:
    stranger.presses("1101700207030")
    stranger.hears(recording="rec1", seconds="4", digits="#")
    assert message(world).kind is MessageKind.REGISTER
    assert [task.id for task in world.all(Task)] == [message(world).task]  # type: ignore[attr-defined]


@pytest.mark.parametrize("digits", ["", "12345", "0000000000000", "11017002070301"])
def test_what_is_no_number_of_thirteen_digits_is_asked_for_again(stranger: Stranger, world: World, digits: str) -> None:
    stranger.presses(digits)
    assert not world.all(Registration)
    assert stranger.said[-1] == "AskKey"


def test_a_wrong_check_digit_loses_nobody(stranger: Stranger, world: World) -> None:
    stranger.presses("1101700207031")
    [row] = world.all(Registration)
    assert row.id_kind == "unverified"  # type: ignore[attr-defined]
