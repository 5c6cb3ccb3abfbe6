"""A carrier that carries after all what it was twice said not to have: nobody is asked twice, nobody hears an error."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from gateway.carriers.port import CarrierError, Fault, HangUp
from gateway.records.contacts import Attempt, Reminder
from gateway.records.conversations import Call
from gateway.records.status import AttemptStatus, Channel, ReminderStatus
from tests.support import rooms
from tests.support.world import World


@pytest.fixture
def called_again(world: World, tmp_path: Path) -> tuple[Reminder, Attempt, Attempt]:
    """A call in doubt that two looks did not find, and the new attempt of the same reminder, under way."""
    reminder = world.due(Channel.VOICE)
    world.carrier.fail_next(CarrierError(Fault.IN_DOUBT, in_doubt=True), taken=False)
    rooms.sender(world, tmp_path).pass_once()
    [old] = world.attempts_of(reminder)
    for _ in range(2):
        world.clock.advance_to(world.clock.now() + timedelta(minutes=4))
        rooms.reconciler(world).pass_once()
    rooms.sender(world, tmp_path).pass_once()
    [new] = [row for row in world.attempts_of(reminder) if row.id != old.id]
    return reminder, old, new


def asks(client: httpx.Client, attempt: Attempt, carrier_id: str) -> httpx.Response:
    form = {"id": carrier_id, "from": "+6620000000", "to": "+66800000000"}
    return client.post(f"{rooms.PREFIX}/voice/answer/{attempt.id}", data=form, headers={"X-Memory-Signature": "memory"})


def test_a_call_for_an_attempt_that_is_over_is_ended_without_an_error(
    world: World, client: httpx.Client, called_again: tuple[Reminder, Attempt, Attempt]
) -> None:
    _, old, new = called_again
    answer = asks(client, old, "CA-late")
    assert (answer.status_code, answer.text) == (200, world.carrier.render([HangUp()]).body)
    assert world.all(Call) == []
    assert "hang" not in asks(client, new, new.carrier_id or "").text[:20].lower()
    assert [call.attempt for call in world.all(Call)] == [new.id]


def test_what_is_heard_of_it_late_is_kept_and_leaves_the_new_attempt_alone(
    world: World, client: httpx.Client, called_again: tuple[Reminder, Attempt, Attempt]
) -> None:
    reminder, old, new = called_again
    answer = client.post(
        f"{rooms.PREFIX}/voice/status/{old.id}",
        data={"id": "CA-late", "status": "completed", "seq": "3"},
        headers={"X-Memory-Signature": "memory"},
    )
    assert answer.status_code == 200
    kept = world.fresh(old)
    assert (kept.carrier_id, kept.status, kept.reason) == ("CA-late", AttemptStatus.FAILED, "not_sent")
    assert world.fresh(new).status is AttemptStatus.SUBMITTED
    assert world.fresh(reminder).status is ReminderStatus.SENT
