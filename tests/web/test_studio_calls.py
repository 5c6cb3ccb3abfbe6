"""A speaker's call as the carrier's requests make it: what counts once, what is never kept, what is played back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.carriers.port import CarrierError, Fault
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call, Turn
from gateway.records.people import Phone
from gateway.records.staffing import Role, SignInFailure, Staff
from gateway.records.status import AppointmentStatus, TakeStatus
from gateway.records.wordings import Take
from gateway.staff import pins
from gateway.voice.assets import ClipSource
from gateway.voice.sheet import numbered
from gateway.voice.voices import text_mark
from gateway.voice.wav import placeholder
from gateway.web import studio_calls, webhooks
from gateway.web.desk import Desk
from tests.support import rooms
from tests.support.clips import MemoryClips
from tests.support.world import World
from tests.web.conftest import Post

NUMBER = "+66809998888"
CALL = {"id": "CA-in", "from_": NUMBER, "to": "+6620000000", "inbound": "yes"}


class Caller:
    """A caller on no record who pressed #; `says` posts the next turn to where the answer before it said."""

    def __init__(self, post: Post, world: World, sid: str = "CA-in") -> None:
        self._post, self._world, self._call = post, world, {**CALL, "id": sid}
        self._path, self._next = "", _action(post("/voice/inbound", **self._call).json())
        self.entered = self.says(digits="#")

    def says(self, **fields: str) -> list[dict[str, Any]]:
        self._path = self._next
        found = self.says_again(**fields)
        self._next = _action(found)
        return found

    def says_again(self, **fields: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._post(self._path, **{**self._call, **fields}).json()
        return found


def _action(verbs: list[dict[str, Any]]) -> str:
    """Where the carrier goes on with the call, below the prefix."""
    return str(verbs[-1].get("action_url", "")).partition(rooms.PREFIX)[2]


@pytest.fixture
def speaker(world: World) -> Staff:
    staff = Staff(email="a@hospital.example", role=Role.SPEAKER, password_hash="none", created_at=datetime.now(UTC))
    world.add(staff)
    return staff


@pytest.fixture
def pin(world: World, speaker: Staff) -> str:
    with world.database.unit_of_work() as db:
        return pins.make_pin(db, speaker.id, "th", key=rooms.PIN_KEY, at=datetime.now(UTC))


@pytest.fixture
def caller(post: Post, world: World) -> Caller:
    return Caller(post, world)


def takes(world: World) -> list[Take]:
    return sorted(world.all(Take), key=lambda take: take.turn_no)  # type: ignore[attr-defined]


@pytest.mark.parametrize("keys", ["", "1", "12345", "1234567", "abcdef", "#", "๑๒๓๔๕๖"])
def test_who_presses_hash_and_keys_no_pin_goes_back_to_what_a_stranger_may_choose(
    caller: Caller, world: World, keys: str
) -> None:
    assert caller.entered[0]["finish"] == "#"
    [menu] = caller.says(digits=keys)
    assert (menu["verb"], menu["finish"], menu["digits"]) == ("AskKey", "", 1)
    (call,) = world.all(Call)
    assert (call.flow, call.state["node"]) == ("hotline", "first_language")
    assert not world.all(SignInFailure)


def test_hash_leads_a_stranger_to_the_studio_three_times_and_then_no_more(caller: Caller) -> None:
    for _ in range(2):
        caller.says(digits="")
        assert caller.says(digits="#")[0]["finish"] == "#"
    caller.says(digits="")
    assert caller.says(digits="#")[0]["finish"] == ""  # a key that means nothing to a stranger


def test_a_right_pin_asked_about_twice_opens_one_call(caller: Caller, world: World, pin: str) -> None:
    first = caller.says(digits=pin)
    assert caller.says_again(digits=pin) == first
    assert (len(world.all(Call)), len(world.all(Attempt)), len(world.all(Phone))) == (1, 1, 1)
    assert [turn.digits for turn in sorted(world.all(Turn), key=lambda turn: turn.turn_no)] == [None, "#", None]


def test_who_withholds_their_number_hears_goodbye_and_cannot_record(post: Post, world: World) -> None:
    answer = post("/voice/inbound", **{**CALL, "from_": "anonymous"}).json()
    assert {verb["verb"] for verb in answer} == {"PlayClip", "HangUp"}
    assert not any(world.all(table) for table in (Call, Attempt, Phone, Turn))


def test_three_wrong_pins_end_a_strangers_call(caller: Caller, world: World) -> None:
    for digits in ("111222", "111223"):
        assert caller.says(digits=digits)[-1]["verb"] == "AskKey"
    assert caller.says(digits="111224")[-1]["verb"] == "HangUp"
    assert len(world.all(SignInFailure)) == 3
    assert not any("11122" in row.model_dump_json() for table in (Call, Turn) for row in world.all(table))


def test_a_wrong_pin_of_a_known_number_counts_once_and_is_not_kept(post: Post, world: World) -> None:
    world.add(Phone(e164=NUMBER, line_type="mobile"))
    caller = Caller(post, world)
    first = caller.says(digits="111222")
    assert caller.says_again(digits="111222") == first
    assert len(world.all(SignInFailure)) == 1
    assert [turn.digits for turn in sorted(world.all(Turn), key=lambda turn: turn.turn_no)] == [None, "#", None]


@pytest.mark.parametrize("keys", ["", "1", "12345"])
def test_a_known_caller_goes_back_to_their_own_question_and_can_still_say_yes(
    post: Post, world: World, keys: str
) -> None:
    appointment = world.appointment(world.person(phone=NUMBER, language="en"))
    caller = Caller(post, world)
    [question] = caller.says(digits=keys)
    (call,) = world.all(Call)
    assert (call.flow, call.state["facts"]["language"]) == ("hotline", "en")
    assert (question["digits"], question["seconds"]) == (1, 6)
    caller.says(digits="1")
    assert world.fresh(appointment).status is AppointmentStatus.CONFIRMED
    assert not world.all(SignInFailure)


@pytest.mark.parametrize(("language", "told_in"), [("en", "en"), ("my", "th"), ("nod", "th")])
def test_one_is_asked_for_the_pin_in_ones_own_language_where_it_can_be(
    post: Post, world: World, language: str, told_in: str
) -> None:
    world.appointment(world.person(phone=NUMBER, language=language))
    caller = Caller(post, world)
    (call,) = world.all(Call)
    assert call.state["facts"]["language"] == told_in
    caller.says(digits="")
    (call,) = world.all(Call)
    assert call.state["facts"]["language"] == language


def test_once_the_pin_is_right_its_owner_is_told_what_to_do_in_their_language(
    post: Post, world: World, speaker: Staff
) -> None:
    with world.database.unit_of_work() as db:
        pin = pins.make_pin(db, speaker.id, "en", key=rooms.PIN_KEY, at=datetime.now(UTC))
    Caller(post, world).says(digits=pin)
    (call,) = world.all(Call)
    assert call.state["facts"]["language"] == "en"


def test_a_recording_posted_twice_is_one_take_and_key_1_twice_keeps_one(
    caller: Caller, world: World, pin: str, speaker: Staff
) -> None:
    record = caller.says(digits=pin)[-1]
    assert (record["verb"], record["finish"], record["longest"], record["silence"]) == ("Record", "#", 60, 5)
    first = caller.says(recording="rec1", seconds="3")
    assert caller.says_again(recording="rec1", seconds="3") == first
    assert [(take.recording, take.status) for take in takes(world)] == [("rec1", TakeStatus.SPOKEN)]
    caller.says(digits="1")
    caller.says_again(digits="1")
    (take,) = takes(world)
    assert (take.status, take.staff, take.language) == (TakeStatus.KEPT, speaker.id, "th")


def test_a_recording_where_nobody_is_to_speak_is_no_take(caller: Caller, world: World) -> None:
    caller.says(recording="rec1", seconds="3")
    assert takes(world) == []


def test_who_hangs_up_while_recorded_leaves_a_take_that_is_thrown_away(caller: Caller, world: World, pin: str) -> None:
    caller.says(digits=pin)
    caller.says(recording="rec1", seconds="3", hung_up="yes")
    assert [(take.recording, take.status) for take in takes(world)] == [("rec1", TakeStatus.DISCARDED)]


def test_a_recording_that_arrives_after_the_end_of_the_call_is_thrown_away_once(
    caller: Caller, world: World, post: Post, pin: str
) -> None:
    caller.says(digits=pin)
    post("/voice/status/inbound", id="CA-in", status="completed")
    assert caller.says(recording="rec1", seconds="3", hung_up="yes") == [{"verb": "HangUp"}]
    for _ in range(2):
        assert caller.says_again(recording="rec1", seconds="3", hung_up="yes") == [{"verb": "HangUp"}]
    assert [(take.recording, take.status) for take in takes(world)] == [("rec1", TakeStatus.DISCARDED)]


def test_key_9_plays_what_was_just_spoken_from_the_carrier_until_it_is_settled(
    caller: Caller, world: World, client: httpx.Client, pin: str
) -> None:
    world.carrier.recorded["rec1"] = b"RIFF of mine"
    caller.says(digits=pin)
    caller.says(recording="rec1", seconds="3")
    [ask] = caller.says(digits="9")
    url = ask["prompts"][0]["url"].removeprefix("http://gateway.test")
    signed = {"X-Memory-Signature": "memory"}
    heard = client.get(url, headers=signed)
    assert (heard.status_code, heard.content, heard.headers["cache-control"]) == (200, b"RIFF of mine", "no-store")
    assert client.head(url, headers=signed).status_code == 200
    assert client.get(url).status_code == 403
    caller.says(digits="1")
    assert client.get(url, headers=signed).status_code == 404


def test_what_the_carrier_does_not_hand_over_cannot_be_heard_and_the_call_goes_on(
    caller: Caller, client: httpx.Client, pin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "REPLAY_WAITS", (0.0, 0.0))
    caller.says(digits=pin)
    caller.says(recording="gone", seconds="3")
    url = caller.says(digits="9")[0]["prompts"][0]["url"].removeprefix("http://gateway.test")
    assert client.get(url, headers={"X-Memory-Signature": "memory"}).status_code == 502
    assert caller.says(digits="1")[-1]["verb"] == "Record"


def test_what_is_not_ready_at_once_is_asked_for_again(
    caller: Caller, client: httpx.Client, pin: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "REPLAY_WAITS", (0.0, 0.0))
    world.carrier.recorded["rec1"] = b"RIFF of mine"
    caller.says(digits=pin)
    caller.says(recording="rec1", seconds="3")
    url = caller.says(digits="9")[0]["prompts"][0]["url"].removeprefix("http://gateway.test")
    world.carrier.fail_next(CarrierError(Fault.REJECTED, permanent=True, code="20404"))
    assert client.get(url, headers={"X-Memory-Signature": "memory"}).content == b"RIFF of mine"


def test_phrases_this_speaker_has_a_current_clip_of_are_passed_over(
    caller: Caller, desk: Desk, pin: str, speaker: Staff, world: World
) -> None:
    clips, sheet = desk.speech.clips, numbered(desk.speech.scripts["th"])
    assert isinstance(clips, MemoryClips)
    clips.keep("th", sheet[1], placeholder(1.0, "a"), ClipSource.RECORDING, speaker.id)
    clips.keep("th", sheet[2], placeholder(1.0, "b"), ClipSource.RECORDING, "somebody else")
    caller.says(digits=pin)
    caller.says(recording="rec1")
    assert [take.key for take in takes(world)] == [sheet[2].key]


def test_without_a_voice_for_what_is_to_be_said_there_is_no_studio(tmp_path: Path, world: World, post: Post) -> None:
    silent = rooms.speech(tmp_path, may_use_placeholders=False, may_use_drafts=False)
    assert studio_calls.instructor(silent) is None
    spoken = rooms.speech(tmp_path, may_use_placeholders=False, may_use_drafts=False, carrier_speaks=lambda _: True)
    assert studio_calls.instructor(spoken) is None, "drafts reach nobody, speakers neither"
    approved = frozenset(text_mark("th", p) for p in spoken.scripts["th"].prompts.values())
    heard = rooms.speech(
        tmp_path, may_use_placeholders=False, may_use_drafts=False, carrier_speaks=lambda _: True,
        approved_texts=lambda: approved,
    )  # fmt: skip
    voice = studio_calls.instructor(heard)
    assert voice is not None
    assert voice.language == "th"
