"""The demo's clock: where it begins, where it goes on, and when it may skip the dull hours."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, time, timedelta

from sqlmodel import Session, col, select

from gateway.kit.clock import DemoClock, at_bangkok, bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.house import DemoTime
from gateway.records.people import Person
from gateway.records.status import LIVE_APPOINTMENTS, Channel, ReminderStatus
from gateway.wiring import House
from gateway.worker import Ticks

DEMO_SPEED = 20.0  # a half-minute call takes a second and a half; a morning passes in ten minutes
SOON = timedelta(minutes=12)
LEAD = timedelta(seconds=30)
DULL = timedelta(minutes=20)
WEEKS_AHEAD = 5


def stored_time(house: House) -> datetime | None:
    """Where the clock stood when it was last kept; None when it never ran."""
    with house.database.reading() as db:
        kept = db.get(DemoTime, 1)
        return kept.demo_now if kept else None


def keep_time(house: House, speed: float) -> None:
    """Remember where the clock stands."""

    def keep(db: Session) -> None:
        kept = db.get(DemoTime, 1) or DemoTime(demo_now=house.clock.now())
        kept.demo_now, kept.speed = house.clock.now(), speed
        db.add(kept)

    house.database.run(keep)


def has_people(house: House) -> bool:
    """Whether anybody is on record."""
    with house.database.reading() as db:
        return db.exec(select(Person.id).limit(1)).first() is not None


def has_sample(house: House) -> bool:
    """Whether the people on record are the invented ones."""
    with house.database.reading() as db:
        return db.exec(select(Person.id).where(col(Person.sample)).limit(1)).first() is not None


def move_to_busy_time(house: House, clock: DemoClock) -> None:
    """Stand just before the next time at which both texts and calls fall due, so that a visitor sees one of each.

    What falls due in between stays due, and goes out then if it is not too late. Where nobody has an appointment any
    more the clock stays where it is.
    """
    ticks = Ticks(house)
    for _ in range(WEEKS_AHEAD):
        ticks.plan()
        busy = next_busy_time(house, clock.now())
        if busy is not None:
            clock.jump_to(busy - LEAD)
            return
        if not appointments_ahead(house, clock.now()):
            return
        clock.jump_to(at_bangkok(bangkok_day(clock.now()) + timedelta(days=7), time(8, 0)))


def appointments_ahead(house: House, now: datetime) -> bool:
    """Whether anybody still has an appointment after `now`."""
    live = (col(Appointment.status).in_(LIVE_APPOINTMENTS), col(Appointment.starts_at) > now)
    with house.database.reading() as db:
        return db.exec(select(Appointment.id).where(*live).limit(1)).first() is not None


def next_busy_time(house: House, now: datetime) -> datetime | None:
    """The first instant from `now` on after which a text and a call are due within minutes, inside the window."""
    due = _due_by_channel(house)
    openings = sorted(
        {max(house.window.next_open(now), house.window.next_open(at)) for times in due.values() for at in times}
    )
    for opening in openings:
        if all(_any_due(due[channel], opening) for channel in (Channel.SMS, Channel.VOICE)):
            return opening
    return openings[0] if openings else None


def skip_dull_hours(house: House, clock: DemoClock) -> bool:
    """Jump to shortly before what happens next, when that is long away and no call is under way.

    A clock that somebody holds or paused stays where it is.
    """
    if clock.stands_still or house.network.live_calls:
        return False
    now = clock.now()
    coming = next_happening(house, now)
    if coming is None or coming - now < DULL:
        return False
    clock.jump_to(coming - LEAD)
    return True


def move_to_morning(house: House, clock: DemoClock) -> bool:
    """Stand just before the window opens on the next Bangkok day on which something is due; False: there is none."""
    today, ticks = bangkok_day(clock.now()), Ticks(house)
    for _ in range(WEEKS_AHEAD):
        ticks.plan()
        days = sorted(day for day in map(bangkok_day, _openings(house, clock.now())) if day > today)
        if days:
            clock.jump_to(house.window.next_open(at_bangkok(days[0], time(0, 0))) - LEAD)
            return True
        if not appointments_ahead(house, clock.now()):
            return False
        clock.jump_to(at_bangkok(bangkok_day(clock.now()) + timedelta(days=7), time(8, 0)))
    return False


def _openings(house: House, now: datetime) -> set[datetime]:
    """The instants from `now` on at which something goes out."""
    return {house.window.next_open(max(at, now)) for times in _due_by_channel(house).values() for at in times}


def next_happening(house: House, now: datetime) -> datetime | None:
    """When the next reminder is due, a handset does something, or a day begins on which more may be planned.

    None when nothing will happen any more: nobody has an appointment ahead.
    """
    due = (house.window.next_open(max(at, now)) for times in _due_by_channel(house).values() for at in times)
    on_the_network = house.network.next_event_at()
    coming = [*due, *([on_the_network] if on_the_network else [])]
    if not coming and appointments_ahead(house, now):
        coming = [at_bangkok(bangkok_day(now) + timedelta(days=1), time(8, 0))]
    return min(coming, default=None)


def next_due(house: House, now: datetime) -> tuple[datetime, dict[Channel, int]] | None:
    """When the next reminder goes out (aware), and how many of each channel on that day; None when none is planned."""
    due = [
        (house.window.next_open(max(at, now)), channel)
        for channel, times in _due_by_channel(house).items()
        for at in times
    ]
    if not due:
        return None
    first = min(at for at, _ in due)
    return first, Counter(channel for at, channel in due if bangkok_day(at) == bangkok_day(first))


def _any_due(times: list[datetime], opening: datetime) -> bool:
    return any(at <= opening + SOON for at in times)


def _due_by_channel(house: House) -> dict[Channel, list[datetime]]:
    statement = select(Reminder.channel, Reminder.next_try_at).where(col(Reminder.status) == ReminderStatus.PLANNED)
    due: dict[Channel, list[datetime]] = defaultdict(list)
    with house.database.reading() as db:
        for channel, at in db.exec(statement).all():
            due[Channel(channel)].append(at)
    return due
