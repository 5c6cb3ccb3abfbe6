"""Loading, loading again, and what happened to people in between. Everybody here is invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.booking import move
from gateway.care.regimens import load_regimens
from gateway.kit.clock import at_bangkok
from gateway.records.agreements import Appointment, Dose
from gateway.records.contacts import Reminder
from gateway.records.database import Database
from gateway.records.people import Consent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Part, Seat, Session, Site
from gateway.records.rosters import RosterRow
from gateway.records.status import AppointmentStatus, Channel, ReminderStatus, TaskKind
from gateway.records.work import Task
from gateway.roster.load import CancelRefused, LoadReport, load_roster
from gateway.roster.prepare import LoadRequest
from gateway.roster.rows import CheckResult
from tests.support.engines import opened

NOW = datetime(2026, 7, 20, 2, 0, tzinfo=UTC)
MONDAY = date(2026, 7, 27)
OTHER_ID = "3100600445643"
Check = Callable[..., CheckResult]
Load = Callable[..., LoadReport]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = opened(tmp_path / "roster.db")
    with database.unit_of_work() as db:
        db.add_all([Site(code="11111", name="ก"), Site(code="00123", name="ข")])
    for day in range(3):
        for part in Part:
            add_session(database, MONDAY + timedelta(days=day), part, 50)
    yield database
    database.close()


def add_session(database: Database, day: date, part: Part, capacity: int, vaccine: str = "influenza") -> None:
    hours = (time(8, 30), time(12)) if part is Part.MORNING else (time(13), time(16))
    with database.unit_of_work() as db:
        db.add(
            Session(
                id=f"11111-{vaccine}-{day}-{part.value}",
                site="11111",
                vaccine=vaccine,
                day=day,
                part=part,
                starts_at=at_bangkok(day, hours[0]),
                ends_at=at_bangkok(day, hours[1]),
                capacity=capacity,
            )
        )


@pytest.fixture
def load(database: Database, check: Check) -> Load:
    """Check and load rows that are GOOD but for what is said; keyword arguments belong to the request."""

    def run(*changes: dict[str, str], agreed_missing: int | None = None, **about: Any) -> LoadReport:
        request = replace(LoadRequest(now=NOW, regimens=load_regimens()), **about)
        return load_roster(database, check(*changes), request, agreed_missing=agreed_missing)

    return run


def everyone(count: int) -> list[dict[str, str]]:
    return [{"id_number": "", "hospital_number": f"HN{number:05d}", "phone": ""} for number in range(1, count + 1)]


def only(database: Database, table: Any) -> Any:
    with database.reading() as db:
        return db.exec(select(table)).one()


def all_of(database: Database, table: Any) -> list[Any]:
    with database.reading() as db:
        return list(db.exec(select(table)))


def live(db: Db) -> Appointment:
    return db.exec(
        select(Appointment).where(col(Appointment.status).in_([AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED]))
    ).one()


def seats_are_counted(database: Database) -> bool:
    with database.reading() as db:
        sessions = db.exec(select(Session)).all()
        return all(
            one.taken == len(db.exec(select(Seat).where(col(Seat.session) == one.id)).all()) <= one.capacity
            for one in sessions
        )


def test_a_row_becomes_a_person_a_phone_an_appointment_and_a_seat(database: Database, load: Load) -> None:
    report = load({"birth_date": "1 ม.ค. 2490", "channel": "โทร"})
    person, appointment, phone = only(database, Person), only(database, Appointment), only(database, Phone)
    assert (report.created, report.people_created) == (1, 1)
    assert (person.name, person.birth_date, person.preferred_channel) == ("สมชาย", date(1947, 1, 1), Channel.VOICE)
    assert phone.e164 == "+66812345678"
    assert (appointment.regimen, appointment.dose_no, appointment.source) == ("influenza", 1, "roster")
    assert only(database, Seat).session == "11111-influenza-2026-07-27-morning" == appointment.session


def test_the_same_file_twice_changes_nothing(database: Database, load: Load) -> None:
    rows = [{}, {"id_number": OTHER_ID, "phone": "", "name": "ทองคำ"}, *everyone(3)]
    load(*rows)
    before = [all_of(database, table) for table in (Person, Phone, PersonPhone, Appointment, Seat, Dose, Task)]
    report = load(*rows)
    after = [all_of(database, table) for table in (Person, Phone, PersonPhone, Appointment, Seat, Dose, Task)]
    assert (report.unchanged, report.created, report.changed) == (5, 0, 0)
    assert before == after


def test_a_person_known_by_name_alone_is_not_made_twice(database: Database, load: Load) -> None:
    row = {"id_number": "", "phone": "", "village": "บ้านโป่ง"}
    load(row)
    assert load(row).unchanged == 1
    assert only(database, Person).name == "สมชาย"


def test_a_reload_keeps_a_persons_own_move(database: Database, load: Load) -> None:
    load({})
    with database.unit_of_work() as db:
        move(db, live(db).id, "11111-influenza-2026-07-29-afternoon", now=NOW, confirmed_by_reply="r1")
    assert load({}).unchanged == 1
    with database.reading() as db:
        assert live(db).session == "11111-influenza-2026-07-29-afternoon"
    assert seats_are_counted(database)


def test_a_reload_keeps_a_confirmation_and_a_cancellation(database: Database, load: Load) -> None:
    load({}, {"dose": "2"})
    with database.unit_of_work() as db:
        first, second = db.exec(select(Appointment).order_by(col(Appointment.dose_no))).all()
        first.status, second.status = AppointmentStatus.CONFIRMED, AppointmentStatus.CANCELLED
    assert load({}, {"dose": "2"}).unchanged == 2
    by_dose = {one.dose_no: one.status.value for one in all_of(database, Appointment)}
    assert by_dose == {1: "confirmed", 2: "cancelled"}


def test_a_reload_keeps_a_stop_and_a_new_number_does_not_get_around_it(database: Database, load: Load) -> None:
    load({})
    with database.unit_of_work() as db:
        db.exec(select(PersonPhone)).one().voice = Consent.STOP
    load({})
    load({"phone": "089-876-5432"})
    assert [(link.voice, link.sms) for link in all_of(database, PersonPhone)] == [
        (Consent.STOP, Consent.ALLOW),
        (Consent.STOP, Consent.ALLOW),
    ]


def test_a_date_changed_in_the_file_moves_the_appointment_and_stops_its_ladder(database: Database, load: Load) -> None:
    load({})
    with database.unit_of_work() as db:
        old = live(db)
        db.add(
            Reminder(
                appointment=old.id,
                person=old.person,
                purpose="reminder",
                step="two_days",
                channel=Channel.VOICE,
                due_at=NOW,
                next_try_at=NOW,
                expires_at=NOW,
            )
        )
    report = load({"appointment_date": "28/07/2569"})
    with database.reading() as db:
        assert live(db).moved_from == old.id
        assert live(db).session == "11111-influenza-2026-07-28-morning"
        assert db.get_one(Appointment, old.id).status is AppointmentStatus.MOVED
        rows = db.exec(select(Reminder).order_by(col(Reminder.purpose))).all()
        told = [(row.purpose, row.step, row.status) for row in rows]
    assert report.changed == 1
    # The old ladder is over; and who keeps the old day in mind is told of the new one.
    assert told == [
        ("moved", "answer", ReminderStatus.PLANNED),
        ("reminder", "two_days", ReminderStatus.SUPPRESSED),
    ]
    assert only(database, Seat).session == "11111-influenza-2026-07-28-morning"
    assert seats_are_counted(database)


def test_an_hour_changed_within_a_full_session_keeps_the_seat(database: Database, load: Load) -> None:
    add_session(database, date(2026, 8, 3), Part.MORNING, 1)
    load({"appointment_date": "03/08/2569"})
    report = load({"appointment_date": "03/08/2569", "appointment_time": "10:00"})
    assert (report.changed, report.result.rejected) == (1, 0)
    assert seats_are_counted(database)


def test_when_both_changed_the_persons_choice_is_kept_and_said_so(database: Database, load: Load) -> None:
    load({})
    with database.unit_of_work() as db:
        move(db, live(db).id, "11111-influenza-2026-07-29-afternoon", now=NOW, confirmed_by_reply="r1")
    report = load({"appointment_date": "28/07/2569"})
    assert report.conflicts == 1
    assert [(one.column, one.code) for one in report.result.issues] == [("appointment_date", "changed_both")]
    again = load({"appointment_date": "28/07/2569"}, {"appointment_date": "28/07/2569", "id_number": OTHER_ID})
    assert again.unchanged == 1
    with database.reading() as db:
        assert db.exec(select(Appointment.status)).all().count(AppointmentStatus.CONFIRMED) == 1


def test_a_language_the_person_chose_is_kept_and_an_empty_cell_erases_nothing(database: Database, load: Load) -> None:
    load({"language": "nod", "village": "บ้านโป่ง"})
    with database.unit_of_work() as db:
        db.exec(select(Person)).one().language = "my"
    report = load({"language": "lo", "village": ""})
    person = only(database, Person)
    assert (person.language, person.village) == ("my", "บ้านโป่ง")
    assert [(one.column, one.code) for one in report.result.issues] == [("language", "changed_both")]


def test_a_name_corrected_in_the_file_is_corrected(database: Database, load: Load) -> None:
    load({})
    assert load({"name": "สมหมาย"}).changed == 1
    assert only(database, Person).name == "สมหมาย"


def test_a_number_the_file_replaced_is_no_longer_called(database: Database, load: Load) -> None:
    load({})
    load({"phone": "089-876-5432"})
    with database.reading() as db:
        assert db.exec(select(Phone.e164).join(PersonPhone)).all() == ["+66898765432"]


def test_a_family_shares_a_phone_and_stays_two_people(database: Database, load: Load) -> None:
    load(
        {"household_phone": "034-171200", "phone": "034-171200"},
        {"id_number": OTHER_ID, "name": "ทองคำ", "phone": "", "household_phone": "034-171200"},
    )
    assert len(all_of(database, Person)) == 2
    assert len(all_of(database, Phone)) == 1
    assert sorted((link.role.value, link.rank) for link in all_of(database, PersonPhone)) == [
        (PhoneRole.HOUSEHOLD.value, 1),
        (PhoneRole.OWN.value, 0),
    ]


def test_a_closed_session_takes_nobody_from_a_file(database: Database, load: Load) -> None:
    add_session(database, date(2026, 8, 3), Part.MORNING, 9)
    with database.unit_of_work() as db:
        db.exec(select(Session).where(col(Session.day) == date(2026, 8, 3))).one().closed_at = NOW
    report = load(*[{**row, "appointment_date": "03/08/2569"} for row in everyone(2)])
    assert [one.code for one in report.result.issues if one.is_error] == ["session_closed", "session_closed"]
    assert all_of(database, Appointment) == []


def test_a_full_session_rejects_the_row_and_nothing_of_it_is_stored(database: Database, load: Load) -> None:
    add_session(database, date(2026, 8, 3), Part.MORNING, 2)
    report = load(*[{**row, "appointment_date": "03/08/2569"} for row in everyone(3)])
    assert (report.created, report.result.accepted, report.result.rejected) == (2, 2, 1)
    assert [(one.row, one.code) for one in report.result.issues if one.is_error] == [(4, "session_full")]
    assert [row.line for row in report.result.rejected_rows] == [4]
    assert len(all_of(database, Person)) == 2
    assert seats_are_counted(database)


def test_without_a_session_the_appointment_has_no_seat_until_one_is_stored(database: Database, load: Load) -> None:
    row = {"appointment_date": "03/08/2569"}
    report = load(row)
    assert [one.code for one in report.result.issues] == ["no_session"]
    assert only(database, Appointment).session is None
    add_session(database, date(2026, 8, 3), Part.MORNING, 2)
    assert load(row).changed == 1
    assert only(database, Appointment).session == "11111-influenza-2026-08-03-morning"
    assert seats_are_counted(database)


def test_a_given_dose_is_recorded_once(database: Database, load: Load) -> None:
    row = {"vaccine": "hepatitis_b", "dose": "2", "last_dose": "1", "last_dose_date": "20/06/2569"}
    load(row)
    load(row)
    dose, appointment = only(database, Dose), only(database, Appointment)
    assert (dose.regimen, dose.course, dose.number, dose.given_on) == ("hepatitis_b", 1, 1, date(2026, 6, 20))
    assert (appointment.course, appointment.dose_no) == (1, 2)


def test_a_recorded_dose_ends_its_appointment(database: Database, load: Load) -> None:
    load({})
    load({"appointment_date": "", "dose": "", "last_dose": "1", "last_dose_date": "19/07/2569"})
    assert only(database, Appointment).status is AppointmentStatus.CANCELLED
    assert all_of(database, Seat) == []
    assert seats_are_counted(database)


def test_last_years_influenza_dose_and_this_years_are_two_courses(database: Database, load: Load) -> None:
    load({"dose": "1", "last_dose": "1", "last_dose_date": "20/06/2568"})
    assert (only(database, Dose).course, only(database, Appointment).course) == (1, 2)


def test_a_date_of_a_dose_corrected_in_the_file_is_corrected(database: Database, load: Load) -> None:
    row = {"vaccine": "hepatitis_b", "dose": "2", "last_dose": "1"}
    load({**row, "last_dose_date": "20/06/2569"})
    load({**row, "last_dose_date": "21/06/2569"})
    assert only(database, Dose).given_on == date(2026, 6, 21)


def test_an_identity_learned_later_belongs_to_the_person_known_by_hospital_number(
    database: Database, load: Load
) -> None:
    load({"id_number": "", "hospital_number": "67-00001"})
    assert load({"hospital_number": "67-00001"}).changed == 1
    assert only(database, Person).id_value == "1101700207030"


def test_a_row_that_fits_two_people_becomes_a_task(database: Database, load: Load) -> None:
    load({"hospital_number": ""}, {"id_number": "", "hospital_number": "67-00001", "phone": ""})
    report = load({"hospital_number": "67-00001", "dose": "2"})
    assert "person_match" in [one.code for one in report.result.issues]
    task = only(database, Task)
    assert task.kind is TaskKind.MATCH
    assert "สมชาย" not in task.detail


def test_one_person_twice_under_two_numbers_is_rejected_when_loading(database: Database, load: Load) -> None:
    load({"hospital_number": "67-00001"})
    report = load(
        {"hospital_number": "67-00001", "appointment_date": "28/07/2569"},
        {"id_number": "", "hospital_number": "67-00001"},
    )
    assert [(one.row, one.code) for one in report.result.issues] == [(3, "duplicate_row")]
    assert report.result.rows == report.result.accepted + report.result.rejected == 2


SCOPE = {"site": "11111", "scope_from": MONDAY, "scope_to": MONDAY + timedelta(days=2)}


def test_nothing_is_cancelled_without_a_whole_scope(database: Database, load: Load) -> None:
    load(*everyone(3))
    assert load(*everyone(2), site="11111").cancelled == 0
    assert len({one.status for one in all_of(database, Appointment)}) == 1


def test_what_the_file_leaves_out_is_cancelled_inside_the_scope_only(database: Database, load: Load) -> None:
    add_session(database, date(2026, 8, 10), Part.MORNING, 5)
    outside = {"id_number": OTHER_ID, "appointment_date": "10/08/2569"}
    load(*everyone(4), outside)
    report = load(*everyone(3), **SCOPE)
    assert report.cancelled == 1
    with database.reading() as db:
        cancelled = db.exec(select(Appointment).where(col(Appointment.status) == AppointmentStatus.CANCELLED)).one()
    assert cancelled.starts_at == at_bangkok(MONDAY, time(9))
    assert seats_are_counted(database)


def test_a_cancelled_row_that_comes_back_is_booked_anew(database: Database, load: Load) -> None:
    load(*everyone(2))
    load(*everyone(1), **SCOPE)
    assert load(*everyone(2)).created == 1
    assert sorted(one.status.value for one in all_of(database, Appointment)) == ["booked", "booked", "cancelled"]


def test_a_rejected_row_still_mentions_its_person(database: Database, load: Load) -> None:
    load(*everyone(2))
    first, second = everyone(2)
    assert load(first, {**second, "appointment_time": "25.99"}, **SCOPE).cancelled == 0


def test_a_rejected_row_of_nobody_known_stops_the_cancelling(database: Database, load: Load) -> None:
    load(*everyone(2))
    report = load(everyone(1)[0], {"id_number": "", "name": "", "surname": ""}, **SCOPE)
    assert report.cancelled == 0
    assert "cancel_needs_clean_rows" in [one.code for one in report.result.issues]


def test_a_persons_own_move_is_never_missing(database: Database, load: Load) -> None:
    load(*everyone(2))
    with database.unit_of_work() as db:
        second = db.exec(select(RosterRow).where(col(RosterRow.line) == 3)).one()
        move(db, second.appointment or "", "11111-influenza-2026-07-29-afternoon", now=NOW, confirmed_by_reply="r1")
    assert load(*everyone(1), **SCOPE).cancelled == 0


def test_many_missing_need_the_very_number_as_a_second_yes(database: Database, load: Load) -> None:
    load(*everyone(10))
    with pytest.raises(CancelRefused) as caught:
        load(*everyone(4), **SCOPE)
    assert (caught.value.count, caught.value.in_scope) == (6, 10)
    assert {one.status for one in all_of(database, Appointment)} == {AppointmentStatus.BOOKED}
    with pytest.raises(CancelRefused):
        load(*everyone(4), agreed_missing=5, **SCOPE)
    assert load(*everyone(4), agreed_missing=6, **SCOPE).cancelled == 6
    assert seats_are_counted(database)


def test_people_of_a_sample_are_marked(database: Database, load: Load) -> None:
    load({}, sample=True)
    assert only(database, Person).sample is True


def test_a_reload_asks_the_database_no_more_for_many_rows_than_for_few(database: Database, load: Load) -> None:
    rows = [{**row, "appointment_date": "03/08/2569"} for row in everyone(300)]
    load(*rows)
    asked = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    assert load(*rows).unchanged == 300
    assert len(asked) < 60


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=1, max_size=5), max_size=4))
def test_seats_are_never_oversold_and_always_counted_whatever_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, check: Check, files: list[list[tuple[int, int]]]
) -> None:
    database = opened(tmp_path_factory.mktemp("seats") / "x.db")
    with database.unit_of_work() as db:
        db.add(Site(code="11111", name="ก"))
    for day in range(3):
        add_session(database, MONDAY + timedelta(days=day), Part.MORNING, 2)
    people = everyone(5)
    for file in files:
        rows = [{**people[who], "appointment_date": f"{27 + day}/07/2569"} for who, day in dict(file).items()]
        load_roster(database, check(*rows), LoadRequest(now=NOW, regimens=load_regimens()))
        assert seats_are_counted(database)
    database.close()


SECOND_DOSE = {"dose": "2", "appointment_date": "28/07/2569"}
NEW_PHONE = "089-111-2222"


def links(database: Database) -> dict[str, tuple[int, Consent]]:
    with database.reading() as db:
        query = select(Phone.e164, PersonPhone.rank, PersonPhone.sms).join(
            PersonPhone, col(Phone.id) == col(PersonPhone.phone)
        )
        return {e164: (rank, sms) for e164, rank, sms in db.exec(query)}


def test_a_number_corrected_on_the_row_of_another_dose_replaces_the_old_one(database: Database, load: Load) -> None:
    load({})
    load({**SECOND_DOSE, "phone": NEW_PHONE})
    assert links(database) == {"+66891112222": (0, Consent.ALLOW)}
    load({})  # and back again, on a row that itself never changed
    assert links(database) == {"+66812345678": (0, Consent.ALLOW)}


def test_a_stopped_number_that_was_corrected_keeps_its_stop_and_goes_behind(database: Database, load: Load) -> None:
    load({})
    with database.unit_of_work() as db:
        db.exec(sa.update(PersonPhone).values(voice=Consent.STOP))
    load({**SECOND_DOSE, "phone": NEW_PHONE})
    assert {e164: rank for e164, (rank, _) in links(database).items()} == {"+66891112222": 0, "+66812345678": 1}


def test_a_number_corrected_after_a_file_without_numbers_is_corrected(database: Database, load: Load) -> None:
    load({})
    load({**SECOND_DOSE, "phone": ""})
    load({**SECOND_DOSE, "phone": NEW_PHONE})
    assert list(links(database)) == ["+66891112222"]


def test_a_village_and_language_corrected_on_another_row_are_corrected(database: Database, load: Load) -> None:
    load({"village": "บ้านเหนือ", "language": "th"})
    load({**SECOND_DOSE, "village": "บ้านใต้", "language": "en"})
    person = only(database, Person)
    assert (person.village, person.language) == ("บ้านใต้", "en")


def test_rows_of_one_file_that_contradict_each_other_change_nothing_when_loaded_again(
    database: Database, load: Load
) -> None:
    rows = [{"village": "ก"}, {**SECOND_DOSE, "village": "ข", "phone": NEW_PHONE}, {"vaccine": "hpv", "village": "ก"}]
    load(*rows)
    before = only(database, Person), links(database)
    report = load(*rows)
    assert (report.unchanged, report.conflicts) == (3, 0)
    assert (only(database, Person), links(database)) == before


HN_ONLY = {"id_number": "", "hospital_number": "HN00042"}


def test_another_name_and_surname_under_one_hospital_number_overwrites_nobody(database: Database, load: Load) -> None:
    load(HN_ONLY)
    for _ in range(2):
        report = load({**HN_ONLY, "name": "ทองคำ", "surname": "มั่นคง", "id_number": OTHER_ID, "phone": NEW_PHONE})
        assert "same_hn_other_name" in [one.code for one in report.result.issues]
    person, task = only(database, Person), only(database, Task)
    assert (person.name, person.surname, person.id_value) == ("สมชาย", "ใจดี", None)
    assert (task.kind, task.person) == (TaskKind.MATCH, person.id)
    assert set(links(database)) == {"+66812345678", "+66891112222"}


@pytest.mark.parametrize("change", [{"surname": "มั่นคง"}, {"name": "สมหมาย"}])
def test_a_marriage_or_a_slip_under_one_hospital_number_is_a_correction(
    database: Database, load: Load, change: dict[str, str]
) -> None:
    load(HN_ONLY)
    report = load({**HN_ONLY, **change})
    assert (report.changed, report.result.issues) == (1, [])
    assert all_of(database, Task) == []


def test_the_same_birth_under_one_hospital_number_is_one_person_of_a_new_name(database: Database, load: Load) -> None:
    row = {**HN_ONLY, "birth_date": "1 ม.ค. 2490"}
    load(row)
    assert load({**row, "name": "ทองคำ", "surname": "มั่นคง"}).result.issues == []
    assert only(database, Person).name == "ทองคำ"


STRANGER = {"name": "ทองคำ", "surname": "มั่นคง", "phone": NEW_PHONE}
ELSEWHERE = {"site_code": "00123"}


def test_another_name_and_surname_under_one_identity_changes_nobody_and_becomes_a_task(
    database: Database, load: Load
) -> None:
    load({})
    owner = only(database, Person)
    for _ in range(2):
        report = load(STRANGER)
    assert report.unchanged == 1
    kept, stranger = sorted(all_of(database, Person), key=lambda one: one.id != owner.id)
    assert (kept.id, kept.name, kept.surname, kept.id_value) == (owner.id, "สมชาย", "ใจดี", "1101700207030")
    assert (stranger.name, stranger.id_value) == ("ทองคำ", None)
    assert [one.person for one in all_of(database, Appointment)] == [owner.id, stranger.id]
    task = only(database, Task)
    assert (task.kind, task.person) == (TaskKind.MATCH, stranger.id)
    assert owner.id in task.detail
    with database.reading() as db:
        assert db.exec(select(Phone.e164).join(PersonPhone).where(PersonPhone.person == owner.id)).all() == [
            "+66812345678"
        ]


def test_after_a_stranger_under_their_identity_the_true_owners_row_is_theirs_again(
    database: Database, load: Load
) -> None:
    load({})
    owner = only(database, Person)
    load(STRANGER)
    load({"appointment_date": "28/07/2569"})
    stands = [one for one in all_of(database, Appointment) if one.status is AppointmentStatus.BOOKED]
    assert {one.person == owner.id: one.starts_at.day for one in stands} == {True: 28, False: 27}
    assert sorted(one.name for one in all_of(database, Person)) == ["ทองคำ", "สมชาย"]


@pytest.mark.parametrize(
    "row",
    [
        STRANGER,
        {},
        {"birth_date": "1 ม.ค. 2490", **STRANGER},
        {"name": "", "surname": ""},
        {"id_number": ""},
    ],
    ids=["other name", "same name", "other birth", "no name", "by name and telephone"],
)
@pytest.mark.parametrize("dose", ["1", "2"])
def test_who_is_bound_to_a_site_cannot_load_a_row_that_means_another_sites_person(
    database: Database, load: Load, row: dict[str, str], dose: str
) -> None:
    load(ELSEWHERE)
    tables = (Person, Phone, PersonPhone, Appointment, Seat, Task)
    before = [all_of(database, table) for table in tables]
    report = load({"dose": dose, **row}, bound="11111", site="11111")
    assert [(one.row, one.code) for one in report.result.issues if one.is_error] == [(2, "other_site_person")]
    assert (report.result.accepted, report.result.rejected, report.created) == (0, 1, 0)
    assert [all_of(database, table) for table in tables] == before
    assert "สมชาย" not in str(report.result.issues)


def test_who_is_bound_to_a_site_loads_its_own_people_and_new_ones_as_before(database: Database, load: Load) -> None:
    load({})
    rows = [
        {"appointment_date": "28/07/2569"},
        {"id_number": OTHER_ID, **STRANGER},
        {"id_number": OTHER_ID, "dose": "2", **STRANGER},
    ]
    report = load(*rows, bound="11111", site="11111")
    assert (report.changed, report.created, report.result.rejected) == (1, 2, 0)


def test_who_has_an_appointment_at_the_site_is_no_stranger_there(database: Database, load: Load) -> None:
    load(ELSEWHERE)
    load({"dose": "2"})
    report = load({"dose": "2", "appointment_date": "28/07/2569"}, bound="11111", site="11111")
    assert (report.changed, report.result.rejected) == (1, 0)
