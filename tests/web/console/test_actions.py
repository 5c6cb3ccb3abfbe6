"""Staff act for a person: every form, what it refuses, and undo."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

import httpx
import pytest
from sqlmodel import col, select

from gateway.care.booking import take_seat
from gateway.care.undo import VERBS
from gateway.kit.clock import DemoClock, RealClock, at_bangkok
from gateway.records.agreements import Appointment, Dose
from gateway.records.contacts import Reminder
from gateway.records.people import Consent, Person, PersonPhone, Phone
from gateway.records.places import Seat, Session, Site
from gateway.records.staffing import Audit, Note, Role
from gateway.records.status import AppointmentStatus, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.web.console.actions import told_after
from gateway.wiring import data_dir
from tests.support.world import MONDAY, NINE
from tests.web.console.conftest import Console


@dataclass
class Case:
    console: Console
    person: Person
    appointment: Appointment
    session: Session
    other: Session
    reminder: Reminder

    @property
    def now(self) -> Appointment:
        return self.console.world.fresh(self.appointment)  # type: ignore[return-value]

    def act(self, name: str, **fields: str) -> httpx.Response:
        """Send a form about the appointment as it stands."""
        values = {"version": str(self.now.version), **fields}
        return self.console.post(f"/console/appointments/{self.appointment.id}/{name}", **values)

    def tell(self, name: str, **fields: str) -> httpx.Response:
        """Send a form about the person."""
        return self.console.post(f"/console/people/{self.person.id}/{name}", **fields)

    def deed(self, answer: httpx.Response) -> Audit:
        """The record of what was just done, named by where the answer leads."""
        assert answer.status_code == 303, answer.text
        where = re.fullmatch(rf"/console/people/{self.person.id}\?done=([0-9a-f]{{32}})", answer.headers["location"])
        assert where, answer.headers["location"]
        (found,) = [audit for audit in self.console.world.all(Audit) if audit.id == where[1]]  # type: ignore[attr-defined]
        return found  # type: ignore[return-value]


@pytest.fixture
def case(console: Console) -> Case:
    """Somebody with a seat on Wednesday, a call planned, and a session a day later; a nurse of all sites is there."""
    world = console.world
    console.sign_in(Role.STAFF)
    person = world.person(surname="ใจดี")
    session, other = world.session(MONDAY + timedelta(days=2)), world.session(MONDAY + timedelta(days=3))
    appointment = world.appointment(person, days=2, session=session.id)
    with world.database.unit_of_work() as db:
        take_seat(db, db.get_one(Appointment, appointment.id))
    return Case(console, person, appointment, session, other, world.reminder(appointment))


def expect_refusal(answer: httpx.Response, words: str, status: int = 409) -> None:
    assert answer.status_code == status, answer.text
    assert words in answer.text


def test_confirmed_in_person_leads_back_with_undo_and_is_written_down(case: Case) -> None:
    audit = case.deed(case.act("confirm"))

    assert (case.now.status, case.now.confirmed_by_staff) == (AppointmentStatus.CONFIRMED, case.console.me.id)
    assert (audit.verb, audit.staff, audit.person) == ("confirmed", case.console.me.id, case.person.id)
    page = case.console.get(f"/console/people/{case.person.id}?done={audit.id}").text
    assert "Confirmed in person" in page
    assert f'action="/console/undo/{audit.id}"' in page


def test_undo_puts_it_back_and_says_so(case: Case) -> None:
    audit = case.deed(case.act("confirm"))
    undone = case.deed(case.console.post(f"/console/undo/{audit.id}"))
    assert case.now.status is AppointmentStatus.BOOKED
    assert case.console.world.fresh(case.reminder).status is ReminderStatus.PLANNED  # type: ignore[attr-defined]
    page = case.console.get(f"/console/people/{case.person.id}?done={undone.id}").text
    assert "Taken back: everything is as it was" in page
    expect_refusal(case.console.post(f"/console/undo/{audit.id}"), "It was undone already.")


def test_undo_of_another_s_deed_is_for_managers(case: Case) -> None:
    audit = case.deed(case.act("confirm"))
    case.console.sign_in(Role.STAFF)
    expect_refusal(case.console.post(f"/console/undo/{audit.id}"), "Only who did it, or a manager")
    case.console.sign_in(Role.MANAGER)
    assert case.console.post(f"/console/undo/{audit.id}").status_code == 303
    assert case.now.status is AppointmentStatus.BOOKED


def test_there_is_nothing_to_undo_where_nothing_was_done(case: Case) -> None:
    expect_refusal(case.console.post(f"/console/undo/{'0' * 32}"), "There is nothing here that can be undone.", 404)


def test_a_form_posted_twice_is_done_once(case: Case) -> None:
    tokens = case.console.tokens()
    first = case.tell("note", text="มากับลูกสาว", **tokens)
    again = case.tell("note", text="มากับลูกสาว", **tokens)
    assert first.headers["location"] == again.headers["location"]
    assert len(case.console.world.all(Note)) == 1


def test_a_double_click_on_the_panel_is_one_deed(case: Case) -> None:
    page = case.console.get(f"/console/people/{case.person.id}").text
    form = page.split(f'action="/console/appointments/{case.appointment.id}/confirm"')[1].split("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    answers = [case.act("confirm", **fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len([one for one in case.console.world.all(Audit) if one.verb == "confirmed"]) == 1  # type: ignore[attr-defined]


def test_the_panel_does_not_change_by_itself_while_nothing_happens(case: Case) -> None:
    path = f"/console/people/{case.person.id}/standing"
    first = case.console.get(path)
    assert case.console.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    case.act("confirm")
    again = case.console.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 200
    assert "Confirm in person" not in again.text


def test_the_same_deed_can_be_done_again_after_it_was_undone(case: Case) -> None:
    def once() -> Audit:
        page = case.console.get(f"/console/people/{case.person.id}/standing").text
        form = page.split("/confirm")[1].split("</form>")[0]
        return case.deed(case.act("confirm", **dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))))

    first = once()
    case.console.post(f"/console/undo/{first.id}")
    second = once()
    assert first.id != second.id
    assert case.now.status is AppointmentStatus.CONFIRMED


def test_two_nurses_do_not_overwrite_each_other(case: Case) -> None:
    stale = str(case.now.version)
    colleague = case.console.me.name
    case.act("confirm")
    case.console.sign_in(Role.STAFF)
    answer = case.act("cancel", reason="ill", version=stale)
    expect_refusal(answer, f"{colleague} changed this appointment while you looked")
    assert f'href="/console/people/{case.person.id}"' in answer.text
    assert case.now.status is AppointmentStatus.CONFIRMED


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "1.0"])
def test_a_form_without_a_version_we_gave_changes_nothing(case: Case, version: str) -> None:
    expect_refusal(case.act("confirm", version=version), "This appointment changed while you looked")
    assert case.now.status is AppointmentStatus.BOOKED


def test_cancelled_with_a_reason(case: Case) -> None:
    audit = case.deed(case.act("cancel", reason="moved_away"))
    assert audit.after["said"] == {"reason": "moved_away"}
    assert (case.now.status, len(case.console.world.all(Seat))) == (AppointmentStatus.CANCELLED, 0)
    assert not [one for one in case.console.world.all(Reminder) if one.purpose == "cancelled"]  # type: ignore[attr-defined]


def test_cancelled_and_told(case: Case) -> None:
    case.act("cancel", reason="ill", text="yes")
    (told,) = [one for one in case.console.world.all(Reminder) if one.purpose == "cancelled"]  # type: ignore[attr-defined]
    assert told.due_at == case.console.world.clock.now() + timedelta(minutes=1)  # type: ignore[attr-defined]


@pytest.mark.parametrize("reason", ["", "bored", "<script>"])
def test_cancelling_asks_for_a_reason_of_the_list(case: Case, reason: str) -> None:
    expect_refusal(case.act("cancel", reason=reason), "Choose a reason for cancelling.")
    assert case.now.status is AppointmentStatus.BOOKED


def test_came_and_missed_wait_for_their_hour(case: Case) -> None:
    expect_refusal(case.act("came"), "The day has not come yet")
    expect_refusal(case.act("missed"), "has not begun yet")
    case.console.world.clock.advance_to(at_bangkok(MONDAY + timedelta(days=2), time(11)))
    case.deed(case.act("missed"))
    assert case.now.status is AppointmentStatus.MISSED


def test_a_dose_is_recorded_from_the_page_and_taken_out_again(case: Case) -> None:
    case.console.world.clock.advance_to(at_bangkok(MONDAY + timedelta(days=2), time(11)))
    case.deed(case.act("came"))
    audit = case.deed(case.act("vaccinated", product="influenza", given_on="2026-08-05"))
    (dose,) = case.console.world.all(Dose)
    assert (dose.given_on, dose.product) == (date(2026, 8, 5), "influenza")  # type: ignore[attr-defined]
    case.console.post(f"/console/undo/{audit.id}")
    assert not case.console.world.all(Dose)
    assert case.now.status is AppointmentStatus.KEPT


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"product": "influenza", "given_on": "2026-08-04"}, "still to come"),
        ({"product": "influenza", "given_on": "yesterday"}, "The day cannot be read"),
        ({"product": "influenza", "given_on": ""}, "The day cannot be read"),
        ({"product": "rabies", "given_on": "2026-08-03"}, "does not belong to this appointment"),
    ],
)
def test_a_dose_that_cannot_be_is_refused(case: Case, fields: dict[str, str], words: str) -> None:
    expect_refusal(case.act("vaccinated", **fields), words)
    assert not case.console.world.all(Dose)


def calendar(case: Case, query: str = "") -> httpx.Response:
    return case.console.get(f"/console/people/{case.person.id}/move/{case.appointment.id}{query}")


def test_the_calendar_says_seats_in_words_and_moves(case: Case) -> None:
    page = calendar(case).text
    assert "August 2026" in page
    assert "10 of 10 left" in page
    assert "present session" in page
    assert f'type="radio" name="session" value="{case.other.id}"' in page
    audit = case.deed(case.act("move", session=case.other.id, chosen="yes", text="yes"))
    (fresh,) = [one for one in case.console.world.all(Appointment) if one.moved_from == case.appointment.id]  # type: ignore[attr-defined]
    assert (fresh.session, fresh.status) == (case.other.id, AppointmentStatus.CONFIRMED)  # type: ignore[attr-defined]
    case.console.post(f"/console/undo/{audit.id}")
    assert case.now.status is AppointmentStatus.BOOKED
    assert len(case.console.world.all(Appointment)) == 1


def test_a_text_waits_for_the_real_minute_however_fast_the_demo_runs() -> None:
    assert told_after(RealClock()) == timedelta(minutes=1)
    assert told_after(DemoClock(NINE, speed=60)) == timedelta(hours=1)


def test_a_month_without_a_seat_leads_to_the_next_with_one(case: Case) -> None:
    case.console.world.session(date(2026, 10, 5))
    page = calendar(case, "?month=2026-09").text
    assert "No session can be chosen this month" in page
    assert "month=2026-10&amp;site=S1" in page


def test_no_seat_within_a_year_says_what_to_do(case: Case) -> None:
    assert "add sessions" in calendar(case, "?month=2027-09").text


@pytest.mark.parametrize("query", ["?month=2026-13", "?month=x", "?month=1999-01", "?site=%3Cb%3E", "?month=2099-12"])
def test_a_strange_month_or_site_is_no_accident(case: Case, query: str) -> None:
    answer = calendar(case, query)
    assert answer.status_code == 200
    assert "<b>&lt;" not in answer.text


def test_another_site_of_the_district_can_be_chosen(case: Case) -> None:
    world = case.console.world
    world.add(Site(code="S2", name="รพ.สต.สอง", name_en="Second", district="เมือง", province="ลำปาง"))
    there = Session(id="S2-influenza-x", site="S2", vaccine="influenza", day=case.other.day, part=case.other.part,
                    starts_at=case.other.starts_at, ends_at=case.other.ends_at, capacity=1)  # fmt: skip
    world.add(there)
    assert there.id in calendar(case, "?site=S2").text
    case.deed(case.act("move", session=there.id))


def test_moving_nowhere_or_into_a_full_session_leaves_the_old_appointment(case: Case) -> None:
    expect_refusal(case.act("move", session=""), "No day was chosen")
    with case.console.world.database.unit_of_work() as db:
        db.get_one(Session, case.other.id).capacity = 0
    expect_refusal(case.act("move", session=case.other.id), "That session is full")
    assert case.now.status is AppointmentStatus.BOOKED


def test_a_rabies_course_is_moved_only_with_a_tick(case: Case) -> None:
    world = case.console.world
    first, second = (world.session(MONDAY + timedelta(days=n), vaccine="rabies") for n in (2, 3))
    mine = world.appointment(case.person, days=2, regimen="rabies", session=first.id)
    case.appointment = mine
    assert 'name="urgent"' in calendar(case).text
    expect_refusal(case.act("move", session=second.id), "This course must not be postponed")
    case.deed(case.act("move", session=second.id, urgent="yes"))


def test_what_no_longer_stands_has_no_calendar(case: Case) -> None:
    case.act("cancel", reason="ill")
    expect_refusal(calendar(case), "no longer stands")


def test_an_appointment_of_somebody_else_has_no_calendar_here(case: Case) -> None:
    other = case.console.world.person()
    path = f"/console/people/{other.id}/move/{case.appointment.id}"
    expect_refusal(case.console.get(path), "There is no such appointment", 404)


def test_a_death_is_asked_twice_and_worded_kindly(case: Case) -> None:
    page = case.console.get(f"/console/people/{case.person.id}/died").text
    assert "We are sorry" in page
    assert "ใจดี" in page
    expect_refusal(case.tell("died", day="2026-08-02"), "Tick that you have checked the name")
    expect_refusal(case.tell("died", day="2026-08-09", sure="yes"), "still to come")
    audit = case.deed(case.tell("died", day="2026-08-02", sure="yes"))
    assert case.console.world.fresh(case.person).died_on == date(2026, 8, 2)  # type: ignore[attr-defined]
    assert case.now.status is AppointmentStatus.CANCELLED
    expect_refusal(case.console.get(f"/console/people/{case.person.id}/died"), "recorded as having died")
    case.console.post(f"/console/undo/{audit.id}")
    assert case.console.world.fresh(case.person).died_on is None  # type: ignore[attr-defined]


def link(case: Case) -> PersonPhone:
    (found,) = [one for one in case.console.world.all(PersonPhone) if one.person == case.person.id]  # type: ignore[attr-defined]
    return found  # type: ignore[return-value]


def test_contact_is_stopped_and_resumed_by_phone_and_channel(case: Case) -> None:
    case.deed(case.tell("stop", phone=str(link(case).phone), channel="sms"))
    assert (link(case).sms, link(case).voice) == (Consent.STOP, Consent.ALLOW)
    case.deed(case.tell("stop"))
    assert link(case).voice is Consent.STOP
    expect_refusal(case.tell("stop"), "stopped there already")
    case.deed(case.tell("resume"))
    assert link(case).sms is Consent.ALLOW


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"channel": "pigeon"}, "no such way"),
        ({"phone": "1 or 1"}, "not this person"),
        ({"phone": "77"}, "not this person"),
    ],
)
def test_a_stop_of_something_that_is_not_there_is_refused(case: Case, fields: dict[str, str], words: str) -> None:
    expect_refusal(case.tell("stop", **fields), words)


def test_a_phone_is_corrected_and_another_added(case: Case) -> None:
    old = link(case).phone
    case.deed(case.tell("phone", phone=str(old), number="089 999 0001", role="household"))
    assert link(case).phone != old
    case.deed(case.tell("phone", phone="", number="0899990002", role="carer"))
    numbers = {one.e164 for one in case.console.world.all(Phone)}  # type: ignore[attr-defined]
    assert {"+66899990001", "+66899990002"} <= numbers


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"phone": "", "number": "12", "role": "own"}, "no valid number"),
        ({"phone": "", "number": "", "role": "own"}, "No number was given"),
        ({"phone": "", "number": "0899990001", "role": "vhv"}, "Choose whose phone it is"),
        ({"phone": "", "number": "0899990001", "role": "boss"}, "Choose whose phone it is"),
    ],
)
def test_a_number_that_is_none_is_refused_without_repeating_it(case: Case, fields: dict[str, str], words: str) -> None:
    answer = case.tell("phone", **fields)
    expect_refusal(answer, words)
    assert "0899990001" not in answer.text


def test_a_language_is_corrected(case: Case) -> None:
    case.deed(case.tell("language", language="my", reads="no"))
    person = case.console.world.fresh(case.person)
    assert (person.language, person.reads_script) == ("my", False)  # type: ignore[attr-defined]
    expect_refusal(case.tell("language", language="klingon"), "not in the table")


def test_whether_they_can_read_is_noted_and_taken_back(case: Case) -> None:
    page = f"/console/people/{case.person.id}"
    audit = case.deed(case.tell("reads", reads="no"))
    assert case.console.world.fresh(case.person).reads_script is False  # type: ignore[attr-defined]
    assert "does not read ไทย: we call instead" in case.console.get(page).text
    expect_refusal(case.tell("reads", reads="no"), "That is on record already")
    expect_refusal(case.tell("reads", reads="perhaps"), "Please choose yes, no or not known")
    case.deed(case.console.post(f"/console/undo/{audit.id}"))
    assert case.console.world.fresh(case.person).reads_script is None  # type: ignore[attr-defined]
    assert "not known whether they read ไทย" in case.console.get(page).text


def test_of_another_language_nobody_knows_yet_whether_they_read_it(case: Case) -> None:
    case.deed(case.tell("reads", reads="yes"))
    expect_refusal(case.tell("language", language="th"), "The language is that already")
    case.deed(case.tell("language", language="my"))
    assert case.console.world.fresh(case.person).reads_script is None  # type: ignore[attr-defined]
    assert "so a text comes, and hours later a call" in case.console.get(f"/console/people/{case.person.id}").text


def test_a_note_stays_text(case: Case) -> None:
    audit = case.deed(case.tell("note", text="<script>alert(1)</script>"))
    page = case.console.get(f"/console/people/{case.person.id}?done={audit.id}").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    expect_refusal(case.tell("note", text="  "), "The note is empty")
    expect_refusal(case.tell("note", text="x" * 2001), "The note has 2001 letters")
    # A Thai letter travels as nine bytes.
    expect_refusal(case.tell("note", text="ก" * 10_000), "The note has 10000 letters")


def test_a_note_as_long_as_the_page_lets_somebody_write_is_kept_in_any_script(case: Case) -> None:
    page = case.console.get(f"/console/people/{case.person.id}").text
    assert re.search(r'<textarea id="desk-note-text"[^>]* maxlength="2000"', page)
    case.deed(case.tell("note", text="\U0001f489" * 2000))


def test_nothing_is_done_for_somebody_merged_away_and_the_way_to_the_other_record_is_shown(case: Case) -> None:
    other = case.console.world.person()
    with case.console.world.database.unit_of_work() as db:
        db.get_one(Person, case.person.id).merged_into = other.id
    answer = case.act("confirm")
    expect_refusal(answer, "This record was merged into another")
    assert f"/console/people/{case.person.id}" in answer.text
    expect_refusal(case.tell("note", text="x"), "This record was merged into another")


ABOUT_APPOINTMENTS = ("confirm", "came", "missed", "cancel", "vaccinated", "move")
ABOUT_PEOPLE = ("died", "stop", "resume", "note", "phone", "language")


def away(case: Case) -> None:
    """The person and the appointment are another site's."""
    case.console.world.add(Site(code="S9", name="ไกล"))
    case.console.sign_in(Role.STAFF, site="S9")


