"""The recording studio without a microphone: what a speaker is shown, what is taken in, and who sees what."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from gateway.dispatch.clips import Misfit
from gateway.records.places import Site
from gateway.records.staffing import Audit, Role
from gateway.records.status import AssetStatus
from gateway.records.wordings import Approval, Asset, AssetKind, AssetSource, Origin
from gateway.staff.approving import Content, approve, send_back, submit
from gateway.voice import audio
from gateway.voice.keys import HotlineKey, name_key, wanted_keys
from gateway.voice.prompts import Prompt
from gateway.voice.sheet import recording_order
from gateway.voice.wav import seconds_of
from gateway.web.console import studio
from tests.support.sounds import encoded, pcm, voice
from tests.web.console.conftest import Console
from tests.web.console.test_gate import nothing_changes, said

PAGE = "/console/studio/th"
SOUND = voice(1.0, quiet=0.2)
KINDS = {
    "phrase.wav": SOUND,
    "phrase.mp3": encoded(SOUND, "mp3", "libmp3lame", 44100),
    "phrase.m4a": encoded(SOUND, "mp4", "aac", 44100),
    "phrase.webm": encoded(SOUND, "webm", "libopus"),
    "phrase.ogg": encoded(voice(1.1, quiet=0.2), "ogg", "libopus"),  # as one sound the two would be one recording
}


@pytest.fixture
def console(console: Console) -> Console:
    """A speaker is signed in."""
    console.sign_in(Role.SPEAKER)
    return console


def prompts(console: Console) -> tuple[Prompt, ...]:
    return recording_order(console.desk.speech.scripts["th"])


def send(
    console: Console, prompt: Prompt, sound: bytes = SOUND, *, language: str = "th", name: str = "x.wav", **more: str
) -> httpx.Response:
    page = f"/console/studio/{language}"
    fields: dict[str, Any] = {"key": str(prompt.key), "text": prompt.text_sha256, **more}
    return console.post(page, page=page, files={"sound": (name, sound)}, **fields)


def clips(console: Console) -> list[Asset]:
    with console.house.database.reading() as db:
        return list(db.exec(select(Asset).where(col(Asset.kind) == AssetKind.CLIP)))


def words(answer: httpx.Response) -> str:
    """The phrase on the card."""
    found = re.search(r'<p class="words native"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    return unescape(found[1]) if found else ""


def edit(console: Console, prompt: Prompt, text: str) -> Prompt:
    """Change a phrase in the console, as somebody of the staff would."""
    changed = Prompt(prompt.key, text)
    content = Content(AssetKind.TEXT, "th", str(prompt.key), changed.text_sha256, text, changed.text_sha256,
                      AssetSource.WRITTEN, Origin.EDIT)  # fmt: skip
    with console.house.database.unit_of_work() as db:
        submit(db, content, author=None, now=console.world.clock.now())
    return changed


def test_a_speaker_comes_straight_to_the_studio_and_sees_no_other_page(console: Console) -> None:
    arrived = console.follow(console.get("/console"))
    assert arrived.status_code == 200
    assert re.findall(r'<nav class="tabs".*?</nav>', arrived.text, re.DOTALL)[0].count("<li>") == 1
    assert "/sandbox" not in arrived.text
    assert "data-live" not in arrived.text
    assert "0 of" in said(arrived)


def test_the_first_card_shows_the_phrase_its_number_and_how_to_say_it(console: Console) -> None:
    first = prompts(console)[0]
    page = console.get(PAGE)
    assert words(page) == first.text
    assert f"Phrase 1 of {len(prompts(console))}" in said(page)
    assert first.back in said(page)
    assert first.note_en in said(page)
    assert first.note not in said(page)
    assert 'lang="th">' + first.text in page.text


def test_a_speaker_reads_no_doubt_of_those_who_wrote(console: Console) -> None:
    nod = recording_order(console.desk.speech.scripts["nod"])
    doubtful = next(prompt for prompt in nod if prompt.doubt)
    page = console.get(f"/console/studio/nod?phrase={doubtful.key}")
    assert words(page) == doubtful.text
    assert doubtful.doubt not in said(page)
    assert "Doubt" not in said(page)


def test_what_calls_need_is_counted_as_everywhere_and_what_is_useful_too_behind_it(console: Console) -> None:
    script = console.desk.speech.scripts["th"]
    calls, bye = len(wanted_keys()), script.prompts["bye"]
    send(console, bye)
    send(console, script.prompts["hotline.busy"], voice(0.5, quiet=0.2))
    send(console, script.prompts["studio.kept"], voice(0.7, quiet=0.2))
    for page in (PAGE, "/console/studio"):
        words_of = said(console.get(page))
        assert f"1 of {calls} recorded that calls need" in words_of
        assert f"for those who call us (can come later): 1 of {len(HotlineKey)}" in words_of
        useful = len(prompts(console)) - calls - len(HotlineKey)
        assert f"instructions for recording (useful, too): 1 of {useful}" in words_of


def test_a_dialect_has_thai_beside_it(console: Console) -> None:
    thai = prompts(console)[0]
    page = console.get("/console/studio/nod")
    assert words(page) != thai.text
    assert f"In Thai: {thai.text}" in said(page)


def test_a_file_of_any_usual_kind_is_kept_as_a_telephone_carries_it(console: Console) -> None:
    for number, (name, sound) in enumerate(KINDS.items()):
        this, behind = prompts(console)[number : number + 2]
        shown = console.follow(send(console, this, sound, name=name))
        assert words(shown) == behind.text, name
        assert f"Kept. {this.text}" in said(shown), name
        (clip,) = (one for one in clips(console) if one.key == this.key)
        assert f'src="/audio/{clip.sha256}.wav"' in shown.text, name
        sound = console.get(f"/audio/{clip.sha256}.wav").content
        assert seconds_of(sound) == pytest.approx(1.3, abs=0.3), name


def test_what_is_kept_is_the_speakers_voice_and_waits_for_somebody_else(console: Console) -> None:
    prompt = prompts(console)[3]
    send(console, prompt, by="browser")
    (clip,) = clips(console)
    assert (clip.key, clip.text_sha256, clip.text) == (prompt.key, prompt.text_sha256, prompt.text)
    assert (clip.voice, clip.status, clip.origin) == (console.me.id, AssetStatus.DRAFT, Origin.BROWSER)
    assert [one.staff for one in console.world.all(Approval)] == [console.me.id]
    (deed,) = [one for one in console.world.all(Audit) if one.verb == "recorded"]
    assert (deed.kind, deed.subject, deed.staff) == ("asset", clip.id, console.me.id)
    assert "1 waits for approval" in said(console.get(PAGE))


def test_the_same_form_sent_twice_keeps_one_recording(console: Console) -> None:
    prompt, tokens = prompts(console)[0], console.tokens(PAGE)
    led = [send(console, prompt, **tokens).headers["location"] for _ in range(2)]
    assert len(set(led)) == 1
    assert len(clips(console)) == 1
    assert len([one for one in console.world.all(Audit) if one.verb == "recorded"]) == 1


def test_a_phrase_recorded_again_takes_the_place_of_what_was_there(console: Console) -> None:
    prompt = prompts(console)[0]
    for seconds in (1.0, 1.5):
        send(console, prompt, voice(seconds, quiet=0.2))
    assert sorted(one.status.value for one in clips(console)) == ["draft", "retired"]
    assert "What you recorded before:" in said(console.get(f"{PAGE}?phrase={prompt.key}"))


def test_what_is_wrong_with_a_recording_is_said_on_its_card_and_nothing_is_kept(console: Console) -> None:
    prompt = prompts(console)[2]
    about = console.desk.speech.scripts["th"].seconds(str(prompt.key))
    unfit = {
        "Nothing could be heard": pcm([0.0] * 16000),
        "So loud that it crackles": voice(1.0, 9.0),
        "Only 0.1": voice(0.1),
        "cannot be opened as sound": b"GIF89a, a picture",
        "This file is empty (0 bytes)": b"",
        f"s, but these words take about {about:.1f} s ({3 * about + 3:.1f} s is the most)": voice(15.0, quiet=0.2),
        f"s only, but these words take about {about:.1f} s ({about / 4:.1f} s is the least)": voice(0.22, quiet=0.1),
    }
    for complaint, sound in unfit.items():
        tokens = console.tokens(PAGE)
        with nothing_changes(console):
            answer = send(console, prompt, sound, **tokens)
        assert answer.status_code == 422, complaint
        assert complaint in said(answer)
        assert words(answer) == prompt.text, complaint


def test_every_reason_a_sound_is_refused_for_has_words(console: Console) -> None:
    keys = console.desk.pages.words.keys
    assert {f"studio.unfit.{reason.value}" for reason in (*audio.Unfit, *Misfit)} <= keys
    assert {f"speaker_pin.reason.{reason.value}" for reason in Misfit} <= keys


def test_one_sound_is_not_taken_for_a_second_phrase_and_the_first_is_named(console: Console) -> None:
    first, second = prompts(console)[:2]
    send(console, first)
    tokens = console.tokens(PAGE)
    with nothing_changes(console):
        answer = send(console, second, **tokens)
    assert answer.status_code == 422
    assert f"kept already as phrase 1, “{first.text}”" in said(answer)
    assert words(answer) == second.text
    console.client.headers["Accept-Language"] = "th"
    assert f"เป็นประโยคที่ 1 “{first.text}”" in said(send(console, second))


def test_nobody_learns_a_name_by_sending_its_sound(console: Console) -> None:
    console.sign_in(Role.STAFF)
    person = console.world.person()
    person.name = "มะลิ"
    console.world.add(person)
    prompt = console.desk.speech.scripts["th"].name_prompt("มะลิ")
    assert prompt
    send(console, prompt)
    console.sign_in(Role.SPEAKER)
    answer = send(console, prompts(console)[0])
    assert "kept already as Given names" in said(answer)
    assert "มะลิ" not in answer.text


def test_under_words_that_were_edited_stands_no_translation_of_the_old_ones(console: Console) -> None:
    prompt = prompts(console)[0]
    assert prompt.back in said(console.get(PAGE))
    edit(console, prompt, "สวัสดีค่ะ แจ้งนัดใหม่")
    page = said(console.get(PAGE))
    for old in (prompt.back, prompt.note, "It means:", "How to say it:"):
        assert old not in page
    dialect = said(console.get("/console/studio/nod"))
    assert "In Thai:" not in dialect, "the dialect still says what the Thai said before"


def test_a_form_without_a_file_is_refused_in_words(console: Console) -> None:
    prompt = prompts(console)[0]
    answer = console.post(PAGE, page=PAGE, key=str(prompt.key), text=prompt.text_sha256)
    assert (answer.status_code, "Choose a file" in said(answer)) == (422, True)


def test_a_recording_of_words_that_were_changed_meanwhile_is_not_kept(console: Console) -> None:
    prompt = prompts(console)[0]
    tokens = console.tokens(PAGE)
    changed = edit(console, prompt, "สวัสดีค่ะ แจ้งนัดใหม่")
    with nothing_changes(console):
        answer = send(console, prompt, **tokens)
    assert answer.status_code == 409
    assert "Somebody changed the words while you read them" in said(answer)
    assert words(answer) == changed.text


def test_what_was_recorded_before_the_words_changed_is_asked_for_again(console: Console) -> None:
    prompt = prompts(console)[0]
    send(console, prompt)
    edit(console, prompt, "สวัสดีค่ะ แจ้งนัดใหม่")
    page = console.get(PAGE)
    assert words(page) == "สวัสดีค่ะ แจ้งนัดใหม่"
    assert "1 with changed words" in said(page)
    assert "These words were changed after you recorded them" in said(page)


def test_what_was_sent_back_says_why_and_is_asked_for_again(console: Console) -> None:
    prompt = prompts(console)[0]
    send(console, prompt)
    speaker = console.me
    listener = console.sign_in(Role.STAFF)
    with console.house.database.unit_of_work() as db:
        send_back(db, clips(console)[0].id, staff=listener.id, note="มีเสียงหมาเห่า", now=console.world.clock.now())
    console.become(speaker)
    page = console.get(PAGE)
    assert "The listener asks you to read it again: มีเสียงหมาเห่า" in said(page)
    assert "1 sent back" in said(page)
    assert "1 sent back" in said(console.get("/console/studio"))
    send(console, prompt, voice(1.4, quiet=0.2))
    assert "sent back" not in said(console.get(PAGE)).split("All phrases")[0]


def test_what_two_people_approved_counts_as_approved(console: Console) -> None:
    send(console, prompts(console)[0])
    speaker, listener = console.me, console.sign_in(Role.STAFF)
    with console.house.database.unit_of_work() as db:
        approve(db, clips(console)[0].id, staff=listener.id, now=console.world.clock.now(), needs_province=False)
    console.become(speaker)
    assert "1 approved" in said(console.get(PAGE))


def test_what_a_colleague_recorded_spares_nobody_a_phrase(console: Console) -> None:
    """A call is spoken in one voice."""
    send(console, prompts(console)[0])
    console.sign_in(Role.SPEAKER)
    assert words(console.get(PAGE)) == prompts(console)[0].text


def test_the_same_sound_is_not_two_peoples_voice(console: Console) -> None:
    send(console, prompts(console)[0])
    name = console.me.name
    console.sign_in(Role.SPEAKER)
    answer = send(console, prompts(console)[0])
    assert answer.status_code == 409
    assert f"kept already as the voice of {name}" in said(answer)
    assert len(clips(console)) == 1


def test_a_phrase_may_be_skipped_and_comes_round_again(console: Console) -> None:
    order = prompts(console)
    page = console.get(f"{PAGE}?after={order[-1].key}")
    assert words(page) == order[0].text
    link = re.search(r'href="([^"]+)">Skip for now', page.text)
    assert link
    assert words(console.get(unescape(link[1]))) == order[1].text


def test_the_language_recorded_last_comes_first(console: Console) -> None:
    assert console.get("/console/studio").text.index("/studio/th") < console.get("/console/studio").text.index("/nod")
    nod = recording_order(console.desk.speech.scripts["nod"])[0]
    send(console, nod, language="nod")
    page = console.get("/console/studio")
    assert page.text.index("/studio/nod") < page.text.index("/studio/th")
    assert "1 of" in said(page)


def test_when_all_is_read_the_page_says_so(console: Console) -> None:
    now = console.world.clock.now()
    with console.house.database.unit_of_work() as db:
        for n, prompt in enumerate(prompts(console)):
            content = Content(AssetKind.CLIP, "th", str(prompt.key), f"{n:064x}", prompt.text, prompt.text_sha256,
                              AssetSource.RECORDING, Origin.BROWSER, voice=console.me.id, seconds=1.0)  # fmt: skip
            submit(db, content, author=console.me.id, now=now)
    assert "All done. Thank you!" in said(console.get(PAGE))
    assert "Listen, or record again" in said(console.get("/console/studio"))


def test_staff_may_read_given_names_the_most_frequent_first_and_nothing_else(console: Console) -> None:
    for name, surname in (("มะลิ", "ใจดี"), ("บัว", "ทองคำ"), ("บัว", "แสงแก้ว")):
        person = console.world.person(surname=surname)
        person.name = name
        console.world.add(person)
    console.world.person(language="my", surname="Aye")
    console.sign_in(Role.STAFF)
    page = console.get(f"{PAGE}?part=names")
    listed = re.findall(r'href="[^"]*phrase=(name\.[0-9a-f]+)"[^>]*><span class="mono', page.text)
    assert listed == [name_key("บัว"), name_key("มะลิ")]
    assert "ใจดี" not in page.text
    assert "ทองคำ" not in page.text
    prompt = console.desk.speech.scripts["th"].name_prompt("บัว")
    assert prompt
    shown = console.follow(send(console, prompt))
    assert "Name 2 of 2" in said(shown)
    assert "บัว" not in str(shown.url)


def test_who_is_bound_to_a_site_reads_the_names_of_its_people(console: Console) -> None:
    console.world.add(Site(code="S2", name="อีกแห่ง"))
    person = console.world.person()
    person.name = "มะลิ"
    console.world.add(person)
    console.sign_in(Role.STAFF, site="S2")
    assert "Nobody of this language yet" in said(console.get(f"{PAGE}?part=names"))


def test_a_speaker_learns_nobodys_name(console: Console) -> None:
    person = console.world.person()
    person.name = "มะลิ"
    console.world.add(person)
    prompt = console.desk.speech.scripts["th"].name_prompt("มะลิ")
    assert prompt
    page = console.get(PAGE)
    assert "part=names" not in page.text
    assert "a speaker from outside is shown nobody's name" in said(page)
    for address in (f"{PAGE}?part=names", f"{PAGE}?phrase={prompt.key}", f"{PAGE}?after={prompt.key}"):
        answer = console.get(address)
        assert (answer.status_code, "มะลิ" in answer.text) == (404, False), address
    tokens = console.tokens(PAGE)
    with nothing_changes(console):
        assert send(console, prompt, **tokens).status_code == 404


def test_names_of_places_are_read_by_anybody(console: Console) -> None:
    page = console.get(f"{PAGE}?part=sites")
    assert words(page) == "ที่โรงพยาบาลตัวอย่าง"
    prompt = console.desk.speech.scripts["th"].site_prompt("S1", "โรงพยาบาลตัวอย่าง")
    assert prompt
    assert "All done" in said(console.follow(send(console, prompt)))
    assert clips(console)[0].key == "site.S1"


def test_what_is_not_there_gets_a_sentence(console: Console) -> None:
    for address in ("/console/studio/xx", "/console/studio/TH", f"{PAGE}?phrase=no.such"):
        answer = console.get(address)
        assert answer.status_code == 404, address
        assert "Go back" in said(answer), address


def test_an_address_that_makes_no_sense_shows_the_first_card(console: Console) -> None:
    for asked in ("part=nonsense", "kept=nonsense", "after=nonsense"):
        assert words(console.get(f"{PAGE}?{asked}")) == prompts(console)[0].text, asked


def test_what_a_colleague_kept_is_not_shown_as_ones_own(console: Console) -> None:
    led = send(console, prompts(console)[0]).headers["location"]
    console.sign_in(Role.SPEAKER)
    assert "Kept." not in said(console.get(led))


def test_a_phrase_that_nobody_knows_is_not_recorded(console: Console) -> None:
    for key in ("no.such", "", "site.NOWHERE"):
        assert send(console, Prompt(key, "ก")).status_code == 404, key
    assert clips(console) == []


def test_what_is_too_large_is_refused_with_the_limit_and_not_kept(console: Console) -> None:
    answer = send(console, prompts(console)[0], b"\0" * (studio.LARGEST + 70_000))
    assert answer.status_code == 413
    assert "larger than 19 MB" in said(answer) or "larger than 20 MB" in said(answer)
    assert clips(console) == []
    assert studio.LARGEST == audio.LARGEST


def test_only_the_studio_may_use_the_microphone_and_play_what_it_recorded(console: Console) -> None:
    for path in ("/console/studio", PAGE):
        headers = console.get(path).headers
        assert "microphone=(self)" in headers["permissions-policy"]
        assert "media-src 'self' blob:" in headers["content-security-policy"]
    for path in ("/console/today", "/console/sign-in", "/healthz", "/console/nowhere"):
        headers = console.get(path).headers
        assert "microphone=()" in headers["permissions-policy"], path
        assert "blob:" not in headers.get("content-security-policy", ""), path


def test_organisers_see_who_recorded_how_much(console: Console) -> None:
    for n, prompt in enumerate(prompts(console)[:3]):
        send(console, prompt, voice(1.0 + n / 4, quiet=0.2))
    speaker = console.me.name
    assert "Who recorded how much" not in said(console.get("/console/studio"))
    console.sign_in(Role.MANAGER)
    page = said(console.get("/console/studio"))
    assert f"{speaker} ไทย 3 / {len(prompts(console))} 3 0 0 0" in page


def test_organisers_get_the_sheet_as_a_file(console: Console) -> None:
    assert console.get(f"{PAGE}/sheet").status_code == 403
    console.sign_in(Role.MANAGER)
    answer = console.get(f"{PAGE}/sheet")
    assert answer.headers["content-disposition"] == 'attachment; filename="sheet-th.html"'
    assert prompts(console)[0].text in answer.text
    assert "ที่โรงพยาบาลตัวอย่าง" in answer.text
