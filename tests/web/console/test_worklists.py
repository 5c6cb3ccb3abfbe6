"""Worklists as staff see them: everything with its place, phones to dial, results that stay."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from gateway.care.tasks import RESULTS, open_task
from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.contacts import Receipt
from gateway.records.conversations import Reply
from gateway.records.people import PersonPhone, PhoneRole
from gateway.records.places import Site
from gateway.records.staffing import Audit, Role
from gateway.records.status import AppointmentStatus, Channel, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.web.console import worklists
from gateway.web.console.worklists import dialled
from tests.support.world import NINE, World
from tests.web.console.conftest import Console

PATH = "/console/worklists"
NUMBER = "+66812345678"


def opened(world: World, kind: TaskKind = TaskKind.CALLBACK, subject: str = "a", **facts: Any) -> Task:
    now = facts.pop("now", world.clock.now())
    with world.database.unit_of_work() as db:
        return open_task(db, kind, subject, now=now, **facts)


@pytest.fixture
def callback(world: World) -> Task:
    """Malee asks to be called back about the day after tomorrow."""
    person = world.person(phone=NUMBER, surname="ใจดี", village="บ้านหนองห้าง", name_native=None)
    appointment = world.appointment(person)
    return opened(world, subject=appointment.id, person=person.id, site="S1", detail="asks to be called back")


def text_of(html: str) -> str:
    """What is read on a page, spaces made single."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def page(console: Console, query: str = "") -> str:
    answer = console.get(PATH + query)
    assert answer.status_code == 200, answer.text
    return answer.text


def do(console: Console, task: Task, what: str, **fields: str) -> str:
    """Send a task's form and give the words of the page that follows."""
    answer = console.post(f"{PATH}/{task.id}", do=what, **fields)
    if answer.status_code == 303:
        answer = console.follow(answer)
    return text_of(answer.text)


def test_a_task_says_who_what_when_and_which_number_to_dial(console: Console, callback: Task) -> None:
    html = page(console)
    words = text_of(html)
    for said in ("ใจดี", "บ้านหนองห้าง", "Asks to be called back", "Wed 5 Aug 2026 09:30", "081-234-5678", "รพ.ตัวอย่าง"):
        assert said in words
    assert f'href="tel:{NUMBER}"' in html
    assert f'href="/console/people/{callback.person}"' in html


@pytest.mark.parametrize("kind", list(TaskKind))
def test_every_kind_of_task_has_its_place_and_its_results(console: Console, world: World, kind: TaskKind) -> None:
    opened(world, kind, "b", detail="something new")
    html = page(console, f"?kind={kind.value}")
    assert "something new" in html
    assert re.findall(r'<option value="(\w+)">', html.split('name="result"')[1].split("</select>")[0]) == [
        result.value for result in RESULTS[kind]
    ]


def test_codes_in_a_detail_are_named(console: Console, world: World) -> None:
    opened(world, TaskKind.NO_SEAT, "dose:1", detail="hpv dose 2: overdue since 2026-08-01")
    opened(world, TaskKind.NO_PROMPT, "x", detail="voice: no_voice_in_language (km)")
    words = text_of(page(console))
    assert "HPV dose 2: overdue since Sat 1 Aug 2026" in words
    assert "Not sent (Call, ខ្មែរ). We cannot speak this language yet." in words
    assert "let somebody who speaks it ring this person" in words


def test_what_a_closing_and_a_carrier_left_is_said_in_thai_with_day_and_place(console: Console, world: World) -> None:
    person = world.person()
    moved = "tell them: session closed (staff ill); moved to 2026-08-04 at S1; asks to be called back"
    opened(world, subject="x", person=person.id, detail=moved)
    world.add(Receipt(carrier="twilio", carrier_id="CA9", status="turn 3", at=NINE))
    opened(world, TaskKind.UNMATCHED, "CA9", detail="twilio says turn 3 of something unknown")
    console.client.headers["Accept-Language"] = "th"
    said = "แจ้งให้ทราบ ปิดรอบแล้ว (เจ้าหน้าที่ป่วยหรือไม่พอ) ย้ายนัดไป อ. 4 ส.ค. 2569 ที่ รพ.ตัวอย่าง · ขอให้เจ้าหน้าที่โทรกลับ"
    assert said in text_of(page(console))
    assert said in text_of(console.get(f"/console/people/{person.id}").text)
    assert "turn 3" not in page(console)


