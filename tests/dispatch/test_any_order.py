"""Receipts in any order, repeated, for nothing we know, before our own row: the same end state."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, select

from gateway.carriers.port import CarrierStatus, Fault, Receipt
from gateway.dispatch.receipts import apply_receipt, learn, went_out
from gateway.dispatch.receipts_fast import Heard, apply_plain
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.contacts import Receipt as ReceiptRow
from gateway.records.database import Conflict
from gateway.records.group_commit import GroupCommit, Kind
from gateway.records.people import PersonPhone
from gateway.records.status import AttemptStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from tests.support import rooms
from tests.support.world import World

SMS, VOICE = Channel.SMS, Channel.VOICE
ID, SID, NOT_OURS = "0" * 32, "CARRIERS-OWN", "1" * 32
APPEARS, RECORDED = "our row is committed", "the submission's answer is recorded"
WAY = {
    SMS: (CarrierStatus.SUBMITTED, CarrierStatus.SENT),
    VOICE: (CarrierStatus.SUBMITTED, CarrierStatus.RINGING, CarrierStatus.IN_PROGRESS),
}
ENDS: dict[Channel, list[tuple[CarrierStatus, Fault | None]]] = {
    SMS: [(CarrierStatus.DELIVERED, None), (CarrierStatus.UNDELIVERED, Fault.NOT_MOBILE),
          (CarrierStatus.FAILED, Fault.OPTED_OUT), (CarrierStatus.UNDELIVERED, Fault.UNREACHABLE)],
    VOICE: [(CarrierStatus.COMPLETED, None), (CarrierStatus.BUSY, None), (CarrierStatus.NO_ANSWER, None),
            (CarrierStatus.FAILED, Fault.BAD_NUMBER), (CarrierStatus.MACHINE, None)],
}  # fmt: skip
COMPARED = {
    "attempt": ("id", "status", "rank", "reason", "carrier_id", "in_doubt_at", "next_look_at"),
    "attempt_item": ("attempt", "live"),
    "reminder": ("appointment", "step", "channel", "status", "reason", "tries", "next_try_at", "lease_until"),
    "receipt": ("attempt", "carrier_id", "status", "seq"),
    "carrier_block": ("phone", "code"),
    "person_phone": ("person", "sms", "voice"),
}


class Undo(Exception):
    """Ends a unit of work without a trace."""


@dataclass
class Stage:
    """Two people about to be contacted, by text and by telephone."""

    world: World
    reminders: dict[Channel, str]

    def end(self, channel: Channel, happened: Sequence[Any]) -> dict[str, Any]:
        """How the records end after all this; then it is undone."""
        held: dict[str, Any] = {}
        with suppress(Undo), self.world.database.unit_of_work() as db:
            for one in happened:
                self._let(db, channel, one)
                db.flush()
            for name, columns in COMPARED.items():
                table = SQLModel.metadata.tables[name]
                held[name] = sorted(map(repr, db.execute(sa.select(*(table.c[one] for one in columns))).all()))
            tasks = select(Task.kind, Task.subject).where(Task.status == TaskStatus.OPEN)
            held["tasks"] = sorted(map(repr, db.exec(tasks).all()))
            raise Undo
        return held

    def _let(self, db: Session, channel: Channel, one: Any) -> None:
        rules, now = rooms.rules(self.world), self.world.clock.now()
        if one == APPEARS:
            self._appear(db, channel)
        elif one == RECORDED:
            attempt = db.get_one(Attempt, ID)
            went_out(db, attempt, SID, now=now)
            learn(db, rules, attempt, CarrierStatus.SUBMITTED, None, "", now=now)
        else:
            named, receipt = one
            if not apply_plain(db, rules.carrier, [Heard(named, receipt, now)]):
                apply_receipt(db, rules, named, receipt, now=now)
            db.expire_all()

    def _appear(self, db: Session, channel: Channel) -> None:
        reminder = db.get_one(Reminder, self.reminders[channel])
        reminder.status = ReminderStatus.CLAIMED
        phone = db.exec(select(PersonPhone.phone).where(PersonPhone.person == reminder.person)).one()
        db.add(Attempt(id=ID, phone=phone, channel=channel, carrier="memory", created_at=self.world.clock.now()))
        db.flush()
        db.add(AttemptItem(attempt=ID, reminder=reminder.id, appointment=reminder.appointment, person=reminder.person))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    world = World(tmp_path_factory.mktemp("order"))
    yield Stage(world, {channel: world.due(channel).id for channel in (SMS, VOICE)})
    world.database.close()


@st.composite
def what_happens(draw: Any) -> tuple[Channel, list[Any], list[Any]]:
    """A channel, what happens in good order, and the same in another."""
    channel = draw(st.sampled_from([SMS, VOICE]))
    way = [Receipt(SID, status, number) for number, status in enumerate(WAY[channel]) if draw(st.booleans())]
    end, fault = draw(st.sampled_from(ENDS[channel]))
    told = [*way, Receipt(SID, end, 9, fault, "c" if fault else "")]
    # The URL of one names an attempt nobody knows: the carrier's id says whose it is.
    heard = [(draw(st.sampled_from([ID, ID, ID, NOT_OURS])), one) for one in told]
    heard += [heard[at] for at in draw(st.lists(st.integers(0, len(heard) - 1), max_size=3))]
    strangers = draw(st.lists(st.sampled_from([ID, NOT_OURS]), max_size=2))
    heard += [
        (named, Receipt("SOMEBODY-ELSES", CarrierStatus.DELIVERED, 1)) for named in strangers if named == NOT_OURS
    ]
    ordered = [APPEARS, RECORDED, *heard]
    mixed = draw(st.permutations(ordered))
    if mixed.index(APPEARS) > mixed.index(RECORDED):  # no submission before the row: law 1
        first, second = mixed.index(RECORDED), mixed.index(APPEARS)
        mixed[first], mixed[second] = APPEARS, RECORDED
    return channel, ordered, mixed


@settings(max_examples=50, deadline=None)
@given(what_happens())
def test_whatever_the_order_the_end_is_the_same(stage: Stage, happens: tuple[Channel, list[Any], list[Any]]) -> None:
    channel, ordered, mixed = happens
    assert stage.end(channel, mixed) == stage.end(channel, ordered)


def test_a_receipt_before_its_attempt_waits_for_staff_until_the_attempt_is_there(stage: Stage) -> None:
    early = (ID, Receipt(SID, CarrierStatus.DELIVERED, 1))
    alone = stage.end(SMS, [early])
    assert (alone["tasks"], alone["receipt"]) == (
        [repr((TaskKind.UNMATCHED, SID))], [repr((None, SID, "delivered", 1))]
    )  # fmt: skip
    bound = stage.end(SMS, [early, APPEARS, RECORDED])
    assert (bound["tasks"], bound["receipt"]) == ([], [repr((ID, SID, "delivered", 1))])
    assert [AttemptStatus.DELIVERED.value in one or "DELIVERED" in one for one in bound["attempt"]] == [True]


def test_what_was_heard_of_nothing_we_know_stays_for_staff_to_see(stage: Stage) -> None:
    end = stage.end(SMS, [APPEARS, RECORDED, (NOT_OURS, Receipt("SOMEBODY-ELSES", CarrierStatus.SENT))])
    assert (end["tasks"], len(end["receipt"])) == ([repr((TaskKind.UNMATCHED, "SOMEBODY-ELSES"))], 1)


def test_two_processes_and_a_reconciler_at_once_end_as_one_does(tmp_path: Path) -> None:
    world = World(tmp_path)
    reminders = [world.due(SMS) for _ in range(6)] + [world.due(VOICE) for _ in range(6)]
    rooms.sender(world, tmp_path).pass_once()
    attempts = [world.attempts_of(one)[0] for one in reminders]
    ends = {SMS: CarrierStatus.DELIVERED, VOICE: CarrierStatus.NO_ANSWER}
    heard = [
        Heard(one.id, Receipt(one.carrier_id or "", status, number), world.clock.now())
        for one in attempts
        for number, status in enumerate((*WAY[one.channel], ends[one.channel]))
    ] * 2
    Random(4).shuffle(heard)
    rules = rooms.rules(world)

    def apply(db: Session, one: Heard) -> None:
        apply_receipt(db, rules, one.attempt, one.receipt, now=one.now)

    kind: Kind[Heard, None] = Kind(lambda db, items: apply_plain(db, rules.carrier, items), apply)
    groups = [GroupCommit(world.database) for _ in range(2)]
    errors: list[BaseException] = []

    def process(number: int) -> None:
        for one in heard[number::3]:
            with suppress(Conflict):  # the carrier posts it again; here the other copy counts
                try:
                    if number < 2:
                        groups[number].submit(lambda db, one=one: kind.one(db, one)).result(30)
                    else:
                        world.database.run(lambda db, one=one: apply(db, one))
                except Conflict:
                    raise
                except Exception as error:
                    errors.append(error)

    threads = [threading.Thread(target=process, args=(n,)) for n in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for group in groups:
        group.close()
    assert errors == []
    assert {(one.channel, world.fresh(one).status.value) for one in attempts} == {
        (channel, end.value) for channel, end in ends.items()
    }
    assert {world.fresh(one).tries for one in reminders} == {1}
    kept = world.all(ReceiptRow)
    assert len(kept) == len({(one.carrier_id, one.status) for one in kept}) == len(heard) / 2
    assert world.all(Task) == [] or {one.kind for one in world.all(Task)} == {TaskKind.UNREACHED}
    world.database.close()
