"""Who must be fetched: a wish, arranged by staff and told, or not needed any more.

A wish is about one appointment. It goes along to another day as a wish again: the driver was asked for the old one.
The task RIDE is open while staff have something to do for it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from gateway.care.notices import ANSWER_STEP, RIDE
from gateway.care.tasks import close_task, open_task, open_task_about
from gateway.kit.clock import bangkok_time
from gateway.kit.ids import new_id
from gateway.kit.phones import LineType
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import Consent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.status import (
    LIVE_APPOINTMENTS,
    Channel,
    ReminderStatus,
    RideStatus,
    TaskKind,
    may_move,
)
from gateway.records.work import Ride, Task

WANTS_A_RIDE: Final = "needs to be fetched"
NOBODY_TO_TELL: Final = "tell them: a ride is arranged, and no phone of theirs takes texts or calls"
_TAKEN_BACK: Final = "tell them: the ride they were told of, at {hour}, was taken back"
_TOLD: Final = (ReminderStatus.CLAIMED, ReminderStatus.SENT, ReminderStatus.ANSWERED)
_NOT_NEEDED: Final = "ride_changed"
_LONGEST_DRIVER: Final = 200  # the column
_LONGEST_DETAIL: Final = 200  # the column
NO_ANSWER_ASKED: Final = "no_answer"
"""Why news that went out is closed when its time is over: nobody was asked to answer it."""


class NoRide(ValueError):
    """A ride that cannot be arranged so; `why` is "not_live", "over" (the pick-up is past) or "late" (it comes after
    the appointment). Nothing was changed."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def ride_of(db: Session, appointment_id: str) -> Ride | None:
    """The ride that is wanted or arranged for an appointment; there is at most one."""
    wanted = (col(Ride.appointment) == appointment_id, col(Ride.status) != RideStatus.CANCELLED)
    return db.exec(select(Ride).where(*wanted)).first()


def ask(db: Session, appointment: Appointment, *, reply: str | None = None, now: datetime) -> Ride:
    """Note that somebody needs to be fetched, once, and open the task; `reply`: None where staff noted it.

    A ride that is arranged stays so: who asks once more is told by staff, not fetched twice.
    """
    known = ride_of(db, appointment.id)
    if known is not None:
        return known
    ride = Ride(appointment=appointment.id, person=appointment.person, reply=reply, asked_at=now)
    db.add(ride)
    db.flush()
    _open(db, appointment, now=now)
    return ride


def arrange(
    db: Session,
    ride: Ride,
    *,
    pick_up_at: datetime,
    driver: str,
    staff: str,
    now: datetime,
    told_after: timedelta = timedelta(0),
) -> Reminder | None:
    """Note who fetches somebody and when (aware), close the task, and plan the news `told_after`; returned.

    By text, or by a call where no phone takes texts or they do not read; None where neither is possible: then staff
    are to tell them. Arranged again with another hour or driver, they are told again. Raises NoRide. Writes no audit
    row: who calls this does.
    """
    appointment = db.get_one(Appointment, ride.appointment)
    if ride.status is RideStatus.CANCELLED or appointment.status not in LIVE_APPOINTMENTS:
        raise NoRide("not_live")
    if pick_up_at <= now:
        raise NoRide("over")
    if pick_up_at > appointment.starts_at:
        raise NoRide("late")
    _withdraw_news(db, ride)
    ride.status, ride.arranged_at = RideStatus.ARRANGED, now
    ride.pick_up_at, ride.driver, ride.arranged_by = pick_up_at, " ".join(driver.split())[:_LONGEST_DRIVER], staff
    db.add(ride)
    _close(db, ride.appointment, now=now)
    news = _plan_news(db, appointment, due_at=now + told_after, expires_at=pick_up_at)
    if news is not None:
        _close_taken_back(db, ride.appointment, now=now)
    return news


