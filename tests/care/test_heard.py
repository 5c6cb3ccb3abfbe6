"""What a person said after a deed stays said: the deed is not taken back over it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from gateway.care import at_the_desk, desk_people, desk_phones
from gateway.care.at_the_desk import NotPossible
from gateway.care.consent import record_stop
from gateway.care.tasks import Result, finish, join_deeds, open_task
from gateway.kit.answers import Answer
from gateway.records.people import Consent, PersonPhone, Phone
from gateway.records.status import AppointmentStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.replies.outcomes import apply
from tests.care.conftest import NOW
from tests.care.deeds import BY, DEEDS, everything, expect_refusal, take_back
from tests.care.desk import NIDA, case

ANSWERS = (
    Answer.COMING, Answer.MOVE, Answer.CALLBACK, Answer.RIDE, Answer.ALREADY_VACCINATED, Answer.STAFF, Answer.STOP,
    Answer.WRONG_PERSON,
)  # fmt: skip


def say(house, one, answer: Answer, *, known: bool = True) -> None:
    """The person texts an answer; not `known`: from a phone that nobody of the house uses any more."""
    about = one.appointment if known else None
    apply(house.db, house.reply(one.phone, answer, about, channel=Channel.SMS), now=NOW)


def link(house, one) -> tuple[Consent, Consent]:
    found = house.db.exec(select(PersonPhone).where(col(PersonPhone.person) == one.person.id)).one()
    return found.sms, found.voice


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_changes_nothing_of_a_confirmation_still_keeps_it(house, answer):
    one = case(house)
    audit = at_the_desk.confirmed(house.db, one.appointment.id, **BY)
    say(house, one, answer)
    with expect_refusal("undo_changed"):
        take_back(house, audit)
    assert one.reminder.status is ReminderStatus.SUPPRESSED
    assert audit.undone_at is None


def test_a_yes_by_text_is_not_lost_with_the_yes_staff_wrote_down(house):
    one = case(house)
    audit = at_the_desk.confirmed(house.db, one.appointment.id, **BY)
    say(house, one, Answer.COMING)
    with expect_refusal("undo_changed"):
        take_back(house, audit)
    assert one.appointment.status is AppointmentStatus.CONFIRMED


@pytest.mark.parametrize("channel", [None, Channel.SMS])
def test_a_stop_stays_when_staff_stopped_the_phone_a_moment_before(house, channel):
    one = case(house)
    audit = desk_people.stopped(house.db, one.person.id, channel=channel, **BY)
    say(house, one, Answer.STOP)
    with expect_refusal("undo_changed"):
        take_back(house, audit)
    assert link(house, one) == (Consent.STOP, Consent.STOP)


def test_a_stop_to_the_carrier_is_one_too(house):
    one = case(house)
    audit = desk_people.stopped(house.db, one.person.id, **BY)
    record_stop(house.db, one.person.id, one.phone.id, channel=Channel.SMS, source="carrier", now=NOW)
    with expect_refusal("undo_changed"):
        take_back(house, audit)


@pytest.mark.parametrize("known", [True, False])
def test_a_stop_from_the_number_that_was_corrected_stays(house, known):
    one = case(house)
    audit = desk_phones.phone_corrected(house.db, one.person.id, one.phone.id, "0899990001", **BY)
    say(house, one, Answer.STOP, known=known)
    with expect_refusal("undo_changed"):
        take_back(house, audit)
    (left,) = house.db.exec(select(PersonPhone).where(col(PersonPhone.person) == one.person.id)).all()
    assert house.db.get_one(Phone, left.phone).e164 == "+66899990001"


def test_a_stop_recorded_by_a_colleague_stays_until_it_is_taken_back_itself(house):
    one = case(house)
    audit = at_the_desk.confirmed(house.db, one.appointment.id, **BY)
    stop = desk_people.stopped(house.db, one.person.id, staff=NIDA, now=NOW)
    with expect_refusal("undo_changed"):
        take_back(house, audit)
    take_back(house, stop, by=NIDA)
    take_back(house, audit)
    assert one.reminder.status is ReminderStatus.PLANNED


def test_what_was_said_before_the_deed_does_not_hold_it(house):
    one = case(house)
    say(house, one, Answer.CALLBACK)
    say(house, one, Answer.STOP)
    audit = at_the_desk.confirmed(house.db, one.appointment.id, **BY)
    take_back(house, audit)
    assert one.appointment.status is AppointmentStatus.BOOKED


def test_what_somebody_else_of_the_house_says_for_themselves_does_not_hold_it(house):
    one, other = case(house), case(house, ahead=5)
    house.add(PersonPhone(person=other.person.id, phone=one.phone.id))
    audit = at_the_desk.confirmed(house.db, one.appointment.id, **BY)
    apply(house.db, house.reply(one.phone, Answer.COMING, other.appointment), now=NOW)
    take_back(house, audit)
    assert one.appointment.status is AppointmentStatus.BOOKED


def test_an_answer_of_nobody_knows_whom_from_their_phone_holds_it(house):
    one, other = case(house), case(house, ahead=5)
    house.add(PersonPhone(person=other.person.id, phone=one.phone.id))
    audit = at_the_desk.confirmed(house.db, one.appointment.id, **BY)
    say(house, one, Answer.WRONG_PERSON, known=False)
    with expect_refusal("undo_changed"):
        take_back(house, audit)


def test_a_note_says_nothing_about_contact_and_can_always_be_withdrawn(house):
    one = case(house)
    audit = desk_people.noted(house.db, one.person.id, "x", **BY)
    say(house, one, Answer.STOP)
    take_back(house, audit)
    assert audit.undone_at is not None


def test_a_task_done_as_coming_stays_done_once_the_person_said_so_too(house):
    one = case(house)
    task = open_task(house.db, TaskKind.CALLBACK, one.appointment.id, person=one.person.id, now=NOW)
    done = finish(house.db, task, Result.COMING, **BY)
    join_deeds(house.db, done, at_the_desk.confirmed(house.db, one.appointment.id, **BY))
    say(house, one, Answer.COMING)
    with expect_refusal("undo_changed"):
        take_back(house, done)
    house.db.refresh(task)
    assert (task.status, one.appointment.status) == (TaskStatus.DONE, AppointmentStatus.CONFIRMED)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(set(DEEDS) - {"noted"})),
    answer=st.sampled_from(ANSWERS),
    ahead=st.sampled_from([0, 2]),
    known=st.booleans(),
)
def test_no_deed_is_taken_back_over_an_answer_and_trying_changes_nothing(house, name, answer, ahead, known):
    mark = house.db.begin_nested()
    try:
        one = case(house, ahead=ahead)
        try:
            audit = DEEDS[name](house, one)
        except NotPossible:
            reject()  # nothing was done that could be taken back
        say(house, one, answer, known=known)
        before = everything(house)
        with expect_refusal("undo_changed"):
            take_back(house, audit)
        assert everything(house) == before
    finally:
        mark.rollback()
        house.db.expire_all()