def test_another_day_is_one_click_away(console: Console, world: World, callback: Task) -> None:
    appointment = world.all(Appointment)[0]
    link = f"/console/people/{callback.person}/move/{appointment.id}"
    assert f'href="{link}"' in page(console)
    assert console.get(link).status_code == 200


def test_a_text_is_shown_as_it_came_and_stays_text(console: Console, world: World) -> None:
    person = world.person(phone=NUMBER, language="my")
    appointment = world.appointment(person)
    for raw in ("ပြောင်းလို့ရလား", "<script>alert(1)</script>"):
        reply = Reply(phone=1, person=person.id, appointment=appointment.id, channel=Channel.SMS, raw=raw,
                      answer=Answer.UNCLEAR, at=NINE)  # fmt: skip
        world.add(reply)
        opened(world, TaskKind.QUESTION, reply.id, person=person.id, detail="a text we could not act on (unclear)")
    html = page(console)
    assert "ပြောင်းလို့ရလား" in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html


def test_what_a_carrier_said_of_nothing_known_is_shown(console: Console, world: World) -> None:
    world.add(Receipt(carrier="twilio", carrier_id="SM9", status="text", raw={"body": "มาค่ะ"}, at=NINE))
    opened(world, TaskKind.UNMATCHED, "SM9", detail="twilio says text of something unknown")
    words = text_of(page(console, "?kind=unmatched"))
    assert "Nobody we know" in words
    assert "มาค่ะ" in words
    assert "SM9" in words


@pytest.mark.parametrize("kind", list(TaskKind))
def test_every_kind_is_told_whatever_the_carrier_said_of_it(console: Console, world: World, kind: TaskKind) -> None:
    call = {"CallSid": "CA1", "CallStatus": "completed", "From": "+66809998888"}
    shapes: list[dict[str, Any]] = [{}, {"body": "มาค่ะ"}, {"body": None}, {"MessageSid": "SM1", "Body": "ok"}, call]
    for n, raw in enumerate(shapes):
        world.add(Receipt(carrier="twilio", carrier_id=f"X{n}", status="completed", raw=raw, at=NINE))
        opened(world, kind, f"X{n}", detail="twilio says completed of something unknown")
    html = page(console, f"?kind={kind.value}")
    assert html.count('class="card task') == len(shapes)
    assert "cannot be shown in full" not in html