def unarrange(db: Session, ride: Ride, *, now: datetime) -> bool:
    """Take an arrangement back: the wish stands again and its task is open; False where none was arranged."""
    if not may_move(ride.status, RideStatus.ASKED):
        return False
    _withdraw_news(db, ride)
    ride.status, ride.pick_up_at, ride.driver = RideStatus.ASKED, None, ""
    ride.arranged_at = ride.arranged_by = None
    db.add(ride)
    db.flush()
    _open(db, db.get_one(Appointment, ride.appointment), now=now)
    return True


def hours_told(db: Session, appointments: Collection[str], *, by_visit: bool = False) -> dict[str, datetime]:
    """By appointment, the pick-up they were last told of by telephone: the news lasts until then.

    With `by_visit`, what a volunteer was asked to tell counts, too: they may have heard it.
    """
    went = col(Reminder.status).in_(_TOLD)
    swept = (col(Reminder.status) == ReminderStatus.UNANSWERED) & (col(Reminder.reason) == NO_ANSWER_ASKED)
    told = (
        select(Reminder.appointment, Reminder.expires_at)
        .where(col(Reminder.appointment).in_(appointments), col(Reminder.purpose) == RIDE, went | swept)
        .order_by(col(Reminder.due_at), col(Reminder.id))
    )
    if not by_visit:
        told = told.where(col(Reminder.channel) != Channel.VISIT)
    return {appointment: until for appointment, until in db.exec(told) if appointment is not None}


def have_told_of_change(db: Session, ride: Ride, *, was: RideStatus, now: datetime) -> Task | None:
    """Have staff tell somebody whose ride was taken back after they heard of it, before they stand at the road.

    `was` is how the ride stood. None where nobody was told, or the pick-up they were told of is over.
    """
    hour = hours_told(db, [ride.appointment], by_visit=True).get(ride.appointment)
    if was is not RideStatus.ARRANGED or hour is None or hour <= now:
        return None
    appointment = db.get_one(Appointment, ride.appointment)
    detail = _TAKEN_BACK.format(hour=f"{bangkok_time(hour):%H:%M}")
    return _call_back(db, appointment, detail, now=now)


def cancel(db: Session, ride: Ride, *, now: datetime) -> bool:
    """Nobody needs to be fetched: the task is closed, news that waits is withdrawn; False when it was so before."""
    if not may_move(ride.status, RideStatus.CANCELLED):
        return False
    _withdraw_news(db, ride)
    ride.status = RideStatus.CANCELLED
    db.add(ride)
    db.flush()
    _close(db, ride.appointment, now=now)
    return True


def end(db: Session, appointment_id: str, *, now: datetime) -> bool:
    """Cancel the ride of an appointment that is no more (cancelled, kept, missed, died); one already driven stays."""
    ride = ride_of(db, appointment_id)
    if ride is None:
        return _close(db, appointment_id, now=now)
    if ride.pick_up_at is not None and ride.pick_up_at <= now:
        return False
    return cancel(db, ride, now=now)


def end_all(db: Session, *, now: datetime) -> int:
    """As `end`, for every appointment that ended by whatever way; for the sweep. Return how many."""
    gone = (
        select(Ride.appointment)
        .join(Appointment, col(Appointment.id) == col(Ride.appointment))
        .where(col(Ride.status) != RideStatus.CANCELLED, col(Appointment.status).not_in(LIVE_APPOINTMENTS))
        .where(col(Ride.pick_up_at).is_(None) | (col(Ride.pick_up_at) > now))
    )
    return sum(end(db, one, now=now) for one in db.exec(gone).all())


def carry_over(db: Session, old: str, fresh: Appointment, *, now: datetime) -> Ride | None:
    """Who was to be fetched on the old day is to be on the new one: asked anew, and staff see it."""
    task = open_task_about(db, TaskKind.RIDE, old)
    if task is not None:
        task.subject, task.site = fresh.id, fresh.site  # whoever took it keeps it
        db.add(task)
        db.flush()
    ride = ride_of(db, old)
    if ride is None:
        return None
    cancel(db, ride, now=now)
    return ask(db, fresh, reply=ride.reply, now=now)


