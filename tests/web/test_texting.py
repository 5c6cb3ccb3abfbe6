"""Texts from phones of one and of several people: what is taken, what is asked back, what staff read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import col, select

from gateway.care.notices import OPTIONS, WHICH_ANSWER, WHICH_PERSON, is_outside_ladder
from gateway.carriers.port import InboundSms
from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import Outcome, Reply, TextQuestion
from gateway.records.house import Counter
from gateway.records.people import Consent, Person, PersonPhone, Phone
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.replies.questions import leave_old_to_staff
from gateway.web.texting import MOST_IN_AN_HOUR, take_text
from tests.support import rooms
from tests.support.world import World

HOME = "+66800009999"


class Family:
    """Some people of one phone, and what came of what they wrote."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self._desk, self._numbers = world, rooms.desk(world, folder), count()
        self.appointments: list[Appointment] = []

    def of(self, how_many: int, *, days: int = 2) -> Family:
        people = sorted((self.world.person(phone=HOME) for _ in range(how_many)), key=lambda one: one.id)
        self.appointments = [self.world.appointment(one, days=days) for one in people]
        return self

    def gets_a_list(self) -> None:
        """One text for all of them, in this order."""
        self.sent([self.world.reminder(one, Channel.SMS) for one in self.appointments])

    def gets_a_text_each(self) -> None:
        for one in self.appointments:
            self.sent([self.world.reminder(one, Channel.SMS)])
            self.later(minutes=1)

    def sent(self, reminders: Sequence[Reminder]) -> None:
        """As dispatch leaves it behind."""
        with self.world.database.unit_of_work() as db:
            phone = db.exec(select(Phone).where(col(Phone.e164) == HOME)).one()
            attempt = Attempt(
                phone=phone.id or 0, channel=Channel.SMS, status=AttemptStatus.DELIVERED, created_at=self.now,
            )  # fmt: skip
            db.add(attempt)
            db.flush()
            for position, one in enumerate(reminders):
                row = db.get(Reminder, one.id)
                assert row is not None
                row.status = ReminderStatus.SENT
                item = AttemptItem(
                    attempt=attempt.id, position=position, reminder=row.id, appointment=row.appointment,
                    person=row.person, live=False,
                )  # fmt: skip
                db.add(item)
        self.later(minutes=1)

    def says(self, body: str) -> None:
        with self.world.database.unit_of_work() as db:
            take_text(self._desk, db, InboundSms(f"SM{next(self._numbers)}", HOME, "+6620000000", body))
        self.later(minutes=1)

    def is_asked(self) -> str:
        """Let our question go out, and return what is asked."""
        [question] = self.open_questions()
        with self.world.database.reading() as db:
            reminder = db.get(Reminder, question.reminder or "")
        assert reminder is not None
        assert is_outside_ladder(reminder.step)
        self.sent([reminder])
        return reminder.purpose

    def later(self, **much: int) -> None:
        self.world.clock.advance_to(self.now + timedelta(**much))

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def states(self) -> list[str]:
        return [self.world.fresh(one).status.value for one in self.appointments]  # type: ignore[attr-defined]

    def open_questions(self) -> list[TextQuestion]:
        return [one for one in self.world.all(TextQuestion) if one.closed_at is None]  # type: ignore[attr-defined,misc]

    def open_tasks(self) -> list[Task]:
        return [one for one in self.world.all(Task) if one.status is TaskStatus.OPEN]  # type: ignore[attr-defined,misc]

    def effects(self) -> list[str]:
        return [one.effect for one in self.world.all(Outcome)]  # type: ignore[attr-defined]

    def may_be_texted(self) -> list[bool]:
        links = {one.person: one.sms for one in self.world.all(PersonPhone)}  # type: ignore[attr-defined]
        return [links[one.person] is Consent.ALLOW for one in self.appointments]

    def waiting(self, purpose: str) -> list[Reminder]:
        found = self.world.all(Reminder)
        return [one for one in found if one.purpose == purpose and one.status is ReminderStatus.PLANNED]  # type: ignore[attr-defined,misc]


@pytest.fixture
def family(world: World, tmp_path: Path) -> Family:
    return Family(world, tmp_path)


# several people, one list


