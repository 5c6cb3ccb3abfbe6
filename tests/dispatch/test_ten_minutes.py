"""Ten minutes with more to do than there is time: what is permitted is used to 99 in a hundred, and never more.

Two senders on one database take turns, one of them dies halfway and another takes its place, the carrier refuses one
request in twelve and now and then says when to come back, and every wake-up comes some thousandths of a second late.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlmodel import Session, col, select

from gateway.carriers.port import CallOrder, CarrierError, CarrierStatus, Fault, SmsOrder, Submission, one_by_one
from gateway.dispatch import receipts, steady
from gateway.dispatch.allowance import Limits
from gateway.dispatch.sender import Sender
from gateway.kit.phones import LineType
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, Reminder
from gateway.records.database import Database
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.status import Channel
from tests.support import rooms
from tests.support.world import NINE, World

SMS, VOICE = Channel.SMS, Channel.VOICE
MINUTES = 10
TICK = 1.0
RATE, PARTS = 0.25, 0.75  # calls and parts of texts a second: slow, so that ten minutes are some hundreds of them


@dataclass
class Carrier:
    """Notes every request by the clock, refuses some, and ends its calls by receipts."""

    world: World
    random: Random
    talk: tuple[float, float] = (1.0, 3.0)
    refuses: float = 0.0
    name: str = "memory"
    reaches_people: bool = False
    asked: list[tuple[float, str]] = field(default_factory=list)
    held: list[tuple[float, float]] = field(default_factory=list)
    ends: list[tuple[float, str]] = field(default_factory=list)  # a heap of (when, attempt)
    live: int = 0
    most_live: int = 0
    talked: float = 0.0

    def at(self) -> float:
        return (self.world.clock.now() - NINE).total_seconds()

    def place_call(self, order: CallOrder) -> Submission:
        self._note(order.attempt, "voice")
        seconds = self.random.uniform(*self.talk)
        heapq.heappush(self.ends, (self.at() + seconds, order.attempt))
        self.live += 1
        self.most_live, self.talked = max(self.live, self.most_live), self.talked + seconds
        return Submission(f"CA{order.attempt}")

    def place_all(self, orders: Sequence[CallOrder], *, within: float) -> list[Submission | CarrierError]:
        return one_by_one(self.place_call, orders, within=within)

    def send_all(self, orders: Sequence[SmsOrder], *, within: float) -> list[Submission | CarrierError]:
        return one_by_one(self.send_sms, orders, within=within)

    def send_sms(self, order: SmsOrder) -> Submission:
        self._note(order.attempt, "sms")
        return Submission(f"SM{order.attempt}")

    def _note(self, attempt: str, channel: str) -> None:
        self.asked.append((self.at(), channel))
        if self.random.random() >= self.refuses:
            return
        rest = self.random.choice([0.0, 0.0, 2.0])
        if rest and channel == "voice":
            self.held.append((self.at(), rest))
        raise CarrierError(Fault.THROTTLED, retry_after=rest)

    def end_calls(self) -> None:
        """Bring the receipts of the calls that are over by now."""
        while self.ends and self.ends[0][0] <= self.at():
            _, attempt_id = heapq.heappop(self.ends)
            self.live -= 1

            def learn(db: Session, attempt_id: str = attempt_id) -> None:
                attempt = db.get_one(Attempt, attempt_id)
                now = self.world.clock.now()
                receipts.learn(db, rooms.rules(self.world), attempt, CarrierStatus.COMPLETED, None, "", now=now)

            self.world.database.run(learn)


def fill(world: World, channel: Channel, n: int) -> None:
    """So many people with a reminder due since nine."""
    with world.database.unit_of_work() as db:
        for at in range(n):
            number = f"+6681{'0' if channel is SMS else '1'}{at:06}"
            phone = Phone(e164=number, line_type=LineType.MOBILE)
            person = Person(language="th", name=f"คน{channel}{at}", site="S1", created_at=NINE)
            db.add_all([phone, person])
            db.flush()
            booked = Appointment(person=person.id, site="S1", regimen="influenza", starts_at=NINE + timedelta(days=2),
                                 created_at=NINE)  # fmt: skip
            db.add_all([booked, PersonPhone(person=person.id, phone=phone.id or 0, role=PhoneRole.OWN)])
            db.flush()
            db.add(Reminder(appointment=booked.id, person=person.id, purpose="reminder", step="reminder",
                            channel=channel, due_at=NINE, next_try_at=NINE, expires_at=booked.starts_at))  # fmt: skip


def play(world: World, carrier: Carrier, limits: Limits, folder: Path, *, until: float = MINUTES * 60) -> None:
    """Let two senders work as the worker has them work; in the middle one is replaced, with connections of its own."""

    def fresh() -> Sender:
        made = rooms.sender(world, folder, limits=limits)
        made.sms = made.voice = carrier  # type: ignore[assignment]
        made.database = Database(world.database.url.render_as_string(hide_password=False))
        return made

    senders, wakes, restarted = [fresh(), fresh()], [0.0, 0.4], False
    while min(wakes) < until:
        turn = wakes.index(min(wakes))
        world.clock.advance_to(NINE + timedelta(seconds=wakes[turn]))
        carrier.end_calls()
        if carrier.at() > until / 2 and not restarted:
            senders[0].database.close()
            senders[0], restarted = fresh(), True
        wait = senders[turn].next_pass_in()
        if wait == 0:
            senders[turn].pass_once()
            wait = senders[turn].next_pass_in()
        wakes[turn] += (TICK if wait is None else wait) + carrier.random.uniform(0.0005, 0.006)
    for made in senders:
        made.database.close()


def most_above(units: list[tuple[float, int]], rate: float) -> float:
    """The most that any stretch had above what the rate brings in it."""
    least, worst, total = float("inf"), 0.0, 0
    for at, n in units:
        least = min(least, total - rate * at)
        total += n
        worst = max(worst, total - rate * at - least)
    return worst


def test_rates_are_used_whole_and_never_exceeded_over_refusals_and_a_restart(world: World, tmp_path: Path) -> None:
    limits = Limits(lines=100, calls_per_second=RATE, sms_per_second=PARTS)
    carrier = Carrier(world, Random(7), refuses=1 / 12)
    fill(world, VOICE, 160)
    fill(world, SMS, 160)
    play(world, carrier, limits, tmp_path)
    calls = [(at, 1) for at, channel in carrier.asked if channel == "voice"]
    with world.database.reading() as db:
        parts = dict(db.exec(select(Attempt.id, Attempt.segments).where(col(Attempt.channel) == SMS)).all())
    each = max(parts.values())
    texts = [(at, each) for at, channel in carrier.asked if channel == "sms"]
    rested = sum(seconds for _, seconds in carrier.held)
    assert set(parts.values()) == {each}
    assert carrier.held
    assert len(calls) >= 0.99 * RATE * (MINUTES * 60 - rested)
    assert most_above(calls, RATE) <= 1 + 1e-3
    assert most_above(texts, PARTS) <= 3 + 1e-3
    for began, seconds in carrier.held:
        assert not [at for at, _ in calls if began < at < began + seconds]


def test_lines_are_never_left_waiting_and_never_doubled(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steady, "LINE_LOOK", 0.5)  # half as many looks, at calls twice as long
    limits = Limits(lines=4, calls_per_second=5, sms_per_second=1)
    carrier = Carrier(world, Random(11), talk=(60.0, 100.0))
    fill(world, VOICE, 40)
    play(world, carrier, limits, tmp_path)
    still = sum(end - MINUTES * 60 for end, _ in carrier.ends)
    assert carrier.most_live == 4
    assert carrier.talked - still >= 0.99 * 4 * MINUTES * 60
