"""One pass of dispatch: row first, network second, never twice."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from gateway.carriers.port import CarrierError, Fault
from gateway.dispatch import allowance
from gateway.dispatch import sender as dispatch_sender
from gateway.dispatch.allowance import Limits
from gateway.dispatch.outbox import Outbox
from gateway.dispatch.sender import Sender
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.house import Switch
from gateway.records.people import Person, PersonPhone
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus, TaskKind
from gateway.records.work import Task, Visit
from tests.support import rooms
from tests.support.world import World

SMS, VOICE = Channel.SMS, Channel.VOICE


def test_a_due_text_is_written_down_sent_and_counted_as_a_try(world: World, tmp_path: Path) -> None:
    reminder = world.due(SMS)
    report = rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.attempts_of(reminder)
    sent = world.fresh(reminder)
    assert (report.sent, attempt.status, attempt.carrier_id) == (1, AttemptStatus.SUBMITTED, f"SM{1:032x}")
    assert (sent.status, sent.tries) == (ReminderStatus.SENT, 1)
    assert world.carrier.texts[0].status_url.endswith(f"/webhooks/memory/sms/status/{attempt.id}")


def test_the_attempt_is_committed_before_the_carrier_hears_of_it(world: World, tmp_path: Path) -> None:
    seen: list[AttemptStatus] = []
    take = world.carrier.send_sms

    def look_then_take(order):  # type: ignore[no-untyped-def]
        seen.extend(row.status for row in world.all(Attempt))
        return take(order)

    world.carrier.send_sms = look_then_take  # type: ignore[method-assign]
    world.due(SMS)
    rooms.sender(world, tmp_path).pass_once()
    assert seen == [AttemptStatus.QUEUED]


def test_a_pass_goes_on_batch_after_batch_until_nothing_is_due(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "BATCH", 2)
    for _ in range(5):
        world.due(SMS)
    world.due(VOICE)
    assert rooms.sender(world, tmp_path).pass_once().sent == 6
    assert len(world.carrier.texts) == 5


def test_what_came_of_a_batch_and_the_next_claim_are_one_commit(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "BATCH", 2)
    for _ in range(6):
        world.due(SMS)
    seen: list[list[AttemptStatus]] = []
    take = world.carrier.send_sms

    def look_then_take(order):  # type: ignore[no-untyped-def]
        seen.append(sorted(row.status for row in world.all(Attempt)))
        return take(order)

    world.carrier.send_sms = look_then_take  # type: ignore[method-assign]
    rooms.sender(world, tmp_path).pass_once()
    new, known = AttemptStatus.QUEUED, AttemptStatus.SUBMITTED
    assert seen[0::2] == [[new] * 2, [new] * 2 + [known] * 2, [new] * 2 + [known] * 4]


def test_what_the_carrier_said_is_kept_while_the_database_is_away(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminder, sending = world.due(SMS), rooms.sender(world, tmp_path)
    away = [OperationalError("", {}, Exception("gone"))] * 3
    settle = Sender._settle

    def settle_later(self, *rest):  # type: ignore[no-untyped-def]
        if away:
            raise away.pop()
        return settle(self, *rest)

    monkeypatch.setattr(Sender, "_settle", settle_later)
    monkeypatch.setattr(dispatch_sender.time, "sleep", lambda _: None)
    assert sending.pass_once().sent == 1
    assert (world.fresh(reminder).status, away) == (ReminderStatus.SENT, [])


def test_what_came_of_a_batch_is_written_though_the_next_cannot_be_claimed(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(allowance, "BATCH", 1)
    first, second = world.due(SMS), world.due(SMS)
    sending, claim = rooms.sender(world, tmp_path), Outbox.claim

    def claim_once(self, *rest, **more):  # type: ignore[no-untyped-def]
        if world.carrier.texts:
            raise RuntimeError("nobody foresaw this")
        return claim(self, *rest, **more)

    monkeypatch.setattr(Outbox, "claim", claim_once)
    assert sending.pass_once().sent == 1
    statuses = {world.fresh(one).status for one in (first, second)}
    assert statuses == {ReminderStatus.SENT, ReminderStatus.PLANNED}
    assert "written alone" in caplog.text


def test_who_goes_first_of_those_with_the_same_time_left_is_the_one_at_greater_risk(
    world: World, tmp_path: Path
) -> None:
    appointments = [world.appointment(world.person()) for _ in range(3)]
    at_risk = [world.reminder(one, SMS, priority=rank) for one, rank in zip(appointments, (2, 0, 1), strict=True)]
    rooms.sender(world, tmp_path).pass_once()
    order = [order.attempt for order in world.carrier.texts]
    ranked = [world.attempts_of(at_risk[place])[0].id for place in (1, 2, 0)]
    assert order == ranked


def test_a_second_pass_sends_nothing_again(world: World, tmp_path: Path) -> None:
    world.due(SMS)
    world.due(VOICE)
    sending = rooms.sender(world, tmp_path)
    sending.pass_once()
    sending.pass_once()
    assert len(world.carrier.orders) == 2


def test_nothing_goes_out_before_nine_or_while_paused(world: World, tmp_path: Path) -> None:
    world.due(SMS)
    sending = rooms.sender(world, tmp_path)
    world.add(Switch(name="pause", is_on=True, at=world.clock.now()))
    assert sending.pass_once().sent == 0
    with world.database.unit_of_work() as db:
        db.get(Switch, "pause").is_on = False  # type: ignore[union-attr]
    world.clock.advance_to(world.clock.now() + timedelta(hours=11))  # 20:00
    assert sending.pass_once().sent == 0
    assert not world.carrier.orders


def test_what_is_too_late_is_set_aside_and_never_sent(world: World, tmp_path: Path) -> None:
    appointment = world.appointment(world.person())
    reminder = world.reminder(appointment, SMS, expires_at=world.clock.now())
    rooms.sender(world, tmp_path).pass_once()
    assert world.fresh(reminder).status is ReminderStatus.EXPIRED
    assert not world.carrier.orders


def test_an_appointment_that_went_away_cancels_its_reminder(world: World, tmp_path: Path) -> None:
    appointment = world.appointment(world.person(), status=AppointmentStatus.CANCELLED)
    reminder = world.reminder(appointment, VOICE)
    rooms.sender(world, tmp_path).pass_once()
    assert world.fresh(reminder).status is ReminderStatus.CANCELLED
    assert not world.carrier.orders


def test_a_phone_rings_once_in_a_half_day_even_when_two_people_share_it(world: World, tmp_path: Path) -> None:
    people = (world.person(phone="+66800009999") for _ in range(2))
    first, second = (world.reminder(world.appointment(one, days=2 + at), VOICE) for at, one in enumerate(people))
    rooms.sender(world, tmp_path).pass_once()
    called, later = sorted((world.fresh(first), world.fresh(second)), key=lambda row: row.next_try_at)
    assert len(world.carrier.calls) == 1
    assert called.status is ReminderStatus.SENT
    assert later.status is ReminderStatus.PLANNED
    assert later.next_try_at >= world.clock.now() + timedelta(hours=4)  # the afternoon


def test_a_person_is_called_once_in_a_half_day_whatever_number_they_have_by_then(world: World, tmp_path: Path) -> None:
    sending, first = rooms.sender(world, tmp_path), world.due(VOICE)
    world.clock.advance_to(world.clock.now() + timedelta(minutes=30))
    sending.pass_once()
    person = world.fresh(first).person
    with world.database.unit_of_work() as db:
        db.delete(db.exec(select(PersonPhone).where(col(PersonPhone.person) == person)).one())
    world.give_phone(Person(id=person), "+66800008888")
    moved = world.reminder(world.appointment(Person(id=person), days=3, dose_no=2), VOICE)
    world.clock.advance_to(world.clock.now() + timedelta(minutes=30))
    sending.pass_once()
    waiting = world.fresh(moved)
    assert [order.to for order in world.carrier.calls] == ["+66800000001"]
    assert waiting.status is ReminderStatus.PLANNED
    assert waiting.next_try_at == rooms.rules(world).window.next_half_day(world.clock.now())

    world.clock.advance_to(waiting.next_try_at)
    sending.pass_once()
    assert [order.to for order in world.carrier.calls] == ["+66800000001", "+66800008888"]


def test_two_reminders_of_one_person_due_at_once_on_two_phones_are_one_call(world: World, tmp_path: Path) -> None:
    person = world.person()
    world.give_phone(person, "+66800008888", rank=1)
    first = world.reminder(world.appointment(person), VOICE)
    second = world.reminder(world.appointment(person, days=3, dose_no=2), VOICE, tries=1)  # its turn is the other phone
    rooms.sender(world, tmp_path).pass_once()
    assert len(world.carrier.calls) == 1
    assert [world.fresh(one).status for one in (first, second)] == [ReminderStatus.SENT, ReminderStatus.PLANNED]


def test_a_second_call_that_could_only_come_too_late_is_given_up_with_its_reason(world: World, tmp_path: Path) -> None:
    sending, called = rooms.sender(world, tmp_path), world.due(VOICE)
    sending.pass_once()
    today = world.appointment(Person(id=called.person), days=0, hour=time(12), dose_no=2)
    second = world.reminder(today, VOICE)
    sending.pass_once()
    assert (world.fresh(second).status, world.fresh(second).reason) == (ReminderStatus.FAILED, "called_this_half_day")
    assert len(world.carrier.calls) == 1


def test_a_text_to_somebody_called_this_half_day_does_not_wait(world: World, tmp_path: Path) -> None:
    sending, called = rooms.sender(world, tmp_path), world.due(VOICE)
    sending.pass_once()
    text = world.reminder(world.appointment(Person(id=called.person), days=3, dose_no=2), SMS)
    sending.pass_once()
    assert world.fresh(text).status is ReminderStatus.SENT


def test_throttled_nothing_is_counted_and_it_goes_out_later(world: World, tmp_path: Path) -> None:
    reminder = world.due(SMS)
    sending = rooms.sender(world, tmp_path)
    world.carrier.fail_next(CarrierError(Fault.THROTTLED, retry_after=30))
    sending.pass_once()
    waiting = world.fresh(reminder)
    assert (waiting.status, waiting.tries) == (ReminderStatus.PLANNED, 0)
    world.clock.advance_to(world.clock.now() + timedelta(seconds=31))
    sending.pass_once()
    assert world.fresh(reminder).status is ReminderStatus.SENT
    assert [attempt.status for attempt in world.attempts_of(reminder)] == [
        AttemptStatus.FAILED,
        AttemptStatus.SUBMITTED,
    ]


def test_in_doubt_nothing_is_sent_again_until_somebody_has_looked(world: World, tmp_path: Path) -> None:
    reminder = world.due(SMS)
    sending = rooms.sender(world, tmp_path)
    world.carrier.fail_next(CarrierError(Fault.IN_DOUBT, in_doubt=True), taken=True)
    report = sending.pass_once()
    world.clock.advance_to(world.clock.now() + timedelta(minutes=1))
    sending.pass_once()
    [attempt] = world.attempts_of(reminder)
    assert report.in_doubt == 1
    assert attempt.in_doubt_at is not None
    assert len(world.carrier.texts) == 1


def test_an_unforeseen_failure_is_in_doubt_too(world: World, tmp_path: Path) -> None:
    def explode(order):  # type: ignore[no-untyped-def]
        raise RuntimeError("nobody foresaw this")

    world.carrier.send_sms = explode  # type: ignore[method-assign]
    reminder = world.due(SMS)
    assert rooms.sender(world, tmp_path).pass_once().in_doubt == 1
    assert world.fresh(reminder).status is ReminderStatus.SENT


def test_a_number_that_takes_no_texts_gets_a_call_instead(world: World, tmp_path: Path) -> None:
    reminder = world.due(SMS)
    world.carrier.fail_next(CarrierError(Fault.NOT_MOBILE, permanent=True))
    rooms.sender(world, tmp_path).pass_once()
    channels = {row.channel: row.status for row in world.all(Reminder)}
    assert world.fresh(reminder).status is ReminderStatus.FAILED
    assert (channels[VOICE], len(world.carrier.calls)) == (ReminderStatus.SENT, 1)  # due at once, in the same pass


def test_wrong_credentials_stop_the_channel_and_tell_staff(world: World, tmp_path: Path) -> None:
    reminder = world.due(SMS)
    sending = rooms.sender(world, tmp_path)
    world.carrier.fail_next(CarrierError(Fault.MISCONFIGURED, code="20003"))
    sending.pass_once()
    world.clock.advance_to(world.clock.now() + timedelta(minutes=5))
    sending.pass_once()
    assert world.fresh(reminder).status is ReminderStatus.PLANNED
    assert not world.carrier.orders
    assert [task.kind for task in world.all(Task)] == [TaskKind.POISON]


def test_no_more_calls_at_once_than_there_are_lines(world: World, tmp_path: Path) -> None:
    for _ in range(5):
        world.due(VOICE)
    sending = rooms.sender(world, tmp_path, limits=Limits(lines=2, calls_per_second=50, sms_per_second=50))
    sending.pass_once()
    world.clock.advance_to(world.clock.now() + timedelta(minutes=1))
    sending.pass_once()
    assert len(world.carrier.calls) == 2


def test_no_more_parts_of_texts_in_a_second_than_the_rate(world: World, tmp_path: Path) -> None:
    for _ in range(6):
        world.due(SMS)
    sending = rooms.sender(world, tmp_path, limits=Limits(lines=10, calls_per_second=1, sms_per_second=6))
    sending.pass_once()
    sending.pass_once()
    assert len(world.carrier.texts) == 2
    assert sum(attempt.segments for attempt in world.all(Attempt)) == 6


def test_the_day_ends_when_its_money_is_spent(world: World, tmp_path: Path) -> None:
    for _ in range(4):
        world.due(VOICE)
    limits = Limits(lines=10, calls_per_second=50, sms_per_second=50, daily_budget=0.25)
    sending = rooms.sender(world, tmp_path, limits=limits)
    sending.pass_once()
    assert len(world.carrier.calls) == 2  # at 0.10 a call


def test_a_number_of_another_country_is_not_called(world: World, tmp_path: Path) -> None:
    reminder = world.due(VOICE, phone="+8562055512345")
    rooms.sender(world, tmp_path).pass_once()
    assert (world.fresh(reminder).status, world.fresh(reminder).reason) == (ReminderStatus.FAILED, "no_phone")
    assert not world.carrier.orders


def test_a_language_without_a_voice_gets_a_text_instead_and_staff_are_told(world: World, tmp_path: Path) -> None:
    reminder = world.due(VOICE, language="vi")
    unscripted = {code: script for code, script in rooms.shipped_scripts().items() if code != "vi"}
    rooms.sender(world, tmp_path, said=rooms.speech(tmp_path, scripts=unscripted)).pass_once()
    assert world.fresh(reminder).reason == "no_voice_in_language"
    assert TaskKind.NO_PROMPT in [task.kind for task in world.all(Task)]
    assert not world.carrier.calls
    assert [attempt.language for attempt in world.all(Attempt)] == ["vi"]


def test_an_elder_of_surin_is_called_in_thai_because_the_table_says_so(world: World, tmp_path: Path) -> None:
    reminder = world.due(VOICE, language="kxm")
    rooms.sender(world, tmp_path).pass_once()
    assert [attempt.language for attempt in world.attempts_of(reminder)] == ["th"]


def test_an_elder_of_the_north_is_called_in_the_words_of_the_north(world: World, tmp_path: Path) -> None:
    reminder = world.due(VOICE, language="nod")
    rooms.sender(world, tmp_path).pass_once()
    assert [attempt.language for attempt in world.attempts_of(reminder)] == ["nod"]


class ReachesPeople(World):
    """The same, with a carrier at whose other end are people."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.carrier.reaches_people = True


