"""A phone of several, as a nurse sees it: who answered for whom, who was called together, and what we asked back."""

from __future__ import annotations

from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction
from gateway.records.conversations import Call, Outcome, Reply, TextQuestion, Turn
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Site
from gateway.records.staffing import Audit, Role
from gateway.records.status import AttemptStatus, Channel, ReminderStatus
from tests.support.world import World
from tests.web.console.conftest import Console
from tests.web.console.test_today import text_of

NUMBER = "+66812340077"


class House:
    """Somsri and her mother on the phone of the daughter, Somchai's sister; one call for both of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.daughter = world.person(phone=NUMBER, surname="ลูกสาว")
        self.mother = self._with_carer("แม่")
        self.aunt = self._with_carer("ป้า")
        self.phone = next(one for one in world.all(Phone) if one.e164 == NUMBER)  # type: ignore[attr-defined]
        self.days = {one.id: world.appointment(one) for one in (self.mother, self.aunt)}

    def _with_carer(self, surname: str) -> Person:
        person = self.world.person(phone="", surname=surname)
        self.world.give_phone(person, NUMBER)
        with self.world.database.unit_of_work() as db:
            phone = db.exec(PersonPhone.__table__.select()).all()[-1].phone  # type: ignore[attr-defined,call-overload]
            db.get_one(PersonPhone, (person.id, phone)).role = PhoneRole.CARER
        return person

    def day_of(self, person: Person) -> Appointment:
        return self.days[person.id]

    def call(self) -> Attempt:
        """One call for both; key 0, then 1 for all of them."""
        world, now = self.world, self.world.clock.now()
        attempt = Attempt(phone=self.phone.id or 0, channel=Channel.VOICE, status=AttemptStatus.COMPLETED,
                          language="th", created_at=now)  # fmt: skip
        world.add(attempt)
        for at, person in enumerate((self.mother, self.aunt)):
            reminder = world.reminder(self.day_of(person), status=ReminderStatus.ANSWERED)
            world.add(AttemptItem(attempt=attempt.id, position=at, reminder=reminder.id, person=person.id,
                                  appointment=self.day_of(person).id, live=False))  # fmt: skip
        call = Call(attempt=attempt.id, carrier_sid="CA1", flow="reminder_call", opened_at=now)
        heard = [{"prompt": "ask.everybody", "text": "ทุกคน กดศูนย์", "clip": ""}]
        world.add(call, Turn(call=call.id, turn_no=0, at=now, heard=heard))
        world.add(Turn(call=call.id, turn_no=1, at=now, digits="0", heard=[]))
        world.add(Turn(call=call.id, turn_no=2, at=now, digits="1", heard=[]))
        for person in (self.mother, self.aunt):
            reply = Reply(
                attempt=attempt.id, call=call.id, turn_no=2, phone=self.phone.id or 0, person=person.id,
                appointment=self.day_of(person).id, by_role="carer", by_person=self.daughter.id,
                channel=Channel.VOICE, raw="1", answer=Answer.COMING, at=now,
            )  # fmt: skip
            world.add(reply)
            world.add(Outcome(reply=reply.id, appointment=self.day_of(person).id, effect="confirmed", at=now))
        return attempt


def page(console: Console, person: Person) -> str:
    answer = console.get(f"/console/people/{person.id}")
    assert answer.status_code == 200
    return text_of(answer.text)


def test_a_call_for_the_household_says_who_was_called_together_and_who_answered_for_whom(console: Console) -> None:
    house = House(console.world)
    house.call()
    words = page(console, house.mother)
    assert f"for 2 of the house together with {house.aunt.name} ป้า" in words
    assert "for all of them" in words
    assert f"Coming confirmed on a carer’s phone {house.daughter.name} ลูกสาว" in words
    assert f"for {house.aunt.name} ป้า : Coming confirmed on a carer’s phone" in words
    assert "Coming Coming" not in words
    assert "Coming for" not in words, "each answer is told beside whom it is for, and not once more before them"


def test_the_call_is_told_in_everybodys_story_and_each_answer_as_their_own(console: Console) -> None:
    house = House(console.world)
    attempt = house.call()
    words = text_of(console.get(f"/console/people/{house.aunt.id}/calls/{attempt.id}").text)
    assert f"for {house.mother.name} แม่ : Coming" in words
    assert f"for {house.aunt.name} ป้า :" not in words


def test_the_others_on_a_phone_are_named_beside_it_and_lead_to_their_pages(console: Console) -> None:
    house = House(console.world)
    html = console.get(f"/console/people/{house.mother.id}/side").text
    assert "also used by" in html
    for other in (house.daughter, house.aunt):
        assert f'href="/console/people/{other.id}"' in html


def test_people_of_another_site_are_not_named_to_those_who_do_not_see_them(console: Console) -> None:
    house = House(console.world)
    house.call()
    console.world.add(Site(code="S2", name="อื่น"))
    with console.world.database.unit_of_work() as db:
        db.get_one(Person, house.mother.id).site = "S2"
        db.get_one(Appointment, house.day_of(house.mother).id).site = "S2"
    console.sign_in(Role.STAFF, site="S2")
    words = page(console, house.mother)
    assert "ป้า" not in words
    assert "ลูกสาว" not in words
    assert "on a carer’s phone" in words
    assert "for somebody else on this phone: Coming" in words


def test_a_text_answered_on_anothers_phone_says_on_whose(console: Console) -> None:
    house, now = House(console.world), console.world.clock.now()
    attempt = Attempt(direction=Direction.IN, phone=house.phone.id or 0, channel=Channel.SMS, created_at=now)
    console.world.add(attempt)
    console.world.add(
        Reply(attempt=attempt.id, phone=house.phone.id or 0, person=house.mother.id, channel=Channel.SMS, raw="1 มา",
              answer=Answer.COMING, by_role="carer", by_person=house.daughter.id, at=now)
    )  # fmt: skip
    assert f"on a carer’s phone {house.daughter.name} ลูกสาว" in page(console, house.mother)


def test_what_we_asked_back_is_in_the_story_of_everybody_it_asked_about(console: Console) -> None:
    house, now = House(console.world), console.world.clock.now()
    reminder = console.world.reminder(
        house.day_of(house.mother), Channel.SMS, purpose="which_person", step="answer", status=ReminderStatus.SENT
    )
    attempt = Attempt(phone=house.phone.id or 0, channel=Channel.SMS, status=AttemptStatus.DELIVERED, language="th",
                      body="ตอบแทนใคร 1 แม่ 2 ป้า", created_at=now)  # fmt: skip
    console.world.add(attempt)
    console.world.add(AttemptItem(attempt=attempt.id, reminder=reminder.id, person=house.mother.id, live=False,
                                  appointment=reminder.appointment))  # fmt: skip
    reply = Reply(phone=house.phone.id or 0, channel=Channel.SMS, raw="มา", answer=Answer.COMING, at=now)
    console.world.add(reply)
    people = [[house.day_of(one).id] for one in (house.mother, house.aunt)]
    console.world.add(
        TextQuestion(phone=house.phone.id or 0, reply=reply.id, reminder=reminder.id, people=people, asked_at=now)
    )
    for person in (house.mother, house.aunt):
        words = page(console, person)
        assert "Asked back: for whom?" in words
        assert "ตอบแทนใคร 1 แม่ 2 ป้า" in words


def test_a_language_chosen_in_a_call_is_told_as_the_persons_own_choice(console: Console) -> None:
    person, now = console.world.person(), console.world.clock.now()
    console.world.add(
        Audit(staff=None, verb="language_chosen", kind="person", subject=person.id, person=person.id, at=now,
              before={"language": "th"}, after={"language": "my", "by": "call"})
    )  # fmt: skip
    assert "Chose a language by the person, in a call မြန်မာ" in page(console, person)


def test_the_key_of_the_menu_of_languages_is_told_by_the_language_it_chose(console: Console) -> None:
    house = House(console.world)
    attempt, now = house.call(), console.world.clock.now()
    call = next(one for one in console.world.all(Call) if one.attempt == attempt.id)  # type: ignore[attr-defined]
    menu = [{"prompt": "my/language.this", "text": "…", "clip": ""}, {"prompt": "my/press.1", "text": "…", "clip": ""}]
    console.world.add(Turn(call=call.id, turn_no=3, at=now, digits="*", heard=menu))  # type: ignore[attr-defined]
    console.world.add(Turn(call=call.id, turn_no=4, at=now, digits="1", heard=[]))  # type: ignore[attr-defined]
    words = page(console, house.mother)
    assert "asked for another language" in words
    assert "chose မြန်မာ" in words
