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
from gateway.records.status import TakeStatus
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
    """A caller who got into the studio; `says` posts the next turn."""

    def __init__(self, post: Post, world: World) -> None:
        self._post, self._world, self.turn = post, world, 0
        post("/voice/inbound", **CALL)
        self.entered = post("/voice/turn/none?turn=1", **CALL, digits="#").json()

    @property
    def attempt(self) -> str:
        return str(self._world.all(Attempt)[0].id)  # type: ignore[attr-defined]

    def says(self, **fields: str) -> list[dict[str, Any]]:
        self.turn += 1
        return self.says_again(**fields)

    def says_again(self, **fields: str) -> list[dict[str, Any]]:
        answer = self._post(f"/voice/turn/{self.attempt}?turn={self.turn}", **{**CALL, **fields})
        found: list[dict[str, Any]] = answer.json()
        return found


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


def test_hash_asked_for_twice_opens_one_call(post: Post, caller: Caller, world: World) -> None:
    again = post("/voice/turn/none?turn=1", **CALL, digits="#").json()
    assert again == caller.entered
    assert again[0]["finish"] == "#"
    assert (len(world.all(Call)), len(world.all(Attempt)), len(world.all(Phone))) == (1, 1, 1)


def test_who_withholds_their_number_cannot_record(post: Post, world: World) -> None:
    answer = post("/voice/turn/none?turn=1", **{**CALL, "from_": "anonymous"}, digits="#").json()
    assert [verb["verb"] for verb in answer] == ["HangUp"]
    assert not world.all(Attempt)


def test_a_wrong_pin_asked_about_twice_counts_once_and_is_not_kept(caller: Caller, world: World) -> None:
    first = caller.says(digits="111222")
    assert caller.says_again(digits="111222") == first
    assert len(world.all(SignInFailure)) == 1
    assert [turn.digits for turn in world.all(Turn)] == [None, None]


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
    for _ in range(2):
        caller.turn = 2
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