def test_a_number_and_words_are_complete_at_once(family: Family) -> None:
    family.of(2).gets_a_list()
    family.says("2 มา")
    assert family.states() == ["booked", "confirmed"]
    assert not family.open_questions()
    assert not family.open_tasks()
    [confirmed] = family.waiting("confirmed")
    assert confirmed.appointment == family.appointments[1].id


def test_a_bare_number_chooses_a_person_and_what_they_want_is_asked(family: Family) -> None:
    family.of(2).gets_a_list()
    family.says("๒")
    assert family.states() == ["booked", "booked"]
    assert family.is_asked() == WHICH_ANSWER
    family.says("1")
    assert family.states() == ["booked", "confirmed"]
    assert not family.open_questions()
    assert family.effects() == ["asked_back", "confirmed"]
    [asked] = [one for one in family.world.all(Reminder) if one.purpose == WHICH_ANSWER]  # type: ignore[attr-defined]
    assert asked.status is ReminderStatus.ANSWERED  # type: ignore[attr-defined]


def test_a_yes_without_a_number_is_kept_until_it_is_known_whose_it_is(family: Family) -> None:
    family.of(3).gets_a_list()
    family.says("มาค่ะ")
    assert family.is_asked() == WHICH_PERSON
    family.says("3")
    assert family.states() == ["booked", "booked", "confirmed"]


def test_a_zero_answers_for_all_of_them_each_with_a_reply_and_a_text_of_their_own(family: Family) -> None:
    family.of(3).gets_a_list()
    family.says("0 มา")
    assert family.states() == ["confirmed"] * 3
    replies = family.world.all(Reply)
    assert [one.appointment for one in replies] == [one.id for one in family.appointments]  # type: ignore[attr-defined]
    assert len(family.waiting("confirmed")) == 3


def test_one_text_may_say_yes_for_one_and_another_day_for_the_other(family: Family) -> None:
    family.of(2).gets_a_list()
    family.says("1 มา 2 เลื่อน")
    assert family.states() == ["confirmed", "booked"]
    [task] = family.open_tasks()
    assert (task.kind, task.subject) == (TaskKind.CALLBACK, family.appointments[1].id)


def test_the_numbers_stay_those_of_the_list_after_somebody_of_it_is_gone(family: Family) -> None:
    family.of(3).gets_a_list()
    with family.world.database.unit_of_work() as db:
        first = db.get(Appointment, family.appointments[0].id)
        assert first is not None
        first.status = AppointmentStatus.CANCELLED
    family.says("2 มา")
    assert family.states() == ["cancelled", "confirmed", "booked"]


def test_what_is_asked_back_once_and_still_not_clear_is_read_by_staff(family: Family) -> None:
    family.of(2).gets_a_list()
    family.says("มา")
    family.is_asked()
    family.says("ยายน่ะ")
    assert family.states() == ["booked", "booked"]
    assert not family.open_questions()
    [task] = family.open_tasks()
    assert task.kind is TaskKind.QUESTION
    assert task.detail.startswith("coming by text, from one phone for 2 appointments")
    assert all(one.id in task.detail for one in family.appointments)


def test_a_bare_one_where_each_had_a_text_of_their_own_is_asked_back(family: Family) -> None:
    family.of(2).gets_a_text_each()
    family.says("1")
    assert family.states() == ["booked", "booked"]
    assert family.is_asked() == WHICH_PERSON
    family.says("1")
    assert family.states() == ["confirmed", "booked"]


def test_a_bare_one_is_a_yes_where_one_of_them_alone_was_texted_lately(family: Family) -> None:
    family.of(2)
    family.sent([family.world.reminder(family.appointments[1], Channel.SMS)])
    family.says("1")
    assert family.states() == ["booked", "confirmed"]


def test_after_a_question_its_list_still_holds_for_the_next_text(family: Family) -> None:
    family.of(2).gets_a_text_each()
    family.says("มา")
    family.is_asked()
    family.says("1")
    family.says("2 เลื่อน")
    assert family.states() == ["confirmed", "booked"]
    assert [task.kind for task in family.open_tasks()] == [TaskKind.CALLBACK]


def test_a_number_sent_again_before_our_question_went_out_is_no_answer_to_it(family: Family) -> None:
    family.of(2).gets_a_text_each()
    family.says("1")
    family.says("1")
    assert family.states() == ["booked", "booked"]
    assert len(family.open_questions()) == 1
    assert not family.open_tasks()


