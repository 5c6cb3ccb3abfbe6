"""The shipped sample, a quarter of it, through its fortnight by ticks alone: how it ends, and what never happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

import pytest
from sqlmodel import col, select

from gateway.care.notices import ANSWER_STEP
from gateway.cli import sample
from gateway.kit.clock import bangkok_time
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.conversations import Outcome
from gateway.records.people import Person, Phone
from gateway.records.places import Seat, Session
from gateway.records.status import OPEN_REMINDERS, AppointmentStatus, Channel
from gateway.records.work import Task
from tests.stories.people import copy_sample
from tests.stories.stage import Stage

FIRST, LAST = "2026-07-27", "2026-08-15"
HOURS = ("09:05", "10:30", "13:30", "16:00", "17:40", "19:00")
# facts/thailand.md §3 and the holidays package: the King's birthday, Asarnha Bucha, Khao Phansa, the Queen Mother's.
HOLIDAYS = {date(2026, 7, 28), date(2026, 7, 29), date(2026, 7, 30), date(2026, 8, 12)}


class Sent(NamedTuple):
    """One attempt that went out for one reminder."""

    attempt: Attempt
    reminder: Reminder
    person: Person

    @property
    def at(self) -> datetime:
        """Bangkok's clock when it was handed over."""
        return bangkok_time(self.attempt.created_at)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage after the fortnight; nothing here changes it any more."""
    with Stage(tmp_path_factory.mktemp("fortnight"), seed="tamnat") as stage:
        copy_sample(stage.folder / "templates", one_in=4)
        report = sample.write_sample(stage.house)
        assert (report.result.accepted, report.result.rejected) == (150, 0)
        stage.when_the_days_pass(FIRST, LAST, HOURS)
        yield stage


@pytest.fixture(scope="module")
def sent(ended: Stage) -> Sequence[Sent]:
    """Everything that went out for a reminder, the first first."""
    statement = (
        select(Attempt, Reminder, Person)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .join(Person, col(Person.id) == col(AttemptItem.person))
        .where(col(Attempt.direction) == Direction.OUT)
        .order_by(col(Attempt.created_at), col(Attempt.id))
    )
    with ended.house.database.reading() as db:
        return [Sent(*row) for row in db.exec(statement)]


def test_every_appointment_ends_answered_or_with_its_attempts_or_in_a_task(ended: Stage, sent: Sequence[Sent]) -> None:
    answered = {one.appointment for one in ended.all(Outcome)}
    tried = {one.reminder.appointment for one in sent}
    in_task = {task.subject for task in ended.all(Task)}
    old = {one.moved_from for one in ended.all(Appointment)}
    moved_here = {one.id for one in ended.all(Appointment) if one.moved_from}
    forgotten = {one.id for one in ended.all(Appointment)} - answered - tried - in_task - old - moved_here
    assert forgotten == set()
    assert len(answered) > 50


def test_nothing_is_left_planned_claimed_or_waiting(ended: Stage) -> None:
    assert [one.status for one in ended.all(Reminder) if one.status in OPEN_REMINDERS] == []


def test_nobody_was_contacted_outside_the_window_or_on_a_holiday(sent: Sequence[Sent]) -> None:
    assert len(sent) > 300
    assert all(time(9, 0) <= one.at.time() < time(19, 30) for one in sent)
    assert {one.at.date() for one in sent} & HOLIDAYS == set()


def test_no_telephone_rang_twice_in_one_half_day(ended: Stage) -> None:
    rang: Counter[tuple[str, date, bool]] = Counter()
    for phone in ended.all(Phone):
        for at in map(datetime.fromisoformat, ended.calls_to(phone.e164)):
            rang[phone.e164, at.date(), at.hour < 13] += 1
    assert sum(rang.values()) > 100
    assert set(rang.values()) == {1}


def test_no_reminder_has_two_attempts_at_a_time_nor_more_calls_than_the_ladder_allows(
    ended: Stage, sent: Sequence[Sent]
) -> None:
    live = Counter(item.reminder for item in ended.all(AttemptItem) if item.live and item.reminder)
    assert set(live.values()) <= {1}
    calls = Counter(one.reminder.id for one in sent if one.attempt.channel is Channel.VOICE)
    assert max(calls.values()) == ended.house.ladder.voice_tries == 3


def test_no_session_was_oversold_and_every_seat_is_counted(ended: Stage) -> None:
    seats = Counter(seat.session for seat in ended.all(Seat))
    for session in ended.all(Session):
        assert session.taken == seats[session.id] <= session.capacity
    live = [one for one in ended.all(Appointment) if one.status is not AppointmentStatus.MOVED]
    assert sorted(seat.appointment or "" for seat in ended.all(Seat)) == sorted(one.id for one in live)
    assert any(one.status is AppointmentStatus.MOVED for one in ended.all(Appointment))


def test_after_an_answer_nothing_more_of_its_ladder_went_out(ended: Stage, sent: Sequence[Sent]) -> None:
    first_answer: dict[str, datetime] = {}
    for outcome in ended.all(Outcome):
        if outcome.appointment and outcome.effect not in ("none", "question"):
            first_answer.setdefault(outcome.appointment, outcome.at)
    late = [
        one.reminder.step
        for one in sent
        if one.reminder.step != ANSWER_STEP
        and (answered := first_answer.get(one.reminder.appointment or "")) is not None
        and one.attempt.created_at > answered
    ]
    assert late == []


def test_nobody_was_spoken_or_written_to_in_a_language_the_table_does_not_allow(
    ended: Stage, sent: Sequence[Sent]
) -> None:
    used = {(one.person.language, one.attempt.language) for one in sent}
    assert all(spoken in ended.house.languages.chain(wanted) for wanted, spoken in used)
    assert {("my", "my"), ("km", "km"), ("lo", "lo"), ("nod", "nod"), ("th", "th")} <= used


def test_no_text_of_the_sample_was_too_long_to_be_sent(ended: Stage) -> None:
    assert [one.reason for one in ended.all(Reminder) if (one.reason or "").startswith("text_")] == []


def test_the_figures_are_those_of_the_rows(ended: Stage) -> None:
    rows = ended.rates("site,channel,day")
    statuses = Counter(one.status for one in ended.all(Appointment))
    assert sum(row.due for row in rows) == sum(statuses.values())
    assert sum(row.confirmed for row in rows) <= statuses[AppointmentStatus.CONFIRMED]
    assert sum(row.moved for row in rows) == statuses[AppointmentStatus.MOVED]
    assert sum(row.confirmed for row in rows) / sum(row.contacted for row in rows) > 0.3
    assert {row.keys[1] for row in rows} == {"none", "sms", "voice"}
