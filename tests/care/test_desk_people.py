"""What staff do about a person."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import col, select

from gateway.care import desk_people as desk
from gateway.care.booking import seat_of
from gateway.care.desk_work import NotPossible
from gateway.care.tasks import open_task
from gateway.kit.phones import LineType
from gateway.records.people import Consent, ConsentEvent, ConsentKind, PersonPhone, PhoneRole
from gateway.records.staffing import Note
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from tests.care.conftest import NOW
from tests.care.deeds import take_back
from tests.care.desk import SOMEL, case, day

BY = {"staff": SOMEL, "now": NOW}


def expect_refusal(key: str):
    return pytest.raises(NotPossible, match=f"^{key}$")


def link_of(house, one) -> PersonPhone:
    return house.db.get_one(PersonPhone, (one.person.id, one.phone.id))


def test_nobody_is_contacted_about_somebody_who_died(house):
    one = case(house)
    second = house.appointment(one.person, house.session(day(3), vaccine="td"))
    later = house.reminder(second)
    call = house.attempt(one.phone, one.reminder, status=AttemptStatus.SUBMITTED)
    wish = open_task(house.db, TaskKind.CALLBACK, one.appointment.id, person=one.person.id, now=NOW)
    match = open_task(house.db, TaskKind.MATCH, "m", person=one.person.id, now=NOW)

    audit = desk.died(house.db, one.person.id, day=day(-1), **BY)

    assert one.person.died_on == day(-1)
    assert {one.appointment.status, second.status} == {AppointmentStatus.CANCELLED}
    assert {one.reminder.status, later.status} == {ReminderStatus.SUPPRESSED}
    assert call.cancel_requested_at == NOW
    assert seat_of(house.db, one.appointment.id) is None
    assert house.seats_counted_right()
    assert (wish.status, match.status) == (TaskStatus.DONE, TaskStatus.OPEN)
    assert (audit.kind, audit.subject, audit.verb) == ("person", one.person.id, "died")
    assert audit.after["person"][one.person.id] == {"died_on": day(-1).isoformat()}


@pytest.mark.parametrize(("when", "key"), [(day(1), "day_ahead"), (date(1940, 1, 1), "day_before_birth")])
def test_a_day_of_death_that_cannot_be_is_refused(house, when, key):
    one = case(house, birth_date=date(1950, 1, 1))
    with expect_refusal(key):
        desk.died(house.db, one.person.id, day=when, **BY)
    assert one.person.died_on is None
    assert one.appointment.status is AppointmentStatus.BOOKED


@pytest.mark.parametrize("when", [date(1, 1, 1), date(26, 8, 3), date(1899, 12, 31)])
def test_a_day_of_death_of_a_mistyped_year_is_refused_where_no_birth_is_known(house, when):
    one = case(house)
    with expect_refusal("day_too_early"):
        desk.died(house.db, one.person.id, day=when, **BY)
    assert one.person.died_on is None


def test_a_death_is_recorded_once(house):
    one = case(house)
    desk.died(house.db, one.person.id, day=day(0), **BY)
    with expect_refusal("person_dead"):
        desk.died(house.db, one.person.id, day=day(0), **BY)


def test_a_stop_on_every_phone_ends_what_is_planned_and_names_who_wrote_it_down(house):
    one = case(house)
    house.phone(one.person, role=PhoneRole.HOUSEHOLD)

    desk.stopped(house.db, one.person.id, **BY)

    assert one.reminder.status is ReminderStatus.SUPPRESSED
    events = house.db.exec(select(ConsentEvent).where(col(ConsentEvent.person) == one.person.id)).all()
    assert {(event.kind, event.source, event.staff) for event in events} == {(ConsentKind.STOP, "staff", SOMEL)}
    assert len(events) == 4


def test_a_stop_of_one_channel_leaves_the_other(house):
    one = case(house)
    desk.stopped(house.db, one.person.id, phone=one.phone.id, channel=Channel.SMS, **BY)
    link = link_of(house, one)
    assert (link.sms, link.voice) == (Consent.STOP, Consent.ALLOW)
    assert one.reminder.status is ReminderStatus.PLANNED, "a call is still allowed"


def test_a_landline_takes_no_texts_so_that_stopping_calls_stops_all(house):
    one = case(house)
    one.phone.line_type = LineType.LANDLINE
    desk.stopped(house.db, one.person.id, channel=Channel.VOICE, **BY)
    assert one.reminder.status is ReminderStatus.SUPPRESSED


def test_a_stop_that_stands_is_not_written_again_nor_a_start(house):
    one = case(house)
    with expect_refusal("already_allowed"):
        desk.resumed(house.db, one.person.id, **BY)
    desk.stopped(house.db, one.person.id, **BY)
    with expect_refusal("already_stopped"):
        desk.stopped(house.db, one.person.id, **BY)


def test_a_stop_is_about_a_phone_of_the_person(house):
    one = case(house)
    stranger = house.phone(house.person())
    volunteers = house.phone(one.person, role=PhoneRole.VHV)
    for phone in (stranger.id, volunteers.id, 10**6):
        with expect_refusal("phone_not_theirs"):
            desk.stopped(house.db, one.person.id, phone=phone, **BY)
    with expect_refusal("channel_unknown"):
        desk.stopped(house.db, one.person.id, channel=Channel.VISIT, **BY)
    with expect_refusal("no_phone"):
        desk.stopped(house.db, house.person().id, **BY)


def test_who_agrees_again_may_be_contacted_again(house):
    one = case(house)
    desk.stopped(house.db, one.person.id, **BY)
    desk.resumed(house.db, one.person.id, phone=one.phone.id, channel=Channel.VOICE, **BY)
    link = link_of(house, one)
    assert (link.sms, link.voice) == (Consent.STOP, Consent.ALLOW)
    assert one.reminder.status is ReminderStatus.SUPPRESSED, "what was stopped is not begun again by itself"


def test_a_note_is_kept_with_its_writer_and_only_its_id_is_in_the_record_of_deeds(house):
    one = case(house)
    audit = desk.noted(house.db, one.person.id, "  ลูกสาวจะพามา\r\nเช้า  ", **BY)
    note = house.db.exec(select(Note).where(col(Note.person) == one.person.id)).one()
    assert (note.text, note.staff, note.at) == ("ลูกสาวจะพามา\nเช้า", SOMEL, NOW)
    assert audit.after == {"note": {note.id: {"withdrawn_at": None}}}


@pytest.mark.parametrize(("text", "key"), [("", "note_empty"), (" \n ", "note_empty"), ("ก" * 2001, "note_long")])
def test_an_empty_and_an_endless_note_are_refused(house, text, key):
    with expect_refusal(key):
        desk.noted(house.db, case(house).person.id, text, **BY)


def test_a_note_may_be_written_about_the_dead_but_not_about_who_was_merged_or_is_unknown(house):
    one, other = case(house), case(house, vaccine="td")
    desk.died(house.db, one.person.id, day=day(0), **BY)
    desk.noted(house.db, one.person.id, "ครอบครัวแจ้ง", **BY)
    other.person.merged_into = one.person.id
    with expect_refusal("person_merged"):
        desk.noted(house.db, other.person.id, "x", **BY)
    with expect_refusal("no_person"):
        desk.noted(house.db, "0" * 32, "x", **BY)


def test_a_language_is_corrected_within_the_table(house):
    one = case(house)
    desk.language_corrected(house.db, one.person.id, "my", reads=False, **BY)
    assert (one.person.language, one.person.reads_script) == ("my", False)
    assert one.reminder.status is ReminderStatus.PLANNED, "its words are made when it goes out"
    with expect_refusal("language_unknown"):
        desk.language_corrected(house.db, one.person.id, "xx", **BY)
    with expect_refusal("language_same"):
        desk.language_corrected(house.db, one.person.id, "my", reads=False, **BY)


def no_words(house, appointment):
    """Staff were asked to call somebody we had nothing to say to."""
    return open_task(house.db, TaskKind.NO_PROMPT, appointment.id, person=appointment.person, now=NOW)


def test_who_speaks_a_language_we_have_words_for_need_not_be_called_by_staff_until_it_is_taken_back(house):
    one = case(house)
    task, another = no_words(house, one.appointment), no_words(house, case(house, vaccine="td").appointment)
    yet_to_plan = no_words(house, house.appointment(one.person, house.session(day(4), vaccine="hpv")))

    audit = desk.language_corrected(house.db, one.person.id, "my", **BY)

    assert [one.status for one in (task, yet_to_plan, another)] == [TaskStatus.DONE, TaskStatus.DONE, TaskStatus.OPEN]
    assert (task.result, task.done_by) == ("language_corrected", SOMEL)
    take_back(house, audit)
    assert [(one.status, one.result) for one in (task, yet_to_plan)] == [(TaskStatus.OPEN, "")] * 2


@pytest.mark.parametrize(
    ("status", "channel"),
    [(ReminderStatus.FAILED, Channel.VOICE), (ReminderStatus.UNANSWERED, Channel.SMS),
     (ReminderStatus.SUPPRESSED, Channel.VISIT)],
)  # fmt: skip
def test_whom_nothing_will_contact_any_more_stays_with_staff_in_any_language(house, status, channel):
    one = case(house)
    one.reminder.status, one.reminder.channel = status, channel
    task = no_words(house, one.appointment)
    desk.language_corrected(house.db, one.person.id, "my", **BY)
    assert task.status is TaskStatus.OPEN


def test_whether_they_can_read_is_kept_with_who_noted_it(house):
    one = case(house)
    audit = desk.reading_noted(house.db, one.person.id, False, **BY)
    assert one.person.reads_script is False
    assert (audit.verb, audit.staff, audit.person) == ("reading_noted", SOMEL, one.person.id)
    with expect_refusal("reading_same"):
        desk.reading_noted(house.db, one.person.id, False, **BY)
    desk.reading_noted(house.db, one.person.id, None, **BY)
    assert one.person.reads_script is None