def test_another_wish_before_our_question_went_out_leaves_both_to_staff(family: Family) -> None:
    family.of(2).gets_a_text_each()
    family.says("1")
    family.says("2")
    assert not family.open_questions()
    assert [task.kind for task in family.open_tasks()] == [TaskKind.QUESTION] * 2
    assert not family.waiting(WHICH_PERSON)


def test_a_question_nobody_answers_is_read_by_staff_in_the_end(family: Family) -> None:
    family.of(2, days=9).gets_a_list()
    family.says("เลื่อน")
    family.is_asked()
    for days, handed in ((2, 0), (2, 1), (1, 0)):
        family.later(days=days)
        with family.world.database.unit_of_work() as db:
            assert leave_old_to_staff(db, now=family.now) == handed
    [task] = family.open_tasks()
    assert task.detail.startswith("move by text, from one phone for 2 appointments")


def test_shortly_before_their_day_staff_have_it_soon_and_an_answer_still_counts(family: Family) -> None:
    family.of(2, days=1).gets_a_list()
    family.says("มา")
    family.is_asked()
    for minutes, handed in ((30, 0), (40, 1), (40, 0)):
        family.later(minutes=minutes)
        with family.world.database.unit_of_work() as db:
            assert leave_old_to_staff(db, now=family.now) == handed
    family.says("2")
    assert family.states() == ["booked", "confirmed"]
    assert not family.open_tasks()


def test_a_number_after_two_lists_of_one_morning_is_asked_back(family: Family) -> None:
    family.of(2).gets_a_list()
    first = family.appointments
    family.of(2, days=5).gets_a_list()
    family.says("1 มา")
    assert family.states() == ["booked", "booked"]
    assert family.is_asked() == WHICH_PERSON
    [question] = family.open_questions()
    assert {one for person in question.people for one in person} == {one.id for one in (*first, *family.appointments)}


def test_the_same_list_sent_again_is_one_list(family: Family) -> None:
    family.of(2)
    reminders = [family.world.reminder(one, Channel.SMS) for one in family.appointments]
    family.sent(reminders)
    family.sent(reminders)
    family.says("2 มา")
    assert family.states() == ["booked", "confirmed"]


def test_a_question_that_never_went_out_is_read_by_staff(family: Family) -> None:
    family.of(2).gets_a_list()
    family.says("มา")
    with family.world.database.unit_of_work() as db:
        reminder = db.get(Reminder, family.open_questions()[0].reminder or "")
        assert reminder is not None
        reminder.status = ReminderStatus.EXPIRED
        assert leave_old_to_staff(db, now=family.now) == 1
    assert [task.kind for task in family.open_tasks()] == [TaskKind.QUESTION]


def test_a_machine_that_answers_every_text_is_asked_twice_at_most(family: Family) -> None:
    family.of(2).gets_a_list()
    for _ in range(6):
        family.says("I am driving and will answer later")
        if family.open_questions():
            family.is_asked()
    assert len(family.world.all(TextQuestion)) == 1
    assert family.open_tasks()


# stop


@pytest.mark.parametrize("body", ["STOP", "หยุด", "ရပ်", "ឈប់", "ຢຸດ", "dừng"])
def test_a_stop_holds_for_everybody_of_the_phone(family: Family, body: str) -> None:
    family.of(2).gets_a_list()
    family.says(body)
    assert family.may_be_texted() == [False, False]
    assert not family.open_questions()


def test_a_stop_with_a_number_holds_for_that_person_alone(family: Family) -> None:
    family.of(3).gets_a_list()
    family.says("STOP 2")
    assert family.may_be_texted() == [True, False, True]


@pytest.mark.parametrize("texts", [["START 2"], ["เริ่ม 2"]])
def test_who_was_stopped_by_number_is_started_by_number(family: Family, texts: list[str]) -> None:
    family.of(3).gets_a_list()
    family.says("STOP 2")
    family.says("STOP 3")
    assert family.may_be_texted() == [True, False, False]
    for body in texts:
        family.says(body)
        if family.open_questions():
            family.is_asked()
    assert family.may_be_texted() == [True, True, False]


