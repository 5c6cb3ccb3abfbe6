"""TwiML asked for a call that is none any more: it ends kindly, and nobody is rung or asked twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.records.contacts import Attempt, Receipt, Reminder
from gateway.records.conversations import Call, Reply
from gateway.records.status import FINAL_ATTEMPTS, AttemptStatus, Channel
from tests.support import rooms
from tests.support.world import World
from tests.web.conftest import Post

HANG_UP = [{"verb": "HangUp"}]


@pytest.fixture
def attempt(world: World, tmp_path: Path) -> Attempt:
    """A call the carrier has taken."""
    reminder = world.due(Channel.VOICE)
    rooms.sender(world, tmp_path).pass_once()
    return world.attempts_of(reminder)[0]


def end_as(world: World, attempt: Attempt, status: AttemptStatus) -> None:
    with world.database.unit_of_work() as db:
        row = db.get_one(Attempt, attempt.id)
        row.status, row.rank = status, 9


def ask(post: Post, path: str, carrier_id: str | None, **more: str) -> list[dict[str, object]]:
    answer = post(path, id=carrier_id or "", from_="+6620000000", to="+66800000001", **more)
    assert answer.status_code == 200
    found: list[dict[str, object]] = answer.json()
    return found


@pytest.mark.parametrize("status", sorted(FINAL_ATTEMPTS))
def test_a_call_of_a_finished_attempt_is_ended_without_a_word(
    world: World, post: Post, attempt: Attempt, status: AttemptStatus
) -> None:
    end_as(world, attempt, status)
    assert ask(post, f"/voice/answer/{attempt.id}", attempt.carrier_id) == HANG_UP
    assert world.all(Call) == []


def test_a_call_of_an_attempt_closed_as_not_sent_is_ended_and_its_reminder_left_to_the_next(
    world: World, post: Post, attempt: Attempt
) -> None:
    end_as(world, attempt, AttemptStatus.FAILED)
    before = [(one.status, one.tries) for one in world.all(Reminder)]
    assert ask(post, f"/voice/answer/{attempt.id}", "CA-late-and-new") == HANG_UP
    assert [(one.status, one.tries) for one in world.all(Reminder)] == before


def test_a_second_call_for_the_same_attempt_is_ended_and_the_first_goes_on(
    world: World, post: Post, attempt: Attempt
) -> None:
    first = ask(post, f"/voice/answer/{attempt.id}", attempt.carrier_id)
    assert ask(post, f"/voice/answer/{attempt.id}", "CA-second") == HANG_UP
    assert ask(post, f"/voice/turn/{attempt.id}?turn=1", "CA-second", digits="1") == HANG_UP
    assert ask(post, f"/voice/answer/{attempt.id}", attempt.carrier_id) == first != HANG_UP
    assert world.all(Reply) == []


@pytest.mark.parametrize("status", sorted(FINAL_ATTEMPTS))
def test_a_call_that_has_ended_is_not_begun_again_by_the_same_request(
    world: World, post: Post, attempt: Attempt, status: AttemptStatus
) -> None:
    first = ask(post, f"/voice/answer/{attempt.id}", attempt.carrier_id)
    assert ask(post, f"/voice/answer/{attempt.id}", attempt.carrier_id) == first != HANG_UP
    end_as(world, attempt, status)
    assert ask(post, f"/voice/answer/{attempt.id}", attempt.carrier_id) == HANG_UP
    assert len(world.all(Call)) == 1


def test_a_call_that_is_closed_is_not_begun_again_either(world: World, post: Post, attempt: Attempt) -> None:
    ask(post, f"/voice/answer/{attempt.id}", attempt.carrier_id)
    with world.database.unit_of_work() as db:
        db.get_one(Call, world.all(Call)[0].id).closed_at = world.clock.now()
    assert ask(post, f"/voice/answer/{attempt.id}", attempt.carrier_id) == HANG_UP


def test_a_call_of_an_attempt_nobody_knows_says_nothing_and_is_shown_to_staff(world: World, post: Post) -> None:
    assert ask(post, f"/voice/answer/{'0' * 32}", "CA-unknown") == []
    assert [(one.attempt, one.carrier_id) for one in world.all(Receipt)] == [(None, "CA-unknown")]
