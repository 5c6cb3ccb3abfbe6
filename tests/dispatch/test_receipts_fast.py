"""Receipts applied together leave the records as receipts applied one by one do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, select

from gateway.carriers.port import CarrierStatus, Fault, Receipt
from gateway.dispatch.receipts import apply_receipt, went_out
from gateway.dispatch.receipts_fast import Heard, apply_plain
from gateway.records.contacts import Attempt, Reminder
from gateway.records.contacts import Receipt as ReceiptRow
from gateway.records.conversations import Call
from gateway.records.places import Part, Seat
from gateway.records.places import Session as SeatSession
from gateway.records.status import Channel, ReminderStatus
from tests.support import rooms
from tests.support.world import MONDAY, World

SMS, VOICE = Channel.SMS, Channel.VOICE
UNKNOWN = "of no attempt"
COMPARED = ("attempt", "attempt_item", "reminder", "receipt", "call", "seat", "task", "carrier_block", "person_phone")


class Undo(Exception):
    """Ends a unit of work without a trace."""


class Attempts:
    """Attempts of every kind, of which receipts can be heard."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.rules = world, rooms.rules(world)
        for channel in (SMS, SMS, SMS, VOICE, VOICE, VOICE, VOICE, VOICE):
            world.due(channel)
        rooms.sender(world, folder).pass_once()
        self.ids = sorted(one.id for one in world.all(Attempt))
        world.session(MONDAY + timedelta(days=3), part=Part.MORNING)
        with world.database.unit_of_work() as db:
            self._vary(db)
        self.carrier_ids = {one.id: one.carrier_id or f"CA{n}" for n, one in enumerate(world.all(Attempt))}

    def _vary(self, db: Session) -> None:
        texts, calls = (
            [db.get_one(Attempt, one) for one in self.ids if self.is_of(db, one, kind)] for kind in (SMS, VOICE)
        )
        texts[1].in_doubt_at = self.world.clock.now()
        texts[1].submitted_at = texts[1].carrier_id = None
        calls[0].next_look_at = self.world.clock.now()
        session = db.exec(select(SeatSession)).one()
        for call, is_answered, holds in ((calls[1], True, False), (calls[2], True, True), (calls[3], False, False)):
            row = Call(attempt=call.id, carrier_sid=call.carrier_id or "", flow="reminder_call", state={},
                       opened_at=self.world.clock.now())  # fmt: skip
            db.add(row)
            db.flush()
            if holds:
                db.add(Seat(session=session.id, call=row.id, held_until=self.world.clock.now()))
                session.taken += 1
                db.add(session)
            for reminder in self.reminders(db, call) if is_answered else ():
                reminder.status = ReminderStatus.ANSWERED
        db.add(ReceiptRow(carrier="memory", carrier_id=calls[4].carrier_id or "", status="ringing", seq=-1, raw={},
                          at=self.world.clock.now()))  # fmt: skip

    @staticmethod
    def is_of(db: Session, attempt: str, channel: Channel) -> bool:
        return db.get_one(Attempt, attempt).channel is channel

    @staticmethod
    def reminders(db: Session, attempt: Attempt) -> Sequence[Reminder]:
        from gateway.dispatch.receipts import reminders_of

        return reminders_of(db, attempt.id)

    def after(self, heard: Sequence[Heard], *, together: bool) -> dict[str, list[Any]]:
        """What the records hold after these receipts; then all is as it was."""
        held: dict[str, list[Any]] = {}
        with suppress(Undo), self.world.database.unit_of_work() as db:
            done = apply_plain(db, self.rules.carrier, heard) if together else {}
            db.expunge_all()
            for place, one in enumerate(heard):
                if place not in done:
                    apply_receipt(db, self.rules, one.attempt, one.receipt, now=one.now)
            db.flush()
            held |= {name: self._rows(db, name) for name in COMPARED}
            held["plain"] = [len(done)]
            raise Undo
        return held

    @staticmethod
    def _rows(db: Session, name: str) -> list[Any]:
        table = SQLModel.metadata.tables[name]
        made_here = name in ("reminder", "receipt", "task")
        columns = [one for one in table.columns if not (made_here and one.name == "id")]
        return sorted(map(repr, db.execute(sa.select(*columns)).all()))


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attempts]:
    folder = tmp_path_factory.mktemp("attempts")
    world = World(folder)
    yield Attempts(world, folder)
    world.database.close()