def test_a_five_after_a_list_is_no_stop(family: Family) -> None:
    family.of(2).gets_a_list()
    family.says("5")
    assert family.may_be_texted() == [True, True]


def test_a_stop_of_one_person_holds_for_those_who_share_the_phone_without_an_appointment(family: Family) -> None:
    family.of(1).gets_a_list()
    other = family.world.person(phone=HOME)
    family.says("หยุดค่ะ")
    links = {one.person: one.sms for one in family.world.all(PersonPhone)}  # type: ignore[attr-defined]
    assert links[other.id] is Consent.STOP


@pytest.mark.parametrize("body", ["stop by at 3?", "please stop now i say", "วันหยุดไปได้ไหม", "ช่วยหยุดส่งทีเถอะ"])
def test_what_may_be_a_stop_is_never_answered_by_a_machine(family: Family, body: str) -> None:
    family.of(1).gets_a_list()
    family.says(body)
    assert family.may_be_texted() == [True]
    assert not family.world.all(TextQuestion)
    assert [task.kind for task in family.open_tasks()] == [TaskKind.QUESTION]


# one person


def test_what_is_not_understood_is_answered_once_with_the_options_and_read_by_staff(family: Family) -> None:
    family.of(1).gets_a_list()
    for body in ("asdf", "qwer", "zxcv"):
        family.says(body)
        family.later(hours=5)
    assert len(family.waiting(OPTIONS)) == 1
    assert len(family.open_tasks()) == 1


def test_sixty_texts_of_one_phone_are_one_task_and_the_last_of_them_only_counted(family: Family) -> None:
    family.of(1).gets_a_list()
    with family.world.database.unit_of_work() as db:
        for number in range(60):
            take_text(
                family._desk, db, InboundSms(f"SMx{number}", HOME, "+6620000000", f"พาลูกไปด้วย {number} คนได้ไหมคะ")
            )
        take_text(family._desk, db, InboundSms("SMstop", HOME, "+6620000000", "หยุด"))
    assert len(family.open_tasks()) == 1
    assert len(family.world.all(Reply)) == MOST_IN_AN_HOUR + 1
    assert [one.n for one in family.world.all(Counter)] == [20]  # type: ignore[attr-defined]
    assert family.may_be_texted() == [False]


def test_what_says_more_than_the_slip_before_it_is_what_staff_read(family: Family) -> None:
    family.of(1).gets_a_list()
    family.says("asdf")
    family.is_asked()
    family.says("ลูกสาวฉีดพร้อมกันได้ไหมคะ")
    family.says("1")
    [task] = family.open_tasks()
    [long] = [one for one in family.world.all(Reply) if one.id == task.subject]  # type: ignore[attr-defined]
    assert long.raw.startswith("ลูกสาว")  # type: ignore[attr-defined]


def test_texts_of_a_number_we_do_not_know_are_one_task_a_number(family: Family) -> None:
    with family.world.database.unit_of_work() as db:
        for number in range(6):
            sender = f"+6680000777{number % 2}"
            take_text(family._desk, db, InboundSms(f"SMy{number}", sender, "+6620000000", "hello"))
    assert [task.kind for task in family.open_tasks()] == [TaskKind.UNMATCHED] * 2


def test_a_clear_answer_after_the_options_closes_the_task_of_a_slip(family: Family) -> None:
    family.of(1).gets_a_list()
    family.says("asdf")
    assert family.is_asked() == OPTIONS
    family.says("1")
    assert family.states() == ["confirmed"]
    assert not family.open_tasks()


def test_a_question_of_theirs_stays_with_staff_even_after_a_yes(family: Family) -> None:
    family.of(1).gets_a_list()
    family.says("ลูกสาวฉีดพร้อมกันได้ไหมคะ")
    family.is_asked()
    family.says("1")
    assert family.states() == ["confirmed"]
    assert [task.kind for task in family.open_tasks()] == [TaskKind.QUESTION]


def test_who_comes_and_asks_for_a_ride_in_one_text_has_both(family: Family) -> None:
    family.of(1).gets_a_list()
    family.says("1 ขอรถค่ะ")
    assert family.states() == ["confirmed"]
    assert [task.kind for task in family.open_tasks()] == [TaskKind.RIDE]