@pytest.mark.parametrize("name", ABOUT_APPOINTMENTS)
def test_staff_of_one_site_do_not_act_on_another_s_appointment(case: Case, name: str) -> None:
    away(case)
    expect_refusal(case.act(name, reason="ill", product="influenza", given_on="2026-08-03"), "another site", 404)
    assert (case.now.status, case.now.version) == (AppointmentStatus.BOOKED, 1)


@pytest.mark.parametrize("name", ABOUT_PEOPLE)
def test_staff_of_one_site_do_not_act_on_another_s_person(case: Case, name: str) -> None:
    away(case)
    expect_refusal(case.tell(name, sure="yes", day="2026-08-03", text="x"), "another site", 404)
    assert not [one for one in case.console.world.all(Audit) if one.person == case.person.id]  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", ["move", "died", "standing"])
def test_staff_of_one_site_see_no_page_of_another_s_person(case: Case, page: str) -> None:
    away(case)
    paths = {"move": f"move/{case.appointment.id}", "died": "died", "standing": "standing"}
    expect_refusal(case.console.get(f"/console/people/{case.person.id}/{paths[page]}"), "another site", 404)


def test_staff_of_one_site_do_not_undo_what_was_done_for_another_s_person(case: Case) -> None:
    audit = case.deed(case.act("confirm"))
    case.console.world.add(Site(code="S9", name="ไกล"))
    case.console.sign_in(Role.MANAGER, site="S9")
    expect_refusal(case.console.post(f"/console/undo/{audit.id}"), "another site", 404)


