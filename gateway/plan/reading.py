"""A text and a call of one step, when it has become known whether the person reads: then one of them is enough."""

from __future__ import annotations

from sqlmodel import Session, col, select

from gateway.records.contacts import Reminder
from gateway.records.people import Person
from gateway.records.status import OPEN_REMINDERS, Channel

CANNOT_READ = "cannot_read"
READS_TEXTS = "reads_texts"


def needless(db: Session, reminder: Reminder, person: Person) -> str:
    """Return why this reminder need not go out while the step's other one does; "" where it must.

    Both were planned because nobody knew whether they read; staff may have noted it since.
    """
    if person.reads_script is None or reminder.channel is Channel.VISIT:
        return ""
    if person.reads_script is (reminder.channel is Channel.SMS):
        return ""
    other = Channel.VOICE if reminder.channel is Channel.SMS else Channel.SMS
    goes_on = select(Reminder.id).where(
        col(Reminder.appointment) == reminder.appointment,
        col(Reminder.purpose) == reminder.purpose,
        col(Reminder.step) == reminder.step,
        col(Reminder.channel) == other,
        col(Reminder.status).in_(OPEN_REMINDERS),
    )
    if db.exec(goes_on).first() is None:
        return ""
    return CANNOT_READ if other is Channel.VOICE else READS_TEXTS
