"""Words are edited and clips withdrawn while somebody is on the telephone: what they answered counts all the same."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, Reminder
from gateway.records.conversations import Call, Outcome, Reply, Turn
from gateway.records.status import AppointmentStatus, Channel, ReminderStatus, TaskKind
from gateway.records.work import Task
from gateway.voice.assets import ClipSource
from gateway.voice.prompts import Prompt, Script
from gateway.voice.wav import placeholder
from gateway.web.desk import Desk
from tests.support import rooms
from tests.support.clips import MemoryClips
from tests.support.world import MONDAY, World
from tests.web.conftest import Post

SOUND = placeholder(1)


class Voice:
    """Thai as one person spoke all of it; no placeholder stands in."""

    def __init__(self, folder: Path) -> None:
        self.scripts = {"th": rooms.shipped_scripts()["th"]}
        self.clips = MemoryClips(folder / "audio")
        for prompt in self.scripts["th"].prompts.values():
            self.clips.keep("th", prompt, SOUND, ClipSource.RECORDING, "kham")
        self.speech = rooms.speech(folder, scripts=self.scripts, clips=self.clips, may_use_placeholders=False)

    def withdrawn(self, *keys: str) -> None:
        """Somebody takes the clips of these phrases back."""
        kept = self.clips._kept["th"]
        self.clips._kept["th"] = {key: clips for key, clips in kept.items() if key not in keys}

    def edited(self, *keys: str) -> None:
        """Somebody writes other words for these phrases: their clips are stale."""
        script = self.scripts["th"]
        self.scripts["th"] = Script("th", {**script.prompts, **{key: Prompt(key, f"new {key}") for key in keys}})


@pytest.fixture
def voice(tmp_path: Path) -> Voice:
    return Voice(tmp_path)


@pytest.fixture
def desk(world: World, tmp_path: Path, voice: Voice) -> Desk:
    return replace(rooms.desk(world, tmp_path), speech=voice.speech)


@pytest.fixture
def phone(world: World, post: Post, voice: Voice, tmp_path: Path) -> Phone:
    for days in (4, 8):
        world.session(MONDAY + timedelta(days=days))
    return Phone(world, post, voice, tmp_path)


class Phone:
    """Somebody whose telephone rings."""

    def __init__(self, world: World, post: Post, voice: Voice, folder: Path) -> None:
        self.world, self._post, self._turn = world, post, 0
        reminder = world.due(Channel.VOICE)
        rooms.sender(world, folder, said=voice.speech).pass_once()
        self.attempt: Attempt = world.attempts_of(reminder)[0]
        self._event = {"id": self.attempt.carrier_id or "", "from_": "+6620000000", "to": "+66800000001"}

    def picks_up(self) -> list[str]:
        return self._heard(self._post(f"/voice/answer/{self.attempt.id}", **self._event).json())

    def presses(self, key: str) -> list[str]:
        self._turn += 1
        return self.presses_again(key)

    def presses_again(self, key: str) -> list[str]:
        path = f"/voice/turn/{self.attempt.id}?turn={self._turn}"
        return self._heard(self._post(path, **self._event, digits=key).json())

    def _heard(self, verbs: list[dict[str, Any]]) -> list[str]:
        """What is played in this turn, phrase by phrase, then how it ends."""
        last = max(self.world.all(Turn), key=lambda turn: turn.turn_no)  # type: ignore[attr-defined]
        return [*(line["prompt"] for line in last.heard), verbs[-1]["verb"]]

    def is_counted_as_confirmed(self) -> bool:
        (appointment,) = self.world.all(Appointment)
        replies = [reply.answer for reply in self.world.all(Reply)]  # type: ignore[attr-defined]
        return (appointment.status, replies) == (AppointmentStatus.CONFIRMED, [Answer.COMING])  # type: ignore[attr-defined]


@pytest.mark.parametrize("how", ["withdrawn", "edited"])
def test_a_phrase_that_is_not_needed_now_disturbs_nobody(phone: Phone, voice: Voice, how: str) -> None:
    phone.picks_up()
    getattr(voice, how)("offer.lost", "month.7", "studio.greet")
    heard = phone.presses("1")
    assert (heard[0], heard[-2:]) == ("ack.coming", ["ask.ride", "AskKey"])
    assert phone.is_counted_as_confirmed()
    assert not phone.world.all(Task)


@pytest.mark.parametrize("how", ["withdrawn", "edited"])
@pytest.mark.parametrize(
    ("lost", "heard"),
    [
        (("ask.ride",), ["ack.coming", "...", "bye", "HangUp"]),
        (("ask.ride", "bye"), ["ack.coming", "...", "HangUp"]),
        (("ack.coming",), ["bye", "HangUp"]),
        (("ack.coming", "bye"), ["HangUp"]),
    ],
)
def test_a_yes_counts_whatever_can_be_said_after_it_and_the_call_ends(
    phone: Phone, voice: Voice, how: str, lost: tuple[str, ...], heard: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    phone.picks_up()
    getattr(voice, how)(*lost)
    with caplog.at_level(logging.ERROR):
        said = phone.presses("1")
    assert phone.presses_again("1") == said
    assert phone.is_counted_as_confirmed()
    when = [key for key in said if key.split(".")[0] in {"relative", "weekday", "day", "month", "hour"}]
    shown = [key for key in said if key not in when]
    assert shown == [key for key in heard if key != "..."]
    assert bool(when) == ("..." in heard)
    assert [outcome.effect for outcome in phone.world.all(Outcome)] == ["confirmed"]
    assert [turn.digits for turn in phone.world.all(Turn)] == [None, "1"]
    assert [task.kind for task in phone.world.all(Task)] == [TaskKind.POISON]
    assert "cannot be said in th" in caplog.text
    assert "+66" not in caplog.text


def test_a_key_after_the_call_was_broken_off_changes_nothing(phone: Phone, voice: Voice) -> None:
    phone.picks_up()
    voice.withdrawn("ask.ride")
    phone.presses("1")
    assert phone.presses("4")[-1] == "HangUp"
    assert phone.is_counted_as_confirmed()


def test_a_wish_for_another_day_goes_to_staff_where_the_days_cannot_be_said(phone: Phone, voice: Voice) -> None:
    phone.picks_up()
    voice.withdrawn("offer.intro")
    assert phone.presses("2") == ["ack.callback", "bye", "HangUp"]
    assert [reply.answer for reply in phone.world.all(Reply)] == [Answer.CALLBACK]
    assert {task.kind for task in phone.world.all(Task)} == {TaskKind.CALLBACK, TaskKind.POISON}


def test_silence_that_cannot_be_asked_again_is_no_answer(phone: Phone, voice: Voice) -> None:
    phone.picks_up()
    voice.withdrawn("sorry.silence")
    assert phone.presses("") == ["end.unanswered", "bye", "HangUp"]
    assert not phone.world.all(Reply)
    assert [row.status for row in phone.world.all(Reminder)] == [ReminderStatus.SENT]


def test_a_phrase_lost_while_it_rang_is_missed_only_where_it_is_said(phone: Phone, voice: Voice) -> None:
    voice.withdrawn("sorry.silence")
    assert voice.speech.voices.of("th") is None
    assert phone.picks_up()[-1] == "AskKey"
    phone.presses("1")
    assert phone.is_counted_as_confirmed()


def test_a_call_whose_first_words_are_lost_hangs_up_and_the_ladder_goes_on(
    phone: Phone, voice: Voice, post: Post
) -> None:
    voice.withdrawn("greet.reminder")
    assert phone.picks_up() == ["HangUp"]
    assert not phone.world.all(Reply)
    (reminder,) = phone.world.all(Reminder)
    assert reminder.status is ReminderStatus.SENT
    post(f"/voice/status/{phone.attempt.id}", id=phone.attempt.carrier_id or "", status="completed")
    assert [call.closed_at is None for call in phone.world.all(Call)] == [False]
    assert ReminderStatus.ANSWERED not in [row.status for row in phone.world.all(Reminder)]
    assert [row.status for row in phone.world.all(Appointment)] == [AppointmentStatus.BOOKED]
    assert any(row.status is ReminderStatus.PLANNED for row in phone.world.all(Reminder))
