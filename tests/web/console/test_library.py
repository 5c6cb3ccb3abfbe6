"""The home of words as staff see it: how far each language is, and what waits for whom."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from gateway.dispatch.standing import Standing
from gateway.dispatch.wordlist import SoundState, TextState, Word
from gateway.records.staffing import Role
from gateway.records.wordings import Asset, AssetKind, AssetSource, Origin
from gateway.staff import approving
from gateway.staff.approving import Content
from gateway.voice.assets import ClipSource
from gateway.voice.coverage import Coverage
from gateway.voice.keys import HotlineKey, wanted_keys
from gateway.voice.prompts import Prompt
from gateway.voice.wav import placeholder
from gateway.web.console.gate import LANGUAGE_COOKIE
from gateway.web.console.library import STATES, reach
from gateway.web.console.library_queue import unanswered
from gateway.web.console.words import Words
from gateway.wiring import data_dir
from tests.support.world import NINE, World
from tests.web.console.conftest import Console

HOME = "/console/words"
WORDS = Words(data_dir("templates") / "console" / "words")


def words_of(html: str) -> str:
    """What is read in the middle of a page, spaces made single."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.split("<main")[-1].split("</main>")[0])).split())


def shown(console: Console, path: str = HOME) -> str:
    answer = console.get(path)
    assert answer.status_code == 200, answer.text
    return words_of(answer.text)


def card(console: Console, language: str) -> str:
    """What the home says of one language."""
    html = console.get(HOME).text
    found = re.search(rf'<li class="card tongue" data-row="{language}">.*?</dl>\s*</li>', html, re.DOTALL)
    assert found, language
    return words_of(found[0])


def submit_text(world: World, body: str, author: str | None, *, language: str = "th", key: str = "bye") -> Asset:
    sha = hashlib.sha256(body.encode()).hexdigest()
    content = Content(AssetKind.TEXT, language, key, sha, body, sha, AssetSource.WRITTEN, Origin.EDIT)
    with world.database.unit_of_work() as db:
        return approving.submit(db, content, author=author, now=world.clock.now())


def spoken(console: Console, language: str, prompt: Prompt, seconds: int = 1, voice: str = "kham") -> None:
    console.house.clips.keep(language, prompt, placeholder(seconds), ClipSource.RECORDING, voice)


def test_every_language_of_the_table_says_whether_it_reaches_people(console: Console) -> None:
    html = console.get(HOME).text
    assert re.findall(r'<li class="card tongue" data-row="(\w+)">', html) == list(console.desk.languages.codes)
    assert words_of(html).count("reaches nobody yet") == len(console.desk.languages.codes)


def test_what_is_missing_is_said_in_words_with_a_way_to_it(console: Console) -> None:
    thai = card(console, "th")
    assert re.search(r"\d+ phrases have no recording", thai)
    assert f"wanted {len(wanted_keys())}" in thai
    assert f"not answered in it yet: 0 of the {len(HotlineKey)} phrases for them are spoken" in thai
    assert "are not approved and reach nobody" in thai
    assert 'href="/console/words/th?what=phrases&amp;state=unspoken"' in console.get(HOME).text
    mon = card(console, "mnw")
    assert re.search(r"\d+ phrases are not written", mon)
    assert "nobody is called: it becomes work for staff" in mon


def test_people_are_counted_and_who_answers_for_one_site_counts_theirs(console: Console) -> None:
    for language in ("nod", "nod", "my"):
        console.world.person(language=language)
    assert "2 people registered · dialect" in card(console, "nod")
    assert "1 person registered" in card(console, "my")
    assert "nobody registered" in card(console, "km")
    console.sign_in(Role.STAFF, site="S1")
    assert "2 people registered" in card(console, "nod")


def test_a_recording_that_nobody_heard_is_counted_as_waiting(console: Console) -> None:
    spoken(console, "th", console.desk.speech.scripts["th"].prompts["bye"])
    thai = card(console, "th")
    assert "1 recording waits for a second person" in thai
    assert "recorded 1 recordings waiting 1" in thai