def _open(db: Session, appointment: Appointment, *, now: datetime) -> Task:
    person = db.get(Person, appointment.person)
    return open_task(
        db, TaskKind.RIDE, appointment.id, person=appointment.person, site=appointment.site,
        village=(person.village or None) if person else None, detail=WANTS_A_RIDE, now=now,
    )  # fmt: skip


def _close(db: Session, appointment_id: str, *, now: datetime) -> bool:
    task = open_task_about(db, TaskKind.RIDE, appointment_id)
    return task is not None and close_task(db, task, now=now)


def _call_back(db: Session, appointment: Appointment, detail: str, *, now: datetime) -> Task:
    """A call-back with this detail; one that is open for something else says this first."""
    task = open_task(
        db, TaskKind.CALLBACK, appointment.id, person=appointment.person, site=appointment.site, detail=detail, now=now
    )
    if detail not in task.detail:
        task.detail = f"{detail}; {task.detail}"[:_LONGEST_DETAIL]
        db.add(task)
        db.flush()
    return task


def leave_unsaid(db: Session, appointment_id: str) -> None:
    """The deed that had staff tell something was taken back: a call-back open for another reason loses that sentence.

    One that was opened for it alone is dropped by whoever takes the deed back.
    """
    task = open_task_about(db, TaskKind.CALLBACK, appointment_id)
    said, _, rest = task.detail.partition("; ") if task is not None else ("", "", "")
    if task is not None and rest and (said == NOBODY_TO_TELL or said.startswith(_TAKEN_BACK.partition("{")[0])):
        task.detail = rest
        db.add(task)
        db.flush()


def _close_taken_back(db: Session, appointment_id: str, *, now: datetime) -> None:
    """The text or call of the new arrangement tells them; a call-back for something else besides stays open."""
    task = open_task_about(db, TaskKind.CALLBACK, appointment_id)
    if task is not None and task.detail.startswith(_TAKEN_BACK.partition("{")[0]) and ";" not in task.detail:
        close_task(db, task, now=now)


def _withdraw_news(db: Session, ride: Ride) -> None:
    """What was to be told of an earlier arrangement and did not go out yet is not told any more."""
    waiting = select(Reminder).where(
        col(Reminder.appointment) == ride.appointment,
        col(Reminder.purpose) == RIDE,
        col(Reminder.status) == ReminderStatus.PLANNED,
    )
    for reminder in db.exec(waiting):
        reminder.status, reminder.reason = ReminderStatus.SUPPRESSED, _NOT_NEEDED
        db.add(reminder)
    db.flush()


def _plan_news(db: Session, appointment: Appointment, *, due_at: datetime, expires_at: datetime) -> Reminder | None:
    channel = _channel_to(db, appointment.person)
    if channel is None:
        _call_back(db, appointment, NOBODY_TO_TELL, now=due_at)
        return None
    reminder = Reminder(
        appointment=appointment.id,
        person=appointment.person,
        purpose=RIDE,
        step=f"{ANSWER_STEP}:{new_id()[-8:]}",  # each arrangement is told: one step a piece
        channel=channel,
        due_at=due_at,
        next_try_at=due_at,
        expires_at=expires_at,
    )
    db.add(reminder)
    db.flush()
    return reminder


def _channel_to(db: Session, person_id: str) -> Channel | None:
    """How they can be told: by text on a mobile, else, or where they do not read, by a call.

    A volunteer's own phone is not theirs.
    """
    theirs = (
        select(PersonPhone, Phone)
        .join(Phone, col(Phone.id) == col(PersonPhone.phone))
        .where(col(PersonPhone.person) == person_id, col(PersonPhone.role) != PhoneRole.VHV)
        .where(col(Phone.parked_at).is_(None))
    )
    links = db.exec(theirs).all()
    texts = any(link.sms is Consent.ALLOW and phone.line_type is LineType.MOBILE for link, phone in links)
    calls = any(link.voice is Consent.ALLOW for link, _ in links)
    person = db.get(Person, person_id)
    reads = person is None or person.reads_script is not False
    if texts and (reads or not calls):
        return Channel.SMS
    return Channel.VOICE if calls else None