def test_a_manager_of_one_site_does_not_undo_what_was_done_with_another_s_task(case: Case) -> None:
    """Also a task about nobody we know: it has no person whose site could be asked."""
    console = case.console
    task = Task(kind=TaskKind.UNMATCHED, subject="SM1", site="S1", created_at=NINE)
    console.world.add(task)
    console.post(f"/console/worklists/{task.id}", do="finish", result="not_ours")
    (done,) = [audit for audit in console.world.all(Audit) if audit.subject == task.id]  # type: ignore[attr-defined]
    away(case)
    console.sign_in(Role.MANAGER, site="S9")
    expect_refusal(console.post(f"/console/undo/{done.id}"), "There is nothing here that can be undone.", 404)
    assert console.world.fresh(task).status is TaskStatus.DONE  # type: ignore[attr-defined]
    console.sign_in(Role.MANAGER, site="S1")
    assert console.post(f"/console/undo/{done.id}").status_code == 303
    assert console.world.fresh(task).status is TaskStatus.OPEN  # type: ignore[attr-defined]


def test_the_word_of_a_form_used_again_on_another_path_is_another_deed(case: Case) -> None:
    tokens = case.console.tokens()
    case.act("confirm", **tokens)
    answer = case.tell("note", text="x", **tokens)
    assert (answer.status_code, [note.text for note in case.console.world.all(Note)]) == (303, ["x"])  # type: ignore[attr-defined]


