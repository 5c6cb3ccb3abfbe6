"""A key pressed as the phone is put down counts, whether its turn or the news of the call's end is heard of first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from gateway.carriers.port import CallEvent, CarrierStatus, Receipt
from gateway.dispatch.receipts import apply_receipt
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import Call, Reply, Turn
from gateway.records.people import Consent, PersonPhone
from gateway.records.places import Part
from gateway.records.places import Session as PlaceSession
from gateway.records.status import OPEN_REMINDERS, AppointmentStatus, AttemptStatus, Channel, ReminderStatus, TaskStatus
from gateway.web import conversation
from gateway.web.desk import Desk
from gateway.web.prepared import Prepared
from gateway.web.quick_answer import Asked
from gateway.web.quick_turn import turn_plain
from tests.support import rooms
from tests.support.world import MONDAY, World
from tests.web.conftest import Post

HANG_UP = [{"verb": "HangUp"}]
THE_END, ALL_TAKEN = "the call's end", "others take every seat"
COMPARED = {
    "reply": ("turn_no", "appointment", "person", "raw", "answer"),
    "outcome": ("appointment", "effect"),
    "call": ("turn_no", "flow", "closed_at"),
    "turn": ("turn_no", "digits"),
    "seat": ("session", "held_until"),
    "visit": ("status",),
    "person": ("language",),
    "person_phone": ("sms", "voice"),
    "ride": ("status",),
}


class Undo(Exception):
    """Ends a unit of work without a trace."""


@dataclass
class OneCall:
    """A call that was answered; the appointment is soon or not, so that after it another try or a task follows."""

    world: World
    desk: Desk
    attempt: str

    def after(self, happened: Sequence[str]) -> dict[str, Any]:
        """How the records end after these keys and the end of the call; then it is undone."""
        held: dict[str, Any] = {}
        with suppress(Undo), self.world.database.unit_of_work() as db:
            number = 0
            for one in happened:
                number += one not in (THE_END, ALL_TAKEN)
                self._let(db, one, number)
                db.flush()
                db.expire_all()
            held = {"open tasks": _open_tasks(db), "reminders": _reminders(db), "appointments": _appointments(db)}
            held |= {name: _rows(db, name, columns) for name, columns in COMPARED.items()}
            raise Undo
        return held

    def _let(self, db: Session, one: str, number: int) -> None:
        if one == ALL_TAKEN:
            db.execute(sa.update(PlaceSession).values(taken=PlaceSession.capacity))
            return
        if one == THE_END:
            told = Receipt("CA1", CarrierStatus.COMPLETED, 9)
            apply_receipt(db, self.desk.rules, self.attempt, told, now=self.world.clock.now())
            return
        conversation.turn(self.desk, db, self.attempt, number, event(one))


def event(digits: str) -> CallEvent:
    return CallEvent("CA1", caller="+6620000000", called="+66800000001", inbound=False, digits=digits)


def _rows(db: Session, name: str, columns: Sequence[str]) -> list[str]:
    table = SQLModel.metadata.tables[name]
    return sorted(map(repr, db.execute(sa.select(*(table.c[one] for one in columns))).all()))


def _open_tasks(db: Session) -> list[str]:
    task = SQLModel.metadata.tables["task"]
    wanted = sa.select(task.c.kind, task.c.detail, task.c.person).where(task.c.status == TaskStatus.OPEN)
    return sorted(map(repr, db.execute(wanted).all()))


def _appointments(db: Session) -> list[str]:
    told = [(one.status, one.session, one.starts_at, one.confirmed_by_reply is None, one.version)
            for one in db.exec(select(Appointment))]  # fmt: skip
    return sorted(map(repr, told))


def _reminders(db: Session) -> list[str]:
    """What is still to go out, and what became of the call's own reminder: not what was planned and stopped again."""
    mine = set(db.exec(select(AttemptItem.reminder)))
    found = [one for one in db.exec(select(Reminder)) if one.status in OPEN_REMINDERS or one.id in mine]
    when = {one.id: one.next_try_at for one in found if one.status in OPEN_REMINDERS}
    return sorted(repr((one.step, one.channel, one.status, one.reason, when.get(one.id))) for one in found)


AFTER: dict[str, dict[str, Any]] = {
    "another try": {"days": 2},
    "a text": {"days": 0},
    "a task for staff": {"days": 0, "sms": Consent.STOP},
}
"""What follows a call without an answer."""


