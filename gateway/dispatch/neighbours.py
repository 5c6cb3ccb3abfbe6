"""What the one by one path asks of every case, read once for a whole batch: whose turn it is, and who lives with them.

A question a case costs more than its answer: families were dispatched at a tenth of the speed of everybody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.dispatch.cases import Case, CommonFacts, common_facts, day_of, household_cases, waiting_cases
from gateway.dispatch.telephones import Contact, Telephones, carried_by_phone
from gateway.plan.window import Window
from gateway.records.people import CarrierBlock
from gateway.records.status import Channel, ReminderStatus


@dataclass(slots=True)
class Neighbours:
    """Of everybody in `telephones`. What the batch itself changes is told to it (`changed`), and then read again.

    `now` is business time. Nothing here counts what the batch claims: that did not go out yet.
    """

    db: Session
    telephones: Telephones
    channel: Channel
    sender: str
    window: Window
    now: datetime
    _waiting: Mapping[str, Sequence[Case]] | None = None
    _facts: CommonFacts | None = None
    _blocked: set[int] | None = None
    _carried: dict[Channel, Mapping[int, set[Contact]]] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)
    _is_all_changed: bool = False

    def changed(self, person: str | None) -> None:
        """Reminders of this person, or (None) of anybody, may have been planned since they were read."""
        self._is_all_changed = self._is_all_changed or person is None
        if person is not None:
            self._changed.add(person)

    def household(self, lead: Case, people: Collection[str]) -> list[Case]:
        """As `household_cases`, of what is planned for today."""
        before = day_of(self.now)[1]
        if self._is_all_changed or not self._changed.isdisjoint(people):
            return household_cases(self.db, lead, people, before=before)
        if self._waiting is None:
            self._waiting = self._read_waiting(before)
        first, last = day_of(lead.appointment.starts_at)
        found = [
            case
            for person in people
            for case in self._waiting.get(person, ())
            if case.reminder.id != lead.reminder.id
            and case.reminder.status is ReminderStatus.PLANNED
            and case.reminder.next_try_at < before
            and first <= case.appointment.starts_at < last
        ]
        return sorted(found, key=lambda case: (case.appointment.starts_at, case.reminder.due_at, case.reminder.id))

    def facts(self) -> CommonFacts:
        """Tickets, further appointments of the day, and who shares a telephone; of everybody here."""
        if self._facts is None:
            self._facts = common_facts(self.db, list(self.telephones.of))
        return self._facts

    def is_blocked(self, phone: int) -> bool:
        """Whether the carrier would refuse a text of our sender to this telephone."""
        if self._blocked is None:
            mine = select(CarrierBlock.phone).where(
                col(CarrierBlock.phone).in_(self.telephones.users), col(CarrierBlock.sender) == self.sender
            )
            self._blocked = set(self.db.exec(mine))
        return phone in self._blocked

    def carried(self, phone: int, channel: Channel) -> set[Contact]:
        """What this telephone got by `channel` in this half-day."""
        if channel not in self._carried:
            self._carried[channel] = carried_by_phone(
                self.db, list(self.telephones.users), channel, self.window, self.now
            )
        return self._carried[channel].get(phone, set())

    def _read_waiting(self, before: datetime) -> Mapping[str, Sequence[Case]]:
        waiting: dict[str, list[Case]] = defaultdict(list)
        for case in waiting_cases(self.db, self.channel, list(self.telephones.of), before):
            waiting[case.person.id].append(case)
        return waiting
