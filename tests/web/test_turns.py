"""What a person heard is kept turn by turn, beside what the carrier was told to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from gateway.calls.flow import CallFacts, HangUp, Play
from gateway.records.contacts import Attempt
from gateway.records.conversations import Turn
from gateway.records.status import Channel
from gateway.voice.voices import CARRIER
from gateway.web import speaking
from tests.support import rooms
from tests.support.world import MONDAY, World
from tests.web.conftest import Post


def called(world: World, folder: Path) -> Attempt:
    reminder = world.due(Channel.VOICE)
    rooms.sender(world, folder).pass_once()
    return world.attempts_of(reminder)[0]


def event(attempt: Attempt, **more: str) -> dict[str, str]:
    return {"id": attempt.carrier_id or "", "from_": "+6620000000", "to": "+66800000001", **more}


def turns(world: World) -> list[Turn]:
    return sorted(world.all(Turn), key=lambda turn: turn.turn_no)  # type: ignore[attr-defined]


def test_a_turn_keeps_the_phrases_in_the_order_they_were_played_each_with_its_clip(
    world: World, post: Post, tmp_path: Path
) -> None:
    attempt = called(world, tmp_path)
    post(f"/voice/answer/{attempt.id}", **event(attempt))
    (first,) = turns(world)
    script = rooms.shipped_scripts()["th"].prompts
    prompts = [phrase["prompt"] for phrase in first.heard]
    assert (prompts[0], prompts[-1]) == ("greet.reminder", "ask.coming")
    assert "hour.0930" in prompts
    assert [phrase["text"] for phrase in first.heard] == [script[prompt].text for prompt in prompts]
    clips = [phrase["clip"] for phrase in first.heard]
    assert clips == list(attempt.assets)  # what was made ready before the call is what was played
    assert all(f"/audio/{clip}.wav" in first.response for clip in clips)


def test_a_turn_said_again_is_kept_once_and_the_next_one_beside_it(world: World, post: Post, tmp_path: Path) -> None:
    world.session(MONDAY + timedelta(days=3))
    attempt = called(world, tmp_path)
    post(f"/voice/answer/{attempt.id}", **event(attempt))
    for _ in range(2):
        post(f"/voice/turn/{attempt.id}?turn=1", **event(attempt, digits="2"))
    first, second = turns(world)
    assert (first.digits, second.digits) == (None, "2")
    assert [phrase["prompt"] for phrase in second.heard][:1] == ["offer.intro"]


def test_a_call_that_was_to_be_cancelled_and_rings_all_the_same_asks_nothing(
    world: World, post: Post, tmp_path: Path
) -> None:
    attempt = called(world, tmp_path)
    with world.database.unit_of_work() as db:
        db.get_one(Attempt, attempt.id).cancel_requested_at = world.clock.now()
    post(f"/voice/answer/{attempt.id}", **event(attempt))
    (first,) = turns(world)
    assert [phrase["prompt"] for phrase in first.heard] == ["end.settled", "bye"]


def test_words_that_the_carrier_itself_speaks_are_kept_without_a_clip(world: World, tmp_path: Path) -> None:
    spoken = rooms.speech(tmp_path, may_use_placeholders=False, carrier_speaks=lambda language: True)
    desk = replace(rooms.desk(world, tmp_path), speech=spoken)
    facts = CallFacts("th", world.clock.now(), voice=CARRIER)
    said = speaking.put(desk, (Play(("bye",)), HangUp()), facts, attempt="x", next_turn=1)
    assert said.heard == [{"prompt": "bye", "text": rooms.shipped_scripts()["th"].prompts["bye"].text, "clip": ""}]
