"""The page that shows a text on a phone and plays a call, before anybody gets them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time
from html import unescape

import pytest

from gateway.records.places import Site
from gateway.records.staffing import Audit, Role
from gateway.records.status import TaskKind
from gateway.records.work import Task
from gateway.web.console.preview import PATH, _signs_at_start
from tests.web.console.conftest import Console


def text_of(html: str) -> str:
    """What stands on a page, without tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def shown(console: Console, **choice: str) -> str:
    answer = console.get(PATH, params=choice)
    assert answer.status_code == 200
    return answer.text


def test_a_text_is_shown_in_its_own_script_with_its_parts_and_price(console: Console) -> None:
    html = shown(console, language="my", purpose="reminder")
    assert re.search(r'<p class="phone-bubble native" lang="my"', html)
    words = text_of(html)
    assert re.search(r"3 parts; \d+ characters less make it 2", words)
    assert "US$ 0.075" in words
    assert all(f"Part {n} of 3:" in words for n in (1, 2, 3))
    assert "Draft" in words


def test_the_call_says_when_the_date_is_told_and_where_each_phrase_comes_from(console: Console) -> None:
    html = shown(console, language="nod")
    words = text_of(html)
    assert re.search(r"said after \d\.\d s of 10", words)
    assert re.search(r"\d+\.\d s of 40", words)
    assert "phrases are placeholder beeps, because nobody has recorded them yet" in words
    assert console.desk.speech.scripts["nod"].prompts["greet.reminder"].back in words
    clips = re.findall(r'<audio controls preload="none" src="(/audio/[0-9a-f]{64}\.wav)"', html)
    assert len(clips) == html.count("data-phrase") > 20
    assert console.get(clips[0]).status_code == 200
    assert [text_of(found) for found in re.findall(r"<h3[^>]*>(.*?)</h3>", html)] == [
        "When they pick up", "After silence: the other keys", "After key 1: coming",
    ]  # fmt: skip


def test_what_goes_by_text_alone_has_no_call(console: Console) -> None:
    html = shown(console, language="th", purpose="cancelled")
    assert "<audio" not in html
    assert "This goes by text alone: nobody is called about it." in text_of(html)


def test_what_stands_in_for_a_language_is_said(console: Console) -> None:
    words = text_of(shown(console, language="ksw", purpose="notice"))
    assert "There is no text in ကညီ (S'gaw Karen): မြန်မာ (Burmese) stands in" in words
    assert "There is no call in ကညီ (S'gaw Karen): မြန်မာ (Burmese) stands in" in words


def test_names_neutrality_and_route_are_chosen(console: Console) -> None:
    usual, longest = shown(console, language="th"), shown(console, language="th", names="longest")
    assert ("กัญญารัตน์มณีวงศ์" in usual, "กัญญารัตน์มณีวงศ์" in longest) == (False, True)
    neutral = shown(console, language="th", neutral="yes", route="one_way")
    assert "วัคซีน" not in re.findall(r'id="message">(.*?)</p>', neutral, re.DOTALL)[0]
    assert re.search(r'<option value="one_way" selected>', neutral)


@pytest.mark.parametrize("choice", [{"language": "xx"}, {"language": "th", "purpose": "greeting"}])
def test_what_there_is_not_is_said_in_a_sentence(console: Console, choice: dict[str, str]) -> None:
    answer = console.get(PATH, params=choice)
    assert answer.status_code == 409
    assert "Please choose another." in text_of(answer.text)


def test_a_person_is_shown_what_they_would_get_and_the_look_is_kept(console: Console) -> None:
    world = console.world
    person = world.person(language="nod", neutral=True)
    world.appointment(person, days=3, hour=time(10, 15))
    path = f"/console/people/{person.id}/preview"
    answer = console.get(path)
    words = text_of(answer.text)
    assert answer.status_code == 200
    assert f"What {person.name} would get" in words
    assert "วัคซีน" not in re.findall(r'id="message">(.*?)</p>', answer.text, re.DOTALL)[0]
    assert [row.person for row in world.all(Audit) if row.verb == "viewed"] == [person.id]  # type: ignore[attr-defined]
    assert f'href="{path}"' in console.get(f"/console/people/{person.id}").text


def test_without_an_appointment_ahead_there_is_nothing_to_show(console: Console) -> None:
    person = console.world.person()
    answer = console.get(f"/console/people/{person.id}/preview")
    assert (answer.status_code, "no appointment ahead" in answer.text) == (404, True)
    assert console.get("/console/people/nobody/preview").status_code == 404


def test_somebody_of_another_site_is_nobody_here(console: Console) -> None:
    person = console.world.person()
    console.world.appointment(person)
    console.world.add(Site(code="S9", name="รพ.อื่น"))
    console.sign_in(Role.STAFF, site="S9")
    assert console.get(f"/console/people/{person.id}/preview").status_code == 404


def test_in_thai_the_page_is_thai_and_each_phrase_stands_beside_central_thai(console: Console) -> None:
    answer = console.client.get(PATH, params={"language": "my"}, headers={"Accept-Language": "th"})
    assert "ดูข้อความและฟังสายก่อนส่ง" in answer.text
    assert "ถ้าเงียบ: บอกปุ่มอื่น ๆ" in answer.text
    assert "the day after tomorrow" not in answer.text


@pytest.mark.parametrize(
    ("part", "before", "signs"),
    [("ี่ยว", "เข", 2), ("าน", "บ", 0), ("္လာ", "တနင်", 3), ("្មែរ", "ខ", 3), ("abc", "", 0), ("ี", "", 0), ("เก", "น", 0)],
)
def test_a_mark_between_two_parts_never_tears_a_letter_from_its_signs(part: str, before: str, signs: int) -> None:
    assert _signs_at_start(part, before) == signs


def test_where_people_are_reached_the_page_says_why_nothing_would_go_out(console: Console) -> None:
    # A carrier that reaches people refuses the moved clock of tests; what it may say is all that matters here.
    strict = replace(console.desk.speech, may_use_drafts=False, may_use_placeholders=False)
    object.__setattr__(console.desk, "speech", strict)
    html = shown(console, language="nod")
    words = text_of(html)
    assert words.count("Would not go out") == 2
    assert "two people have not approved them yet. Have them recorded and approved" in words
    assert "Let a second person read and approve it" in words
    assert "phrases have no sound yet" in words
    assert "<audio" not in html


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "are not complete, or two people have not approved them yet"), ("th", "ยังไม่ได้รับอนุมัติจากสองคน")],
)
def test_a_refused_call_is_told_on_the_persons_page_with_what_to_do(console: Console, language: str, said: str) -> None:
    world = console.world
    person = world.person(language="nod")
    appointment = world.appointment(person)
    world.add(Task(kind=TaskKind.NO_PROMPT, subject=appointment.id, person=person.id, site="S1",
                   detail="voice: script_not_approved (nod)", created_at=world.clock.now()))  # fmt: skip
    answer = console.client.get(f"/console/people/{person.id}", headers={"Accept-Language": language})
    assert said in text_of(answer.text)
    assert "คำเมือง" in answer.text
