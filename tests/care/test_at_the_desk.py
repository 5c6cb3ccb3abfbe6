"""What staff do about an appointment, and what they may not do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta

import pytest
from sqlmodel import col, select

from gateway.care import at_the_desk as desk
from gateway.care.at_the_desk import CancelReason, NotPossible
from gateway.care.booking import seat_of
from gateway.care.regimens import load_regimens
from gateway.care.second_doses import book_second_doses
from gateway.care.tasks import WANTS_ANOTHER_DAY, open_task
from gateway.plan.ladder import load_ladder
from gateway.plan.planner import plan
from gateway.records.agreements import Appointment, Dose
from gateway.records.contacts import Reminder
from gateway.records.places import Closure
from gateway.records.status import AppointmentStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from tests.care.conftest import NOW
from tests.care.deeds import take_back
from tests.care.desk import NIDA, SOMEL, case, day

BY = {"staff": SOMEL, "now": NOW}


def expect_refusal(key: str):
    return pytest.raises(NotPossible, match=f"^{key}$")


def test_confirmed_in_person_stops_the_ladder_and_is_written_down(house):
    one = case(house)
    wish = open_task(house.db, TaskKind.CALLBACK, one.appointment.id, detail="wants another day", now=NOW)

    audit = desk.confirmed(house.db, one.appointment.id, version=1, **BY)

    assert (one.appointment.status, one.appointment.confirmed_by_staff) == (AppointmentStatus.CONFIRMED, SOMEL)
    assert (one.reminder.status, one.reminder.reason) == (ReminderStatus.SUPPRESSED, "staff: confirmed")
    assert wish.status is TaskStatus.OPEN, "who wished for another day still waits for a call"
    assert (audit.verb, audit.staff, audit.person, audit.kind, audit.subject) == (
        "confirmed", SOMEL, one.person.id, "appointment", one.appointment.id,
    )  # fmt: skip
    assert audit.before["appointment"] == {one.appointment.id: {"status": "booked", "confirmed_by_staff": None}}
    assert audit.after["reminder"][one.reminder.id]["status"] == "suppressed"
    assert audit.at == NOW
    assert audit.undo_until is not None


def test_what_is_confirmed_is_not_confirmed_again(house):
    one = case(house)
    desk.confirmed(house.db, one.appointment.id, **BY)
    with expect_refusal("already_confirmed"):
        desk.confirmed(house.db, one.appointment.id, **BY)


def test_a_day_that_is_over_cannot_be_confirmed(house):
    one = case(house)
    with expect_refusal("over"):
        desk.confirmed(house.db, one.appointment.id, staff=SOMEL, now=NOW + timedelta(days=3))


def test_a_stale_page_is_refused_and_says_whose_hand_was_there_first(house):
    one = case(house)
    desk.confirmed(house.db, one.appointment.id, version=1, staff=NIDA, now=NOW)

    with expect_refusal("changed_by") as caught:
        desk.cancelled(house.db, one.appointment.id, reason=CancelReason.ILL, version=1, **BY)

    assert caught.value.values == {"who": "Nida"}
    assert one.appointment.status is AppointmentStatus.CONFIRMED


def test_a_page_made_stale_by_the_person_says_so_without_a_name(house):
    one = case(house)
    one.appointment.version = 2
    with expect_refusal("changed"):
        desk.came(house.db, one.appointment.id, version=1, **BY)


@pytest.mark.parametrize("status", ["moved", "cancelled", "kept", "missed"])
def test_what_is_no_longer_live_is_left_alone(house, status):
    one = case(house)
    one.appointment.status = AppointmentStatus(status)
    before = one.appointment.version
    deeds = (
        lambda: desk.confirmed(house.db, one.appointment.id, **BY),
        lambda: desk.moved(house.db, one.appointment.id, one.other.id, chosen=True, **BY),
        lambda: desk.cancelled(house.db, one.appointment.id, reason=CancelReason.ILL, **BY),
        lambda: desk.came(house.db, one.appointment.id, **BY),
        lambda: desk.missed(house.db, one.appointment.id, **BY),
    )
    for deed in deeds:
        with expect_refusal("not_live"):
            deed()
    assert one.appointment.version == before
    assert one.reminder.status is ReminderStatus.PLANNED


def test_nothing_is_done_for_somebody_merged_away_or_dead(house):
    merged, dead = case(house), case(house, vaccine="hpv")
    merged.person.merged_into = dead.person.id
    dead.person.died_on = day(-1)
    with expect_refusal("person_merged"):
        desk.confirmed(house.db, merged.appointment.id, **BY)
    with expect_refusal("person_dead"):
        desk.confirmed(house.db, dead.appointment.id, **BY)
    with expect_refusal("no_appointment"):
        desk.confirmed(house.db, "0" * 32, **BY)


def moved_to(house, one, **more):
    values = {"chosen": False, **BY, **more}
    desk.moved(house.db, one.appointment.id, one.other.id, **values)
    return house.db.exec(select(Appointment).where(col(Appointment.moved_from) == one.appointment.id)).one()


def test_a_move_takes_the_new_seat_frees_the_old_and_tells_the_person_after_the_minute(house):
    one = case(house)

    fresh = moved_to(house, one)

    assert (fresh.session, fresh.status, fresh.confirmed_by_staff) == (one.other.id, AppointmentStatus.BOOKED, None)
    assert seat_of(house.db, one.appointment.id) is None
    assert seat_of(house.db, fresh.id).session == one.other.id
    notice = house.db.exec(select(Reminder).where(col(Reminder.appointment) == fresh.id)).one()
    assert (notice.purpose, notice.channel, notice.due_at) == ("moved", Channel.SMS, NOW + timedelta(minutes=1))
    assert notice.next_try_at == notice.due_at
    assert house.seats_counted_right()


def test_a_day_the_person_chose_is_confirmed_by_staff(house):
    fresh = moved_to(house, case(house), chosen=True)
    assert (fresh.status, fresh.confirmed_by_staff) == (AppointmentStatus.CONFIRMED, SOMEL)


def test_a_move_nobody_asked_the_person_about_gets_its_ladder_from_the_planner(house):
    fresh = moved_to(house, case(house))
    ladder = load_ladder()
    plan(house.db, ladder, ladder.window(time(9), time(19, 30)), now=NOW, speakable=frozenset({"th"}),
         textable=frozenset({"th"}))  # fmt: skip

    found = house.db.exec(select(Reminder).where(col(Reminder.appointment) == fresh.id)).all()
    assert {one.purpose for one in found} == {"moved", "reminder", "morning"}


def test_a_wish_for_another_day_is_fulfilled_by_the_day_the_person_chose(house):
    one, two = case(house), case(house, vaccine="td")
    wishes = [
        open_task(house.db, TaskKind.CALLBACK, each.appointment.id, detail=WANTS_ANOTHER_DAY, now=NOW)
        for each in (one, two)
    ]
    moved_to(house, one, chosen=True)
    moved_to(house, two, chosen=False)
    assert [(wish.status.value, wish.result, wish.done_by) for wish in wishes] == [
        ("done", "another_day", SOMEL),
        ("open", "", None),
    ]


def test_another_reason_to_call_back_stays_on_the_list(house):
    one = case(house)
    call = open_task(house.db, TaskKind.CALLBACK, one.appointment.id, detail="asks to be called back", now=NOW)
    moved_to(house, one, chosen=True)
    assert call.status is TaskStatus.OPEN


def test_nobody_is_fetched_for_an_appointment_that_is_off(house):
    one = case(house)
    ride = open_task(house.db, TaskKind.RIDE, one.appointment.id, detail="needs to be fetched", now=NOW)
    desk.cancelled(house.db, one.appointment.id, reason=CancelReason.ILL, **BY)
    assert (ride.status, ride.result, ride.done_by) == (TaskStatus.DONE, "no_ride_needed", SOMEL)


def test_by_a_clock_that_runs_faster_the_text_waits_as_much_longer(house):
    fresh = moved_to(house, case(house), told_after=timedelta(minutes=30))
    notice = house.db.exec(select(Reminder).where(col(Reminder.appointment) == fresh.id)).one()
    assert notice.next_try_at == NOW + timedelta(minutes=30)


def test_a_move_may_be_kept_quiet(house):
    fresh = moved_to(house, case(house), text=False)
    assert not house.db.exec(select(Reminder).where(col(Reminder.appointment) == fresh.id)).all()


def expect_no_move(house, one, key, **more):
    with expect_refusal(key):
        moved_to(house, one, **more)
    assert one.appointment.status is AppointmentStatus.BOOKED
    assert seat_of(house.db, one.appointment.id) is not None
    assert house.seats_counted_right()


def test_no_seat_no_move(house):
    one = case(house)
    one.other.capacity = 0
    expect_no_move(house, one, "full")


def test_a_closed_session_is_not_moved_to(house):
    one = case(house)
    one.other.closed_at = NOW
    expect_no_move(house, one, "closed")


def test_a_half_day_on_which_the_site_is_closed_is_not_moved_to(house):
    one = case(house)
    house.add(Closure(site="10714", day=one.other.day, part="morning"))
    expect_no_move(house, one, "closed")


def test_what_has_begun_is_not_moved_to(house):
    one = case(house, ahead=-3)
    expect_no_move(house, one, "begun")


def test_a_session_of_another_vaccine_or_another_district_is_not_moved_to(house):
    one = case(house)
    one.other = house.session(day(4), vaccine="rabies")
    expect_no_move(house, one, "other_vaccine")
    house.site("99999", district="ไกล")
    one.other = house.session(day(4), vaccine="influenza", site="99999")
    expect_no_move(house, one, "other_district")


def test_a_session_that_is_not_there_and_the_present_one_are_not_moved_to(house):
    one = case(house)
    with expect_refusal("no_session"):
        desk.moved(house.db, one.appointment.id, "nowhere", chosen=True, **BY)
    with expect_refusal("present"):
        desk.moved(house.db, one.appointment.id, one.session.id, chosen=True, **BY)


def test_never_before_the_minimum_interval(house):
    one = case(house, ahead=10, vaccine="hepatitis_b", dose=2)
    house.dose(one.person, day(-10), regimen="hepatitis_b")
    expect_no_move(house, one, "too_early")


def test_later_than_recommended_must_be_ticked(house):
    one = case(house, ahead=10, vaccine="hepatitis_b", dose=2)
    house.dose(one.person, day(-300), regimen="hepatitis_b")
    expect_no_move(house, one, "not_ticked_late")
    assert moved_to(house, one, agreed=["late"]).session == one.other.id


def test_a_rabies_course_is_moved_by_staff_with_a_warning_that_is_ticked(house):
    one = case(house, vaccine="rabies")
    expect_no_move(house, one, "not_ticked_urgent")
    assert moved_to(house, one, agreed=["urgent"]).session == one.other.id


def test_cancelled_gives_the_seat_back_and_keeps_why(house):
    one = case(house)

    audit = desk.cancelled(house.db, one.appointment.id, reason=CancelReason.MOVED_AWAY, **BY)

    assert one.appointment.status is AppointmentStatus.CANCELLED
    assert seat_of(house.db, one.appointment.id) is None
    assert one.reminder.status is ReminderStatus.SUPPRESSED
    assert audit.after["said"] == {"reason": "moved_away"}
    assert house.seats_counted_right()
    assert one.session.taken == 0


def test_who_is_cancelled_is_told_once_the_minute_is_over(house):
    one = case(house)
    desk.cancelled(house.db, one.appointment.id, reason=CancelReason.OTHER, text=True, **BY)
    told = house.db.exec(select(Reminder).where(col(Reminder.purpose) == "cancelled")).one()
    assert (told.status, told.due_at) == (ReminderStatus.PLANNED, NOW + timedelta(minutes=1))
    promise = house.db.exec(select(Task).where(col(Task.subject) == one.appointment.id)).one()
    assert (promise.kind, promise.status, promise.person) == (TaskKind.CALLBACK, TaskStatus.OPEN, one.person.id)


def test_came_is_for_the_day_itself_missed_for_after_the_hour(house):
    one, two = case(house, ahead=0), case(house, ahead=2, vaccine="hpv")
    one.appointment.starts_at = NOW + timedelta(hours=1)

    with expect_refusal("not_begun"):
        desk.missed(house.db, one.appointment.id, **BY)
    with expect_refusal("not_yet"):
        desk.came(house.db, two.appointment.id, **BY)
    desk.came(house.db, one.appointment.id, **BY)
    desk.missed(house.db, two.appointment.id, staff=SOMEL, now=two.appointment.starts_at)

    assert (one.appointment.status, two.appointment.status) == (AppointmentStatus.KEPT, AppointmentStatus.MISSED)
    assert one.reminder.status is two.reminder.status is ReminderStatus.SUPPRESSED


def test_a_dose_given_is_recorded_and_calls_for_the_next_one(house):
    one = case(house, ahead=0, vaccine="hepatitis_b")
    later = house.session(day(30), vaccine="hepatitis_b")

    desk.vaccinated(house.db, one.appointment.id, product="hepatitis_b", given_on=day(0), **BY)
    book_second_doses(house.db, load_regimens(), now=NOW, limit=10)

    dose = house.db.exec(select(Dose).where(col(Dose.person) == one.person.id)).one()
    assert (dose.number, dose.course, dose.product, dose.given_on) == (1, 1, "hepatitis_b", day(0))
    assert one.appointment.status is AppointmentStatus.KEPT
    second = house.db.exec(select(Appointment).where(col(Appointment.source) == "second_dose")).one()
    assert (second.session, second.dose_no) == (later.id, 2)


def test_who_came_may_be_vaccinated_afterwards(house):
    one = case(house, ahead=0)
    desk.came(house.db, one.appointment.id, **BY)
    desk.vaccinated(house.db, one.appointment.id, product="influenza", given_on=day(0), **BY)
    assert len(house.db.exec(select(Dose).where(col(Dose.person) == one.person.id)).all()) == 1


def test_a_dose_given_before_the_day_frees_the_seat(house):
    one = case(house, ahead=5)
    desk.vaccinated(house.db, one.appointment.id, product="influenza", given_on=day(-1), **BY)
    assert seat_of(house.db, one.appointment.id) is None
    assert house.seats_counted_right()


@pytest.mark.parametrize(
    ("product", "given_on", "key"),
    [
        ("influenza", day(1), "day_ahead"),
        ("influenza", date(1959, 12, 31), "day_before_birth"),
        ("influenza", date(1, 1, 1), "day_before_birth"),
        ("rabies", day(0), "product"),
        ("", day(0), "product"),
    ],
)
def test_a_dose_that_cannot_be_is_refused(house, product, given_on, key):
    one = case(house, ahead=0, birth_date=date(1960, 1, 1))
    with expect_refusal(key):
        desk.vaccinated(house.db, one.appointment.id, product=product, given_on=given_on, **BY)
    assert one.appointment.status is AppointmentStatus.BOOKED


@pytest.mark.parametrize("given_on", [date(1, 1, 1), date(26, 8, 3), date(1899, 12, 31)])
def test_a_dose_of_a_mistyped_year_is_refused_where_no_birth_is_known(house, given_on):
    one = case(house, ahead=0)
    with expect_refusal("day_too_early"):
        desk.vaccinated(house.db, one.appointment.id, product="influenza", given_on=given_on, **BY)
    assert one.appointment.status is AppointmentStatus.BOOKED


def test_a_dose_is_recorded_once_and_in_order(house):
    one = case(house, ahead=0, vaccine="hepatitis_b", dose=2)
    house.dose(one.person, day(-30), regimen="hepatitis_b")
    with expect_refusal("day_out_of_order"):
        desk.vaccinated(house.db, one.appointment.id, product="hepatitis_b", given_on=day(-31), **BY)
    house.dose(one.person, day(-1), regimen="hepatitis_b", number=2)
    with expect_refusal("dose_recorded"):
        desk.vaccinated(house.db, one.appointment.id, product="hepatitis_b", given_on=day(0), **BY)


def test_a_dose_known_by_another_name_of_its_series_is_not_recorded_twice(house):
    one = case(house, ahead=0, vaccine="covid19")
    house.dose(one.person, day(-30), regimen="covid19_az")
    with expect_refusal("dose_recorded"):
        desk.vaccinated(house.db, one.appointment.id, product="covid19_az", given_on=day(0), **BY)


def test_a_mixed_course_offers_the_vaccine_of_the_dose_first():
    regimens = load_regimens()
    assert desk.products_for(regimens, "covid19_sv_az", 2)[0] == "covid19_az"
    assert desk.products_for(regimens, "covid19_sv_az", 1)[0] == "covid19_sv"
    assert "covid19_sv_az" not in desk.products_for(regimens, "covid19_sv_az", 2)
    assert desk.products_for(regimens, "unheard_of", 1) == ("unheard_of",)


def test_staff_never_oversell_a_session(house):
    first = case(house)
    target = house.session(day(9), vaccine="influenza", capacity=2)
    others = [house.appointment(house.person(), first.session) for _ in range(4)]
    outcomes = [_try_to_move(house, one, target) for one in (first.appointment, *others)]
    assert outcomes == ["moved", "moved", "full", "full", "full"]
    assert target.taken == 2
    assert house.seats_counted_right()


def test_twelve_nurses_at_once_sell_three_seats_three_times(database, house_in):
    with database.unit_of_work() as db:
        house = house_in(db)
        first = case(house)
        target = house.session(day(9), vaccine="influenza", capacity=3).id
        ids = [first.appointment.id, *(house.appointment(house.person(), first.session).id for _ in range(11))]

    def move(appointment: str) -> str:
        try:
            return database.run(lambda db: desk.moved(db, appointment, target, chosen=True, **BY).verb)
        except NotPossible as error:
            return error.key

    with ThreadPoolExecutor(12) as pool:
        outcomes = sorted(pool.map(move, ids))

    assert outcomes == ["full"] * 9 + ["moved"] * 3
    with database.reading() as db:
        assert house_in(db).seats_counted_right()


def _try_to_move(house, appointment, target) -> str:
    try:
        return desk.moved(house.db, appointment.id, target.id, chosen=True, **BY).verb
    except NotPossible as error:
        return error.key


def recalls(house):
    wanted = select(Reminder).where(col(Reminder.purpose) == "missed")
    return [(one.channel, one.step, one.status) for one in house.db.exec(wanted)]


def test_who_did_not_come_is_to_be_told_how_to_get_another_day_once(house):
    one = case(house)
    after = one.appointment.starts_at + timedelta(hours=1)
    desk.missed(house.db, one.appointment.id, staff=SOMEL, now=after)
    assert recalls(house) == [(Channel.SMS, "answer", ReminderStatus.PLANNED)]
    assert one.reminder.status is ReminderStatus.SUPPRESSED, "its own ladder stays stopped"


def test_missed_taken_back_takes_the_text_back_too(house):
    one = case(house)
    after = one.appointment.starts_at + timedelta(hours=1)
    audit = desk.missed(house.db, one.appointment.id, staff=SOMEL, now=after)
    take_back(house, audit)
    assert recalls(house) == []
    assert one.appointment.status is AppointmentStatus.BOOKED
    desk.missed(house.db, one.appointment.id, staff=SOMEL, now=after)
    assert len(recalls(house)) == 1
