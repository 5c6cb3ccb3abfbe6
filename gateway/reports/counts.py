"""What is counted of a session's people, who of them was asked and who said yes: one rule for board, list and paper."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import add, attrgetter
from typing import Final

import sqlalchemy as sa
from sqlmodel import col

from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, Direction
from gateway.records.status import AppointmentStatus, AttemptStatus

_A = AppointmentStatus
EXPECTED: Final = (_A.BOOKED, _A.CONFIRMED, _A.KEPT, _A.MISSED)
"""Who has a place, or had one until the session was over."""
SAID_YES: Final = (_A.CONFIRMED, _A.KEPT, _A.MISSED)
"""In which states a yes still counts, as in `rates`."""
NO_ANSWER: Final = (Answer.REPEAT, Answer.SLOWER, Answer.LANGUAGE, Answer.UNCLEAR)
"""What a person may do without answering."""


def said_yes() -> sa.ColumnElement[bool]:
    """Whether a yes is on record; it counts in the states of SAID_YES."""
    return sa.or_(
        col(Appointment.status) == _A.CONFIRMED,
        col(Appointment.confirmed_by_reply).is_not(None),
        col(Appointment.confirmed_by_staff).is_not(None),
    )


def was_sent() -> sa.ColumnElement[bool]:
    """Whether an attempt went out: a carrier took it. Failed before that, or called off, it was never sent."""
    never = (AttemptStatus.QUEUED, AttemptStatus.CANCELLED)
    refused = sa.and_(col(Attempt.status) == AttemptStatus.FAILED, col(Attempt.carrier_id).is_(None))
    return sa.and_(col(Attempt.direction) == Direction.OUT, col(Attempt.status).not_in(never), sa.not_(refused))


def has_said_yes(one: Appointment) -> bool:
    """Whether somebody said that they come: by key, text or to staff. Who only came did not."""
    is_on_record = one.confirmed_by_reply is not None or one.confirmed_by_staff is not None
    return one.status is _A.CONFIRMED or (one.status in SAID_YES and is_on_record)


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted for a session, a site, or a day.

    `booked` have a place, or had one until the session was over (booked, confirmed, kept, missed); each of them is one
    of `confirmed`, `answered`, `unanswered`, `not_asked`, `unaskable`: these add up. `unprompted`, `seatless`, `came`,
    `unreached`, `rides` and `callbacks` are among them as well; `moved` and `cancelled` are not.
    """

    seats: int = 0  # capacity
    taken: int = 0  # seats booked, or held by a call for some minutes
    booked: int = 0
    confirmed: int = 0  # said yes by key, text or to staff, as `rates` has it; also who was never contacted
    answered: int = 0  # something else than yes, such as "call me back"
    unanswered: int = 0  # at least one attempt went out, and no answer came
    not_asked: int = 0  # nothing has gone out yet
    unaskable: int = 0  # nothing has gone out, nor will: no phone of theirs may be contacted
    unprompted: int = 0  # confirmed, and we never contacted them: `rates` leaves them out
    seatless: int = 0  # no seat is theirs: booked without a session, or one was never free
    unreached: int = 0  # booked, and: an open task says so, or the ladder is over and reached no phone
    came: int = 0  # kept
    moved: int = 0  # went to another session
    cancelled: int = 0
    rides: int = 0  # open tasks
    callbacks: int = 0  # open tasks

    def __add__(self, other: Counts) -> Counts:
        return Counts(*map(add, _figures(self), _figures(other)))

    @property
    def free(self) -> int:
        """Seats nobody has."""
        return self.seats - self.taken

    @property
    def held(self) -> int:
        """Seats that no booking has taken: a call keeps them for some minutes."""
        return max(0, self.taken - (self.booked - self.seatless))

    @property
    def is_quiet(self) -> bool:
        """Whether there is nobody to tell of: nobody is booked, went away or waits for something."""
        return not (self.booked or self.moved or self.cancelled or self.rides or self.callbacks)


_figures: Final = attrgetter(*(one.name for one in fields(Counts)))