def test_where_people_are_reached_nothing_goes_out_unless_live(tmp_path: Path) -> None:
    world = ReachesPeople(tmp_path)
    world.due(SMS)
    report = rooms.sender(world, tmp_path, live=False).pass_once()
    assert "GATEWAY_LIVE" in report.refused
    assert not world.all(Attempt)


def test_where_people_are_reached_drafts_are_refused(tmp_path: Path) -> None:
    world = ReachesPeople(tmp_path)
    text, call = world.due(SMS), world.due(VOICE)
    said = rooms.speech(tmp_path, may_use_drafts=False, may_use_placeholders=False)
    rooms.sender(world, tmp_path, said=said, live=True).pass_once()
    assert world.fresh(text).reason == "text_not_approved"
    assert world.fresh(call).reason == "script_not_approved"
    assert not world.carrier.orders


def test_where_people_are_reached_the_invented_are_not_called(tmp_path: Path) -> None:
    world = ReachesPeople(tmp_path)
    reminder = world.due(VOICE, sample=True)
    rooms.sender(world, tmp_path, live=True).pass_once()
    assert world.fresh(reminder).reason == "sample_person"


def test_a_visit_is_written_instead_of_calling_anybody(world: World, tmp_path: Path) -> None:
    reminder = world.due(Channel.VISIT, village="บ้านทุ่ง")
    assert rooms.sender(world, tmp_path).pass_once().visits == 1
    assert [visit.reminder for visit in world.all(Visit)] == [reminder.id]
    assert not world.all(AttemptItem)