@pytest.fixture(scope="module", params=AFTER)
def call(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneCall]:
    """Each test undoes what it did."""
    folder = tmp_path_factory.mktemp("late")
    world, more = World(folder), AFTER[request.param]
    for days in (3, 4, 5):
        world.session(MONDAY + timedelta(days=days), part=Part.MORNING, seats=3)
    desk = rooms.desk(world, folder)
    appointment = world.appointment(world.person(), days=more["days"], hour=time(15))
    reminder = world.reminder(appointment, status=ReminderStatus.SENT, tries=1)
    now = world.clock.now()
    with world.database.unit_of_work() as db:
        use = db.exec(select(PersonPhone)).one()
        use.sms = more.get("sms", use.sms)
        attempt = Attempt(phone=use.phone, channel=Channel.VOICE, status=AttemptStatus.IN_PROGRESS, rank=4,
                          carrier="memory", carrier_id="CA1", language="th", created_at=now,
                          submitted_at=now)  # fmt: skip
        db.add(attempt)
        db.flush()
        db.add(AttemptItem(attempt=attempt.id, reminder=reminder.id, appointment=appointment.id,
                           person=appointment.person))  # fmt: skip
        conversation.answer(desk, db, attempt.id, event(""))
        made = attempt.id
    yield OneCall(world, desk, made)
    world.database.close()


KEYS = [["1"], ["1", "4"], ["1", "2", "1"], ["2"], ["2", "1"], ["2", "2"], ["2", "3"], ["3"], ["3", ""],
        ["8"], ["7"], ["5", "1"], ["0"], ["9"], [""], ["", "", ""], ["*"], ["*", "1"]]  # fmt: skip


@pytest.mark.parametrize("keys", KEYS, ids="-".join)
def test_whichever_is_heard_of_first_the_end_is_the_same(call: OneCall, keys: list[str]) -> None:
    *before, last = keys
    in_order = call.after([*before, last, THE_END])
    late = call.after([*before, THE_END, last])
    assert late == in_order


def test_a_late_yes_confirms_and_stops_what_was_planned_because_nobody_had_answered(call: OneCall) -> None:
    unanswered, late = call.after([THE_END]), call.after([THE_END, "1"])
    assert "sent" not in str(unanswered["reminders"])
    assert [one for one in unanswered["reminders"] if "planned" in one] or unanswered["open tasks"]
    assert late["reminders"] == ["('reminder', <Channel.VOICE: 'voice'>, <ReminderStatus.ANSWERED: 'answered'>, "
                                 "None, None)"]  # fmt: skip
    assert not late["open tasks"]
    assert "CONFIRMED" in str(late["appointments"])
    assert len(late["reply"]) == len(late["outcome"]) == 1


def test_who_chose_a_day_late_has_its_seat_if_it_is_still_free_and_is_asked_by_staff_if_not(call: OneCall) -> None:
    took, lost = call.after(["2", THE_END, "1"]), call.after(["2", THE_END, ALL_TAKEN, "1"])
    assert ("MOVED" in str(took["appointments"]), len(took["seat"])) == (True, 1)
    assert ("MOVED" in str(lost["appointments"]), len(lost["seat"])) == (False, 0)
    assert "seat_lost" in str(lost["outcome"])
    assert len(lost["open tasks"]) == 1
    assert "the seat was gone" in lost["open tasks"][0]
    assert not [one for one in lost["reminders"] if "planned" in one]


def test_calls_taken_together_leave_a_late_key_to_the_plain_path(call: OneCall) -> None:
    asked = [Asked(call.attempt, event("1"), 1)]
    with suppress(Undo), call.world.database.unit_of_work() as db:
        call._let(db, THE_END, 0)
        assert turn_plain(call.desk, Prepared(call.desk), db, asked) == {}
        raise Undo


def test_a_late_key_is_answered_with_a_hang_up_and_counts_once_however_often_it_is_posted(
    world: World, post: Post, tmp_path: Path
) -> None:
    reminder = world.due(Channel.VOICE)
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.attempts_of(reminder)
    form = {"id": attempt.carrier_id or "", "from_": "+6620000000", "to": "+66800000001"}
    post(f"/voice/answer/{attempt.id}", **form)
    post(f"/voice/status/{attempt.id}", id=attempt.carrier_id or "", status="completed")
    assert [(one.status, one.reason) for one in world.all(Reminder)] == [(ReminderStatus.PLANNED, "no_answer")]  # type: ignore[attr-defined]
    for _ in range(2):
        assert post(f"/voice/turn/{attempt.id}?turn=1", **form, digits="1").json() == HANG_UP
    assert post(f"/voice/turn/{attempt.id}?turn=2", **form | {"id": "CA-other"}, digits="1").json() == HANG_UP
    assert post(f"/voice/turn/{attempt.id}?turn=7", **form, digits="1").json() == HANG_UP
    assert [one.status for one in world.all(Appointment)] == [AppointmentStatus.CONFIRMED]  # type: ignore[attr-defined]
    assert [one.status for one in world.all(Reminder)] == [ReminderStatus.ANSWERED]  # type: ignore[attr-defined]
    assert [(one.turn_no, one.answer) for one in world.all(Reply)] == [(1, "coming")]  # type: ignore[attr-defined]
    assert sorted((one.turn_no, one.digits) for one in world.all(Turn)) == [(0, None), (1, "1")]  # type: ignore[attr-defined]
    assert [one.closed_at is not None for one in world.all(Call)] == [True]  # type: ignore[attr-defined]