def test_a_card_that_cannot_be_told_takes_no_other_with_it(
    console: Console, world: World, callback: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(world, subject="odd", person=callback.person, site="S1", detail="breaks")

    def words(visitor: object, detail: str, names: object) -> str:
        if detail == "breaks":
            raise KeyError(detail)
        return detail

    monkeypatch.setattr(worklists, "detail_words", words)
    html = page(console)
    assert "asks to be called back" in html
    assert "This task cannot be shown in full" in html
    assert html.count(f'href="/console/people/{callback.person}"') == 2


def test_a_household_phone_and_one_with_a_stop_are_marked(console: Console, world: World) -> None:
    person = world.person(phone=NUMBER)
    with world.database.unit_of_work() as db:
        link = db.get(PersonPhone, (person.id, 1))
        assert link is not None
        link.role, link.voice = PhoneRole.HOUSEHOLD, "stop"  # type: ignore[assignment]
    opened(world, subject="x", person=person.id)
    words = text_of(page(console))
    assert "081-234-5678 household asked us not to call" in words


def test_what_must_not_be_postponed_is_on_top_with_the_reason(console: Console, world: World, callback: Task) -> None:
    bitten = world.person(surname="ถูกหมากัด")
    bite = world.appointment(bitten, days=9, regimen="rabies")
    opened(world, subject=bite.id, person=bitten.id)
    words = text_of(page(console))
    assert words.index("ถูกหมากัด") < words.index("ใจดี")
    assert "Must not wait: call at once" in words
    assert "must not be postponed" in words


def test_it_is_taken_given_away_and_given_back(console: Console, world: World, callback: Task) -> None:
    manager = console.me
    nurse = console.sign_in(Role.STAFF)
    assert "With me" in do(console, callback, "take")
    assert world.fresh(callback).assignee == nurse.id
    assert f"With {manager.name}" in do(console, callback, "assign", to=manager.id)
    assert world.fresh(callback).assignee == manager.id
    do(console, callback, "give_back")
    assert world.fresh(callback).assignee is None


def test_who_takes_what_a_colleague_has_taken_meanwhile_is_told(console: Console, world: World, callback: Task) -> None:
    first = console.me
    do(console, callback, "take")
    second = console.sign_in(Role.STAFF)
    assert 'value="take"' not in page(console), "it is not offered either"
    assert f"{first.name} has taken this task already" in do(console, callback, "take")
    assert world.fresh(callback).assignee == first.id
    assert f'<option value="{second.id}"' in page(console), "but taking it over on purpose is"
    assert "With me" in do(console, callback, "assign", to=second.id)
    assert world.fresh(callback).assignee == second.id


def test_a_result_closes_it_and_shows_who_and_when(console: Console, world: World, callback: Task) -> None:
    done = do(console, callback, "finish", result="declined", note="ย้ายบ้านแล้ว")
    assert "Result saved" in done
    assert "Nothing waits here" in done
    words = text_of(page(console, "?state=done"))
    for said in ("Reached: does not want to come", "ย้ายบ้านแล้ว", f"{console.me.name}, Mon 3 Aug 2026 09:00"):
        assert said in words


def test_nobody_answered_leaves_it_open_and_counts(console: Console, world: World, callback: Task) -> None:
    do(console, callback, "finish", result="no_answer")
    words = do(console, callback, "finish", result="no_answer")
    assert "Called 2 times, nobody answered" in words
    assert world.fresh(callback).status is TaskStatus.OPEN


def test_coming_confirms_the_appointment(console: Console, world: World, callback: Task) -> None:
    do(console, callback, "finish", result="coming")
    appointment = world.all(Appointment)[0]
    assert (appointment.status, appointment.confirmed_by_staff) == (AppointmentStatus.CONFIRMED, console.me.id)


def test_taken_back_within_the_minute_task_and_appointment_are_as_before(
    console: Console, world: World, callback: Task
) -> None:
    answer = console.post(f"{PATH}/{callback.id}", do="finish", result="coming")
    banner = console.follow(answer).text
    undo = re.search(r'action="(/console/undo/\w+)"', banner)
    assert undo, banner
    console.post(undo[1])
    assert world.fresh(callback).status is TaskStatus.OPEN
    assert world.all(Appointment)[0].status is AppointmentStatus.BOOKED


def test_somebody_unreached_who_is_coming_keeps_the_result(console: Console, world: World, callback: Task) -> None:
    task = opened(world, TaskKind.UNREACHED, callback.subject, person=callback.person, site="S1")
    do(console, task, "finish", result="coming")
    assert (world.fresh(task).result, world.fresh(task).done_by) == ("coming", console.me.id)


def test_who_cannot_be_confirmed_any_more_is_said_and_nothing_is_saved(
    console: Console, world: World, callback: Task
) -> None:
    world.clock.advance_to(NINE + timedelta(days=3))
    words = do(console, callback, "finish", result="coming")
    assert "cannot be confirmed" in words
    assert world.fresh(callback).status is TaskStatus.OPEN
    assert [one.verb for one in world.all(Audit)] == []


def test_the_second_of_two_who_finish_it_is_told(console: Console, world: World, callback: Task) -> None:
    first = console.me.name
    do(console, callback, "finish", result="declined")
    console.sign_in(Role.STAFF)
    words = do(console, callback, "finish", result="another_day")
    assert f"{first} has already finished this task" in words
    assert world.fresh(callback).result == "declined"


def test_a_task_that_closed_by_itself_is_told_too(console: Console, world: World, callback: Task) -> None:
    from gateway.care.tasks import close_task

    with world.database.unit_of_work() as db:
        task = db.get(Task, callback.id)
        assert task is not None
        close_task(db, task, now=NINE)
    assert "closed meanwhile because it was no longer needed" in do(console, callback, "take")
    assert "closed by itself" in text_of(page(console, "?state=done"))


def test_the_same_form_twice_does_it_once(console: Console, world: World, callback: Task) -> None:
    tokens = console.tokens()
    for _ in range(2):
        answer = console.post(f"{PATH}/{callback.id}", do="finish", result="no_answer", **tokens)
        assert answer.status_code == 303
    assert [one.verb for one in world.all(Audit)] == ["task_tried"]


def test_a_done_one_is_opened_again_with_a_reason(console: Console, world: World, callback: Task) -> None:
    do(console, callback, "finish", result="declined")
    assert "Say why it is opened again" in do(console, callback, "reopen", reason=" ")
    do(console, callback, "reopen", reason="โทรกลับมาแล้ว")
    words = text_of(page(console))
    assert world.fresh(callback).status is TaskStatus.OPEN
    for said in ("Opened again โทรกลับมาแล้ว", "Result – Reached: does not want to come"):
        assert said in words


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"do": "finish"}, "Choose a result first"),
        ({"do": "finish", "result": "mended"}, "Choose a result first"),
        ({"do": "finish", "result": "other", "note": " "}, "write down what came of it"),
        ({"do": "assign", "to": "nobody"}, "Choose somebody who works here"),
        ({"do": "reopen", "reason": "x"}, "open already"),
        ({"do": "burn"}, "could not be read"),
        ({}, "could not be read"),
    ],
)
def test_what_is_left_out_is_asked_for_and_nothing_is_saved(
    console: Console, world: World, callback: Task, fields: dict[str, str], said: str
) -> None:
    answer = console.post(f"{PATH}/{callback.id}", **fields)
    assert answer.status_code == 409
    assert said in text_of(answer.text)
    assert (world.fresh(callback).status, world.all(Audit)) == (TaskStatus.OPEN, [])