def test_one_voice_for_a_whole_call_so_two_halves_are_no_whole(console: Console) -> None:
    script = console.desk.speech.scripts["th"]
    first, second = console.me, console.sign_in()
    for place, prompt in enumerate(script.prompts.values()):
        spoken(console, "th", prompt, voice="kham" if place else "mali")
    with console.world.database.unit_of_work() as db:
        for asset in approving.waiting(db, "th"):
            for staff in (first, second):
                approving.approve(db, asset.id, staff=staff.id, needs_province=False, now=console.world.clock.now())
    assert "no single voice has every phrase: the best lacks 1" in card(console, "th")
    spoken(console, "th", next(iter(script.prompts.values())), seconds=2, voice="kham")
    with console.world.database.unit_of_work() as db:
        (last,) = approving.waiting(db, "th")
        for staff in (first, second):
            approving.approve(db, last.id, staff=staff.id, needs_province=False, now=console.world.clock.now())
    assert "Every phrase can be said: calls reach people." in card(console, "th")
    assert f"Those who call us are answered in it ({len(HotlineKey)} phrases)" in card(console, "th")
    assert "Until then people are called in Thai" in card(console, "nod")
    assert "Those who call us are not answered in it yet" in card(console, "nod")


def test_what_waits_comes_oldest_first_with_who_made_it(console: Console) -> None:
    world, other = console.world, console.me
    submit_text(world, "ลาก่อนนะคะ", other.id)
    world.clock.advance_to(NINE + timedelta(hours=1))
    me = console.sign_in(Role.STAFF)
    submit_text(world, "สวัสดีเจ้า", me.id, language="nod", key="greet.reminder")
    said = shown(console)
    assert said.index("ลาก่อนนะคะ") < said.index("สวัสดีเจ้า")
    assert f"by {other.name}" in said
    assert said.count("another person must approve this") == 1
    assert said.count("you can decide this") == 1


def test_shipped_texts_that_nobody_answers_for_are_what_waits_first_by_language_with_a_way_in(console: Console) -> None:
    html = console.get(HOME).text
    assert "Nothing waits" not in words_of(html)
    assert html.index('id="unanswered"') < html.index('class="tongues"')
    rows = dict(re.findall(r'<li data-row="(\w+)"><a href="([^"]+)">', html))
    assert rows["th"].startswith(f"{HOME}/th/sms.")
    assert "draft: nobody answers for it" in shown(console, rows["th"])
    texts = [one for one in console.desk.speech.catalogue if one.language == "th"]
    said = re.search(r"Thai: (\d+) texts and (\d+) phrases nobody answers for yet", words_of(html))
    assert said
    assert int(said[1]) == len(texts) - 1  # how to answer on the other route is not in use
    assert "mnw" not in rows


def test_a_text_somebody_answers_for_is_not_among_them_any_more(console: Console) -> None:
    def count() -> int:
        said = re.search(r"Thai: (\d+) texts", shown(console))
        assert said
        return int(said[1])

    before = count()
    body = next(one for one in console.desk.speech.catalogue if (one.language, one.key) == ("th", "sms.reminder")).body
    submit_text(console.world, body, console.me.id, key="sms.reminder")
    assert count() == before - 1


def test_filters_hold_for_what_nobody_answers_for_too(console: Console) -> None:
    assert "nobody answers for yet" not in shown(console, f"{HOME}?kind=clip")
    southern = shown(console, f"{HOME}?language=sou")
    assert ("Southern Thai: " in southern, "Thai: 1" in southern.replace("Southern Thai: ", "")) == (True, False)


def test_phrases_that_the_carriers_own_voice_reads_need_somebody_to_answer_for_them(console: Console) -> None:
    words = [Word("th", "bye", "สวัสดีค่ะ", TextState.DRAFT, SoundState.UNSPOKEN),
             Word("th", "safety", "ข", TextState.DRAFT, SoundState.RECORDED),
             Word("th", "press.menu", "ง", TextState.DRAFT, SoundState.WAITING),
             Word("th", "ask.again", "ค", TextState.WAITING, SoundState.UNSPOKEN),
             Word("th", "ack.yes", "", TextState.UNWRITTEN, SoundState.UNSPOKEN)]  # fmt: skip
    silent = replace(console.desk.speech, carrier_speaks=lambda _: False)
    assert unanswered(silent, "th", words).keys == ()
    speaking = replace(console.desk.speech, carrier_speaks=lambda code: code == "th")
    assert unanswered(speaking, "th", words).phrases == ("bye",)


def test_the_list_is_narrowed_by_language_and_kind(console: Console) -> None:
    submit_text(console.world, "ลาก่อนนะคะ", console.me.id)
    spoken(console, "nod", Prompt("bye", "ยินดีเจ้า"))
    assert "ยินดีเจ้า" in shown(console, f"{HOME}?language=nod")
    assert "ลาก่อนนะคะ" not in shown(console, f"{HOME}?language=nod")
    assert "ยินดีเจ้า" not in shown(console, f"{HOME}?kind=text")
    assert "nobody answers for it: two people are needed" in shown(console, f"{HOME}?kind=clip")
    assert "Nothing fits these filters." in shown(console, f"{HOME}?language=shn")