def test_two_live_attempts_of_one_reminder_cannot_be_stored(world: World, tmp_path: Path) -> None:
    reminder = world.due(SMS)
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.attempts_of(reminder)
    other = Attempt(phone=attempt.phone, channel=SMS, created_at=world.clock.now())
    with pytest.raises(Exception, match=r"UNIQUE|quicker"):
        world.add(other, AttemptItem(attempt=other.id, reminder=reminder.id, person=reminder.person))


def test_when_nobody_picked_up_the_household_is_called_next(world: World, tmp_path: Path) -> None:
    person = world.person(phone="+66800000101")
    world.give_phone(person, "+66800000102", rank=1)
    first = world.reminder(world.appointment(person), VOICE)
    second = world.reminder(world.appointment(person, days=9, dose_no=2), VOICE, tries=1)
    sending = rooms.sender(world, tmp_path)
    sending.pass_once()
    world.clock.advance_to(world.fresh(second).next_try_at)  # the other half of the day
    sending.pass_once()
    numbers = {order.attempt: order.to for order in world.carrier.calls}
    assert numbers[world.attempts_of(first)[0].id] == "+66800000101"
    assert numbers[world.attempts_of(second)[0].id] == "+66800000102"


def test_a_text_is_not_kept_by_the_carrier_into_the_night(world: World, tmp_path: Path) -> None:
    world.due(SMS)
    rooms.sender(world, tmp_path).pass_once()
    assert world.carrier.texts[0].valid_for == timedelta(hours=10, minutes=30)  # from 09:00 to 19:30


