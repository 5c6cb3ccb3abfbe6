"""Several people who share a telephone: one call, or one text, and each of them a reminder of their own."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from gateway.care.consent import record_stop
from gateway.carriers.port import CarrierError, CarrierStatus, Fault, Receipt
from gateway.dispatch.allowance import Limits
from gateway.dispatch.cases import cases_of
from gateway.dispatch.household import MOST_PEOPLE
from gateway.dispatch.prepare import household_facts
from gateway.dispatch.receipts import apply_receipt
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.people import Person, PersonPhone
from gateway.records.status import AttemptStatus, Channel, ReminderStatus
from gateway.reports.exports import What, export
from tests.support import rooms
from tests.support.world import World

SMS, VOICE = Channel.SMS, Channel.VOICE
SHARED = "+66800009999"


def member(
    world: World, channel: Channel = VOICE, *, days: int = 2, hour: time = time(9, 30), **more: object
) -> Reminder:
    """Somebody of the house with a reminder due now."""
    person = world.person(phone=str(more.pop("phone", SHARED)), **{k: more.pop(k) for k in ("language",) if k in more})
    return world.reminder(world.appointment(person, days=days, hour=hour), channel, **more)


def carried(world: World) -> list[list[str]]:
    """The reminders of each attempt, in the order they are listed."""
    with world.database.reading() as db:
        attempts = db.exec(select(Attempt).order_by(col(Attempt.created_at), col(Attempt.id))).all()
        items = db.exec(select(AttemptItem).order_by(col(AttemptItem.attempt), col(AttemptItem.position))).all()
    return [[item.reminder or "" for item in items if item.attempt == one.id] for one in attempts]


def test_a_household_is_one_call_with_a_reminder_each(world: World, tmp_path: Path) -> None:
    late, early = member(world, hour=time(10, 30)), member(world, hour=time(9, 0))
    report = rooms.sender(world, tmp_path).pass_once()
    assert report.sent == len(world.carrier.calls) == 1
    assert carried(world) == [[early.id, late.id]]
    for one in (late, early):
        assert (world.fresh(one).status, world.fresh(one).tries) == (ReminderStatus.SENT, 1)
        assert world.fresh(one).lease_until is None
    [attempt] = world.all(Attempt)
    assert attempt.cost == 0.10


def test_a_household_is_one_text_that_numbers_its_people(world: World, tmp_path: Path) -> None:
    first, second = member(world, SMS, hour=time(9, 0)), member(world, SMS, hour=time(10, 30))
    rooms.sender(world, tmp_path).pass_once()
    [order] = world.carrier.texts
    assert carried(world) == [[first.id, second.id]]
    assert "1 คนที่0 09.00" in order.body
    assert "2 คนที่0 10.30" in order.body
    assert "วัคซีน" not in order.body


def test_whose_turn_comes_later_today_is_spoken_of_now(world: World, tmp_path: Path) -> None:
    now = world.clock.now()
    first = member(world)
    second = member(world, next_try_at=now + timedelta(hours=1))
    tomorrow = member(world, next_try_at=now + timedelta(days=1))
    rooms.sender(world, tmp_path).pass_once()
    assert sorted(carried(world)[0]) == sorted([first.id, second.id])
    assert world.fresh(tomorrow).status is ReminderStatus.PLANNED


def test_appointments_of_another_day_wait_for_the_next_half_day(world: World, tmp_path: Path) -> None:
    first, other = member(world), member(world, days=3)
    sending = rooms.sender(world, tmp_path)
    sending.pass_once()
    waiting = world.fresh(other)
    assert (world.fresh(first).status, waiting.status) == (ReminderStatus.SENT, ReminderStatus.PLANNED)
    world.clock.advance_to(waiting.next_try_at)
    sending.pass_once()
    assert world.fresh(other).status is ReminderStatus.SENT
    assert len(world.carrier.calls) == 2


def test_who_stopped_the_calls_on_this_number_is_left_out(world: World, tmp_path: Path) -> None:
    first, stopped = member(world), member(world)
    with world.database.unit_of_work() as db:
        use = db.exec(select(PersonPhone).where(col(PersonPhone.person) == stopped.person)).one()
        record_stop(db, stopped.person, use.phone, source="test", now=world.clock.now())
    rooms.sender(world, tmp_path).pass_once()
    assert carried(world) == [[first.id]]
    assert (world.fresh(stopped).status, world.fresh(stopped).reason) == (ReminderStatus.FAILED, "no_phone")


@pytest.mark.parametrize("channel", [VOICE, SMS])
def test_people_of_two_languages_are_not_put_together(world: World, tmp_path: Path, channel: Channel) -> None:
    first, other = member(world, channel), member(world, channel, language="my")
    rooms.sender(world, tmp_path).pass_once()
    assert [len(one) for one in carried(world)] == ([1] if channel is VOICE else [1, 1])
    waiting = {world.fresh(one).status for one in (first, other)}
    assert waiting == ({ReminderStatus.SENT, ReminderStatus.PLANNED} if channel is VOICE else {ReminderStatus.SENT})


def test_a_phone_that_is_not_theirs_this_time_is_no_reason_to_be_put_together(world: World, tmp_path: Path) -> None:
    first = member(world)
    person = world.person(phone="+66800008888")
    world.give_phone(person, SHARED, rank=1)
    own = world.reminder(world.appointment(person), VOICE)
    rooms.sender(world, tmp_path).pass_once()
    assert sorted(carried(world)) == sorted([[first.id], [own.id]])


def test_two_appointments_of_one_person_and_day_are_one_call_and_one_question(world: World, tmp_path: Path) -> None:
    person = world.person()
    first = world.reminder(world.appointment(person, hour=time(9, 0)), VOICE)
    second = world.reminder(world.appointment(person, hour=time(10, 0), regimen="covid19"), VOICE)
    rooms.sender(world, tmp_path).pass_once()
    assert carried(world) == [[first.id, second.id]]
    [attempt] = world.all(Attempt)
    with world.database.reading() as db:
        facts = household_facts(rooms.speech(tmp_path), cases_of(db, attempt.id), "th", world.clock.now())
    assert (facts.subjects, facts.appointment, facts.also) == ((), first.appointment, (second.appointment,))


def test_more_people_than_a_call_can_hold_wait_for_their_turn(world: World, tmp_path: Path) -> None:
    everybody = [member(world) for _ in range(MOST_PEOPLE + 3)]
    for _ in range(2):
        rooms.sender(world, tmp_path).pass_once()
    assert [len(one) for one in carried(world)] == [MOST_PEOPLE]
    waiting = [one for one in map(world.fresh, everybody) if one.status is ReminderStatus.PLANNED]
    assert len(waiting) == 3
    assert all(one.next_try_at > world.clock.now() for one in waiting)


def test_a_household_too_long_for_one_text_gets_one_each(world: World, tmp_path: Path) -> None:
    for _ in range(12):
        world.add(person := Person(language="th", name="เฉลิมพระเกียรติวงศ์สกุล", site="S1", created_at=world.clock.now()))
        world.give_phone(person, SHARED)
        world.reminder(world.appointment(person), SMS)
    roomy = Limits(lines=10, calls_per_second=10, sms_per_second=60)  # a text of three parts for each
    rooms.sender(world, tmp_path, limits=roomy).pass_once()
    assert [len(one) for one in carried(world)] == [1] * 12
    assert len(world.carrier.texts) == 12


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.MISCONFIGURED])
def test_what_the_carrier_would_not_take_is_put_back_for_all_of_them(
    world: World, tmp_path: Path, fault: Fault
) -> None:
    everybody = [member(world) for _ in range(3)]
    world.carrier.fail_next(CarrierError(fault))
    rooms.sender(world, tmp_path).pass_once()
    for one in map(world.fresh, everybody):
        assert (one.status, one.tries, one.error_count, one.lease_until) == (ReminderStatus.PLANNED, 0, 1, None)
    assert not any(item.live for item in world.all(AttemptItem))


def test_an_attempt_in_doubt_is_in_doubt_for_all_of_them_and_freed_for_all(world: World, tmp_path: Path) -> None:
    everybody = [member(world) for _ in range(3)]
    world.carrier.fail_next(CarrierError(Fault.IN_DOUBT, in_doubt=True))
    rooms.sender(world, tmp_path).pass_once()
    assert {world.fresh(one).status for one in everybody} == {ReminderStatus.SENT}
    for _ in range(3):
        world.clock.advance_to(world.clock.now() + timedelta(minutes=5))
        rooms.reconciler(world).pass_once()
    assert {(world.fresh(one).status, world.fresh(one).tries) for one in everybody} == {(ReminderStatus.PLANNED, 0)}


def test_who_answered_is_settled_and_the_ladder_of_the_others_goes_on(world: World, tmp_path: Path) -> None:
    answered, silent = member(world), member(world)
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.all(Attempt)
    with world.database.unit_of_work() as db:
        db.get(Reminder, answered.id).status = ReminderStatus.ANSWERED  # type: ignore[union-attr]
    over = Receipt(attempt.carrier_id or "", CarrierStatus.COMPLETED, 9, None, "", {})
    with world.database.unit_of_work() as db:
        apply_receipt(db, rooms.rules(world), attempt.id, over, now=world.clock.now())
    assert world.fresh(answered).status is ReminderStatus.ANSWERED
    again = world.fresh(silent)
    assert (again.status, again.tries) == (ReminderStatus.PLANNED, 1)
    assert again.next_try_at >= rooms.rules(world).window.next_half_day(world.clock.now())
    assert world.fresh(attempt).status is AttemptStatus.COMPLETED


def test_a_call_is_told_its_people_and_which_of_them_have_answered_meanwhile(world: World, tmp_path: Path) -> None:
    first, second = member(world, hour=time(9, 0)), member(world, hour=time(10, 0))
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.all(Attempt)
    speech, now = rooms.speech(tmp_path), world.clock.now()
    with world.database.reading() as db:
        cases = cases_of(db, attempt.id)
    facts = household_facts(speech, cases, "th", now)
    assert [one.appointments for one in facts.subjects] == [(first.appointment,), (second.appointment,)]
    assert (facts.appointment, facts.person, facts.is_open) == (None, "", True)
    assert all(one.name.startswith("name.") for one in facts.subjects)
    half = household_facts(speech, cases, "th", now, closed={first.appointment or ""})
    assert [one.is_open for one in half.subjects] == [False, True]
    assert half.is_open
    none = household_facts(speech, cases, "th", now, closed={first.appointment or "", second.appointment or ""})
    assert not none.is_open


def went_out(world: World, channel: Channel) -> list[str]:
    """The people who got something by this channel."""
    with world.database.reading() as db:
        statement = select(AttemptItem.person).join(Attempt, col(Attempt.id) == col(AttemptItem.attempt))
        return list(db.exec(statement.where(col(Attempt.channel) == channel)))


def test_the_text_to_one_waits_while_the_telephone_was_called_for_another(world: World, tmp_path: Path) -> None:
    called, texted = member(world, VOICE), member(world, SMS)
    rooms.sender(world, tmp_path).pass_once()
    assert (went_out(world, VOICE), went_out(world, SMS)) == ([called.person], [])
    world.clock.advance_to(world.fresh(texted).next_try_at)
    rooms.sender(world, tmp_path).pass_once()
    assert went_out(world, SMS) == [texted.person]


def test_a_text_whose_last_half_day_it_is_goes_out_all_the_same(world: World, tmp_path: Path) -> None:
    member(world, VOICE)
    texted = member(world, SMS, expires_at=world.clock.now() + timedelta(hours=2))
    rooms.sender(world, tmp_path).pass_once()
    assert went_out(world, SMS) == [texted.person]


def test_news_waits_for_nobodys_call(world: World, tmp_path: Path) -> None:
    member(world, VOICE)
    told = member(world, SMS, purpose="moved", step="answer")
    rooms.sender(world, tmp_path).pass_once()
    assert went_out(world, SMS) == [told.person]


def test_the_call_that_follows_a_text_is_not_made_early_for_anothers_sake(world: World, tmp_path: Path) -> None:
    now = world.clock.now()
    person = world.person(phone=SHARED)
    appointment = world.appointment(person)
    world.reminder(appointment, SMS)
    later = world.reminder(appointment, VOICE, next_try_at=now + timedelta(hours=3))
    sending = rooms.sender(world, tmp_path)
    sending.pass_once()
    other = member(world, VOICE, step="notice", purpose="notice")
    world.clock.advance_to(now + timedelta(minutes=30))
    sending.pass_once()
    assert went_out(world, VOICE) == [other.person]
    assert (world.fresh(later).status, world.fresh(later).tries) == (ReminderStatus.PLANNED, 0)


def test_one_attempt_of_several_is_exported_with_all_its_reminders(world: World, tmp_path: Path) -> None:
    first, second = member(world, hour=time(9, 0)), member(world, hour=time(10, 0))
    rooms.sender(world, tmp_path).pass_once()
    with world.database.reading() as db:
        [row] = list(export(db, What.ATTEMPTS))
    assert row["reminders"] == [first.id, second.id]
    assert row["person"] == first.person


def test_a_house_that_was_called_in_vain_is_told_once_who_rang(world: World, tmp_path: Path) -> None:
    told = [member(world, SMS, purpose="callback_number", step="answer") for _ in range(3)]
    rooms.sender(world, tmp_path).pass_once()
    later = member(world, SMS, purpose="callback_number", step="answer")
    rooms.sender(world, tmp_path).pass_once()
    assert len(world.carrier.texts) == 1
    found = sorted((one.status.value, one.reason or "") for one in map(world.fresh, (*told, later)))
    assert found == [("sent", ""), *[("suppressed", "told_already")] * 3]


def test_a_call_whose_text_is_still_to_come_is_not_made_early(world: World, tmp_path: Path) -> None:
    appointment = world.appointment(world.person(phone=SHARED))
    text = world.reminder(appointment, SMS)
    call = world.reminder(appointment, VOICE, next_try_at=world.clock.now() + timedelta(hours=6))
    other = member(world, VOICE)
    rooms.sender(world, tmp_path).pass_once()
    assert went_out(world, VOICE) == [other.person]
    assert {world.fresh(one).status for one in (text, call)} == {ReminderStatus.PLANNED}  # the text waits for noon


def test_a_family_of_a_dialect_without_such_a_text_gets_one_in_thai(world: World, tmp_path: Path) -> None:
    for _ in range(2):
        member(world, SMS, language="nod")
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.all(Attempt)
    assert (attempt.language, len(world.all(AttemptItem))) == ("th", 2)