def test_every_form_asks_who_you_are(case: Case) -> None:
    tokens = case.console.tokens()
    case.console.client.cookies.clear()
    for name in ABOUT_APPOINTMENTS:
        assert "Sign in" in case.act(name, **tokens).text
    for name in ABOUT_PEOPLE:
        assert "Sign in" in case.tell(name, **tokens).text
    assert "Sign in" in case.console.post(f"/console/undo/{'0' * 32}", **tokens).text
    assert case.now.status is AppointmentStatus.BOOKED


def test_every_refusal_and_every_verb_has_words(console: Console) -> None:
    folder = data_dir("templates").parent / "gateway"
    sources = [*folder.glob("care/*.py"), folder / "web/console/actions.py"]
    keys = {key for source in sources for key in re.findall(r'NotPossible\(\s*"(\w+)"', source.read_text())}
    words = console.desk.pages.words
    missing = [key for key in keys if words.phrase(f"actions.refused.{key}") is None]
    assert len(keys) > 30
    assert missing == []
    assert [verb for verb in (*VERBS, "undone") if words.phrase(f"actions.verb.{verb}") is None] == []


def test_what_staff_may_not_do_is_not_offered(case: Case) -> None:
    page = case.console.get(f"/console/people/{case.person.id}").text
    assert "Confirm in person" in page
    assert f"{case.appointment.id}/came" not in page, "the day has not come"
    case.console.world.clock.advance_to(at_bangkok(MONDAY + timedelta(days=2), time(11)))
    page = case.console.get(f"/console/people/{case.person.id}").text
    assert f"{case.appointment.id}/came" in page
    assert f"{case.appointment.id}/missed" in page


