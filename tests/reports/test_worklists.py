"""What waits for staff: everything has a place, the urgent first, nothing of another site, few questions asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.care.regimens import load_regimens
from gateway.care.tasks import Result, assign, finish, open_task
from gateway.kit.answers import Answer
from gateway.kit.phones import LineType
from gateway.records.contacts import Attempt, AttemptItem, Receipt
from gateway.records.conversations import Reply
from gateway.records.people import Person, PersonPhone, Phone
from gateway.records.places import Site
from gateway.records.staffing import Role, Staff
from gateway.records.status import AttemptStatus, Channel, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.reports.worklists import Urgency, Wanted, Whose, counts, find_task, worklist
from tests.support import engines

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
NURSE, OTHER = "n" * 32, "o" * 32


@pytest.fixture
def staffed(world):
    for one, name in ((NURSE, "พิมพ์"), (OTHER, "Somsak")):
        world.add(Staff(id=one, email=f"{name}@x.example", name=name, role=Role.STAFF, password_hash="-",
                        created_at=NOW))  # fmt: skip
    return world


def opened(world, kind=TaskKind.CALLBACK, subject="a", *, minutes=0, **facts):
    return open_task(world.db, kind, subject, now=NOW - timedelta(minutes=minutes), **facts)


def listed(world, **wanted):
    size = wanted.pop("size", 50)
    page = wanted.pop("page", 1)
    return worklist(world.db, Wanted(me=NURSE, **wanted), now=NOW, regimens=load_regimens(), page=page, size=size)


def subjects(found):
    return [entry.task.subject for entry in found.entries]


def test_every_kind_of_work_is_counted_with_the_age_of_the_oldest(staffed):
    for kind in TaskKind:
        opened(staffed, kind, f"{kind.value}-new")
        opened(staffed, kind, f"{kind.value}-old", minutes=90)
    found = counts(staffed.db, Wanted(me=NURSE))
    assert [one.kind for one in found] == list(TaskKind)
    assert {(one.open, one.free, one.oldest) for one in found} == {(2, 2, NOW - timedelta(minutes=90))}
    assert len(listed(staffed).entries) == 2 * len(TaskKind)


def test_a_kind_without_work_is_counted_as_none(staffed):
    assert {(one.open, one.oldest) for one in counts(staffed.db, Wanted(me=NURSE))} == {(0, None)}


def test_what_must_not_wait_comes_first_then_the_nearest_day_then_the_oldest(staffed):
    later = staffed.appointment("2026-11-30T09:00")
    sooner = staffed.appointment("2026-11-24T09:00")
    bite = staffed.appointment("2026-12-05T09:00", regimen="rabies")
    over = staffed.appointment("2026-11-20T09:00")
    for minutes, subject in enumerate((later.id, "no day", sooner.id, over.id, bite.id)):
        opened(staffed, subject=subject, minutes=minutes)
    found = listed(staffed)
    assert subjects(found) == [bite.id, sooner.id, later.id, over.id, "no day"]
    assert [entry.urgency for entry in found.entries][:2] == [Urgency.MUST_NOT_WAIT, Urgency.COMING_UP]


def test_an_appointment_that_is_gone_hurries_nobody(staffed):
    gone = staffed.appointment("2026-11-24T09:00", regimen="rabies", status="moved")
    opened(staffed, subject=gone.id)
    assert listed(staffed).entries[0].urgency is Urgency.NONE


def test_a_text_is_shown_as_it_came_with_whose_phone_and_which_day(staffed):
    appointment = staffed.appointment("2026-11-24T09:00", staffed.person(name="มาลี"))
    reply = staffed.reply(appointment, answer=Answer.UNCLEAR, raw="ပြောင်းလို့ရလား", channel=Channel.SMS)
    opened(staffed, TaskKind.QUESTION, reply.id, person=appointment.person, site="S1")
    entry = listed(staffed).entries[0]
    assert (entry.facts.said.text, entry.facts.said.e164) == ("ပြောင်းလို့ရလား", "+66810000002")
    assert (entry.facts.appointment.id, entry.urgency) == (appointment.id, Urgency.COMING_UP)
    assert [contact.e164 for contact in entry.facts.contacts] == ["+66810000002"]


def test_a_text_that_may_be_from_several_names_them_all(staffed):
    one, two = staffed.appointment(id="a" * 32), staffed.appointment(id="b" * 32)
    opened(staffed, TaskKind.QUESTION, "reply", person=one.person, detail=f"coming by text: {one.id} {two.id}")
    others = listed(staffed).entries[0].facts.others
    assert [(person.id, appointment.id) for person, appointment in others] == [
        (one.person, one.id),
        (two.person, two.id),
    ]


def test_what_the_carrier_said_of_nothing_we_know_is_there(staffed):
    staffed.add(Receipt(carrier="twilio", carrier_id="SM1", status="text", raw={"body": "มาค่ะ"}, at=NOW))
    opened(staffed, TaskKind.UNMATCHED, "SM1")
    assert listed(staffed).entries[0].facts.receipt.raw == {"body": "มาค่ะ"}


def doubt(world, person):
    attempt = Attempt(phone=1, channel=Channel.VOICE, status=AttemptStatus.QUEUED, created_at=NOW)
    world.add(attempt)
    world.add(AttemptItem(attempt=attempt.id, person=person.id))
    return opened(world, TaskKind.IN_DOUBT, attempt.id)


def test_a_call_in_doubt_names_the_person_it_was_for(staffed):
    person = staffed.person(name="มาลี", site="S2")
    doubt(staffed, person)
    entry = listed(staffed).entries[0]
    assert (entry.facts.person.name, entry.facts.attempt.channel) == ("มาลี", Channel.VOICE)


def test_who_is_bound_to_a_site_sees_its_work_and_what_is_nobodys(staffed):
    here, there = staffed.person(site="S1"), staffed.person(site="S2")
    opened(staffed, subject="here", site="S1")
    opened(staffed, subject="there", site="S2")
    opened(staffed, TaskKind.POISON, "person there", person=there.id)
    opened(staffed, TaskKind.POISON, "person here", person=here.id)
    opened(staffed, TaskKind.UNMATCHED, "nobody knows")
    other_doubt = doubt(staffed, there)
    seen = {"here", "person here", "nobody knows"}
    assert set(subjects(listed(staffed, bound="S1"))) == seen
    assert sum(one.open for one in counts(staffed.db, Wanted(me=NURSE, bound="S1"))) == 3
    assert find_task(staffed.db, other_doubt.id, bound="S1") is None
    assert find_task(staffed.db, other_doubt.id, bound="S2") is not None


def test_a_chosen_site_leaves_out_what_is_nobodys(staffed):
    opened(staffed, subject="here", site="S1")
    opened(staffed, TaskKind.UNMATCHED, "nobody knows")
    assert subjects(listed(staffed, site="S1")) == ["here"]


def test_mine_free_and_all(staffed):
    mine, hers = opened(staffed, subject="mine"), opened(staffed, subject="hers")
    opened(staffed, subject="free")
    assign(staffed.db, mine, NURSE, staff=NURSE, now=NOW)
    assign(staffed.db, hers, OTHER, staff=NURSE, now=NOW)
    assert subjects(listed(staffed, whose=Whose.MINE)) == ["mine"]
    assert subjects(listed(staffed, whose=Whose.FREE)) == ["free"]
    assert len(listed(staffed, whose=Whose.ALL).entries) == 3
    row = counts(staffed.db, Wanted(me=NURSE))[0]
    assert (row.open, row.free, row.mine) == (3, 1, 1)


def test_done_ones_are_still_there_with_who_when_and_what(staffed):
    task = opened(staffed, subject="a")
    finish(staffed.db, task, Result.NO_ANSWER, staff=OTHER, now=NOW)
    finish(staffed.db, task, Result.DECLINED, staff=NURSE, now=NOW + timedelta(minutes=5), note="ไม่สะดวก")
    assert listed(staffed).entries == []
    entry = listed(staffed, status=TaskStatus.DONE).entries[0]
    assert (entry.task.result, entry.facts.done_by, entry.facts.tries) == ("declined: ไม่สะดวก", "พิมพ์", 1)
    assert [(deed.verb, deed.who) for deed in entry.facts.deeds] == [("task_tried", "Somsak"), ("task_done", "พิมพ์")]


def test_rides_stand_by_session_and_village_as_a_driver_goes(staffed):
    order = []
    for day, village in (("25", "ข"), ("24", "ข"), ("24", "ก"), ("25", "ก"), ("24", "ข")):
        appointment = staffed.appointment(f"2026-11-{day}T09:00")
        order.append((day, village, appointment.id))
        opened(staffed, TaskKind.RIDE, appointment.id, site="S1", village=village)
    found = subjects(listed(staffed, kind=TaskKind.RIDE))
    assert [next((day, village) for day, village, one in order if one == found_id) for found_id in found] == [
        ("24", "ก"), ("24", "ข"), ("24", "ข"), ("25", "ก"), ("25", "ข"),
    ]  # fmt: skip


def test_a_page_beyond_the_last_is_the_last(staffed):
    for number in range(7):
        opened(staffed, subject=str(number), minutes=-number)
    found = listed(staffed, page=99, size=3)
    assert (found.page, found.pages, found.total, subjects(found)) == (3, 3, 7, ["6"])


@pytest.fixture
def crowd(tmp_path: Path):
    """2,000 tasks of people with phones, appointments and replies."""
    database = engines.opened(tmp_path / "crowd.db")
    with database.unit_of_work() as db:
        db.add(Site(code="S1", name="Site one"))
        db.flush()
        numbers = range(2000)
        db.add_all(Person(id=f"p{n:04}", name=f"คน{n}", language="th", site="S1", created_at=NOW) for n in numbers)
        db.add_all(Phone(id=n + 1, e164=f"+6681{n:07}", line_type=LineType.MOBILE) for n in numbers)
        db.flush()
        db.add_all(PersonPhone(person=f"p{n:04}", phone=n + 1) for n in numbers)
        db.add_all(
            Reply(
                id=f"y{n:04}",
                phone=n + 1,
                person=f"p{n:04}",
                channel=Channel.SMS,
                raw="?",
                answer=Answer.UNCLEAR,
                at=NOW,
            )
            for n in numbers
        )
        kinds = list(TaskKind)
        db.add_all(
            Task(kind=kinds[n % len(kinds)], subject=f"y{n:04}", person=f"p{n:04}", site="S1", created_at=NOW)
            for n in numbers
        )
    yield database
    database.close()


def test_two_thousand_tasks_cost_no_more_questions_than_fifty(crowd):
    asked = []
    sa.event.listen(crowd.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    seen = set()
    with crowd.reading() as db:
        for page in range(1, 41):
            before = len(asked)
            found = worklist(db, Wanted(me=NURSE), now=NOW, regimens=load_regimens(), page=page)
            seen |= {entry.task.id for entry in found.entries}
            assert all(entry.facts.contacts for entry in found.entries)
            assert len(asked) - before <= 20
    assert (len(seen), found.total, found.pages) == (2000, 2000, 40)