def test_a_colleague_of_another_site_cannot_be_given_it(console: Console, world: World, callback: Task) -> None:
    world.add(Site(code="S2", name="Other"))
    elsewhere = console.sign_in(Role.STAFF, site="S2")
    console.sign_in(Role.MANAGER)
    assert elsewhere.id not in page(console)
    assert "Choose somebody who works here" in do(console, callback, "assign", to=elsewhere.id)


def test_another_sites_task_is_not_there_and_cannot_be_done(console: Console, world: World, callback: Task) -> None:
    world.add(Site(code="S2", name="Other"))
    opened(world, TaskKind.UNMATCHED, "SM1", detail="stop from a phone nobody here uses")
    console.sign_in(Role.STAFF, site="S2")
    words = text_of(page(console))
    assert "ใจดี" not in words
    assert "“Stop” from a phone nobody here uses" in words
    assert console.post(f"{PATH}/{callback.id}", do="take").status_code == 404
    assert world.fresh(callback).assignee is None


def test_a_task_that_does_not_exist_is_said(console: Console) -> None:
    assert console.post(f"{PATH}/{'0' * 32}", do="take").status_code == 404


@pytest.mark.parametrize("query", ["?kind=x&whose=y&state=z&site=nowhere&page=-1", "?page=999999999999", "?page=²"])
def test_an_address_that_makes_no_sense_still_shows_a_page(console: Console, callback: Task, query: str) -> None:
    assert console.get(PATH + query).status_code == 200


def test_filters_say_when_nothing_fits_and_lead_back(console: Console, callback: Task) -> None:
    html = page(console, "?kind=ride")
    assert "No task fits these filters" in html
    assert f'href="{PATH}"' in html
    assert "Nothing is done yet" in page(console, "?state=done")


