"""Ordinary cases claimed many at once leave the rows that claiming them one by one leaves."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, col, select

from gateway.carriers.port import CarrierError, CarrierStatus, Fault, Submission
from gateway.dispatch.allowance import Limits
from gateway.dispatch.cases import Case, CommonFacts, common_facts, day_of, household_cases
from gateway.dispatch.fast import may_pay
from gateway.dispatch.neighbours import Neighbours
from gateway.dispatch.telephones import Contact, carried_by_phone
from gateway.kit.phones import LineType, country_of, may_be_rung
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.people import CarrierBlock, Consent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Seat, Site
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus
from gateway.records.work import Task
from tests.support import rooms
from tests.support.world import NINE, World

TABLES: Sequence[type[SQLModel]] = (AttemptItem, Attempt, Task, Reminder, Seat, Appointment, CarrierBlock, PersonPhone,
                                    Phone, Person)  # fmt: skip
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # to shrink an example takes minutes: for who looks for it
ROOM = Limits(lines=500, calls_per_second=500, sms_per_second=1000)

people = st.fixed_dictionaries(
    {},
    optional={
        "language": st.sampled_from(["th", "nod", "my", "vi", "en", "kxm", "zz"]),
        "name": st.sampled_from(
            ["สมศรี", "ด", "จุดคอม", "John", "ดอท คอม", "www.x.com", "ทองดี ", "พระครูดอท", "", "1234567"]
        ),
        "name_native": st.sampled_from(["မြင့်မြင့်", "ສົມ"]),
        "neutral": st.booleans(),
        "reads_script": st.sampled_from([None, True, False]),
        "died_on": st.sampled_from([None, date(2026, 1, 1)]),
        "sample": st.booleans(),
    },
)
links = st.fixed_dictionaries(
    {"phone": st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5, 6])},
    optional={
        "role": st.sampled_from(PhoneRole),
        "sms": st.sampled_from(Consent),
        "voice": st.sampled_from(Consent),
        "rank": st.integers(0, 2),
    },
)
reminders = st.fixed_dictionaries(
    {
        "channel": st.sampled_from([Channel.SMS, Channel.SMS, Channel.VOICE]),
        "days": st.sampled_from([0, 1, 2, 2, 2]),
        "hour": st.sampled_from([time(9), time(9, 30), time(14)]),
    },
    optional={
        "purpose": st.sampled_from(["notice", "morning", "second_dose", "reminder", "moved", "missed", "unheard of"]),
        "site": st.sampled_from(["S1", "S2", "S3"]),
        "ticket": st.integers(1, 120),
        "status": st.sampled_from(AppointmentStatus),
        "regimen": st.sampled_from(["influenza", "hpv", "unknown"]),
        "due": st.sampled_from([-60, -1, 0, 0, 300, 3000]),
        "expires": st.sampled_from([-1, 60, 600]),
        "tries": st.integers(0, 2),
        "priority": st.integers(0, 2),
        "called": st.sampled_from([None, 1, 300, 1000]),
    },
)
somebody = st.tuples(people, st.lists(links, min_size=1, max_size=2, unique_by=lambda one: one["phone"]),
                     st.lists(reminders, min_size=1, max_size=2))  # fmt: skip
SHARED_PHONES = ("+66811111111", "+66811111112", "+6653000001", "+66811111113", "+661900123456", "+8562055512345")


def _id_by_what_it_is(_: Reminder, __: object, values: dict[str, Any]) -> None:
    """Of reminders alike but for their ids the lower goes first, and whom it calls keeps the others of the house
    waiting: one that a pass plans must have the same id both times."""
    if "id" not in values:
        told = (values.get("appointment"), values["purpose"], values["step"], values["channel"])
        values["id"] = hashlib.sha256(repr(told).encode()).hexdigest()[:32]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("fast"))
    sa.event.listen(Reminder, "init", _id_by_what_it_is)
    world.add(
        Site(code="S2", name="โรงพยาบาลส่งเสริมสุขภาพตำบลบ้านดอนไชยจุด", name_en="Don Chai Hospital", province="ลำปาง",
             staff_phone="054000902"),
        Site(code="S3", name="ศูนย์บริการสาธารณสุข" * 12, province="ลำปาง", staff_phone="054000903"),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.dispatch.sender.PASS_LASTS", 600.0)  # real time: a busy machine must not end one early
        yield world
    sa.event.remove(Reminder, "init", _id_by_what_it_is)
    world.database.close()


@settings(
    max_examples=40,
    deadline=None,
    phases=QUICK,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(somebody, min_size=1, max_size=6), st.lists(st.integers(0, 5), max_size=3))
def test_claimed_together_or_one_by_one_the_rows_are_the_same(
    worlds: World, tmp_path_factory: pytest.TempPathFactory, whole: Any, failing: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("clips")
    ends = []
    for one_by_one in (False, True):
        empty(worlds)
        worlds.clock._now = NINE
        write(worlds, whole)
        sending = rooms.sender(worlds, folder, limits=ROOM)
        sending.outbox.one_by_one = one_by_one
        answers(worlds, failing)
        sending.pass_once()
        ends.append(rows_of(worlds))
    for what, rows in ends[0].items():
        assert rows == ends[1][what], what


class AsksAnew(Neighbours):
    """What was read for a batch must be what is found when each case asks for itself."""

    def household(self, lead: Case, people: Collection[str]) -> list[Case]:
        return household_cases(self.db, lead, people, before=day_of(self.now)[1])

    def facts(self) -> CommonFacts:
        return common_facts(self.db, list(self.telephones.of))

    def is_blocked(self, phone: int) -> bool:
        return self.db.get(CarrierBlock, (phone, self.sender)) is not None

    def carried(self, phone: int, channel: Channel) -> set[Contact]:
        return carried_by_phone(self.db, [phone], channel, self.window, self.now).get(phone, set())


def answers(world: World, failing: Sequence[int]) -> None:
    """The carrier takes what it is given, but for some: by what they say, for those of one moment have no order."""
    take_text, take_call = type(world.carrier).send_sms, type(world.carrier).place_call

    def answer(order: Any, take: Any) -> Submission:
        place = crc32(f"{order.to} {getattr(order, 'body', '')}".encode()) % 6
        if place in failing:
            raise (CarrierError(Fault.THROTTLED), CarrierError(Fault.IN_DOUBT, in_doubt=True),
                   CarrierError(Fault.BAD_NUMBER, permanent=True))[place % 3]  # fmt: skip
        found = take(world.carrier, order)
        return replace(found, status=CarrierStatus.SENT) if place % 4 == 3 else found

    world.carrier.send_sms = lambda order: answer(order, take_text)  # type: ignore[method-assign]
    world.carrier.place_call = lambda order: answer(order, take_call)  # type: ignore[method-assign]


def empty(world: World) -> None:
    with world.database.unit_of_work() as db:
        for table in TABLES:
            for row in db.exec(select(table)).all():
                db.delete(row)
            db.flush()
        from gateway.records.house import Gate

        for gate in db.exec(select(Gate)).all():
            db.delete(gate)
    world.carrier.orders.clear()


def write(world: World, whole: Sequence[Any]) -> None:
    """Everybody of a drawn world; ids follow from their place, so that the order of two alike is the same twice."""
    with world.database.unit_of_work() as db:
        for n, number in enumerate(SHARED_PHONES, 1):
            kind = LineType.LANDLINE if number.startswith("+6653") else LineType.MOBILE
            db.add(Phone(id=n, e164=number, line_type=kind, parked_at=NINE if n == 4 else None))
        db.flush()
        db.add(CarrierBlock(phone=2, sender="Tamnat", at=NINE))
        for n, (person, phones, planned) in enumerate(whole):
            values = {"language": "th", "name": f"คน{chr(0xE01 + n)}", **person}
            db.add(Person(id=f"p{n}", site="S1", created_at=NINE, **values))
            db.flush()
            for link in phones:
                _link(db, n, dict(link))
            for m, drawn in enumerate(planned):
                _remind(db, n, m, dict(drawn))


def _link(db: Session, n: int, link: dict[str, Any]) -> None:
    phone = link.pop("phone") or 100 + n
    if db.get(Phone, phone) is None:
        db.add(Phone(id=phone, e164=f"+66812{phone:06d}", line_type=LineType.MOBILE))
        db.flush()
    db.add(PersonPhone(person=f"p{n}", phone=phone, **link))
    db.flush()


def _remind(db: Session, n: int, m: int, drawn: dict[str, Any]) -> None:
    about, starts = f"a{n}{m}", datetime.combine(date(2026, 8, 3) + timedelta(days=drawn["days"]), drawn["hour"], UTC)
    starts -= timedelta(hours=7)
    status = drawn.get("status", AppointmentStatus.BOOKED)
    db.add(Appointment(id=about, person=f"p{n}", site=drawn.get("site", "S1"), dose_no=m + 1, starts_at=starts,
                       regimen=drawn.get("regimen", "influenza"), status=status, created_at=NINE))  # fmt: skip
    db.flush()
    if "ticket" in drawn:
        _seat(db, about, n * 300 + m * 150 + drawn["ticket"])
    due = NINE + timedelta(minutes=drawn.get("due", 0))
    expires = NINE + timedelta(minutes=drawn["expires"]) if "expires" in drawn else starts
    purpose = drawn.get("purpose", "reminder")
    reminder = Reminder(
        id=f"r{n}{m}", appointment=about, person=f"p{n}", purpose=purpose, step=purpose, channel=drawn["channel"],
        due_at=due, next_try_at=due, expires_at=expires, tries=drawn.get("tries", 0), priority=drawn.get("priority", 0),
    )  # fmt: skip
    db.add(reminder)
    db.flush()
    if drawn.get("called") is not None:
        _was_called(db, f"p{n}", about, NINE - timedelta(minutes=drawn["called"]), m)


def _seat(db: Session, about: str, ticket: int) -> None:
    from gateway.records.places import Part
    from gateway.records.places import Session as Sitting

    if db.get(Sitting, "sitting") is None:
        db.add(Sitting(id="sitting", site="S1", vaccine="influenza", day=date(2026, 8, 5), part=Part.MORNING,
                       starts_at=NINE, ends_at=NINE, capacity=9999))  # fmt: skip
        db.flush()
    db.add(Seat(session="sitting", appointment=about, ticket=ticket))
    db.flush()


def _was_called(db: Session, person: str, about: str, at: datetime, m: int) -> None:
    mine = select(PersonPhone.phone).where(col(PersonPhone.person) == person)
    phone = db.exec(mine.order_by(col(PersonPhone.phone))).first()  # in no order it is another one the second time
    old = Reminder(id=f"o{person}{m}", appointment=about, person=person, purpose="notice", step=f"old{m}", due_at=at,
                   channel=Channel.VOICE, next_try_at=at, expires_at=at, status=ReminderStatus.SENT)  # fmt: skip
    attempt = Attempt(id=f"t{person}{m}", phone=phone or 0, channel=Channel.VOICE, status=AttemptStatus.COMPLETED,
                      rank=9, created_at=at, submitted_at=at)  # fmt: skip
    db.add_all([old, attempt])
    db.flush()
    db.add(AttemptItem(attempt=attempt.id, reminder=old.id, appointment=about, person=person, live=False))
    db.flush()


def rows_of(world: World) -> Mapping[str, list[str]]:
    """Every row that a pass may write, without the attempts' ids and the leases, which are real time."""
    drawn = {"attempt", "carrier_id", "lease_until"}
    items = {(item.attempt, item.position): item.reminder for item in world.all(AttemptItem)}
    attempts = sorted(world.all(Attempt), key=lambda row: (str(items.get((row.id, 0))), row.created_at, row.phone))
    names = {row.id: f"attempt {place}" for place, row in enumerate(attempts)}
    found = {}
    for table in (Attempt, AttemptItem, Reminder, Task):
        rows = [
            {key: value for key, value in row.model_dump().items() if key not in drawn}
            | ({"id": names[row.id], "has_id": row.carrier_id is not None} if table is Attempt else {})
            | ({"attempt": names[row.attempt]} if table is AttemptItem else {})
            | ({"is_leased": row.lease_until is not None} if table is Reminder else {})
            | ({"id": ""} if table is Task else {})
            for row in world.all(table)
        ]
        found[table.__name__] = sorted(map(repr, rows))
    found["order"] = [order.to for order in world.carrier.orders]
    return found