def test_what_an_address_cannot_mean_is_left_out(console: Console) -> None:
    submit_text(console.world, "ลาก่อนนะคะ", console.me.id)
    for query in ("?language=xx", "?kind=%00", "?page=-1", "?page=99999", "?page=9999", "?page=x"):
        assert "ลาก่อนนะคะ" in shown(console, HOME + query), query


def test_a_long_list_has_pages(console: Console) -> None:
    for number in range(1, 53):
        submit_text(console.world, f"คำที่ {number}", None, key=f"site.S{number}")
    assert "Page 1 of 2" in shown(console)
    second = shown(console, f"{HOME}?page=2")
    assert (second.count("คำที่"), "52 in all" in second) == (2, True)


def test_a_languages_page_lists_every_text_and_phrase_with_its_state(console: Console) -> None:
    html = console.get(f"{HOME}/th").text
    rows = dict(re.findall(r'<li class="line-of-words" data-row="([^"]+)">(.*?)</li>', html, re.DOTALL))
    script = console.desk.speech.scripts["th"]
    assert set(script.prompts) | {"sms.reminder", "sms.reminder.neutral", "site.S1"} <= set(rows)
    assert "draft" in words_of(rows["sms.reminder"])
    assert "words: draft no recording" in words_of(rows["bye"])
    assert f'lang="th" dir="ltr">{script.prompts["bye"].text}' in rows["bye"]
    assert "not used on this route" in rows["sms.how_to_answer_call"]


def test_a_list_of_words_is_narrowed_by_state_and_searched_in_a_form(console: Console) -> None:
    submit_text(console.world, "ลาก่อนนะคะ", console.me.id)
    waits = console.get(f"{HOME}/th?state=waiting").text
    assert re.findall(r'data-row="([^"]+)"', waits) == ["bye"]
    only_texts = console.get(f"{HOME}/th?what=messages").text
    assert all(key.startswith("sms.") for key in re.findall(r'data-row="([^"]+)"', only_texts))
    found = console.post(f"{HOME}/th", typed="ลาก่อน").text
    assert re.findall(r'data-row="([^"]+)"', found) == ["bye"]
    assert "Nothing found" in words_of(console.post(f"{HOME}/th", typed="<script>alert(1)</script>").text)
    assert "<script>alert" not in console.post(f"{HOME}/th", typed="<script>alert(1)</script>").text


def test_every_filter_is_answered(console: Console) -> None:
    for state in (*STATES, "%00", ""):
        assert console.get(f"{HOME}/shn?state={state}").status_code == 200, state


def test_a_language_that_is_not_in_the_table_is_a_page_of_its_own(console: Console) -> None:
    for path in ("xx", "th%00", "TH", "0" * 200, "%ED%A0%80"):
        answer = console.get(f"{HOME}/{path}")
        assert (answer.status_code, "That language is not in the table" in answer.text) == (404, True), path


def test_speakers_see_none_of_it(console: Console) -> None:
    console.sign_in(Role.SPEAKER)
    for path in (HOME, f"{HOME}/th", f"{HOME}/th/bye"):
        assert console.get(path).status_code == 403


def test_in_thai_it_reads_thai(console: Console) -> None:
    console.client.cookies.set(LANGUAGE_COOKIE, "th", domain="127.0.0.1", path="/")
    assert "ข้อความและเสียง" in shown(console)
    assert "คำเมือง (ไทยเหนือ)" in shown(console, f"{HOME}/nod")


@pytest.mark.parametrize(("facts", "word"), [
    ({}, "nobody"),
    ({"called_in": "nod"}, "calls"),
    ({"called_in": "nod", "messages_approved": 2}, "both"),
    ({"called_in": "th", "messages_approved": 2}, "texts"),
    ({"texted_in": "nod", "is_texted_now": True, "messages_approved": 1}, "some"),
    ({"called_in": "th"}, "instead"),
    ({"texted_in": "th", "is_texted_now": True}, "instead"),
])  # fmt: skip
def test_a_badge_says_how_people_are_reached(facts: dict[str, Any], word: str) -> None:
    nobody = Standing("nod", messages=2, messages_approved=0, covered=Coverage("nod"), gaps=(), called_in=None,
                      texted_in="nod", is_texted_now=False)  # fmt: skip
    assert reach(replace(nobody, **facts)) == word
    assert WORDS.phrase(f"library.reach.{word}") is not None
