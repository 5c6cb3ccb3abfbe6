"""The disk is full, the database only reads, the clock jumps, the carrier is away: docs/runbooks says what happens."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from gateway.carriers.port import CarrierError, Fault, SmsOrder, Submission
from gateway.dispatch.allowance import Limits
from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.plan.planner import sweep
from gateway.records.contacts import Attempt, Reminder
from gateway.records.status import AttemptStatus, Channel, ReminderStatus
from tests.chaos.conftest import Settable, Trouble
from tests.support import rooms
from tests.support.world import World

SMS, VOICE = Channel.SMS, Channel.VOICE
LIMITS = Limits(lines=10, calls_per_second=1, sms_per_second=6)


def delivered(client: httpx.Client, attempt: Attempt) -> httpx.Response:
    """The carrier tells us that a text arrived."""
    return client.post(
        f"{rooms.PREFIX}/sms/status/{attempt.id}",
        data={"id": attempt.carrier_id or "", "status": "delivered"},
        headers={"X-Memory-Signature": "memory"},
    )


def unknown(client: httpx.Client, number: int) -> httpx.Response:
    """A receipt of which nobody knows anything is kept, so each takes some room."""
    form = {"id": f"unknown {number}", "status": "sent", "more": "x" * 500}
    return client.post(
        f"{rooms.PREFIX}/sms/status/unknown{number}", data=form, headers={"X-Memory-Signature": "memory"}
    )


def _is_refused(answer: httpx.Response) -> bool:
    return answer.status_code != 200


def when_the_leases_are_over(world: World) -> None:
    """Five real minutes later; then what nobody wrote down is looked for."""
    over = datetime.now(UTC) - timedelta(seconds=1)
    with world.database.unit_of_work() as db:
        db.execute(sa.update(Reminder).where(sa.column("lease_until").is_not(None)).values(lease_until=over))
    for _ in range(2):
        rooms.reconciler(world).pass_once()
        world.clock.advance_to(world.clock.now() + timedelta(minutes=3))


def statuses(world: World) -> list[str]:
    return sorted(row.status.value for row in world.all(Reminder))


# the disk


@pytest.mark.sqlite_file
def test_on_a_full_disk_nothing_goes_out_without_its_row_and_all_of_it_does_when_there_is_room(
    world: World, tmp_path: Path, full: Trouble
) -> None:
    for _ in range(60):
        world.due(SMS)
    sending = rooms.sender(world, tmp_path, limits=Limits(10, 10, 1000))
    with full(), pytest.raises(sa.exc.OperationalError, match="full"):
        sending.pass_once()
    written = {row.id for row in world.all(Attempt)}
    assert {order.attempt for order in world.carrier.orders} <= written
    assert len(world.carrier.orders) < 60
    world.clock.advance_to(world.clock.now() + timedelta(minutes=1))
    sending.pass_once()
    assert sorted(order.to for order in world.carrier.texts) == sorted({order.to for order in world.carrier.texts})
    when_the_leases_are_over(world)
    assert (len(world.carrier.texts), set(statuses(world))) == (60, {"sent"})
    assert all(row.carrier_id for row in world.all(Attempt))


@pytest.mark.sqlite_file
def test_on_a_full_disk_the_carrier_is_told_to_ask_again_and_what_it_says_then_counts(
    world: World, tmp_path: Path, client: httpx.Client, full: Trouble
) -> None:
    reminder = world.due(SMS)
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.attempts_of(reminder)
    with full():
        refused = next(filter(_is_refused, (unknown(client, number) for number in range(200))))
    assert (refused.status_code, refused.text) == (503, "nothing can be stored at the moment: ask again\n")
    assert delivered(client, attempt).status_code == 200
    assert world.fresh(attempt).status is AttemptStatus.DELIVERED


@pytest.mark.sqlite_file
def test_a_disk_that_is_nearly_full_is_told_before_it_is(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.records.away.LEAST_FREE", 2**60)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (
        503,
        "the disk is full: nothing goes out before there is room",
    )


# reading only


def test_a_database_that_only_reads_stops_everything_and_says_so_until_it_writes_again(
    world: World, tmp_path: Path, client: httpx.Client, read_only: Trouble
) -> None:
    first = world.due(SMS)
    sending = rooms.sender(world, tmp_path)
    sending.pass_once()
    [attempt] = world.attempts_of(first)
    world.due(SMS)
    with read_only():
        with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"):
            sending.pass_once()
        refused, ready = delivered(client, attempt), client.get("/readyz")
    assert len(world.carrier.texts) == 1
    assert (refused.status_code, "ask again" in refused.text) == (503, True)
    assert (ready.status_code, ready.json()["status"]) == (503, "the database cannot be written: nothing goes out")
    sending.pass_once()
    assert len(world.carrier.texts) == 2
    assert (delivered(client, attempt).status_code, client.get("/readyz").status_code) == (200, 200)


def test_what_could_not_be_written_after_it_went_out_is_looked_for_and_never_sent_twice(
    world: World, tmp_path: Path, read_only: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.dispatch.patience.PATIENCE", 0.1)
    reminder = world.due(SMS)
    send, trouble = world.carrier.send_sms, read_only()

    def goes_out_and_the_disk_breaks(order: SmsOrder) -> Submission:
        taken = send(order)
        trouble.__enter__()
        return taken

    world.carrier.send_sms = goes_out_and_the_disk_breaks  # type: ignore[method-assign]
    with pytest.raises(sa.exc.DBAPIError):
        rooms.sender(world, tmp_path).pass_once()
    trouble.__exit__(None, None, None)
    world.carrier.send_sms = send  # type: ignore[method-assign]
    for _ in range(3):
        when_the_leases_are_over(world)
        rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.attempts_of(reminder)
    assert (attempt.carrier_id is not None, len(world.carrier.texts)) == (True, 1)


# the clock


def by_a_clock_that_is_set(world: World) -> Settable:
    clock = Settable(world.clock.now())
    world.clock = clock  # type: ignore[assignment]
    world.carrier._now = clock.now
    return clock


def test_an_hour_that_never_was_brings_no_burst(world: World, tmp_path: Path) -> None:
    for _ in range(40):
        world.due(VOICE)
    clock = by_a_clock_that_is_set(world)
    sending = rooms.sender(world, tmp_path, limits=LIMITS)
    sending.pass_once()
    clock.at += timedelta(hours=1)
    before = len(world.carrier.calls)
    for _ in range(3):
        sending.pass_once()
    assert len(world.carrier.calls) - before == 1  # one second's worth: what an hour would have allowed is not saved up


def test_an_hour_that_comes_twice_brings_nobody_a_second_call_and_no_hour_of_silence(
    world: World, tmp_path: Path
) -> None:
    clock = by_a_clock_that_is_set(world)
    clock.at = at_bangkok(bangkok_day(clock.at), time(11, 0))
    called = [world.due(VOICE) for _ in range(3)]
    sending = rooms.sender(world, tmp_path, limits=Limits(10, 10, 30))
    sending.pass_once()
    numbers = [order.to for order in world.carrier.calls]
    for order_no, reminder in enumerate(called):
        with world.database.unit_of_work() as db:  # nobody picked up; the ladder would ring again
            attempt = db.get(Attempt, world.attempts_of(reminder)[0].id)
            assert attempt is not None
            attempt.status, attempt.rank = AttemptStatus.NO_ANSWER, 9
            row = db.get(Reminder, reminder.id)
            assert row is not None, order_no
            row.status, row.next_try_at = ReminderStatus.PLANNED, clock.at - timedelta(hours=1)
    clock.at -= timedelta(hours=1)
    for _ in range(2):
        world.due(VOICE)
    for _ in range(5):
        sending.pass_once()
        clock.at += timedelta(seconds=2)
    rung = [order.to for order in world.carrier.calls]
    assert [rung.count(number) for number in numbers] == [1, 1, 1]
    assert len(rung) == 5


def test_a_lease_is_real_time_whatever_the_business_clock_shows(world: World, tmp_path: Path) -> None:
    world.due(SMS)
    clock = by_a_clock_that_is_set(world)
    sending, now = rooms.sender(world, tmp_path), clock.at
    world.database.run(lambda db: sending.outbox.claim(db, SMS, 1, now=now, due_by=now, lease_from=datetime.now(UTC)))
    clock.at += timedelta(hours=3)
    assert rooms.reconciler(world).pass_once().released == 0


# the carrier


def test_after_six_hours_without_a_carrier_the_stale_stay_unsent_and_the_rest_goes_at_its_pace(
    world: World, tmp_path: Path
) -> None:
    opens = world.clock.now()
    stale = [world.due(VOICE) for _ in range(10)]
    useful = [world.due(VOICE) for _ in range(20)]
    with world.database.unit_of_work() as db:
        for reminder in stale:
            row = db.get(Reminder, reminder.id)
            assert row is not None
            row.expires_at = opens + timedelta(hours=3)
    place = world.carrier.place_call

    def is_down(_: object) -> Submission:
        raise CarrierError(Fault.NOT_CONNECTED)

    world.carrier.place_call = is_down  # type: ignore[method-assign]
    sending, rules = rooms.sender(world, tmp_path, limits=LIMITS), rooms.rules(world)
    for _ in range(24):
        for _ in range(2):
            sending.pass_once()
        world.clock.advance_to(world.clock.now() + timedelta(minutes=15))
    assert world.carrier.calls == []
    world.carrier.place_call = place  # type: ignore[method-assign]
    world.database.run(lambda db: sweep(db, now=world.clock.now(), ladder=rules.ladder))
    per_second = []
    for _ in range(5):
        before = len(world.carrier.calls)
        for _ in range(4):
            sending.pass_once()
        per_second.append(len(world.carrier.calls) - before)
        world.clock.advance_to(world.clock.now() + timedelta(seconds=1))
    assert max(per_second) == 1
    assert {world.fresh(reminder).status for reminder in stale} == {ReminderStatus.EXPIRED}
    assert len(world.carrier.calls) == 5 <= len(useful)


def test_a_carrier_that_comes_back_at_night_rings_nobody(world: World, tmp_path: Path) -> None:
    world.due(VOICE)
    world.carrier.fail_next(CarrierError(Fault.NOT_CONNECTED))
    sending = rooms.sender(world, tmp_path, limits=LIMITS)
    sending.pass_once()
    world.clock.advance_to(at_bangkok(bangkok_day(world.clock.now()), time(19, 31)))
    sending.pass_once()
    assert world.carrier.calls == []