def test_the_mornings_text_says_today_only_on_the_day(world: World, tmp_path: Path) -> None:
    tomorrow = world.appointment(world.person(), days=1, hour=time(8, 30))
    today = world.appointment(world.person(), days=0, hour=time(15, 0))
    for appointment in (tomorrow, today):
        world.reminder(appointment, SMS, purpose="morning", step="morning")
    rooms.sender(world, tmp_path).pass_once()
    bodies = {order.to: order.body for order in world.carrier.texts}
    assert "วันนี้" not in bodies["+66800000001"]
    assert "วันนี้" in bodies["+66800000002"]


def test_a_row_that_cannot_be_worked_on_is_set_aside_and_the_rest_goes_out(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    poison = world.due(SMS)
    with world.database.unit_of_work() as db:
        db.get(Reminder, poison.id).purpose = "a purpose nobody wrote"  # type: ignore[union-attr]
    good = world.due(SMS)
    sending = rooms.sender(world, tmp_path)
    for _ in range(12):
        sending.pass_once()
        world.clock.advance_to(world.clock.now() + timedelta(minutes=11))
    assert world.fresh(good).status is ReminderStatus.SENT
    assert (world.fresh(poison).status, world.fresh(poison).reason) == (ReminderStatus.FAILED, "poison")
    assert [task.subject for task in world.all(Task) if task.kind is TaskKind.POISON] == [poison.id]
    assert "could not be prepared" in caplog.text
