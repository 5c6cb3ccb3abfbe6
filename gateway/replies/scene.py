"""One reply and all that its effect needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.care import ladder_stop
from gateway.care.regimens import Regimens
from gateway.care.tasks import open_task
from gateway.records.agreements import Appointment
from gateway.records.contacts import AttemptItem, Reminder
from gateway.records.conversations import Outcome, Reply
from gateway.records.people import Person
from gateway.records.status import TaskKind
from gateway.replies.inbox import is_read_already


def outcomes_of(db: Session, reply_id: str) -> list[Outcome]:
    """What came of a reply so far, in order."""
    return list(db.exec(select(Outcome).where(col(Outcome.reply) == reply_id).order_by(col(Outcome.id))))


@dataclass(frozen=True, slots=True)
class Scene:
    """A reply, the instant, and the rules; its methods write what nearly every effect writes."""

    db: Session
    reply: Reply
    now: datetime
    regimens: Regimens
    is_named: bool = False  # an answer for somebody who was chosen out of several on this phone
    wish: str = ""  # they want another day, and why staff find it: the detail of the task
    with_ride: bool = False  # the yes asks for a ride in the same breath

    def note(self, effect: str, appointment: Appointment | None = None) -> None:
        """Keep an outcome, once: without an appointment the unique index alone would let a second one in."""
        about = appointment.id if appointment else None
        for known in outcomes_of(self.db, self.reply.id):
            if (known.effect, known.appointment) == (effect, about):
                return
        self.db.add(Outcome(reply=self.reply.id, appointment=about, effect=effect, at=self.now))
        self.db.flush()

    def appointment(self) -> Appointment | None:
        """The appointment the reply is about, whatever its state."""
        return self.db.get(Appointment, self.reply.appointment) if self.reply.appointment else None

    def answered_reminder(self) -> str | None:
        """The reminder whose attempt this reply came back on."""
        if self.reply.attempt is None or self.reply.appointment is None:
            return None
        return self.db.exec(
            select(Reminder.id)
            .join(AttemptItem, col(AttemptItem.reminder) == col(Reminder.id))
            .where(col(AttemptItem.attempt) == self.reply.attempt)
            .where(col(Reminder.appointment) == self.reply.appointment)
        ).first()

    def stop_ladder(self, appointment: Appointment) -> None:
        """Stop the rest of the ladder, the reminder that was answered counting as answered."""
        ladder_stop.stop_ladder(
            self.db,
            appointment.id,
            reason=f"answered: {self.reply.answer.value}",
            now=self.now,
            answered_reminder=self.answered_reminder(),
        )

    def stop_person(self, person: str) -> None:
        """Stop every ladder of a person, the reminder that was answered counting as answered."""
        ladder_stop.stop_person(
            self.db,
            person,
            reason=f"answered: {self.reply.answer.value}",
            now=self.now,
            answered_reminder=self.answered_reminder(),
        )

    def may_move_by_key(self, appointment: Appointment) -> bool:
        """Whether the person may choose another day without staff."""
        regimen = self.regimens.get(appointment.regimen)
        return regimen is None or regimen.may_move_by_key

    def open_task(
        self,
        kind: TaskKind,
        appointment: Appointment | None,
        detail: str,
        *,
        subject: str | None = None,
        person: str | None = None,
    ) -> None:
        """Open a task about the appointment, or about the reply when there is none; about like texts there is one."""
        about = subject or (appointment.id if appointment else self.reply.id)
        if about == self.reply.id and is_read_already(self.db, kind, self.reply):
            return
        who = person or (appointment.person if appointment else self.reply.person)
        known = self.db.get(Person, who) if who else None
        open_task(
            self.db,
            kind,
            about,
            person=who,
            site=appointment.site if appointment else (known.site if known else None),
            village=(known.village or None) if known else None,
            detail=detail,
            now=self.now,
        )