def test_an_ordinary_text_is_claimed_and_recorded_without_being_looked_at_alone(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = [world.due(Channel.SMS), world.due(Channel.VOICE)]
    sending = rooms.sender(world, tmp_path)
    monkeypatch.delattr("gateway.dispatch.outbox.Outbox._claim_one")
    monkeypatch.delattr("gateway.dispatch.sender.Sender._record")
    assert sending.pass_once().sent == 2
    assert {world.fresh(one).status for one in due} == {ReminderStatus.SENT}


def test_a_household_s_text_is_recorded_together_and_what_became_of_one_meanwhile_stands(
    world: World, tmp_path: Path
) -> None:
    due = [world.due(Channel.SMS, phone="+66812345678"), world.due(Channel.SMS, phone="+66812345678")]
    sending, take = rooms.sender(world, tmp_path), world.carrier.send_sms
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr("gateway.dispatch.sender.Sender._record")
        assert sending.pass_once().sent == 1
    assert [(one.status, one.tries) for one in map(world.fresh, due)] == [(ReminderStatus.SENT, 1)] * 2

    later = [world.due(Channel.SMS, phone="+66812345679"), world.due(Channel.SMS, phone="+66812345679")]

    def cancelled_meanwhile(order: Any) -> Submission:
        with world.database.unit_of_work() as db:
            reminder = db.get(Reminder, later[0].id)
            assert reminder is not None
            reminder.status = ReminderStatus.CANCELLED
        return take(order)

    world.carrier.send_sms = cancelled_meanwhile  # type: ignore[method-assign]
    assert sending.pass_once().sent == 1
    assert [world.fresh(one).status for one in later] == [ReminderStatus.CANCELLED, ReminderStatus.SENT]


def test_what_a_callback_said_before_our_own_answer_was_written_stands(world: World, tmp_path: Path) -> None:
    reminder = world.due(Channel.SMS)
    take = world.carrier.send_sms

    def delivered_at_once(order: Any) -> Submission:
        taken = take(order)
        with world.database.unit_of_work() as db:
            attempt = db.get(Attempt, order.attempt)
            assert attempt is not None
            attempt.status, attempt.rank, attempt.carrier_id = AttemptStatus.DELIVERED, 10, taken.carrier_id
            attempt.submitted_at = world.clock.now()
        return taken

    world.carrier.send_sms = delivered_at_once  # type: ignore[method-assign]
    rooms.sender(world, tmp_path).pass_once()
    assert [attempt.status for attempt in world.attempts_of(reminder)] == [AttemptStatus.DELIVERED]


def test_what_cannot_be_claimed_together_is_claimed_one_by_one(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reminder, sending = world.due(Channel.SMS), rooms.sender(world, tmp_path)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("gateway.dispatch.fast.write_attempts", broken)
    assert sending.pass_once().sent == 1
    assert world.fresh(reminder).status is ReminderStatus.SENT
    assert "could not be claimed together" in caplog.text


def test_numbers_that_are_taken_for_thai_mobiles_are_some() -> None:
    numbers = random.Random(6)
    for prefix in (*range(61, 67), *range(80, 100)):
        tried = f"+66{prefix}{numbers.randrange(10**7):07d}"
        assert (country_of(tried), may_be_rung(tried)) == ("TH", True)
        assert may_pay(tried, frozenset({"TH"}))
    assert not may_pay("+661900123456", frozenset({"TH"}))
    assert not may_pay("+66812345678", frozenset({"LA"}))