def test_the_counts_follow_what_happens(console: Console, world: World, callback: Task) -> None:
    first = console.get(f"{PATH}/counts")
    assert "oldest just now · 1 not taken" in text_of(first.text)
    assert console.get(f"{PATH}/counts", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    opened(world, TaskKind.RIDE, "r")
    second = console.get(f"{PATH}/counts", headers={"If-None-Match": first.headers["etag"]})
    assert (second.status_code, "Ride 1" in text_of(second.text)) == (200, True)


def test_after_a_result_the_same_list_is_shown(console: Console, callback: Task) -> None:
    answer = console.post(f"{PATH}/{callback.id}", do="take", kind="callback", whose="all", state="open", page_="2")
    assert answer.headers["location"].startswith(f"{PATH}?kind=callback&done=")
    assert answer.headers["location"].endswith(f"&page=2#t-{callback.id}")


def test_fifty_to_a_page_and_no_page_too_heavy(console: Console, world: World) -> None:
    for _ in range(60):
        appointment = world.appointment(world.person(village="บ้านหนองห้างเหนือ", surname="ศรีวิชัยคำ"))
        opened(world, subject=appointment.id, person=appointment.person, site="S1", detail="asks to be called back")
    console.client.headers["Accept-Language"] = "th"
    html = page(console)
    assert html.count('class="card task') == 50
    assert page(console, "?page=2").count('class="card task') == 10
    assert len(html.encode()) < 300_000


def test_rides_are_grouped_by_day_site_and_village(console: Console, world: World) -> None:
    for village in ("บ้านใต้", "บ้านเหนือ", "บ้านใต้"):
        appointment = world.appointment(world.person(village=village))
        opened(world, TaskKind.RIDE, appointment.id, person=appointment.person, site="S1", village=village)
    groups = re.findall(r'<li class="task-group"><h2>(.*?)</h2>', page(console, "?kind=ride"))
    villages = sorted({"บ้านเหนือ", "บ้านใต้"})
    assert groups == [f"Wed 5 Aug 2026 09:30 · รพ.ตัวอย่าง · {village}" for village in villages]


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("+66812345678", "081-234-5678"),
        ("+6654000901", "054-000-901"),
        ("+6621234567", "02-123-4567"),
        ("+661669", "+661669"),
        ("+959123456789", "+959123456789"),
    ],
)
def test_a_number_is_written_as_it_is_read_aloud(stored: str, read: str) -> None:
    assert dialled(stored) == read


def test_who_is_not_signed_in_sees_nothing(console: Console, callback: Task) -> None:
    console.client.cookies.clear()
    answer = console.get(PATH)
    assert (answer.status_code, "ใจดี" in answer.text) == (303, False)


def test_who_opened_which_list_is_kept_once_a_day(console: Console, callback: Task) -> None:
    """The numbers on it are whole."""

    def looks() -> list[tuple[str, str | None, str]]:
        rows = [audit for audit in console.world.all(Audit) if audit.verb == "viewed"]
        assert {audit.kind for audit in rows} <= {"page"}
        return [(audit.subject, audit.staff, audit.verb) for audit in rows]

    first = console.me
    for query in ("", "?kind=callback", "?kind=callback&page=2", "?kind=nonsense"):
        page(console, query)
    kept = [("worklists:all", first.id, "viewed"), ("worklists:callback", first.id, "viewed")]
    assert looks() == kept
    second = console.sign_in(Role.STAFF)
    page(console)
    console.world.clock.advance_to(console.world.clock.now() + timedelta(days=1))
    page(console)
    assert looks() == [*kept, ("worklists:all", second.id, "viewed"), ("worklists:all", second.id, "viewed")]


@pytest.mark.parametrize("number", ["9" * 5000, "9999", "0", "-1", "๒", "1e3", ""])
def test_a_page_that_is_none_shows_the_list(console: Console, callback: Task, number: str) -> None:
    assert f"t-{callback.id}" in page(console, f"?page={number}")


def test_a_page_without_end_in_a_form_leads_to_the_list(console: Console, callback: Task) -> None:
    answer = console.post(f"{PATH}/{callback.id}", do="take", page_="9" * 5000)
    assert answer.status_code == 303
    assert console.follow(answer).status_code == 200
