"""What was done is taken back within a minute, exactly, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from gateway.care import at_the_desk, desk_people, desk_phones
from gateway.care.at_the_desk import CancelReason, NotPossible
from gateway.care.booking import seat_of, take_seat
from gateway.care.regimens import load_regimens
from gateway.care.second_doses import book_second_doses
from gateway.care.tasks import WANTS_ANOTHER_DAY, Result, finish, open_task
from gateway.care.undo import VERBS, undo
from gateway.plan.ladder import load_ladder
from gateway.plan.planner import plan
from gateway.records.agreements import Appointment, Dose
from gateway.records.contacts import Reminder
from gateway.records.people import PersonPhone, Phone
from gateway.records.staffing import Note, Role, Staff
from gateway.records.status import (
    AppointmentStatus,
    AttemptStatus,
    Channel,
    ReminderStatus,
    TaskKind,
    TaskStatus,
    VisitStatus,
)
from gateway.records.work import Task, Visit
from tests.care.conftest import NOW
from tests.care.deeds import BY, DEEDS, everything, expect_refusal, take_back
from tests.care.desk import NIDA, SOMEL, case, day


def test_a_confirmation_taken_back_begins_the_ladder_where_it_stopped(house):
    one = case(house)
    audit = at_the_desk.confirmed(house.db, one.appointment.id, **BY)

    undone = take_back(house, audit)

    assert (one.appointment.status, one.appointment.confirmed_by_staff) == (AppointmentStatus.BOOKED, None)
    assert (one.reminder.status, one.reminder.reason) == (ReminderStatus.PLANNED, None)
    assert (audit.undone_by, undone.verb, undone.before["audit"]) == (SOMEL, "undone", audit.id)
    assert undone.person == one.person.id
    assert undone.undo_until is None
    assert one.appointment.version == 3, "a page of before stays stale"


def test_only_the_doer_or_a_manager_takes_back_and_only_once_within_a_minute(house):
    one = case(house)
    house.add(Staff(id="7" * 32, email="other@example.org", role=Role.STAFF, password_hash="x", created_at=NOW))
    audit = at_the_desk.confirmed(house.db, one.appointment.id, **BY)

    with expect_refusal("undo_not_yours"):
        take_back(house, audit, by="7" * 32)
    with expect_refusal("undo_too_late"):
        take_back(house, audit, after=61)
    with expect_refusal("undo_unknown"):
        undo(house.db, "0" * 32, staff=SOMEL, now=NOW, real_now=datetime.now(UTC))
    take_back(house, audit, by=NIDA)
    with expect_refusal("undo_done"):
        take_back(house, audit)


def test_what_cannot_be_undone_is_not(house):
    one = case(house)
    undone = take_back(house, at_the_desk.confirmed(house.db, one.appointment.id, **BY))
    with expect_refusal("undo_unknown"):
        take_back(house, undone)


def test_what_somebody_changed_meanwhile_stays_as_they_left_it(house):
    one = case(house)
    audit = at_the_desk.confirmed(house.db, one.appointment.id, **BY)
    at_the_desk.cancelled(house.db, one.appointment.id, reason=CancelReason.ILL, staff=NIDA, now=NOW)
    with expect_refusal("undo_changed"):
        take_back(house, audit)
    assert one.appointment.status is AppointmentStatus.CANCELLED
    assert audit.undone_at is None


def test_a_seat_given_to_somebody_else_meanwhile_cannot_be_taken_back(house):
    one = case(house)
    one.session.capacity = 1
    audit = at_the_desk.cancelled(house.db, one.appointment.id, reason=CancelReason.ILL, **BY)
    take_seat(house.db, house.appointment(house.person(), one.session))

    with expect_refusal("undo_seat_taken"):
        take_back(house, audit)

    house.db.refresh(one.appointment)
    assert one.appointment.status is AppointmentStatus.CANCELLED
    assert house.seats_counted_right()


def test_a_cancellation_taken_back_has_its_seat_ticket_and_reminder_and_the_text_is_never_sent(house):
    one = case(house)
    ticket = seat_of(house.db, one.appointment.id).ticket
    audit = at_the_desk.cancelled(house.db, one.appointment.id, reason=CancelReason.ILL, text=True, **BY)
    take_back(house, audit)
    assert seat_of(house.db, one.appointment.id).ticket == ticket
    assert [row.purpose for row in reminders(house, one.appointment)] == ["reminder"]


def reminders(house, appointment: Appointment) -> list[Reminder]:
    return list(house.db.exec(select(Reminder).where(col(Reminder.appointment) == appointment.id)))


def test_a_move_taken_back_leaves_the_old_appointment_with_its_history_and_no_new_one(house):
    one = case(house)
    sent = house.reminder(one.appointment, ReminderStatus.SENT, step="notice")
    audit = at_the_desk.moved(house.db, one.appointment.id, one.other.id, chosen=True, **BY)
    ladder = load_ladder()
    plan(house.db, ladder, ladder.window(time(9), time(19, 30)), now=NOW, speakable=frozenset({"th"}),
         textable=frozenset({"th"}))  # fmt: skip

    take_back(house, audit)

    assert one.appointment.status is AppointmentStatus.BOOKED
    assert one.other.taken == 0
    assert (one.reminder.status, sent.status) == (ReminderStatus.PLANNED, ReminderStatus.SENT)
    assert [row.id for row in house.db.exec(select(Appointment).where(Appointment.person == one.person.id))] == [
        one.appointment.id
    ]
    at_the_desk.moved(house.db, one.appointment.id, one.other.id, chosen=True, **BY)


def test_a_move_the_person_was_told_of_is_not_taken_back(house):
    one = case(house)
    audit = at_the_desk.moved(house.db, one.appointment.id, one.other.id, chosen=True, **BY)
    notice = house.db.exec(select(Reminder).where(col(Reminder.purpose) == "moved")).one()
    notice.status = ReminderStatus.SENT
    house.attempt(one.phone, notice)
    with expect_refusal("undo_told"):
        take_back(house, audit)
    house.db.refresh(one.appointment)
    assert one.appointment.status is AppointmentStatus.MOVED


def test_a_dose_taken_back_takes_the_second_appointment_with_it_so_that_it_is_booked_anew_later(house):
    one = case(house, ahead=0, vaccine="hepatitis_b")
    later = house.session(day(30), vaccine="hepatitis_b")
    given_dose = {"product": "hepatitis_b", "given_on": day(0), **BY}
    audit = at_the_desk.vaccinated(house.db, one.appointment.id, **given_dose)
    book_second_doses(house.db, load_regimens(), now=NOW, limit=10)
    assert later.taken == 1

    take_back(house, audit)

    assert later.taken == 0
    assert house.seats_counted_right()
    assert not house.db.exec(select(Dose).where(col(Dose.person) == one.person.id)).all()
    at_the_desk.vaccinated(house.db, one.appointment.id, **given_dose)
    assert book_second_doses(house.db, load_regimens(), now=NOW, limit=10).booked == 1


def test_a_second_appointment_somebody_heard_of_is_cancelled_not_forgotten(house):
    one = case(house, ahead=0, vaccine="hepatitis_b")
    later = house.session(day(30), vaccine="hepatitis_b")
    given_dose = {"product": "hepatitis_b", "given_on": day(0), **BY}
    audit = at_the_desk.vaccinated(house.db, one.appointment.id, **given_dose)
    book_second_doses(house.db, load_regimens(), now=NOW, limit=10)
    second = house.db.exec(select(Appointment).where(col(Appointment.source) == "second_dose")).one()
    house.attempt(one.phone, house.reminder(second, ReminderStatus.SENT))

    take_back(house, audit)

    assert second.status is AppointmentStatus.CANCELLED
    assert later.taken == 0
    assert [row.status for row in reminders(house, second)] == [ReminderStatus.SUPPRESSED]


def test_a_task_about_a_dose_taken_back_does_not_speak_for_the_next_dose_of_that_number(house):
    one = case(house, ahead=0, vaccine="hepatitis_b")
    audit = at_the_desk.vaccinated(house.db, one.appointment.id, product="hepatitis_b", given_on=day(0), **BY)
    book_second_doses(house.db, load_regimens(), now=NOW, limit=10)
    task = house.db.exec(select(Task).where(col(Task.kind) == TaskKind.NO_SEAT)).one()
    take_back(house, audit)
    assert task.status is TaskStatus.DONE
    assert task.subject == f"undone:{audit.id}"


def test_what_was_on_its_way_when_it_was_stopped_goes_on_where_it_is_now(house):
    one = case(house)
    gone = house.reminder(one.appointment, ReminderStatus.CLAIMED, step="gone")
    never = house.reminder(one.appointment, ReminderStatus.CLAIMED, step="never")
    unsure = house.reminder(one.appointment, ReminderStatus.CLAIMED, step="unsure")
    late = house.reminder(one.appointment, step="late")
    late.expires_at = NOW
    house.attempt(one.phone, gone, status=AttemptStatus.SUBMITTED, submitted_at=NOW)
    house.attempt(one.phone, unsure, status=AttemptStatus.QUEUED)
    audit = at_the_desk.confirmed(house.db, one.appointment.id, **BY)

    take_back(house, audit)

    assert [row.status.value for row in (gone, never, unsure, late)] == ["sent", "planned", "suppressed", "suppressed"]


def test_a_visit_called_off_is_on_the_volunteer_s_list_again(house):
    one = case(house)
    on_foot = house.reminder(one.appointment, ReminderStatus.SENT, channel=Channel.VISIT, step="visit")
    visit = house.add(Visit(reminder=on_foot.id, created_at=NOW))
    audit = at_the_desk.confirmed(house.db, one.appointment.id, **BY)
    assert visit.status is VisitStatus.CANCELLED
    take_back(house, audit)
    assert visit.status is VisitStatus.OPEN


def test_a_death_recorded_by_mistake_is_taken_back_whole(house):
    one = case(house)
    wish = open_task(house.db, TaskKind.RIDE, one.appointment.id, person=one.person.id, now=NOW)
    audit = desk_people.died(house.db, one.person.id, day=day(0), **BY)
    take_back(house, audit)
    assert one.person.died_on is None
    assert one.appointment.status is AppointmentStatus.BOOKED
    assert one.reminder.status is ReminderStatus.PLANNED
    assert wish.status is TaskStatus.OPEN
    assert one.session.taken == 1
    assert house.seats_counted_right()


def test_nothing_is_begun_again_for_somebody_who_died_meanwhile(house):
    one = case(house)
    audit = desk_people.stopped(house.db, one.person.id, **BY)
    desk_people.died(house.db, one.person.id, day=day(0), staff=NIDA, now=NOW)
    with expect_refusal("person_dead"):
        take_back(house, audit)


def test_nothing_is_taken_back_for_somebody_merged_away_meanwhile(house):
    one = case(house)
    audit = desk_people.noted(house.db, one.person.id, "x", **BY)
    one.person.merged_into = house.person().id
    with expect_refusal("person_merged"):
        take_back(house, audit)


def test_a_number_corrected_by_mistake_comes_back_and_the_wrong_one_leaves(house):
    one = case(house)
    audit = desk_phones.phone_corrected(house.db, one.person.id, one.phone.id, "0899990001", **BY)
    take_back(house, audit)
    (link,) = house.db.exec(select(PersonPhone).where(PersonPhone.person == one.person.id)).all()
    assert link.phone == one.phone.id
    assert not house.db.exec(select(Phone).where(Phone.e164 == "+66899990001")).all()


def test_a_note_taken_back_is_withdrawn_not_wiped(house):
    one = case(house)
    take_back(house, desk_people.noted(house.db, one.person.id, "x", **BY))
    assert [note.withdrawn_at for note in house.db.exec(select(Note))] == [NOW]


def test_a_task_closed_by_mistake_is_open_again(house):
    one = case(house)
    task = open_task(house.db, TaskKind.CALLBACK, one.appointment.id, person=one.person.id, now=NOW)
    audit = finish(house.db, task, Result.COMING, **BY)
    take_back(house, audit)
    assert task.status is TaskStatus.OPEN
    assert audit.undone_by == SOMEL


def test_every_deed_that_can_be_undone_is_in_the_law():
    assert {name.split()[0] for name in DEEDS} == VERBS


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(sorted(DEEDS)), min_size=1, max_size=6), ahead=st.sampled_from([0, 2]))
def test_whatever_is_done_and_taken_back_leaves_everything_as_it_was(house, names, ahead):
    mark = house.db.begin_nested()
    try:
        _expect_all_taken_back(house, names, ahead)
    finally:
        mark.rollback()
        house.db.expire_all()


def _expect_all_taken_back(house, names: list[str], ahead: int) -> None:
    one = case(house, ahead=ahead)
    one.appointment.starts_at = one.reminder.expires_at = one.session.starts_at + timedelta(hours=2)
    one.session.starts_at = NOW + timedelta(days=ahead, minutes=5)
    for kind, detail in ((TaskKind.UNREACHED, ""), (TaskKind.CALLBACK, WANTS_ANOTHER_DAY), (TaskKind.RIDE, "")):
        open_task(house.db, kind, one.appointment.id, person=one.person.id, detail=detail, now=NOW)
    house.reminder(one.appointment, ReminderStatus.SENT, step="notice")
    states, done = [], []
    for name in names:
        before = everything(house)
        try:
            done.append(DEEDS[name](house, one))
        except NotPossible:
            assert everything(house) == before, f"{name} was refused and changed something"
        else:
            states.append((name, before))
    for audit, (name, before) in zip(reversed(done), reversed(states), strict=True):
        take_back(house, audit)
        after = everything(house)
        assert {table: rows for table, rows in after.items() if rows != before[table]} == {}, f"undoing {name}"
        assert house.seats_counted_right()
