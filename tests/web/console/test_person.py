"""A person's page: whose it is, what it shows of them, and what it tells of calls and texts."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment, Dose
from gateway.records.contacts import Attempt, AttemptItem, Direction, Receipt, Reminder
from gateway.records.conversations import Call, Outcome, Reply, Turn
from gateway.records.people import Consent, ConsentEvent, ConsentKind, Person, PersonPhone, Phone
from gateway.records.places import Site
from gateway.records.staffing import Audit, Note, Role
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus, TaskKind
from gateway.records.work import Task, Visit
from gateway.staff.audit import write_audit
from gateway.web.console.looking import LOOKED_LATELY
from tests.support import rooms
from tests.support.world import World
from tests.web.console.conftest import Console

SCRIPT = "<script>alert(1)</script>"


def page_of(console: Console, person: Person, more: str = "", status: int = 200) -> str:
    answer = console.get(f"/console/people/{person.id}{more}")
    assert answer.status_code == status, answer.text
    return answer.text


def phone_of(world: World, person: Person) -> Phone:
    return next(phone for phone in world.all(Phone) if phone.e164 and (person.id, phone.id) in _uses(world))


def _uses(world: World) -> set[tuple[str, int]]:
    return {(use.person, use.phone) for use in world.all(PersonPhone)}


def attempt_for(world: World, reminder: Reminder, **facts: object) -> Attempt:
    """An attempt that carried a reminder, over by now."""
    person = next(one for one in world.all(Person) if one.id == reminder.person)
    values: dict[str, object] = {
        "phone": phone_of(world, person).id, "channel": reminder.channel, "status": AttemptStatus.DELIVERED,
        "language": person.language, "created_at": world.clock.now(),
    }  # fmt: skip
    attempt = Attempt(**values | facts)
    world.add(attempt)
    world.add(AttemptItem(attempt=attempt.id, reminder=reminder.id, appointment=reminder.appointment,
                          person=reminder.person, live=False))  # fmt: skip
    return attempt


def called(world: World, turns: list[dict[str, object]], **person: object) -> tuple[Person, Attempt, Call]:
    """Somebody who was called, and what was said in the call."""
    reminder = world.due(Channel.VOICE, **person)
    attempt = attempt_for(world, reminder, status=AttemptStatus.COMPLETED)
    call = Call(attempt=attempt.id, carrier_sid="CA1", flow="reminder_call", person=reminder.person,
                opened_at=world.clock.now())  # fmt: skip
    world.add(call)
    for number, turn in enumerate(turns):
        world.add(Turn(call=call.id, turn_no=number, at=world.clock.now(), **turn))
    return next(one for one in world.all(Person) if one.id == reminder.person), attempt, call


NAME = {"prompt": "name.0123456789ab", "text": "ของสมศรี", "clip": "", "back": "for สมศรี"}


def phrase(prompt: str, clip: str = "ab" * 32) -> dict[str, str]:
    return {"prompt": prompt, "text": rooms.shipped_scripts()["th"].prompts[prompt].text, "clip": clip}


def test_the_head_shows_who_they_are_in_the_words_of_the_reader(console: Console) -> None:
    person = console.world.person(
        title="นาง", surname="แก้วมา", name_native="ສົມສີ", birth_date=date(1950, 5, 1), village="บ้านแม่ทะ", hn="67-1",
        hcode="S1", target_group="ผู้สูงอายุ",
    )  # fmt: skip
    page = page_of(console, person)
    for said in ("76 years", "Mon 1 May 1950", "ສົມສີ", "บ้านแม่ทะ", "67-1", "ผู้สูงอายุ"):
        assert said in page
    console.client.cookies.set("tamnat_language", "th", domain="127.0.0.1", path="/")
    thai = page_of(console, person)
    assert "76 ปี" in thai
    assert "จ. 1 พ.ค. 2493" in thai


def test_numbers_are_there_to_be_dialled_and_looking_is_written_down_once_in_ten_minutes(console: Console) -> None:
    person = console.world.person(phone="0812345678")
    page = page_of(console, person)
    assert 'href="tel:+66812345678"' in page
    assert "081-234-5678" in page
    page_of(console, person)
    looks = [audit for audit in console.world.all(Audit) if audit.verb == "viewed"]
    assert [(look.staff, look.person, look.kind) for look in looks] == [(console.me.id, person.id, "person")]
    console.sign_in(Role.STAFF)
    page_of(console, person)
    console.world.clock.advance_to(console.world.clock.now() + LOOKED_LATELY + timedelta(seconds=1))
    page_of(console, person)
    assert len([audit for audit in console.world.all(Audit) if audit.verb == "viewed"]) == 3


@pytest.mark.parametrize("part", ["now", "side", "story", "standing", "calls/none"])
def test_who_asks_for_a_part_of_a_page_never_opened_has_looked_too(console: Console, part: str) -> None:
    """Names and numbers are in the parts as well."""
    person = console.world.person(phone="0812345678")
    for _ in range(3):
        console.get(f"/console/people/{person.id}/{part}", headers={"X-Live": "1"})
        console.world.clock.advance_to(console.world.clock.now() + LOOKED_LATELY + timedelta(seconds=1))
    looks = console.world.all(Audit)
    assert [(look.verb, look.staff, look.person) for look in looks] == [("viewed", console.me.id, person.id)]
    console.world.clock.advance_to(console.world.clock.now() + timedelta(days=1))
    console.get(f"/console/people/{person.id}/{part}")
    assert len(console.world.all(Audit)) == 2


def test_parts_that_follow_write_nothing_more_down_and_are_not_sent_twice(console: Console) -> None:
    person = console.world.person()
    page_of(console, person)
    looks = console.world.all(Audit)
    for part in ("now", "side", "story"):
        path = f"/console/people/{person.id}/{part}"
        first = console.get(path)
        again = console.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code) == (200, 304)
        assert "<html" not in first.text
    assert console.world.all(Audit) == looks


def test_consent_a_parked_number_and_a_landline_are_said_in_words(console: Console) -> None:
    world = console.world
    person = world.person(phone="0812345678")
    world.give_phone(person, "054000901", rank=1)
    world.give_phone(person, "0898765432", rank=2)
    with world.database.unit_of_work() as db:
        for use in (db.get_one(PersonPhone, (person.id, one.id)) for one in world.all(Phone)):
            use.voice = Consent.STOP if db.get_one(Phone, use.phone).e164 == "+66812345678" else Consent.ALLOW
        parked = next(one for one in world.all(Phone) if one.e164 == "+66898765432")
        row = db.get_one(Phone, parked.id)
        row.parked_at, row.parked_reason = world.clock.now(), "wrong_person"
    page = page_of(console, person)
    for said in ("May be texted", "No calls", "landline", "Not used since Mon 3 Aug 2026", "said it is not theirs"):
        assert said in page
    assert "tel:+66898765432" not in page


def test_the_appointment_shows_its_ticket_and_hour_and_the_past_is_folded(console: Console) -> None:
    world = console.world
    person = world.person()
    world.appointment(person, days=2)
    world.appointment(person, days=-30, dose_no=2, status=AppointmentStatus.MISSED)
    page = page_of(console, person)
    assert "Wed 5 Aug 2026 09:30" in page
    assert "1 earlier appointment" in page
    assert "Did not come" in page


def test_without_a_number_that_may_be_used_the_page_says_so(console: Console) -> None:
    assert "No number is left" in page_of(console, console.world.person(phone=""))


def test_of_who_died_the_page_speaks_kindly_and_offers_nothing(console: Console) -> None:
    person = console.world.person(died_on=date(2026, 8, 1))
    page = page_of(console, person)
    assert "This person died on Sat 1 Aug 2026" in page
    assert "/confirm" not in page


def test_who_was_merged_leads_to_the_present_record_and_offers_nothing(console: Console) -> None:
    present = console.world.person(surname="ปัจจุบัน")
    gone = console.world.person(surname="เดิม", merged_into=present.id)
    page = page_of(console, gone)
    assert "This record was joined with another" in page
    assert f'href="/console/people/{present.id}"' in page
    assert f"/console/people/{gone.id}/" not in page
    assert not console.world.all(Audit)


def test_nobody_and_somebody_of_another_site_are_missing(console: Console) -> None:
    person = console.world.person()
    console.world.add(Site(code="S2", name="ที่อื่น"))
    assert "There is no such person" in console.get(f"/console/people/{'0' * 32}").text
    console.sign_in(Role.STAFF, site="S2")
    for part in ("", "/now", "/side", "/story", "/calls/x"):
        assert "There is no such person" in page_of(console, person, part, status=404)
    assert "/console/people" in page_of(console, person, status=404)
    there = console.world.appointment(person)
    with console.world.database.unit_of_work() as db:
        db.get_one(Appointment, there.id).site = "S2"
    assert "Wed 5 Aug 2026" in page_of(console, person)


def test_a_text_is_shown_as_it_was_sent_with_every_word_of_the_carrier(console: Console) -> None:
    world = console.world
    reminder = world.due(Channel.SMS, language="my")
    attempt = attempt_for(world, reminder, body="မင်္ဂလာပါ 5 Aug\n1=yes", segments=2, cost=0.05, currency="USD",
                          status=AttemptStatus.UNDELIVERED, reason="unreachable", carrier_id="SM1")  # fmt: skip
    for seq, status in enumerate(("sent", "undelivered", "a_new_word")):
        world.add(Receipt(attempt=attempt.id, carrier="memory", carrier_id="SM1", status=status, seq=seq,
                          at=world.clock.now()))  # fmt: skip
    page = page_of(console, next(iter(world.all(Person))), "/story")
    assert '<blockquote class="bubble native" lang="my">မင်္ဂလာပါ 5 Aug\n1=yes</blockquote>' in page
    for said in ("Text sent", "Not delivered", "switched off or out of reach", "Sent", "2 parts", "0.050 USD"):
        assert said in page
    assert "a_new_word" in page  # what we have no words for is shown as it came


def test_a_call_is_told_as_it_was_heard_with_the_key_where_it_was_pressed(console: Console) -> None:
    turns: list[dict[str, object]] = [
        {"heard": [phrase("greet.reminder"), NAME, phrase("ask.coming", "cd" * 32)]},
        {"digits": "6", "heard": [phrase("sorry.wrong_key"), phrase("ask.coming")]},
        {"digits": "2", "heard": [phrase("offer.intro"), phrase("press.1")]},
        {"digits": "1", "heard": [phrase("ack.moved", "")]},
    ]
    person, attempt, call = called(console.world, turns)
    phone = phone_of(console.world, person)
    reply = Reply(attempt=attempt.id, call=call.id, turn_no=3, phone=phone.id, person=person.id, channel=Channel.VOICE,
                  raw="1", answer=Answer.MOVE, at=console.world.clock.now())  # fmt: skip
    console.world.add(reply)
    console.world.add(Outcome(reply=reply.id, effect="moved", at=console.world.clock.now()))
    page = page_of(console, person)
    assert page.count("<audio") == 6  # the last phrase was spoken by the carrier itself
    assert f'src="/audio/{"cd" * 32}.wav"' in page
    assert re.findall(r"<kbd>(.)</kbd> <span>([^<]*)</span>", page) == [
        ("6", "no choice of this question"),
        ("2", "asked for another day"),
        ("1", "Another day"),
    ]
    assert "Hello. Public health calls about a vaccination appointment." in page
    assert "for สมศรี" in page  # no script has a name
    assert rooms.shipped_scripts()["th"].prompts["ack.moved"].text in page
    alone = page_of(console, person, f"/calls/{attempt.id}")
    assert alone.count("<audio") == 6
    assert "There is no such call" in page_of(console, person, f"/calls/{'0' * 32}", status=404)


def test_a_call_of_before_what_was_said_was_kept_says_so(console: Console) -> None:
    person, _, _ = called(console.world, [{}, {"digits": "1"}])
    page = page_of(console, person)
    assert "was not kept" in page
    assert "<kbd>1</kbd>" in page


def test_only_the_newest_calls_are_on_the_page_and_the_others_a_link_away(console: Console) -> None:
    person, _, _ = called(console.world, [{"heard": [phrase("greet.reminder")]}])
    appointment = console.world.all(Reminder)[0].appointment
    for number in range(5):
        reminder = Reminder(appointment=appointment, person=person.id, purpose="reminder", step=f"s{number}",
                            channel=Channel.VOICE, due_at=console.world.clock.now(),
                            next_try_at=console.world.clock.now(), expires_at=console.world.clock.now())  # fmt: skip
        console.world.add(reminder)
        attempt = attempt_for(console.world, reminder, status=AttemptStatus.COMPLETED,
                              created_at=console.world.clock.now() + timedelta(seconds=number + 1))  # fmt: skip
        call = Call(attempt=attempt.id, carrier_sid=f"CB{number}", flow="reminder_call", person=person.id,
                    opened_at=console.world.clock.now())  # fmt: skip
        console.world.add(call)
        console.world.add(Turn(call=call.id, turn_no=0, at=call.opened_at, heard=[phrase("greet.reminder")]))
    console.world.clock.advance_to(console.world.clock.now() + timedelta(minutes=1))
    page = page_of(console, person)
    assert page.count("data-play-call") == 4
    assert len(re.findall(rf'href="/console/people/{person.id}/calls/', page)) == 2


def test_what_will_not_go_out_says_why_and_an_unknown_reason_is_shown_as_it_is(console: Console) -> None:
    world = console.world
    appointment = world.appointment(world.person())
    facts = (
        (ReminderStatus.SUPPRESSED, "answered: coming", "because they answered: Coming"),
        (ReminderStatus.SUPPRESSED, "staff: cancelled", "because of staff: Appointment cancelled"),
        (ReminderStatus.CANCELLED, "appointment_moved", "because the appointment is: Moved"),
        (ReminderStatus.EXPIRED, "too_late", "too close to the appointment"),
        (ReminderStatus.FAILED, "moonlight", "moonlight"),
    )
    for number, (status, reason, _) in enumerate(facts):
        world.reminder(appointment, Channel.SMS, step=f"s{number}", status=status, reason=reason)
    page = page_of(console, next(iter(world.all(Person))), "/story")
    assert [said for _, _, said in facts if said not in page] == []
    assert "3 reminders that are no longer needed" in page


def test_what_is_planned_is_still_to_come_and_a_notice_that_asks_nothing_is_not_unanswered(console: Console) -> None:
    world = console.world
    appointment = world.appointment(world.person())
    later = world.clock.now() + timedelta(days=1)
    world.reminder(appointment, Channel.SMS, step="morning", purpose="morning", due_at=later, next_try_at=later)
    notice = world.reminder(appointment, Channel.SMS, step="answer", purpose="moved",
                            status=ReminderStatus.UNANSWERED, reason="no_answer")  # fmt: skip
    attempt_for(world, notice, body="5 Aug")
    page = page_of(console, next(iter(world.all(Person))), "/story")
    assert "Still to come" in page
    assert "Tue 4 Aug 2026 09:00" in page
    assert "no answer came" not in page


def test_every_other_kind_of_thing_is_told(console: Console) -> None:
    world, now = console.world, console.world.clock.now()
    person = world.person()
    appointment = world.appointment(person)
    phone = phone_of(world, person)
    visit = world.reminder(appointment, Channel.VISIT, status=ReminderStatus.SENT)
    world.add(
        Visit(reminder=visit.id, created_at=now),
        Dose(person=person.id, regimen="influenza", number=1, given_on=date(2025, 8, 1)),
        ConsentEvent(person=person.id, phone=phone.id, kind=ConsentKind.STOP, source="reply by sms", at=now),
        Task(kind=TaskKind.CALLBACK, subject="a", person=person.id, detail="asks to be called back", created_at=now),
        Task(kind=TaskKind.RIDE, subject="b", person=person.id, detail="needs to be fetched", created_at=now,
             status="done", done_at=now, result="ride_arranged: a van at eight", done_by=console.me.id),
        Note(person=person.id, staff=console.me.id, text="Hard of hearing", at=now),
        Note(person=person.id, staff=console.me.id, text="Wrong person", at=now, withdrawn_at=now),
    )  # fmt: skip
    reply = Reply(phone=phone.id, person=person.id, channel=Channel.SMS, raw="มาค่ะ", answer=Answer.COMING, at=now)
    world.add(reply)
    world.add(Outcome(reply=reply.id, effect="confirmed", at=now), Outcome(reply=reply.id, effect="sung", at=now))
    with world.database.unit_of_work() as db:
        write_audit(db, staff=console.me.id, verb="language_corrected", kind="person", subject=person.id,
                    person=person.id, now=now)  # fmt: skip
    page = page_of(console, person, "/story")
    for said in (
        "A volunteer was asked to visit", "Vaccinated:", "Contact stopped", "answered by text",
        "Asks to be called back", "Ride arranged: a van at eight", "Hard of hearing", "<s>Wrong person</s>",
        "withdrawn", "มาค่ะ", "Read as: Coming", "confirmed", "sung", "Language corrected", console.me.name,
        "Booked by roster",
    ):  # fmt: skip
        assert said in page, said


def test_a_call_that_came_in_and_one_nobody_took_are_told_apart(console: Console) -> None:
    world = console.world
    reminder = world.due(Channel.VOICE)
    attempt_for(world, reminder, status=AttemptStatus.NO_ANSWER)
    person = next(iter(world.all(Person)))
    attempt = Attempt(direction=Direction.IN, phone=phone_of(world, person).id or 0, channel=Channel.VOICE,
                      status=AttemptStatus.COMPLETED, language="th", created_at=world.clock.now())  # fmt: skip
    world.add(attempt)
    world.add(AttemptItem(attempt=attempt.id, person=person.id, live=False))
    page = page_of(console, person, "/story")
    assert "They called us" in page
    assert "No answer" in page
    assert "<audio" not in page


def test_a_name_a_note_or_a_text_that_is_a_script_stays_text(console: Console) -> None:
    world, now = console.world, console.world.clock.now()
    values = dict.fromkeys(("title", "surname", "village", "tambon", "target_group", "name_native"), SCRIPT)
    person = world.person(**values)
    phone = phone_of(world, person)
    reminder = world.reminder(world.appointment(person), Channel.SMS, reason=SCRIPT)
    attempt_for(world, reminder, body=SCRIPT, reason=SCRIPT, status=AttemptStatus.FAILED)
    call_reminder = world.reminder(world.appointment(person, dose_no=2), Channel.VOICE)
    attempt = attempt_for(world, call_reminder)
    call = Call(attempt=attempt.id, carrier_sid="CA1", flow="x", person=person.id, opened_at=now)
    world.add(call)
    world.add(
        Turn(call=call.id, turn_no=0, at=now, heard=[{"prompt": SCRIPT, "text": SCRIPT, "clip": '"><script>'}]),
        Note(person=person.id, text=SCRIPT, at=now),
        Task(kind=TaskKind.QUESTION, subject="x", person=person.id, detail=SCRIPT, created_at=now),
        Reply(phone=phone.id, person=person.id, channel=Channel.SMS, raw=SCRIPT, answer=Answer.UNCLEAR, at=now),
    )
    for part in ("", "/now", "/side", "/story", f"/calls/{attempt.id}"):
        page = page_of(console, person, part)
        assert "<script>" not in page, part
    assert page_of(console, person).count("&lt;script&gt;alert(1)") > 8


def test_every_purpose_reason_and_effect_we_write_has_words(console: Console) -> None:
    """A new one without words would be shown raw: this says so before a nurse does."""
    root = Path(__file__).parents[3] / "gateway"
    source = "\n".join(path.read_text() for room in ("replies", "web", "care", "plan", "dispatch")
                       for path in (root / room).rglob("*.py"))  # fmt: skip
    effects = set(re.findall(r'\.note\("(\w+)"', source)) | set(re.findall(r'effect="(\w+)"', source))
    reasons = set(re.findall(r'Refusal\("(\w+)"\)|_give_up\(db, case, "(\w+)"', source))
    words = console.desk.pages.words
    assert len(effects) > 6
    assert [one for one in effects - {"none"} if words.phrase(f"story.effect.{one}") is None] == []
    assert [one for pair in reasons for one in pair if one and words.phrase(f"story.reason.{one}") is None] == []


def test_a_dose_of_an_impossible_year_does_not_end_the_page(console: Console, world: World) -> None:
    person = world.person()
    for number, given_on in enumerate((date(1, 1, 1), date(26, 8, 3)), 1):
        world.add(Dose(person=person.id, regimen="hepatitis_b", course=1, number=number, product="hepatitis_b",
                       given_on=given_on, source="staff"))  # fmt: skip
    answer = console.get(f"/console/people/{person.id}")
    assert answer.status_code == 200
    assert "1 Jan 1" in answer.text


def test_sixty_long_notes_make_no_heavy_page_and_each_is_read_whole_on_its_own(console: Console) -> None:
    world, now = console.world, console.world.clock.now()
    person = world.person()
    notes = [Note(person=person.id, text="ก" * 1990 + f" ท้าย{n:03}", at=now - timedelta(hours=n)) for n in range(60)]
    world.add(*notes)
    page = page_of(console, person)
    assert len(page.encode()) <= 300_000
    assert len(page_of(console, person, "?days=all").encode()) <= 300_000
    assert "ท้าย000" not in page
    assert page.count(f"/console/people/{person.id}/notes/{notes[0].id}") == 2  # beside the story, and in it
    alone = page_of(console, person, f"/notes/{notes[0].id}")
    assert notes[0].text in alone


def test_a_short_note_is_whole_where_it_stands(console: Console) -> None:
    person = console.world.person()
    console.world.add(Note(person=person.id, text="ข" * 400, at=console.world.clock.now()))
    page = page_of(console, person)
    assert page.count("ข" * 400) == 2
    assert "/notes/" not in page


def test_a_note_nobody_wrote_of_this_person_is_not_found(console: Console) -> None:
    world = console.world
    person, other = world.person(), world.person()
    note = Note(person=other.id, text="ค" * 500, at=world.clock.now())
    world.add(note)
    assert "ค" not in page_of(console, person, f"/notes/{note.id}", status=404)
    assert "no such note" in page_of(console, person, "/notes/x", status=404)


def test_a_long_note_that_was_taken_back_is_told_so_on_its_own_page(console: Console) -> None:
    world, now = console.world, console.world.clock.now()
    person = world.person()
    note = Note(person=person.id, text=SCRIPT * 30, at=now, withdrawn_at=now)
    world.add(note)
    alone = page_of(console, person, f"/notes/{note.id}")
    assert "withdrawn" in alone
    assert "<script>alert" not in alone
