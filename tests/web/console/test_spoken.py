"""What callers left: heard by whom may, and written down; a keyed number is shown to whom asks, and to nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.care.tasks import RESULTS, Result, finish, open_task
from gateway.kit.phones import LineType
from gateway.records.contacts import Attempt, Direction
from gateway.records.conversations import Call, Registration, VoiceMessage
from gateway.records.people import Person, PersonPhone, Phone
from gateway.records.places import Site
from gateway.records.staffing import Audit, Role
from gateway.records.status import Channel, MessageKind, TakeStatus, TaskKind
from gateway.records.work import Task
from gateway.voice.wav import placeholder
from tests.web.console.conftest import Console
from tests.web.console.test_worklists import text_of

NUMBER = "+66812340099"
KEYED = "0012345678901"


def call_from(console: Console, number: str = NUMBER) -> Call:
    now = console.world.clock.now()
    phone = Phone(e164=number, line_type=LineType.MOBILE)
    console.world.add(phone)
    attempt = Attempt(direction=Direction.IN, phone=phone.id or 0, channel=Channel.VOICE, created_at=now)
    call = Call(attempt=attempt.id, carrier_sid="CA1", flow="stranger", opened_at=now)
    console.world.add(attempt, call)
    return call


def task_about(console: Console, kind: TaskKind, subject: str, site: str | None = None) -> Task:
    with console.world.database.unit_of_work() as db:
        return open_task(db, kind, subject, site=site, detail="something new", now=console.world.clock.now())


def message(console: Console, status: TakeStatus = TakeStatus.STORED, site: str | None = "S1") -> VoiceMessage:
    """A complaint of seven seconds from a phone nobody knows; its sound lies in the folder where it is STORED."""
    call, now = call_from(console), console.world.clock.now()
    row = VoiceMessage(
        call=call.id, turn_no=3, phone=1, kind=MessageKind.QUESTION, language="my", seconds=7, status=status,
        next_try_at=now, at=now,
    )  # fmt: skip
    row.task = task_about(console, TaskKind.MESSAGE, row.id, site).id
    console.world.add(row)
    if status is TakeStatus.STORED:
        folder = console.desk.audio_dir / "messages"
        folder.mkdir(parents=True)
        (folder / f"{row.id}.wav").write_bytes(placeholder(1))
    return row


def registration(console: Console) -> Registration:
    call, now = call_from(console), console.world.clock.now()
    row = Registration(call=call.id, phone=1, id_kind="migrant_00", id_value=KEYED, at=now)
    row.task = task_about(console, TaskKind.REGISTER, row.id, "S1").id
    console.world.add(row)
    return row


def deeds(console: Console, verb: str) -> list[Audit]:
    return [row for row in console.world.all(Audit) if row.verb == verb]  # type: ignore[attr-defined,misc]


def test_the_task_plays_the_message_and_says_how_long_in_which_language_and_from_where(console: Console) -> None:
    heard = message(console)
    html = console.get("/console/worklists?kind=message").text
    assert f'src="/console/messages/{heard.id}.wav"' in html
    for said in ("Question or complaint", "0:07", "မြန်မာ", "081-234-0099"):
        assert said in text_of(html)


def test_a_message_that_was_not_fetched_yet_is_announced_and_one_that_is_lost_is_called_back(console: Console) -> None:
    waiting = message(console, TakeStatus.KEPT)
    html = console.get("/console/worklists?kind=message").text
    assert "can be heard in a moment" in html
    assert "<audio" not in html
    assert console.get(f"/console/messages/{waiting.id}.wav").status_code == 404
    with console.world.database.unit_of_work() as db:
        db.get_one(VoiceMessage, waiting.id).status = TakeStatus.REFUSED
    assert "Please call back" in text_of(console.get("/console/worklists?kind=message").text)
    assert deeds(console, "listened") == []


def test_the_sound_comes_whole_or_in_parts_and_is_kept_by_nobody(console: Console) -> None:
    path = f"/console/messages/{message(console).id}.wav"
    whole = console.get(path)
    part = console.get(path, headers={"Range": "bytes=0-99"})
    assert (whole.status_code, whole.headers["content-type"], whole.headers["cache-control"]) == (
        200, "audio/wav", "no-store",
    )  # fmt: skip
    assert (part.status_code, part.content) == (206, whole.content[:100])
    assert whole.content == placeholder(1)
    assert console.get(path, headers={"Range": "bytes=0-1,5-9"}).content == whole.content


def test_every_listening_is_written_down_once_and_the_middle_alone_too(console: Console) -> None:
    heard = message(console)
    path = f"/console/messages/{heard.id}.wav"
    console.get(path, headers={"Range": "bytes=300-"})
    assert [(row.subject, row.staff, row.kind) for row in deeds(console, "listened")] == [
        (heard.id, console.me.id, "message")
    ]
    console.world.clock.advance_to(console.world.clock.now() + timedelta(minutes=1))
    for wanted in ("bytes=0-1", "bytes=0-", "bytes=200-"):
        console.get(path, headers={"Range": wanted})
    assert len(deeds(console, "listened")) == 2, "who listens again a minute later is written down again"


def test_at_another_site_nobody_hears_it_and_without_signing_in_nobody_at_all(console: Console) -> None:
    path = f"/console/messages/{message(console).id}.wav"
    console.world.add(Site(code="S2", name="อื่น"))
    console.sign_in(Role.STAFF, site="S2")
    assert console.get(path).status_code == 404
    console.sign_in(Role.SPEAKER)
    assert console.get(path).status_code == 403
    console.client.cookies.clear()
    assert console.get(path).status_code == 303
    assert deeds(console, "listened") == []
    console.sign_in(Role.STAFF, site="S1")
    assert console.get(path).status_code == 200


def test_who_answered_is_said_beside_the_message(console: Console) -> None:
    heard = message(console)
    with console.world.database.unit_of_work() as db:
        task = db.get_one(Task, heard.task)
        finish(db, task, Result.ANSWERED, staff=console.me.id, now=console.world.clock.now(), note="told the hours")
    words = text_of(console.get("/console/worklists?kind=message&state=done").text)
    assert f"Answered by {console.me.name}" in words
    assert "Reached: answered told the hours" in words


def test_a_keyed_number_is_in_no_list_and_shown_to_whom_asks_for_ten_minutes(console: Console) -> None:
    task = registration(console).task
    path = f"/console/worklists/{task}"
    for page in ("/console/worklists", "/console/worklists?kind=register", path):
        html = console.get(page).text
        assert KEYED not in html
        assert "Migrant worker" in html
    answer = console.post(f"{path}/number", page=path)
    assert KEYED not in answer.headers["location"]
    shown = answer.headers["location"].partition("#")[0]
    assert KEYED in console.get(shown).text
    assert [(row.subject, row.staff) for row in deeds(console, "number_shown")] == [(task, console.me.id)]
    console.world.clock.advance_to(console.world.clock.now() + timedelta(minutes=11))
    assert KEYED not in console.get(shown).text


def test_the_address_of_somebody_who_saw_the_number_shows_it_to_nobody_else(console: Console) -> None:
    path = f"/console/worklists/{registration(console).task}"
    shown = console.post(f"{path}/number", page=path).headers["location"].partition("#")[0]
    console.sign_in(Role.STAFF)
    assert KEYED not in console.get(shown).text
    console.world.add(Site(code="S2", name="อื่น"))
    console.sign_in(Role.STAFF, site="S2")
    assert console.get(shown).status_code == 404
    assert console.post(f"{path}/number").status_code == 404


def test_a_task_without_a_number_has_none_to_show(console: Console) -> None:
    task = task_about(console, TaskKind.REGISTER, "nothing")
    assert console.post(f"/console/worklists/{task.id}/number").status_code == 404
    assert "Show the number" not in console.get(f"/console/worklists/{task.id}").text


@pytest.mark.parametrize("kind", [TaskKind.MESSAGE, TaskKind.REGISTER])
def test_its_own_page_finishes_the_task(console: Console, kind: TaskKind) -> None:
    task = task_about(console, kind, "x", "S1")
    path = f"/console/worklists/{task.id}"
    console.follow(console.post(path, page=path, do="finish", result=RESULTS[kind][0].value))
    assert console.world.fresh(task).done_by == console.me.id  # type: ignore[attr-defined]


def sharing(console: Console, count: int, site: str = "S1") -> list[Person]:
    at = console.world.clock.now()
    people = [Person(id=f"p{n}", name=f"คนที่{n}", language="th", site=site, created_at=at) for n in range(1, count + 1)]
    console.world.add(*people)
    console.world.add(*(PersonPhone(person=one.id, phone=1) for one in people))
    return people


def test_a_message_from_a_phone_of_several_says_whose_it_may_be(console: Console) -> None:
    message(console)
    sharing(console, 8)
    words = text_of(console.get("/console/worklists?kind=message").text)
    assert "People on this phone: it may be คนที่1" in words
    assert "คนที่6" in words
    assert "คนที่7" not in words
    assert "and 2 more" in words
    assert "Nobody we know" not in words


def test_people_of_another_site_are_not_named_to_this_one(console: Console) -> None:
    heard = message(console)
    console.world.add(Site(code="S2", name="Two"))
    sharing(console, 2, site="S2")
    console.sign_in(Role.STAFF, site="S1")
    for page in ("/console/worklists?kind=message", f"/console/worklists/{heard.task}"):
        assert "คนที่1" not in console.get(page).text


def test_a_call_back_with_a_message_plays_it_too(console: Console) -> None:
    heard = message(console)
    call_back = task_about(console, TaskKind.CALLBACK, "a1", "S1")
    with console.world.database.unit_of_work() as db:
        db.get_one(VoiceMessage, heard.id).task = call_back.id
    for page in ("/console/worklists?kind=callback", f"/console/worklists/{call_back.id}"):
        assert f'src="/console/messages/{heard.id}.wav"' in console.get(page).text
