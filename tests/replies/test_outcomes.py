"""What each answer does, and that it does it once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from gateway.care import booking
from gateway.care.hotline_waits import wait_in_line
from gateway.care.regimens import load_regimens
from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.conversations import Outcome
from gateway.records.people import Consent, ConsentEvent, PersonPhone
from gateway.records.status import AppointmentStatus, Channel, ReminderStatus, TaskKind, TaskStatus, WaitStatus
from gateway.records.work import Ride, Task
from gateway.replies.inbox import answering
from gateway.replies.outcomes import apply, apply_move

REGIMENS = load_regimens()
TODAY = date(2026, 11, 23)
STOPS_THE_LADDER = [
    Answer.COMING,
    Answer.MOVE,
    Answer.CALLBACK,
    Answer.RIDE,
    Answer.ALREADY_VACCINATED,
    Answer.STAFF,
    Answer.STOP,
    Answer.WRONG_PERSON,
]


class Answering:
    """A person with a booked appointment, a call on the way and a later step planned."""

    def __init__(self, house, vaccine: str = "hpv") -> None:
        self.house = house
        self.person = house.person()
        self.phone = house.phone(self.person)
        self.session = house.session(TODAY + timedelta(days=2), vaccine=vaccine)
        self.appointment = house.appointment(self.person, self.session)
        booking.take_seat(house.db, self.appointment)
        self.reminder = house.reminder(self.appointment, ReminderStatus.SENT)
        self.attempt = house.attempt(self.phone, self.reminder)
        self.morning = house.reminder(self.appointment, step="morning")

    def reply(self, answer: Answer, **more):
        return self.house.reply(self.phone, answer, self.appointment, attempt=self.attempt.id, **more)

    def answer(self, answer: Answer, **more) -> list[str]:
        outcomes = apply(self.house.db, self.reply(answer, **more), now=self.house.now, regimens=REGIMENS)
        return [outcome.effect for outcome in outcomes]

    def tasks(self) -> list[tuple[TaskKind, str]]:
        return [(task.kind, task.subject) for task in self.house.db.exec(select(Task).order_by(col(Task.created_at)))]


@pytest.fixture
def somebody(house) -> Answering:
    return Answering(house)


def test_coming_confirms_and_names_the_reply(somebody):
    reply = somebody.reply(Answer.COMING)

    effects = [one.effect for one in apply(somebody.house.db, reply, now=somebody.house.now, regimens=REGIMENS)]

    assert effects == ["confirmed"]
    assert somebody.appointment.status is AppointmentStatus.CONFIRMED
    assert somebody.appointment.confirmed_by_reply == reply.id
    assert somebody.reminder.status is ReminderStatus.ANSWERED


def test_a_yes_after_staff_confirmed_is_kept_beside_theirs_and_makes_pages_stale(somebody):
    somebody.appointment.status, somebody.appointment.confirmed_by_staff = AppointmentStatus.CONFIRMED, "5" * 32
    version, reply = somebody.appointment.version, somebody.reply(Answer.COMING)

    apply(somebody.house.db, reply, now=somebody.house.now, regimens=REGIMENS)
    somebody.answer(Answer.COMING)

    assert (somebody.appointment.confirmed_by_reply, somebody.appointment.confirmed_by_staff) == (reply.id, "5" * 32)
    assert somebody.appointment.version == version + 1, "the second yes says nothing new"


def test_who_wants_another_day_after_staff_confirmed_is_not_counted_as_coming_by_them_either(somebody):
    somebody.appointment.status, somebody.appointment.confirmed_by_staff = AppointmentStatus.CONFIRMED, "5" * 32

    somebody.answer(Answer.MOVE)

    assert (somebody.appointment.status, somebody.appointment.confirmed_by_staff) == (AppointmentStatus.BOOKED, None)


@pytest.mark.parametrize("answer", STOPS_THE_LADDER)
def test_any_answer_stops_the_rest_of_the_ladder(somebody, answer):
    somebody.answer(answer)

    assert somebody.reminder.status is ReminderStatus.ANSWERED
    assert somebody.morning.status is ReminderStatus.SUPPRESSED


@pytest.mark.parametrize("answer", [one for one in Answer if one is not Answer.COMING])
def test_nothing_but_a_yes_confirms(somebody, answer):
    somebody.answer(answer)

    assert somebody.appointment.status is AppointmentStatus.BOOKED


@pytest.mark.parametrize("answer", list(Answer))
def test_an_answer_posted_again_changes_nothing_more(somebody, answer):
    reply = somebody.reply(answer, channel=Channel.SMS)
    db, now = somebody.house.db, somebody.house.now

    first = [one.id for one in apply(db, reply, now=now, regimens=REGIMENS)]
    tasks, events = somebody.tasks(), len(db.exec(select(ConsentEvent)).all())
    again = [one.id for one in apply(db, reply, now=now, regimens=REGIMENS)]

    assert first == again
    assert first
    assert (somebody.tasks(), len(db.exec(select(ConsentEvent)).all())) == (tasks, events)


@pytest.mark.parametrize(
    ("answer", "effect", "kind"),
    [
        (Answer.MOVE, "wants_another_day", TaskKind.CALLBACK),
        (Answer.CALLBACK, "callback", TaskKind.CALLBACK),
        (Answer.RIDE, "ride", TaskKind.RIDE),
        (Answer.ALREADY_VACCINATED, "already_vaccinated", TaskKind.QUESTION),
        (Answer.STAFF, "staff", TaskKind.CALLBACK),
        (Answer.WRONG_PERSON, "wrong_person", TaskKind.MATCH),
    ],
)
def test_what_staff_must_do_becomes_a_task_about_the_appointment(somebody, answer, effect, kind):
    assert somebody.answer(answer) == [effect]
    assert somebody.tasks() == [(kind, somebody.appointment.id)]


def test_a_ride_asked_for_after_a_yes_leaves_the_yes(somebody):
    somebody.answer(Answer.COMING)
    somebody.answer(Answer.RIDE)

    assert somebody.appointment.status is AppointmentStatus.CONFIRMED


def test_a_ride_task_names_the_village(somebody):
    somebody.answer(Answer.RIDE)

    assert somebody.house.db.exec(select(Task.village)).one() == "บ้านป่า"


def test_who_wants_another_day_after_a_yes_is_no_longer_counted_as_coming(somebody):
    somebody.answer(Answer.COMING)
    somebody.answer(Answer.MOVE)

    assert somebody.appointment.status is AppointmentStatus.BOOKED
    assert somebody.appointment.confirmed_by_reply is None
    assert somebody.session.taken == 1


@pytest.mark.parametrize("answer", [Answer.CALLBACK, Answer.STAFF])
def test_a_yes_does_not_stand_beside_a_wish_that_ended_with_staff(somebody, answer):
    somebody.answer(Answer.COMING)
    reply, wish = somebody.reply(answer), "wants another day; no seat was free"

    apply(somebody.house.db, reply, now=somebody.house.now, regimens=REGIMENS, wish=wish)

    assert (somebody.appointment.status, somebody.appointment.confirmed_by_reply) == (AppointmentStatus.BOOKED, None)
    [task] = somebody.house.db.exec(select(Task)).all()
    assert (task.kind, task.detail) == (TaskKind.CALLBACK, wish)


def test_another_day_for_rabies_rings_staff_at_once(house):
    bitten = Answering(house, vaccine="rabies")
    bitten.answer(Answer.MOVE)

    assert "must not be postponed" in house.db.exec(select(Task.detail)).one()


@pytest.mark.parametrize("answer", [Answer.UNCLEAR, Answer.REPEAT, Answer.SLOWER, Answer.LANGUAGE])
def test_a_text_we_cannot_act_on_waits_for_staff(somebody, answer):
    assert somebody.answer(answer, channel=Channel.SMS) == ["question"]
    assert [kind for kind, _ in somebody.tasks()] == [TaskKind.QUESTION]
    assert somebody.morning.status is ReminderStatus.PLANNED


@pytest.mark.parametrize("answer", [Answer.UNCLEAR, Answer.REPEAT, Answer.SLOWER, Answer.LANGUAGE])
def test_a_wrong_key_in_a_call_does_nothing(somebody, answer):
    assert somebody.answer(answer) == ["none"]
    assert somebody.tasks() == []
    assert somebody.morning.status is ReminderStatus.PLANNED


@pytest.mark.parametrize("status", [AppointmentStatus.MOVED, AppointmentStatus.CANCELLED, AppointmentStatus.KEPT])
def test_an_answer_about_an_appointment_that_is_gone_changes_nothing(somebody, status):
    somebody.appointment.status = status
    somebody.house.db.flush()

    assert somebody.answer(Answer.COMING) == ["stale"]
    assert somebody.appointment.status is status
    assert [kind for kind, _ in somebody.tasks()] == [TaskKind.QUESTION]
    assert somebody.morning.status is ReminderStatus.PLANNED


def test_a_yes_on_the_day_after_comes_too_late(somebody):
    reply = somebody.reply(Answer.COMING)

    outcomes = apply(somebody.house.db, reply, now=somebody.house.now + timedelta(days=3), regimens=REGIMENS)

    assert [one.effect for one in outcomes] == ["stale"]
    assert somebody.appointment.status is AppointmentStatus.BOOKED


def test_an_answer_about_no_appointment_is_shown_to_staff(house):
    reply = house.reply(house.phone(house.person()), Answer.COMING)

    assert [one.effect for one in apply(house.db, reply, now=house.now, regimens=REGIMENS)] == ["unmatched"]
    assert house.db.exec(select(Task.kind)).one() is TaskKind.UNMATCHED


def test_stop_holds_for_that_person_on_that_phone_by_every_channel(somebody):
    other = somebody.house.person()
    somebody.house.add(PersonPhone(person=other.id, phone=somebody.phone.id))

    assert somebody.answer(Answer.STOP) == ["stopped"]

    link = somebody.house.db.get_one(PersonPhone, (somebody.person.id, somebody.phone.id))
    others = somebody.house.db.get_one(PersonPhone, (other.id, somebody.phone.id))
    assert (link.sms, link.voice) == (Consent.STOP, Consent.STOP)
    assert (others.sms, others.voice) == (Consent.ALLOW, Consent.ALLOW)
    assert somebody.appointment.status is AppointmentStatus.BOOKED


def test_a_stop_that_was_typed_holds_for_everyone_who_uses_the_phone(somebody):
    other = somebody.house.person()
    somebody.house.add(PersonPhone(person=other.id, phone=somebody.phone.id))
    reminder = somebody.house.reminder(somebody.house.appointment(other))

    assert somebody.answer(Answer.STOP, channel=Channel.SMS) == ["stopped"]

    others = somebody.house.db.get_one(PersonPhone, (other.id, somebody.phone.id))
    assert (others.sms, others.voice) == (Consent.STOP, Consent.STOP)
    assert reminder.status is ReminderStatus.SUPPRESSED


def test_a_stop_of_nobody_in_particular_holds_for_everyone_on_the_phone(house):
    people = [house.person(), house.person()]
    phone = house.phone(*people)
    reminders = [house.reminder(house.appointment(person)) for person in people]

    apply(house.db, house.reply(phone, Answer.STOP), now=house.now, regimens=REGIMENS)

    assert {one.status for one in reminders} == {ReminderStatus.SUPPRESSED}
    assert len(house.db.exec(select(ConsentEvent)).all()) == 2


@pytest.mark.parametrize(("is_named", "status"), [(False, WaitStatus.DONE), (True, WaitStatus.WAITING)])
def test_who_stops_the_phone_is_not_called_back_by_the_hotline_either(somebody, is_named, status):
    house, other = somebody.house, somebody.house.person()
    house.add(PersonPhone(person=other.id, phone=somebody.phone.id))
    wait = wait_in_line(house.db, somebody.phone.id, language="th", reason="busy", now=house.now)
    reply = somebody.reply(Answer.STOP, channel=Channel.SMS)

    apply(house.db, reply, now=house.now, regimens=REGIMENS, is_named=is_named)

    assert wait.status is status


def test_a_stop_counts_even_when_the_appointment_is_gone(somebody):
    somebody.appointment.status = AppointmentStatus.KEPT
    somebody.house.db.flush()

    assert somebody.answer(Answer.STOP) == ["stopped"]


def test_a_wrong_number_is_parked(somebody):
    somebody.answer(Answer.WRONG_PERSON)

    assert (somebody.phone.parked_at, somebody.phone.parked_reason) == (somebody.house.now, "wrong_person")


def apologies(house) -> list[tuple[str | None, ReminderStatus]]:
    wanted = select(Reminder).where(col(Reminder.purpose) == "wrong_person")
    return [(one.appointment, one.status) for one in house.db.exec(wanted)]


def test_a_wrong_number_is_told_sorry_once_and_its_ladder_stays_stopped(somebody):
    somebody.answer(Answer.WRONG_PERSON)
    somebody.answer(Answer.WRONG_PERSON)

    assert apologies(somebody.house) == [(somebody.appointment.id, ReminderStatus.PLANNED)]
    assert somebody.morning.status is ReminderStatus.SUPPRESSED


def test_whoever_says_so_of_nobody_in_particular_is_told_sorry_once(house):
    people = [house.person() for _ in range(2)]
    phone = house.phone(*people)
    for person in people:
        house.appointment(person)

    apply(house.db, house.reply(phone, Answer.WRONG_PERSON), now=house.now, regimens=REGIMENS)

    assert len(apologies(house)) == 1


def test_a_family_whose_phone_it_is_gets_no_apology_for_one_wrong_name(somebody):
    house, other = somebody.house, somebody.house.person()
    house.add(PersonPhone(person=other.id, phone=somebody.phone.id))
    house.reply(somebody.phone, Answer.COMING, house.appointment(other, dose_no=2))

    somebody.answer(Answer.WRONG_PERSON)

    assert apologies(house) == []


def test_a_phone_another_of_the_house_answers_on_is_not_parked_for_one_wrong_name(somebody):
    house, other = somebody.house, somebody.house.person()
    house.add(PersonPhone(person=other.id, phone=somebody.phone.id))
    house.reply(somebody.phone, Answer.COMING, house.appointment(other, dose_no=2))

    somebody.answer(Answer.WRONG_PERSON)

    link = house.db.get_one(PersonPhone, (somebody.person.id, somebody.phone.id))
    assert somebody.phone.parked_at is None
    assert link.voice is Consent.STOP


def test_who_was_chosen_out_of_several_and_is_not_there_is_one_wrong_name_and_the_phone_stays(somebody):
    house, other = somebody.house, somebody.house.person()
    house.add(PersonPhone(person=other.id, phone=somebody.phone.id))

    apply(house.db, somebody.reply(Answer.WRONG_PERSON), now=house.now, regimens=REGIMENS, is_named=True)

    links = [house.db.get_one(PersonPhone, (one.id, somebody.phone.id)) for one in (somebody.person, other)]
    assert [link.voice for link in links] == [Consent.STOP, Consent.ALLOW]
    assert somebody.phone.parked_at is None
    assert apologies(house) == []
    assert [kind for kind, _ in somebody.tasks()] == [TaskKind.MATCH]
    assert answering(house.db, somebody.phone.id, other.id)[1] is None, "nobody answers who is not there"


# Moves


def chosen(somebody: Answering, session, **more) -> Appointment | None:
    reply = more.pop("reply", None) or somebody.reply(Answer.MOVE)
    now = somebody.house.now
    return apply_move(somebody.house.db, reply, session.id, call=more.get("call"), now=now, regimens=REGIMENS)


def test_a_day_chosen_moves_and_confirms_in_one_go(somebody):
    there = somebody.house.session(TODAY + timedelta(days=4))

    fresh = chosen(somebody, there)

    assert fresh is not None
    assert (fresh.status, fresh.session) == (AppointmentStatus.CONFIRMED, there.id)
    assert somebody.appointment.status is AppointmentStatus.MOVED
    assert (somebody.session.taken, there.taken) == (0, 1)
    assert somebody.reminder.status is ReminderStatus.ANSWERED
    assert somebody.morning.status is ReminderStatus.SUPPRESSED


def test_a_choice_posted_twice_moves_once(somebody):
    there, reply = somebody.house.session(TODAY + timedelta(days=4)), somebody.reply(Answer.MOVE)

    first, again = chosen(somebody, there, reply=reply), chosen(somebody, there, reply=reply)

    assert again is first
    assert there.taken == 1
    assert [one.effect for one in somebody.house.db.exec(select(Outcome))] == ["moved"]


def test_the_wish_for_another_day_is_settled_by_the_move(somebody):
    somebody.answer(Answer.MOVE)
    chosen(somebody, somebody.house.session(TODAY + timedelta(days=4)))

    assert somebody.house.db.exec(select(Task.status)).one() is TaskStatus.DONE


def test_a_wish_to_be_called_back_outlives_the_move(somebody):
    somebody.answer(Answer.CALLBACK)
    chosen(somebody, somebody.house.session(TODAY + timedelta(days=4)))

    assert somebody.house.db.exec(select(Task.status)).one() is TaskStatus.OPEN


def test_a_seat_that_is_gone_leaves_the_appointment_and_tells_staff(somebody):
    full = somebody.house.session(TODAY + timedelta(days=4), capacity=0)

    assert chosen(somebody, full) is None
    assert somebody.appointment.status is AppointmentStatus.BOOKED
    assert somebody.session.taken == 1
    assert somebody.tasks() == [(TaskKind.CALLBACK, somebody.appointment.id)]
    assert [one.effect for one in somebody.house.db.exec(select(Outcome))] == ["seat_lost"]


def test_a_choice_about_an_appointment_moved_meanwhile_is_stale(somebody):
    here, there = (somebody.house.session(TODAY + timedelta(days=number)) for number in (4, 5))
    chosen(somebody, here)

    assert chosen(somebody, there) is None
    assert (here.taken, there.taken) == (1, 0)


def test_rabies_is_not_moved_by_key_even_when_a_day_was_named(house):
    bitten = Answering(house, vaccine="rabies")

    assert chosen(bitten, house.session(TODAY + timedelta(days=4), vaccine="rabies")) is None
    assert bitten.appointment.status is AppointmentStatus.BOOKED
    assert bitten.tasks() == [(TaskKind.CALLBACK, bitten.appointment.id)]


def test_a_ride_is_a_row_of_its_own_and_says_which_reply_asked_for_it(somebody):
    reply = somebody.reply(Answer.RIDE)
    apply(somebody.house.db, reply, now=somebody.house.now, regimens=REGIMENS)
    [ride] = somebody.house.db.exec(select(Ride))
    assert (ride.appointment, ride.reply) == (somebody.appointment.id, reply.id)


def test_a_call_back_a_stranger_asked_for_is_withdrawn_once_they_say_whose_phone_it_is_not(somebody):
    somebody.answer(Answer.CALLBACK)
    somebody.answer(Answer.WRONG_PERSON)
    waiting = select(Task.kind).where(col(Task.status) == TaskStatus.OPEN)
    assert list(somebody.house.db.exec(waiting)) == [TaskKind.MATCH]


def test_a_call_back_asked_for_on_another_phone_stays(somebody):
    other = somebody.house.phone(somebody.person)
    reply = somebody.house.reply(other, Answer.CALLBACK, somebody.appointment)
    apply(somebody.house.db, reply, now=somebody.house.now, regimens=REGIMENS)
    somebody.answer(Answer.WRONG_PERSON)
    waiting = select(Task.kind).where(col(Task.status) == TaskStatus.OPEN)
    assert set(somebody.house.db.exec(waiting)) == {TaskKind.MATCH, TaskKind.CALLBACK}


def test_a_typed_stop_that_names_one_of_the_phone_is_theirs_alone(somebody):
    other = somebody.house.person()
    somebody.house.add(PersonPhone(person=other.id, phone=somebody.phone.id))
    reply = somebody.reply(Answer.STOP, channel=Channel.SMS)
    apply(somebody.house.db, reply, now=somebody.house.now, regimens=REGIMENS, is_named=True)
    assert somebody.house.db.get(PersonPhone, (somebody.person.id, somebody.phone.id)).sms is Consent.STOP
    assert somebody.house.db.get(PersonPhone, (other.id, somebody.phone.id)).sms is Consent.ALLOW


@pytest.mark.parametrize(("channel", "stands"), [(Channel.SMS, False), (Channel.VOICE, True)])
def test_who_texts_that_they_cannot_come_after_a_yes_is_not_counted_as_coming(somebody, channel, stands):
    somebody.answer(Answer.COMING)
    somebody.answer(Answer.CALLBACK, channel=channel)
    assert (somebody.appointment.status is AppointmentStatus.CONFIRMED) is stands
    assert [kind for kind, _ in somebody.tasks()] == [TaskKind.CALLBACK]