@pytest.mark.parametrize("first", ["2", "3", "8"])
def test_a_later_yes_settles_what_a_text_asked_for(family: Family, first: str) -> None:
    family.of(1).gets_a_list()
    family.says(first)
    assert len(family.open_tasks()) == 1
    family.says("1")
    assert family.states() == ["confirmed"]
    assert not family.open_tasks()
    assert [task.result for task in family.world.all(Task)] == ["coming"]  # type: ignore[attr-defined]


def test_what_staff_took_up_or_opened_is_theirs_to_close(family: Family) -> None:
    family.of(1).gets_a_list()
    family.says("2")
    with family.world.database.unit_of_work() as db:
        db.exec(select(Task)).one().detail = "was told by text that staff call about a new day"
    family.says("1")
    assert [task.kind for task in family.open_tasks()] == [TaskKind.CALLBACK]


def test_a_yes_after_the_day_answers_nothing_and_says_which_day_it_was_about(family: Family) -> None:
    family.of(1).gets_a_list()
    family.later(days=4)
    family.says("1")
    assert family.states() == ["booked"]
    [task] = family.open_tasks()
    assert (task.person, task.detail) == (
        family.appointments[0].person, "coming by sms, after the day of the appointment",
    )  # fmt: skip
    assert not family.waiting("confirmed")


def test_who_asks_to_hear_it_again_is_sent_the_options(family: Family) -> None:
    family.of(1).gets_a_list()
    family.says("ขออีกครั้ง")
    family.says("9")
    assert len(family.waiting(OPTIONS)) == 1


def test_a_phone_that_was_parked_is_asked_nothing(family: Family) -> None:
    family.of(1).gets_a_list()
    with family.world.database.unit_of_work() as db:
        db.exec(select(Phone).where(col(Phone.e164) == HOME)).one().parked_at = family.now
    family.says("asdf")
    assert not family.world.all(TextQuestion)


def test_after_three_days_the_options_may_be_said_again(family: Family) -> None:
    family.of(1, days=10).gets_a_list()
    family.says("asdf")
    family.later(days=4)
    with family.world.database.unit_of_work() as db:
        leave_old_to_staff(db, now=family.now)
    family.says("asdf")
    assert len(family.world.all(TextQuestion)) == 2


def test_a_yes_is_for_both_appointments_of_a_person_on_one_day(family: Family) -> None:
    family.of(1)
    family.appointments.append(family.world.appointment(_person(family), regimen="hpv"))
    family.gets_a_list()
    family.says("1")
    assert family.states() == ["confirmed", "confirmed"]
    assert len(family.waiting("confirmed")) == 1


def test_a_yes_is_about_the_day_they_were_texted_about_last(family: Family) -> None:
    family.of(1)
    family.sent([family.world.reminder(family.appointments[0], Channel.SMS)])
    family.appointments.append(family.world.appointment(_person(family), days=5, regimen="hpv"))
    family.sent([family.world.reminder(family.appointments[1], Channel.SMS)])
    family.says("1")
    assert family.states() == ["booked", "confirmed"]


def _person(family: Family) -> Person:
    with family.world.database.reading() as db:
        found = db.get(Person, family.appointments[0].person)
    assert found is not None
    return found


def test_who_answers_a_question_while_others_of_the_phone_were_meant_too_is_not_guessed(family: Family) -> None:
    """The list is older than one person's own text: a yes is not taken for whoever stood first on it."""
    family.of(2).gets_a_list()
    family.sent([family.world.reminder(family.appointments[1], Channel.SMS, step="morning", purpose="morning")])
    family.says("1")
    assert family.states() == ["booked", "booked"]
    assert family.is_asked() == WHICH_PERSON


def test_the_reply_says_who_answered_for_whom(family: Family) -> None:
    family.of(2).gets_a_list()
    with family.world.database.unit_of_work() as db:
        link = db.exec(select(PersonPhone).where(col(PersonPhone.person) == family.appointments[1].person)).one()
        link.role = "carer"  # type: ignore[assignment]
    family.says("2 มา")
    [reply] = family.world.all(Reply)
    assert (reply.by_role, reply.by_person) == ("carer", family.appointments[0].person)  # type: ignore[attr-defined]
    assert reply.answer is Answer.COMING  # type: ignore[attr-defined]