def test_the_record_of_deeds_is_complete(case: Case) -> None:
    deeds: list[Callable[[], httpx.Response]] = [
        lambda: case.tell("note", text="x"),
        lambda: case.tell("language", language="lo"),
        lambda: case.tell("phone", phone="", number="0899990002", role="own"),
        lambda: case.tell("stop"),
        lambda: case.tell("resume"),
        lambda: case.act("confirm"),
        lambda: case.act("move", session=case.other.id),
    ]
    done = [case.deed(one()) for one in deeds]
    assert [one.verb for one in done] == [
        "noted", "language_corrected", "phone_added", "stopped", "resumed", "confirmed", "moved",
    ]  # fmt: skip
    for one in done:
        assert (one.staff, one.person) == (case.console.me.id, case.person.id)
        assert one.undo_until is not None
        assert one.before or one.after
    text = str([(one.before, one.after) for one in done])
    assert "66899990002" not in text
    with case.console.world.database.reading() as db:
        assert db.exec(select(Audit).where(col(Audit.verb) == "moved")).one().kind == "appointment"


def test_a_dose_of_a_mistyped_year_is_refused_in_words(case: Case) -> None:
    answer = case.act("vaccinated", product="influenza", given_on="0026-08-03")
    assert (answer.status_code, "That day is too long ago. Check the year." in answer.text) == (409, True)
    assert case.console.get(f"/console/people/{case.person.id}").status_code == 200
