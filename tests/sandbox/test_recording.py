"""A handset that is recorded: who speaks, what ends it, what is posted, and where the sound is."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gateway.sandbox.errors import RestError
from gateway.sandbox.utterance import RATE, utterance
from gateway.voice.audio import normalise
from gateway.voice.wav import seconds_of
from tests.sandbox.conftest import BASE, NUMBER, SENDER, World, twiml

RECORD = '<Record action="/recorded" maxLength="20" timeout="5" finishOnKey="#"/><Redirect>/silent</Redirect>'
Make = Callable[..., World]


def called_in(
    make_world: Make, *, record: str = RECORD, speaks: tuple[float, ...] | None = (3.0,), **more: Any
) -> World:
    """The handset calls us and hears a document with a <Record>."""
    world = make_world(inbound_voice_url=f"{BASE}/answer")
    world.web.answers["/answer"] = twiml(record)
    world.sid = world.network.call_from(NUMBER, SENDER, more.pop("keys", ()), speaks=speaks, **more)  # type: ignore[attr-defined]
    return world


def posted(world: World) -> dict[str, str]:
    world.network.play_until_idle()
    (form,) = world.web.forms("/recorded")
    return form


def test_who_speaks_and_presses_hash_is_posted_with_name_length_and_key(make_world: Make) -> None:
    world = called_in(make_world)
    form = posted(world)
    assert (form["RecordingDuration"], form["Digits"], form["CallStatus"]) == ("3", "#", "in-progress")
    assert form["RecordingUrl"].endswith(
        f"/2010-04-01/Accounts/{world.network.account.sid}/Recordings/{form['RecordingSid']}"
    )
    assert world.web.to("/silent") == []
    assert [line for line in world.kinds() if line in ("tone", "recorded")] == ["tone", "recorded"]


def test_of_silence_there_is_no_recording_and_the_next_verb_is_done(make_world: Make) -> None:
    world = called_in(make_world, speaks=(0.0,))
    world.network.play_until_idle()
    assert world.web.to("/recorded") == []
    assert len(world.web.to("/silent")) == 1


def test_who_does_not_stop_is_cut_off_at_the_longest(make_world: Make) -> None:
    assert posted(called_in(make_world, speaks=(99.0,)))["RecordingDuration"] == "20"


@pytest.mark.parametrize(("finish", "key"), [("#", "#"), ("1234567890*#", "#"), ("", "")])
def test_the_key_is_pressed_where_it_ends_anything(make_world: Make, finish: str, key: str) -> None:
    record = RECORD.replace('finishOnKey="#"', f'finishOnKey="{finish}"')
    assert posted(called_in(make_world, record=record))["Digits"] == key


def test_each_time_it_is_recorded_one_speaks_anew(make_world: Make) -> None:
    world = called_in(make_world, speaks=(2.0, 4.0))
    world.web.answers["/recorded"] = lambda request: twiml(RECORD if len(world.web.to("/recorded")) == 1 else "")
    world.network.play_until_idle()
    assert [form["RecordingDuration"] for form in world.web.forms("/recorded")] == ["2", "4"]
    assert len({form["RecordingSid"] for form in world.web.forms("/recorded")}) == 2


def until(world: World, seconds: float) -> None:
    """Let seconds pass at the ear of who holds the handset."""
    for _ in range(round(seconds * 10)):
        world.network.run_due()
        world.now[0] += 0.1  # type: ignore[attr-defined]
    world.network.run_due()


@pytest.fixture
def held(make_world: Make) -> World:
    """A visitor has called, and the tone has sounded."""
    world = make_world(inbound_voice_url=f"{BASE}/answer")
    world.now = [0.0]  # type: ignore[attr-defined]
    world.network.hands.monotonic = lambda: world.now[0]  # type: ignore[attr-defined]
    world.web.answers["/answer"] = twiml(RECORD)
    world.sid = world.network.call_from(NUMBER, SENDER, visitor="v" * 24)  # type: ignore[attr-defined]
    world.network.run_due()
    until(world, 1.5)
    assert world.network._calls[world.sid].is_recorded  # type: ignore[attr-defined]
    return world


def test_a_visitor_speaks_twice_and_ends_with_hash(held: World) -> None:
    until(held, 2.0)
    held.network.speak(held.sid, 3.0)  # type: ignore[attr-defined]
    until(held, 3.5)
    held.network.speak(held.sid, 2.0)  # type: ignore[attr-defined]
    until(held, 2.5)
    held.network.press(held.sid, "#")  # type: ignore[attr-defined]
    until(held, 0.1)
    (form,) = held.web.forms("/recorded")
    assert (form["RecordingDuration"], form["Digits"]) == ("5", "#")
    assert not held.network._calls[held.sid].is_recorded  # type: ignore[attr-defined]


def test_a_key_that_ends_nothing_is_passed_over_and_silence_ends_it(held: World) -> None:
    held.network.speak(held.sid, 3.0)  # type: ignore[attr-defined]
    until(held, 3.5)
    held.network.press(held.sid, "5")  # type: ignore[attr-defined]
    until(held, 0.1)
    assert held.web.forms("/recorded") == []
    until(held, 8.0)
    (form,) = held.web.forms("/recorded")
    assert (form["RecordingDuration"], form["Digits"]) == ("3", "")


def test_who_hangs_up_while_speaking_is_posted_as_hung_up_and_the_call_is_over(held: World) -> None:
    held.network.speak(held.sid, 9.0)  # type: ignore[attr-defined]
    until(held, 4.0)
    held.network.hang_up(held.sid)  # type: ignore[attr-defined]
    until(held, 0.1)
    (form,) = held.web.forms("/recorded")
    assert form["Digits"] == "hangup"
    assert 3 <= int(form["RecordingDuration"]) <= 5
    assert held.network.get_call(held.sid)["status"] == "completed"  # type: ignore[attr-defined]


def test_who_hangs_up_without_a_word_has_recorded_nothing(held: World) -> None:
    held.network.hang_up(held.sid)  # type: ignore[attr-defined]
    until(held, 0.1)
    assert held.web.forms("/recorded") == []


def test_who_speaks_while_nobody_records_is_not_heard(make_world: Make) -> None:
    ask = '<Gather numDigits="1" timeout="5" action="/turn" actionOnEmptyResult="true"/>'
    world = called_in(make_world, record=ask, speaks=None, keys=("",))
    world.network.play_until(world.clock.now() + timedelta(seconds=1))
    world.network.speak(world.sid, 30.0)  # type: ignore[attr-defined]
    world.network.play_until_idle()
    assert [form["Digits"] for form in world.web.forms("/turn")] == [""]
    assert world.network.get_call(world.sid)["duration"] == "5"  # type: ignore[attr-defined]


def test_a_recording_is_there_until_it_is_deleted(make_world: Make) -> None:
    world = called_in(make_world)
    name = posted(world)["RecordingSid"]
    assert world.network.get_recording(name)["duration"] == "3"
    sound = world.network.get_sound(name)
    world.network.delete_recording(name)
    for gone in (world.network.get_recording, world.network.get_sound, world.network.delete_recording):
        with pytest.raises(RestError) as refused:
            gone(name)
        assert (refused.value.status, refused.value.code) == (404, 20404)
    assert sound[:4] == b"RIFF"


@pytest.mark.parametrize("seconds", [0.5, 3.0, 20.0])
def test_what_is_said_is_sound_of_that_length_that_a_recorders_checks_let_pass(seconds: float) -> None:
    with wave.open(io.BytesIO(utterance("RE1", seconds))) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (RATE, 1, 2)
        assert wav.getnframes() / RATE == pytest.approx(seconds + 0.8, abs=0.01)
    assert seconds_of(normalise(utterance("RE1", seconds))) == pytest.approx(seconds + 0.3, abs=0.25)


def test_two_recordings_sound_different_and_one_always_the_same() -> None:
    assert utterance("RE1", 2.0) == utterance("RE1", 2.0) != utterance("RE2", 2.0)
