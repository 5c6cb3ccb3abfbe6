"""The house's rows as plain objects."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.contacts import AttemptItem, Receipt
from gateway.records.conversations import Reply
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Part, Seat, Session
from gateway.records.status import AttemptStatus, Channel, RideStatus, TaskKind, TaskStatus
from gateway.records.work import Ride, Task, Visit
from gateway.reports.exports import What, export, fields_of, write_csv, write_jsonl

Fixture = Any  # tests/reports/conftest.py: World
DESIGN = {  # DESIGN §5: "at least these fields"
    What.PEOPLE: "id language channel site village district province target_group sample",
    What.APPOINTMENTS: "id person site session starts_at vaccine dose status ticket",
    What.REMINDERS: "id appointment person purpose step channel due_at expires_at status reason",
    What.ATTEMPTS: "id reminders person direction channel to at status reason carrier carrier_id language segments"
    " cost",
    What.REPLIES: "id person appointment attempt channel raw answer outcome at",
    What.EVENTS: "at kind subject what",
}


def rows(world: Fixture, what: What, *, personal: bool = False) -> list[dict[str, Any]]:
    return list(export(world.db, what, personal=personal))


def only(world: Fixture, what: What, *, personal: bool = False) -> dict[str, Any]:
    found = rows(world, what, personal=personal)
    assert len(found) == 1
    return found[0]


def a_whole_story(world: Fixture) -> Appointment:
    person = world.person(
        name="Somsri", surname="Testing", hn="HN77", hcode="S1", id_kind="thai", id_value="9912345678901"
    )
    day = datetime.fromisoformat("2026-11-30T13:00+07:00")
    world.add(
        Session(id="S1-hpv", site="S1", vaccine="hpv", day=day.date(), part=Part.AFTERNOON, starts_at=day,
                ends_at=day + timedelta(hours=3), capacity=5)
    )  # fmt: skip
    one: Appointment = world.appointment(person=person, session="S1-hpv", dose_no=2)
    world.add(Seat(session="S1-hpv", appointment=one.id, ticket=17))
    call = world.attempt(one, Channel.VOICE, AttemptStatus.COMPLETED, carrier="c", carrier_id="CA1", language="th")
    world.add(Receipt(attempt=call.id, carrier="c", carrier_id="CA1", status="completed", at=call.created_at))
    world.reply(one, call, Answer.COMING, "confirmed", "ride")
    visit = world.reminder(one, Channel.VISIT)
    world.add(Visit(id="v1", reminder=visit.id, created_at=day))
    world.add(
        Task(id="k1", kind=TaskKind.RIDE, subject=one.id, person=person.id, site="S1", created_at=call.created_at,
             status=TaskStatus.DONE, done_at=day)
    )  # fmt: skip
    return one


@pytest.mark.parametrize("what", list(What))
@pytest.mark.parametrize("personal", [False, True])
def test_every_row_has_the_fields_it_is_said_to_have_and_those_of_the_design(
    world: Fixture, what: What, personal: bool
) -> None:
    a_whole_story(world)
    found = rows(world, what, personal=personal)
    assert found
    for row in found:
        assert set(row) == set(fields_of(what, personal=personal))
        assert set(DESIGN.get(what, "").split()) <= set(row)


@pytest.mark.parametrize("what", list(What))
def test_without_leave_no_export_shows_a_name_a_number_or_an_identity(world: Fixture, what: What) -> None:
    one = a_whole_story(world)
    world.reply(one, None, Answer.UNCLEAR, raw="Somsri here, call 081 234 5678 or 9912345678901")
    text = json.dumps(rows(world, what), default=str)
    for secret in ("Somsri", "Testing", "HN77", "9912345678901", "+66810", "081 234", "2345678"):
        assert secret not in text


def test_with_leave_people_come_with_name_number_and_identity(world: Fixture) -> None:
    a_whole_story(world)
    row = only(world, What.PEOPLE, personal=True)
    assert (row["name"], row["surname"], row["hospital_number"]) == ("Somsri", "Testing", "HN77")
    assert row["id_number"] == "9912345678901"
    assert row["phone"].startswith("+66810")


def test_an_attempts_number_is_masked_even_with_leave(world: Fixture) -> None:
    a_whole_story(world)
    assert "•••" in only(world, What.ATTEMPTS, personal=True)["to"]


def test_a_persons_phone_is_the_first_that_is_their_own_to_use(world: Fixture) -> None:
    person = Person(id="p", language="th", created_at=datetime.fromisoformat("2026-01-01T00:00+07:00"))
    phones = [Phone(id=n, e164=f"+6681234567{n}", line_type="mobile") for n in range(1, 4)]
    world.add(person, *phones)
    world.add(
        PersonPhone(person="p", phone=1, role=PhoneRole.VHV, rank=0),
        PersonPhone(person="p", phone=2, role=PhoneRole.HOUSEHOLD, rank=2),
        PersonPhone(person="p", phone=3, role=PhoneRole.OWN, rank=1),
    )
    assert only(world, What.PEOPLE, personal=True)["phone"] == "+66812345673"
    assert only(world, What.PEOPLE)["phone"] == "+66 8• ••• •673"


def test_somebody_without_a_phone_has_none(world: Fixture) -> None:
    world.add(Person(id="p", language="th", created_at=datetime.fromisoformat("2026-01-01T00:00+07:00")))
    assert only(world, What.PEOPLE)["phone"] is None


def test_an_appointment_says_its_vaccine_dose_ticket_and_hour_in_bangkok(world: Fixture) -> None:
    a_whole_story(world)
    row = only(world, What.APPOINTMENTS)
    assert (row["vaccine"], row["dose"], row["ticket"], row["status"]) == ("hpv", 2, 17, "booked")
    assert row["starts_at"] == "2026-11-30T13:00:00+07:00"


def test_an_attempt_lists_every_reminder_it_carried_in_order(world: Fixture) -> None:
    first, second = world.appointment(), world.appointment()
    call = world.attempt(first, Channel.VOICE)
    extra = world.reminder(second, Channel.VOICE)
    world.add(AttemptItem(attempt=call.id, position=1, reminder=extra.id, person=second.person, live=False))
    row = only(world, What.ATTEMPTS)
    assert len(row["reminders"]) == 2
    assert row["reminders"][1] == extra.id
    assert row["person"] == first.person
    assert row["people"] == [first.person, second.person]


def test_an_appointment_says_when_they_come_and_came_and_how_far_their_ride_is(world: Fixture) -> None:
    one = a_whole_story(world)
    pick_up = one.starts_at - timedelta(minutes=45)
    seat = world.db.exec(select(Seat)).one()
    seat.come_at, seat.arrived_at = one.starts_at, one.starts_at - timedelta(minutes=5)
    for status in (RideStatus.CANCELLED, RideStatus.ARRANGED):
        world.add(Ride(appointment=one.id, person=one.person, status=status, asked_at=one.created_at,
                       pick_up_at=pick_up, driver="Uncle Dee 081-234-5678", arranged_at=pick_up))  # fmt: skip
    row = only(world, What.APPOINTMENTS)
    assert (row["come_at"], row["arrived_at"]) == ("2026-11-30T13:00:00+07:00", "2026-11-30T12:55:00+07:00")
    assert (row["ride"], row["pick_up_at"]) == ("arranged", "2026-11-30T12:15:00+07:00")
    assert "Uncle Dee" not in json.dumps([*rows(world, What.EVENTS), row])
    assert {"asked", "arranged", "arrived"} <= {e["what"] for e in rows(world, What.EVENTS) if e["subject"] == one.id}


def test_a_reply_says_who_gave_it(world: Fixture) -> None:
    one = a_whole_story(world)
    said = world.db.exec(select(Reply)).one()
    said.by_role, said.by_person = "carer", one.person
    row = only(world, What.REPLIES)
    assert (row["by_role"], row["by_person"]) == ("carer", one.person)


def test_a_replys_outcome_joins_its_effects(world: Fixture) -> None:
    one = a_whole_story(world)
    row = only(world, What.REPLIES)
    assert (row["answer"], row["outcome"], row["appointment"]) == ("coming", "confirmed,ride", one.id)
    world.reply(one, None, Answer.UNCLEAR)
    assert sorted(row["outcome"] for row in rows(world, What.REPLIES)) == ["", "confirmed,ride"]


def test_events_are_one_timeline_of_all_that_happened(world: Fixture) -> None:
    one = a_whole_story(world)
    found = rows(world, What.EVENTS)
    assert [row["at"] for row in found] == sorted(row["at"] for row in found)
    assert {row["kind"] for row in found} == {"reminder", "attempt", "receipt", "reply", "outcome", "task", "visit"}
    about = [(row["kind"], row["what"]) for row in found if row["subject"] == one.id]
    assert about == [
        ("task", "ride"), ("outcome", "confirmed"), ("outcome", "ride"), ("reply", "voice coming"),
        ("task", "ride done"),
    ]  # fmt: skip
    assert all(row["at"].endswith("+07:00") for row in found)


def test_rows_come_oldest_first_and_then_by_id_over_many_pages(world: Fixture) -> None:
    person = world.person()
    start = datetime.fromisoformat("2026-11-01T09:00+07:00")
    world.add(
        *(
            Appointment(id=f"x{n * 7919 % 1300:04}", person=person.id, site="S1", regimen=f"v{n}", starts_at=start,
                        created_at=start + timedelta(minutes=n // 2))
            for n in range(1300)
        )
    )  # fmt: skip
    found = [row["id"] for row in rows(world, What.APPOINTMENTS)]
    assert len(found) == 1300
    assert found[:2] == sorted(found[:2])
    assert [int(name[1:]) for name in found[:2]] == [0, 7919 % 1300]


def test_json_lines_read_back_as_they_were(world: Fixture) -> None:
    a_whole_story(world)
    stream = io.StringIO()
    assert write_jsonl(export(world.db, What.REMINDERS), stream) == 2
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == rows(world, What.REMINDERS)


def test_csv_has_a_header_joined_lists_and_empty_cells(world: Fixture) -> None:
    a_whole_story(world)
    stream = io.StringIO()
    write_csv(export(world.db, What.ATTEMPTS), stream, fields_of(What.ATTEMPTS))
    (read,) = csv.DictReader(io.StringIO(stream.getvalue()))
    assert read["reminders"] == only(world, What.ATTEMPTS)["reminders"][0]
    assert (read["reason"], read["status"], read["channel"]) == ("", "completed", "voice")


def test_an_empty_table_is_a_header_alone(world: Fixture) -> None:
    stream = io.StringIO()
    assert write_csv(export(world.db, What.VISITS), stream, fields_of(What.VISITS)) == 0
    assert stream.getvalue() == "id,reminder,appointment,person,site,village,status,result,at\n"


@pytest.mark.parametrize("raw", ["=1+1", "@SUM(A1)", "-cmd|' /C calc'!A0", "+cmd"])
def test_what_a_stranger_texted_is_no_formula_in_a_spreadsheet(raw: str) -> None:
    stream = io.StringIO()
    write_csv([{"raw": raw}], stream, ["raw"])
    assert next(csv.DictReader(io.StringIO(stream.getvalue())))["raw"] == "'" + raw


def test_a_number_in_international_form_stays_as_it_is_in_csv() -> None:
    stream = io.StringIO()
    write_csv([{"phone": "+66812345678"}], stream, ["phone"])
    assert stream.getvalue() == "phone\n+66812345678\n"


def test_a_task_says_what_came_of_it_and_by_which_account_and_its_note_only_with_names(world: Fixture) -> None:
    a_whole_story(world)
    [task] = world.db.exec(select(Task)).all()
    task.result, task.done_by = "ride_arranged: the headman fetches Somsri", "staff-1"
    world.add(task)
    found = only(world, What.TASKS)
    assert (found["result"], found["done_by"]) == ("ride_arranged", "staff-1")
    assert found["done_at"] is not None
    assert only(world, What.TASKS, personal=True)["result"] == "ride_arranged: the headman fetches Somsri"