words = st.sampled_from([
    CarrierStatus.SUBMITTED, CarrierStatus.SENT, CarrierStatus.RINGING, CarrierStatus.IN_PROGRESS,
    CarrierStatus.DELIVERED, CarrierStatus.COMPLETED, CarrierStatus.BUSY, CarrierStatus.UNDELIVERED,
    CarrierStatus.FAILED, CarrierStatus.MACHINE,
])  # fmt: skip
one_heard = st.tuples(
    st.integers(0, 8), words, st.integers(-1, 2), st.sampled_from([None, None, None, *Fault]), st.integers(0, 9)
)


def heard_by(attempts: Attempts, drawn: Sequence[Any]) -> list[Heard]:
    found = []
    for which, status, seq, fault, stray in drawn:
        attempt = attempts.ids[which] if which < len(attempts.ids) else UNKNOWN
        carrier_id = attempts.carrier_ids.get(attempt, "CA-nobody") if stray else "CA-of-another"
        receipt = Receipt(carrier_id, status, seq, fault, "1" if fault else "", {"status": status.value})
        found.append(Heard(attempt, receipt, attempts.world.clock.now()))
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(one_heard, min_size=1, max_size=12))
def test_together_or_one_by_one_is_the_same(attempts: Attempts, drawn: list[Any]) -> None:
    heard = heard_by(attempts, drawn)
    together, single = attempts.after(heard, together=True), attempts.after(heard, together=False)
    together.pop("plain"), single.pop("plain")
    assert together == single


def of(attempts: Attempts, channel: Channel, status: CarrierStatus, **more: Any) -> list[Heard]:
    with attempts.world.database.reading() as db:
        ids = [one for one in attempts.ids if attempts.is_of(db, one, channel)]
    return [Heard(one, Receipt(attempts.carrier_ids[one], status, **more), attempts.world.clock.now()) for one in ids]


@pytest.mark.parametrize(
    ("channel", "status", "plain"),
    [
        (SMS, CarrierStatus.SENT, 2),  # one is in doubt
        (SMS, CarrierStatus.DELIVERED, 2),
        (SMS, CarrierStatus.UNDELIVERED, 0),
        (VOICE, CarrierStatus.RINGING, 3),  # one is to be looked at, of one something was heard early
        (VOICE, CarrierStatus.COMPLETED, 1),  # one holds a seat, one was not answered
        (VOICE, CarrierStatus.NO_ANSWER, 0),
    ],
)
def test_what_is_plain_is_done_together(
    attempts: Attempts, channel: Channel, status: CarrierStatus, plain: int
) -> None:
    heard = of(attempts, channel, status)
    together = attempts.after(heard, together=True)
    assert together.pop("plain") == [plain]
    assert together == {key: rows for key, rows in attempts.after(heard, together=False).items() if key != "plain"}


def test_a_receipt_with_a_fault_is_never_plain(attempts: Attempts) -> None:
    assert attempts.after(of(attempts, SMS, CarrierStatus.SENT, fault=Fault.UNKNOWN), together=True)["plain"] == [0]


def test_few_statements_do_for_many(attempts: Attempts) -> None:
    heard = of(attempts, SMS, CarrierStatus.SENT) * 20
    counted: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        counted.append(statement)

    sa.event.listen(attempts.world.database.engine, "before_cursor_execute", note)
    with suppress(Undo), attempts.world.database.unit_of_work() as db:
        apply_plain(db, "memory", heard)
        raise Undo
    sa.event.remove(attempts.world.database.engine, "before_cursor_execute", note)
    assert len([one for one in counted if not one.startswith(("BEGIN", "ROLLBACK"))]) == 3


def test_a_late_word_of_an_attempt_closed_as_not_sent_leaves_its_reminder_to_the_next_one(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    reminder = world.due(SMS)
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.attempts_of(reminder)
    with world.database.unit_of_work() as db:
        mine, row = db.get_one(Attempt, attempt.id), db.get_one(Reminder, reminder.id)
        mine.submitted_at = mine.carrier_id = None
        from gateway.dispatch.receipts import close_not_sent

        close_not_sent(db, mine)
        row.status, row.tries = ReminderStatus.CLAIMED, 0  # another attempt has it
        went_out(db, mine, "SM-late", now=world.clock.now())
    assert (world.fresh(reminder).status, world.fresh(reminder).tries) == (ReminderStatus.CLAIMED, 1)
    world.database.close()
